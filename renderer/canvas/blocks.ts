/** Ready-made blocks for quick insert and palette. */
import { anotherUse } from '#core/document/block-commands.ts';
import { blocksIn } from '#core/document/block-uses.ts';
import type { Document, DocumentKind, DocumentLink, DocumentNode } from '#core/document/document.ts';
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

/** The document's own blocks, then those that come with the studio. */
export function blocksOf(document: Document): readonly ReadyBlock[] {
  const own = blocksIn(document).map(
    ({ name, uses }): ReadyBlock => ({
      id: `use of ${name}`,
      label: name,
      summary: `One more use of the block ${name}, which is used ${uses.length === 1 ? 'once' : `${uses.length} times`}.`,
      keywords: ['block', 'use', 'reusable'],
      build: (at, parent) => anotherUse(document, name, at, parent, newId) ?? { nodes: [], links: [] },
    }),
  );
  return [...own, ...readyBlocks(document.kind)];
}

/** What comes with the studio. */
export function readyBlocks(kind: DocumentKind): readonly ReadyBlock[] {
  return kind === 'model' ? [ATTENTION] : [];
}
