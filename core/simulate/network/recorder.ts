/** Records what happens when into growing columns; nothing is looked at again while the network is played. */
import type { Fold, Trace } from './run.ts';

class Growing<Name extends string> {
  readonly columns: Record<Name, Float64Array>;
  readonly #names: readonly Name[];
  length = 0;

  constructor(names: readonly Name[]) {
    this.#names = names;
    this.columns = Object.fromEntries(names.map((name) => [name, new Float64Array(1024)])) as Record<
      Name,
      Float64Array
    >;
  }

  add(...values: readonly number[]): void {
    const first = this.columns[this.#names[0]!];
    if (this.length === first.length) {
      for (const name of this.#names) {
        const larger = new Float64Array(2 * this.length);
        larger.set(this.columns[name]);
        this.columns[name] = larger;
      }
    }
    this.#names.forEach((name, at) => {
      this.columns[name][this.length] = values[at]!;
    });
    this.length++;
  }

  column(name: Name): Float64Array {
    return this.columns[name].subarray(0, this.length);
  }
}

export class Recorder {
  readonly #intervals = new Growing(['process', 'state', 'on', 'start', 'end']);
  readonly #transfers = new Growing(['channel', 'process', 'isStore', 'bytes', 'start', 'end']);
  readonly #levels = new Growing(['fifo', 'tick', 'tokens']);
  readonly #folds: Fold[] = [];

  interval(process: number, state: number, on: number, start: number, end: number): void {
    this.#intervals.add(process, state, on, start, end);
  }

  transfer(channel: number, process: number, isStore: boolean, bytes: number, start: number, end: number): void {
    this.#transfers.add(channel, process, isStore ? 1 : 0, bytes, start, end);
  }

  level(fifo: number, tick: number, tokens: number): void {
    this.#levels.add(fifo, tick, tokens);
  }

  fold(from: number, period: number, times: number): void {
    this.#folds.push({ from, period, times });
  }

  trace(): Trace {
    const [intervals, transfers, levels] = [this.#intervals, this.#transfers, this.#levels];
    return {
      intervals: {
        process: Int32Array.from(intervals.column('process')),
        state: Uint8Array.from(intervals.column('state')),
        on: Int32Array.from(intervals.column('on')),
        start: intervals.column('start').slice(),
        end: intervals.column('end').slice(),
      },
      transfers: {
        channel: Int32Array.from(transfers.column('channel')),
        process: Int32Array.from(transfers.column('process')),
        isStore: Uint8Array.from(transfers.column('isStore')),
        bytes: transfers.column('bytes').slice(),
        start: transfers.column('start').slice(),
        end: transfers.column('end').slice(),
      },
      levels: {
        fifo: Int32Array.from(levels.column('fifo')),
        tick: levels.column('tick').slice(),
        tokens: levels.column('tokens').slice(),
      },
      folds: this.#folds,
    };
  }
}
