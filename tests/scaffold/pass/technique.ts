/** A pass gets the kernel graph and returns another that computes the same; this one returns it as it is. */
import type { Pass } from '#core/compile/pass.ts';

export const technique: Pass = {
  manifest: {
    id: 'pass/example',
    kind: 'pass',
    version: '0.1.0',
    title: 'Example',
    summary: 'Leaves the graph as it is.',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [],
  },
  phase: 'clean',
  run: (graph) => graph,
};
