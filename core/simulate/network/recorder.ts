/** Records what happens when into growing columns; nothing is looked at again while the network is played. */
import type { Drift, Fold, Trace } from './run.ts';

/** Rows of `width` numbers, one after the other. */
class Rows {
  readonly #width: number;
  #values: Float64Array;
  #length = 0;

  constructor(width: number) {
    this.#width = width;
    this.#values = new Float64Array(1024 * width);
  }

  /** Where a new row begins in `values`. */
  next(): number {
    const at = this.#length;
    this.#length += this.#width;
    if (this.#length > this.#values.length) {
      const larger = new Float64Array(2 * this.#values.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    return at;
  }

  get values(): Float64Array {
    return this.#values;
  }

  column(which: number): Float64Array {
    const count = this.#length / this.#width;
    const column = new Float64Array(count);
    for (let row = 0; row < count; row++) column[row] = this.#values[row * this.#width + which]!;
    return column;
  }
}

export class Recorder {
  readonly #intervals = new Rows(5);
  readonly #transfers = new Rows(6);
  readonly #levels = new Rows(4);
  /** Row of each FIFO's last level. */
  readonly #lastLevel: number[] = [];
  readonly #folds: Fold[] = [];

  interval(process: number, state: number, on: number, start: number, end: number): void {
    const at = this.#intervals.next();
    const { values } = this.#intervals;
    values[at] = process;
    values[at + 1] = state;
    values[at + 2] = on;
    values[at + 3] = start;
    values[at + 4] = end;
  }

  transfer(channel: number, process: number, isStore: boolean, bytes: number, start: number, end: number): void {
    const at = this.#transfers.next();
    const { values } = this.#transfers;
    values[at] = channel;
    values[at + 1] = process;
    values[at + 2] = isStore ? 1 : 0;
    values[at + 3] = bytes;
    values[at + 4] = start;
    values[at + 5] = end;
  }

  /** Of several in a tick the last counts, and the highest. */
  level(fifo: number, tick: number, tokens: number): void {
    const last = this.#lastLevel[fifo];
    const isSame = last !== undefined && this.#levels.values[last + 1] === tick;
    const at = isSame ? last : this.#levels.next();
    this.#lastLevel[fifo] = at;
    const { values } = this.#levels;
    values[at] = fifo;
    values[at + 1] = tick;
    values[at + 2] = tokens;
    values[at + 3] = isSame ? Math.max(values[at + 3]!, tokens) : tokens;
  }

  fold(from: number, period: number, times: number, drift: readonly Drift[]): void {
    this.#folds.push({ from, period, times, ...(drift.length > 0 && { drift }) });
  }

  trace(): Trace {
    const [intervals, transfers, levels] = [this.#intervals, this.#transfers, this.#levels];
    return {
      intervals: {
        process: Int32Array.from(intervals.column(0)),
        state: Uint8Array.from(intervals.column(1)),
        on: Int32Array.from(intervals.column(2)),
        start: intervals.column(3),
        end: intervals.column(4),
      },
      transfers: {
        channel: Int32Array.from(transfers.column(0)),
        process: Int32Array.from(transfers.column(1)),
        isStore: Uint8Array.from(transfers.column(2)),
        bytes: transfers.column(3),
        start: transfers.column(4),
        end: transfers.column(5),
      },
      levels: {
        fifo: Int32Array.from(levels.column(0)),
        tick: levels.column(1),
        tokens: levels.column(2),
        most: levels.column(3),
      },
      folds: this.#folds,
    };
  }
}
