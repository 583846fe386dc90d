/**
 * Operator orders worth trying: as in the file, depth-first (a branch is finished before the next is begun), and
 * greedily by least live bytes (after Liu's and Serenity's observation that the peak is set where branches meet).
 * Deterministic: ties go to the operator that comes first in the file.
 */
import { graphOf, type ScheduleGraph } from './graph.ts';
import type { ScheduleProblem } from './problem.ts';

export const ORDER_NAMES = ['file', 'depth-first', 'min-peak'] as const;
export type OrderName = (typeof ORDER_NAMES)[number];

export function orderByName(problem: ScheduleProblem, name: OrderName): readonly number[] {
  switch (name) {
    case 'file':
      return problem.ops.map((op) => op.id);
    case 'depth-first':
      return depthFirst(problem);
    case 'min-peak':
      return minPeak(problem);
  }
}

/** A stack of ready operators: what was made last is used next. */
function depthFirst(problem: ScheduleProblem): readonly number[] {
  const graph = graphOf(problem);
  const waiting = graph.predecessors.map((list) => list.length);
  const stack = problem.ops
    .map((op) => op.id)
    .filter((op) => waiting[op] === 0)
    .reverse();
  const order: number[] = [];
  for (let op = stack.pop(); op !== undefined; op = stack.pop()) {
    order.push(op);
    const ready = graph.successors[op]!.filter((next) => --waiting[next]! === 0);
    stack.push(...ready.sort((a, b) => b - a));
  }
  return order;
}

/** Among the ready operators the one that leaves the fewest live bytes, then the one with the smallest peak meanwhile. */
function minPeak(problem: ScheduleProblem): readonly number[] {
  const graph = graphOf(problem);
  const waiting = graph.predecessors.map((list) => list.length);
  const usesLeft = graph.consumers.map((list) => list.length);
  const isLive = problem.tensors.map(() => false);
  const ready = new Set(problem.ops.map((op) => op.id).filter((op) => waiting[op] === 0));
  const order: number[] = [];
  while (ready.size > 0) {
    let best = -1;
    let bestChange: readonly [number, number] = [Infinity, Infinity];
    for (const op of ready) {
      const change = liveChange(problem, graph, op, usesLeft, isLive);
      if (
        change[0] < bestChange[0] ||
        (change[0] === bestChange[0] && (change[1] < bestChange[1] || (change[1] === bestChange[1] && op < best)))
      ) {
        best = op;
        bestChange = change;
      }
    }
    ready.delete(best);
    order.push(best);
    for (const tensor of new Set(problem.ops[best]!.inputs)) {
      usesLeft[tensor]!--;
      isLive[tensor] = usesLeft[tensor]! > 0;
    }
    for (const tensor of problem.ops[best]!.outputs) isLive[tensor] = usesLeft[tensor]! > 0;
    for (const next of graph.successors[best]!) if (--waiting[next]! === 0) ready.add(next);
  }
  return order;
}

/** Bytes by which running `op` changes what is live afterwards, and what is live meanwhile. */
function liveChange(
  problem: ScheduleProblem,
  graph: ScheduleGraph,
  op: number,
  usesLeft: readonly number[],
  isLive: readonly boolean[],
): readonly [after: number, meanwhile: number] {
  let after = 0;
  let meanwhile = 0;
  for (const tensor of graph.touched[op]!) {
    const bytes = problem.tensors[tensor]!.bytes;
    const isMade = graph.producer[tensor] === op;
    const left = usesLeft[tensor]! - (isMade ? 0 : 1);
    if (!isLive[tensor]) meanwhile += bytes;
    after += (left > 0 ? bytes : 0) - (isLive[tensor] ? bytes : 0);
  }
  return [after, meanwhile];
}
