/** A set of whole numbers as ascending, disjoint, non-adjacent half-open intervals. */
export class IntervalSet {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Adds [from, to) and returns the parts of it that were not there, ascending. */
  add(from: number, to: number): readonly (readonly [from: number, to: number])[] {
    if (from >= to) return [];
    // Intervals first … last − 1 touch [from, to).
    const first = this.#firstEndingAt(from);
    let last = first;
    const fresh: (readonly [number, number])[] = [];
    let at = from;
    let [least, most] = [from, to];
    while (last < this.#starts.length && this.#starts[last]! <= to) {
      const [start, end] = [this.#starts[last]!, this.#ends[last]!];
      if (at < start) fresh.push([at, start]);
      at = Math.max(at, end);
      least = Math.min(least, start);
      most = Math.max(most, end);
      last++;
    }
    if (at < to) fresh.push([at, to]);
    this.#starts.splice(first, last - first, least);
    this.#ends.splice(first, last - first, most);
    return fresh;
  }

  intervals(): readonly (readonly [from: number, to: number])[] {
    return this.#starts.map((start, index) => [start, this.#ends[index]!]);
  }

  /** How many numbers are in it. */
  get size(): number {
    return this.#starts.reduce((sum, start, index) => sum + this.#ends[index]! - start, 0);
  }

  /** Index of the first interval that ends at or after `place`. */
  #firstEndingAt(place: number): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#ends[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
