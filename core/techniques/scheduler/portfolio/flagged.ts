/**
 * Under flags the search over orders is a relaxation (every step is granted the most the flags could save there, and
 * none of the room they take): its bound holds, its residency may not. So the order it found and the given ones get
 * their optimal residency by the gap model, which knows the flags. Best first; orders that cannot be kept are left out.
 */
import type { Control } from '#core/base/control.ts';
import type { Candidate } from '#core/schedule/complete.ts';
import { evict } from '#core/schedule/eviction.ts';
import { solveGapModel } from '#core/schedule/gap-model.ts';
import { gapView, isOrderFeasible, type ScheduleTarget } from '#core/schedule/gaps.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import type { MipSolver } from '#core/solver/mip.ts';

export interface NamedOrder {
  readonly name: string;
  readonly order: readonly number[];
}

/** One candidate a distinct feasible order, the cheapest first. */
export function flaggedCandidates(
  problem: ScheduleProblem,
  target: ScheduleTarget,
  orders: readonly NamedOrder[],
  { mip, control, nodeLimit }: { readonly mip: MipSolver; readonly control: Control; readonly nodeLimit: number },
): readonly Candidate[] {
  const distinct = orders.filter(({ order }, index) => {
    return orders.findIndex((other) => other.order.every((op, step) => op === order[step])) === index;
  });
  const solved = distinct.flatMap(({ name, order }) => {
    const view = gapView(problem, target, order);
    if (!isOrderFeasible(view)) return [];
    const start = evict(view, 'belady');
    const solution = solveGapModel(view, mip, { nodeLimit: control.cancelled() ? 1 : nodeLimit, control, start });
    const candidate: Candidate = { view, kept: solution.kept, orderName: name, orderBound: solution.bound };
    return [{ candidate, objective: solution.objective }];
  });
  return solved.sort((a, b) => a.objective - b.objective).map(({ candidate }) => candidate);
}
