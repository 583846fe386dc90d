/** How much scratchpad a problem needs: at its hungriest operator (M_R), and under an order to spill nothing. */
import type { GapView } from './gap-view.ts';
import { gapView, occupancy, type ScheduleTarget } from './gaps.ts';
import { graphOf, placedSize, type ScheduleGraph } from './graph.ts';
import type { ScheduleFlags, ScheduleMode, ScheduleProblem } from './problem.ts';
import { mostSaved } from './sharing.ts';

export interface WorkingSet {
  readonly operator: number;
  /** Placed bytes of `tensors` and, in strict+weights, of the operator's weights, less what may be shared under flags. */
  readonly bytes: number;
  readonly weightBytes: number;
  readonly tensors: readonly number[];
}

/**
 * Placed bytes that must be on chip while each operator runs in any order: operands, results (and weights) in strict
 * modes, nothing in stream mode, and pinned tensors that are certain to be there. Under flags what every schedule needs
 * at least: pinned tensors and fetches ahead may need more in the order at hand.
 * @returns one entry an operator, in file order.
 */
export function workingSets(
  problem: ScheduleProblem,
  mode: ScheduleMode,
  granule = 1,
  flags?: ScheduleFlags,
): readonly WorkingSet[] {
  const graph = graphOf(problem);
  const pinned = flags && flags.pinned.length > 0 ? certainPins(problem, graph, flags.pinned) : null;
  return problem.ops.map((op) => {
    const present = pinned?.[op.id] ?? [];
    const weightBytes = mode === 'strict+weights' ? placedSize(op.weightBytes, granule) : 0;
    const tensors = [...new Set([...(mode === 'stream' ? [] : graph.touched[op.id]!), ...present])];
    if (tensors.length === 0) return { operator: op.id, bytes: weightBytes, weightBytes, tensors };
    const saved = flags ? mostSaved(problem, op, flags, granule) : 0;
    const bytes = tensors.reduce(
      (sum, tensor) => sum + placedSize(problem.tensors[tensor]!.bytes, granule),
      weightBytes - saved,
    );
    return { operator: op.id, bytes: Math.max(0, bytes), weightBytes, tensors };
  });
}

/** Pinned tensors on chip while each operator runs, whatever the order: made (or used) before and used after, or there. */
function certainPins(
  problem: ScheduleProblem,
  graph: ScheduleGraph,
  pinned: readonly number[],
): readonly (readonly number[])[] {
  const present: number[][] = problem.ops.map(() => []);
  for (const tensor of pinned) {
    const uses = graph.consumers[tensor]!;
    const maker = graph.producer[tensor]!;
    const events = maker < 0 ? uses : [maker, ...uses];
    if (events.length < 2) continue;
    const after = reached(events, graph.successors);
    const before = reached(uses, graph.predecessors);
    for (const op of problem.ops) if (after.has(op.id) && before.has(op.id)) present[op.id]!.push(tensor);
  }
  return present;
}

/** The operators given and all that can be reached from them. */
function reached(from: readonly number[], next: readonly (readonly number[])[]): ReadonlySet<number> {
  const seen = new Set(from);
  for (const op of seen) for (const other of next[op]!) seen.add(other);
  return seen;
}

/**
 * Placed bytes no schedule can do without at the operator's step, for bounds; in stream mode it is negative by
 * what flags may save there, for a bound counts what is kept besides.
 */
export function relaxedWorkingSet(problem: ScheduleProblem, target: ScheduleTarget, operator: number): number {
  const { mode, granule, flags } = target;
  const op = problem.ops[operator]!;
  const saved = mostSaved(problem, op, flags, granule);
  if (mode === 'stream') return -saved;
  const weights = mode === 'strict+weights' ? placedSize(op.weightBytes, granule) : 0;
  return [...new Set([...op.inputs, ...op.outputs])].reduce(
    (sum, tensor) => sum + placedSize(problem.tensors[tensor]!.bytes, granule),
    weights - saved,
  );
}

/** M_R, the least feasible scratchpad: the largest working set, the first of equals. Null without operators. */
export function largestWorkingSet(
  problem: ScheduleProblem,
  mode: ScheduleMode,
  granule = 1,
  flags?: ScheduleFlags,
): WorkingSet | null {
  return workingSets(problem, mode, granule, flags).reduce<WorkingSet | null>(
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
