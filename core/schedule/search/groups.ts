/**
 * A bound over all orders from groups of tensors. Of any schedule only the operators that touch a group's tensors are
 * looked at, in the order they have there, and only the traffic of those tensors is counted: what is left is a schedule
 * of a smaller problem, so the group moves at least that problem's optimum, and disjoint groups add up. In strict modes
 * operators certain to run in between bring their working sets along. Groups follow the file's order; the best cut into
 * groups is a shortest path. Identical groups are solved once.
 */
import type { Control } from '#core/base/control.ts';
import { type Brackets, passFromAbove, raiseFromBelow } from './bracket.ts';
import { Exchanges } from './exchange.ts';
import type { SearchInstance } from './instance.ts';
import type { LeastCosts, Region } from './region.ts';
import { Ancestors, segmentKey } from './segments.ts';
import { exchangeSets, waitingLists } from './symmetry.ts';

export interface GroupOptions {
  /** Operators whose results make a first group, at most; 24 by default. */
  readonly length?: number;
  /** No search keeps more states in a layer. */
  readonly widest: number;
  /** Children of all searches. */
  readonly nodeLimit: number;
  readonly control: Control;
}

export interface GroupBound extends LeastCosts {
  /** Bytes no schedule goes below. */
  readonly total: number;
  readonly nodes: number;
}

/** Bytes of all groups together: no schedule moves less. */
export function totalOf({ bytes }: LeastCosts): number {
  return bytes.reduce((sum, one) => sum + one, 0);
}

/** Earlier groups that a later one joins, at most. */
const JOINED = 4;

/**
 * @param ops operators whose results may be grouped, ascending; tensors of `except` are left out.
 * @param inner groups found before: the new ones are runs of them, searched with what they are known to cost.
 */
