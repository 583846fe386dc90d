/**
 * Counts what a loop nest moves, in closed form: tiles, distinct words over a fan-out, new words of every step of
 * the loops above, and from them reads, fills and updates of every level and data space. One evaluation is a few
 * microseconds and allocates nothing. Equations and their source: README.md of this folder.
 */

import { Accesses, type ReuseRule } from './accesses.ts';
import { FanOut } from './fan-out.ts';
import { FloatPool, NestLoops } from './loops.ts';
import type { MemoryTree } from './memory-tree.ts';
import { computes, type Workload } from './workload.ts';

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

/** `run` counts the mapping in the inputs and leaves its results in the arrays here (level · data spaces + data space, or level). */
export class NestKernel extends NestLoops {
  /** Words of the tile, and of the part of the data space that one instance ever sees; 0 where bypassed. */
  readonly tile: Float64Array;
  readonly partition: Float64Array;
  readonly reads: Float64Array;
  readonly fills: Float64Array;
  readonly updates: Float64Array;
  /** pJ, all instances. */
  readonly energy: Float64Array;
  readonly levelCycles: Float64Array;
  /** Words a level's children take from it at once when each takes its first tile. */
  readonly distinctChildren: Float64Array;
  /** What the children take from one instance, what reaches them of it, and what one instance is given by its parent. */
  readonly taken: Float64Array;
  readonly delivered: Float64Array;
  readonly received: Float64Array;
  cycles = 0;
  energyTotal = 0;
  /** Bytes read from, filled into and written to levels off chip. */
  offChipBytes = 0;
  /** Of a mapping that is refused: where (-1: the arithmetic), what it asks for and what there is. */
  refusedLevel = -1;
  demand = 0;
  bound = 0;

  readonly #tree: MemoryTree;
  readonly #computes: number;
  /** Words of a level that one tile may take, by level. */
  readonly #capacity: Float64Array;
  readonly #fanOut: FanOut;
  readonly #accesses: Accesses;

  constructor(tree: MemoryTree, workload: Workload, reuse: ReuseRule) {
    const pool = new FloatPool();
    super(tree.levels.length, workload, pool);
    this.#tree = tree;
    this.#computes = computes(workload);
    const { levels, spaces } = this;
    this.tile = pool.take(levels * spaces);
    this.partition = pool.take(levels * spaces);
    this.reads = pool.take(levels * spaces);
    this.fills = pool.take(levels * spaces);
    this.updates = pool.take(levels * spaces);
    this.energy = pool.take(levels * spaces);
    this.received = pool.take(levels * spaces);
    this.levelCycles = pool.take(levels);
    this.#capacity = pool.take(levels);
    for (const [level, { capacityWords, multipleBuffering }] of tree.levels.entries())
      this.#capacity[level] = capacityWords === null ? Infinity : Math.floor(capacityWords / multipleBuffering);
    this.#fanOut = new FanOut(this, tree, pool);
    this.#accesses = new Accesses(this, tree, this.#fanOut, reuse, pool);
    const { distinctChildren, taken, delivered } = this.#accesses;
    this.distinctChildren = distinctChildren;
    this.taken = taken;
    this.delivered = delivered;
  }

  /** Counts the nest that is in the inputs; results are valid when it answers FITS. */
  run(): Verdict {
    this.layOut();
    const verdict = this.#fit();
    if (verdict !== FITS) return verdict;
    for (let space = 0; space < this.spaces; space++) {
      this.#accesses.count(space);
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
    this.layOut();
    for (let space = 0; space < this.spaces; space++) {
      this.#accesses.count(space, lowest);
      this.#countPartitions(space);
    }
  }

  #fit(): Verdict {
    const { levels, spaces } = this;
    const { compute, levels: specs } = this.#tree;
    if (this.unitsUsed > compute.instances) return this.#refuse(TOO_MANY_UNITS, -1, this.unitsUsed, compute.instances);
    // How far the instances in use reach along X; those of a level are what its outer levels' fan-outs make.
    let x = 1;
    for (let level = 0; level < levels; level++) x *= this.usedX[level]!;
    if (x > compute.meshX) return this.#refuse(TOO_FAR_X, -1, x, compute.meshX);
    if (this.unitsUsed / x > compute.meshY) return this.#refuse(TOO_FAR_Y, -1, this.unitsUsed / x, compute.meshY);
    for (let level = 0; level < levels; level++) {
      x /= this.usedX[level]!;
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
      const width = this.usedX[level]!;
      const height = this.fan[level]! / width;
      if (width > this.#fanOut.mostX[level]!) return this.#refuse(TOO_WIDE, level, width, this.#fanOut.mostX[level]!);
      if (height > this.#fanOut.mostY[level]!) return this.#refuse(TOO_WIDE, level, height, this.#fanOut.mostY[level]!);
    }
    return FITS;
  }

  #refuse(verdict: Verdict, level: number, demand: number, bound: number): Verdict {
    this.refusedLevel = level;
    this.demand = demand;
    this.bound = bound;
    return verdict;
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
      words = Math.floor((words * size) / (fan > 1 ? this.childrenBox[outer]! : size));
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
        this.#accesses.links[outer] = 0;
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
      this.#accesses.links[at] = 0;
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
      const fromPeers =
        level + 1 < levels ? Math.floor(this.#accesses.links[at + spaces]! / this.instances[level]!) : 0;
      const accesses = this.taken[at]!;
      const share = this.received[at]! + fromPeers;
      if (this.projections.isReadWrite[space]) {
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
