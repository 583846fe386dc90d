/**
 * What the children of every level take from it over all steps of the loops above: words new to a child (README, "New
 * words"), those one read serves to several (multicast), and those that come from a neighbour. Bypasses are not looked at.
 */
import type { FanOut } from './fan-out.ts';
import type { FloatPool, NestLoops } from './loops.ts';
import type { MemoryTree } from './memory-tree.ts';

/**
 * What of a tile stays when the next one overlaps it. `timeloop`: what Timeloop counts (v3.0 and v4 to 2024): only two
 * iterations of each loop are looked at, and an overlap counts only while the tile moves by the same step as before;
 * data may also come from a neighbour that had it one step earlier. `exact`: the overlap of the two tiles, always.
 */
export type ReuseRule = 'timeloop' | 'exact';

/** Arrays by level · data spaces + data space. */
export class Accesses {
  /** Words a level's children take from it at once when each takes its first tile. */
  readonly distinctChildren: Float64Array;
  /** Words the children take from one instance over all steps, what reaches them of it, and what they take from each other. */
  readonly taken: Float64Array;
  readonly delivered: Float64Array;
  readonly links: Float64Array;

  readonly #nest: NestLoops;
  readonly #tree: MemoryTree;
  readonly #isTimeloop: boolean;
  readonly #fanOut: FanOut;
  readonly #first: Float64Array;
  readonly #running: Float64Array;
  readonly #step: Float64Array;

  constructor(nest: NestLoops, tree: MemoryTree, fanOut: FanOut, reuse: ReuseRule, pool: FloatPool) {
    const { levels, spaces, ranks } = nest;
    this.#nest = nest;
    this.#tree = tree;
    this.#fanOut = fanOut;
    this.#isTimeloop = reuse === 'timeloop';
    this.distinctChildren = pool.take(levels * spaces);
    this.taken = pool.take(levels * spaces);
    this.delivered = pool.take(levels * spaces);
    this.links = pool.take(levels * spaces);
    this.#first = pool.take(ranks);
    this.#running = pool.take(ranks);
    this.#step = pool.take(ranks);
  }

  /** Counts one data space at the levels from `lowest` up. */
  count(space: number, lowest = 0): void {
    const { levels, spaces, fan, computeCycles, projections } = this.#nest;
    for (let level = lowest; level < levels; level++) {
      const at = level * spaces + space;
      const children = fan[level]!;
      const { multicast, spatialReduction } = this.#tree.levels[level]!;
      const merges = projections.isReadWrite[space] ? spatialReduction : multicast;
      const distinct = children === 1 ? 1 : merges ? this.#fanOut.distinct(level, space) : children;
      this.distinctChildren[at] = distinct;
      this.links[at] = 0;
      const mayLink = this.#isTimeloop && children > 1;
      if (mayLink && level === 0) this.#pointLinks(space, distinct, merges);
      else if (mayLink && !projections.isSimple[space]) this.#slidingLinks(level, space, distinct, merges);
      else {
        const words =
          level === 0
            ? computeCycles
            : projections.isSimple[space]
              ? this.#simpleWords(level, space)
              : this.#slidingWords(level, space);
        this.taken[at] = words * distinct;
        this.delivered[at] = words * children;
      }
    }
  }

