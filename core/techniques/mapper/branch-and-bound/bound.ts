/**
 * A value that no mapping below a node of the search can beat. At a node the levels from `decided` up have their loops;
 * the extents that are left lie in the temporal loops of level `decided` − 1. Claim: every term counts no more than a
 * completion does.
 *
 * 1. Boundaries between decided levels, and between level `decided` and a level below that keeps the data space, are
 *    counted exactly: what passes them depends on the loops above and the tile below, which are all known.
 * 2. Where the level below is bypassed the true children are smaller tiles. For a data space whose tiles do not overlap
 *    smaller tiles take at least as much (each change of the large tile changes all small ones in it); for others 0 is taken.
 * 3. Every undecided level that keeps a data space without gaps is filled with, and gives on, every word at least once.
 * 4. The innermost level that keeps a data space serves every operation; one read serves at most the whole fan-out below.
 *    0 where operands may come from neighbours. Of a result a read is saved at most once a word and instance.
 * 5. ⌈words / block⌉ ≥ words / block; a cluster's energy is shared by at most its size.
 * 6. Cycles ≥ operations / (decided fan-outs in use · undecided fan-outs), and ≥ words / bandwidth of a decided level.
 *
 * Energy and cycles are both bounded below, so is their product.
 */

import type { ReuseRule } from '#core/mapping/accesses.ts';
import type { MappingObjective } from '#core/mapping/mapper.ts';
import { fanout, type MemoryTree } from '#core/mapping/memory-tree.ts';
import type { NestKernel } from '#core/mapping/nest.ts';
import { boxWords, computes, type Workload } from '#core/mapping/workload.ts';

export class Bound {
  readonly #tree: MemoryTree;
  readonly #kernel: NestKernel;
  readonly #objective: MappingObjective;
  readonly #computes: number;
  readonly #size: readonly number[];
  /** One dimension a rank with coefficient ±1: tiles neither overlap nor have gaps. */
  readonly #isDense: readonly boolean[];
  readonly #isReadWrite: readonly boolean[];
  readonly #hardwareFan: readonly number[];
  readonly #mayPassOperands: boolean;
  /** Words per instance that children take, after bypass. */
  readonly #taken: Float64Array;
  readonly #readWords: Float64Array;
  readonly #writtenWords: Float64Array;
  #energy = 0;
  #bytes = 0;

