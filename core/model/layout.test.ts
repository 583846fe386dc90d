import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Document, type DocumentNode, emptyDocument } from '#core/document/document.ts';
import { findBlocks } from './blocks.ts';
import { COLLAPSED_SIZE, layerLayout, NODE_SIZE } from './layout.ts';
import { topologicalOrder } from './order.ts';

/** A graph whose edges go from lower to higher numbers; `parents[i]` groups node i. */
function graph(
  size: number,
  edges: readonly (readonly [number, number])[],
  parents: readonly (string | null)[] = [],
): Document {
  const node = (id: string, type: string, parent: string | null, collapsed = true): DocumentNode => ({
    id,
    type,
    name: id,
    x: 0,
    y: 0,
    parent,
    parameters: type === 'group' ? { collapsed } : {},
  });
  const groups = [...new Set(parents.filter((parent) => parent !== null))];
  const nodes = [
    ...Array.from({ length: size }, (_, i) => node(`n${i}`, 'activation', parents[i] ?? null)),
    ...groups.map((id) => node(id, 'group', null, !id.startsWith('open'))),
  ];
  return {
    ...emptyDocument('d', 'model', 't'),
    nodes: new Map(nodes.map((each) => [each.id, each])),
    links: new Map(
      edges.map(([from, to], i) => [
        `l${i}`,
        { id: `l${i}`, from: { node: `n${from}`, port: 'out' }, to: { node: `n${to}`, port: 'in' } },
      ]),
    ),
  };
}

const edgesOf = (size: number) =>
  fc.array(
    fc
      .tuple(fc.nat({ max: size - 1 }), fc.nat({ max: size - 1 }))
      .map(([a, b]): readonly [number, number] => (a < b ? [a, b] : [b, a])),
    { maxLength: 2 * size },
  );

describe('layerLayout', () => {
  it('keeps a short chain in one line', () => {
    const places = layerLayout(
      graph(
        20,
        Array.from({ length: 19 }, (_, i) => [i, i + 1] as const),
      ),
    );
    expect(places.get('n19')).toEqual({ x: 19 * (NODE_SIZE.width + 72), y: 0 });
  });

  it('puts every reader right of what it reads, and no two nodes on one another', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 30 }).chain((size) => fc.tuple(fc.constant(size), edgesOf(size))),
        ([size, edges]) => {
          const proper = edges.filter(([a, b]) => a !== b);
          const places = layerLayout(graph(size, proper));
          const at = (i: number) => places.get(`n${i}`)!;
          for (const [a, b] of proper) if (at(b).x < at(a).x + NODE_SIZE.width) return false;
          for (let a = 0; a < size; a++)
            for (let b = 0; b < a; b++)
              if (Math.abs(at(a).x - at(b).x) < NODE_SIZE.width && Math.abs(at(a).y - at(b).y) < NODE_SIZE.height)
                return false;
          return true;
        },
      ),
      { seed: 5, numRuns: 300 },
    );
  });

  it('is deterministic', () => {
    const document = graph(9, [
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 3],
      [3, 8],
      [0, 8],
    ]);
    expect([...layerLayout(document)]).toEqual([...layerLayout(document)]);
  });

  it('lays a collapsed group out as one node and an open one around its contents', () => {
    const chain: [number, number][] = [
      [0, 1],
      [1, 2],
      [2, 3],
    ];
    const closed = layerLayout(graph(4, chain, [null, 'g', 'g', null]));
    expect(closed.get('n3')!.x).toBe(closed.get('g')!.x + COLLAPSED_SIZE.width + 72);
    const open = layerLayout(graph(4, chain, [null, 'open', 'open', null]));
    const corner = open.get('open')!;
    expect(open.get('n1')).toEqual({ x: corner.x + 24, y: corner.y + 48 });
    expect(open.get('n3')!.x).toBeGreaterThan(open.get('n2')!.x + NODE_SIZE.width);
  });

  it('survives groups that feed each other, circles and broken parents', () => {
    const tangled = graph(
      4,
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
      ['a', 'b', 'a', 'b'],
    );
    expect(layerLayout(tangled).size).toBe(6);
    const circle = graph(3, [
      [0, 1],
      [1, 2],
      [2, 0],
    ]);
    expect(layerLayout(circle).size).toBe(3);
    expect(layerLayout(graph(1, [], ['nowhere'])).size).toBe(2);
    expect(layerLayout(graph(0, [])).size).toBe(0);
  });

  it('does not recurse: a chain of 20,000', () => {
    const size = 20_000;
    const places = layerLayout(
      graph(
        size,
        Array.from({ length: size - 1 }, (_, i) => [i, i + 1] as const),
      ),
    );
    // Folded into strips, nothing on anything else, about twice as wide as tall.
    const corners = new Set([...places.values()].map(({ x, y }) => `${x} ${y}`));
    expect(corners.size).toBe(size);
    const extent = (pick: (place: { x: number; y: number }) => number) => Math.max(...[...places.values()].map(pick));
    const ratio = extent(({ x }) => x) / extent(({ y }) => y);
    expect(ratio).toBeGreaterThan(1.5);
    expect(ratio).toBeLessThan(2.5);
  });
});

