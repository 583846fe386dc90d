/** How much scratchpad a problem needs: at its hungriest operator (M_R), and under an order to spill nothing. */
import { type GapView, gapView, occupancy, type ScheduleTarget } from './gaps.ts';
import { graphOf, placedSize } from './graph.ts';
import type { ScheduleMode, ScheduleProblem } from './problem.ts';

export interface WorkingSet {
  readonly operator: number;
  /** Placed bytes of `tensors` and, in strict+weights, of the operator's weights. */
  readonly bytes: number;
  readonly weightBytes: number;
  readonly tensors: readonly number[];
}

/**
 * Placed bytes that must be on chip while each operator runs; 0 in stream mode, where nothing must.
 * @returns one entry an operator, in file order.
 */
export function workingSets(problem: ScheduleProblem, mode: ScheduleMode, granule = 1): readonly WorkingSet[] {
  const { touched } = graphOf(problem);
  return problem.ops.map((op) => {
    if (mode === 'stream') return { operator: op.id, bytes: 0, weightBytes: 0, tensors: [] };
    const weightBytes = mode === 'strict+weights' ? placedSize(op.weightBytes, granule) : 0;
    const tensors = touched[op.id]!;
    const bytes = tensors.reduce(
      (sum, tensor) => sum + placedSize(problem.tensors[tensor]!.bytes, granule),
      weightBytes,
    );
    return { operator: op.id, bytes, weightBytes, tensors };
  });
}

/** M_R, the least feasible scratchpad: the largest working set, the first of equals. Null without operators. */
export function largestWorkingSet(problem: ScheduleProblem, mode: ScheduleMode, granule = 1): WorkingSet | null {
  return workingSets(problem, mode, granule).reduce<WorkingSet | null>(
    (largest, set) => (largest && largest.bytes >= set.bytes ? largest : set),
    null,
  );
}

/** Scratchpad bytes at which this order spills nothing: the peak when every tensor stays until its last use. */
export function peakOfOrder(
  problem: ScheduleProblem,
  mode: ScheduleMode,
  order: readonly number[],
  granule = 1,
): number {
  const target: ScheduleTarget = { mode, S: Number.MAX_SAFE_INTEGER, granule };
  return peakKeepingAll(gapView(problem, target, order));
}

export function peakKeepingAll(view: GapView): number {
  return occupancy(view, new Array<boolean>(view.gaps.length).fill(true)).reduce(
    (peak, load) => Math.max(peak, load),
    0,
  );
}
