/** Operators whose results nobody reads disappear, back to front; of others, results nobody reads are not kept. */
import { compact, type KernelGraph, type KernelOperator } from '#core/compile/kernel-graph.ts';
import type { Pass } from '#core/compile/pass.ts';

export const technique: Pass = {
  manifest: {
    id: 'pass/dead-code',
    kind: 'pass',
    version: '1',
    title: 'Eliminate dead code',
    summary: 'Removes operators and results that no output of the model depends on.',
    maturity: 'stable',
    citations: [{ text: 'Aho, Lam, Sethi, Ullman, Compilers, 2nd ed., section 9.1.6: dead-code elimination' }],
    parameters: [],
  },
  phase: 'clean',
  run(graph: KernelGraph): KernelGraph {
    const isRead = new Set(graph.tensors.filter(({ kind }) => kind === 'output').map(({ id }) => id));
    // A model without outputs is one that is still being drawn: all of it is looked at.
    if (isRead.size === 0) return graph;
    const kept: KernelOperator[] = [];
    let isWhole = true;
    for (const operator of graph.operators.toReversed()) {
      const outputs = operator.outputs.filter((id) => isRead.has(id));
      if (outputs.length === 0 || outputs.length < operator.outputs.length) isWhole = false;
      if (outputs.length === 0) continue;
      kept.push(outputs.length === operator.outputs.length ? operator : { ...operator, outputs });
      for (const id of operator.inputs) isRead.add(id);
    }
    return isWhole ? graph : compact({ tensors: graph.tensors, operators: kept.reverse() });
  },
};
