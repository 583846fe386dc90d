/**
 * Gaps of a problem under one order, and what keeping some of them costs and occupies. Invariant: a gap kept from
 * step a to step b occupies a … b; in strict mode the end steps are counted as mandatory instead. Under flags
 * (README, "Flags") space is counted by flagged.ts, and every function here reads a forced gap as kept.
 */
import { flaggedOccupancy, flagRules } from './flagged.ts';
import { type Gap, type GapView, isKept } from './gap-view.ts';
import { graphOf, placedCapacity, placedSize } from './graph.ts';
import type { Residency, ScheduleFlags, ScheduleMode, ScheduleProblem } from './problem.ts';

/** What a scheduler is asked for, beside the graph. `granule` bytes is the unit in which space is handed out. */
export interface ScheduleTarget {
  readonly mode: ScheduleMode;
  readonly S: number;
  readonly granule: number;
  /** Absent: none. */
  readonly flags?: ScheduleFlags;
}

export function gapView(problem: ScheduleProblem, target: ScheduleTarget, order: readonly number[]): GapView {
  const { mode, S, granule } = target;
  const graph = graphOf(problem);
  const isStream = mode === 'stream';
  const position = new Array<number>(order.length);
  order.forEach((op, step) => {
    position[op] = step;
  });
  const sizes = problem.tensors.map((tensor) => placedSize(tensor.bytes, granule));
  const events = problem.tensors.map((tensor) => {
    const uses = graph.consumers[tensor.id]!.map((op) => position[op]!).sort((a, b) => a - b);
    const maker = graph.producer[tensor.id]!;
    return maker < 0 ? uses : [position[maker]!, ...uses];
  });
  const gaps: Gap[] = [];
  const gapsOf = events.map((steps, tensor) =>
    steps.slice(1).map((to, index) => {
      const from = steps[index]!;
      return gaps.push({ tensor, from, to, first: isStream ? from : from + 1, last: isStream ? to : to - 1 }) - 1;
    }),
  );
  const mandatory = new Float64Array(order.length);
  if (!isStream) {
    order.forEach((op, step) => {
      let bytes = mode === 'strict+weights' ? placedSize(problem.ops[op]!.weightBytes, granule) : 0;
      for (const tensor of graph.touched[op]!) bytes += sizes[tensor]!;
      mandatory[step] = bytes;
    });
  }
  const capacity = placedCapacity(S, granule);
  const view = { problem, graph, mode, order, capacity, granule, sizes, events, gaps, gapsOf, mandatory, rules: null };
  return target.flags ? withFlags(view, target.flags, granule) : view;
}

/** Under flags the mandatory load of a step is the least it can have: nothing kept that need not be. */
function withFlags(view: GapView, flags: ScheduleFlags, granule: number): GapView {
  const rules = flagRules(view, flags, granule);
  const ruled = { ...view, rules };
  const none = new Array<boolean>(view.gaps.length).fill(false);
  return { ...ruled, mandatory: flaggedOccupancy(ruled, rules, none) };
}

/** Whether some residency fits under this order. Without flags that is for `checkSchedule` to tell, once for all orders. */
export function isOrderFeasible({ rules, mandatory, capacity }: GapView): boolean {
  return rules === null || mandatory.every((load) => load <= capacity);
}

/** Non-compulsory bytes of keeping exactly the gaps marked in `kept`; infinite where flags make the order infeasible. */
export function gapObjective(view: GapView, kept: ArrayLike<boolean>): number {
  if (!isOrderFeasible(view)) return Infinity;
  let bytes = 0;
  view.gapsOf.forEach((indices, tensor) => {
    const missed = indices.reduce((count, gap) => count + (isKept(view, kept, gap) ? 0 : 1), 0);
    if (missed > 0)
      bytes += view.problem.tensors[tensor]!.bytes * (missed + (view.graph.isIntermediate[tensor] ? 1 : 0));
  });
  return bytes;
}

/** Placed bytes on chip at each step; a step shared by two kept gaps of one tensor counts once. */
export function occupancy(view: GapView, kept: ArrayLike<boolean>): Float64Array {
  if (view.rules) return flaggedOccupancy(view, view.rules, kept);
  const difference = new Float64Array(view.order.length + 1);
  view.gapsOf.forEach((indices, tensor) => {
    let taken = -1;
    for (const index of indices) {
      const { first, last } = view.gaps[index]!;
      const begin = Math.max(first, taken + 1);
      if (!kept[index] || begin > last) continue;
      difference[begin]! += view.sizes[tensor]!;
      difference[last + 1]! -= view.sizes[tensor]!;
      taken = last;
    }
  });
  const load = Float64Array.from(view.mandatory);
  let running = 0;
  for (let step = 0; step < load.length; step++) {
    running += difference[step]!;
    load[step]! += running;
  }
  return load;
}

/** The residency that keeps exactly the gaps marked: maximal intervals, each beginning at a making or a use. */
export function residencyOf(view: GapView, kept: ArrayLike<boolean>): Residency {
  const intervals: { t: number; from: number; to: number }[] = [];
  const isStream = view.mode === 'stream';
  view.events.forEach((steps, t) => {
    let from = 0;
    steps.forEach((step, index) => {
      const isCarried = index > 0 && isKept(view, kept, view.gapsOf[t]![index - 1]!);
      if (!isCarried) from = step;
      const goesOn = index + 1 < steps.length && isKept(view, kept, view.gapsOf[t]![index]!);
      if (!goesOn && (!isStream || from < step)) intervals.push({ t, from, to: step + 1 });
    });
  });
  return { order: view.order, intervals, objective: gapObjective(view, kept) };
}