describe('topologicalOrder', () => {
  it('is the lexicographically first order', () => {
    // Brute force: repeatedly the lowest node all of whose predecessors are done.
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }).chain((size) => fc.tuple(fc.constant(size), edgesOf(size), fc.integer())),
        ([size, edges, shuffle]) => {
          // Where 7 is coprime to the size, i → 7i + shuffle is a renaming that mixes the order up.
          const rename = (i: number) => (size % 7 === 0 ? i : (i * 7 + Math.abs(shuffle)) % size);
          const proper = edges
            .filter(([a, b]) => a !== b)
            .map(([a, b]): readonly [number, number] => [rename(a), rename(b)]);
          const successors = Array.from({ length: size }, (_, i) => proper.filter(([a]) => a === i).map(([, b]) => b));
          const expected: number[] = [];
          while (expected.length < size) {
            const next = successors.findIndex(
              (_, i) => !expected.includes(i) && proper.every(([a, b]) => b !== i || expected.includes(a)),
            );
            expected.push(next);
          }
          return JSON.stringify(topologicalOrder(successors)) === JSON.stringify({ order: expected, cycle: [] });
        },
      ),
      { seed: 11, numRuns: 500 },
    );
  });

  it('returns a real cycle', () => {
    const { cycle } = topologicalOrder([[1], [2, 4], [3], [1], []]);
    expect([...cycle].sort()).toEqual([1, 2, 3]);
    const next = new Map(cycle.map((node, i) => [node, cycle[(i + 1) % cycle.length]]));
    expect(next.get(1)).toBe(2);
    expect(next.get(2)).toBe(3);
    expect(next.get(3)).toBe(1);
  });
});

describe('findBlocks', () => {
  const node = (id: string, type: string, sources: readonly string[], width = 8) => ({
    id,
    type,
    category: type === 'relu' ? 'activation' : type,
    parameters: { width },
    sources,
    shapes: `${width}`,
  });
  const residual = (prefix: string, from: string, width = 8) => [
    node(`${prefix}a`, 'conv', [from], width),
    node(`${prefix}b`, 'relu', [`${prefix}a`], width),
    node(`${prefix}c`, 'conv', [`${prefix}b`], width),
    node(`${prefix}d`, 'add', [`${prefix}c`, from], width),
    node(`${prefix}e`, 'relu', [`${prefix}d`], width),
  ];

  it('finds residual blocks with the activation after them; equal ones share a hash', () => {
    const blocks = findBlocks([
      node('stem', 'conv', ['x']),
      ...residual('p', 'stem'),
      ...residual('q', 'pe'),
      ...residual('r', 'qe', 16),
      node('head', 'dense', ['re']),
    ]);
    expect(blocks.map(({ members }) => members.length)).toEqual([5, 5, 5]);
    expect(blocks[0]?.hash).toBe(blocks[1]?.hash);
    expect(blocks[0]?.hash).not.toBe(blocks[2]?.hash);
  });

  it('takes a repeated sequence of blocks as one layer', () => {
    const layer = (prefix: string, from: string) => [
      ...residual(`${prefix}1`, from),
      ...residual(`${prefix}2`, `${prefix}1e`, 32),
    ];
    const blocks = findBlocks([
      node('stem', 'conv', ['x']),
      ...layer('p', 'stem'),
      ...layer('q', 'p2e'),
      ...layer('r', 'q2e'),
    ]);
    expect(blocks.map(({ members }) => members.length)).toEqual([10, 10, 10]);
    expect(new Set(blocks.map(({ hash }) => hash)).size).toBe(1);
  });

  it('leaves a plain chain alone', () => {
    expect(findBlocks([node('a', 'conv', ['x']), node('b', 'relu', ['a']), node('c', 'conv', ['b'], 3)])).toEqual([]);
  });
});
