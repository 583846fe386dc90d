/**
 * Counts what a loop nest moves, in closed form: tiles, distinct words over a fan-out, new words of every step of
 * the loops above, and from them reads, fills and updates of every level and data space. One evaluation is a few
 * microseconds and allocates nothing. Equations and their source: README.md of this folder.
 */

import type { Mapping } from './mapping.ts';
import { fanout, type MemoryTree } from './memory-tree.ts';
import type { Workload } from './workload.ts';

/**
 * What of a tile stays when the next one overlaps it. `timeloop`: what Timeloop counts (v3.0 and v4 to 2024): only two
 * iterations of each loop are looked at, and an overlap counts only while the tile moves by the same step as before;
 * data may also come from a neighbour that had it one step earlier. `exact`: the overlap of the two tiles, always.
 */
export type ReuseRule = 'timeloop' | 'exact';

export const FITS = 0;
export const TOO_MANY_UNITS = 1;
export const TOO_LARGE = 2;
export const TOO_SMALL = 3;
export const TOO_MANY_INSTANCES = 4;
export const TOO_FAR_X = 5;
export const TOO_FAR_Y = 6;
export const TOO_WIDE = 7;
export type Verdict =
  | typeof FITS
  | typeof TOO_MANY_UNITS
  | typeof TOO_LARGE
  | typeof TOO_SMALL
  | typeof TOO_MANY_INSTANCES
  | typeof TOO_FAR_X
  | typeof TOO_FAR_Y
  | typeof TOO_WIDE;

/**
 * Inputs are written into `temporal`, `spatial` (level · dimensions + dimension), `temporalOrder`, `spatialOrder`
 * (level · dimensions + position), `split` (level) and `keep` (level · data spaces + data space); `run` leaves its
 * results in the arrays below them. The factors of a dimension must multiply to its size; nothing checks it here.
 */
export class NestKernel {
  readonly levels: number;
  readonly dimensions: number;
  readonly spaces: number;

  readonly temporal: Int32Array;
  readonly spatial: Int32Array;
  readonly temporalOrder: Int32Array;
  readonly spatialOrder: Int32Array;
  readonly split: Int32Array;
  readonly keep: Uint8Array;

  /** Words of the tile, and of the part of the data space that one instance ever sees; 0 where bypassed. */
  readonly tile: Float64Array;
  readonly partition: Float64Array;
  readonly reads: Float64Array;
  readonly fills: Float64Array;
  readonly updates: Float64Array;
  /** pJ, all instances. */
  readonly energy: Float64Array;
  readonly instances: Float64Array;
  readonly levelCycles: Float64Array;
  /** Words a level's children take from it at once when each takes its first tile. */
  readonly distinctChildren: Float64Array;
  /** Children of one instance that are in use. */
  readonly fan: Float64Array;
  /** Words of every level's tile, kept or not. */
  readonly boxes: Float64Array;
  /** What the children take from one instance, what reaches them of it, and what one instance is given by its parent. */
  readonly taken: Float64Array;
  readonly delivered: Float64Array;
  readonly received: Float64Array;
  computeCycles = 0;
  cycles = 0;
  energyTotal = 0;
  unitsUsed = 0;
  /** Words read from, filled into and written to levels off chip, and their bytes. */
  offChipBytes = 0;
  /** Of a mapping that is refused: where (-1: the arithmetic), what it asks for and what there is. */
  refusedLevel = -1;
  demand = 0;
  bound = 0;

