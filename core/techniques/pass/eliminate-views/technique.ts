/**
 * Reshapes of contiguous tensors move nothing: their result is their operand under another shape. The view
 * disappears and its consumers read the operand. A view between a graph input and a graph output stays, as a copy.
 */
import { compact, type KernelGraph, type KernelTensor } from '#core/compile/kernel-graph.ts';
import type { Pass } from '#core/compile/pass.ts';

export const technique: Pass = {
  manifest: {
    id: 'pass/eliminate-views',
    kind: 'pass',
    version: '1',
    title: 'Eliminate views',
    summary: 'Removes reshapes, flattens, squeezes and identities; consumers read the original tensor.',
    maturity: 'stable',
    citations: [{ text: 'Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., section 9.1.4: copy propagation' }],
    parameters: [],
  },
  phase: 'clean',
  run(graph: KernelGraph): KernelGraph {
    if (!graph.operators.some(({ kernel }) => kernel.kind === 'view')) return graph;
    const root = graph.tensors.map((tensor) => tensor.id);
    const tensors: KernelTensor[] = [...graph.tensors];
    const operators = [];
    for (const operator of graph.operators) {
      const inputs = [...new Set(operator.inputs.map((id) => root[id]!))];
      const [source] = inputs;
      const [result] = operator.outputs;
      const isView = operator.kernel.kind === 'view' && inputs.length === 1 && operator.outputs.length === 1;
      if (!isView || source === undefined || result === undefined) {
        operators.push({ ...operator, inputs });
        continue;
      }
      const from = tensors[source]!;
      const to = tensors[result]!;
      if (to.kind === 'output' && from.kind !== 'act') {
        operators.push({ ...operator, inputs, kernel: { kind: 'move' as const, elements: to.elements } });
        continue;
      }
      root[result] = source;
      // The tensor that is really stored takes over the role of graph output, and its name.
      if (to.kind === 'output') tensors[source] = { ...from, kind: 'output', name: to.name };
    }
    return compact({ operators, tensors });
  },
};
