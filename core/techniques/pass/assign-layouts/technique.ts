/**
 * Layout assignment: tensors lie in the order in which the fewest transposed bytes move. Products, convolutions and copies
 * read and write any order; element-wise kernels and pooling any one order that their tensors share; everything else,
 * inputs and outputs of the model are row-major. A transposition between orders that agree is another way of reading.
 */
import { ELEMENT_BYTES } from '#core/catalog/operator-type.ts';
import { compact, type KernelGraph, type KernelOperator, type KernelTensor } from '#core/compile/kernel-graph.ts';
import { axisOrder, composed, inverse, isEqual, type Layout, ROW_MAJOR, transposition } from '#core/compile/layout.ts';
import type { Pass } from '#core/compile/pass.ts';
import { worksByElement } from '#core/compile/schedule-problem.ts';

export const technique: Pass = {
  manifest: {
    id: 'pass/assign-layouts',
    kind: 'pass',
    version: '1',
    title: 'Assign layouts',
    summary:
      'Folds transpositions into the products, convolutions and copies beside them, which read or write with other strides.',
    maturity: 'stable',
    citations: [
      {
        text: 'Liu et al., Optimizing CNN model inference on CPUs, USENIX ATC 2019, section 3.2 (layout transform elimination)',
        reference: 'arXiv:1809.02697',
      },
      { text: 'CUTLASS documentation, CuTe layout algebra: composition and inverse of strided layouts' },
    ],
    parameters: [],
  },
  phase: 'legalise',
  run(graph: KernelGraph): KernelGraph {
    // Once assigned, layouts stand: how a kernel reads a tensor is no longer in the graph.
    if (graph.tensors.some(({ layout }) => layout !== undefined)) return graph;
    const transposes = graph.operators.filter(isTransposition).sort((a, b) => weight(graph, b) - weight(graph, a));
    if (transposes.length === 0) return graph;
    const assignment = new Assignment(graph);
    const folded = transposes.filter((operator) => assignment.fold(operator));
    return folded.length === 0 ? graph : rewritten(graph, new Set(folded), assignment.layouts);
  },
};

interface Transposition extends KernelOperator {
  readonly axes: { readonly kind: 'transposed'; readonly order: Layout };
}

function isTransposition(operator: KernelOperator): operator is Transposition {
  return operator.axes?.kind === 'transposed' && operator.types.length === 1 && operator.inputs.length === 1;
}

function weight({ tensors }: KernelGraph, { inputs }: KernelOperator): number {
  const { elements, elementType } = tensors[inputs[0]!]!;
  return elements * (ELEMENT_BYTES[elementType] ?? 4);
}

/** From one tensor's layout to that of another which then has to lie in the same order; null where it cannot. */
interface Tie {
  readonly to: number;
  across(layout: Layout): Layout | null;
}

/**
 * Tensors in sets whose layouts hang together. A set moves as one; those with a row-major tensor do not move at all. Folding a
 * transposition joins two sets where one of them can follow the other.
 */
class Assignment {
  readonly #graph: KernelGraph;
  readonly #layouts: Layout[];
  readonly #ties: Tie[][];
  /** Tensors whose layouts hang together, and whether one of them is row-major for good. */
  readonly #sets: { readonly members: number[]; isFixed: boolean }[];
  /** Tensors that lie in one place, who reads them, and whether one of them is an input or output of the model. */
  readonly #memories: { readonly members: number[]; readonly readers: Set<number>; isKept: boolean }[];

