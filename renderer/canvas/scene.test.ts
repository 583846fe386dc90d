import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Document, type DocumentLink, type DocumentNode, emptyDocument } from '#core/document/document.ts';
import { modelAdapter } from './adapter-model.ts';
import { overlaps } from './geometry.ts';
import { descendantsOf, linkEnds, projectScene } from './scene.ts';

const node = (id: string, x: number, y: number, more: Partial<DocumentNode> = {}): DocumentNode => ({
  id,
  type: 'activation',
  name: id,
  x,
  y,
  parent: null,
  parameters: { function: 'relu' },
  ...more,
});
const group = (id: string, x: number, y: number, more: Partial<DocumentNode> = {}) =>
  node(id, x, y, { type: 'group', parameters: {}, ...more });
const link = (from: string, to: string): DocumentLink => ({
  id: `${from}>${to}`,
  from: { node: from, port: 'out' },
  to: { node: to, port: 'in' },
});
const drawing = (nodes: readonly DocumentNode[], links: readonly DocumentLink[] = []): Document => ({
  ...emptyDocument('d', 'model', 'D'),
  nodes: new Map(nodes.map((each) => [each.id, each])),
  links: new Map(links.map((each) => [each.id, each])),
});
const closed = () => false;
const open = () => true;

describe('projection', () => {
  const blocks = drawing(
    [
      node('a', 0, 0),
      group('g', 250, 0, { parameters: { block: 'twice' } }),
      node('b', 274, 48, { parent: 'g' }),
      node('c', 526, 48, { parent: 'g' }),
      group('h', 500, 0, { parameters: { block: 'twice' } }),
      node('d', 524, 48, { parent: 'h' }),
    ],
    [link('a', 'b'), link('b', 'c'), link('a', 'c'), link('c', 'd')],
  );

  it('draws a collapsed group as one node with the tensors that cross its edge as ports', () => {
    const scene = projectScene(blocks, modelAdapter, closed);
    expect(scene.nodes.map((each) => [each.id, each.shape])).toEqual([
      ['a', 'node'],
      ['g', 'group'],
      ['h', 'group'],
    ]);
    const drawn = scene.byId.get('g');
    expect(drawn?.inside).toBe(2);
    expect(drawn?.repeats).toBe(2);
    // a feeds b and c: one tensor, one port.
    expect(drawn?.inputs).toHaveLength(1);
    expect(drawn?.outputs.map((port) => port.end)).toEqual([{ node: 'c', port: 'out' }]);
    expect(scene.links.map((each) => [each.from.node, each.to.node, each.links.length])).toEqual([
      ['a', 'g', 2],
      ['g', 'h', 1],
    ]);
    expect(scene.standIn('b')?.id).toBe('g');
  });

  it('draws an expanded group as a frame around its children, before them', () => {
    const scene = projectScene(blocks, modelAdapter, (each) => each.id === 'g');
    expect(scene.nodes.map((each) => each.id)).toEqual(['a', 'g', 'b', 'c', 'h']);
    const frame = scene.byId.get('g');
    const child = scene.byId.get('c');
    if (!frame || !child) throw new Error('not drawn');
    expect(frame.shape).toBe('frame');
    expect(frame.x).toBeLessThan(child.x);
    expect(frame.x + frame.width).toBeGreaterThan(child.x + child.width);
    expect(scene.standIn('b')?.id).toBe('b');
  });

  it('pushes what an expanded frame would cover aside, in view only', () => {
    const scene = projectScene(blocks, modelAdapter, (each) => each.id === 'g');
    const frame = scene.byId.get('g');
    const after = scene.byId.get('h');
    if (!frame || !after) throw new Error('not drawn');
    expect(overlaps(frame, after)).toBe(false);
    expect(after.shift.x).toBe(after.x - 500);
    expect(blocks.nodes.get('h')?.x).toBe(500);
  });

  it('leaves a drawing laid out with its groups open as it is', () => {
    const roomy = drawing([group('g', 0, 0), node('a', 24, 48, { parent: 'g' }), node('b', 400, 0)]);
    const scene = projectScene(roomy, modelAdapter, open);
    expect(scene.byId.get('b')?.x).toBe(400);
    expect(scene.byId.get('a')).toMatchObject({ x: 24, y: 48, shift: { x: 0, y: 0 } });
    expect(scene.byId.get('g')).toMatchObject({ shape: 'frame', shift: { x: 0, y: 0 } });
  });

  it('ends links at the ports of their nodes', () => {
    const pair = drawing([node('a', 0, 0), node('b', 300, 100)], [link('a', 'b')]);
    const scene = projectScene(pair, modelAdapter, closed);
    const [only] = scene.links;
    if (!only) throw new Error('no link');
    expect(linkEnds(scene, only)).toEqual({ from: { x: 180, y: 26 }, to: { x: 300, y: 126 } });
  });

  it('shows at the top what would be hidden: a node whose group is missing, groups that hold each other', () => {
    const odd = drawing([
      node('a', 0, 0, { parent: 'gone' }),
      group('g', 0, 200, { parent: 'h' }),
      group('h', 0, 300, { parent: 'g' }),
    ]);
    const scene = projectScene(odd, modelAdapter, open);
    expect(scene.nodes.map((each) => each.id).toSorted()).toEqual(['a', 'g', 'h']);
    expect(descendantsOf(odd, 'g')).toEqual([]);
    expect(descendantsOf(blocks, 'g').map((each) => each.id)).toEqual(['b', 'c']);
  });

  it('draws each node exactly once, itself or its stand-in, however groups nest and stand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ parent: fc.nat(30), isGroup: fc.boolean(), isOpen: fc.boolean(), x: fc.nat(2000) }), {
          maxLength: 30,
        }),
        (rows) => {
          const nodes: DocumentNode[] = [];
          rows.forEach((row, at) => {
            const above = nodes[row.parent];
            const parent = above?.type === 'group' ? above.id : null;
            const make = row.isGroup ? group : node;
            nodes.push(make(`n${at}`, row.x, at * 80, { parent }));
          });
          const isOpen = new Map(rows.map((row, at) => [`n${at}`, row.isOpen]));
          const document = drawing(nodes);
          const scene = projectScene(document, modelAdapter, (each) => isOpen.get(each.id) ?? false);
          for (const each of nodes) {
            const standIn = scene.standIn(each.id);
            expect(standIn).toBeDefined();
            const isHidden = standIn?.id !== each.id;
            expect(scene.byId.has(each.id)).toBe(!isHidden);
          }
        },
      ),
    );
  });
});
