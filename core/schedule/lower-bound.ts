/**
 * A lower bound on non-compulsory bytes that holds for every order. The gap model relaxed to what the graph alone
 * decides: one binary a use (carried into it or not), one capacity row an operator, and in the row of v only the
 * tensors that are on chip while v runs in every order in which they are carried (README, "A relaxation that every order meets").
 * Exact on chains; on branches it forgets that one branch waits while another runs.
 */
import type { Control } from '#core/base/control.ts';
import { type MipSolver, mipBuilder, scaledNodeLimit, wholeBound } from '#core/solver/mip.ts';
import { Ancestors } from './ancestors.ts';
import { commonDivisor } from './gap-model.ts';
import type { ScheduleTarget } from './gaps.ts';
import { graphOf, placedCapacity, placedSize } from './graph.ts';
import type { ScheduleProblem } from './problem.ts';
import { relaxedWorkingSet } from './working-set.ts';

export interface LowerBoundOptions {
  readonly nodeLimit: number;
  readonly control: Control;
  /** Groups of tensors, perhaps overlapping, and the bytes each is known to move at least. */
  readonly groups?: readonly { readonly tensors: readonly number[]; readonly bytes: number }[];
}

/** Bytes; 0 at worst. Sound also when the budget runs out or the solver fails. */
export function lowerBound(
  problem: ScheduleProblem,
  target: ScheduleTarget,
  mip: MipSolver,
  options: LowerBoundOptions,
): number {
  const isStream = target.mode === 'stream';
  const graph = graphOf(problem);
  const ancestors = new Ancestors(graph.predecessors);
  const capacity = placedCapacity(target.S, target.granule);
  const sizes = problem.tensors.map((tensor) => placedSize(tensor.bytes, target.granule));
  const unit = commonDivisor([...sizes, ...problem.tensors.map((tensor) => tensor.bytes)]);

  const build = mipBuilder();
  /** Terms of each operator's row, in units: a column stands for the tensor's presence while the operator runs. */
  const rows: [column: number, value: number][][] = problem.ops.map(() => []);
  const room = problem.ops.map((op) => {
    return capacity - relaxedWorkingSet(problem, target, op.id);
  });

  /** What each tensor moves, in units: a constant and columns. */
  const moved = new Map<number, { readonly constant: number; readonly terms: [column: number, value: number][] }>();
  for (const { id: tensor, bytes } of problem.tensors) {
    const uses = graph.consumers[tensor]!;
    const maker = graph.producer[tensor]!;
    const cost = bytes / unit;
    const size = sizes[tensor]! / unit;
    if (bytes === 0 || uses.length === 0 || (maker < 0 && uses.length === 1)) continue;

    // One column a use; the first use of a graph input is its compulsory load, whichever that is.
    const events = maker < 0 ? uses : [maker, ...uses];
    // What a use is carried from: an event not certain to come later. Without any it is the first.
    const eventSet = ancestors.setOf(events);
    const sources = uses.map((use) => {
      const isApart = (event: number): boolean =>
        event !== use && !ancestors.has(event, use) && !ancestors.has(use, event);
      return { before: ancestors.nearest(use, eventSet), hasApart: events.some(isApart) };
    });
    const carried = sources.map(({ before, hasApart }) =>
      build.column(-cost, 0, before.length > 0 || hasApart ? 1 : 0, true),
    );
    const own = {
      constant: cost * (maker < 0 ? uses.length - 1 : uses.length),
      terms: carried.map((column): [number, number] => [column, -cost]),
    };
    moved.set(tensor, own);
    build.constant(own.constant);
    if (maker < 0)
      build.row(
        -Infinity,
        uses.length - 1,
        carried.map((column) => [column, 1]),
      );
    if (graph.isIntermediate[tensor]) {
      const write = build.column(cost);
      own.terms.push([write, cost]);
      for (const column of carried)
        build.row(1, Infinity, [
          [write, 1],
          [column, 1],
        ]);
    }

    const present = new Map<number, number[]>();
    const isPresent = (op: number, column: number): void => {
      const columns = present.get(op);
      if (columns) columns.push(column);
      else present.set(op, [column]);
    };
    uses.forEach((use, index) => {
      if (isStream) isPresent(use, carried[index]!);
      // Certain to be between all it can be carried from and the use, an operator runs with the tensor on chip.
      const { before, hasApart } = sources[index]!;
      if (before.length === 0 || hasApart) return;
      for (let op = before.at(-1)!; op < use; op++)
        if (ancestors.has(use, op) && before.every((event) => event === op || ancestors.has(op, event)))
          isPresent(op, carried[index]!);
    });
    if (isStream && maker >= 0) {
      // Not kept where it is made, a tensor is read again for its first use, whichever that is.
      const made = build.column(0);
      build.row(-Infinity, uses.length - 1, [...carried.map((column) => [column, 1] as const), [made, -1]]);
      isPresent(maker, made);
    }
    for (const [op, columns] of present) {
      // In strict mode the events of a tensor have their room already.
      if (!isStream && (op === maker || uses.includes(op))) continue;
      if (columns.length === 1) {
        rows[op]!.push([columns[0]!, size]);
        continue;
      }
      const any = build.column(0);
      for (const column of columns)
        build.row(0, Infinity, [
          [any, 1],
          [column, -1],
        ]);
      rows[op]!.push([any, size]);
    }
  }
  rows.forEach((terms, op) => {
    const limit = Math.floor(room[op]! / unit);
    if (terms.reduce((sum, [, size]) => sum + size, 0) > limit) build.row(-Infinity, limit, terms);
  });

  for (const { tensors, bytes } of options.groups ?? []) {
    const members = tensors.flatMap((tensor) => moved.get(tensor) ?? []);
    const constant = members.reduce((sum, member) => sum + member.constant, 0);
    build.row(
      bytes / unit - constant,
      Infinity,
      members.flatMap(({ terms }) => terms),
    );
  }

  const model = build.build();
  const nodeLimit = scaledNodeLimit(options.nodeLimit, model);
  const solution = mip.solve(model, { nodeLimit, control: options.control, absoluteGap: 0.99 });
  return wholeBound(solution.bound) * unit;
}
