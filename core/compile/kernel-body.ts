/**
 * What a kernel is in the model it comes from: its operators with their parameters and weights, and which tensor of the
 * model each tensor of the kernel graph is. Passes keep document nodes, so the way back is by node; operators that
 * are in no kernel are views: their result is their operand under another shape, or with its axes in another order.
 */

import { permutationOf } from '#core/catalog/operators/views.ts';
import { integersOf } from '#core/catalog/parameter.ts';
import type { ModelGraph, Operator as ModelOperator } from '#core/model/graph.ts';
import { type KernelGraph, layoutOf } from './kernel-graph.ts';
import { composed, inverse, type Layout, ROW_MAJOR, transposition } from './layout.ts';

export interface KernelBodies {
  readonly model: ModelGraph;
  /** By kernel: its operators, the main one first; each may read results of those before it. */
  readonly operators: readonly (readonly ModelOperator[])[];
  /** By kernel: the tensors of the model that its results are, all made by its last operator. */
  readonly results: readonly (readonly number[])[];
  /** By model tensor: the tensor it is a view of, itself where it is none. */
  readonly root: Int32Array;
  /** By model tensor: at which place of its root's memory each of its elements, numbered row-major, lies. */
  readonly place: readonly Layout[];
  /** By model tensor: the tensor of the kernel graph that holds it; −1 for constants and what stays inside a kernel. */
  readonly kernelTensor: Int32Array;
}

export function kernelBodies(graph: KernelGraph, model: ModelGraph): KernelBodies {
  const byNode = new Map(model.operators.map((operator) => [operator.node, operator]));
  const operators = graph.operators.map((kernel) => kernel.nodes.map((node) => found(byNode.get(node), node)));
  const inKernels = new Set(graph.operators.flatMap(({ nodes }) => nodes));
  const root = Int32Array.from(model.tensors, ({ index }) => index);
  const kernelTensor = new Int32Array(model.tensors.length).fill(-1);
  const place: Layout[] = model.tensors.map(() => ROW_MAJOR);
  for (const tensor of graph.tensors) {
    kernelTensor[tensor.origin] = tensor.id;
    place[tensor.origin] = inverse(layoutOf(tensor));
  }
  for (const { node, type, parameters, inputs, outputs } of model.operators) {
    if (inKernels.has(node)) continue;
    const source = inputs.find((index) => index !== null && model.tensors[index]!.kind !== 'constant');
    const [result] = outputs;
    if (source === undefined || source === null || result === undefined) continue;
    root[result] = root[source]!;
    const { shape } = model.tensors[source]!.type;
    const order =
      type.id === 'transpose'
        ? transposition(shape, permutationOf(shape, integersOf(parameters, 'permutation')))
        : ROW_MAJOR;
    // Where axes cannot say it, no kernel reads it.
    place[result] = composed(place[source]!, order) ?? ROW_MAJOR;
  }
  const results = graph.operators.map(({ outputs }) => outputs.map((id) => graph.tensors[id]!.origin));
  return { model, operators, results, root, place, kernelTensor };
}

function found(operator: ModelOperator | undefined, node: string): ModelOperator {
  if (!operator) throw new Error(`a kernel names the node ${node}, which is not in the model`);
  return operator;
}
