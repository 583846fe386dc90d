/**
 * A nest laid out: from the factors and orders of every level the temporal loops that iterate, with what each moves, the
 * extents of all tiles, and how many children and instances are in use. On typed arrays, without allocation.
 */
import type { Mapping } from './mapping.ts';
import { type Projections, projectionsOf } from './projections.ts';
import type { Workload } from './workload.ts';

/** Hands out stretches of one buffer: many small ones would cost more than the counting. */
export class FloatPool {
  #buffer = new Float64Array(512);
  #used = 0;

  take(length: number): Float64Array {
    if (this.#used + length > this.#buffer.length) {
      this.#buffer = new Float64Array(Math.max(512, length));
      this.#used = 0;
    }
    this.#used += length;
    return this.#buffer.subarray(this.#used - length, this.#used);
  }
}

/**
 * Inputs are written into `temporal`, `spatial` (level · dimensions + dimension), `temporalOrder`, `spatialOrder`
 * (level · dimensions + position), `split` (level) and `keep` (level · data spaces + data space). The factors of a
 * dimension must multiply to its size; nothing checks it here. What else is here `layOut` writes.
 */
export class NestLoops {
  readonly levels: number;
  readonly dimensions: number;
  readonly spaces: number;
  readonly projections: Projections;
  /** Ranks of all data spaces together. */
  readonly ranks: number;

  readonly temporal: Int32Array;
  readonly spatial: Int32Array;
  readonly temporalOrder: Int32Array;
  readonly spatialOrder: Int32Array;
  readonly split: Int32Array;
  readonly keep: Uint8Array;

  /** Temporal loops with more than one iteration, innermost first; the first of each level. */
  loops = 0;
  readonly firstLoop: Int32Array;
  readonly loopDimension: Int32Array;
  readonly loopCount: Float64Array;
  /** How far one iteration moves along the loop's dimension. */
  readonly loopStride: Float64Array;
  /** Product of the counts of this loop and all outer ones. */
  readonly outerCount: Float64Array;
  /** How far neighbours along a spatial loop are apart (level · dimensions + dimension). */
  readonly spatialStride: Float64Array;
  /** Words of every level's tile, kept or not, and of what the tiles of its children cover together. */
  readonly boxes: Float64Array;
  readonly childrenBox: Float64Array;
  /** Extent of every level's tile in every rank (level · ranks + rank). */
  readonly rankExtent: Float64Array;
  /** Children of one instance that are in use, and how many of them lie side by side along X. */
  readonly fan: Float64Array;
  readonly usedX: Float64Array;
  readonly instances: Float64Array;
  computeCycles = 0;
  unitsUsed = 0;

  readonly #extent: Float64Array;

  constructor(levels: number, workload: Workload, pool: FloatPool) {
    const dimensions = workload.dimensions.length;
    const spaces = workload.dataSpaces.length;
    const most = levels * dimensions;
    this.levels = levels;
    this.dimensions = dimensions;
    this.spaces = spaces;
    this.projections = projectionsOf(workload);
    this.ranks = this.projections.termStart.length - 1;

    this.temporal = new Int32Array(most).fill(1);
    this.spatial = new Int32Array(most).fill(1);
    this.temporalOrder = Int32Array.from({ length: most }, (_, index) => index % dimensions);
    this.spatialOrder = this.temporalOrder.slice();
    this.split = new Int32Array(levels);
    this.keep = new Uint8Array(levels * spaces).fill(1);

    this.firstLoop = new Int32Array(levels);
    this.loopDimension = new Int32Array(most);
    this.loopCount = pool.take(most);
    this.loopStride = pool.take(most);
    this.outerCount = pool.take(most + 1);
    this.spatialStride = pool.take(most);
    this.boxes = pool.take(levels * spaces);
    this.childrenBox = pool.take(levels * spaces);
    this.rankExtent = pool.take(levels * this.ranks);
    this.fan = pool.take(levels);
    this.usedX = pool.take(levels);
    this.instances = pool.take(levels);
    this.#extent = pool.take(dimensions);
  }

  /** Writes a mapping into the inputs. */
  load(mapping: Mapping): void {
    const { dimensions, spaces } = this;
    for (const [level, given] of mapping.levels.entries()) {
      this.temporal.set(given.temporal, level * dimensions);
      this.spatial.set(given.spatial, level * dimensions);
      this.temporalOrder.set(given.temporalOrder, level * dimensions);
      this.spatialOrder.set(given.spatialOrder, level * dimensions);
      this.split[level] = given.split;
      for (let space = 0; space < spaces; space++) this.keep[level * spaces + space] = given.keep[space] ? 1 : 0;
    }
  }

  layOut(): void {
    const { levels, dimensions, spaces } = this;
    const extent = this.#extent.fill(1);
    let loops = 0;
    for (let level = 0; level < levels; level++) {
      const base = level * dimensions;
      let x = 1;
      let y = 1;
      for (let position = 0; position < dimensions; position++) {
        const dimension = this.spatialOrder[base + position]!;
        const factor = this.spatial[base + dimension]!;
        this.spatialStride[base + dimension] = extent[dimension]!;
        if (factor === 1) continue;
        extent[dimension]! *= factor;
        if (position < this.split[level]!) x *= factor;
        else y *= factor;
      }
      this.usedX[level] = x;
      this.fan[level] = x * y;
      if (x * y > 1)
        for (let space = 0; space < spaces; space++) this.childrenBox[level * spaces + space] = this.#boxOf(space, -1);
      this.firstLoop[level] = loops;
      for (let position = 0; position < dimensions; position++) {
        const dimension = this.temporalOrder[base + position]!;
        const factor = this.temporal[base + dimension]!;
        if (factor === 1) continue;
        this.loopDimension[loops] = dimension;
        this.loopCount[loops] = factor;
        this.loopStride[loops] = extent[dimension]!;
        extent[dimension]! *= factor;
        loops++;
      }
      for (let space = 0; space < spaces; space++) this.boxes[level * spaces + space] = this.#boxOf(space, level);
    }
    this.loops = loops;
    let outer = 1;
    this.outerCount[loops] = 1;
    for (let loop = loops - 1; loop >= 0; loop--) {
      outer *= this.loopCount[loop]!;
      this.outerCount[loop] = outer;
    }
    this.computeCycles = outer;
    let above = 1;
    for (let level = levels - 1; level >= 0; level--) {
      this.instances[level] = above;
      above *= this.fan[level]!;
    }
    this.unitsUsed = above;
  }

  /** Words of the box over the present extents; its extent in every rank is remembered for a level ≥ 0. */
  #boxOf(space: number, level: number): number {
    const { rankStart, termStart, termDimension, termCoefficient } = this.projections;
    let words = 1;
    for (let rank = rankStart[space]!; rank < rankStart[space + 1]!; rank++) {
      let size = 1;
      for (let term = termStart[rank]!; term < termStart[rank + 1]!; term++)
        size += Math.abs(termCoefficient[term]!) * (this.#extent[termDimension[term]!]! - 1);
      if (level >= 0) this.rankExtent[level * this.ranks + rank] = size;
      words *= size;
    }
    return words;
  }
}
