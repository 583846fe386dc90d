import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SdfGraph } from '#core/sdf/graph.ts';
import { parseSdf } from '#core/sdf/parse.ts';
import { analysisView } from '#core/sdf/view.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique } from '#core/techniques/importer/sdf/technique.ts';
import { sharedPath, skippedWithoutShared } from '../../tests/support/shared.ts';
import { drawTaskGraph } from './draw.ts';
import { readTaskGraph } from './read.ts';
import { sdfFile, sdfOfTasks, tasksOfSdf } from './sdf.ts';
import type { TaskGraph } from './task-graph.ts';

const PAIR: SdfGraph = {
  name: 'pair',
  actors: [
    { name: 'a', times: [3] },
    { name: 'b', times: [2] },
  ],
  channels: [{ name: 'ab', from: 0, to: 1, produce: [2], consume: [3], tokens: 0 }],
};
const asIs = { ticksOf: () => 0, isSerial: false } as const;

function viewed(graph: TaskGraph, options: Parameters<typeof sdfOfTasks>[1] = asIs): SdfGraph {
  const made = sdfOfTasks(graph, options);
  if (!made.ok) throw new Error(made.error.message);
  return made.value;
}

describe('SDF graphs as task graphs', () => {
  it('fires as often as one iteration takes, and balances', () => {
    const { graph, isConsistent } = tasksOfSdf(PAIR);
    expect(isConsistent).toBe(true);
    expect(graph.tasks.map(({ name, firings, times }) => [name, firings, times])).toEqual([
      ['a', 3, [3]],
      ['b', 2, [2]],
    ]);
    expect(readTaskGraph(drawTaskGraph(graph, 'd')).problems).toEqual([]);
  });

  it('is the same graph again', () => {
    const rates = fc.array(fc.nat(4), { minLength: 2, maxLength: 2 });
    const sdf = fc.record({
      name: fc.constant('g'),
      actors: fc
        .array(fc.nat(9), { minLength: 3, maxLength: 3 })
        .map((list) => list.map((time, index) => ({ name: `a${index}`, times: [time, time + 1] }))),
      channels: fc
        .array(fc.record({ from: fc.nat(2), to: fc.nat(2), produce: rates, consume: rates, tokens: fc.nat(9) }), {
          maxLength: 5,
        })
        .map((list) => list.map((channel, index) => ({ name: `c${index}`, ...channel }))),
    });
    fc.assert(
      fc.property(sdf, (graph) => {
        const again = viewed(tasksOfSdf(graph).graph);
        expect(again).toEqual(graph);
        expect(parseSdf(JSON.stringify(sdfFile(again)))).toMatchObject({ value: { graphs: [graph] } });
      }),
      { numRuns: 200 },
    );
  });

  it('tokens moved by block and by run are phases', () => {
    const { graph } = tasksOfSdf(PAIR);
    const [stream] = graph.streams;
    const blocks: TaskGraph = {
      ...graph,
      tasks: graph.tasks.map((task) => ({ ...task, blocks: 2, firings: 2, times: [] })),
      streams: [
        {
          ...stream!,
          from: { task: 0, per: 'block', rates: [5] },
          to: { task: 1, per: 'task', rates: [10] },
          depth: 12,
        },
      ],
    };
    expect(viewed(blocks, { ticksOf: () => 7, isBounded: true })).toEqual({
      name: 'pair',
      actors: [
        { name: 'a', times: [7, 7] },
        { name: 'b', times: [7, 7, 7, 7] },
      ],
      channels: [
        { name: 'ab', from: 0, to: 1, produce: [0, 5], consume: [10, 0, 0, 0], tokens: 0 },
        { name: 'ab room', from: 1, to: 0, produce: [10, 0, 0, 0], consume: [0, 5], tokens: 12 },
        { name: 'a in order', from: 0, to: 0, produce: [1, 1], consume: [1, 1], tokens: 1 },
        { name: 'b in order', from: 1, to: 1, produce: [1, 1, 1, 1], consume: [1, 1, 1, 1], tokens: 1 },
      ],
    });
    const long = { ...blocks, tasks: blocks.tasks.map((task) => ({ ...task, firings: 100_000 })) };
    expect(sdfOfTasks(long, asIs)).toMatchObject({ ok: false, error: { code: 'tasks.phases' } });
  });
});

describe('the importer', () => {
  const opened = (value: unknown, file = 'pair.json') => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    expect(technique.match(file, bytes)).toBe(true);
    return technique.open(bytesSource(bytes), { document: 'd', file });
  };

  it('opens one graph, and the first of a list', () => {
    const one = opened(sdfFile(PAIR));
    expect(one).toMatchObject({
      ok: true,
      value: {
        document: { id: 'd', kind: 'tasks', title: 'pair' },
        problems: [{ code: 'sdf.overlap', severity: 'info' }],
      },
    });
    expect(opened([sdfFile(PAIR), sdfFile(PAIR)])).toMatchObject({
      value: { problems: [{ code: 'sdf.several' }, { code: 'sdf.overlap' }] },
    });
    expect(opened({ actors: [{ id: 'a' }] })).toMatchObject({
      ok: false,
      error: { message: 'pair.json: actors[0].time is missing' },
    });
  });

  it('leaves documents of its own to themselves', () => {
    const head = new TextEncoder().encode('{"format":"weft-document/1","title":"\\"actors\\":"}');
    expect(technique.match('x.json', head)).toBe(false);
  });
});

const path = sharedPath('data/sdf/graphs.json');
describe.skipIf(path === null)(`published graphs (${path === null ? skippedWithoutShared : 'SDF3'})`, () => {
  const list =
    path === null
      ? []
      : (JSON.parse(readFileSync(path, 'utf8')) as { name: string; repetition: object; maxThroughput: string }[]);
  it.each(list.map((entry) => [entry.name, entry] as const))(
    '%s keeps its repetition vector and throughput as drawn',
    (_, entry) => {
      const bytes = new TextEncoder().encode(JSON.stringify(entry));
      const made = technique.open(bytesSource(bytes), { document: 'd', file: `${entry.name}.json` });
      if (!made.ok) throw new Error(made.error.message);
      const { graph, problems } = readTaskGraph(made.value.document);
      expect(problems).toEqual([]);
      expect(Object.fromEntries(graph!.tasks.map(({ name, firings }) => [name, firings]))).toEqual(entry.repetition);
      expect(analysisView(viewed(graph!)).view.throughput).toBe(entry.maxThroughput);
    },
  );
});
