/** Progress of a scheduler with the figures known so far: incumbent, bound and gap. The fraction never falls. */
import type { Control } from '#core/base/control.ts';

export interface ScheduleReporter {
  /** Bytes no schedule goes below. */
  bounded(bytes: number): void;
  /** Bytes of a schedule. */
  found(bytes: number): void;
  at(fraction: number, phase: string, message: string): void;
}

export function progressReporter(control: Control): ScheduleReporter {
  let incumbent = Infinity;
  let bound = 0;
  let reached = 0;
  return {
    bounded(bytes) {
      bound = Math.max(bound, bytes);
    },
    found(bytes) {
      incumbent = Math.min(incumbent, bytes);
    },
    at(fraction, phase, message) {
      reached = Math.max(reached, fraction);
      const proven = Math.min(bound, incumbent);
      const gap = incumbent > 0 ? (incumbent - proven) / incumbent : 0;
      const figures = Number.isFinite(incumbent) ? { incumbent, bound: proven, gap } : { bound };
      control.report({ phase, fraction: reached, message, figures });
    },
  };
}
