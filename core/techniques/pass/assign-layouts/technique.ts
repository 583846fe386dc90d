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
  readonly #isFixed: readonly boolean[];
  readonly #ties: Tie[][];
  /** By tensor: the set it is in, and the tensor in whose memory it lies. */
  readonly #setOf: number[];
  readonly #memory: number[];
  /** By tensor: an input or output of the model lies in its memory. */
  readonly #isKept: boolean[];

  constructor(graph: KernelGraph) {
    this.#graph = graph;
    this.#layouts = graph.tensors.map(() => ROW_MAJOR);
    this.#ties = graph.tensors.map(() => []);
    this.#setOf = graph.tensors.map(({ id }) => id);
    this.#memory = graph.tensors.map(({ id }) => id);
    this.#isKept = graph.tensors.map(({ kind }) => kind !== 'act');
    const fixed = graph.tensors.map(({ kind }) => kind !== 'act');
    for (const operator of graph.operators) for (const id of this.#usedBy(operator)) fixed[id] = true;
    this.#isFixed = fixed;
  }

  get layouts(): readonly Layout[] {
    return this.#layouts;
  }

  /** Ties what the operator wants in one order; the tensors it wants row-major. */
  #usedBy(operator: KernelOperator): readonly number[] {
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
    const [into, from] = [this.#setOf[a]!, this.#setOf[b]!];
    if (into !== from)
      this.#setOf.forEach((set, id) => {
        if (set === from) this.#setOf[id] = into;
      });
  }

  /** Makes the result another way of reading the operand; false where their orders cannot be made to agree. */
  fold({ inputs, outputs, axes: { order } }: Transposition): boolean {
    const [source, result] = [inputs[0]!, outputs[0]!];
    const memory = this.#memory[source]!;
    if ((this.#isKept[memory] && this.#isKept[result]) || this.#isReadAsBoth(source, result)) return false;
    const back = inverse(order);
    const across = (layout: Layout) => composed(back, layout);
    const undone = (layout: Layout) => composed(order, layout);
    const wanted = across(this.#layouts[source]!);
    if (this.#setOf[source] === this.#setOf[result]) {
      if (!wanted || !isEqual(wanted, this.#layouts[result]!)) return false;
    } else {
      const moved = this.#moved(result, wanted) ?? this.#moved(source, undone(this.#layouts[result]!));
      if (!moved) return false;
      for (const [id, layout] of moved) this.#layouts[id] = layout;
    }
    this.#tie(source, result, across, undone);
    this.#isKept[memory] ||= this.#isKept[result]!;
    this.#memory.forEach((each, id) => {
      if (each === result) this.#memory[id] = memory;
    });
    return true;
  }

  /** Layouts of the tensor's set when it lies as `wanted`; null where one of the set cannot follow. */
  #moved(tensor: number, wanted: Layout | null): ReadonlyMap<number, Layout> | null {
    if (!wanted) return null;
    const moved = new Map([[tensor, wanted]]);
    for (const [id, layout] of moved) {
      if (this.#isFixed[id] && layout.length > 0) return null;
      for (const { to, across } of this.#ties[id]!) {
        const next = across(layout);
        const known = moved.get(to);
        if (!next || (known && !isEqual(known, next))) return null;
        if (!known) moved.set(to, next);
      }
    }
    return moved;
  }

  /** Some kernel would read one memory as two operands, and be thought to fetch it once. */
  #isReadAsBoth(source: number, result: number): boolean {
    const lies = (tensor: number) => (id: number) => this.#memory[id] === this.#memory[tensor];
    return this.#graph.operators.some(({ inputs }) => inputs.some(lies(source)) && inputs.some(lies(result)));
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
