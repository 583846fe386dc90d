/**
 * The best partitions of a task graph into stages: merging for designs to begin from, the downsets for the optimum, the
 * set-partition programme where there are too many downsets. What is not proven carries a bound.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type MipSolver, withoutMip } from '#core/solver/mip.ts';
import { type DownsetOutcome, searchDownsets } from './downsets.ts';
import { MOST_TASKS } from './masks.ts';
import { mergeStages } from './merging.ts';
import { searchProgramme } from './partition-ilp.ts';
import {
  Best,
  type Cost,
  cheaper,
  compareCosts,
  floorOf,
  memoised,
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

/** Ways kept of each downset while memory decides between designs whose stages cost alike. */
const DEEPENING = [16, 64, 256, 1024] as const;

/** The best partitions; none where a task alone does not fit, or nothing has room. */
export function searchPartitions(given: StageProblem, options: PartitionOptions): PartitionSearch {
  const { count, stepLimit = 20_000_000, priceLimit = 100_000, method = 'any', control = uncontrolled } = options;
  const { problem, prices } = memoised(given);
  const best = new Best(count);
  mergeStages(problem, best, control);
  const everything = Array.from({ length: problem.tasks }, (_, task) => task);
  let bound = floorOf(problem.floor.primary, everything);
  let isProven = false;
  let states = 0;
  let steps = 0;
  let used: PartitionSearch['method'] = 'merging';
  let isCancelled = control.cancelled();

  if (method !== 'programme' && problem.tasks <= MOST_TASKS) {
    used = 'downsets';
    const run = (ways: number, isOrdered: boolean, threshold: Cost): DownsetOutcome => {
      const outcome = searchDownsets(problem, {
        count: ways,
        isOrdered,
        threshold,
        stepLimit: Math.max(0, stepLimit - steps),
        priceLimit,
        control,
      });
      for (const way of outcome.ways) {
        const cost = problem.complete === undefined ? way.cost : problem.complete(way.stages);
        if (cost !== null) best.offer(way.stages, cost);
      }
      // Without memory a way costs what its stages do; with it, it may cost more than one that was not kept.
      const least = problem.complete === undefined || isOrdered ? outcome.bound : leastOf(outcome);
      isProven =
        best.first === undefined
          ? outcome.isComplete && outcome.ways.length === 0
          : compareCosts(least, best.first.cost) >= 0;
      if (best.first !== undefined || outcome.isComplete)
        bound = Math.max(bound, Math.min(least.primary, best.first?.cost.primary ?? Infinity));
      states += outcome.states;
      steps += outcome.steps;
      isCancelled ||= outcome.isCancelled;
      return outcome;
    };
    let outcome = run(count, false, best.threshold);
    if (problem.complete !== undefined)
      for (const ways of DEEPENING) {
        if (isProven || isCancelled || !outcome.isComplete) break;
        outcome = run(ways, true, best.first?.cost ?? UNBOUNDED);
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

function leastOf({ ways, bound }: DownsetOutcome): Cost {
  return ways.reduce((least, way) => cheaper(least, way.cost), bound);
}
