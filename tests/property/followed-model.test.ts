/**
 * A model followed from edit to edit is the one built from scratch: graph, types, problems and their order, whatever the edits
 * and however broken the drawing is; and what was handed out for an earlier revision stays as it was.
 */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { Document, DocumentLink, DocumentNode } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { ModelMemo } from '#core/model/memo.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { largeModel } from '../support/large-model.ts';

const SEQUENCES = process.env.WEFT_LONG ? 2000 : 12;

function drawing(): Document {
  const sketch = new Sketch();
  let at = sketch.add('input', 'image', { shape: [1, 4, 6, 6] });
  const scale = sketch.add('constant', 'scale', { shape: [1] });
  for (let block = 0; block < 3; block++) {
    const conv = sketch.add('conv', `conv ${block}`, { outChannels: 4, kernel: [3, 3] }, at);
    const product = sketch.add('elementwise', `product ${block}`, { operation: 'mul' }, conv, scale);
    at = sketch.add('elementwise', `add ${block}`, { operation: 'add' }, product, at);
  }
  sketch.add('output', 'out', {}, sketch.add('softmax', 'softmax', {}, at));
  return sketch.document('m', 'm');
}

const TYPES = [
  'conv',
  'elementwise',
  'activation',
  'input',
  'output',
  'constant',
  'split',
  'concat',
  'opaque',
  'group',
  'note',
  'no such type',
];
const PARAMETERS = [
  ['outChannels', 4],
  ['outChannels', 8],
  ['outChannels', -1],
  ['shape', [1, 4, 6, 6]],
  ['shape', [1, 8, 6, 6]],
  ['inputs', 1],
  ['inputs', 3],
  ['outputs', 2],
  ['outputs', 3],
  ['trained', false],
  ['operator', 'Einsum'],
] as const;
const PORTS = ['in', 'in0', 'in1', 'in2', 'other'];
const OUT = ['out', 'out', 'out', 'out0', 'out1'];

it('equals a model built from scratch after any sequence of edits', () => {
  for (let sequence = 0; sequence < SEQUENCES; sequence++) {
    const rng = createRng(100 + sequence);
    const pick = <Item>(items: readonly Item[]): Item => items[rng.below(items.length)]!;
    let fresh = 0;
    let document = drawing();
    const memo = new ModelMemo();
    const earlier: Document[] = [document];
    const handed = new Map<Document, ReturnType<typeof buildModel>>();
    const nodesOf = () => [...document.nodes.values()];
    const withNode = (node: DocumentNode): Document => ({
      ...document,
      nodes: new Map(document.nodes).set(node.id, node),
    });
    const aLink = (): DocumentLink => ({
      id: `l${fresh++}`,
      from: { node: pick([...nodesOf(), ...nodesOf(), { id: 'nowhere' }]).id, port: pick(OUT) },
      to: { node: pick(nodesOf()).id, port: pick(PORTS) },
    });
    const without = <T>(table: ReadonlyMap<string, T>, id: string) => new Map([...table].filter(([key]) => key !== id));
    const edits: readonly (() => Document)[] = [
      () => withNode({ ...pick(nodesOf()), x: rng.below(100) }),
      () => withNode({ ...pick(nodesOf()), name: pick(['', 'a', 'b']) }),
      () => {
        const node = pick(nodesOf());
        const [id, value] = pick(PARAMETERS);
        return withNode({ ...node, parameters: { ...node.parameters, [id]: value } });
      },
      () => withNode({ ...pick(nodesOf()), type: pick(TYPES) }),
      () => withNode({ ...pick(nodesOf()), id: `n${fresh++}` }),
      // With its links, or leaving them to dangle.
      () => {
        const { id } = pick(nodesOf());
        const links =
          rng.below(2) === 0
            ? document.links
            : new Map([...document.links].filter(([, { from, to }]) => from.node !== id && to.node !== id));
        return { ...document, nodes: without(document.nodes, id), links };
      },
      () => {
        const link = aLink();
        return { ...document, links: new Map(document.links).set(link.id, link) };
      },
      // To the front, where it takes the port from another.
      () => {
        const link = aLink();
        return { ...document, links: new Map([[link.id, link], ...document.links]) };
      },
      () =>
        document.links.size > 0
          ? { ...document, links: without(document.links, pick([...document.links.keys()])) }
          : document,
      () => {
        if (document.links.size === 0) return document;
        const { id } = pick([...document.links.values()]);
        return { ...document, links: new Map(document.links).set(id, { ...aLink(), id }) };
      },
      () => ({ ...document, nodes: new Map([...document.nodes].reverse()) }),
      () => pick(earlier),
      () => pick(earlier),
      () => drawing(),
    ];
    for (let step = 0; step < 30; step++) {
      const made = pick(edits)();
      if (made.nodes.size > 0) document = made;
      earlier.push(document);
      const followed = buildModel(document, memo);
      expect(followed).toEqual(buildModel(document));
      handed.set(document, followed);
    }
    for (const [of, built] of handed) expect(built).toEqual(buildModel(of));
  }
});

it('P-26: of 2,000 operators it looks again only at what an edit reaches', () => {
  const memo = new ModelMemo();
  let document = largeModel(2000);
  const evaluated = (of: Document): number => {
    document = of;
    const before = memo.evaluations;
    buildModel(document, memo);
    return memo.evaluations - before;
  };
  expect(evaluated(document)).toBe(document.nodes.size);
  const conv = [...document.nodes.values()].filter(({ name }) => name.endsWith('conv 1'))[140]!;
  const set = (change: Partial<DocumentNode>): Document => ({
    ...document,
    nodes: new Map(document.nodes).set(conv.id, { ...document.nodes.get(conv.id)!, ...change }),
  });
  expect(evaluated(set({ x: 1, y: 2 }))).toBe(0);
  expect(evaluated(set({ name: 'renamed' }))).toBe(1);
  // The layer, its normalisation and activation, and the layer that reads them, which makes what it made before.
  expect(evaluated(set({ parameters: { ...conv.parameters, outChannels: 65 } }))).toBe(4);
  // What is taken away near the end leaves few without types.
  const last = [...document.nodes.values()].filter(({ name }) => name.endsWith('conv 1')).at(-1)!;
  const links = new Map([...document.links].filter(([, { to }]) => to.node !== last.id));
  expect(evaluated({ ...document, links })).toBeLessThan(20);
  expect(memo.inferences).toBeLessThan(document.nodes.size + 20);
});
