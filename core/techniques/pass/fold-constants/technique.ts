/**
 * What is made of constants alone is known before the model runs: its result becomes a constant of the operators that read
 * it, stored with their weights. Importers fold what decides shapes; this folds what is left or drawn by hand.
 */
import { compact, type KernelGraph, type KernelOperator } from '#core/compile/kernel-graph.ts';
import type { Pass } from '#core/compile/pass.ts';

export const technique: Pass = {
  manifest: {
    id: 'pass/fold-constants',
    kind: 'pass',
    version: '1',
    title: 'Fold constants',
    summary: 'Operators that read constants only are evaluated when the model is compiled.',
    maturity: 'stable',
    citations: [{ text: 'Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., section 8.5.4: constant folding' }],
    parameters: [],
  },
  phase: 'clean',
  run(graph: KernelGraph): KernelGraph {
    const folded = new Set<number>();
    const operators: KernelOperator[] = [];
    for (const operator of graph.operators) {
      const constants = operator.inputs.filter((id) => folded.has(id));
      const inputs = operator.inputs.filter((id) => !folded.has(id));
      const [result] = operator.outputs;
      const isKnown =
        inputs.length === 0 &&
        operator.outputs.length === 1 &&
        // What an unknown operator makes is not known either.
        !operator.types.includes('opaque') &&
        graph.tensors[result!]!.kind === 'act';
      if (isKnown) folded.add(result!);
      else if (constants.length === 0) operators.push(operator);
      else {
        const elements = constants.reduce((sum, id) => sum + graph.tensors[id]!.elements, 0);
        operators.push({ ...operator, inputs, weightElements: operator.weightElements + elements });
      }
    }
    return folded.size === 0 ? graph : compact({ tensors: graph.tensors, operators });
  },
};
