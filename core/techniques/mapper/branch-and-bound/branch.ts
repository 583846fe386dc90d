/**
 * Branch and bound over whole mappings, from the outermost level in: factors and order of its loops, then how its
 * fan-out is used, then the next level with what is left. Complete up to LoopOrders' equivalence and the order of
 * spatial loops; nodes are taken best bound first, and left when their bound is no better than the best mapping.
 */

import type { ReuseRule } from '#core/mapping/accesses.ts';
import type { MappingObjective } from '#core/mapping/mapper.ts';
import { fanout, type MemoryTree } from '#core/mapping/memory-tree.ts';
import type { Workload } from '#core/mapping/workload.ts';
import { Bound } from './bound.ts';
import { divisors, type Spread, spreads } from './factors.ts';
import type { LoopOrders } from './orders.ts';
import type { Incumbent } from './state.ts';

interface Choice {
  readonly bound: number;
  readonly factors: readonly number[];
  readonly order: readonly number[];
  readonly spread: Spread | null;
  readonly rest: readonly number[];
}

export class Branch {
  readonly #tree: MemoryTree;
  readonly #workload: Workload;
  readonly #orders: LoopOrders;
  readonly #incumbent: Incumbent;
  readonly #bound: Bound;
  readonly #limit: number;
  readonly #divisors = new Map<number, readonly number[]>();
  readonly #spreads = new Map<string, readonly Spread[]>();

  /** Stops when `limit` nests and bounds have been counted in all. */
  constructor(
    tree: MemoryTree,
    workload: Workload,
    orders: LoopOrders,
    incumbent: Incumbent,
    settings: { readonly objective: MappingObjective; readonly reuse: ReuseRule; readonly limit: number },
  ) {
    this.#tree = tree;
    this.#workload = workload;
    this.#orders = orders;
    this.#incumbent = incumbent;
    this.#bound = new Bound(tree, workload, incumbent.kernel, settings.objective, settings.reuse);
    this.#limit = settings.limit;
  }

