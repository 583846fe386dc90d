import { describe, expect, it } from 'vitest';
import { PRESETS } from '#core/architecture/presets.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { apply } from '#core/document/apply.ts';
import { blocksIn } from '#core/document/block-uses.ts';
import type { Command } from '#core/document/command.ts';
import {
  type Document,
  type DocumentLink,
  type DocumentNode,
  emptyDocument,
  GROUP_TYPE,
} from '#core/document/document.ts';
import { cases } from '../../tests/support/cases.ts';
import { foldCommand } from './fold.ts';
import { differences, findRepeats, findSimilar, type Repeat } from './repeats.ts';

let counter = 0;
const newId = (prefix: string) => `${prefix}-${counter++}`;

type Link = readonly [from: string, fromPort: string, to: string, toPort: string];

/** Drawn in the order given, or in any. */
function drawing(kind: Document['kind'], nodes: readonly DocumentNode[], links: readonly Link[], rng?: Rng): Document {
  const shuffled = <T>(rows: readonly T[]) =>
    rng
      ? rows
          .map((row) => ({ row, at: rng.next() }))
          .sort((a, b) => a.at - b.at)
          .map(({ row }) => row)
      : rows;
  return {
    ...emptyDocument('d', kind, 'D'),
    nodes: new Map(shuffled(nodes).map((node) => [node.id, node])),
    links: new Map(
      shuffled(links).map(([from, fromPort, to, toPort], at): [string, DocumentLink] => [
        `l${at}`,
        { id: `l${at}`, from: { node: from, port: fromPort }, to: { node: to, port: toPort } },
      ]),
    ),
  };
}

const part = (
  id: string,
  type: string,
  parameters: DocumentNode['parameters'] = {},
  parent: string | null = null,
): DocumentNode => ({
  id,
  type,
  name: id,
  x: 10,
  y: 20,
  parent,
  parameters,
});

/** A channel and a bus; on the bus, clusters of a DMA, a scratchpad, an array and a vector unit. */
function clusters(capacities: readonly number[], rng?: Rng): Document {
  const nodes = [part('channel', 'dram-channel'), part('bus', 'bus')];
  const links: Link[] = [['channel', 'bus', 'bus', 'channels']];
  for (const [at, capacityBytes] of capacities.entries()) {
    nodes.push(part(`dma${at}`, 'dma'), part(`spad${at}`, 'scratchpad', { capacityBytes }));
    nodes.push(part(`array${at}`, 'systolic-array', { rows: 16 }), part(`vector${at}`, 'vector-unit'));
    links.push(['bus', 'engines', `dma${at}`, 'bus'], [`dma${at}`, 'memory', `spad${at}`, 'memory']);
    links.push([`spad${at}`, 'units', `array${at}`, 'operands'], [`spad${at}`, 'units', `vector${at}`, 'operands']);
  }
  return drawing('architecture', nodes, links, rng);
}

function must(document: Document, command: Command): Document {
  const applied = apply(document, command);
  if (!applied.ok) throw new Error(applied.error.message);
  return applied.value.document;
}
const folded = (document: Document, repeat: Repeat) => must(document, foldCommand(document, repeat, newId)!);

const numbersOf = ({ occurrences }: Repeat) =>
  occurrences.map(({ parts }) => Number(/\d+$/.exec(parts[0]!)?.[0])).sort();

/** By a part's number in its occurrence: types, parameters and links are the same. */
function expectIsomorphic(document: Document, { occurrences }: Repeat): void {
  const shapes = occurrences.map(({ parts }) => {
    const index = new Map(parts.map((id, at) => [id, at]));
    const links = [...document.links.values()].flatMap(({ from, to }) => {
      const ends = [index.get(from.node), index.get(to.node)];
      return ends.includes(undefined) ? [] : [`${ends[0]}.${from.port} > ${ends[1]}.${to.port}`];
    });
    const what = parts.map((id) => {
      const { type, parameters, parent } = document.nodes.get(id)!;
      return [type, JSON.stringify(parameters), index.get(parent ?? '') ?? -1];
    });
    return { what, links: links.sort() };
  });
  for (const shape of shapes) expect(shape).toEqual(shapes[0]);
  expect(new Set(occurrences.flatMap(({ parts }) => parts)).size).toBe(
    occurrences.length * occurrences[0]!.parts.length,
  );
}

