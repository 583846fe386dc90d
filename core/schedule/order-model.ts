/**
 * Order and residency together as one integer programme, without addresses. y[v,t] = operator v has run by step t,
 * open only inside [ancestors, n − 1 − descendants]; carry k[j,t] = tensor j stays on chip from step t − 1 to t;
 * reads ≥ use − carry; one write a tensor. Sizes are divided by their greatest common divisor. After COSMA
 * (arXiv 2311.18246), whose binaries create, preserve, spill and retrieve these few replace. README of free-order-ilp.
 */
import { type MipModel, mipBuilder } from '#core/solver/mip.ts';
import { Ancestors } from './ancestors.ts';
import { commonDivisor } from './gap-model.ts';
import type { GapView } from './gap-view.ts';
import type { ScheduleTarget } from './gaps.ts';
import { graphOf, placedCapacity, placedSize } from './graph.ts';
import type { ScheduleProblem } from './problem.ts';

export interface OrderModel {
  readonly model: MipModel;
  /** Bytes to one unit of the objective. */
  readonly unit: number;
  /** The point of a schedule that keeps exactly the gaps marked. */
  start(view: GapView, kept: ArrayLike<boolean>): Float64Array;
  /** The order of an integral point. */
  order(values: ArrayLike<number>): readonly number[];
}

type Term = readonly [column: number, value: number];

/** Steps at which each operator may run, inclusive. */
interface Windows {
  readonly earliest: Int32Array;
  readonly latest: Int32Array;
}

/** About how many non-zeros the programme would have; cheap, so that it is built only where it is worth it. */
export function orderModelSize(problem: ScheduleProblem): number {
  const graph = graphOf(problem);
  const { earliest, latest } = windowsOf(graph.predecessors);
  let size = 0;
  for (const { id } of problem.ops) {
    const span = latest[id]! - earliest[id]! + 1;
    size += span * (3 + 2 * graph.predecessors[id]!.length);
  }
  for (const { id } of problem.tensors) {
    const events = [graph.producer[id]!, ...graph.consumers[id]!].filter((op) => op >= 0);
    if (graph.consumers[id]!.length === 0) continue;
    const first = Math.min(...events.map((op) => earliest[op]!));
    const last = Math.max(...events.map((op) => latest[op]!));
    size += (last - first + 1) * 12 + events.reduce((sum, op) => sum + 6 * (latest[op]! - earliest[op]! + 1), 0);
  }
  return size;
}

