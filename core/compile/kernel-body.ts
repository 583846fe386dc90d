/**
 * What a kernel is in the model it comes from: its operators with their parameters and weights, and which tensor of the
 * model each tensor of the kernel graph is. Passes keep document nodes, so the way back is by node; operators that
 * are in no kernel are views, whose result is their operand under another shape.
 */
import type { ModelGraph, Operator as ModelOperator } from '#core/model/graph.ts';
import type { KernelGraph } from './kernel-graph.ts';

export interface KernelBodies {
  readonly model: ModelGraph;
  /** By kernel: its operators, the main one first, each fed by the one before it. */
  readonly operators: readonly (readonly ModelOperator[])[];
  /** By model tensor: the tensor it is a view of, itself where it is none. */
  readonly root: Int32Array;
  /** By model tensor: the tensor of the kernel graph that holds it; −1 for constants and what stays inside a kernel. */
  readonly kernelTensor: Int32Array;
}

export function kernelBodies(graph: KernelGraph, model: ModelGraph): KernelBodies {
  const byNode = new Map(model.operators.map((operator) => [operator.node, operator]));
  const operators = graph.operators.map((kernel) => kernel.nodes.map((node) => found(byNode.get(node), node)));
  const inKernels = new Set(graph.operators.flatMap(({ nodes }) => nodes));
  const root = Int32Array.from(model.tensors, ({ index }) => index);
  for (const { node, inputs, outputs } of model.operators) {
    if (inKernels.has(node)) continue;
    const source = inputs.find((index) => index !== null && model.tensors[index]!.kind !== 'constant');
    const [result] = outputs;
    if (source !== undefined && source !== null && result !== undefined) root[result] = root[source]!;
  }

  const kernelTensor = new Int32Array(model.tensors.length).fill(-1);
  const made = new Set<number>();
  graph.operators.forEach((kernel, index) => {
    const { outputs } = operators[index]!.at(-1)!;
    if (outputs.length !== kernel.outputs.length)
      throw new Error(`${kernel.name} has ${kernel.outputs.length} results, its operator ${outputs.length}`);
    kernel.outputs.forEach((id, i) => {
      kernelTensor[outputs[i]!] = id;
      made.add(id);
    });
  });
  // Graph inputs keep their order in both.
  const read = new Set<number>();
  for (const body of operators)
    for (const { inputs } of body)
      for (const index of inputs)
        if (index !== null && model.tensors[root[index]!]!.kind === 'input') read.add(root[index]!);
  const given = graph.tensors.filter(({ id }) => !made.has(id));
  if (given.length !== read.size) throw new Error(`${given.length} graph inputs in kernels, ${read.size} in the model`);
  [...read]
    .sort((a, b) => a - b)
    .forEach((index, i) => {
      kernelTensor[index] = given[i]!.id;
    });
  return { model, operators, root, kernelTensor };
}

function found(operator: ModelOperator | undefined, node: string): ModelOperator {
  if (!operator) throw new Error(`a kernel names the node ${node}, which is not in the model`);
  return operator;
}