  /** Searches all mappings that keep what the kernel's `keep` says; false when the budget ended before. */
  run(): boolean {
    const sizes = this.#workload.dimensions.map(({ size }) => size);
    const outermost = this.#tree.levels.length - 1;
    if (this.rootBound() >= this.#incumbent.value) return true;
    return !this.#isHopeless(outermost, sizes) && this.#level(outermost, sizes);
  }

  /** The tiles of the first decision alone would take more than the budget: it is better spent otherwise. */
  #isHopeless(outermost: number, sizes: readonly number[]): boolean {
    if (outermost === 0 || this.#tree.levels[outermost]!.isDummy) return false;
    let tiles = 0;
    for (const _ of this.#tiles(outermost - 1, sizes))
      if (++tiles > (this.#limit - this.#incumbent.evaluations) / 4) return true;
    return false;
  }

  /** No mapping that keeps what the kernel's `keep` says has a smaller value. */
  rootBound(): number {
    const sizes = this.#workload.dimensions.map(({ size }) => size);
    this.#put(this.#tree.levels.length, sizes);
    return this.#bound.of(this.#tree.levels.length);
  }

  get #isSpent(): boolean {
    return this.#incumbent.isCancelled || this.#incumbent.evaluations >= this.#limit;
  }

  /** Puts the extents that are left into the level below and nothing further in. */
  #put(level: number, rest: readonly number[]): void {
    const { kernel } = this.#incumbent;
    const { dimensions } = kernel;
    kernel.temporal.fill(1, 0, level * dimensions);
    kernel.spatial.fill(1, 0, level * dimensions);
    kernel.temporal.set(rest, (level - 1) * dimensions);
  }

  #set(level: number, factors: readonly number[], order: readonly number[], spread: Spread | null): void {
    const { kernel } = this.#incumbent;
    const base = level * kernel.dimensions;
    kernel.temporal.set(factors, base);
    kernel.temporalOrder.set(order, base);
    if (spread === null) kernel.spatial.fill(1, base, base + kernel.dimensions);
    else {
      kernel.spatial.set(spread.factors, base);
      kernel.spatialOrder.set(spread.order, base);
      kernel.split[level] = spread.split;
    }
  }

  #level(level: number, sizes: readonly number[]): boolean {
    if (level === 0) return this.#innermost(sizes);
    const choices: Choice[] = [];
    for (const spread of this.#spreadsOf(level, sizes)) {
      const left = spread === null ? sizes : sizes.map((size, dimension) => size / spread.factors[dimension]!);
      for (const rest of this.#tree.levels[level]!.isDummy ? [left] : this.#tiles(level - 1, left)) {
        const factors = left.map((size, dimension) => size / rest[dimension]!);
        for (const order of this.#orders.of(maskOf(factors))) {
          if (this.#isSpent) return false;
          this.#incumbent.spend();
          this.#put(level, rest);
          this.#set(level, factors, order, spread);
          const bound = this.#bound.of(level);
          if (bound < this.#incumbent.value) choices.push({ bound, factors, order, spread, rest });
        }
      }
    }
    choices.sort((a, b) => a.bound - b.bound);
    for (const { bound, factors, order, spread, rest } of choices) {
      if (bound >= this.#incumbent.value) return true;
      this.#set(level, factors, order, spread);
      if (!this.#level(level - 1, rest)) return false;
    }
    return true;
  }

  #innermost(sizes: readonly number[]): boolean {
    const { isDummy } = this.#tree.levels[0]!;
    for (const spread of this.#spreadsOf(0, sizes)) {
      const factors = spread === null ? sizes : sizes.map((size, dimension) => size / spread.factors[dimension]!);
      for (const order of isDummy && maskOf(factors) !== 0 ? [] : this.#orders.of(maskOf(factors))) {
        if (this.#isSpent) return false;
        this.#set(0, factors, order, spread);
        this.#incumbent.evaluate();
      }
    }
    return true;
  }

  #spreadsOf(level: number, sizes: readonly number[]): readonly (Spread | null)[] {
    const { x, y } = fanout(this.#tree, level);
    if (x * y === 1) return [null];
    const key = `${level} ${sizes.join(' ')}`;
    const known = this.#spreads.get(key);
    if (known) return known;
    const made = spreads(sizes, x, y);
    if (this.#spreads.size > 1000) this.#spreads.clear();
    this.#spreads.set(key, made);
    return made;
  }

  /** Every tile of a level that fits into it, of sizes that divide the extents left. */
  *#tiles(level: number, sizes: readonly number[]): Generator<readonly number[]> {
    const { kernel } = this.#incumbent;
    const { capacityWords, multipleBuffering } = this.#tree.levels[level]!;
    const capacity = capacityWords === null ? Infinity : Math.floor(capacityWords / multipleBuffering);
    const tile = sizes.map(() => 1);
    const kept = this.#workload.dataSpaces.filter((_, space) => kernel.keep[level * kernel.spaces + space]);
    const fits = (): boolean => {
      let words = 0;
      for (const { projection } of kept) {
        let box = 1;
        for (const rank of projection) {
          let size = 1;
          for (const { dimension, coefficient } of rank) size += Math.abs(coefficient) * (tile[dimension]! - 1);
          box *= size;
        }
        words += box;
      }
      return words <= capacity;
    };
    const every = this.#divisors;
    const of = (size: number): readonly number[] => {
      const known = every.get(size) ?? divisors(size);
      every.set(size, known);
      return known;
    };
    function* choose(dimension: number): Generator<readonly number[]> {
      if (dimension === sizes.length) {
        yield [...tile];
        return;
      }
      for (const divisor of of(sizes[dimension]!)) {
        tile[dimension] = divisor;
        // Tiles only grow with the divisor and with the dimensions to come.
        if (!fits()) break;
        yield* choose(dimension + 1);
      }
      tile[dimension] = 1;
    }
    yield* choose(0);
  }
}

function maskOf(factors: readonly number[]): number {
  let mask = 0;
  for (let dimension = 0; dimension < factors.length; dimension++) if (factors[dimension]! > 1) mask |= 1 << dimension;
  return mask;
}