  /**
   * Words that are new to one child over all steps: a full tile for every change; loops that do not move it inside the
   * first that does are free.
   */
  #simpleWords(level: number, space: number): number {
    const { loops, firstLoop, loopDimension, boxes, spaces, outerCount, projections } = this.#nest;
    const relevant = projections.relevant[space]!;
    let loop = firstLoop[level]!;
    while (loop < loops && (relevant & (1 << loopDimension[loop]!)) === 0) loop++;
    return boxes[(level - 1) * spaces + space]! * outerCount[loop]!;
  }

  /** How far one iteration of the loop moves every rank of the data space, into `into`. */
  #move(loop: number, space: number, into: Float64Array): void {
    const { rankStart, termStart, termDimension, termCoefficient } = this.#nest.projections;
    const dimension = this.#nest.loopDimension[loop]!;
    const stride = this.#nest.loopStride[loop]!;
    for (let rank = rankStart[space]!; rank < rankStart[space + 1]!; rank++) {
      let move = 0;
      for (let term = termStart[rank]!; term < termStart[rank + 1]!; term++)
        if (termDimension[term] === dimension) move += termCoefficient[term]! * stride;
      into[rank] = move;
    }
  }

  /** Words that two tiles of `level` have in common when one is the other moved by `by`. */
  #overlap(level: number, space: number, by: Float64Array): number {
    const { ranks, rankExtent, projections } = this.#nest;
    let words = 1;
    for (let rank = projections.rankStart[space]!; rank < projections.rankStart[space + 1]!; rank++) {
      const common = rankExtent[level * ranks + rank]! - Math.abs(by[rank]!);
      if (common <= 0) return 0;
      words *= common;
    }
    return words;
  }

  /** As #simpleWords for tiles that may overlap; see ReuseRule. */
  #slidingWords(level: number, space: number): number {
    const { loops, loopCount, outerCount, boxes, spaces, firstLoop, projections } = this.#nest;
    const tile = boxes[(level - 1) * spaces + space]!;
    const from = firstLoop[level]!;
    let words = tile;
    if (from === loops) return words;
    const start = projections.rankStart[space]!;
    const end = projections.rankStart[space + 1]!;
    this.#move(from, space, this.#first);
    const slab = tile - this.#overlap(level - 1, space, this.#first);
    const running = this.#running;
    for (let rank = start; rank < end; rank++) running[rank] = 0;
    for (let loop = from; loop < loops; loop++) {
      const count = loopCount[loop]!;
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
      words += (count - 1) * outerCount[loop + 1]! * fresh;
    }
    return words;
  }

  /**
   * Adds steps that each bring `words` to every child; with links when `by` is how far the tiles moved since the step before
   * and those had the same shape.
   */
  #addSteps(
    level: number,
    space: number,
    weight: number,
    words: number,
    distinct: number,
    merges: boolean,
    by: Float64Array | null,
  ): void {
    const at = level * this.#nest.spaces + space;
    const fan = this.#nest.fan[level]!;
    const fanOut = this.#fanOut;
    if (by !== null && words > 0 && fanOut.passesOn(level, space, by, merges) && fanOut.fresh < distinct) {
      this.taken[at]! += weight * words * fanOut.fresh;
      this.delivered[at]! += weight * words * (fan - fanOut.linked);
      this.links[at]! += weight * words * fanOut.linked;
      return;
    }
    this.taken[at]! += weight * words * distinct;
    this.delivered[at]! += weight * words * fan;
  }

  /** Arithmetic units below one level: every step takes one word each, from the level or from a neighbour that had it. */
  #pointLinks(space: number, distinct: number, merges: boolean): void {
    const { loops, loopCount, outerCount, projections } = this.#nest;
    const start = projections.rankStart[space]!;
    const end = projections.rankStart[space + 1]!;
    this.taken[space] = 0;
    this.delivered[space] = 0;
    this.#fanOut.span(0, space);
    this.#addSteps(0, space, 1, 1, distinct, merges, null);
    const running = this.#running;
    for (let rank = start; rank < end; rank++) running[rank] = 0;
    for (let loop = 0; loop < loops; loop++) {
      const step = this.#step;
      this.#move(loop, space, step);
      for (let rank = start; rank < end; rank++) {
        const move = step[rank]!;
        step[rank] = move - running[rank]!;
        running[rank]! += move;
      }
      const weight = (loopCount[loop]! - 1) * outerCount[loop + 1]!;
      this.#addSteps(0, space, weight, 1, distinct, merges, step);
    }
  }

  /** As #slidingWords under the rule of Timeloop for children that may pass data on. */
  #slidingLinks(level: number, space: number, distinct: number, merges: boolean): void {
    const { loops, loopCount, outerCount, boxes, spaces, firstLoop, projections } = this.#nest;
    const at = level * spaces + space;
    const start = projections.rankStart[space]!;
    const end = projections.rankStart[space + 1]!;
    this.taken[at] = 0;
    this.delivered[at] = 0;
    const tile = boxes[(level - 1) * spaces + space]!;
    this.#addSteps(level, space, 1, tile, distinct, merges, null);
    const from = firstLoop[level]!;
    if (from === loops) return;
    this.#fanOut.span(level, space);
    const first = this.#first;
    this.#move(from, space, first);
    const slab = tile - this.#overlap(level - 1, space, first);
    const isSlabWhole = slab === tile;
    const innerSteps = loopCount[from]! - 1;
    // Steps of the innermost loop whose step before brought a slab too, not a whole tile.
    let afterSlab = 0;
    const running = this.#running;
    for (let rank = start; rank < end; rank++) running[rank] = first[rank]!;
    for (let loop = from + 1; loop < loops; loop++) {
      const step = this.#step;
      this.#move(loop, space, step);
      let isFirst = true;
      for (let rank = start; rank < end; rank++) {
        const move = step[rank]!;
        step[rank] = move - running[rank]!;
        running[rank]! += move;
        if (step[rank] !== first[rank]) isFirst = false;
      }
      const weight = (loopCount[loop]! - 1) * outerCount[loop + 1]!;
      if (isFirst) {
        afterSlab += innerSteps * weight;
        this.#addSteps(level, space, weight, slab, distinct, merges, first);
      } else this.#addSteps(level, space, weight, tile, distinct, merges, isSlabWhole ? step : null);
    }
    const inner = innerSteps * outerCount[from + 1]!;
    if (isSlabWhole) this.#addSteps(level, space, inner, slab, distinct, merges, first);
    else {
      this.#addSteps(level, space, afterSlab, slab, distinct, merges, first);
      this.#addSteps(level, space, inner - afterSlab, slab, distinct, merges, null);
    }
  }
}
