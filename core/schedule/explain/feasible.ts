/** Whether a problem can run at all under a target, and if not, which step stands in the way. */
import { gapView, isOrderFeasible, type ScheduleTarget } from '../gaps.ts';
import { placedCapacity } from '../graph.ts';
import { ORDER_NAMES, orderByName } from '../orders.ts';
import type { ScheduleProblem } from '../problem.ts';
import { largestWorkingSet, workingSets } from '../working-set.ts';

export interface Obstacle {
  readonly operator: number;
  /** Placed bytes on chip at once, at least. */
  readonly demand: number;
  readonly capacity: number;
  readonly tensors: readonly number[];
  readonly weightBytes: number;
  /** True where every order fails; else every order tried does (pinned tensors and fetches ahead depend on it). */
  readonly isProven: boolean;
}

/** Null where a schedule exists in one of the orders that schedulers begin with. @param problem well-formed. */
export function obstacleOf(problem: ScheduleProblem, target: ScheduleTarget): Obstacle | null {
  const { mode, S, granule, flags } = target;
  const capacity = placedCapacity(S, granule);
  const largest = largestWorkingSet(problem, mode, granule, flags);
  if (largest && largest.bytes > capacity) return { ...largest, demand: largest.bytes, capacity, isProven: true };
  if (!flags || (flags.pinned.length === 0 && !flags.doubleBuffer)) return null;
  const tightest = ORDER_NAMES.map((name) => {
    const view = gapView(problem, target, orderByName(problem, name));
    if (isOrderFeasible(view)) return null;
    const step = view.mandatory.reduce((most, load, at) => (load > view.mandatory[most]! ? at : most), 0);
    return { operator: view.order[step]!, demand: view.mandatory[step]! };
  });
  if (tightest.includes(null)) return null;
  const best = tightest.reduce((a, b) => (b!.demand < a!.demand ? b : a))!;
  const { tensors, weightBytes } = workingSets(problem, mode, granule, flags)[best.operator]!;
  return { ...best, capacity, tensors, weightBytes, isProven: false };
}
