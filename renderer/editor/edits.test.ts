import { describe, expect, it } from 'vitest';
import { apply } from '#core/document/apply.ts';
import { type Document, type DocumentNode, emptyDocument } from '#core/document/document.ts';
import { largeModel } from '../../tests/support/large-model.ts';
import { modelAdapter } from '../canvas/adapter-model.ts';
import { NODE_HEIGHT, NODE_WIDTH } from '../canvas/geometry.ts';
import { projectScene } from '../canvas/scene.ts';
import {
  alignSelection,
  fixCommand,
  freeName,
  groupSelection,
  insertNode,
  moveInto,
  moveNodes,
  newNode,
  reached,
  removeSelection,
} from './edits.ts';

const node = (id: string, type: string, x: number, parent: string | null = null): DocumentNode => ({
  id,
  type,
  name: id,
  x,
  y: 0,
  parent,
  parameters: {},
});
const of = (...nodes: readonly DocumentNode[]): Document => ({
  ...emptyDocument('d', 'model', 'D'),
  nodes: new Map(nodes.map((each) => [each.id, each])),
});
const boxIn = (document: Document) => (id: string) => {
  const at = document.nodes.get(id);
  return at && { x: at.x, y: at.y, width: NODE_WIDTH, height: NODE_HEIGHT };
};
const chosen = (...nodes: readonly string[]) => ({ nodes: new Set(nodes), links: new Set<string>() });
const after = (document: Document, command: Parameters<typeof apply>[1] | null) => {
  if (!command) throw new Error('nothing to do');
  const applied = apply(document, command);
  if (!applied.ok) throw new Error(applied.error.message);
  return applied.value;
};

