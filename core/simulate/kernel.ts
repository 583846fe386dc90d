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
  #sequence = 0;
  #now = 0;
  #processed = 0;

  get now(): number {
    return this.#now;
  }

  get processed(): number {
    return this.#processed;
  }

  get pending(): number {
    return this.#size;
  }

  /** `time` ≥ now, whole ticks; `priority` 0 (first) … 1023. */
  schedule(time: number, priority: number, code: number, argument: number): void {
    if (!(time >= this.#now)) throw new RangeError(`event at ${time}, before now (${this.#now})`);
    if (this.#size === this.#time.length) this.#grow();
    const rank = priority * 4294967296 + this.#sequence++;
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#time[parent]! < time || (this.#time[parent]! === time && this.#rank[parent]! < rank)) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#put(hole, time, rank, code, argument);
  }

  /**
   * Handles events until none is left or `stop` says so (asked every 4,096 events). Returns whether it ran dry.
   */
  run(handle: (code: number, argument: number) => void, stop: () => boolean = () => false): boolean {
    while (this.#size > 0) {
      if ((this.#processed & 4095) === 4095 && stop()) return false;
      const time = this.#time[0]!;
      const code = this.#code[0]!;
      const argument = this.#argument[0]!;
      this.#pop();
      this.#now = time;
      this.#processed++;
      handle(code, argument);
    }
    return true;
  }

  /**
   * Moves the clock and all pending events on by `ticks`, but for those `stays` names, whose times must not have passed.
   * Ties keep their order.
   */
  skip(ticks: number, stays: (code: number, argument: number) => boolean): void {
    this.#now += ticks;
    const order = Array.from({ length: this.#size }, (_, at) => at);
    const events = order.map((at) => ({
      time: this.#time[at]! + (stays(this.#code[at]!, this.#argument[at]!) ? 0 : ticks),
      rank: this.#rank[at]!,
      code: this.#code[at]!,
      argument: this.#argument[at]!,
    }));
    events.sort((one, other) => one.time - other.time || one.rank - other.rank);
    // A sorted list is a heap.
    events.forEach(({ time, rank, code, argument }, at) => {
      this.#put(at, time, rank, code, argument);
    });
  }

  #pop(): void {
    const last = --this.#size;
    if (last === 0) return;
    const time = this.#time[last]!;
    const rank = this.#rank[last]!;
    const code = this.#code[last]!;
    const argument = this.#argument[last]!;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      const right = child + 1;
      if (
        right < last &&
        (this.#time[right]! < this.#time[child]! ||
          (this.#time[right]! === this.#time[child]! && this.#rank[right]! < this.#rank[child]!))
      )
        child = right;
      if (time < this.#time[child]! || (time === this.#time[child]! && rank < this.#rank[child]!)) break;
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
