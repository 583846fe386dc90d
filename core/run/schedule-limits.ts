/** M_R, M_H and M_P of a problem from the orders at hand; M_P is exact only where it meets M_R. */
import { ORDER_NAMES, orderByName } from '#core/schedule/orders.ts';
import type { ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';
import { largestWorkingSet, peakOfOrder } from '#core/schedule/working-set.ts';

export interface ScheduleLimits {
  readonly MR: number;
  readonly MH: number;
  readonly MP: number;
  readonly isMPExact: boolean;
}

export function scheduleLimits(
  problem: ScheduleProblem,
  mode: ScheduleMode,
  { granule = 1 }: { readonly granule?: number } = {},
): ScheduleLimits {
  const MR = largestWorkingSet(problem, mode, granule)?.bytes ?? 0;
  const MP = Math.min(...ORDER_NAMES.map((name) => peakOfOrder(problem, mode, orderByName(problem, name), granule)));
  return { MR, MH: Math.floor((MR + MP) / 2), MP, isMPExact: MP === MR };
}
