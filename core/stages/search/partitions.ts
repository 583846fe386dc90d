/**
 * The best partitions of a task graph into stages: merging for designs to begin from, the downsets for the optimum, the
 * set-partition programme where there are too many downsets. What is not proven carries a bound.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type MipSolver, withoutMip } from '#core/solver/mip.ts';
import { DownsetSearch } from './downsets.ts';
import { MOST_TASKS } from './masks.ts';
import { mergeStages } from './merging.ts';
import { bestOrder } from './orders.ts';
import { searchProgramme } from './partition-ilp.ts';
import {
  addCosts,
  Best,
  cheaper,
  compareCosts,
  floorOf,
  memoised,
  minusSlack,
  NOTHING,
  type PartitionSearch,
  type StageProblem,
  UNBOUNDED,
} from './stage-problem.ts';

export interface PartitionOptions {
  /** Different partitions wanted, ≥ 1. */
  readonly count: number;
  /** Pairs of downset and stage, and prices, after which the downsets are given up. */
  readonly stepLimit?: number;
  readonly priceLimit?: number;
  /** 'programme' leaves the downsets out. */
  readonly method?: 'any' | 'downsets' | 'programme';
  readonly columnLimit?: number;
  readonly nodeLimit?: number;
  readonly mip?: MipSolver;
  readonly control?: Control;
}

/** Ways kept of each downset while memory decides between designs whose stages cost alike; orders tried of all of them. */
const DEEPENING = [16, 64, 256, 1024] as const;
const DEEPENING_STEPS = 300_000;
const ORDERS = 4000;
/** Designs are looked for so close to the bound at first, in parts of it; then so many times as far; then everywhere. */
const NARROW = 1e-3;
const WIDER = 2;
const WIDE = 4;

/** The best partitions; none where a task alone does not fit, or nothing has room. */
export function searchPartitions(given: StageProblem, options: PartitionOptions): PartitionSearch {
  const { count, stepLimit = 4_000_000, priceLimit = 20_000, method = 'any', control = uncontrolled } = options;
  const { problem, prices } = memoised(given);
  const best = new Best(count);
  mergeStages(problem, best, control);
  const everything = Array.from({ length: problem.tasks }, (_, task) => task);
  const { slack = NOTHING } = problem;
  let bound = floorOf(problem.floor.primary, everything) - slack.primary;
  let isProven = false;
  let states = 0;
  let steps = 0;
  let used: PartitionSearch['method'] = 'merging';
  let isCancelled = control.cancelled();

  if (method !== 'programme' && problem.tasks <= MOST_TASKS) {
    used = 'downsets';
    let orders = ORDERS;
    const downsets = new DownsetSearch(problem);
    const seeds = best.partitions.flatMap(({ stages }) => stages);
    const isFitting = downsets.relax(addCosts(best.threshold, slack), seeds, { stepLimit, priceLimit, control });
    if (!isFitting) isProven = true;
    const { total } = downsets.relaxation;
    steps += downsets.relaxation.steps;
    let within = total * NARROW;
    for (let kept = [count, ...DEEPENING]; isFitting && kept.length > 0; ) {
      const ways = kept[0]!;
      const threshold = ways === count ? best.threshold : (best.first?.cost ?? UNBOUNDED);
      const outcome = downsets.search({
        count: ways,
        threshold: addCosts(threshold, slack),
        within: within < total * WIDE ? within : Infinity,
        stepLimit: ways === count ? stepLimit - steps : Math.max(0, Math.min(stepLimit - steps, DEEPENING_STEPS)),
        priceLimit,
        control,
      });
      // No design that was not looked at is cheaper: not among the ways, or a way in an order that was not tried.
      let least = outcome.bound;
      for (const way of outcome.ways) {
        const order = bestOrder(problem, way.stages, orders);
        if (order === null) continue;
        orders = Math.max(1, orders - order.tried);
        if (order.cost !== null) best.offer(order.stages, order.cost);
        if (!order.isExact) least = cheaper(least, way.cost);
      }
      least = minusSlack(problem, least);
      isProven = compareCosts(least, best.first?.cost ?? UNBOUNDED) >= 0;
      bound = Math.max(bound, Math.min(least.primary, best.first?.cost.primary ?? Infinity));
      states += outcome.states;
      steps += outcome.steps;
      isCancelled ||= outcome.isCancelled;
      if (isCancelled || !outcome.isComplete) break;
      if (outcome.isNarrow) within *= WIDER;
      else if (isProven || problem.complete === undefined) break;
      else kept = kept.slice(1);
    }
  }
  const { mip = withoutMip, columnLimit = 3000, nodeLimit = 2000 } = options;
  if (!isProven && !isCancelled && method !== 'downsets' && best.first !== undefined && mip.id !== withoutMip.id) {
    used = 'integer-programme';
    const outcome = searchProgramme(problem, best, { mip, columnLimit, nodeLimit, roundLimit: 60, control });
    isProven ||= outcome.isProven;
    bound = Math.max(bound, outcome.bound);
    states += outcome.columns;
    steps += outcome.nodes;
    isCancelled ||= outcome.isCancelled;
  }
  return {
    partitions: best.partitions,
    bound: isProven ? (best.first?.cost.primary ?? Infinity) : bound,
    isProven,
    method: used,
    counts: { states, steps, prices: prices() },
    isCancelled,
  };
}
