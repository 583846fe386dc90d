/**
 * What a process did at any tick of a recorded run, stretches that were folded included. A fold says that what was
 * recorded in [from, from + period) happened again, one period later each; a tick in a copy is looked up in the
 * recorded stretch and moved by whole periods. Nothing is unrolled.
 */
import { type Fold, STATES, type State, type Trace } from '#core/simulate/network/run.ts';

export interface Interval {
  readonly state: State;
  readonly on: number;
  readonly start: number;
  readonly end: number;
}

/** Copies of one fold around a tick: they begin at `start` and repeat every `period`. */
export interface Region {
  readonly start: number;
  readonly period: number;
}

export class Intervals {
  /** By process, in order of time: what was recorded, and the last copies that reach beyond their fold. */
  readonly #rows: readonly (readonly Interval[])[];
  /** In order of where their copies begin; copies of two folds do not overlap. */
  readonly #folds: readonly Fold[];

  constructor({ intervals, folds }: Trace, processes: number) {
    this.#folds = folds
      .filter(({ period, times }) => period > 0 && times > 0)
      .sort((one, other) => one.from + one.period - (other.from + other.period));
    const rows: Interval[][] = Array.from({ length: processes }, () => []);
    intervals.process.forEach((process, row) => {
      const [start, end] = [intervals.start[row]!, intervals.end[row]!];
      if (end > start)
        rows[process]!.push({ state: STATES[intervals.state[row]!]!, on: intervals.on[row]!, start, end });
    });
    this.#rows = rows.map((recorded) => withLastCopies(recorded, this.#folds));
  }

  /** What `process` did in [tick, tick + 1), in true time; null before its first and after its last interval. */
  at(process: number, tick: number): Interval | null {
    const rows = this.#rows[process]!;
    let shift = 0;
    for (;;) {
      const row = rows[last(rows.length, (index) => rows[index]!.start <= tick - shift)];
      if (row && row.end > tick - shift) return { ...row, start: row.start + shift, end: row.end + shift };
      const copies = this.#copies(tick - shift);
      if (!copies) return null;
      shift += Math.floor((tick - shift - copies.from) / copies.period) * copies.period;
    }
  }

  /** Regions of copies `tick` lies in, outermost first, in true time. */
  regions(tick: number): readonly Region[] {
    const found: Region[] = [];
    let shift = 0;
    for (let copies = this.#copies(tick); copies; copies = this.#copies(tick - shift)) {
      found.push({ start: copies.from + copies.period + shift, period: copies.period });
      shift += Math.floor((tick - shift - copies.from) / copies.period) * copies.period;
    }
    return found;
  }

  #copies(tick: number): Fold | null {
    const at = last(this.#folds.length, (index) => this.#folds[index]!.from + this.#folds[index]!.period <= tick);
    const fold = this.#folds[at];
    return fold && tick < fold.from + (fold.times + 1) * fold.period ? fold : null;
  }
}

/** Intervals in order of time, and of those that reach beyond the end of a fold the last copy, in one pass over both. */
function withLastCopies(recorded: readonly Interval[], folds: readonly Fold[]): readonly Interval[] {
  const all: Interval[] = [];
  /** Copies that come later, in order. */
  const copies: Interval[] = [];
  let next = 0;
  const advance = (until: number): void => {
    for (;;) {
      const [row, copy] = [recorded[next], copies[0]];
      const isCopy = copy !== undefined && (row === undefined || copy.start < row.start);
      const first = isCopy ? copy : row;
      if (!first || first.start > until) return;
      all.push(first);
      if (isCopy) copies.shift();
      else next++;
    }
  };
  for (const { from, period, times } of folds) {
    advance(from + period);
    const row = all.at(-1);
    // One that ends later still was asleep through all copies, and is not repeated.
    if (!row || row.end <= from + period || row.end > from + 2 * period) continue;
    const copy = { ...row, start: row.start + times * period, end: row.end + times * period };
    copies.splice(last(copies.length, (index) => copies[index]!.start <= copy.start) + 1, 0, copy);
  }
  advance(Number.POSITIVE_INFINITY);
  return all;
}

/** Largest index `holds` is true of; it is true of a beginning. −1: of none. */
function last(length: number, holds: (index: number) => boolean): number {
  let low = -1;
  for (let high = length - 1; low < high; ) {
    const middle = (low + high + 1) >> 1;
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
