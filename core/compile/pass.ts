/** A pass rewrites the kernel graph without changing what it computes. */
import type { Manifest } from '#core/technique/technique.ts';
import type { KernelGraph } from './kernel-graph.ts';

/** In the order they run; passes of one phase run in the order of their ids. */
export const PASS_PHASES = ['clean', 'fuse', 'legalise'] as const;

export interface Pass {
  readonly manifest: Manifest<'pass'>;
  readonly phase: (typeof PASS_PHASES)[number];
  run(graph: KernelGraph): KernelGraph;
}

export function inOrder(passes: readonly Pass[]): readonly Pass[] {
  const rank = (pass: Pass) => PASS_PHASES.indexOf(pass.phase);
  return [...passes].sort((a, b) => rank(a) - rank(b) || (a.manifest.id < b.manifest.id ? -1 : 1));
}
