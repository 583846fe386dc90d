/**
 * The children of one instance side by side: how many different offsets their tiles have (README, "Fan-out"), and which
 * of them can take from a neighbour what it had one step earlier.
 */
import { gcd } from '#core/base/gcd.ts';
import type { FloatPool, NestLoops } from './loops.ts';
import { fanout, type MemoryTree } from './memory-tree.ts';

export class FanOut {
  /** By level: as many children of one instance lie side by side along X and Y at most. */
  readonly mostX: Int32Array;
  readonly mostY: Int32Array;
  readonly #nest: NestLoops;
  readonly #span: Float64Array;
  #instanceKey: Float64Array = new Float64Array(64);
  readonly #keys = new Set<number>();
  /** Of the last step asked about: children that take from a neighbour, and what the others take from the parent. */
  linked = 0;
  fresh = 0;

  constructor(nest: NestLoops, tree: MemoryTree, pool: FloatPool) {
    this.#nest = nest;
    this.#span = pool.take(nest.ranks);
    this.mostX = new Int32Array(nest.levels);
    this.mostY = new Int32Array(nest.levels);
    for (let level = 0; level < nest.levels; level++) {
      const { x, y } = fanout(tree, level);
      this.mostX[level] = x;
      this.mostY[level] = y;
    }
  }

  /** Distinct offsets of the children of a level: the words one step asks for are this many tiles (or parts of them). */
  distinct(level: number, space: number): number {
    const { projections, spatial, spatialStride, dimensions } = this.#nest;
    const { rankStart, termStart, termDimension, termCoefficient } = projections;
    if (!projections.isIndependent[space]) return this.#distinctKeys(level, space);
    const base = level * dimensions;
    let product = 1;
    for (let rank = rankStart[space]!; rank < rankStart[space + 1]!; rank++) {
      // Of one rank: values of a·i (+ b·j) over i < n (and j < m).
      let [n, a, m, b, terms] = [1, 0, 1, 0, 0];
      for (let term = termStart[rank]!; term < termStart[rank + 1]!; term++) {
        const dimension = termDimension[term]!;
        const factor = spatial[base + dimension]!;
        if (factor === 1) continue;
        const size = Math.abs(termCoefficient[term]!) * spatialStride[base + dimension]!;
        terms++;
        if (terms === 1) [n, a] = [factor, size];
        else [m, b] = [factor, size];
      }
      if (terms > 2) return this.#distinctKeys(level, space);
      if (terms < 2) product *= n;
      else {
        const common = gcd(a, b);
        product *= n * m - Math.max(0, n - b / common) * Math.max(0, m - a / common);
      }
    }
    return product;
  }

  #distinctKeys(level: number, space: number): number {
    const fan = this.#keyInstances(level, space);
    this.#keys.clear();
    for (let instance = 0; instance < fan; instance++) this.#keys.add(this.#instanceKey[instance]!);
    return this.#keys.size;
  }

  /**
   * One number for the offset of every child; differences of numbers are differences of offsets. Leaves the spans of the
   * ranks behind.
   */
  #keyInstances(level: number, space: number): number {
    const { dimensions, spatial, spatialOrder, spatialStride, projections } = this.#nest;
    const { rankStart, termStart, termDimension, termCoefficient } = projections;
    const base = level * dimensions;
    const fan = this.#nest.fan[level]!;
    if (this.#instanceKey.length < fan) this.#instanceKey = new Float64Array(2 * fan);
    const keys = this.#instanceKey;
    keys[0] = 0;
    this.span(level, space);
    let filled = 1;
    for (let position = 0; position < dimensions; position++) {
      const dimension = spatialOrder[base + position]!;
      const factor = spatial[base + dimension]!;
      if (factor === 1) continue;
      let move = 0;
      let weight = 1;
      for (let rank = rankStart[space]!; rank < rankStart[space + 1]!; rank++) {
        for (let term = termStart[rank]!; term < termStart[rank + 1]!; term++)
          if (termDimension[term] === dimension)
            move += weight * termCoefficient[term]! * spatialStride[base + dimension]!;
        weight *= 2 * this.#span[rank]! + 1;
      }
      for (let index = filled; index < filled * factor; index++) keys[index] = keys[index - filled]! + move;
      filled *= factor;
    }
    return fan;
  }

  /** Notes how far apart the children of a level lie in every rank at most; `passesOn` goes by it. */
  span(level: number, space: number): void {
    const { dimensions, spatial, spatialStride, projections } = this.#nest;
    const { rankStart, termStart, termDimension, termCoefficient } = projections;
    const base = level * dimensions;
    for (let rank = rankStart[space]!; rank < rankStart[space + 1]!; rank++) {
      let span = 0;
      for (let term = termStart[rank]!; term < termStart[rank + 1]!; term++) {
        const at = base + termDimension[term]!;
        span += Math.abs(termCoefficient[term]!) * spatialStride[at]! * (spatial[at]! - 1);
      }
      this.#span[rank] = span;
    }
  }

  /**
   * Whether children may have what a neighbour had one step earlier, when all tiles move on by `by`; then `linked` and `fresh`
   * say how many have, and how many different tiles (where one read serves several) the others ask for.
   */
  passesOn(level: number, space: number, by: Float64Array, merges: boolean): boolean {
    const { rankStart } = this.#nest.projections;
    let key = 0;
    let scale = 1;
    for (let rank = rankStart[space]!; rank < rankStart[space + 1]!; rank++) {
      if (Math.abs(by[rank]!) > this.#span[rank]!) return false;
      key += scale * by[rank]!;
      scale *= 2 * this.#span[rank]! + 1;
    }
    const fan = this.#keyInstances(level, space);
    const keys = this.#instanceKey;
    const x = this.#nest.usedX[level]!;
    const width = Math.max(this.mostX[level]!, x);
    const height = Math.max(this.mostY[level]!, fan / x);
    this.#keys.clear();
    let linked = 0;
    for (let instance = 0; instance < fan; instance++) {
      const column = instance % width;
      const row = (instance - column) / width;
      const wanted = keys[instance]! + key;
      if (
        (column > 0 && keys[instance - 1] === wanted) ||
        (column + 1 < width && instance + 1 < fan && keys[instance + 1] === wanted) ||
        (row > 0 && keys[instance - width] === wanted) ||
        (row + 1 < height && instance + width < fan && keys[instance + width] === wanted)
      )
        linked++;
      else this.#keys.add(merges ? keys[instance]! : instance);
    }
    this.linked = linked;
    this.fresh = this.#keys.size;
    return true;
  }
}
