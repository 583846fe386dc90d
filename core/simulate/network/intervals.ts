/**
 * What a process does at any tick of a trace, folded or not. A fold says that what was recorded in [from, from + period)
 * happened again, one period later each; a tick in a copy is looked up in the recorded stretch and moved by whole periods.
 */
import { type Column, columns, foldAt, lastAt } from './columns.ts';
import { STATES, type State, type Trace } from './run.ts';

/** In true time. */
export interface Interval {
  readonly state: State;
  /** FIFO, channel, lock or barrier; −1: none. */
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
  readonly #trace: Trace;
  readonly #processes: readonly Column[];

  /** `processes`: how many the network has. */
  constructor(trace: Trace, processes: number) {
    const { intervals, folds } = trace;
    this.#trace = trace;
    this.#processes = columns(intervals.process, intervals.start, intervals.end, processes, folds);
  }

  /** What `process` does in [tick, tick + 1); null where it has ended. O(log n) by fold the tick lies in. */
  at(process: number, tick: number): Interval | null {
    const { rows, starts, ends } = this.#processes[process]!;
    const { folds, intervals } = this.#trace;
    for (let shift = 0; ; ) {
      const at = lastAt(starts, tick - shift);
      if (at >= 0 && ends[at]! > tick - shift) {
        const row = rows[at]!;
        const [state, on] = [STATES[intervals.state[row]!]!, intervals.on[row]!];
        return { state, on, start: starts[at]! + shift, end: ends[at]! + shift };
      }
      const fold = foldAt(folds, tick - shift);
      if (fold === null) return null;
      shift += Math.floor((tick - shift - fold.from) / fold.period) * fold.period;
    }
  }

  /** Regions of copies `tick` lies in, outermost first. */
  regions(tick: number): readonly Region[] {
    const { folds } = this.#trace;
    const found: Region[] = [];
    let shift = 0;
    for (let fold = foldAt(folds, tick); fold !== null; fold = foldAt(folds, tick - shift)) {
      const { from, period } = fold;
      found.push({ start: from + period + shift, period });
      shift += Math.floor((tick - shift - from) / period) * period;
    }
    return found;
  }
}
