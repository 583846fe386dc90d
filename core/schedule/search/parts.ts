/**
 * What some tensors cost by themselves. Of any schedule only the operators that touch them are looked at, in the order
 * they have there, and only their traffic is counted: what is left is a schedule of a smaller problem, so they move at
 * least that problem's optimum, whatever the rest does, and disjoint sets add up. In strict modes operators certain to
 * run in between bring their working sets along. Parts that look the same are searched once.
 */
import type { Control } from '#core/base/control.ts';
import { Ancestors } from '../ancestors.ts';
import { type Brackets, passFromAbove, raiseFromBelow } from './bracket.ts';
import { Exchanges } from './exchange.ts';
import type { SearchInstance } from './instance.ts';
import { type LeastCosts, mergedGroups, totalOf } from './least.ts';
import type { Region } from './region.ts';
import { segmentKey } from './segments.ts';
import { exchangeSets, waitingLists } from './symmetry.ts';

export interface PartOptions {
  /** No search keeps more states in a layer. */
  readonly widest: number;
  /** Children of all searches. */
  readonly nodeLimit: number;
  readonly control: Control;
}

export class Parts {
  /** Children made so far. */
  nodes = 0;
  readonly #instance: SearchInstance;
  readonly #ancestors: Ancestors;
  readonly #options: PartOptions;
  readonly #known = new Map<string, number>();

  constructor(instance: SearchInstance, options: PartOptions) {
    this.#instance = instance;
    this.#ancestors = new Ancestors(instance.predecessors);
    this.#options = options;
  }

  get isOver(): boolean {
    return this.nodes >= this.#options.nodeLimit || this.#options.control.cancelled();
  }

  /**
   * Bytes that these tensors move in any schedule, at least.
   * @param inner bounds on disjoint sets of them: the answer is no less than their sum.
   * @param share of all children, for this search.
   */
  leastOf(tensors: readonly number[], inner: LeastCosts | null, share: number): number {
    // Telling parts apart takes time too: who has stopped the search does not wait for it.
    if (this.#options.control.cancelled()) return inner ? totalOf(innerCosts(tensors, inner)) : 0;
    const part = restricted(this.#instance, this.#ancestors, tensors);
    if (!part) return 0;
    const least = inner && innerCosts(tensors, inner);
    const ops = Int32Array.from(part.operands.keys());
    const key = [
      segmentKey(part, { ops, entry: new Int32Array(0) }),
      part.predecessors.map((list) => list.join()).join(';'),
      least?.groupOf.join(),
      least?.bytes.join(),
    ].join(' ');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { widest, control } = this.#options;
    const nodeLimit = Math.min(this.#options.nodeLimit - this.nodes, this.#options.nodeLimit * share);
    const found = this.isOver
      ? { bound: least ? totalOf(least) : 0, nodes: 0 }
      : optimumOf(part, ops, least, { nodeLimit, widest, control });
    this.nodes += found.nodes;
    this.#known.set(key, found.bound);
    return found.bound;
  }
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

/** The problem of these tensors' traffic alone; null where nothing could cost. */
function restricted(instance: SearchInstance, ancestors: Ancestors, tensors: readonly number[]): SearchInstance | null {
  const touching = new Set<number>();
  for (const tensor of tensors) {
    if (instance.producer[tensor]! >= 0) touching.add(instance.producer[tensor]!);
    for (const op of instance.consumers[tensor]!) touching.add(op);
  }
  if (touching.size < 2) return null;
  // In strict modes what is certain to run in between brings its working set along.
  const between = instance.isStream ? [] : ancestors.between([...touching]);
  const ops = [...touching, ...between].sort((a, b) => a - b);
  const opOf = new Map(ops.map((op, local) => [op, local] as const));
  const own = [...tensors].sort((a, b) => a - b);
  const tensorOf = new Map(own.map((tensor, local) => [tensor, local] as const));
  const localTensors = (list: Int32Array): Int32Array =>
    Int32Array.from([...list].flatMap((tensor) => tensorOf.get(tensor) ?? []));
  // Only those with none between: the rest follows.
  const part = ancestors.setOf(ops);
  const predecessors = ops.map((op) => Int32Array.from(ancestors.nearest(op, part), (from) => opOf.get(from)!));
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

/** Least cost of a small problem, or a bound on it. */
function optimumOf(
  part: SearchInstance,
  ops: Int32Array,
  inner: LeastCosts | null,
  { nodeLimit, widest, control }: PartOptions,
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
  let bound = inner ? totalOf(inner) : 0;
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

/** Widths of the passes from above, and the share of its budget spent by the end of each. */
const PASSES = [
  [32, 0.3],
  [256, 0.6],
] as const;
