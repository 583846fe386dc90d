/** How each state of a search came about: its predecessor, the operator run, the tensors dropped for it. Append-only. */

export interface Step {
  readonly op: number;
  /** Tensors that lost (or never got) their place in the scratchpad for this step. */
  readonly dropped: readonly number[];
}

export const NO_HISTORY = -1;

export class History {
  #parent = new Int32Array(1024);
  #op = new Int32Array(1024);
  #dropsFrom = new Int32Array(1025);
  #drops = new Int32Array(1024);
  #count = 0;

  /** @returns the entry's id. `drops[from … to)` are copied. */
  append(parent: number, op: number, drops: Int32Array, from: number, to: number): number {
    if (this.#count === this.#parent.length) {
      this.#parent = doubled(this.#parent);
      this.#op = doubled(this.#op);
      this.#dropsFrom = doubled(this.#dropsFrom, 1);
    }
    const start = this.#dropsFrom[this.#count]!;
    const end = start + to - from;
    while (end > this.#drops.length) this.#drops = doubled(this.#drops);
    for (let i = from; i < to; i++) this.#drops[start + i - from] = drops[i]!;
    this.#parent[this.#count] = parent;
    this.#op[this.#count] = op;
    this.#dropsFrom[this.#count + 1] = end;
    return this.#count++;
  }

  /** Steps from the search's beginning to this entry. */
  path(entry: number): readonly Step[] {
    const steps: Step[] = [];
    for (let at = entry; at !== NO_HISTORY; at = this.#parent[at]!)
      steps.push({
        op: this.#op[at]!,
        dropped: [...this.#drops.subarray(this.#dropsFrom[at]!, this.#dropsFrom[at + 1]!)],
      });
    return steps.reverse();
  }
}

function doubled(array: Int32Array<ArrayBuffer>, extra = 0): Int32Array<ArrayBuffer> {
  const larger = new Int32Array((array.length - extra) * 2 + extra);
  larger.set(array);
  return larger;
}
