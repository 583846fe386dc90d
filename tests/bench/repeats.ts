/** Repeated structures of drawings of 10,000 parts found, and folded into one block; processor time. */
import { apply } from '#core/document/apply.ts';
import { type Document, type DocumentNode, emptyDocument, GROUP_TYPE } from '#core/document/document.ts';
import { foldCommand } from '#core/repeats/fold.ts';
import { findRepeats, findSimilar } from '#core/repeats/repeats.ts';
import { machineLine } from '../support/measure.ts';

type Link = readonly [from: string, fromPort: string, to: string, toPort: string];

function drawing(kind: Document['kind'], nodes: readonly DocumentNode[], links: readonly Link[]): Document {
  const ends = links.map(([from, fromPort, to, toPort], at) => ({
    id: `l${at}`,
    from: { node: from, port: fromPort },
    to: { node: to, port: toPort },
  }));
  return {
    ...emptyDocument('d', kind, 'D'),
    nodes: new Map(nodes.map((node) => [node.id, node])),
    links: new Map(ends.map((link) => [link.id, link])),
  };
}

function part(
  id: string,
  type: string,
  parameters: DocumentNode['parameters'] = {},
  parent: string | null = null,
): DocumentNode {
  return { id, type, name: id, x: 0, y: 0, parent, parameters };
}

/** On one bus; the scratchpads of as many sizes as `sizeOf` says. */
function clusters(count: number, sizeOf: (at: number) => number): Document {
  const nodes = [part('bus', 'bus')];
  const links: Link[] = [];
  for (let at = 0; at < count; at++) {
    const [dma, scratchpad, array, vector] = ['dma', 'spad', 'array', 'vector'].map((each) => `${each}${at}`) as [
      string,
      string,
      string,
      string,
    ];
    nodes.push(part(dma, 'dma'), part(scratchpad, 'scratchpad', { capacityBytes: 1024 * sizeOf(at) }));
    nodes.push(part(array, 'systolic-array'), part(vector, 'vector-unit'));
    links.push(['bus', 'engines', dma, 'bus'], [dma, 'memory', scratchpad, 'memory']);
    links.push([scratchpad, 'units', array, 'operands'], [scratchpad, 'units', vector, 'operands']);
  }
  return drawing('architecture', nodes, links);
}

/** Each bank read by the next, in groups or in none. */
function chains(groups: number, length: number): Document {
  const nodes: DocumentNode[] = [];
  const links: Link[] = [];
  for (let group = 0; group < groups; group++) {
    nodes.push(part(`g${group}`, GROUP_TYPE));
    for (let at = 0; at < length; at++) {
      nodes.push(part(`n${at}of${group}`, 'memory-bank', { banks: at }, `g${group}`));
      if (at > 0) links.push([`n${at - 1}of${group}`, 'out', `n${at}of${group}`, 'in']);
    }
  }
  return drawing('fabric', nodes, links);
}

/** As many links again as parts, between any two; as many kinds of parts as `kinds`. */
function tangle(count: number, kinds: number): Document {
  let seed = 1;
  const below = (n: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % n;
  };
  const nodes = Array.from({ length: count }, (_, at) =>
    part(`n${at}`, 'task', { firings: Math.floor(Math.sqrt(below(kinds ** 2))) }),
  );
  const links = Array.from(
    { length: 2 * count },
    (): Link => [`n${below(count)}`, 'writes', `n${below(count)}`, 'reads'],
  );
  return drawing('tasks', nodes, links);
}

function timed<T>(title: string, work: () => T, words: (result: T) => string): T {
  work();
  const before = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(before);
  console.log(`${title.padEnd(44)} ${((user + system) / 1000).toFixed(0).padStart(6)} ms   ${words(result)}`);
  return result;
}

const found = (title: string, document: Document) =>
  timed(
    title,
    () => findRepeats(document, new Map()),
    (repeats) =>
      `${repeats.length} repeated, ${repeats
        .slice(0, 3)
        .map(({ occurrences, operators }) => `${occurrences.length} × ${operators}`)
        .join(', ')}`,
  );

console.log(machineLine());
found(
  '2,500 equal clusters on a bus',
  clusters(2500, () => 1),
);
const sizes = clusters(2500, (at) => Math.floor(Math.sqrt(2 * at)) + 1);
found('2,500 clusters of 70 sizes', sizes);
timed(
  'the same but for their sizes',
  () => findSimilar(sizes),
  ([all]) => `${all?.occurrences.length} × ${all?.operators}`,
);
found('10,000 tasks of 64 kinds, linked at random', tangle(10_000, 64));
found('two groups of 5,000 in a row', chains(2, 5000));
const grouped = chains(1000, 10);
const [repeat] = found('1,000 groups of 10', grouped);
let counter = 0;
const command = repeat && foldCommand(grouped, repeat, (prefix) => `${prefix}-${counter++}`);
if (!command) throw new Error('nothing to fold');
const folded = timed(
  'folding them',
  () => apply(grouped, command),
  ({ ok }) => (ok ? 'one block, 1,000 uses' : 'refused'),
);
if (!folded.ok) throw new Error(folded.error.message);
const one = { node: 'n3of5', parameter: 'banks' };
for (const [title, edit] of [
  ['an edit in one of 1,000 uses', { type: 'node.set-parameter', ...one, value: 77 }],
  ['a value kept to one of 1,000 uses', { type: 'node.set-own', ...one, own: true }],
] as const)
  timed(
    title,
    () => apply(folded.value.document, edit),
    (applied) => (applied.ok ? `${applied.value.patch.length} nodes changed` : 'refused'),
  );
