import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply } from '#core/document/apply.ts';
import type { Command } from '#core/document/command.ts';
import type { Document } from '#core/document/document.ts';
import { attentionBlock } from '#core/model/templates.ts';
import { largeModel } from '../../tests/support/large-model.ts';
import { modelAdapter } from './adapter-model.ts';
import { BoxIndex } from './box-index.ts';
import { projectScene, type Scene } from './scene.ts';
import { linkDrawer } from './use-links.ts';

const after = (document: Document, command: Command) => {
  const applied = apply(document, command);
  return applied.ok ? applied.value.document : document;
};
const plain = (scene: Scene) => ({ nodes: scene.nodes, links: scene.links, bounds: scene.bounds });

describe('a scene made from the one before (P-26)', () => {
  it('makes only what an edit touched, of 10,000', () => {
    const document = largeModel(10_000);
    const first = projectScene(document, modelAdapter, () => false);
    expect(first.made).toBe(document.nodes.size);
    const draw = linkDrawer();
    const nodes = new BoxIndex(first.nodes);
    const links = new BoxIndex(draw(first));
    nodes.takeTouched();
    links.takeTouched();
    const step = (from: Document, scene: Scene, command: Command) => {
      const now = after(from, command);
      const next = projectScene(now, modelAdapter, () => false, scene);
      const drawn = draw(next);
      nodes.update(next.nodes);
      links.update(drawn);
      return { now, next, made: next.made, boxes: nodes.takeTouched().length, links: links.takeTouched().length };
    };
    const [id] = [...document.nodes.keys()].slice(5000);
    const moved = step(document, first, { type: 'nodes.move', positions: [{ node: id!, x: 1, y: 2 }] });
    const touching = [...document.links.values()].filter(({ from, to }) => from.node === id || to.node === id).length;
    expect(moved).toMatchObject({ made: 1, boxes: 2, links: 2 * touching });
    const renamed = step(moved.now, moved.next, { type: 'node.rename', node: id!, name: 'renamed' });
    expect(renamed).toMatchObject({ made: 1, boxes: 2 });
    // A link less: its ends, of which one may have lost a port.
    const [link] = document.links.keys();
    const cut = step(renamed.now, renamed.next, { type: 'links.remove', links: [link!] });
    expect(cut.made).toBeLessThanOrEqual(2);
    expect(cut.links).toBeLessThanOrEqual(8);
    const removed = step(cut.now, cut.next, { type: 'nodes.remove', nodes: [id!] });
    expect(removed.made).toBeLessThanOrEqual(2);
    expect(removed.boxes).toBeLessThanOrEqual(5);
  });

  it('equals the scene made afresh, whatever the edits', () => {
    const block = attentionBlock({ x: 0, y: 0, idPrefix: 'a', model: 64, heads: 4 });
    const start: Document = {
      id: 'd',
      kind: 'model',
      title: 'D',
      nodes: new Map(block.nodes.map((node) => [node.id, node])),
      links: new Map(block.links.map((link) => [link.id, link])),
    };
    const pick = fc.nat({ max: 1000 });
    const edit = fc.tuple(
      fc.constantFrom('move', 'rename', 'set', 'cut', 'remove', 'group', 'ungroup', 'fold', 'add', 'join', 'back'),
      pick,
      pick,
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 12 }), (edits) => {
        let document = start;
        const open = new Set<string>();
        const was = [start];
        const isExpanded = ({ id }: { readonly id: string }) => open.has(id);
        let scene = projectScene(document, modelAdapter, isExpanded);
        for (const [kind, a, b] of edits) {
          const ids = [...document.nodes.keys()];
          const node = ids[a % ids.length] ?? '';
          const links = [...document.links.keys()];
          const groups = [...document.nodes.values()].filter(({ type }) => type === 'group').map(({ id }) => id);
          const group = groups[a % Math.max(1, groups.length)] ?? '';
          const { parent = null } = document.nodes.get(node) ?? {};
          const made: Record<typeof kind, Command | null> = {
            move: { type: 'nodes.move', positions: [{ node, x: a, y: b }] },
            rename: { type: 'node.rename', node, name: `n${b}` },
            set: { type: 'node.set-parameter', node, parameter: 'inputs', value: 1 + (b % 4) },
            cut: links.length > 0 ? { type: 'links.remove', links: [links[b % links.length] ?? ''] } : null,
            remove: { type: 'nodes.remove', nodes: [node] },
            group: {
              type: 'nodes.group',
              group: { id: `g${a}-${b}`, type: 'group', name: 'G', x: 0, y: 0, parent, parameters: { block: 'same' } },
              members: [node],
            },
            ungroup: { type: 'nodes.ungroup', group },
            fold: null,
            add: {
              type: 'nodes.insert',
              nodes: [
                {
                  id: `n${a}-${b}`,
                  type: 'concat',
                  name: 'new',
                  x: a,
                  y: b,
                  parent: b % 2 ? null : parent,
                  parameters: {},
                },
              ],
              links: [],
            },
            join: {
              type: 'links.insert',
              links: [
                {
                  id: `l${a}-${b}`,
                  from: { node, port: 'out' },
                  to: { node: ids[b % ids.length] ?? '', port: `in${a % 3}` },
                },
              ],
            },
            back: null,
          };
          // Something that was: what went stands where it stood.
          if (kind === 'back') document = was[a % was.length] ?? document;
          if (kind === 'fold' && !open.delete(group)) open.add(group);
          const command = made[kind];
          if (command) document = after(document, command);
          was.push(document);
          scene = projectScene(document, modelAdapter, isExpanded, scene);
          const fresh = projectScene(document, modelAdapter, isExpanded);
          expect(plain(scene)).toEqual(plain(fresh));
          for (const id of document.nodes.keys()) expect(scene.standIn(id)?.id).toBe(fresh.standIn(id)?.id);
        }
      }),
      { numRuns: 60 },
    );
  });
});
