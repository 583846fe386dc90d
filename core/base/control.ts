/** How long work is watched and stopped: a worker passes in one of these; core has no clock of its own. */
export interface Progress {
  /** Dotted phase name, e.g. `schedule.residency`. */
  readonly phase: string;
  /** 0…1 over the whole run, never falling. */
  readonly fraction: number;
  readonly message: string;
  /** Figures with meaning: incumbent, bound, gap, cycle, events. */
  readonly figures?: Readonly<Record<string, number>>;
}

export interface Control {
  report(progress: Progress): void;
  /** True once the user asked to stop: finish with the best so far. */
  readonly cancelled: () => boolean;
}

export const uncontrolled: Control = { report: () => {}, cancelled: () => false };

/** The control of a part of the work: its 0…1 is [from, to] of the whole, and never falls. */
export function part(control: Control, from: number, to: number): Control {
  let most = from;
  return {
    cancelled: control.cancelled,
    report: (progress) => {
      most = Math.max(most, from + (to - from) * Math.min(1, Math.max(0, progress.fraction)));
      control.report({ ...progress, fraction: most });
    },
  };
}
