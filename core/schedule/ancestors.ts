/** Operators with all that certainly run before them, as rows of bits: n²/8 bytes, 12 MB for 10,000 operators. */
export class Ancestors {
  /** How many operators certainly run before each. */
  readonly count: Int32Array;
  readonly #words: number;
  readonly #bits: Uint32Array;

  /** @param predecessors by operator, each of a lower number. */
  constructor(predecessors: readonly ArrayLike<number>[]) {
    const operators = predecessors.length;
    this.#words = (operators + 31) >>> 5;
    this.#bits = new Uint32Array(operators * this.#words);
    this.count = new Int32Array(operators);
    for (let op = 0; op < operators; op++) {
      const row = this.#row(op);
      const before = predecessors[op]!;
      for (let index = 0; index < before.length; index++) {
        const from = before[index]!;
        const other = this.#row(from);
        for (let word = 0; word <= from >>> 5; word++) row[word]! |= other[word]!;
        row[from >>> 5]! |= 1 << (from & 31);
      }
      for (let word = 0; word <= op >>> 5; word++) this.count[op]! += ones(row[word]!);
    }
  }

  /** Whether `ancestor` must run before `op`. */
  has(op: number, ancestor: number): boolean {
    return (this.#bits[op * this.#words + (ancestor >>> 5)]! & (1 << (ancestor & 31))) !== 0;
  }

  /** How many operators certainly run after each. */
  descendantCounts(): Int32Array {
    const counts = new Int32Array(this.count.length);
    for (let op = 0; op < counts.length; op++) {
      const row = this.#row(op);
      for (let word = 0; word <= op >>> 5; word++)
        for (let left = row[word]!; left !== 0; left &= left - 1) counts[(word << 5) + lowest(left)]!++;
    }
    return counts;
  }

  /** Operators not among `ops` that certainly run after one and before another of them, ascending. */
  between(ops: readonly number[]): readonly number[] {
    const own = this.setOf(ops);
    const before = new Uint32Array(this.#words);
    for (const op of ops) {
      const row = this.#row(op);
      for (let word = 0; word < this.#words; word++) before[word]! |= row[word]!;
    }
    const found: number[] = [];
    for (let word = 0; word < this.#words; word++)
      for (let left = before[word]! & ~own[word]!; left !== 0; left &= left - 1) {
        const op = (word << 5) + lowest(left);
        if (this.#row(op).some((bits, at) => (bits & own[at]!) !== 0)) found.push(op);
      }
    return found;
  }

  /** Ancestors of `op` within a set that come before no other such, ascending. @param within a {@link setOf}. */
  nearest(op: number, within: Uint32Array): readonly number[] {
    const rest = this.#row(op).map((bits, word) => bits & within[word]!);
    const found: number[] = [];
    for (let word = op >>> 5; word >= 0; word--)
      while (rest[word] !== 0) {
        const bit = 31 - Math.clz32(rest[word]!);
        const near = (word << 5) + bit;
        found.push(near);
        const row = this.#row(near);
        for (let at = 0; at <= word; at++) rest[at]! &= ~row[at]!;
        rest[word]! &= ~(1 << bit);
      }
    return found.reverse();
  }

  /** Operators as bits. */
  setOf(ops: Iterable<number>): Uint32Array {
    const set = new Uint32Array(this.#words);
    for (const op of ops) set[op >>> 5]! |= 1 << (op & 31);
    return set;
  }

  #row(op: number): Uint32Array {
    return this.#bits.subarray(op * this.#words, (op + 1) * this.#words);
  }
}

function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

const lowest = (word: number): number => 31 - Math.clz32(word & -word);