  readonly #tree: MemoryTree;
  readonly #isTimeloop: boolean;
  readonly #computes: number;
  // Data spaces: ranks of space s are rankStart[s]…; terms of rank r are termStart[r]…
  readonly #rankStart: Int32Array;
  readonly #termStart: Int32Array;
  readonly #termDimension: Int32Array;
  readonly #termCoefficient: Float64Array;
  /** Every rank moves with one dimension: tiles never overlap without being equal. */
  readonly #isSimple: Uint8Array;
  /** No dimension moves two ranks. */
  readonly #isIndependent: Uint8Array;
  readonly #isReadWrite: Uint8Array;
  readonly #relevant: Int32Array;
  // Levels.
  readonly #fanX: Int32Array;
  readonly #fanY: Int32Array;
  readonly #capacity: Float64Array;
  // Scratch.
  readonly #extent: Float64Array;
  readonly #spatialStride: Float64Array;
  readonly #rankExtent: Float64Array;
  readonly #usedX: Float64Array;
  readonly #box: Float64Array;
  readonly #links: Float64Array;
  readonly #loopDimension: Int32Array;
  readonly #loopCount: Float64Array;
  readonly #loopStride: Float64Array;
  readonly #firstLoop: Int32Array;
  /** Product of the counts of this loop and all outer ones. */
  readonly #outerCount: Float64Array;
  readonly #first: Float64Array;
  readonly #running: Float64Array;
  readonly #step: Float64Array;
  readonly #span: Float64Array;
  #instanceKey: Float64Array;
  readonly #keys = new Set<number>();
  #loops = 0;