  constructor(tree: MemoryTree, workload: Workload, kernel: NestKernel, objective: MappingObjective, reuse: ReuseRule) {
    this.#tree = tree;
    this.#kernel = kernel;
    this.#objective = objective;
    this.#computes = computes(workload);
    const sizes = workload.dimensions.map(({ size }) => size);
    this.#size = workload.dataSpaces.map((space) => boxWords(space, sizes));
    this.#isDense = workload.dataSpaces.map(({ projection }) => {
      const terms = projection.map((rank) => rank.filter(({ dimension }) => sizes[dimension]! > 1));
      const all = terms.flat().map(({ dimension }) => dimension);
      return (
        new Set(all).size === all.length &&
        terms.every((rank) => rank.length <= 1 && rank.every(({ coefficient }) => Math.abs(coefficient) === 1))
      );
    });
    this.#isReadWrite = workload.dataSpaces.map(({ isReadWrite }) => isReadWrite);
    this.#hardwareFan = tree.levels.map((_, level) => {
      const { x, y } = fanout(tree, level);
      return x * y;
    });
    this.#mayPassOperands = reuse === 'timeloop' && this.#hardwareFan[0]! > 1;
    this.#taken = new Float64Array(tree.levels.length);
    this.#readWords = new Float64Array(tree.levels.length);
    this.#writtenWords = new Float64Array(tree.levels.length);
  }

  /** The bound at the node whose loops and kept data spaces stand in the kernel. `decided` is 1 to the number of levels. */
  of(decided: number): number {
    const { levels } = this.#tree;
    this.#kernel.countFrom(decided);
    this.#energy = this.#computes * this.#tree.compute.energy;
    this.#bytes = 0;
    this.#readWords.fill(0);
    this.#writtenWords.fill(0);
    for (let space = 0; space < this.#size.length; space++) this.#add(space, decided);
    let parallel = this.#kernel.unitsUsed;
    for (let level = 0; level < decided; level++) parallel *= this.#hardwareFan[level]!;
    let cycles = this.#computes / Math.min(parallel, this.#tree.compute.instances);
    for (let level = decided; level < levels.length; level++) {
      const { readBandwidth, writeBandwidth, sharedBandwidth } = levels[level]!;
      const [read, written] = [this.#readWords[level]!, this.#writtenWords[level]!];
      if (readBandwidth !== null) cycles = Math.max(cycles, read / readBandwidth);
      if (writeBandwidth !== null) cycles = Math.max(cycles, written / writeBandwidth);
      if (sharedBandwidth !== null) cycles = Math.max(cycles, (read + written) / sharedBandwidth);
    }
    switch (this.#objective) {
      case 'cycles':
        return cycles;
      case 'energy':
        return this.#energy;
      case 'edp':
        return this.#energy * cycles;
      case 'off-chip':
        return this.#bytes;
    }
  }

  #add(space: number, decided: number): void {
    const { keep, spaces, taken, delivered, received, partition, instances, fan } = this.#kernel;
    const levels = this.#tree.levels.length;
    const isReadWrite = this.#isReadWrite[space]!;
    const isDense = this.#isDense[space]!;
    const at = (level: number): number => level * spaces + space;
    const isKept = (level: number): boolean => keep[at(level)] === 1;
    let innermost = 0;
    while (!isKept(innermost)) innermost++;
    let outermost = levels - 1;
    while (!isKept(outermost)) outermost--;

    for (let level = decided; level < levels; level++) this.#taken[level] = taken[at(level)]!;
    if (decided < levels && !isKept(decided - 1) && !isDense) this.#taken[decided] = 0;
    for (let level = decided; level + 1 < levels; level++)
      if (!isKept(level))
        this.#taken[level + 1]! *= (this.#taken[level]! * fan[level + 1]!) / delivered[at(level + 1)]!;

    let merged = 1;
    for (let level = 0; level <= innermost; level++) {
      const { multicast, spatialReduction } = this.#tree.levels[level]!;
      if (isReadWrite ? spatialReduction : multicast) merged *= this.#hardwareFan[level]!;
    }
    const operands = this.#mayPassOperands ? 0 : this.#computes / merged;
    for (let level = 0; level <= outermost; level++) {
      if (!isKept(level)) continue;
      const { instances: there } = this.#tree.levels[level]!;
      // Over all instances.
      let [out, filled, saved] = [0, 0, this.#size[space]! * there];
      if (level >= decided) {
        out = this.#taken[level]! * instances[level]!;
        if (isReadWrite) saved = partition[at(level)]! * instances[level]!;
      } else if (isDense) out = this.#size[space]!;
      if (level < outermost) {
        if (level >= decided - 1) {
          const known = received[at(level)]! - (isReadWrite ? partition[at(level)]! : 0);
          filled = Math.max(0, known) * instances[level]!;
          if (level < decided && isDense && !isReadWrite) out = Math.max(out, filled);
        } else if (isDense && !isReadWrite) filled = this.#size[space]!;
      }
      if (level === innermost) out = Math.max(out, operands);
      const reads = isReadWrite ? Math.max(0, out - saved) : out;
      this.#charge(level, reads, filled, isReadWrite ? out : 0);
      if (level >= decided) {
        this.#readWords[level]! += reads / instances[level]!;
        this.#writtenWords[level]! += (filled + (isReadWrite ? out : 0)) / instances[level]!;
      }
    }
  }

  #charge(level: number, reads: number, fills: number, updates: number): void {
    const { energy, blockSize, clusterSize, isDram, wordBits } = this.#tree.levels[level]!;
    this.#energy += (reads * energy.read + fills * energy.fill + updates * energy.update) / blockSize / clusterSize;
    if (isDram) this.#bytes += (reads + fills + updates) * (wordBits / 8);
  }
}
