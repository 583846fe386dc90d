/**
 * A bound over all orders from groups of tensors. Of any schedule only the operators that touch a group's tensors are
 * looked at, in the order they have there, and only the traffic of those tensors is counted: what is left is a schedule
 * of a smaller problem, so the group moves at least that problem's optimum, and disjoint groups add up. In strict modes
 * operators certain to run in between bring their working sets along. Groups follow the file's order; the best cut into
 * groups is a shortest path. Identical groups are solved once.
 */
import type { Control } from '#core/base/control.ts';
import type { SearchInstance } from './instance.ts';
import { type LeastCosts, searchRegion } from './region.ts';
import { Ancestors, segmentKey } from './segments.ts';
import { waitingLists } from './symmetry.ts';

export interface WindowOptions {
  /** Operators whose results make a group, at most. */
  readonly length: number;
  /** States kept in a layer of a group's search, and children of all searches. */
  readonly width: number;
  readonly nodeLimit: number;
  readonly control: Control;
}

export interface WindowBound extends LeastCosts {
  /** Bytes no schedule goes below. */
  readonly total: number;
  readonly nodes: number;
}

/** @param ops operators whose results may be grouped, ascending; tensors of `except` are left out. */
export function windowBound(
  instance: SearchInstance,
  ops: Int32Array,
  except: Iterable<number>,
  { length, width, nodeLimit, control }: WindowOptions,
): WindowBound {
  const leftOut = new Set(except);
  const ancestors = new Ancestors(instance);
  const owner = ownersOf(instance, ops, leftOut);
  const cuts = cutPlaces(instance, ops, owner);
  const memo = new Map<string, number>();
  let nodes = 0;
  const costOf = (from: number, to: number): number => {
    const tensors: number[] = [];
    for (let place = from; place < to; place++) tensors.push(...owner[place]!);
    const part = restricted(instance, ancestors, tensors);
    if (!part) return 0;
    const all = Int32Array.from(part.operands.keys());
    const key = `${segmentKey(part, { ops: all, entry: new Int32Array(0) })} ${part.predecessors.map((list) => list.join()).join(';')}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const found = nodes >= nodeLimit || control.cancelled() ? { bound: 0, nodes: 0 } : least(part, all, width, control);
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
    for (let start = end - 1; start >= 0 && (cuts[end]! - cuts[start]! <= length || start === end - 1); start--) {
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
  if (!instance.isStream) addBetween(instance, ancestors, touching);
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
function addBetween(instance: SearchInstance, ancestors: Ancestors, ops: Set<number>): void {
  const own = [...ops];
  const first = Math.min(...own);
  const last = Math.max(...own);
  for (let op = first + 1; op < last; op++) {
    if (ops.has(op)) continue;
    if (own.some((other) => ancestors.has(op, other)) && own.some((other) => ancestors.has(other, op))) ops.add(op);
  }
  void instance;
}

/** Least cost of a small problem, or a bound on it. */
function least(
  part: SearchInstance,
  ops: Int32Array,
  width: number,
  control: Control,
): { readonly bound: number; readonly nodes: number } {
  const usesLeft = Int32Array.from(part.consumers, (list) => list.length);
  const entry = { live: new Int32Array(0), status: new Uint8Array(0) };
  const waitsFor = waitingLists(part, ops);
  let bound = 0;
  let below = Infinity;
  let nodes = 0;
  for (let states = Math.min(64, width); states <= width; states *= 8) {
    const result = searchRegion(
      part,
      { ops, entry, usesLeft, waitsFor },
      { width: states, below, exposure: 0.5, nodeLimit: 400 * states * ops.length, control },
    );
    nodes += result.nodes;
    if (!result.isComplete) break;
    below = Math.min(below, result.ends[0]?.cost ?? Infinity);
    bound = Math.max(bound, Math.min(result.cutBound, below));
    if (bound >= below) break;
  }
  return { bound, nodes };
}
