/** M_R, M_H and M_P of a target: exact search without flags, the best of the orders at hand under them. */
import type { Control } from '#core/base/control.ts';
import { type LimitFigures, limitFigures } from '#core/schedule/curve.ts';
import { leastScratchpad } from '#core/schedule/explain/infeasible.ts';
import { gapView, type ScheduleTarget } from '#core/schedule/gaps.ts';
import { ORDER_NAMES, orderByName } from '#core/schedule/orders.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleLimits } from '#core/schedule/search/limits.ts';
import { peakKeepingAll } from '#core/schedule/working-set.ts';

/**
 * Downsets looked at for M_P: exact on every network the scheduler is measured on, and about a second at 2,500
 * operators.
 */
const LIMIT_NODES = 20_000;

/** @param instance well-formed. @param target its S does not matter. */
export function limitsOf(instance: ScheduleProblem, target: ScheduleTarget, control: Control): LimitFigures {
  const { mode, granule, flags } = target;
  if (!flags) return limitFigures(scheduleLimits(instance, mode, { granule, nodeLimit: LIMIT_NODES, control }));
  const MR = leastScratchpad(instance, target);
  const roomy = { ...target, S: Number.MAX_SAFE_INTEGER };
  const peaks = ORDER_NAMES.map((name) => peakKeepingAll(gapView(instance, roomy, orderByName(instance, name))));
  const MP = Math.max(MR, Math.min(...peaks));
  return { MR, MH: Math.floor((MR + MP) / 2), MP, isMPExact: MP === MR };
}
