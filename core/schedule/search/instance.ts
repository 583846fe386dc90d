/**
 * A scheduling problem laid out for search: flat arrays, distinct operands, sizes as placed, costs in true bytes.
 * Invariant: operators keep their ids, and ids are in topological order.
 */
import type { ScheduleTarget } from '../gaps.ts';
import { graphOf, placedCapacity, placedSize } from '../graph.ts';
import type { ScheduleProblem } from '../problem.ts';
import { relaxedWorkingSet } from '../working-set.ts';

export interface SearchInstance {
  readonly isStream: boolean;
  /** Whole granules of the scratchpad, bytes. */
  readonly capacity: number;
  /** Placed bytes of each tensor. */
  readonly size: Float64Array;
  /** Bytes one read (or write) of each tensor moves. */
  readonly bytes: Float64Array;
  /** True where leaving the chip costs a write the first time. */
  readonly isIntermediate: readonly boolean[];
  /** Operator that makes the tensor, −1 for a graph input. */
  readonly producer: Int32Array;
  readonly consumers: readonly Int32Array[];
  /** Equal for tensors of one size and kind with the same consumers: while both live, one may stand for the other. */
  readonly twin: Int32Array;
  /** Distinct operands and results of each operator, ascending. */
  readonly operands: readonly Int32Array[];
  readonly results: readonly Int32Array[];
  readonly predecessors: readonly Int32Array[];
  readonly successors: readonly Int32Array[];
  /** Placed bytes an operator needs whatever is kept: operands, results (and weights) in strict modes, 0 in stream. */
  readonly mandatory: Float64Array;
}

/**
 * Under flags a relaxation: every step is granted the most they could save there, and nothing of what they take.
 * @param problem checked.
 */
export function searchInstance(problem: ScheduleProblem, target: ScheduleTarget): SearchInstance {
  const { mode, S, granule } = target;
  const graph = graphOf(problem);
  const sorted = (values: Iterable<number>): Int32Array => Int32Array.from(new Set(values)).sort();
  const size = Float64Array.from(problem.tensors, ({ bytes }) => placedSize(bytes, granule));
  const isStream = mode === 'stream';
  const mandatory = Float64Array.from(problem.ops, (op) => {
    return isStream ? 0 : relaxedWorkingSet(problem, target, op.id);
  });
  const saved = isStream ? Math.max(0, ...problem.ops.map((op) => -relaxedWorkingSet(problem, target, op.id))) : 0;
  const consumers = graph.consumers.map(sorted);
  const classes = new Map<string, number>();
  const twin = Int32Array.from(problem.tensors, ({ id, bytes, kind }) => {
    const key = `${kind} ${bytes} ${consumers[id]!.join()}`;
    if (!classes.has(key)) classes.set(key, id);
    return classes.get(key)!;
  });
  return {
    isStream,
    capacity: placedCapacity(S, granule) + saved,
    size,
    bytes: Float64Array.from(problem.tensors, ({ bytes }) => bytes),
    isIntermediate: graph.isIntermediate,
    producer: Int32Array.from(graph.producer),
    consumers,
    twin,
    operands: problem.ops.map((op) => sorted(op.inputs)),
    results: problem.ops.map((op) => sorted(op.outputs)),
    predecessors: graph.predecessors.map(sorted),
    successors: graph.successors.map(sorted),
    mandatory,
  };
}

/** Where a live tensor (made or read before, used again later) is. */
export const OFF = 0;
/** On chip; leaving costs one read later. */
export const CLEAN = 1;
/** On chip and nowhere else: leaving costs a write and a read later. */
export const DIRTY = 2;

/** What a search begins from or ends at: live tensors, ascending, and where each is. */
export interface Boundary {
  readonly live: Int32Array;
  readonly status: Uint8Array;
}

/**
 * Bytes that turn a schedule from `better` into one from `other`, at most: evict what only `better` holds, and write
 * what only there is dirty. A tensor off chip is never worse than on chip, for its next read is already paid.
 * @param limit bytes after which it is not counted on: any result above it means more than that.
 */
export function conversionCost(
  instance: SearchInstance,
  live: Int32Array,
  better: Uint8Array,
  betterAt: number,
  other: Uint8Array,
  otherAt: number,
  limit = Infinity,
): number {
  const { bytes } = instance;
  let cost = 0;
  for (let i = 0; i < live.length; i++) {
    // From CLEAN to OFF: one read. From DIRTY to CLEAN: one write. From DIRTY to OFF: both.
    const difference = better[betterAt + i]! - other[otherAt + i]!;
    if (difference <= 0) continue;
    cost += bytes[live[i]!]! * difference;
    if (cost > limit) return cost;
  }
  return cost;
}

/** Position in an ascending list, −1 where it is not. */
export function positionOf(list: Int32Array, value: number): number {
  let low = 0;
  let high = list.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = list[middle]!;
    if (found === value) return middle;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