describe('edits', () => {
  it('adds a node with the catalog’s defaults behind the selected one, linked', () => {
    const document = of({ ...node('image', 'input', 0), parameters: { shape: [1, 3, 8, 8], elementType: 'fp32' } });
    const entry = modelAdapter.entry('conv')!;
    const made = newNode(document, entry, { x: 241, y: 3 }, null);
    expect(made).toMatchObject({ name: 'Convolution', x: 240, y: 4, parameters: { kernel: [3, 3] } });
    const { document: grown } = after(document, insertNode(document, modelAdapter, made, document.nodes.get('image')!));
    expect([...grown.links.values()].map((link) => [link.from, link.to])).toEqual([
      [
        { node: 'image', port: 'out' },
        { node: made.id, port: 'in' },
      ],
    ]);
  });

  it('finds names that are free', () => {
    expect(freeName(of(), 'Pool')).toBe('Pool');
    expect(freeName(of(node('Pool', 'pool', 0), node('Pool 2', 'pool', 0)), 'Pool')).toBe('Pool 3');
  });

  it('moves a group with everything inside', () => {
    const document = of(node('g', 'group', 0), node('a', 'conv', 24, 'g'), node('b', 'conv', 500));
    const { document: moved } = after(document, moveNodes(document, ['g'], 10, 20));
    expect([...moved.nodes.values()].map(({ x, y }) => [x, y])).toEqual([
      [10, 20],
      [34, 20],
      [500, 0],
    ]);
    expect(moveNodes(document, ['g'], 0, 0)).toBeNull();
  });

  it('groups nodes of one level only', () => {
    const document = of(
      node('g', 'group', 0),
      node('a', 'conv', 24, 'g'),
      node('b', 'conv', 500),
      node('c', 'conv', 700),
    );
    expect(groupSelection(document, chosen('a', 'b'))).toBeNull();
    const made = groupSelection(document, chosen('b', 'c'));
    const { document: grouped, label } = after(document, made?.command ?? null);
    expect(label).toBe('Group 2 nodes');
    expect(grouped.nodes.get('c')?.parent).toBe(made?.group);
  });

  it('removes links and nodes together, as one step', () => {
    const document: Document = {
      ...of(node('a', 'input', 0), node('b', 'conv', 200), node('c', 'conv', 400)),
      links: new Map([
        ['ab', { id: 'ab', from: { node: 'a', port: 'out' }, to: { node: 'b', port: 'in' } }],
        ['bc', { id: 'bc', from: { node: 'b', port: 'out' }, to: { node: 'c', port: 'in' } }],
      ]),
    };
    const { document: left } = after(
      document,
      removeSelection(document, { nodes: new Set(['a']), links: new Set(['ab', 'bc']) }),
    );
    expect([...left.nodes.keys()]).toEqual(['b', 'c']);
    expect(left.links.size).toBe(0);
    expect(removeSelection(document, chosen())).toBeNull();
    expect(removeSelection(document, { nodes: new Set(['a']), links: new Set(['bc']) })).toMatchObject({
      label: 'Delete 1 node and 1 link',
    });
  });

  it('aligns and distributes', () => {
    const document = of(node('a', 'conv', 0), node('b', 'conv', 30), node('c', 'conv', 200));
    const xs = (how: Parameters<typeof alignSelection>[2]) =>
      [
        ...after(
          document,
          alignSelection(document, chosen('a', 'b', 'c'), how, boxIn(document)),
        ).document.nodes.values(),
      ].map(({ x }) => x);
    expect(xs('left')).toEqual([0, 0, 0]);
    expect(xs('right')).toEqual([200, 200, 200]);
    expect(xs('centre')).toEqual([100, 100, 100]);
    expect(xs('distribute-x')).toEqual([0, 100, 200]);
  });

  it('aligns by what nodes cover: edges and middles of unlike sizes, equal gaps', () => {
    const document = of(node('a', 'conv', 0), node('b', 'conv', 100), node('c', 'conv', 600));
    const sizes: Record<string, number> = { a: 100, b: 300, c: 200 };
    const boxOf = (id: string) => {
      const at = document.nodes.get(id);
      return at && { x: at.x, y: at.y, width: sizes[id] ?? 0, height: 52 };
    };
    const xs = (how: Parameters<typeof alignSelection>[2]) =>
      [...after(document, alignSelection(document, chosen('a', 'b', 'c'), how, boxOf)).document.nodes.values()].map(
        ({ x }) => x,
      );
    // From 0 to 800: right edges at 800, middles at 400, gaps of (800 − 600) ÷ 2.
    expect(xs('right')).toEqual([700, 500, 600]);
    expect(xs('centre')).toEqual([350, 250, 300]);
    expect(xs('distribute-x')).toEqual([0, 200, 600]);
  });

  it('puts nodes into a group and takes them out again where they stand on screen', () => {
    const document = of(node('g', 'group', 0), node('a', 'conv', 24, 'g'), node('b', 'conv', 500));
    const pushed = (id: string) => (id === 'b' ? { x: 40, y: 0 } : { x: 0, y: 0 });
    const { document: inside, label } = after(document, moveInto(document, new Set(['b']), 'g', pushed, 10, 0));
    expect(label).toBe('Move b into g');
    expect(inside.nodes.get('b')).toMatchObject({ parent: 'g', x: 550 });
    const { document: outside } = after(
      inside,
      moveInto(inside, new Set(['a', 'b']), null, () => ({ x: 0, y: 0 })),
    );
    expect([...outside.nodes.values()].map(({ parent }) => parent)).toEqual([null, null, null]);
    // Never into itself; among its own it is only moved.
    expect(moveInto(document, new Set(['g']), 'g', pushed, 5, 5)).toMatchObject({ type: 'nodes.move' });
    expect(moveInto(document, new Set(['a']), 'g', pushed)).toBeNull();
  });

  it('puts a node into an open group where it is let go, wherever the group’s own corner is', () => {
    const document = of(node('g', 'group', 0), node('a', 'conv', 400, 'g'), node('b', 'conv', 900));
    const before = projectScene(document, modelAdapter, () => true);
    const shiftOf = (id: string) => before.standIn(id)!.shift;
    const command = moveInto(document, new Set(['b']), 'g', shiftOf, -480, 100);
    const { nodes, byId } = projectScene(after(document, command).document, modelAdapter, () => true);
    expect(nodes.map(({ id }) => id)).toEqual(['g', 'a', 'b']);
    expect(byId.get('b')).toMatchObject({ x: 420, y: 100 });
    expect(byId.get('a')).toMatchObject({ x: 400, y: 0 });
  });

  it('comes to an end where groups hold each other', () => {
    const document = of(node('g', 'group', 0, 'h'), node('h', 'group', 0, 'g'), node('a', 'conv', 0, 'g'));
    expect(alignSelection(document, chosen('a', 'h'), 'left', boxIn(document))).toBeNull();
    expect(moveInto(document, new Set(['a']), null, () => ({ x: 0, y: 0 }))).toMatchObject({
      label: 'Move a out of the group',
    });
  });

  it('selects upstream and downstream in time linear in the links', () => {
    const wide = largeModel(10_000);
    const ids = [...wide.nodes.keys()];
    expect(reached(wide, [ids[0]!], 'downstream').size).toBe(wide.nodes.size);
    expect(reached(wide, [ids[0]!], 'upstream')).toEqual(new Set([ids[0]]));
    // One node read by all others: each link is looked at once.
    let looks = 0;
    const hub = of(node('hub', 'conv', 0), ...Array.from({ length: 20_000 }, (_, at) => node(`n${at}`, 'conv', 0)));
    const links = new Map(
      Array.from({ length: 20_000 }, (_, at) => [
        `l${at}`,
        {
          id: `l${at}`,
          get from() {
            looks++;
            return { node: 'hub', port: 'out' };
          },
          to: { node: `n${at}`, port: 'in' },
        },
      ]),
    );
    expect(reached({ ...hub, links }, ['hub'], 'downstream').size).toBe(20_001);
    expect(looks).toBeLessThanOrEqual(3 * 20_000);
  });

  it('applies a fix as one labelled step', () => {
    const document = of(node('a', 'conv', 0), node('b', 'conv', 30));
    const { document: mended, label } = after(
      document,
      fixCommand('Mend both', [
        { type: 'set-parameter', node: 'a', parameter: 'groups', value: 1 },
        { type: 'remove-node', node: 'b' },
      ]),
    );
    expect(label).toBe('Mend both');
    expect(mended.nodes.get('a')?.parameters.groups).toBe(1);
    expect(mended.nodes.has('b')).toBe(false);
  });
});
