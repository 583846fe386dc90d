/**
 * An off-chip channel being played: requests wait in a queue, one at a time moves its data, so many are under way until
 * answered. At the end of a tick the channel takes what has come by then: first come, first served (in the same tick by
 * index of process), or the process next in turn. So who is served depends on times alone, not on the order of events.
 */
import type { MemoryChannel } from './network.ts';

/** Requests there is room for at first. */
const FIRST = 8;

export class Channel {
  readonly model: MemoryChannel;
  readonly #isRoundRobin: boolean;
  /** Requests waiting: a list from `#head` on; process, bytes, tick of arrival, kind (1: store, 2: asynchronous). */
  #process = new Int32Array(FIRST);
  #bytes = new Float64Array(FIRST);
  #arrival = new Float64Array(FIRST);
  #kind = new Uint8Array(FIRST);
  #head = 0;
  #tail = 0;
  /** Requests under way by slot; process −1: the slot is free. */
  flyingProcess = new Int32Array(FIRST).fill(-1);
  flyingKind = new Uint8Array(FIRST);
  flyingBytes = new Float64Array(FIRST);
  answer = new Float64Array(FIRST);
  inFlight = 0;
  /** From when on it moves no data. */
  free = 0;
  /** An event is scheduled for then. */
  isAwaited = false;
  lastServed = -1;
  /** Counts changes: equal means that nothing happened in between. */
  version = 0;

  constructor(model: MemoryChannel) {
    this.model = model;
    this.#isRoundRobin = model.arbitration === 'round-robin';
  }

  get waiting(): number {
    return this.#tail - this.#head;
  }

  request(process: number, bytes: number, kind: number, now: number): void {
    this.version++;
    if (this.#tail === this.#process.length) this.#makeRoom();
    let at = this.#tail++;
    while (at > this.#head && this.#arrival[at - 1] === now && this.#process[at - 1]! > process)
      this.#copy(at - 1, at--);
    this.#process[at] = process;
    this.#bytes[at] = bytes;
    this.#arrival[at] = now;
    this.#kind[at] = kind;
  }

  /** Begins the next transfer at `now`, when the channel is free and may: the slot it is in. */
  begin(now: number): number {
    this.version++;
    let at = this.#head;
    if (this.#isRoundRobin) {
      // The request of the process after the one served last, in order of index.
      const turn = (process: number) => (process > this.lastServed ? process : process + 2 ** 30);
      for (let other = at + 1; other < this.#tail; other++)
        if (turn(this.#process[other]!) < turn(this.#process[at]!)) at = other;
    }
    const process = this.#process[at]!;
    const bytes = this.#bytes[at]!;
    const kind = this.#kind[at]!;
    for (; at > this.#head; at--) this.#copy(at - 1, at);
    this.#head++;
    if (this.#head === this.#tail) {
      this.#head = 0;
      this.#tail = 0;
    }
    const slot = this.#slot();
    this.flyingProcess[slot] = process;
    this.flyingKind[slot] = kind;
    this.flyingBytes[slot] = bytes;
    this.lastServed = process;
    this.inFlight++;
    this.free = now + transferTicks(this.model, bytes);
    this.answer[slot] = this.free + ((kind & 1) === 1 ? this.model.responseTicks : this.model.latencyTicks);
    return slot;
  }

  complete(slot: number): void {
    this.version++;
    this.flyingProcess[slot] = -1;
    this.inFlight--;
  }

  /** Whether it might be in a state written by `writeState`: what is looked at first. */
  isLike(state: readonly number[], tick: number): boolean {
    return state[0] === Math.max(0, this.free - tick) && state[3] === this.waiting;
  }

  /** Everything that what follows depends on, times from `tick`, into `state`. */
  writeState(state: number[], tick: number): void {
    state.length = 0;
    state.push(Math.max(0, this.free - tick), this.isAwaited ? 1 : 0, this.#isRoundRobin ? this.lastServed : 0);
    state.push(this.waiting);
    for (let at = this.#head; at < this.#tail; at++) state.push(this.#process[at]!, this.#bytes[at]!, this.#kind[at]!);
    if (this.inFlight === 0) return;
    // In the order of their answers: which slot a request is in makes no difference.
    const slots = [...this.flyingProcess.keys()].filter((slot) => this.flyingProcess[slot]! >= 0);
    slots.sort(
      (a, b) =>
        this.answer[a]! - this.answer[b]! ||
        this.flyingProcess[a]! - this.flyingProcess[b]! ||
        this.flyingKind[a]! - this.flyingKind[b]! ||
        this.flyingBytes[a]! - this.flyingBytes[b]!,
    );
    for (const slot of slots)
      state.push(this.flyingProcess[slot]!, this.flyingKind[slot]!, this.flyingBytes[slot]!, this.answer[slot]! - tick);
  }

  /** When something happens here next; Infinity: nothing is under way. */
  get nextEvent(): number {
    let next = this.isAwaited ? this.free : Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < this.flyingProcess.length; slot++)
      if (this.flyingProcess[slot]! >= 0) next = Math.min(next, this.answer[slot]!);
    return next;
  }

  skip(ticks: number): void {
    this.free += ticks;
    for (let slot = 0; slot < this.answer.length; slot++) this.answer[slot]! += ticks;
    for (let at = this.#head; at < this.#tail; at++) this.#arrival[at]! += ticks;
  }

  #slot(): number {
    const free = this.flyingProcess.indexOf(-1);
    if (free !== -1) return free;
    const count = this.flyingProcess.length;
    const processes = new Int32Array(2 * count).fill(-1);
    processes.set(this.flyingProcess);
    this.flyingProcess = processes;
    this.flyingKind = grown(this.flyingKind, new Uint8Array(2 * count));
    this.flyingBytes = grown(this.flyingBytes, new Float64Array(2 * count));
    this.answer = grown(this.answer, new Float64Array(2 * count));
    return count;
  }

  #makeRoom(): void {
    const count = this.waiting;
    if (2 * count <= this.#process.length) {
      for (let at = 0; at < count; at++) this.#copy(this.#head + at, at);
    } else {
      const size = 2 * this.#process.length;
      this.#process = grown(this.#process.subarray(this.#head), new Int32Array(size));
      this.#bytes = grown(this.#bytes.subarray(this.#head), new Float64Array(size));
      this.#arrival = grown(this.#arrival.subarray(this.#head), new Float64Array(size));
      this.#kind = grown(this.#kind.subarray(this.#head), new Uint8Array(size));
    }
    this.#head = 0;
    this.#tail = count;
  }

  #copy(from: number, to: number): void {
    this.#process[to] = this.#process[from]!;
    this.#bytes[to] = this.#bytes[from]!;
    this.#arrival[to] = this.#arrival[from]!;
    this.#kind[to] = this.#kind[from]!;
  }
}

/** Ticks a transfer occupies its channel; at least one. */
export function transferTicks({ bytesPerTick }: MemoryChannel, bytes: number): number {
  return Math.max(1, Math.ceil(bytes / bytesPerTick));
}

function grown<Column extends Float64Array | Int32Array | Uint8Array>(old: Column, fresh: Column): Column {
  fresh.set(old);
  return fresh;
}
