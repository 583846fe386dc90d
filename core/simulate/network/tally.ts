/** Counts what happens while a network is played, as sums that can be multiplied when a stretch is folded. */
import type { Code } from './code.ts';
import type { Network } from './network.ts';
import {
  type Deadlock,
  type Drift,
  type NetworkRun,
  type ProcessAccount,
  STATES,
  type Trace,
  type Wait,
} from './run.ts';
import { DONE, type Playing } from './state.ts';

export class Tally {
  readonly #codes: readonly Code[];
  /**
   * By process: busy, reconfigure. By FIFO: put, got, ∫ occupancy. By channel: loaded, stored, busy, requests. By process
   * and what it may wait for: ticks, times.
   */
  readonly #sums: Float64Array;
  readonly #fifos: number;
  readonly #channels: number;
  /** Where the waits of each process begin. */
  readonly #waits: Int32Array;
  readonly #start: Float64Array;
  readonly #end: Float64Array;
  readonly #capacity: Float64Array;
  readonly #maximum: Float64Array;
  readonly #firstFull: Float64Array;
  /** Up to when ∫ occupancy is counted. */
  readonly #counted: Float64Array;
  #foldedEvents = 0;

  constructor({ processes, fifos, channels }: Network, codes: readonly Code[]) {
    this.#codes = codes;
    this.#fifos = 2 * processes.length;
    this.#channels = this.#fifos + 3 * fifos.length;
    let length = this.#channels + 4 * channels.length;
    this.#waits = Int32Array.from(codes, ({ waits }) => {
      const at = length;
      length += 2 * waits.length;
      return at;
    });
    this.#sums = new Float64Array(length);
    this.#start = new Float64Array(processes.length).fill(-1);
    this.#end = new Float64Array(processes.length);
    this.#capacity = Float64Array.from(fifos, ({ capacity }) => capacity);
    this.#maximum = Float64Array.from(fifos, ({ initial }) => initial);
    this.#firstFull = Float64Array.from(fifos, ({ initial, capacity }) => (initial === capacity ? 0 : -1));
    this.#counted = new Float64Array(fifos.length);
  }

  get size(): number {
    return this.#sums.length;
  }

  works(process: number, now: number, ticks: number, isReconfiguration: boolean): void {
    this.#sums[2 * process + (isReconfiguration ? 1 : 0)]! += ticks;
    if (this.#start[process] === -1) this.#start[process] = now;
  }

  waited(process: number, wait: number, ticks: number): void {
    this.#sums[this.#waits[process]! + 2 * wait]! += ticks;
  }

  /** A wait that took time is over. */
  waitedOnce(process: number, wait: number): void {
    this.#sums[this.#waits[process]! + 2 * wait + 1]!++;
  }

  /** `level` tokens were in it until now; `tokens` come (> 0) or go. */
  moves(fifo: number, level: number, tokens: number, now: number): void {
    const at = this.#fifos + 3 * fifo;
    this.#sums[at + 2]! += level * (now - this.#counted[fifo]!);
    this.#counted[fifo] = now;
    if (tokens > 0) {
      this.#sums[at]! += tokens;
      if (level + tokens > this.#maximum[fifo]!) {
        this.#maximum[fifo] = level + tokens;
        if (level + tokens === this.#capacity[fifo] && this.#firstFull[fifo] === -1) this.#firstFull[fifo] = now;
      }
    } else this.#sums[at + 1]! -= tokens;
  }

  transfers(channel: number, bytes: number, isStore: boolean, ticks: number): void {
    const at = this.#channels + 4 * channel;
    this.#sums[at + (isStore ? 1 : 0)]! += bytes;
    this.#sums[at + 2]! += ticks;
    this.#sums[at + 3]!++;
  }

  ended(process: number, now: number): void {
    this.#end[process] = now;
  }

  /** Tokens that went into a FIFO and came out between two copies of the sums. */
  moved(fifo: number, before: Float64Array, after: Float64Array): { readonly put: number; readonly got: number } {
    const at = this.#fifos + 3 * fifo;
    return { put: after[at]! - before[at]!, got: after[at + 1]! - before[at + 1]! };
  }

  /** Writes the sums as they stand into `sums`, waits and occupancies booked up to `tick`, and last the events. */
  copySums(player: Playing, tick: number, sums: Float64Array): void {
    for (const process of player.processes) player.flush(process, tick);
    for (let fifo = 0; fifo < player.occupancy.length; fifo++) this.moves(fifo, player.occupancy[fifo]!, 0, tick);
    sums.set(this.#sums);
    sums[this.#sums.length] = player.events + this.#foldedEvents;
  }

  /** Adds what happened between `before` and `after` as often again; the time is moved on by `ticks`. */
  multiply(
    before: Float64Array,
    after: Float64Array,
    { times, ticks, drift }: { readonly times: number; readonly ticks: number; readonly drift: readonly Drift[] },
  ): void {
    const length = this.#sums.length;
    for (let i = 0; i < length; i++) this.#sums[i]! += times * (after[i]! - before[i]!);
    this.#foldedEvents += times * (after[length]! - before[length]!);
    // Repetition i has i times the drift more in it, all the while.
    for (const { fifo, tokens } of drift) this.#sums[this.#fifos + 3 * fifo + 2]! += (tokens * ticks * (times + 1)) / 2;
    for (let fifo = 0; fifo < this.#counted.length; fifo++) this.#counted[fifo]! += ticks;
  }

  result(player: Playing, deadlock: Deadlock | null, trace: () => Trace | null): NetworkRun {
    const { network, kernel, events } = player;
    const makespan = kernel.now;
    for (const process of player.processes) {
      if (process.status === DONE) continue;
      player.flush(process, makespan);
      if (makespan > process.began) this.waitedOnce(process.index, process.wait);
      this.#end[process.index] = makespan;
    }
    const processes = this.#codes.map(({ waits }, index) => {
      const at = this.#waits[index]!;
      return accountOf(makespan, {
        busy: this.#sums[2 * index]!,
        reconfigure: this.#sums[2 * index + 1]!,
        start: Math.max(0, this.#start[index]!),
        end: this.#end[index]!,
        waits: waits.map(({ state, on }, wait) => ({
          state: STATES[state] as Wait['state'],
          on,
          ticks: this.#sums[at + 2 * wait]!,
          times: this.#sums[at + 2 * wait + 1]!,
        })),
      });
    });
    return {
      makespan,
      processes,
      fifos: network.fifos.map((_, fifo) => {
        const at = this.#fifos + 3 * fifo;
        const open = player.occupancy[fifo]! * (makespan - this.#counted[fifo]!);
        return {
          put: this.#sums[at]!,
          got: this.#sums[at + 1]!,
          maximum: this.#maximum[fifo]!,
          firstFull: this.#firstFull[fifo] === -1 ? null : this.#firstFull[fifo]!,
          mean: makespan === 0 ? player.occupancy[fifo]! : (this.#sums[at + 2]! + open) / makespan,
        };
      }),
      channels: network.channels.map((_, channel) => {
        const at = this.#channels + 4 * channel;
        return {
          loadedBytes: this.#sums[at]!,
          storedBytes: this.#sums[at + 1]!,
          busy: this.#sums[at + 2]!,
          requests: this.#sums[at + 3]!,
        };
      }),
      deadlock,
      events,
      unfoldedEvents: events + this.#foldedEvents,
      trace: trace(),
    };
  }
}

/** The account of a process: its waits, longest first, as stalls; what is left of the makespan after its end is a stall too. */
export function accountOf(
  makespan: number,
  {
    busy,
    reconfigure,
    start,
    end,
    waits,
  }: Pick<ProcessAccount, 'busy' | 'reconfigure' | 'start' | 'end'> & { readonly waits: readonly Wait[] },
): ProcessAccount {
  const waited = waits.filter(({ ticks }) => ticks > 0);
  const isOut = ({ state }: Wait) => state === 'put' || state === 'store';
  const sum = (some: readonly Wait[]) => some.reduce((total, { ticks }) => total + ticks, 0);
  return {
    busy,
    stallIn: sum(waited.filter((wait) => !isOut(wait))),
    stallOut: sum(waited.filter(isOut)) + makespan - end,
    reconfigure,
    waits: waited.sort(
      (one, other) =>
        other.ticks - one.ticks || STATES.indexOf(one.state) - STATES.indexOf(other.state) || one.on - other.on,
    ),
    start,
    end,
  };
}
