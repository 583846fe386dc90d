/** Orders of given stages: where memory is short, what is live between them depends on who comes first. */
import {
  type Cost,
  compareCosts,
  costOf,
  inOrder,
  minusSlack,
  type StageProblem,
  sumOfPrices,
} from './stage-problem.ts';

export interface OrderedStages {
  readonly stages: readonly (readonly number[])[];
  /** Null where no order that was tried has room. */
  readonly cost: Cost | null;
  /** No order is cheaper. */
  readonly isExact: boolean;
  readonly tried: number;
}

/** Cheapest order of stages, `limit` of them tried; null where they go in circles. */
export function bestOrder(
  problem: StageProblem,
  stages: readonly (readonly number[])[],
  limit: number,
): OrderedStages | null {
  const first = inOrder(problem, stages);
  if (first === null) return null;
  const sum = sumOfPrices(problem, first);
  let best: { stages: readonly (readonly number[])[]; cost: Cost | null } = {
    stages: first,
    cost: costOf(problem, first),
  };
  if (problem.complete === undefined || sum === null) return { ...best, isExact: true, tried: 1 };
  const least = minusSlack(problem, sum);

  const stageOf = new Map(first.flatMap((stage, index) => stage.map((task) => [task, index] as const)));
  const needs = first.map(() => new Set<number>());
  for (const { from, to } of problem.precedences) {
    const before = stageOf.get(from)!;
    const after = stageOf.get(to)!;
    if (before !== after) needs[after]!.add(before);
  }
  let tried = 1;
  let isCut = false;
  const isLeast = (): boolean => best.cost !== null && compareCosts(best.cost, least) <= 0;
  const order: number[] = [];
  const extend = (): void => {
    if (isLeast()) return;
    if (order.length === first.length) {
      if (tried >= limit) {
        isCut = true;
        return;
      }
      tried++;
      const candidate = order.map((index) => first[index]!);
      const cost = costOf(problem, candidate);
      if (cost !== null && (best.cost === null || compareCosts(cost, best.cost) < 0))
        best = { stages: candidate, cost };
      return;
    }
    for (let index = 0; index < first.length && !isCut; index++) {
      if (order.includes(index) || [...needs[index]!].some((before) => !order.includes(before))) continue;
      order.push(index);
      extend();
      order.pop();
    }
  };
  extend();
  return { ...best, isExact: !isCut, tried };
}
