/**
 * The event kernel: a binary heap ordered by (time, priority, sequence) on typed arrays. Integer ticks;
 * equal times go by priority, then by order of scheduling, so a run is deterministic to the event.
 * An event is a small integer `code` with an integer `argument`; the process model above gives them meaning.
 */
export class EventKernel {
  #time = new Float64Array(1024);
  /** priority × 2³² + sequence: one comparison breaks both ties. */
  #rank = new Float64Array(1024);
  #code = new Int32Array(1024);
  #argument = new Int32Array(1024);
  #size = 0;
  /** The root has been taken and not yet been filled: most events schedule one more, which then sinks from there. */
  #hasHole = false;
  #sequence = 0;
  #now = 0;
  #processed = 0;
  /** Of the event taken last. */
  code = -1;
  argument = -1;

  get now(): number {
    return this.#now;
  }

  get processed(): number {
    return this.#processed;
  }

  get pending(): number {
    return this.#hasHole ? this.#size - 1 : this.#size;
  }

  /** When the next event is; Infinity: there is none. */
  get nextTime(): number {
    if (this.#hasHole) this.#fillHole();
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#time[0]!;
  }

  /** `time` ≥ now, whole ticks; `priority` 0 (first) … 2²⁰ − 1. */
  schedule(time: number, priority: number, code: number, argument: number): void {
    if (!(time >= this.#now)) throw new RangeError(`event at ${time}, before now (${this.#now})`);
    const rank = priority * 4294967296 + this.#sequence++;
    if (this.#hasHole) {
      this.#hasHole = false;
      this.#sink(0, time, rank, code, argument);
      return;
    }
    if (this.#size === this.#time.length) this.#grow();
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#time[parent]! < time || (this.#time[parent]! === time && this.#rank[parent]! < rank)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, time, rank, code, argument);
  }

  /** Takes the next event: the clock is moved to it, `code` and `argument` are its own. False: there is none. */
  next(): boolean {
    if (this.#hasHole) this.#fillHole();
    if (this.#size === 0) return false;
    this.#now = this.#time[0]!;
    this.code = this.#code[0]!;
    this.argument = this.#argument[0]!;
    this.#hasHole = true;
    this.#processed++;
    return true;
  }

  /**
   * Handles events until none is left or `stop` says so (asked every 4,096 events). Returns whether it ran dry.
   */
  run(handle: (code: number, argument: number) => void, stop: () => boolean = () => false): boolean {
    for (;;) {
      if ((this.#processed & 4095) === 4095 && this.pending > 0 && stop()) return false;
      if (!this.next()) return true;
      handle(this.code, this.argument);
    }
  }

  /**
   * Moves the clock and all pending events on by `ticks`, but for those `stays` names, whose times must not have passed.
   * Ties keep their order.
   */
  skip(ticks: number, stays: (code: number, argument: number) => boolean): void {
    if (this.#hasHole) this.#fillHole();
    this.#now += ticks;
    for (let at = 0; at < this.#size; at++) if (!stays(this.#code[at]!, this.#argument[at]!)) this.#time[at]! += ticks;
    for (let at = (this.#size >> 1) - 1; at >= 0; at--)
      this.#sink(at, this.#time[at]!, this.#rank[at]!, this.#code[at]!, this.#argument[at]!);
  }

  #fillHole(): void {
    this.#hasHole = false;
    const last = --this.#size;
    if (last > 0) this.#sink(0, this.#time[last]!, this.#rank[last]!, this.#code[last]!, this.#argument[last]!);
  }

  /** Puts an event at `hole` or below it. */
  #sink(from: number, time: number, rank: number, code: number, argument: number): void {
    const times = this.#time;
    const ranks = this.#rank;
    const size = this.#size;
    let hole = from;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      const right = child + 1;
      if (
        right < size &&
        (times[right]! < times[child]! || (times[right]! === times[child]! && ranks[right]! < ranks[child]!))
      )
        child = right;
      if (time < times[child]! || (time === times[child]! && rank < ranks[child]!)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#put(hole, time, rank, code, argument);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#time[from]!, this.#rank[from]!, this.#code[from]!, this.#argument[from]!);
  }

  #put(at: number, time: number, rank: number, code: number, argument: number): void {
    this.#time[at] = time;
    this.#rank[at] = rank;
    this.#code[at] = code;
    this.#argument[at] = argument;
  }

  #grow(): void {
    const larger = <T extends Float64Array | Int32Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    const capacity = this.#time.length * 2;
    this.#time = larger(this.#time, new Float64Array(capacity));
    this.#rank = larger(this.#rank, new Float64Array(capacity));
    this.#code = larger(this.#code, new Int32Array(capacity));
    this.#argument = larger(this.#argument, new Int32Array(capacity));
  }
}
