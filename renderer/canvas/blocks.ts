/** Ready-made blocks for quick insert and palette. */
import type { Document, DocumentLink, DocumentNode } from '#core/document/document.ts';
import { attentionBlock } from '#core/model/templates.ts';
import { newId } from '../widgets/ids.ts';
import type { Point } from './geometry.ts';

export interface ReadyBlock {
  readonly id: string;
  readonly label: string;
  readonly summary: string;
  readonly keywords: readonly string[];
  readonly build: (
    at: Point,
    parent: string | null,
  ) => { readonly nodes: readonly DocumentNode[]; readonly links: readonly DocumentLink[] };
}

const ATTENTION: ReadyBlock = {
  id: 'attention',
  label: 'Multi-head attention',
  summary: 'Self-attention in 12 heads over 768 features: four projections around softmax(Q·Kᵀ ÷ √d)·V.',
  keywords: ['attention', 'transformer', 'self-attention', 'mha', 'vit', 'bert', 'block'],
  build: (at, parent) => {
    const made = attentionBlock({
      x: Math.round(at.x),
      y: Math.round(at.y),
      idPrefix: newId('attention'),
      model: 768,
      heads: 12,
    });
    return {
      nodes: made.nodes.map((node) => (node.parent === null ? { ...node, parent } : node)),
      links: made.links,
    };
  },
};

export function blocksOf(document: Document): readonly ReadyBlock[] {
  return document.kind === 'model' ? [ATTENTION] : [];
}
