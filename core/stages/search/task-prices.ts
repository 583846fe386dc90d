/**
 * What tasks cost at least, each by itself: prices π with Σ π(t) ≤ price(S) over every convex set S, so that Σ π over what is
 * missing is a lower bound however it is cut. The largest such sum is the set-partition programme's relaxation, found by
 * column generation: its dual over a few sets, then the sets that are cheaper than their tasks, until there are none.
 */
import { type CheapSetsOptions, cheapSets } from './cheap-sets.ts';
import { tasksOf } from './masks.ts';
import { Master } from './master.ts';

export interface TaskPricesOptions extends Pick<CheapSetsOptions, 'masks' | 'floor' | 'bounds' | 'cost'> {
  /** The price itself; Infinity where a set does not fit. `cost` is to give it from then on. */
  readonly ask: (set: number) => number;
  /** Sets to begin with beside the tasks alone. */
  readonly seeds: readonly number[];
  /** Nodes of all searches for sets. */
  readonly stepLimit: number;
  readonly isCancelled: () => boolean;
}

export interface TaskPrices {
  readonly prices: Float64Array;
  /** Σ prices: no partition costs less. */
  readonly total: number;
  readonly steps: number;
}

const ROUNDS = 100;
/** Sets added in a round. */
const ADDED = 64;
/** In parts of the total: what may be given away, by ending early and by rounding. */
const GIVEN = 1e-6;
const ROUNDING = 1e-10;

/** Every task alone must fit. Where a budget ends the search: what the largest row of the floor gives, without pools. */
export function taskPrices(options: TaskPricesOptions): TaskPrices {
  const { floor, cost, ask, seeds, stepLimit, isCancelled } = options;
  const tasks = floor.alone.length;
  const master = new Master(Array.from({ length: tasks }, (_, task) => ask(1 << task)));
  for (const set of seeds) if (set !== 0) master.set(set, ask(set));
  let steps = 0;
  for (let round = 0; round < ROUNDS && !isCancelled(); round++) {
    for (let isFirm = false; !isFirm; ) {
      master.solve();
      isFirm = true;
      for (const set of master.basis) {
        const price = ask(set);
        // One that does not fit is as dear as its tasks one by one, which are never the dearer choice.
        const worth = price < Infinity ? price : tasksOf(set).reduce((sum, task) => sum + ask(1 << task), 0);
        if (master.set(set, worth)) isFirm = false;
      }
    }
    const { prices } = master;
    const total = prices.reduce((sum, price) => sum + price, 0);
    const added: { readonly set: number; readonly reduced: number }[] = [];
    const least = -ROUNDING * Math.abs(total);
    const outcome = cheapSets({
      ...options,
      prices,
      limit: least,
      stepLimit: stepLimit - steps,
      found: (set, reduced) => {
        let at = added.length;
        while (at > 0 && reduced < added[at - 1]!.reduced) at--;
        added.splice(at, 0, { set, reduced });
        if (added.length > ADDED) added.pop();
        return added.length < ADDED ? least : added[ADDED - 1]!.reduced;
      },
    });
    steps += outcome.steps;
    if (!outcome.isComplete) break;
    const given = Math.max(0, -(added[0]?.reduced ?? 0)) - least;
    if (given * tasks <= GIVEN * Math.abs(total) || added.length === 0) {
      const feasible = prices.map((price) => price - given);
      return { prices: feasible, total: feasible.reduce((sum, price) => sum + price, 0), steps };
    }
    for (const { set } of added) master.set(set, cost(set));
  }
  return { ...rowPrices(options), steps };
}

function rowPrices({ floor }: TaskPricesOptions): { readonly prices: Float64Array; readonly total: number } {
  const base = floor.base ?? floor.alone.map(() => 0);
  let prices = Float64Array.from(base);
  let total = prices.reduce((sum, price) => sum + price, 0);
  for (const row of floor.rows) {
    const own = Float64Array.from(row, (value, task) => value + base[task]!);
    const sum = own.reduce((all, price) => all + price, 0);
    if (sum > total) [prices, total] = [own, sum];
  }
  return { prices, total };
}