  constructor(graph: KernelGraph) {
    this.#graph = graph;
    this.#layouts = graph.tensors.map(() => ROW_MAJOR);
    this.#ties = graph.tensors.map(() => []);
    this.#sets = graph.tensors.map(({ id, kind }) => ({ members: [id], isFixed: kind !== 'act' }));
    this.#memories = graph.tensors.map(({ id, kind }) => ({
      members: [id],
      readers: new Set(),
      isKept: kind !== 'act',
    }));
    graph.operators.forEach((operator, index) => {
      for (const id of operator.inputs) this.#memories[id]!.readers.add(index);
      for (const id of this.#rowMajorBy(operator)) this.#sets[id]!.isFixed = true;
    });
  }

  get layouts(): readonly Layout[] {
    return this.#layouts;
  }

  /** Ties what the operator wants in one order; returns the tensors it wants row-major. */
  #rowMajorBy(operator: KernelOperator): readonly number[] {
    const { inputs, outputs, types, axes } = operator;
    if (isAnyOrder(operator)) return [];
    const [result] = outputs;
    if (result === undefined || outputs.length > 1) return [...inputs, ...outputs];
    if (axes?.kind === 'kept' && inputs.length === 1) {
      const { from, to } = axes;
      this.#tie(
        inputs[0]!,
        result,
        (layout) => carried(layout, from, to),
        (layout) => carried(layout, to, from),
      );
      return [];
    }
    if (!types.every(worksByElement)) return [...inputs, ...outputs];
    const { elements } = this.#graph.tensors[result]!;
    const isFull = (id: number) => this.#graph.tensors[id]!.elements === elements;
    const same = (layout: Layout) => layout;
    for (const id of inputs.filter(isFull)) this.#tie(id, result, same, same);
    return inputs.filter((id) => !isFull(id));
  }

  #tie(a: number, b: number, across: Tie['across'], back: Tie['across']): void {
    this.#ties[a]!.push({ to: b, across });
    this.#ties[b]!.push({ to: a, across: back });
    this.#join(a, b);
  }

  #join(a: number, b: number): void {
    const [one, other] = [this.#sets[a]!, this.#sets[b]!];
    if (one === other) return;
    const [into, from] = one.members.length < other.members.length ? [other, one] : [one, other];
    into.isFixed ||= from.isFixed;
    into.members.push(...from.members);
    for (const id of from.members) this.#sets[id] = into;
  }

  /** Makes the result another way of reading the operand; false where their orders cannot be made to agree. */
  fold({ inputs, outputs, axes: { order } }: Transposition): boolean {
    const [source, result] = [inputs[0]!, outputs[0]!];
    const [memory, other] = [this.#memories[source]!, this.#memories[result]!];
    if (memory.isKept && other.isKept) return false;
    // A kernel would read one memory as two operands, and be thought to fetch it once.
    for (const reader of other.readers) if (memory.readers.has(reader)) return false;
    const back = inverse(order);
    const across = (layout: Layout) => composed(back, layout);
    const undone = (layout: Layout) => composed(order, layout);
    const wanted = across(this.#layouts[source]!);
    const [from, to] = [this.#sets[source]!, this.#sets[result]!];
    if (from === to) {
      if (!wanted || !isEqual(wanted, this.#layouts[result]!)) return false;
    } else {
      const follow = () => this.#follow(result, wanted);
      const lead = () => this.#follow(source, undone(this.#layouts[result]!));
      if (!(from.members.length < to.members.length ? lead() || follow() : follow() || lead())) return false;
    }
    this.#tie(source, result, across, undone);
    memory.isKept ||= other.isKept;
    memory.members.push(...other.members);
    for (const reader of other.readers) memory.readers.add(reader);
    for (const id of other.members) this.#memories[id] = memory;
    return true;
  }

  /** Lays the tensor's whole set so that the tensor lies as `wanted`; false where one of the set cannot. */
  #follow(tensor: number, wanted: Layout | null): boolean {
    if (!wanted) return false;
    if (isEqual(wanted, this.#layouts[tensor]!)) return true;
    if (this.#sets[tensor]!.isFixed) return false;
    const moved = new Map([[tensor, wanted]]);
    for (const [id, layout] of moved) {
      for (const { to, across } of this.#ties[id]!) {
        const next = across(layout);
        const known = moved.get(to);
        if (!next || (known && !isEqual(known, next))) return false;
        if (!known) moved.set(to, next);
      }
    }
    for (const [id, layout] of moved) this.#layouts[id] = layout;
    return true;
  }
}

const PRODUCTS: ReadonlySet<string> = new Set(['conv', 'depthwise-conv', 'dense', 'matmul', 'batched-matmul', 'gemm']);

/** Products walk their tensors by strides; copies take every element to some place. The schedule may alias concatenations. */
function isAnyOrder({ kernel, types }: KernelOperator): boolean {
  const [type] = types;
  if (kernel.kind === 'gemm') return PRODUCTS.has(type!);
  return kernel.kind === 'move' && type !== 'concat';
}

/** The layout of a tensor whose axes are those of another, at other extents. */
function carried(layout: Layout, from: readonly number[], to: readonly number[]): Layout | null {
  if (layout.length === 0) return ROW_MAJOR;
  if (from.length !== to.length) return null;
  const order = axisOrder(layout, from);
  if (!order) return null;
  // An axis of one place lies wherever: behind the one before it.
  const all = [...order];
  from.forEach((extent, axis) => {
    if (extent === 1) all.splice(all.indexOf(axis - 1) + 1, 0, axis);
  });
  return transposition(to, all);
}

function rewritten(graph: KernelGraph, folded: ReadonlySet<KernelOperator>, layouts: readonly Layout[]): KernelGraph {
  const tensors: KernelTensor[] = graph.tensors.map((tensor) => ({ ...tensor, layout: layouts[tensor.id]! }));
  const root = tensors.map(({ id }) => id);
  const operators: KernelOperator[] = [];
  for (const operator of graph.operators) {
    const inputs = operator.inputs.map((id) => root[id]!);
    const [source] = inputs;
    const [result] = operator.outputs;
    if (!folded.has(operator) || source === undefined || result === undefined) {
      operators.push({ ...operator, inputs });
      continue;
    }
    root[result] = source;
    const { kind, name } = tensors[result]!;
    // What is really stored takes over the part of an output, and its name.
    if (kind === 'output') tensors[source] = { ...tensors[source]!, kind, name };
  }
  return compact({ operators, tensors });
}
