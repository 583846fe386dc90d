/** InTAR's kernels (arXiv 2502.08807) as text projects: their task graphs, and the fabrics these are drawn for. */
import { type Document, type DocumentNode, GROUP_TYPE, toFile } from '#core/document/document.ts';
import { drawFabric } from '#core/fabric/draw.ts';
import { arranged } from '#core/model/layout.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import type { TextProject } from '../../text.ts';
import { attention } from './attention.ts';
import { cnn } from './cnn.ts';
import { gating } from './gating.ts';
import { gpt2 } from './gpt2.ts';
import { mlp } from './mlp.ts';
import type { Kernel } from './parts.ts';
import { vae } from './vae.ts';

export const KERNELS: readonly Kernel[] = [mlp, attention, gating, cnn, vae, gpt2];

/** What a kernel lists first opens first. */
export function kernelProject({ title, summary, designs, fabrics }: Kernel): TextProject {
  const tasks = designs.map((graph) => folded(drawTaskGraph(graph, designOf(graph.title))));
  const built = fabrics.map((fabric, index) => drawFabric(fabric, `fabric-${index + 1}`));
  return { title, summary, documents: [...tasks, ...built].map(toFile) };
}

/** What a title says of the design: `sequential` of 'MLP, sequential'. */
function designOf(title: string): string {
  return title
    .slice(title.lastIndexOf(',') + 1)
    .trim()
    .replaceAll(' ', '-');
}

/** Names that end in a number from 1 to at least 10 lie in a folded group of their layer. */
function folded(document: Document): Document {
  const layerOf = ({ name }: DocumentNode) => Number(/ (\d+)$/.exec(name)?.[1] ?? 0);
  const count = Math.max(...[...document.nodes.values()].map(layerOf));
  if (count < 10) return document;
  const nodes = new Map<string, DocumentNode>();
  for (let layer = 1; layer <= count; layer++) {
    const id = `layer${layer}`;
    const parameters = { collapsed: true, block: 'layer' };
    nodes.set(id, { id, type: GROUP_TYPE, name: `Layer ${layer}`, x: 0, y: 0, parent: null, parameters });
  }
  for (const [id, node] of document.nodes) {
    const layer = layerOf(node);
    nodes.set(id, layer > 0 ? { ...node, parent: `layer${layer}` } : node);
  }
  return arranged({ ...document, nodes });
}
