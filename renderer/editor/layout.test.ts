import ELK from 'elkjs/lib/elk.bundled.js';
import { describe, expect, it } from 'vitest';
import { apply } from '#core/document/apply.ts';
import { type Document, emptyDocument } from '#core/document/document.ts';
import { attentionBlock } from '#core/model/templates.ts';
import { modelAdapter } from '../canvas/adapter-model.ts';
import { overlaps } from '../canvas/geometry.ts';
import { linkEnds, projectScene, type Scene } from '../canvas/scene.ts';
import { elkGraph, sceneLayout } from './layout.ts';

/** Two attention blocks in a row, everything piled on one spot. */
function piled(): Document {
  const [first, second] = ['a', 'b'].map((idPrefix) => attentionBlock({ x: 0, y: 0, idPrefix, model: 64, heads: 4 }));
  if (!first || !second) throw new Error('no blocks');
  const nodes = [...first.nodes, ...second.nodes].map((node) => ({ ...node, x: 0, y: 0 }));
  const links = [...first.links, ...second.links, { id: 'ab', from: first.exit, to: second.entry }];
  return {
    ...emptyDocument('d', 'model', 'D'),
    nodes: new Map(nodes.map((node) => [node.id, node])),
    links: new Map(links.map((link) => [link.id, link])),
  };
}

async function laidOut(document: Document, isExpanded: (id: string) => boolean): Promise<Scene> {
  const project = (from: Document) => projectScene(from, modelAdapter, (group) => isExpanded(group.id));
  const scene = project(document);
  const command = sceneLayout(document, scene, await new ELK().layout(elkGraph(scene)));
  if (!command) throw new Error('nothing moved');
  const applied = apply(document, command);
  if (!applied.ok) throw new Error(applied.error.message);
  return project(applied.value.document);
}

describe('layout', () => {
  for (const [name, isExpanded] of [
    ['closed groups', () => false],
    ['open groups', () => true],
    ['one of each', (id: string) => id.startsWith('a')],
  ] as const)
    it(`of ${name}: nothing overlaps, frames hold their children, links run to the right`, async () => {
      const scene = await laidOut(piled(), isExpanded);
      const solid = scene.nodes.filter((node) => node.shape !== 'frame');
      for (const [at, one] of solid.entries())
        for (const other of solid.slice(at + 1))
          expect(overlaps(one, other), `${one.title} ${other.title}`).toBe(false);
      const frames = scene.nodes.filter((node) => node.shape === 'frame');
      for (const [at, one] of frames.entries())
        for (const other of frames.slice(at + 1)) expect(overlaps(one, other)).toBe(false);
      for (const link of scene.links) {
        const ends = linkEnds(scene, link);
        expect(ends && ends.from.x < ends.to.x, link.id).toBe(true);
      }
    });
});
