/** Counts what happens while a network is played, as sums that can be multiplied when a stretch is folded. */
import type { Network } from './network.ts';
import { type Deadlock, type NetworkRun, STATES, type Trace, type Wait } from './run.ts';
import { DONE, type Playing } from './state.ts';

const WAITING = 5;

export class Tally {
  readonly #targets: number;
  /** By process: busy, reconfigure. By FIFO: put, got, ∫ occupancy. By channel: loaded, stored, busy, requests. */
  readonly #sums: Float64Array;
  /** Ticks and times by process, kind of wait and target. */
  readonly #waits: Float64Array;
  readonly #fifos: number;
  readonly #channels: number;
  readonly #start: Float64Array;
  readonly #end: Float64Array;
  readonly #maximum: Float64Array;
  readonly #firstFull: Float64Array;
  /** Up to when ∫ occupancy is counted. */
  readonly #counted: Float64Array;
  #makespan = 0;
  #foldedEvents = 0;

  constructor(network: Network) {
    const { processes, fifos, channels, locks, barriers } = network;
    this.#fifos = 2 * processes.length;
    this.#channels = this.#fifos + 3 * fifos.length;
    this.#sums = new Float64Array(this.#channels + 4 * channels.length);
    this.#targets = Math.max(1, fifos.length, channels.length, locks.length, barriers.length);
    this.#waits = new Float64Array(2 * processes.length * (WAITING + 1) * this.#targets);
    this.#start = new Float64Array(processes.length).fill(-1);
    this.#end = new Float64Array(processes.length);
    this.#maximum = Float64Array.from(fifos, ({ initial }) => initial);
    this.#firstFull = new Float64Array(fifos.length).fill(-1);
    this.#counted = new Float64Array(fifos.length);
  }

  works(process: number, now: number, ticks: number, isReconfiguration: boolean): void {
    this.#sums[2 * process + (isReconfiguration ? 1 : 0)]! += ticks;
    if (this.#start[process] === -1) this.#start[process] = now;
    this.#end[process] = now + ticks;
  }

  waits(process: number, status: number, on: number): void {
    this.#waits[this.#wait(process, status, on) + 1]!++;
  }

  waited(process: number, status: number, on: number, ticks: number): void {
    this.#waits[this.#wait(process, status, on)]! += ticks;
  }

  #wait(process: number, status: number, on: number): number {
    return 2 * ((process * (WAITING + 1) + status - 1) * this.#targets + Math.max(0, on));
  }

  full(fifo: number, now: number): void {
    if (this.#firstFull[fifo] === -1) this.#firstFull[fifo] = now;
  }

  /** `level` tokens were in it until now; `tokens` come (> 0) or go. */
  moves(fifo: number, level: number, tokens: number, now: number): void {
    const at = this.#fifos + 3 * fifo;
    this.#sums[at + 2]! += level * (now - this.#counted[fifo]!);
    this.#counted[fifo] = now;
    if (tokens > 0) {
      this.#sums[at]! += tokens;
      if (level + tokens > this.#maximum[fifo]!) this.#maximum[fifo] = level + tokens;
    } else this.#sums[at + 1]! -= tokens;
  }

  transfers(channel: number, bytes: number, isStore: boolean, ticks: number): void {
    const at = this.#channels + 4 * channel;
    this.#sums[at + (isStore ? 1 : 0)]! += bytes;
    this.#sums[at + 2]! += ticks;
    this.#sums[at + 3]!++;
  }

  ended(process: number, now: number): void {
    this.#end[process] = Math.max(this.#end[process]!, now);
    this.#makespan = Math.max(this.#makespan, now);
  }

  /** Sums as they stand, waits and occupancies booked up to now. */
  sums(player: Playing): Float64Array {
    for (const process of player.processes) player.flush(process);
    for (let fifo = 0; fifo < player.occupancy.length; fifo++) this.moves(fifo, player.occupancy[fifo]!, 0, player.now);
    const all = new Float64Array(this.#sums.length + this.#waits.length + 1);
    all.set(this.#sums);
    all.set(this.#waits, this.#sums.length);
    all[all.length - 1] = player.kernel.processed + this.#foldedEvents;
    return all;
  }

  /** Adds what happened since `before` as often again; the time is moved on by `ticks`. */
  multiply(player: Playing, before: Float64Array, times: number, ticks: number): void {
    const after = this.sums(player);
    for (let i = 0; i < this.#sums.length; i++) this.#sums[i]! += times * (after[i]! - before[i]!);
    for (let i = 0; i < this.#waits.length; i++)
      this.#waits[i]! += times * (after[this.#sums.length + i]! - before[this.#sums.length + i]!);
    this.#foldedEvents += times * (after[after.length - 1]! - before[after.length - 1]!);
    for (let fifo = 0; fifo < this.#counted.length; fifo++) this.#counted[fifo]! += ticks;
  }

  result(player: Playing, deadlock: Deadlock | null, trace: Trace | null): NetworkRun {
    const { network, kernel } = player;
    for (const process of player.processes) {
      player.flush(process);
      if (process.status !== DONE) this.#end[process.index] = kernel.now;
    }
    const makespan = Math.max(this.#makespan, deadlock ? kernel.now : 0);
    const processes = network.processes.map((_, index) => {
      const waits: Wait[] = [];
      let stallIn = 0;
      let stallOut = 0;
      for (let status = 1; status <= WAITING + 1; status++) {
        for (let on = 0; on < this.#targets; on++) {
          const at = this.#wait(index, status, on);
          const [ticks, times] = [this.#waits[at]!, this.#waits[at + 1]!];
          if (ticks === 0) continue;
          const state = STATES[status] as Wait['state'];
          waits.push({ state, on, ticks, times });
          if (state === 'put' || state === 'store') stallOut += ticks;
          else stallIn += ticks;
        }
      }
      const busy = this.#sums[2 * index]!;
      const reconfigure = this.#sums[2 * index + 1]!;
      const end = this.#end[index]!;
      return {
        busy,
        stallIn,
        stallOut: stallOut + makespan - end,
        reconfigure,
        waits: waits.sort((one, other) => other.ticks - one.ticks),
        start: Math.max(0, this.#start[index]!),
        end,
      };
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
      events: kernel.processed,
      unfoldedEvents: kernel.processed + this.#foldedEvents,
      trace,
    };
  }
}
