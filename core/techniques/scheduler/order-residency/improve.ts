/**
 * A better order by moving one operator, or a run of operators, at a time: a move is kept when residency by
 * Belady's rule gets cheaper. First improvement, in a fixed sequence, within a budget of evaluated steps.
 */
import type { Control } from '#core/base/control.ts';
import { evict } from '#core/schedule/eviction.ts';
import { gapObjective, gapView, type ScheduleTarget } from '#core/schedule/gaps.ts';
import { graphOf } from '#core/schedule/graph.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';

/** Evaluations × operators: about half a second. */
const STEP_BUDGET = 150_000;
const LONGEST_RUN = 6;

/** @returns a cheaper order, or null when no move helped. */
export function improveOrder(
  problem: ScheduleProblem,
  target: ScheduleTarget,
  from: readonly number[],
  control: Control,
): readonly number[] | null {
  const { predecessors, successors } = graphOf(problem);
  const cost = (order: readonly number[]): number => {
    const view = gapView(problem, target, order);
    return gapObjective(view, evict(view, 'belady'));
  };
  let order = from;
  let best = cost(from);
  let budget = Math.floor(STEP_BUDGET / Math.max(1, from.length));
  for (let hasImproved = true; hasImproved; ) {
    hasImproved = false;
    for (let start = 0; start < order.length; start++) {
      for (let length = 1; length <= LONGEST_RUN && start + length <= order.length; length++) {
        for (const at of destinations(order, start, length, predecessors, successors)) {
          if (budget-- <= 0 || control.cancelled()) return order === from ? null : order;
          const moved = moveRun(order, start, length, at);
          const value = cost(moved);
          if (value >= best) continue;
          order = moved;
          best = value;
          hasImproved = true;
          break;
        }
      }
    }
  }
  return order === from ? null : order;
}

/** Where the run may stand instead: the far ends and the middle of the room that its producers and consumers leave it. */
function destinations(
  order: readonly number[],
  start: number,
  length: number,
  predecessors: readonly (readonly number[])[],
  successors: readonly (readonly number[])[],
): readonly number[] {
  const run = order.slice(start, start + length);
  const before = new Set(run.flatMap((op) => predecessors[op]!));
  const after = new Set(run.flatMap((op) => successors[op]!));
  let low = start;
  while (low > 0 && !before.has(order[low - 1]!)) low--;
  let high = start;
  while (high + length < order.length && !after.has(order[high + length]!)) high++;
  const wanted = [low, high, (low + start) >> 1, (start + high) >> 1, start - 1, start + 1];
  return [...new Set(wanted)].filter((at) => low <= at && at <= high && at !== start);
}

/** The order with `length` operators from `start` on standing at `at` of what remains. */
function moveRun(order: readonly number[], start: number, length: number, at: number): readonly number[] {
  const rest = [...order.slice(0, start), ...order.slice(start + length)];
  return [...rest.slice(0, at), ...order.slice(start, start + length), ...rest.slice(at)];
}
