/**
 * Finds good mappings fast: from a mapping that fits, small changes while they help (a prime factor to another place,
 * another order, another place along the mesh, a data space kept or not), then a few random ones and down again.
 * Random numbers are seeded: the same request finds the same mappings.
 */
import type { Rng } from '#core/base/rng.ts';
import { fanout, type MemoryTree } from '#core/mapping/memory-tree.ts';
import type { NestKernel } from '#core/mapping/nest.ts';
import type { Workload } from '#core/mapping/workload.ts';
import { primes } from './factors.ts';
import type { LoopOrders } from './orders.ts';
import { type Incumbent, restore, type Snapshot, snapshot } from './state.ts';

/** Where a factor can stand: the temporal loops of a level, or its fan-out along X or Y. */
interface Slot {
  readonly level: number;
  readonly axis: 'time' | 'x' | 'y';
}

/** Descents that begin anew, each with an equal part of the budget of a run. */
const STARTS = 3;

export class Descent {
  readonly #kernel: NestKernel;
  readonly #incumbent: Incumbent;
  readonly #orders: LoopOrders;
  readonly #rng: Rng;
  readonly #slots: readonly Slot[];
  readonly #primes: readonly (readonly number[])[];
  /** (level, data space) that may be bypassed, as positions in `keep`. */
  readonly #toggles: readonly number[];
  #value = Infinity;
  #second = Infinity;

