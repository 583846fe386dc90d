/** Ways for a segment to end that have been found, and what is known of those that have not. */

import type { Step } from './history.ts';
import { type Boundary, OFF, type SearchInstance } from './instance.ts';
import type { RegionResult } from './region.ts';
import { replay } from './replay.ts';
import { residentStatus } from './segments.ts';

/** A way to end: what is on chip of the segment's results then, and the steps there. */
export interface End {
  readonly cost: number;
  readonly status: Uint8Array;
  readonly steps: () => readonly Step[];
}

export interface Settled {
  /** Tensors live after the segment, ascending. */
  readonly live: Int32Array;
  /** Cheapest first; with every way out, none missing that costs less than `bound`. */
  readonly ends: readonly End[];
  /** No schedule of the segment that is not among `ends` costs less. */
  readonly bound: number;
  /** The same for those that leave the results off chip: dropping them costs on top of all other traffic. */
  readonly offBound: number;
  readonly nodes: number;
}

/** Ways to end found so far, the best for each status of the results. */
export class Ends {
  readonly #instance: SearchInstance;
  readonly #live: Int32Array;
  readonly #byStatus = new Map<string, End>();
  /** Bytes of dropping all results as they are made. */
  readonly #dropping: number;
  /** Bytes of the cheapest schedule that leaves nothing on chip: nothing dearer is worth looking for. */
  below = Infinity;
  cheapest = Infinity;

  constructor(instance: SearchInstance, live: Int32Array) {
    this.#instance = instance;
    this.#live = live;
    this.#dropping = live.reduce((sum, tensor) => sum + instance.bytes[tensor]! * residentStatus(instance, tensor), 0);
  }

  put(end: End): void {
    const key = end.status.join();
    const known = this.#byStatus.get(key);
    if (known && known.cost <= end.cost) return;
    this.#byStatus.set(key, end);
    this.cheapest = Math.min(this.cheapest, end.cost);
    // In strict modes there is one way out: its results on chip.
    this.below = Math.min(this.below, this.#instance.isStream ? this.#droppedCost(end) : end.cost);
  }

  add({ ends }: RegionResult): void {
    for (const end of ends) this.put(end);
  }

  addSteps(entry: Boundary, usesLeft: Int32Array, steps: readonly Step[]): void {
    const last = replay(this.#instance, entry, usesLeft, steps).at(-1)!;
    this.put({ cost: last.cost, status: last.status, steps: () => steps });
  }

  best(): End {
    return [...this.#byStatus.values()].reduce((a, b) => (b.cost < a.cost ? b : a));
  }

  /**
   * @param bound bytes no other schedule goes below.
   * @param others bytes the traffic of all but the results is known to cost at least.
   */
  settled(bound: number, nodes: number, others = 0): Settled {
    const ends = [...this.#byStatus.values()];
    // With the results dropped as they are made both ways out are there: a way that was cut costs at least the bound,
    // and going on from off chip is never dearer than from on chip.
    if (this.#instance.isStream && this.#live.length > 0) {
      const best = ends.reduce((a, b) => (this.#droppedCost(b) < this.#droppedCost(a) ? b : a));
      if (best.status.some((status) => status !== OFF)) {
        const steps = (): readonly Step[] => {
          const own = best.steps();
          const last = own.at(-1)!;
          return [...own.slice(0, -1), { op: last.op, dropped: [...last.dropped, ...this.#live] }];
        };
        this.put({ cost: this.#droppedCost(best), status: new Uint8Array(this.#live.length), steps });
      }
    }
    return {
      live: this.#live,
      ends: [...this.#byStatus.values()].sort((a, b) => a.cost - b.cost),
      // Nothing below the cheapest way that leaves nothing on chip is missing: the bound holds for all the rest.
      bound: bound >= this.below ? Infinity : bound,
      offBound: bound >= this.below ? Infinity : Math.max(bound, others + this.#dropping),
      nodes,
    };
  }

  #droppedCost({ cost, status }: End): number {
    return this.#live.reduce((sum, tensor, i) => sum + this.#instance.bytes[tensor]! * status[i]!, cost);
  }
}
