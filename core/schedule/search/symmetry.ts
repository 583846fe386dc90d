/**
 * Interchangeable branches: parts of a problem that can be swapped without changing it (attention heads, identical
 * inception branches, the projections of one head). Any schedule can be renamed so that such branches begin in the
 * order of their numbers, so only those schedules are searched. Candidates come from colour refinement (colours.ts); each
 * swap is then checked operand by operand, so a likeness is never taken for an automorphism.
 */
import { type Colours, refinedColours } from './colours.ts';
import { closedSets, type ExchangeBranch } from './exchange.ts';
import type { SearchInstance } from './instance.ts';

type Branch = readonly number[];

/** For each operator, sets of operators: one of each set must have begun before it. Without symmetry all lists are empty. */
export function waitingLists(instance: SearchInstance, ops: Int32Array): readonly (readonly Int32Array[])[] {
  const waits = new Map<number, Int32Array[]>();
  for (const branches of interchangeableBranches(instance, ops)) {
    branches.slice(1).forEach((branch, index) => {
      const inBranch = new Set(branch);
      const previous = Int32Array.from(branches[index]!);
      for (const op of branch) {
        // The others come after an operator of their own branch anyway.
        if (instance.predecessors[op]!.some((from) => inBranch.has(from))) continue;
        waits.set(op, [...(waits.get(op) ?? []), previous]);
      }
    });
  }
  return Array.from(ops, (op) => waits.get(op) ?? []);
}

/** The outermost interchangeable branches, with their operators and results in corresponding order. */
export function exchangeSets(instance: SearchInstance, ops: Int32Array): readonly (readonly ExchangeBranch[])[] {
  const all = [...ops];
  const colours = refinedColours(instance, all);
  const sets = outermost(instance, all, colours).map((group) =>
    group.map((branch) => ({
      ops: Int32Array.from(branch),
      tensors: Int32Array.from(branch.flatMap((op) => byColour(instance.results[op]!, colours))),
    })),
  );
  return closedSets(instance, ops, sets);
}

/** Groups of interchangeable branches, outer ones first; each group's branches in file order. */
export function interchangeableBranches(
  instance: SearchInstance,
  ops: Iterable<number>,
): readonly (readonly Branch[])[] {
  const all = [...ops];
  const groups: (readonly Branch[])[] = [];
  const colours = refinedColours(instance, all);
  const search = (within: readonly number[]): void => {
    for (const group of outermost(instance, within, colours)) {
      groups.push(group);
      for (const branch of group) if (branch.length < within.length) search(branch);
    }
  };
  search(all);
  return groups;
}

/**
 * Disjoint groups of branches that can be swapped with the first of their group. Branches held together by precedence
 * come first: where most tensors are left out it may be all that holds them together.
 */
function outermost(
  instance: SearchInstance,
  within: readonly number[],
  colours: Colours,
): readonly (readonly Branch[])[] {
  const groups: (readonly Branch[])[] = [];
  let rest = within;
  for (const byPrecedence of [true, false]) {
    for (const [first, ...others] of candidateGroups(instance, rest, colours, byPrecedence)) {
      const group = [first!, ...others.filter((branch) => isSwap(instance, first!, branch, colours))];
      if (group.length > 1) groups.push(group);
    }
    const taken = new Set(groups.flat(2));
    rest = rest.filter((op) => !taken.has(op));
  }
  return groups;
}

/** Connected pieces of what occurs more than once, joined by tensors that do so too; grouped by their colours. */
function candidateGroups(
  instance: SearchInstance,
  within: readonly number[],
  colours: Colours,
  byPrecedence: boolean,
): readonly (readonly Branch[])[] {
  const isRepeated = repeated(within, colours.op);
  const own = [...new Set(within.flatMap((op) => [...instance.results[op]!]))];
  const isRepeatedTensor = repeated(own, colours.tensor);
  const inside = new Set(within.filter(isRepeated));
  const branchOf = new Map<number, number[]>();
  for (const start of inside) {
    if (branchOf.has(start)) continue;
    const branch: number[] = [];
    const stack = [start];
    branchOf.set(start, branch);
    const visit = (op: number): void => {
      if (!inside.has(op) || branchOf.has(op)) return;
      branchOf.set(op, branch);
      stack.push(op);
    };
    for (let op = stack.pop(); op !== undefined; op = stack.pop()) {
      branch.push(op);
      for (const tensor of instance.operands[op]!) if (isRepeatedTensor(tensor)) visit(instance.producer[tensor]!);
      for (const tensor of instance.results[op]!)
        if (isRepeatedTensor(tensor)) instance.consumers[tensor]!.forEach(visit);
      if (!byPrecedence) continue;
      instance.predecessors[op]!.forEach(visit);
      instance.successors[op]!.forEach(visit);
    }
    branch.sort((a, b) => colours.op.get(a)! - colours.op.get(b)! || a - b);
  }
  const alike = Map.groupBy(new Set(branchOf.values()), (branch) => branch.map((op) => colours.op.get(op)!).join());
  return [...alike.values()].filter((group) => group.length > 1);
}

function repeated(ids: readonly number[], colours: ReadonlyMap<number, number>): (id: number) => boolean {
  const count = new Map<number, number>();
  const inside = new Set(ids);
  for (const id of ids) count.set(colours.get(id)!, (count.get(colours.get(id)!) ?? 0) + 1);
  return (id) => inside.has(id) && count.get(colours.get(id)!)! > 1;
}

const byColour = (ids: Int32Array, colours: Colours): readonly number[] =>
  [...ids].sort((a, b) => colours.tensor.get(a)! - colours.tensor.get(b)! || a - b);

/** Whether exchanging two disjoint branches, operator by operator in their order, leaves the problem as it is. */
function isSwap(instance: SearchInstance, one: Branch, other: Branch, colours: Colours): boolean {
  const ops = new Map<number, number>();
  const tensors = new Map<number, number>();
  one.forEach((op, index) => {
    ops.set(op, other[index]!);
    ops.set(other[index]!, op);
    const from = byColour(instance.results[op]!, colours);
    const to = byColour(instance.results[other[index]!]!, colours);
    from.forEach((tensor, i) => {
      tensors.set(tensor, to[i] ?? -1);
      tensors.set(to[i] ?? -1, tensor);
    });
  });
  const areSame = (ids: Int32Array, images: Int32Array, map: ReadonlyMap<number, number>): boolean => {
    const mapped = [...ids].map((id) => map.get(id) ?? id).sort((a, b) => a - b);
    return mapped.length === images.length && mapped.every((id, index) => id === images[index]);
  };
  for (const [op, image] of ops) {
    if (instance.mandatory[op] !== instance.mandatory[image]) return false;
    if (!areSame(instance.operands[op]!, instance.operands[image]!, tensors)) return false;
    if (instance.results[op]!.length !== instance.results[image]!.length) return false;
    // What must come before and after may be more than the tensors tell: parts of a problem keep the whole's precedence.
    if (!areSame(instance.predecessors[op]!, instance.predecessors[image]!, ops)) return false;
    if (!areSame(instance.successors[op]!, instance.successors[image]!, ops)) return false;
  }
  for (const [tensor, image] of tensors) {
    if (image < 0 || instance.size[tensor] !== instance.size[image] || instance.bytes[tensor] !== instance.bytes[image])
      return false;
    if (instance.isIntermediate[tensor] !== instance.isIntermediate[image]) return false;
    if (!areSame(instance.consumers[tensor]!, instance.consumers[image]!, ops)) return false;
  }
  return true;
}