/** Flags are not modelled. @param target with a scratchpad in which every operator's working set fits. */
export function buildOrderModel(problem: ScheduleProblem, target: ScheduleTarget): OrderModel {
  const isStream = target.mode === 'stream';
  const graph = graphOf(problem);
  const count = problem.ops.length;
  const { earliest, latest } = windowsOf(graph.predecessors);
  const sizes = problem.tensors.map((tensor) => placedSize(tensor.bytes, target.granule));
  const weights = problem.ops.map((op) =>
    target.mode === 'strict+weights' ? placedSize(op.weightBytes, target.granule) : 0,
  );
  const unit = commonDivisor([...sizes, ...weights, ...problem.tensors.map(({ bytes }) => bytes)]);

  const build = mipBuilder();
  // What a column is worth in a given schedule, in the order of the columns.
  const values: ((schedule: Course) => number)[] = [];
  const column = (cost: number, isInteger: boolean, value: (schedule: Course) => number): number => {
    values.push(value);
    return build.column(cost, 0, 1, isInteger);
  };

  const done = problem.ops.map(({ id }) => {
    const first = earliest[id]!;
    return Array.from({ length: latest[id]! - first }, (_, index) =>
      column(0, true, ({ position }) => (position[id]! <= first + index ? 1 : 0)),
    );
  });
  /** y[op, step] as terms and a constant. */
  const by = (op: number, step: number): { terms: Term[]; constant: number } => {
    if (step < earliest[op]!) return { terms: [], constant: 0 };
    if (step >= latest[op]!) return { terms: [], constant: 1 };
    return { terms: [[done[op]![step - earliest[op]!]!, 1]], constant: 0 };
  };
  /** Whether some of `ops` runs at the step, times `factor`. */
  const runs = (ops: readonly number[], step: number, factor = 1): { terms: Term[]; constant: number } => {
    const terms: Term[] = [];
    let constant = 0;
    for (const op of ops) {
      if (step < earliest[op]! || step > latest[op]!) continue;
      const after = by(op, step);
      const before = by(op, step - 1);
      constant += factor * (after.constant - before.constant);
      for (const [index, value] of after.terms) terms.push([index, factor * value]);
      for (const [index, value] of before.terms) terms.push([index, -factor * value]);
    }
    return { terms, constant };
  };

  // Each step runs one operator; an operator has run later, and later than all before it.
  for (let step = 0; step < count; step++) {
    const terms: Term[] = [];
    let constant = 0;
    for (const { id } of problem.ops) {
      const { terms: one, constant: fixed } = by(id, step);
      terms.push(...one);
      constant += fixed;
    }
    if (terms.length > 0) build.row(step + 1 - constant, step + 1 - constant, terms);
  }
  for (const { id } of problem.ops) {
    for (let step = earliest[id]!; step < latest[id]!; step++) {
      const now = done[id]![step - earliest[id]!]!;
      const next = done[id]![step + 1 - earliest[id]!];
      if (next !== undefined) build.row(0, Infinity, [[next, 1], [now, -1]]); // biome-ignore format: a pair
      for (const from of graph.predecessors[id]!) {
        const before = by(from, step - 1);
        if (before.constant === 0) build.row(0, Infinity, [...before.terms, [now, -1]]);
      }
    }
  }

  const load: Term[][] = Array.from({ length: count }, () => []);
  /** Room that an operator takes whatever is kept, of tensors that are never carried and of weights. */
  const own = weights.map((bytes) => bytes / unit);
  for (const { id: tensor, bytes } of problem.tensors) {
    const uses = graph.consumers[tensor]!;
    const maker = graph.producer[tensor]!;
    const events = maker < 0 ? uses : [maker, ...uses];
    const size = sizes[tensor]! / unit;
    if (bytes === 0 || events.length < 2) {
      if (!isStream) for (const op of events) own[op]! += size;
      continue;
    }
    const cost = bytes / unit;
    const first = Math.min(...events.map((op) => earliest[op]!));
    const last = Math.max(...uses.map((op) => latest[op]!));
    const isCarried = ({ carried }: Course, step: number): boolean => carried[tensor]!.has(step);
    const carry = new Map<number, number>();
    for (let step = first + 1; step <= last; step++)
      carry.set(
        step,
        column(0, true, (schedule) => (isCarried(schedule, step) ? 1 : 0)),
      );

    const isUsed = ({ order }: Course, step: number): boolean => uses.includes(order[step]!);
    const isEvent = (schedule: Course, step: number): boolean => events.includes(schedule.order[step]!);
    const reads: Term[] = [];
    for (let step = first; step <= last; step++) {
      const now = carry.get(step);
      const next = carry.get(step + 1);
      const event = runs(events, step);
      // Carried on from here: carried to here, or made or used here.
      if (next !== undefined)
        build.row(-event.constant, Infinity, [
          ...(now === undefined ? [] : [[now, 1] as const]),
          ...event.terms,
          [next, -1],
        ]);
      const use = runs(uses, step);
      if (use.terms.length > 0 || use.constant > 0) {
        const read = column(cost, false, (schedule) => (isUsed(schedule, step) && !isCarried(schedule, step) ? 1 : 0));
        reads.push([read, 1]);
        const negated = use.terms.map(([index, value]): Term => [index, -value]);
        build.row(use.constant, Infinity, [[read, 1], ...(now === undefined ? [] : [[now, 1] as const]), ...negated]);
      }
      const present = column(0, false, (schedule) =>
        isCarried(schedule, step) || isCarried(schedule, step + 1) || (!isStream && isEvent(schedule, step)) ? 1 : 0,
      );
      for (const one of [now, next])
        if (one !== undefined) build.row(0, Infinity, [[present, 1], [one, -1]]); // biome-ignore format: a pair
      if (!isStream && (event.terms.length > 0 || event.constant > 0))
        build.row(event.constant, Infinity, [
          [present, 1],
          ...event.terms.map(([index, value]): Term => [index, -value]),
        ]);
      load[step]!.push([present, size]);
    }
    if (maker < 0) {
      // The first load is compulsory: every schedule has it.
      build.row(1, Infinity, reads);
      build.constant(-cost);
    } else if (graph.isIntermediate[tensor]) {
      const write = column(cost, false, (schedule) =>
        uses.some((op) => !isCarried(schedule, schedule.position[op]!)) ? 1 : 0,
      );
      // With one use the write is the read; with more it is no less than any of them, nor than their mean.
      build.row(0, Infinity, [[write, uses.length], ...reads.map(([index]): Term => [index, -1])]);
      if (uses.length > 1)
        for (const [read] of reads) build.row(0, Infinity, [[write, 1], [read, -1]]); // biome-ignore format: a pair
    }
  }

  const capacity = Math.floor(placedCapacity(target.S, target.granule) / unit);
  load.forEach((terms, step) => {
    let constant = 0;
    const row = [...terms];
    for (const { id } of problem.ops) {
      if (own[id] === 0) continue;
      const running = runs([id], step, own[id]!);
      constant += running.constant;
      row.push(...running.terms);
    }
    if (row.length > 0) build.row(-Infinity, capacity - constant, row);
  });

  return {
    model: build.build(),
    unit,
    start(view, kept) {
      const schedule = courseOf(view, kept);
      return Float64Array.from(values, (value) => value(schedule));
    },
    order(point) {
      const step = problem.ops.map(({ id }) => {
        const index = done[id]!.findIndex((one) => point[one]! > 0.5);
        return index < 0 ? latest[id]! : earliest[id]! + index;
      });
      return problem.ops.map(({ id }) => id).sort((a, b) => step[a]! - step[b]! || a - b);
    },
  };
}

/** A schedule as the columns see it. */
interface Course {
  readonly order: readonly number[];
  /** Step of each operator. */
  readonly position: readonly number[];
  /** Of each tensor the steps into which it is carried. */
  readonly carried: readonly ReadonlySet<number>[];
}

function courseOf(view: GapView, kept: ArrayLike<boolean>): Course {
  const position = new Array<number>(view.order.length);
  view.order.forEach((op, step) => {
    position[op] = step;
  });
  const carried = view.events.map(() => new Set<number>());
  view.gaps.forEach(({ tensor, from, to }, gap) => {
    if (kept[gap]) for (let step = from + 1; step <= to; step++) carried[tensor]!.add(step);
  });
  return { order: view.order, position, carried };
}

function windowsOf(predecessors: readonly (readonly number[])[]): Windows {
  const ancestors = new Ancestors(predecessors);
  const descendants = ancestors.descendantCounts();
  return { earliest: ancestors.count, latest: descendants.map((count) => predecessors.length - 1 - count) };
}
