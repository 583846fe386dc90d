/**
 * One layer of the search: its downsets, and its states as columns. A state is a downset and where each tensor live
 * after it is; what states of one downset have in common is kept once.
 */

/** What all states of one downset share. */
export interface Downset {
  readonly words: Uint32Array;
  readonly ready: Int32Array;
  readonly live: Int32Array;
  readonly left: Int32Array;
  /** Positions in `live` of tensors that may stand for each other. */
  readonly twins: readonly Int32Array[];
  /** Operators done of each exchangeable branch, and the branches that have got equally far. */
  readonly patterns: Int32Array;
  readonly ties: readonly (readonly Int32Array[])[];
  /** First state, linked through `next`; −1 without. */
  head: number;
  nextSameHash: Downset | null;
}

/** States of one layer as columns. */
export class Layer {
  count = 0;
  cost = new Float64Array(256);
  /** Cost so far, where a group of tensors counts at least its certain cost: what any completion costs at least. */
  least = new Float64Array(256);
  /** Bytes spent on each group of tensors, `groups` a state. */
  spent = new Float64Array(0);
  room = new Float64Array(256);
  exposed = new Float64Array(256);
  statusAt = new Int32Array(256);
  next = new Int32Array(256);
  history = new Int32Array(256);
  /** Until selection: the state come from, the operator run, the drops in `drops`. */
  parent = new Int32Array(256);
  op = new Int32Array(256);
  dropsFrom = new Int32Array(257);
  isAlive = new Uint8Array(256);
  downsetOf: Downset[] = [];
  downsets: Downset[] = [];
  status = new Uint8Array(4096);
  /** The same with the statuses of twins in falling order: what states are compared by. */
  canonical = new Uint8Array(4096);
  statusCount = 0;
  drops = new Int32Array(256);
  byHash = new Map<number, Downset>();

  clear(): void {
    this.count = 0;
    this.statusCount = 0;
    this.downsetOf.length = 0;
    this.downsets = [];
    this.byHash.clear();
    this.dropsFrom[0] = 0;
  }

  grow(): void {
    if (this.spent.length > 0) this.spent = larger(this.spent, Float64Array);
    for (const name of ['cost', 'least', 'room', 'exposed'] as const) this[name] = larger(this[name], Float64Array);
    for (const name of ['statusAt', 'next', 'history', 'parent', 'op'] as const)
      this[name] = larger(this[name], Int32Array);
    const dropsFrom = new Int32Array(this.cost.length + 1);
    dropsFrom.set(this.dropsFrom);
    this.dropsFrom = dropsFrom;
    this.isAlive = larger(this.isAlive, Uint8Array);
  }

  reserveStatus(length: number): number {
    while (this.statusCount + length > this.status.length) {
      this.status = larger(this.status, Uint8Array);
      this.canonical = larger(this.canonical, Uint8Array);
    }
    const at = this.statusCount;
    this.statusCount += length;
    return at;
  }
}

type Numbers = Float64Array | Int32Array | Uint8Array;
export function larger<T extends Numbers>(array: T, make: new (length: number) => T): T {
  const copy = new make(array.length * 2);
  copy.set(array);
  return copy;
}
