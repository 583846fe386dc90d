/**
 * What a network was like at a tick, before anything happens in it: remembered, and held against a later state. Times count
 * from the tick. Its columns are written again and again.
 */
import type { Playing, ProcessState } from './state.ts';
import type { Tally } from './tally.ts';

/** Numbers of a process in `state`: pc, status, on, phase, pending. */
const PLACE = 5;

export class Snapshot {
  tick = 0;
  /** Tokens by FIFO. */
  readonly levels: Float64Array;
  /** How often each channel had changed. */
  readonly versions: Float64Array;
  /** How far each process was in a transfer, and when it goes on by itself. */
  readonly progress: Float64Array;
  readonly wakes: Float64Array;
  /** Sums of the tally up to the tick. */
  readonly sums: Float64Array;
  readonly #state: Float64Array;
  /** Who holds and waits for locks, and has come to barriers: counts, each followed by as many processes. */
  readonly #queues: number[] = [];
  readonly #channels: readonly number[][];
  /** Counters of all processes, those of a process from `#firstCounter` on. */
  readonly #counters: Float64Array;
  readonly #firstCounter: Int32Array;

  /** @param firstCounter by process, and at the end how many counters there are. */
  constructor({ processes, occupancy, channels }: Playing, tally: Tally, firstCounter: Int32Array) {
    this.levels = new Float64Array(occupancy.length);
    this.versions = new Float64Array(channels.length);
    this.progress = new Float64Array(processes.length);
    this.wakes = new Float64Array(processes.length);
    this.sums = new Float64Array(tally.size + 1);
    this.#state = new Float64Array(PLACE * processes.length);
    this.#channels = channels.map(() => []);
    this.#counters = new Float64Array(firstCounter[processes.length]!);
    this.#firstCounter = firstCounter;
  }

  take(player: Playing, tally: Tally, tick: number): void {
    const { processes, channels, occupancy } = player;
    this.tick = tick;
    for (const process of processes) {
      const { index } = process;
      const at = PLACE * index;
      this.#state[at] = process.pc;
      this.#state[at + 1] = process.status;
      this.#state[at + 2] = process.on;
      this.#state[at + 3] = process.phase;
      this.#state[at + 4] = process.pending;
      this.progress[index] = process.progress;
      this.wakes[index] = process.wake;
      this.#counters.set(process.counters, this.#firstCounter[index]!);
    }
    writeQueues(player, this.#queues);
    this.levels.set(occupancy);
    for (let channel = 0; channel < channels.length; channel++) {
      channels[channel]!.writeState(this.#channels[channel]!, tick);
      this.versions[channel] = channels[channel]!.version;
    }
    tally.copySums(player, tick, this.sums);
  }

  /** How far a loop of a process has come since. */
  stepOf(process: ProcessState, counter: number): number {
    return process.counters[counter]! - this.#counters[this.#firstCounter[process.index]! + counter]!;
  }

  /** Whether a process is elsewhere, or would go on after another time. */
  differs({ index, pc, status, wake }: ProcessState, tick: number): boolean {
    if (this.#state[PLACE * index] !== pc || this.#state[PLACE * index + 1] !== status) return true;
    const before = this.wakes[index]!;
    // It sleeps through the stretch, or goes on as soon as it did then.
    return wake !== before && (wake === -1 || before === -1 || wake - tick !== before - this.tick);
  }

  /** Whether a channel cannot be as it was: what is looked at first. */
  channelDiffers({ channels }: Playing, tick: number): boolean {
    for (let channel = 0; channel < channels.length; channel++) {
      const present = channels[channel]!;
      if (present.version !== this.versions[channel] && !present.isLike(this.#channels[channel]!, tick)) return true;
    }
    return false;
  }

  /** What `differs` and `channelDiffers` leave: what is waited for, queues, requests under way. `scratch` is written. */
  isRestEqual(player: Playing, tick: number, scratch: number[]): boolean {
    const { processes, channels } = player;
    for (const { index, on, phase, pending } of processes) {
      const at = PLACE * index;
      if (this.#state[at + 2] !== on || this.#state[at + 3] !== phase || this.#state[at + 4] !== pending) return false;
    }
    writeQueues(player, scratch);
    if (!isEqual(scratch, this.#queues)) return false;
    for (let channel = 0; channel < channels.length; channel++) {
      const present = channels[channel]!;
      if (present.version === this.versions[channel]) continue;
      present.writeState(scratch, tick);
      if (!isEqual(scratch, this.#channels[channel]!)) return false;
    }
    return true;
  }
}

function writeQueues({ holders, lockQueues, arrived }: Playing, into: number[]): void {
  into.length = 0;
  for (const lists of [holders, lockQueues, arrived])
    for (const list of lists) {
      into.push(list.length);
      for (const process of list) into.push(process);
    }
}

function isEqual(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false;
  return true;
}
