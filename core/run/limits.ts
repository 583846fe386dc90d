/** M_R, M_H and M_P of a target: exact search without flags, the best of the orders at hand under them. */
import type { Control } from '#core/base/control.ts';
import { type LimitFigures, limitFigures } from '#core/schedule/curve.ts';
import { leastScratchpad } from '#core/schedule/explain/infeasible.ts';
import { gapView, type ScheduleTarget } from '#core/schedule/gaps.ts';
import { ORDER_NAMES, orderByName } from '#core/schedule/orders.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleLimits } from '#core/schedule/search/limits.ts';
import { hasStreams, withoutStreams } from '#core/schedule/streams.ts';
import { largestWorkingSet, peakKeepingAll } from '#core/schedule/working-set.ts';

/**
 * What operators stream whatever the mode takes no room, and what it moves is not spilled.
 * @param instance well-formed. @param target its S does not matter.
 */
export function limitsOf(instance: ScheduleProblem, target: ScheduleTarget, control: Control): LimitFigures {
  if (hasStreams(instance, target.mode)) {
    const { problem, idOf } = withoutStreams(instance);
    const pinned = target.flags?.pinned.map((tensor) => idOf[tensor]!).filter((tensor) => tensor >= 0) ?? [];
    return limitsOf(problem, target.flags ? { ...target, flags: { ...target.flags, pinned } } : target, control);
  }
  const { mode, granule, flags } = target;
  const plain = scheduleLimits(instance, mode, { granule, control });
  if (!flags) return limitFigures(plain);
  const MR = leastScratchpad(instance, target);
  const roomy = { ...target, S: Number.MAX_SAFE_INTEGER };
  const orders = [plain.order, ...ORDER_NAMES.map((name) => orderByName(instance, name))];
  const peaks = orders.map((order) => peakKeepingAll(gapView(instance, roomy, order)));
  const MP = Math.max(MR, Math.min(...peaks));
  // What the largest working set needs is needed in every order; M_R may not be, where pins and fetches ahead depend on it.
  const needed = largestWorkingSet(instance, mode, granule, flags)?.bytes ?? 0;
  return { MR, MH: Math.floor((MR + MP) / 2), MP, isMPExact: MP === needed };
}