  constructor(tree: MemoryTree, workload: Workload, reuse: ReuseRule) {
    const levels = tree.levels.length;
    const dimensions = workload.dimensions.length;
    const spaces = workload.dataSpaces.length;
    this.levels = levels;
    this.dimensions = dimensions;
    this.spaces = spaces;
    this.#tree = tree;
    this.#isTimeloop = reuse === 'timeloop';
    this.#computes = workload.dimensions.reduce((product, { size }) => product * size, 1);

    // One buffer for everything: that many small ones would cost more than the counting.
    const ranks = workload.dataSpaces.reduce((sum, { projection }) => sum + projection.length, 0);
    const most = levels * dimensions;
    const pool = new Float64Array(
      17 * levels * spaces + 6 * levels + 4 * most + 1 + dimensions + (levels + 4) * ranks + 64,
    );
    let used = 0;
    const floats = (length: number): Float64Array => {
      used += length;
      return pool.subarray(used - length, used);
    };

    this.temporal = new Int32Array(levels * dimensions).fill(1);
    this.spatial = new Int32Array(levels * dimensions).fill(1);
    this.temporalOrder = Int32Array.from({ length: levels * dimensions }, (_, index) => index % dimensions);
    this.spatialOrder = this.temporalOrder.slice();
    this.split = new Int32Array(levels);
    this.keep = new Uint8Array(levels * spaces).fill(1);
    this.tile = floats(levels * spaces);
    this.partition = floats(levels * spaces);
    this.reads = floats(levels * spaces);
    this.fills = floats(levels * spaces);
    this.updates = floats(levels * spaces);
    this.energy = floats(levels * spaces);
    this.distinctChildren = floats(levels * spaces);
    this.instances = floats(levels);
    this.levelCycles = floats(levels);

    const rankStart = [0];
    const termStart = [0];
    const termDimension: number[] = [];
    const termCoefficient: number[] = [];
    this.#isSimple = new Uint8Array(spaces);
    this.#isIndependent = new Uint8Array(spaces);
    this.#isReadWrite = new Uint8Array(spaces);
    this.#relevant = new Int32Array(spaces);
    for (const [space, { projection, isReadWrite }] of workload.dataSpaces.entries()) {
      const uses = new Int32Array(dimensions);
      let mostTerms = 0;
      for (const rank of projection) {
        // A dimension of size 1 moves nothing.
        const terms = rank.filter(
          ({ dimension, coefficient }) => workload.dimensions[dimension]!.size > 1 && coefficient !== 0,
        );
        for (const { dimension, coefficient } of terms) {
          termDimension.push(dimension);
          termCoefficient.push(coefficient);
          uses[dimension]!++;
          this.#relevant[space]! |= 1 << dimension;
        }
        mostTerms = Math.max(mostTerms, terms.length);
        termStart.push(termDimension.length);
      }
      rankStart.push(termStart.length - 1);
      this.#isIndependent[space] = uses.every((count) => count <= 1) ? 1 : 0;
      this.#isSimple[space] = this.#isIndependent[space] === 1 && mostTerms <= 1 ? 1 : 0;
      this.#isReadWrite[space] = isReadWrite ? 1 : 0;
    }
    this.#rankStart = Int32Array.from(rankStart);
    this.#termStart = Int32Array.from(termStart);
    this.#termDimension = Int32Array.from(termDimension);
    this.#termCoefficient = Float64Array.from(termCoefficient);

    this.#fanX = new Int32Array(levels);
    this.#fanY = new Int32Array(levels);
    this.#capacity = floats(levels);
    for (const [level, { capacityWords, multipleBuffering }] of tree.levels.entries()) {
      const { x, y } = fanout(tree, level);
      this.#fanX[level] = x;
      this.#fanY[level] = y;
      this.#capacity[level] = capacityWords === null ? Infinity : Math.floor(capacityWords / multipleBuffering);
    }
    this.#extent = floats(dimensions);
    this.#spatialStride = floats(most);
    this.#rankExtent = floats(levels * ranks);
    this.fan = floats(levels);
    this.#usedX = floats(levels);
    this.#box = floats(levels * spaces);
    this.boxes = floats(levels * spaces);
    this.taken = floats(levels * spaces);
    this.delivered = floats(levels * spaces);
    this.#links = floats(levels * spaces);
    this.received = floats(levels * spaces);
    this.#loopDimension = new Int32Array(most);
    this.#loopCount = floats(most);
    this.#loopStride = floats(most);
    this.#firstLoop = new Int32Array(levels);
    this.#outerCount = floats(most + 1);
    this.#first = floats(ranks);
    this.#running = floats(ranks);
    this.#step = floats(ranks);
    this.#span = floats(ranks);
    this.#instanceKey = floats(64);
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

  /** Counts the nest that is in the inputs; results are valid when it answers FITS. */
  run(): Verdict {
    this.#layOut();
    const verdict = this.#fit();
    if (verdict !== FITS) return verdict;
    for (let space = 0; space < this.spaces; space++) {
      this.#countAccesses(space);
      this.#countPartitions(space);
      this.#bypass(space);
      this.#count(space);
    }
    this.#time();
    return FITS;
  }

  /**
   * For bounds: lays out the nest and counts what the children of the levels from `lowest` up take, before any bypass.
   * It does not matter how the loops of inner levels are spread over them. Does not look whether anything fits.
   */
  countFrom(lowest: number): void {
    this.#layOut();
    for (let space = 0; space < this.spaces; space++) {
      this.#countAccesses(space, lowest);
      this.#countPartitions(space);
    }
  }

  /** Extents, strides, tiles and the list of temporal loops that iterate, innermost first. */
  #layOut(): void {
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
        this.#spatialStride[base + dimension] = extent[dimension]!;
        if (factor === 1) continue;
        extent[dimension]! *= factor;
        if (position < this.split[level]!) x *= factor;
        else y *= factor;
      }
      this.#usedX[level] = x;
      this.fan[level] = x * y;
      if (x * y > 1)
        for (let space = 0; space < spaces; space++) this.#box[level * spaces + space] = this.#boxOf(space, -1);
      this.#firstLoop[level] = loops;
      for (let position = 0; position < dimensions; position++) {
        const dimension = this.temporalOrder[base + position]!;
        const factor = this.temporal[base + dimension]!;
        if (factor === 1) continue;
        this.#loopDimension[loops] = dimension;
        this.#loopCount[loops] = factor;
        this.#loopStride[loops] = extent[dimension]!;
        extent[dimension]! *= factor;
        loops++;
      }
      for (let space = 0; space < spaces; space++) this.boxes[level * spaces + space] = this.#boxOf(space, level);
    }
    this.#loops = loops;
    let outer = 1;
    this.#outerCount[loops] = 1;
    for (let loop = loops - 1; loop >= 0; loop--) {
      outer *= this.#loopCount[loop]!;
      this.#outerCount[loop] = outer;
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
    const ranks = this.#span.length;
    let words = 1;
    for (let rank = this.#rankStart[space]!; rank < this.#rankStart[space + 1]!; rank++) {
      let size = 1;
      for (let term = this.#termStart[rank]!; term < this.#termStart[rank + 1]!; term++)
        size += Math.abs(this.#termCoefficient[term]!) * (this.#extent[this.#termDimension[term]!]! - 1);
      if (level >= 0) this.#rankExtent[level * ranks + rank] = size;
      words *= size;
    }
    return words;
  }

  #fit(): Verdict {
    const { levels, spaces } = this;
    const { compute, levels: specs } = this.#tree;
    if (this.unitsUsed > compute.instances) return this.#refuse(TOO_MANY_UNITS, -1, this.unitsUsed, compute.instances);
    // How far the instances in use reach along X; those of a level are what its outer levels' fan-outs make.
    let x = 1;
    for (let level = 0; level < levels; level++) x *= this.#usedX[level]!;
    if (x > compute.meshX) return this.#refuse(TOO_FAR_X, -1, x, compute.meshX);
    if (this.unitsUsed / x > compute.meshY) return this.#refuse(TOO_FAR_Y, -1, this.unitsUsed / x, compute.meshY);
    for (let level = 0; level < levels; level++) {
      x /= this.#usedX[level]!;
      let words = 0;
      for (let space = 0; space < spaces; space++)
        if (this.keep[level * spaces + space]) words += this.boxes[level * spaces + space]!;
      const capacity = this.#capacity[level]!;
      const { minimumUtilisation, instances, meshX, meshY } = specs[level]!;
      const y = this.instances[level]! / x;
      if (words > capacity) return this.#refuse(TOO_LARGE, level, words, capacity);
      if (capacity !== Infinity && words < capacity * minimumUtilisation)
        return this.#refuse(TOO_SMALL, level, words, capacity * minimumUtilisation);
      if (this.instances[level]! > instances)
        return this.#refuse(TOO_MANY_INSTANCES, level, this.instances[level]!, instances);
      if (x > meshX) return this.#refuse(TOO_FAR_X, level, x, meshX);
      if (y > meshY) return this.#refuse(TOO_FAR_Y, level, y, meshY);
    }
    // The whole fits its mesh; what is left is a fan-out that would cross from one instance's children into another's.
    for (let level = 0; level < levels; level++) {
      const width = this.#usedX[level]!;
      const height = this.fan[level]! / width;
      if (width > this.#fanX[level]!) return this.#refuse(TOO_WIDE, level, width, this.#fanX[level]!);
      if (height > this.#fanY[level]!) return this.#refuse(TOO_WIDE, level, height, this.#fanY[level]!);
    }
    return FITS;
  }

  #refuse(verdict: Verdict, level: number, demand: number, bound: number): Verdict {
    this.refusedLevel = level;
    this.demand = demand;
    this.bound = bound;
    return verdict;
  }

  /** What every level's children take from it: distinct words (one read may serve several), and words delivered. */
  #countAccesses(space: number, lowest = 0): void {
    const { spaces } = this;
    for (let level = lowest; level < this.levels; level++) {
      const at = level * spaces + space;
      const fan = this.fan[level]!;
      const { multicast, spatialReduction } = this.#tree.levels[level]!;
      const merges = this.#isReadWrite[space] ? spatialReduction : multicast;
      const distinct = fan === 1 ? 1 : merges ? this.#distinct(level, space) : fan;
      this.distinctChildren[at] = distinct;
      this.#links[at] = 0;
      const mayLink = this.#isTimeloop && fan > 1;
      if (level === 0 && mayLink) this.#pointLinks(space, distinct, merges);
      else {
        const words =
          level === 0
            ? this.computeCycles
            : this.#isSimple[space]
              ? this.#simpleWords(level, space)
              : mayLink
                ? this.#slidingLinks(level, space, distinct, merges)
                : this.#slidingWords(level, space);
        if (words < 0) continue;
        this.taken[at] = words * distinct;
        this.delivered[at] = words * fan;
      }
    }
  }

  /** Words that are new to one child over all steps: a full tile for every change; loops that do not move it inside the first that does are free. */
  #simpleWords(level: number, space: number): number {
    const relevant = this.#relevant[space]!;
    let loop = this.#firstLoop[level]!;
    while (loop < this.#loops && (relevant & (1 << this.#loopDimension[loop]!)) === 0) loop++;
    return this.boxes[(level - 1) * this.spaces + space]! * this.#outerCount[loop]!;
  }

  /** How far one iteration of the loop moves every rank of the data space, into `into`. */
  #move(loop: number, space: number, into: Float64Array): void {
    const dimension = this.#loopDimension[loop]!;
    const stride = this.#loopStride[loop]!;
    for (let rank = this.#rankStart[space]!; rank < this.#rankStart[space + 1]!; rank++) {
      let move = 0;
      for (let term = this.#termStart[rank]!; term < this.#termStart[rank + 1]!; term++)
        if (this.#termDimension[term] === dimension) move += this.#termCoefficient[term]! * stride;
      into[rank] = move;
    }
  }

  /** Words that two tiles of `level` have in common when one is the other moved by `by`. */
  #overlap(level: number, space: number, by: Float64Array): number {
    const ranks = this.#span.length;
    let words = 1;
    for (let rank = this.#rankStart[space]!; rank < this.#rankStart[space + 1]!; rank++) {
      const common = this.#rankExtent[level * ranks + rank]! - Math.abs(by[rank]!);
      if (common <= 0) return 0;
      words *= common;
    }
    return words;
  }

  /** As #simpleWords for tiles that may overlap; see ReuseRule. */
  #slidingWords(level: number, space: number): number {
    const tile = this.boxes[(level - 1) * this.spaces + space]!;
    const from = this.#firstLoop[level]!;
    let words = tile;
    if (from === this.#loops) return words;
    const start = this.#rankStart[space]!;
    const end = this.#rankStart[space + 1]!;
    this.#move(from, space, this.#first);
    const slab = tile - this.#overlap(level - 1, space, this.#first);
    const running = this.#running;
    for (let rank = start; rank < end; rank++) running[rank] = 0;
    for (let loop = from; loop < this.#loops; loop++) {
      const count = this.#loopCount[loop]!;
      const step = this.#step;
      this.#move(loop, space, step);
      // The tile moves on by this loop and back by all inner ones; Timeloop sees two iterations of each.
      const back = this.#isTimeloop ? 1 : count - 1;
      let isFirst = true;
      for (let rank = start; rank < end; rank++) {
        const move = step[rank]!;
        step[rank] = move - running[rank]!;
        running[rank]! += back * move;
        if (step[rank] !== this.#first[rank]) isFirst = false;
      }
      const fresh = isFirst ? slab : this.#isTimeloop ? tile : tile - this.#overlap(level - 1, space, step);
      words += (count - 1) * this.#outerCount[loop + 1]! * fresh;
    }
    return words;
  }

  /** Distinct offsets of the children of a level: the words one step asks for are this many tiles (or parts of them). */
  #distinct(level: number, space: number): number {
    const base = level * this.dimensions;
    if (this.#isIndependent[space]) {
      let product = 1;
      for (let rank = this.#rankStart[space]!; rank < this.#rankStart[space + 1]!; rank++) {
        // Of one rank: values of a·i (+ b·j) over i < n (and j < m).
        let [n, a, m, b, terms] = [1, 0, 1, 0, 0];
        for (let term = this.#termStart[rank]!; term < this.#termStart[rank + 1]!; term++) {
          const dimension = this.#termDimension[term]!;
          const factor = this.spatial[base + dimension]!;
          if (factor === 1) continue;
          const size = Math.abs(this.#termCoefficient[term]!) * this.#spatialStride[base + dimension]!;
          terms++;
          if (terms === 1) [n, a] = [factor, size];
          else [m, b] = [factor, size];
        }
        if (terms > 2) return this.#distinctKeys(level, space);
        if (terms < 2) product *= n;
        else {
          const common = greatestCommonDivisor(a, b);
          product *= n * m - Math.max(0, n - b / common) * Math.max(0, m - a / common);
        }
      }
      return product;
    }
    return this.#distinctKeys(level, space);
  }

  #distinctKeys(level: number, space: number): number {
    const fan = this.#keyInstances(level, space);
    this.#keys.clear();
    for (let instance = 0; instance < fan; instance++) this.#keys.add(this.#instanceKey[instance]!);
    return this.#keys.size;
  }

  /** One number for the offset of every child; differences of numbers are differences of offsets. Leaves the spans of the ranks behind. */
  #keyInstances(level: number, space: number): number {
    const base = level * this.dimensions;
    const fan = this.fan[level]!;
    if (this.#instanceKey.length < fan) this.#instanceKey = new Float64Array(2 * fan);
    const keys = this.#instanceKey;
    keys[0] = 0;
    this.#spans(level, space);
    let filled = 1;
    for (let position = 0; position < this.dimensions; position++) {
      const dimension = this.spatialOrder[base + position]!;
      const factor = this.spatial[base + dimension]!;
      if (factor === 1) continue;
      let move = 0;
      let weight = 1;
      for (let rank = this.#rankStart[space]!; rank < this.#rankStart[space + 1]!; rank++) {
        for (let term = this.#termStart[rank]!; term < this.#termStart[rank + 1]!; term++)
          if (this.#termDimension[term] === dimension)
            move += weight * this.#termCoefficient[term]! * this.#spatialStride[base + dimension]!;
        weight *= 2 * this.#span[rank]! + 1;
      }
      for (let index = filled; index < filled * factor; index++) keys[index] = keys[index - filled]! + move;
      filled *= factor;
    }
    return fan;
  }

  /** How far apart the children of a level lie in every rank at most. */
  #spans(level: number, space: number): void {
    const base = level * this.dimensions;
    for (let rank = this.#rankStart[space]!; rank < this.#rankStart[space + 1]!; rank++) {
      let span = 0;
      for (let term = this.#termStart[rank]!; term < this.#termStart[rank + 1]!; term++) {
        const dimension = this.#termDimension[term]!;
        span +=
          Math.abs(this.#termCoefficient[term]!) *
          this.#spatialStride[base + dimension]! *
          (this.spatial[base + dimension]! - 1);
      }
      this.#span[rank] = span;
    }
  }

  /** Adds steps that each bring `words` to every child; with links when `by` is how far the tiles moved since the step before and those had the same shape. */
  #addSteps(
    level: number,
    space: number,
    weight: number,
    words: number,
    distinct: number,
    merges: boolean,
    by: Float64Array | null,
  ): void {
    const at = level * this.spaces + space;
    const fan = this.fan[level]!;
    if (by !== null && words > 0) {
      let key = 0;
      let scale = 1;
      let isNear = true;
      for (let rank = this.#rankStart[space]!; rank < this.#rankStart[space + 1]!; rank++) {
        if (Math.abs(by[rank]!) > this.#span[rank]!) isNear = false;
        key += scale * by[rank]!;
        scale *= 2 * this.#span[rank]! + 1;
      }
      if (isNear) {
        this.#keyInstances(level, space);
        const keys = this.#instanceKey;
        const x = this.#usedX[level]!;
        const width = Math.max(this.#fanX[level]!, x);
        const height = Math.max(this.#fanY[level]!, fan / x);
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
        if (this.#keys.size < distinct) {
          this.taken[at]! += weight * words * this.#keys.size;
          this.delivered[at]! += weight * words * (fan - linked);
          this.#links[at]! += weight * words * linked;
          return;
        }
      }
    }
    this.taken[at]! += weight * words * distinct;
    this.delivered[at]! += weight * words * fan;
  }

  /** Arithmetic units below one level: every step takes one word each, from the level or from a neighbour that had it. */
  #pointLinks(space: number, distinct: number, merges: boolean): void {
    const start = this.#rankStart[space]!;
    const end = this.#rankStart[space + 1]!;
    this.taken[space] = 0;
    this.delivered[space] = 0;
    this.#spans(0, space);
    this.#addSteps(0, space, 1, 1, distinct, merges, null);
    const running = this.#running;
    for (let rank = start; rank < end; rank++) running[rank] = 0;
    for (let loop = 0; loop < this.#loops; loop++) {
      const step = this.#step;
      this.#move(loop, space, step);
      for (let rank = start; rank < end; rank++) {
        const move = step[rank]!;
        step[rank] = move - running[rank]!;
        running[rank]! += move;
      }
      const weight = (this.#loopCount[loop]! - 1) * this.#outerCount[loop + 1]!;
      this.#addSteps(0, space, weight, 1, distinct, merges, step);
    }
  }

  /** #slidingWords under the rule of Timeloop for children that may pass data on; answers -1, everything is added. */
  #slidingLinks(level: number, space: number, distinct: number, merges: boolean): number {
    const at = level * this.spaces + space;
    const start = this.#rankStart[space]!;
    const end = this.#rankStart[space + 1]!;
    this.taken[at] = 0;
    this.delivered[at] = 0;
    const tile = this.boxes[(level - 1) * this.spaces + space]!;
    this.#addSteps(level, space, 1, tile, distinct, merges, null);
    const from = this.#firstLoop[level]!;
    if (from === this.#loops) return -1;
    this.#spans(level, space);
    const first = this.#first;
    this.#move(from, space, first);
    const slab = tile - this.#overlap(level - 1, space, first);
    const isSlabWhole = slab === tile;
    const innerSteps = this.#loopCount[from]! - 1;
    // Steps of the innermost loop whose step before brought a slab too, not a whole tile.
    let afterSlab = 0;
    const running = this.#running;
    for (let rank = start; rank < end; rank++) running[rank] = first[rank]!;
    for (let loop = from + 1; loop < this.#loops; loop++) {
      const step = this.#step;
      this.#move(loop, space, step);
      let isFirst = true;
      for (let rank = start; rank < end; rank++) {
        const move = step[rank]!;
        step[rank] = move - running[rank]!;
        running[rank]! += move;
        if (step[rank] !== first[rank]) isFirst = false;
      }
      const weight = (this.#loopCount[loop]! - 1) * this.#outerCount[loop + 1]!;
      if (isFirst) {
        afterSlab += innerSteps * weight;
        this.#addSteps(level, space, weight, slab, distinct, merges, first);
      } else this.#addSteps(level, space, weight, tile, distinct, merges, isSlabWhole ? step : null);
    }
    const inner = innerSteps * this.#outerCount[from + 1]!;
    if (isSlabWhole) this.#addSteps(level, space, inner, slab, distinct, merges, first);
    else {
      this.#addSteps(level, space, afterSlab, slab, distinct, merges, first);
      this.#addSteps(level, space, inner - afterSlab, slab, distinct, merges, null);
    }
    return -1;
  }

  /** The share of a data space that one instance sees in all, and what of its parent's traffic is its own. */
  #countPartitions(space: number): void {
    const { levels, spaces } = this;
    let words = this.boxes[(levels - 1) * spaces + space]!;
    this.partition[(levels - 1) * spaces + space] = words;
    this.received[(levels - 1) * spaces + space] = 0;
    for (let level = levels - 2; level >= 0; level--) {
      const at = level * spaces + space;
      const outer = at + spaces;
      const fan = this.fan[level + 1]!;
      const size = this.boxes[at]!;
      words = Math.floor((words * size) / (fan > 1 ? this.#box[outer]! : size));
      this.partition[at] = words;
      this.received[at] = this.delivered[outer]! / fan;
    }
  }

  /** A level that is bypassed: its children take from the next outer level what they would have taken from it. */
  #bypass(space: number): void {
    const { levels, spaces } = this;
    for (let level = 0; level < levels; level++) {
      const at = level * spaces + space;
      if (this.keep[at]) {
        this.tile[at] = this.boxes[at]!;
        continue;
      }
      if (level + 1 < levels) {
        const outer = at + spaces;
        const more = (this.taken[at]! * this.fan[level + 1]!) / this.delivered[outer]!;
        this.taken[outer]! *= more;
        this.delivered[outer]! *= more;
        this.#links[outer] = 0;
      }
      this.tile[at] = 0;
      this.partition[at] = 0;
      this.taken[at] = 0;
      this.received[at] = 0;
    }
    for (let level = levels - 1; level >= 0; level--) {
      const at = level * spaces + space;
      this.received[at] = 0;
      if (this.keep[at]) break;
      this.#links[at] = 0;
    }
  }

  #count(space: number): void {
    const { levels, spaces } = this;
    let isOutermost = true;
    for (let level = levels - 1; level >= 0; level--) {
      const at = level * spaces + space;
      if (!this.keep[at]) {
        this.reads[at] = 0;
        this.fills[at] = 0;
        this.updates[at] = 0;
        this.energy[at] = 0;
        continue;
      }
      const fromPeers = level + 1 < levels ? Math.floor(this.#links[at + spaces]! / this.instances[level]!) : 0;
      const accesses = this.taken[at]!;
      const share = this.received[at]! + fromPeers;
      if (this.#isReadWrite[space]) {
        // The first update of a word writes it; every further one reads, adds and writes.
        const partition = this.partition[at]!;
        this.updates[at] = Math.round(accesses);
        this.reads[at] = Math.round(accesses + fromPeers - partition);
        this.fills[at] = Math.round(isOutermost ? share : share - partition);
      } else {
        this.updates[at] = 0;
        this.reads[at] = Math.round(accesses + fromPeers);
        this.fills[at] = Math.trunc(share);
      }
      isOutermost = false;
      const { blockSize, clusterSize, energy, instances } = this.#tree.levels[level]!;
      const arrays = Math.min(this.instances[level]!, Math.floor(instances / clusterSize));
      this.energy[at] =
        arrays *
        (Math.ceil(this.reads[at]! / blockSize) * energy.read +
          Math.ceil(this.fills[at]! / blockSize) * energy.fill +
          Math.ceil(this.updates[at]! / blockSize) * energy.update);
    }
  }

  /** Cycles: a level whose ports are too narrow stretches the whole nest. Energy and off-chip bytes: sums. */
  #time(): void {
    const { levels, spaces, computeCycles } = this;
    const specs = this.#tree.levels;
    let cycles = computeCycles;
    let energy = this.#computes * this.#tree.compute.energy;
    let bytes = 0;
    for (let level = 0; level < levels; level++) {
      let read = 0;
      let written = 0;
      for (let at = level * spaces; at < (level + 1) * spaces; at++) {
        read += this.reads[at]!;
        written += this.updates[at]! + this.fills[at]!;
        energy += this.energy[at]!;
      }
      const { readBandwidth, writeBandwidth, sharedBandwidth, isDram, wordBits } = specs[level]!;
      let speed = 1;
      if (readBandwidth !== null && read > readBandwidth * computeCycles)
        speed = Math.min(speed, readBandwidth / (read / computeCycles));
      if (writeBandwidth !== null && written > writeBandwidth * computeCycles)
        speed = Math.min(speed, writeBandwidth / (written / computeCycles));
      if (sharedBandwidth !== null && read + written > sharedBandwidth * computeCycles)
        speed = Math.min(speed, sharedBandwidth / ((read + written) / computeCycles));
      const needed = speed === 1 ? computeCycles : Math.ceil(computeCycles / speed);
      this.levelCycles[level] = needed;
      if (needed > cycles) cycles = needed;
      if (isDram) bytes += ((read + written) * this.instances[level]! * wordBits) / 8;
    }
    this.cycles = cycles;
    this.energyTotal = energy;
    this.offChipBytes = bytes;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
