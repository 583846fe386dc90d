/**
 * What to drop for a step that does not fit: every set of candidates whose sizes reach the excess and none of whose
 * members could stay. Dropping more than that now is never better than dropping it later.
 */

/** Allocation-free: fill `size`, `cost` and `count`, then enumerate. */
export class Covers {
  readonly size: Float64Array;
  readonly cost: Float64Array;
  /** Candidates of one twin class, size and cost are interchangeable: only the first of them are chosen. */
  readonly twin: Int32Array;
  count = 0;
  /** The set handed to `visit`: the first `chosenCount` entries, as candidate indices. */
  readonly chosen: Int32Array;
  chosenCount = 0;
  chosenCost = 0;
  /** Least cost of a set that was not visited for its cost, of those seen. */
  tooDear = Infinity;
  /** Search nodes of the last enumeration. */
  visited = 0;
  #order: Int32Array;
  /** Bytes of the candidates from this position of the order on. */
  #rest: Float64Array;
  #visit: () => void = () => {};
  #left = 0;

  constructor(most: number) {
    this.size = new Float64Array(most);
    this.cost = new Float64Array(most);
    this.twin = new Int32Array(most);
    this.chosen = new Int32Array(most);
    this.#order = new Int32Array(most);
    this.#rest = new Float64Array(most + 1);
  }

  /**
   * Calls `visit` for each minimal set covering `excess` > 0 that costs less than `budget`.
   * @param limit search nodes after which to give up.
   * @returns false when it gave up, so that some sets were not visited.
   */
  enumerate(excess: number, budget: number, limit: number, visit: () => void): boolean {
    this.chosenCount = 0;
    this.chosenCost = 0;
    this.tooDear = Infinity;
    this.#visit = visit;
    this.#left = limit;
    const order = this.#order;
    for (let i = 0; i < this.count; i++) {
      // Insertion sort by size, largest first, twins side by side.
      let at = i;
      for (; at > 0 && this.#isAfter(order[at - 1]!, i); at--) order[at] = order[at - 1]!;
      order[at] = i;
    }
    this.#rest[this.count] = 0;
    for (let at = this.count - 1; at >= 0; at--) this.#rest[at] = this.#rest[at + 1]! + this.size[order[at]!]!;
    this.#descend(0, excess, budget);
    this.visited = limit - Math.max(0, this.#left);
    return this.#left >= 0;
  }

  #descend(at: number, excess: number, budget: number): void {
    if (at === this.count || this.#rest[at]! < excess || this.#left-- < 0) return;
    const candidate = this.#order[at]!;
    const cost = this.cost[candidate]!;
    if (cost < budget && this.size[candidate]! > 0) {
      this.chosen[this.chosenCount++] = candidate;
      this.chosenCost += cost;
      if (this.size[candidate]! >= excess) {
        if (this.#isMinimal(excess - this.size[candidate]!)) this.#visit();
      } else this.#descend(at + 1, excess - this.size[candidate]!, budget - cost);
      this.chosenCost -= cost;
      this.chosenCount--;
    } else if (this.size[candidate]! > 0) this.tooDear = Math.min(this.tooDear, this.chosenCost + cost);
    let next = at + 1;
    while (next < this.count && this.#areTwins(candidate, this.#order[next]!)) next++;
    this.#descend(next, excess, budget);
  }

  #isAfter(one: number, other: number): boolean {
    if (this.size[one] !== this.size[other]) return this.size[one]! < this.size[other]!;
    if (this.twin[one] !== this.twin[other]) return this.twin[one]! > this.twin[other]!;
    return this.cost[one]! > this.cost[other]!;
  }

  #areTwins(one: number, other: number): boolean {
    return (
      this.twin[one] === this.twin[other] && this.size[one] === this.size[other] && this.cost[one] === this.cost[other]
    );
  }

  /** @param spare how far the set overshoots, ≤ 0: a member smaller than that could stay. */
  #isMinimal(spare: number): boolean {
    for (let i = 0; i < this.chosenCount; i++) if (this.size[this.chosen[i]!]! <= -spare) return false;
    return true;
  }
}
