/**
 * Prices of tasks: the dual of the set-partition programme's relaxation over the sets known so far (Gilmore & Gomory 1961).
 * A primal simplex with the inverse of its basis, for few rows and many columns; sides are shifted a little, each by another
 * amount, for partition programmes are degenerate. Prices of tasks stay feasible under that, which is all they are for.
 */

const PIVOT = 1e-9;
const ROUNDS = 4000;
/** A set enters the basis for more than this part of the objective. */
const ENTER = 1e-10;
const SHIFT = 1e-4;

export class Master {
  readonly #rows: number;
  readonly #sets: number[] = [];
  readonly #costs: number[] = [];
  readonly #at = new Map<number, number>();
  readonly #basis: Int32Array;
  readonly #inverse: Float64Array;
  readonly #values: Float64Array;
  readonly #column: Float64Array;
  /** By task. */
  readonly prices: Float64Array;

  /** `alone`: costs of the tasks one by one, the first basis. */
  constructor(alone: readonly number[]) {
    const rows = alone.length;
    this.#rows = rows;
    this.#basis = new Int32Array(rows);
    this.#inverse = new Float64Array(rows * rows);
    this.#values = new Float64Array(rows);
    this.#column = new Float64Array(rows);
    this.prices = Float64Array.from(alone);
    alone.forEach((cost, task) => {
      this.set(1 << task, cost);
      this.#basis[task] = task;
    });
  }

  /** Sets in the basis. */
  get basis(): readonly number[] {
    return [...this.#basis].map((column) => this.#sets[column]!);
  }

  /** A new set, or what a known one costs after all; false where it cost that before. */
  set(set: number, cost: number): boolean {
    const known = this.#at.get(set);
    if (known === undefined) {
      this.#at.set(set, this.#sets.length);
      this.#sets.push(set);
      this.#costs.push(cost);
    } else if (this.#costs[known] === cost) return false;
    else this.#costs[known] = cost;
    return true;
  }

  /** Makes `prices` those of the sets known now. Deterministic; ends after so many exchanges at the latest. */
  solve(): void {
    this.#invert();
    for (let round = 0; round < ROUNDS; round++) {
      this.#price();
      const entering = this.#entering();
      if (entering < 0 || !this.#exchange(entering)) return;
    }
  }

  #price(): void {
    const { prices } = this;
    prices.fill(0);
    for (let row = 0; row < this.#rows; row++) {
      const cost = this.#costs[this.#basis[row]!]!;
      for (let task = 0; task < this.#rows; task++) prices[task]! += cost * this.#inverse[row * this.#rows + task]!;
    }
  }

  #entering(): number {
    const { prices } = this;
    let best = -1;
    let total = 0;
    for (let task = 0; task < this.#rows; task++) total += Math.abs(prices[task]!);
    let least = -ENTER * total;
    for (let column = 0; column < this.#sets.length; column++) {
      let reduced = this.#costs[column]!;
      for (let left = this.#sets[column]!; left !== 0; left &= left - 1)
        reduced -= prices[31 - Math.clz32(left & -left)]!;
      if (reduced < least) {
        least = reduced;
        best = column;
      }
    }
    return best;
  }

  /** False where nothing limits what enters, which only rounding can bring about. */
  #exchange(entering: number): boolean {
    const rows = this.#rows;
    const inverse = this.#inverse;
    const direction = this.#column;
    direction.fill(0);
    for (let left = this.#sets[entering]!; left !== 0; left &= left - 1) {
      const task = 31 - Math.clz32(left & -left);
      for (let row = 0; row < rows; row++) direction[row]! += inverse[row * rows + task]!;
    }
    let leaving = -1;
    for (let row = 0; row < rows; row++)
      if (
        direction[row]! > PIVOT &&
        (leaving < 0 || this.#values[row]! * direction[leaving]! < this.#values[leaving]! * direction[row]!)
      )
        leaving = row;
    if (leaving < 0) return false;
    const pivot = direction[leaving]!;
    for (let task = 0; task < rows; task++) inverse[leaving * rows + task]! /= pivot;
    this.#values[leaving]! /= pivot;
    for (let row = 0; row < rows; row++) {
      const factor = direction[row]!;
      if (row === leaving || factor === 0) continue;
      for (let task = 0; task < rows; task++) inverse[row * rows + task]! -= factor * inverse[leaving * rows + task]!;
      this.#values[row] = Math.max(0, this.#values[row]! - factor * this.#values[leaving]!);
    }
    this.#basis[leaving] = entering;
    return true;
  }

  /** Inverse of the basis afresh (Gauss–Jordan with row exchanges), so that rounding does not add up. */
  #invert(): void {
    const rows = this.#rows;
    const basis = Float64Array.from(
      { length: rows * rows },
      (_, at) => (this.#sets[this.#basis[at % rows]!]! >> Math.floor(at / rows)) & 1,
    );
    const inverse = this.#inverse;
    inverse.fill(0);
    for (let row = 0; row < rows; row++) inverse[row * rows + row] = 1;
    for (let at = 0; at < rows; at++) {
      let pivot = at;
      for (let row = at + 1; row < rows; row++)
        if (Math.abs(basis[row * rows + at]!) > Math.abs(basis[pivot * rows + at]!)) pivot = row;
      for (const matrix of [basis, inverse])
        for (let column = 0; column < rows; column++) {
          const moved = matrix[at * rows + column]!;
          matrix[at * rows + column] = matrix[pivot * rows + column]!;
          matrix[pivot * rows + column] = moved;
        }
      const scale = basis[at * rows + at]!;
      for (const matrix of [basis, inverse])
        for (let column = 0; column < rows; column++) matrix[at * rows + column]! /= scale;
      for (let row = 0; row < rows; row++) {
        const factor = basis[row * rows + at]!;
        if (row === at || factor === 0) continue;
        for (const matrix of [basis, inverse])
          for (let column = 0; column < rows; column++)
            matrix[row * rows + column]! -= factor * matrix[at * rows + column]!;
      }
    }
    for (let row = 0; row < rows; row++) {
      let value = 0;
      for (let task = 0; task < rows; task++)
        value += inverse[row * rows + task]! * (1 + SHIFT * ((task * GOLDEN) % 1));
      this.#values[row] = Math.max(0, value);
    }
  }
}

const GOLDEN = 0.6180339887498949;
