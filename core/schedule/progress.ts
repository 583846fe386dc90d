/** Progress of a scheduler with the figures known so far: incumbent, bound and gap. The fraction never falls. */
import type { Control } from '#core/base/control.ts';

export interface ScheduleReporter {
  /** Bytes no schedule goes below. */
  bounded(bytes: number): void;
  /** Bytes of a schedule. */
  found(bytes: number): void;
  at(fraction: number, phase: string, message: string): void;
  /** The same control, which tells how things stand now and then while it is polled: long searches stay in sight. */
  readonly polled: Control;
}

/** Polls between two reports: a few tens of milliseconds of search. */
const POLLS = 32;

export function progressReporter(control: Control): ScheduleReporter {
  let incumbent = Infinity;
  let bound = 0;
  let reached = 0;
  let last: readonly [phase: string, message: string] = ['schedule', ''];
  let polls = 0;
  const reporter: ScheduleReporter = {
    bounded(bytes) {
      bound = Math.max(bound, bytes);
    },
    found(bytes) {
      incumbent = Math.min(incumbent, bytes);
    },
    at(fraction, phase, message) {
      reached = Math.max(reached, fraction);
      last = [phase, message];
      const proven = Math.min(bound, incumbent);
      const gap = incumbent > 0 ? (incumbent - proven) / incumbent : 0;
      const figures = Number.isFinite(incumbent) ? { incumbent, bound: proven, gap } : { bound };
      control.report({ phase, fraction: reached, message, figures });
    },
    polled: {
      report: control.report,
      cancelled() {
        if (++polls % POLLS === 0) reporter.at(reached, ...last);
        return control.cancelled();
      },
    },
  };
  return reporter;
}
