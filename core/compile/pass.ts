/** A pass rewrites the kernel graph without changing what it computes. */
import type { Manifest } from '#core/technique/technique.ts';
import type { KernelGraph } from './kernel-graph.ts';

export interface Pass {
  readonly manifest: Manifest<'pass'>;
  run(graph: KernelGraph): KernelGraph;
}