describe('repeated structures of drawings of components', () => {
  it('four equal clusters on a bus are found, however drawn, and folded into one block', () => {
    for (const rng of [undefined, createRng(1), createRng(2)]) {
      const document = clusters([512, 512, 512, 512], rng);
      const [repeat, ...others] = findRepeats(document, new Map());
      expect(others).toEqual([]);
      expect(repeat).toMatchObject({ name: 'Block', operators: 4, saved: 12 });
      expect(numbersOf(repeat!)).toEqual([0, 1, 2, 3]);
      expectIsomorphic(document, repeat!);
      const after = folded(document, repeat!);
      expect(blocksIn(after).map(({ name, uses }) => [name, uses.length])).toEqual([['Block', 4]]);
      expect([...after.links.values()]).toEqual([...document.links.values()]);
      const edited = must(after, {
        type: 'node.set-parameter',
        node: 'spad2',
        parameter: 'capacityBytes',
        value: 9,
      });
      for (let at = 0; at < 4; at++) expect(edited.nodes.get(`spad${at}`)?.parameters.capacityBytes).toBe(9);
      expect(findRepeats(after, new Map())).toEqual([]);
    }
  });

  it('one that differs in a parameter or a link stays out; two sizes are two blocks', () => {
    expect(findRepeats(clusters([512, 256, 512, 512]), new Map()).map(numbersOf)).toEqual([[0, 2, 3]]);
    expect(
      findRepeats(clusters([512, 256, 256, 512]), new Map())
        .map(numbersOf)
        .sort(),
    ).toEqual([
      [0, 3],
      [1, 2],
    ]);
    const document = clusters([512, 512, 512]);
    const torn = { ...document, links: new Map([...document.links].filter(([, { to }]) => to.node !== 'vector1')) };
    expect(findRepeats(torn, new Map()).map(numbersOf)).toEqual([[0, 2]]);
    expect(findRepeats(clusters([512]), new Map())).toEqual([]);
    for (const { build } of PRESETS) expect(findRepeats(build('p'), new Map()).flatMap(numbersOf)).toEqual([]);
  });

  it('alike but for parameters: folded too, what differs kept to its use', () => {
    const document = clusters([512, 256, 512, 128], createRng(4));
    const similar = findSimilar(document);
    expect(similar.map(numbersOf)).toEqual([[0, 1, 2, 3]]);
    expect(
      differences(document, similar[0]!)
        .map(({ node, parameter }) => `${node.id} ${parameter}`)
        .sort(),
    ).toEqual(['spad1 capacityBytes', 'spad3 capacityBytes']);
    expect(findSimilar(clusters([512, 512, 512]))).toEqual([]);
    const capacities = (of: Document) => [0, 1, 2, 3].map((at) => of.nodes.get(`spad${at}`)?.parameters.capacityBytes);
    // At once, or the equal ones first: then those join that block.
    for (const first of [null, findRepeats(document, new Map())[0]!]) {
      const before = first ? folded(document, first) : document;
      const after = folded(before, findSimilar(before)[0]!);
      expect(blocksIn(after).map(({ uses }) => uses.length)).toEqual([4]);
      expect(capacities(after)).toEqual([512, 256, 512, 128]);
      const edits = [
        { type: 'node.set-parameter', node: 'spad2', parameter: 'capacityBytes', value: 64 },
        { type: 'node.set-own', node: 'spad3', parameter: 'capacityBytes', own: false },
        { type: 'node.set-parameter', node: 'array3', parameter: 'rows', value: 8 },
      ] as const;
      const edited = edits.reduce((now, command) => must(now, command), after);
      expect(capacities(edited)).toEqual([64, 256, 64, 64]);
      expect([0, 1, 2, 3].map((at) => edited.nodes.get(`array${at}`)?.parameters.rows)).toEqual([8, 8, 8, 8]);
      expect(findSimilar(after)).toEqual([]);
    }
  });

  it('two chips of two clusters are found whole, and their four clusters', () => {
    const nodes: DocumentNode[] = [part('host', 'dram-channel')];
    const links: Link[] = [];
    for (const chip of [0, 1]) {
      const { nodes: own, links: inner } = clusters([512, 512]);
      for (const node of own.values()) if (node.id !== 'channel') nodes.push({ ...node, id: `${chip}${node.id}` });
      for (const { from, to } of inner.values())
        links.push([from.node === 'channel' ? 'host' : `${chip}${from.node}`, from.port, `${chip}${to.node}`, to.port]);
    }
    const found = findRepeats(drawing('architecture', nodes, links, createRng(3)), new Map());
    expect(found.map(({ occurrences, operators }) => [occurrences.length, operators])).toEqual([
      [4, 4],
      [2, 9],
    ]);
  });

  it('stages of a task graph in a row are found, and groups of any kind of drawing', () => {
    const nodes: DocumentNode[] = [part('t', 'task', { firings: 7 })];
    const links: Link[] = [];
    let last = 't';
    for (let at = 0; at < 5; at++) {
      for (const [id, type] of [
        ['s', 'stream'],
        ['a', 'task'],
        ['b', 'task'],
        ['u', 'stream'],
        ['v', 'stream'],
        ['j', 'task'],
      ] as const)
        nodes.push(part(`${id}${at}`, type, type === 'task' ? { firings: id === 'j' ? 2 : 1 } : {}));
      links.push([last, 'writes', `s${at}`, 'writer'], [`s${at}`, 'reader', `a${at}`, 'reads']);
      links.push([`a${at}`, 'writes', `u${at}`, 'writer'], [`u${at}`, 'reader', `j${at}`, 'reads']);
      links.push(
        [`a${at}`, 'writes', `v${at}`, 'writer'],
        [`v${at}`, 'reader', `b${at}`, 'reads'],
        [`b${at}`, 'stores', `j${at}`, 'reads'],
      );
      last = `j${at}`;
    }
    const document = drawing('tasks', nodes, links);
    const [repeat] = findRepeats(document, new Map());
    expect(repeat?.occurrences).toHaveLength(5);
    expectIsomorphic(document, repeat!);

    const fabric = drawing(
      'fabric',
      [0, 1, 2].flatMap((at) => [
        part(`g${at}`, GROUP_TYPE, {}),
        part(`inner${at}`, GROUP_TYPE, { collapsed: at === 1 }, `g${at}`),
        ...['x', 'y', 'z'].map((id) =>
          part(
            `${id}${at}`,
            'memory-bank',
            { banks: id === 'z' && at === 2 ? 2 : 1 },
            id === 'x' ? `g${at}` : `inner${at}`,
          ),
        ),
      ]),
      [],
    );
    expect(findRepeats(fabric, new Map()).map(({ occurrences }) => occurrences.map(({ group }) => group))).toEqual([
      ['g0', 'g1'],
    ]);
  });

  it('planted copies of any piece are found, and one changed at random only where it is still the same', () => {
    let kept = 0;
    let dropped = 0;
    for (let seed = 0; seed < cases(150, 5000); seed++) {
      const rng = createRng(seed);
      const size = 3 + rng.below(4);
      const copies = 2 + rng.below(3);
      const types = Array.from({ length: size }, () => `type${rng.below(3)}`);
      const inner: [number, number, number][] = [];
      for (let at = 1; at < size; at++) inner.push([rng.below(at), at, rng.below(2)]);
      for (let extra = rng.below(5); extra > 0; extra--) inner.push([rng.below(size), rng.below(size), rng.below(2)]);
      const changed = inner.map((each) => [...each] as [number, number, number]);
      const at = rng.below(changed.length);
      if (rng.below(3) === 0) {
        // The same piece, its parts of one type in another order.
        const [one, other] = [rng.below(size), rng.below(size)];
        const swapped = (place: number) => (place === one ? other : place === other ? one : place);
        if (types[one] === types[other])
          for (const link of changed) link.splice(0, 2, swapped(link[0]), swapped(link[1]));
      } else changed[at] = [rng.below(size), rng.below(size), rng.below(2)];
      const isConnected = spans(size, changed);
      const nodes = [part('hub', 'bus')];
      const links: Link[] = [];
      for (let copy = 0; copy <= copies; copy++) {
        for (const [place, type] of types.entries()) nodes.push(part(`n${place}of${copy}`, type));
        links.push(['hub', 'out', `n0of${copy}`, 'in']);
        for (const [from, to, port] of copy === copies ? changed : inner)
          links.push([`n${from}of${copy}`, `p${port}`, `n${to}of${copy}`, `q${port}`]);
      }
      const document = drawing('architecture', nodes, links, rng);
      const repeats = findRepeats(document, new Map());
      for (const repeat of repeats) expectIsomorphic(document, repeat);
      const whole = repeats.find(
        ({ operators, occurrences }) => operators === size && numbersOf({ occurrences } as Repeat).includes(0),
      );
      const isSame = isConnected && isIsomorphic(types, inner, changed);
      const wanted = Array.from({ length: isSame ? copies + 1 : copies }, (_, copy) => copy);
      expect(whole && numbersOf(whole), `seed ${seed}`).toEqual(wanted);
      if (isSame) kept++;
      else dropped++;
    }
    expect(kept).toBeGreaterThan(10);
    expect(dropped).toBeGreaterThan(10);
  });
});

function spans(size: number, links: readonly (readonly [number, number, number])[]): boolean {
  const reached = new Set([0]);
  for (let round = 0; round < size; round++)
    for (const [from, to] of links) {
      if (reached.has(from)) reached.add(to);
      else if (reached.has(to)) reached.add(from);
    }
  return reached.size === size;
}

/** By trying every correspondence. */
function isIsomorphic(
  types: readonly string[],
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): boolean {
  const wanted = b
    .map((link) => link.join())
    .sort()
    .join(' ');
  const go = (map: readonly number[]): boolean => {
    if (map.length === types.length)
      return (
        a
          .map(([from, to, port]) => [map[from!], map[to!], port].join())
          .sort()
          .join(' ') === wanted
      );
    return types.some((type, at) => !map.includes(at) && type === types[map.length] && go([...map, at]));
  };
  return go([]);
}