  constructor(
    tree: MemoryTree,
    workload: Workload,
    orders: LoopOrders,
    incumbent: Incumbent,
    settings: { readonly mayBypass: boolean; readonly rng: Rng },
  ) {
    this.#kernel = incumbent.kernel;
    this.#incumbent = incumbent;
    this.#orders = orders;
    this.#rng = settings.rng;
    this.#slots = tree.levels.flatMap(({ isDummy }, level): Slot[] => {
      const { x, y } = fanout(tree, level);
      return [
        ...(isDummy ? [] : [{ level, axis: 'time' } as const]),
        ...(x > 1 ? [{ level, axis: 'x' } as const] : []),
        ...(y > 1 ? [{ level, axis: 'y' } as const] : []),
      ];
    });
    this.#primes = workload.dimensions.map(({ size }) => [...new Set(primes(size))]);
    this.#toggles = tree.levels
      .slice(0, -1)
      .flatMap(({ isDummy }, level) =>
        settings.mayBypass && !isDummy
          ? workload.dataSpaces.map((_, space) => level * workload.dataSpaces.length + space)
          : [],
      );
  }

  /** From the mapping in the kernel, until `limit` nests have been counted in all: several times anew, then on from the best. */
  run(limit: number): void {
    const start = snapshot(this.#kernel);
    const chunk = Math.ceil((limit - this.#incumbent.evaluations) / (STARTS + 1));
    for (let index = 0; index < STARTS; index++) {
      restore(this.#kernel, start);
      this.improve(Math.min(limit, this.#incumbent.evaluations + chunk));
    }
    if (this.#incumbent.best !== null) restore(this.#kernel, this.#incumbent.best);
    this.improve(limit);
  }

  /** From the mapping in the kernel: down, a few random changes, down again, and back when that was worse. */
  improve(limit: number): void {
    this.#take();
    this.#climb(limit);
    let home: Snapshot = snapshot(this.#kernel);
    let [value, second] = [this.#value, this.#second];
    while (this.#incumbent.evaluations < limit && !this.#incumbent.isCancelled) {
      for (let times = 2 + this.#rng.below(4); times > 0; times--) this.#shake();
      this.#take();
      this.#climb(limit);
      if (this.#value < value || (this.#value === value && this.#second <= second)) {
        home = snapshot(this.#kernel);
        [value, second] = [this.#value, this.#second];
      } else restore(this.#kernel, home);
    }
  }

  /** Counts the nest in the kernel and makes it the one to improve. */
  #take(): void {
    this.#incumbent.evaluate();
    this.#value = this.#incumbent.lastValue;
    this.#second = this.#incumbent.lastSecond;
  }

  /** Counts the nest in the kernel; true when it is better, and then it is the one to improve. */
  #isGain(): boolean {
    this.#incumbent.evaluate();
    if (!this.#incumbent.isBetter(this.#value, this.#second)) return false;
    this.#value = this.#incumbent.lastValue;
    this.#second = this.#incumbent.lastSecond;
    return true;
  }

  #climb(limit: number): void {
    for (let isBetter = true; isBetter; ) {
      isBetter = false;
      if (this.#moveFactors(limit)) isBetter = true;
      if (this.#changeOrders(limit)) isBetter = true;
      if (this.#toggleKeeps(limit)) isBetter = true;
      if (this.#incumbent.evaluations >= limit || this.#incumbent.isCancelled) return;
    }
  }

  #moveFactors(limit: number): boolean {
    let isBetter = false;
    for (let dimension = 0; dimension < this.#primes.length; dimension++)
      for (const prime of this.#primes[dimension]!)
        for (const from of this.#slots)
          for (const to of this.#slots) {
            if (this.#incumbent.evaluations >= limit) return isBetter;
            if (!this.#move(dimension, prime, from, to)) continue;
            if (this.#isGain()) isBetter = true;
            else this.#move(dimension, prime, to, from);
          }
    return isBetter;
  }

  #changeOrders(limit: number): boolean {
    const { temporal, temporalOrder, dimensions, levels } = this.#kernel;
    let isBetter = false;
    for (let level = 0; level < levels; level++) {
      const base = level * dimensions;
      let mask = 0;
      for (let dimension = 0; dimension < dimensions; dimension++)
        if (temporal[base + dimension]! > 1) mask |= 1 << dimension;
      for (const order of this.#orders.of(mask)) {
        if (this.#incumbent.evaluations >= limit) return isBetter;
        const before = temporalOrder.slice(base, base + dimensions);
        temporalOrder.set(order, base);
        if (this.#isGain()) isBetter = true;
        else temporalOrder.set(before, base);
      }
    }
    return isBetter;
  }

  #toggleKeeps(limit: number): boolean {
    const { keep } = this.#kernel;
    let isBetter = false;
    for (const at of this.#toggles) {
      if (this.#incumbent.evaluations >= limit) return isBetter;
      keep[at] = 1 - keep[at]!;
      if (this.#isGain()) isBetter = true;
      else keep[at] = 1 - keep[at]!;
    }
    return isBetter;
  }

  /** A random prime factor to another place; where that cannot be, now and then a data space kept or not. */
  #shake(): void {
    const rng = this.#rng;
    const dimension = rng.below(this.#primes.length);
    const choices = this.#primes[dimension]!;
    if (choices.length > 0) {
      const prime = choices[rng.below(choices.length)]!;
      const from = this.#slots[rng.below(this.#slots.length)]!;
      const to = this.#slots[rng.below(this.#slots.length)]!;
      if (this.#move(dimension, prime, from, to)) return;
    }
    if (this.#toggles.length > 0 && rng.below(8) === 0) {
      const at = this.#toggles[rng.below(this.#toggles.length)]!;
      this.#kernel.keep[at] = 1 - this.#kernel.keep[at]!;
    }
  }

  /** Moves one prime factor of a dimension; false, and nothing done, when it is not there or its axis is taken. */
  #move(dimension: number, prime: number, from: Slot, to: Slot): boolean {
    const source = this.#factorIn(dimension, from);
    if (from === to || source % prime !== 0) return false;
    // Along one axis of a fan-out at a time: what stands on the other one is not split.
    if (to.axis !== 'time' && this.#factorIn(dimension, { level: to.level, axis: to.axis === 'x' ? 'y' : 'x' }) > 1) {
      const isWhole = from.level === to.level && from.axis !== 'time' && source === prime;
      if (!isWhole) return false;
    }
    this.#place(dimension, from, source / prime);
    this.#place(dimension, to, this.#factorIn(dimension, to) * prime);
    return true;
  }

  #factorIn(dimension: number, { level, axis }: Slot): number {
    const { dimensions, temporal, spatial } = this.#kernel;
    const at = level * dimensions + dimension;
    if (axis === 'time') return temporal[at]!;
    return this.#isAlongX(level, dimension) === (axis === 'x') ? spatial[at]! : 1;
  }

  #isAlongX(level: number, dimension: number): boolean {
    const { dimensions, spatialOrder, split } = this.#kernel;
    return spatialOrder.indexOf(dimension, level * dimensions) - level * dimensions < split[level]!;
  }

  #place(dimension: number, { level, axis }: Slot, factor: number): void {
    const { dimensions, temporal, spatial, spatialOrder, split } = this.#kernel;
    const at = level * dimensions + dimension;
    if (axis === 'time') {
      temporal[at] = factor;
      return;
    }
    const isX = this.#isAlongX(level, dimension);
    spatial[at] = factor;
    if (isX === (axis === 'x') || factor === 1) return;
    // To the other side of the split.
    const base = level * dimensions;
    const position = spatialOrder.indexOf(dimension, base);
    if (axis === 'x') {
      spatialOrder.copyWithin(base + split[level]! + 1, base + split[level]!, position);
      spatialOrder[base + split[level]!] = dimension;
      split[level]!++;
    } else {
      split[level]!--;
      spatialOrder.copyWithin(position, position + 1, base + split[level]! + 1);
      spatialOrder[base + split[level]!] = dimension;
    }
  }
}