export function groupBound(
  instance: SearchInstance,
  ops: Int32Array,
  except: Iterable<number>,
  inner: LeastCosts | null,
  { length = 24, widest, nodeLimit, control }: GroupOptions,
): GroupBound {
  const ancestors = new Ancestors(instance);
  const owner = ownersOf(instance, ops, new Set(except));
  const cuts = inner ? groupEnds(owner, inner) : cutPlaces(instance, ops, owner);
  const isNear = (start: number, end: number): boolean =>
    start === end - 1 || (inner ? end - start <= JOINED : cuts[end]! - cuts[start]! <= length);
  const memo = new Map<string, number>();
  let nodes = 0;
  // What a run of pieces costs at least; runs that look the same are searched once.
  const costOf = (from: number, to: number): number => {
    const tensors = owner.slice(from, to).flat();
    const part = restricted(instance, ancestors, tensors);
    if (!part) return 0;
    const least = inner && innerCosts(tensors, inner);
    const start = least ? totalOf(least) : 0;
    const all = Int32Array.from(part.operands.keys());
    const key = `${segmentKey(part, { ops: all, entry: new Int32Array(0) })} ${part.predecessors.map((list) => list.join()).join(';')} ${least?.groupOf.join() ?? ''} ${least?.bytes.join() ?? ''}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const limit = Math.min(nodeLimit - nodes, nodeLimit / 12);
    const found =
      limit <= 0 || control.cancelled()
        ? { bound: start, nodes: 0 }
        : leastOf(part, all, least, start, limit, widest, control);
    nodes += found.nodes;
    memo.set(key, found.bound);
    return found.bound;
  };
  // Longest path over the places where groups may end.
  const best = new Float64Array(cuts.length);
  const previous = new Int32Array(cuts.length);
  for (let end = 1; end < cuts.length; end++) {
    best[end] = best[end - 1]!;
    previous[end] = end - 1;
    for (let start = end - 1; start >= 0 && isNear(start, end); start--) {
      const total = best[start]! + costOf(cuts[start]!, cuts[end]!);
      if (total <= best[end]!) continue;
      best[end] = total;
      previous[end] = start;
    }
  }
  const groupOf = new Int32Array(instance.size.length).fill(-1);
  const bytes: number[] = [];
  for (let end = cuts.length - 1; end > 0; end = previous[end]!) {
    const cost = best[end]! - best[previous[end]!]!;
    if (cost === 0) continue;
    for (let place = cuts[previous[end]!]!; place < cuts[end]!; place++)
      for (const tensor of owner[place]!) groupOf[tensor] = bytes.length;
    bytes.push(cost);
  }
  return { groupOf, bytes: Float64Array.from(bytes), total: best[cuts.length - 1] ?? 0, nodes };
}

/** The same with all groups that tell exchangeable branches apart taken as one, so that names may change. */
export function mergedGroups(least: LeastCosts, { sets }: Exchanges): LeastCosts {
  const into = Int32Array.from(least.bytes, (_, group) => group);
  for (const branches of sets) {
    const touched = new Set(branches.flatMap(({ tensors }) => [...tensors].map((tensor) => least.groupOf[tensor]!)));
    const merged = Math.min(...[...touched].filter((group) => group >= 0).map((group) => into[group]!));
    if (!Number.isFinite(merged)) continue;
    const old = new Set([...touched].filter((group) => group >= 0).map((group) => into[group]!));
    into.forEach((group, index) => {
      if (old.has(group)) into[index] = merged;
    });
  }
  const bytes = new Float64Array(least.bytes.length);
  least.bytes.forEach((one, group) => {
    bytes[into[group]!]! += one;
  });
  const groupOf = least.groupOf.map((group) => (group < 0 ? -1 : into[group]!));
  // A branch without any group of its own would tell the others apart still.
  for (const branches of sets)
    for (const { tensors } of branches)
      tensors.forEach((tensor, place) => {
        const known = branches.map((branch) => groupOf[branch.tensors[place]!]!).find((group) => group >= 0);
        if (known !== undefined) groupOf[tensor] = known;
      });
  return { groupOf, bytes };
}

/** Places where one inner group ends and the next begins. */
function groupEnds(owner: readonly (readonly number[])[], { groupOf }: LeastCosts): readonly number[] {
  const ends = [0];
  let last = -2;
  owner.forEach((tensors, place) => {
    for (const tensor of tensors) {
      const group = groupOf[tensor]!;
      if (group !== last && place > ends.at(-1)! && last !== -2) ends.push(place);
      last = group;
    }
  });
  return [...ends, owner.length];
}

/** The inner groups of these tensors, by position among them in ascending order. */
function innerCosts(tensors: readonly number[], { groupOf, bytes }: LeastCosts): LeastCosts {
  const own = [...tensors].sort((a, b) => a - b);
  const groups = [...new Set(own.map((tensor) => groupOf[tensor]!))].filter((group) => group >= 0);
  return {
    groupOf: Int32Array.from(own, (tensor) => groups.indexOf(groupOf[tensor]!)),
    bytes: Float64Array.from(groups, (group) => bytes[group]!),
  };
}

/** By place in `ops`: the tensors that cost something to drop, each at its maker, graph inputs at their first use. */
function ownersOf(instance: SearchInstance, ops: Int32Array, leftOut: ReadonlySet<number>): readonly number[][] {
  const seen = new Set<number>(leftOut);
  return Array.from(ops, (op) => {
    const own: number[] = [];
    for (const tensor of [...instance.operands[op]!, ...instance.results[op]!]) {
      if (seen.has(tensor) || instance.consumers[tensor]!.length === 0 || instance.bytes[tensor] === 0) continue;
      if (instance.producer[tensor]! >= 0 && instance.producer[tensor] !== op) continue;
      seen.add(tensor);
      own.push(tensor);
    }
    return own;
  });
}

/** Places where few bytes cross from before to after, and every sixteenth at least. */
function cutPlaces(
  instance: SearchInstance,
  ops: Int32Array,
  owner: readonly (readonly number[])[],
): readonly number[] {
  const placeOf = new Map(Array.from(ops, (op, place) => [op, place] as const));
  const change = new Float64Array(ops.length + 2);
  owner.forEach((tensors, place) => {
    for (const tensor of tensors) {
      const last = Math.max(...Array.from(instance.consumers[tensor]!, (op) => placeOf.get(op) ?? ops.length));
      change[place + 1]! += instance.size[tensor]!;
      change[last + 1]! -= instance.size[tensor]!;
    }
  });
  const crossing = new Float64Array(ops.length + 1);
  for (let place = 0, sum = 0; place <= ops.length; place++) {
    sum += change[place]!;
    crossing[place] = sum;
  }
  const cuts = [0];
  for (let place = 1; place < ops.length; place++) {
    const isLow = crossing[place]! < crossing[place - 1]! && crossing[place]! <= crossing[place + 1]!;
    if (isLow || place - cuts.at(-1)! >= LONGEST_PIECE) cuts.push(place);
  }
  return [...cuts, ops.length];
}

const LONGEST_PIECE = 16;

/** The problem of these tensors' traffic alone; null where nothing could cost. */
function restricted(instance: SearchInstance, ancestors: Ancestors, tensors: readonly number[]): SearchInstance | null {
  const touching = new Set<number>();
  for (const tensor of tensors) {
    if (instance.producer[tensor]! >= 0) touching.add(instance.producer[tensor]!);
    for (const op of instance.consumers[tensor]!) touching.add(op);
  }
  if (touching.size < 2) return null;
  if (!instance.isStream) addBetween(ancestors, touching);
  const ops = [...touching].sort((a, b) => a - b);
  const opOf = new Map(ops.map((op, local) => [op, local] as const));
  const own = [...tensors].sort((a, b) => a - b);
  const tensorOf = new Map(own.map((tensor, local) => [tensor, local] as const));
  const localTensors = (list: Int32Array): Int32Array =>
    Int32Array.from([...list].flatMap((tensor) => tensorOf.get(tensor) ?? []));
  const predecessors = ops.map((op, local) =>
    Int32Array.from(ops.slice(0, local).flatMap((other, index) => (ancestors.has(op, other) ? [index] : []))),
  );
  const successors: number[][] = ops.map(() => []);
  predecessors.forEach((list, op) => {
    for (const from of list) successors[from]!.push(op);
  });
  const consumers = own.map((tensor) => Int32Array.from(instance.consumers[tensor]!, (op) => opOf.get(op)!));
  const twins = new Map<string, number>();
  return {
    isStream: instance.isStream,
    capacity: instance.capacity,
    size: Float64Array.from(own, (tensor) => instance.size[tensor]!),
    bytes: Float64Array.from(own, (tensor) => instance.bytes[tensor]!),
    isIntermediate: own.map((tensor) => instance.isIntermediate[tensor]!),
    producer: Int32Array.from(own, (tensor) => opOf.get(instance.producer[tensor]!) ?? -1),
    consumers,
    twin: Int32Array.from(own, (tensor, local) => {
      const key = `${instance.isIntermediate[tensor]} ${instance.producer[tensor]! < 0} ${instance.size[tensor]} ${instance.bytes[tensor]} ${consumers[local]!.join()}`;
      if (!twins.has(key)) twins.set(key, local);
      return twins.get(key)!;
    }),
    operands: ops.map((op) => localTensors(instance.operands[op]!)),
    results: ops.map((op) => localTensors(instance.results[op]!)),
    predecessors,
    successors: successors.map((list) => Int32Array.from(list)),
    mandatory: Float64Array.from(ops, (op) => instance.mandatory[op]!),
  };
}

/** Adds every operator that certainly runs after one and before another of the set. */
function addBetween(ancestors: Ancestors, ops: Set<number>): void {
  const own = [...ops];
  const first = Math.min(...own);
  const last = Math.max(...own);
  for (let op = first + 1; op < last; op++) {
    if (ops.has(op)) continue;
    if (own.some((other) => ancestors.has(op, other)) && own.some((other) => ancestors.has(other, op))) ops.add(op);
  }
}

/** Least cost of a small problem, or a bound on it. */
function leastOf(
  part: SearchInstance,
  ops: Int32Array,
  inner: LeastCosts | null,
  start: number,
  nodeLimit: number,
  widest: number,
  control: Control,
): { readonly bound: number; readonly nodes: number } {
  const exchanges = new Exchanges(exchangeSets(part, ops));
  const least = inner && mergedGroups(inner, exchanges);
  const region: Region = {
    ops,
    usesLeft: Int32Array.from(part.consumers, (list) => list.length),
    entry: { live: new Int32Array(0), status: new Uint8Array(0) },
    waitsFor: waitingLists(part, ops),
    exchanges,
  };
  let below = Infinity;
  const brackets: Brackets = {
    found: ({ ends }) => {
      below = Math.min(below, ends[0]?.cost ?? Infinity);
    },
    below: () => below,
  };
  let bound = start;
  let nodes = 0;
  for (const [width, share] of PASSES) {
    if (bound >= below || nodes >= nodeLimit) break;
    const limits = { widest, least, control, width, exposure: 0.3, nodeLimit: nodeLimit * share - nodes };
    const pass = passFromAbove(part, region, brackets, limits);
    nodes += pass.nodes;
    bound = Math.max(bound, pass.bound ?? 0);
  }
  if (bound < below && below < Infinity && nodes < nodeLimit) {
    const raised = raiseFromBelow(part, region, brackets, bound, {
      widest,
      least,
      control,
      nodeLimit: nodeLimit - nodes,
    });
    nodes += raised.nodes;
    bound = raised.bound;
  }
  return { bound, nodes };
}

/** Widths of the passes from above over a group, and the share of its budget spent by the end of each. */
const PASSES = [
  [32, 0.3],
  [256, 0.6],
] as const;
