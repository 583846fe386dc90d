/** Room in which an order spills nothing, as a capacity to be set. */
import { gapView } from '#core/schedule/gaps.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { peakKeepingAll } from '#core/schedule/working-set.ts';

const GRAIN = 1024;

/** Bytes, whole KiB, that the answer's order takes under its flags when every tensor stays until its last use. */
export function roomOfOrder(
  problem: ScheduleProblem,
  { mode, order, flags }: Pick<ScheduleAnswer, 'mode' | 'order' | 'flags'>,
  alignmentBytes: number,
): number {
  const target = { mode, S: Number.MAX_SAFE_INTEGER, granule: alignmentBytes, ...(flags && { flags }) };
  return Math.ceil(peakKeepingAll(gapView(problem, target, order)) / GRAIN) * GRAIN;
}
