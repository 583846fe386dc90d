import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toFile } from '#core/document/document.ts';
import { partOf } from '#core/sdf/graph.ts';
import { parseSdf } from '#core/sdf/parse.ts';
import { drawTaskGraph } from '#core/taskgraph/draw.ts';
import { tasksOfSdf } from '#core/taskgraph/sdf.ts';
import { saveTextProject } from '#projects/text.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { runCommand } from './command.ts';
import { sdfCommand } from './sdf.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

function file(name: string, value: unknown): string {
  const path = join(folder.path, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

async function sdf(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(sdfCommand, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const loop = (id: string) => ({ id: `${id}${id}`, src: id, dst: id, prod: [1], cons: [1], tokens: 1 });
const pair = (name: string, tokens = 0) => ({
  name,
  kind: 'sdf',
  actors: [
    { id: 'a', time: [3] },
    { id: 'b', time: [2] },
  ],
  channels: [{ id: 'ab', src: 'a', dst: 'b', prod: [1], cons: [2], tokens }, loop('a'), loop('b')],
});
const one = file('one.json', pair('one'));
const stuck = { ...pair('stuck'), channels: [{ ...loop('a'), tokens: 0 }, loop('b')] };
const uneven = {
  ...pair('uneven'),
  channels: [...pair('x').channels, { id: 'ba', src: 'b', dst: 'a', prod: [1], cons: [1], tokens: 4 }],
};
const list = file('list.json', [pair('one'), stuck, uneven]);

describe('weft sdf', () => {
  it('gives one graph’s analysis as one object', async () => {
    const { code, out, err } = await sdf(one, '--json');
    expect([code, err]).toEqual([0, '']);
    expect(JSON.parse(out)).toEqual({
      name: 'one',
      consistent: true,
      inconsistency: null,
      repetition: { a: 2, b: 1 },
      repetitionSum: 3,
      deadlock: false,
      deadlockCycle: null,
      throughput: '1/6',
      critical: { actors: ['a'], channels: ['aa'] },
      timelessCycles: [],
      latency: { firstIteration: 8, steady: [{ from: 'a', to: 'b', ticks: '8' }] },
    });
  });

  it('gives a list for a list, one of it by name', async () => {
    const { code, out } = await sdf(list, '--json');
    expect(code).toBe(0);
    const views = JSON.parse(out);
    expect(views.map((view: { throughput: string | null }) => view.throughput)).toEqual(['1/6', '0', null]);
    expect(views[1]).toMatchObject({ deadlock: true, deadlockCycle: [{ actor: 'a', channel: 'aa', missing: 1 }] });
    expect(views[2]).toMatchObject({ consistent: false, repetition: null });
    expect(JSON.parse((await sdf(list, '--graph', 'stuck', '--json')).out)).toMatchObject({ name: 'stuck' });
    const missing = await sdf(list, '--graph', 'none', '--json');
    expect([missing.code, missing.err]).toEqual([
      1,
      `error sdf.graph: There is no graph none; there are one, stuck, uneven [${list}]`,
    ]);
  });

  it('says the same in words', async () => {
    expect((await sdf(list)).out).toBe(
      [
        'one: consistent, 3 firings an iteration',
        '  repetition  a 2, b 1',
        '  throughput  1/6 iterations a tick',
        '  critical    a on aa',
        '  latency     first iteration 8 ticks',
        '              a to b: 8 ticks',
        'stuck: consistent, 2 firings an iteration',
        '  repetition  a 1, b 1',
        '  deadlock    a (firing 0) needs 1 on aa from a, 0 there',
        'uneven: inconsistent: ba from b to a is given 1 tokens for every 2 taken where all before it balance',
      ].join('\n'),
    );
  });

  it('gives buffers against throughput, and says where it stopped', async () => {
    const whole = await sdf(one, '--buffers', '--json');
    expect([whole.code, whole.err]).toEqual([0, '']);
    // Two places: the producer waits while both are held, 3 + 3 + 2; three: it makes the next meanwhile.
    expect(JSON.parse(whole.out)).toEqual([
      { size: 2, throughput: '1/8', distributions: [{ ab: 2 }], sizeWithSelfLoops: 6 },
      { size: 3, throughput: '1/6', distributions: [{ ab: 3 }], sizeWithSelfLoops: 7 },
    ]);
    const cut = await sdf(one, '--buffers', '--limit', '1', '--json');
    expect(cut.code).toBe(1);
    expect(JSON.parse(cut.out)).toHaveLength(1);
    expect(cut.err).toBe(
      'error sdf.limit: one: the search ended after 1 distributions; the list is whole up to size 2',
    );
    const all = await sdf(list, '--buffers', '--json');
    expect(JSON.parse(all.out).map((view: { buffers: unknown[] }) => view.buffers.length)).toEqual([2, 0, 0]);
  });

  it('takes drawn task graphs, of a document or a project, with the depths drawn', async () => {
    // Two firings of 3 ticks for one of 2; two places hold the writer up until the reader has ended.
    const read = parseSdf(JSON.stringify(pair('drawn')));
    if (!read.ok) throw new Error(read.error.message);
    const graph = tasksOfSdf(partOf(read.value.graphs[0]!, [0, 1]).graph).graph;
    const drawn = (depth: number) => ({
      ...graph,
      streams: graph.streams.filter(({ from, to }) => from.task !== to.task).map((stream) => ({ ...stream, depth })),
    });
    const paths = [0, 2].map((depth) => file(`drawn-${depth}.json`, toFile(drawTaskGraph(drawn(depth), `d${depth}`))));
    const [open, short] = await Promise.all(paths.map((path) => sdf(path, '--json')));
    expect([open!.code, open!.err]).toEqual([0, '']);
    expect(JSON.parse(open!.out)).toMatchObject({ repetition: { a: 2, b: 1 }, throughput: '1/6' });
    expect(JSON.parse(short!.out)).toMatchObject({ throughput: '1/8' });
    const buffers = JSON.parse((await sdf(paths[1]!, '--buffers', '--json')).out);
    expect(buffers.map(({ size }: { size: number }) => size)).toEqual([2, 3]);

    const project = join(folder.path, 'project');
    mkdirSync(project);
    const documents = [0, 2].map((depth) => ({
      ...toFile(drawTaskGraph(drawn(depth), `d${depth}`)),
      title: `depth ${depth}`,
    }));
    expect(saveTextProject(project, { title: 'two', summary: '', documents }).ok).toBe(true);
    const views = JSON.parse((await sdf(project, '--json')).out);
    expect(views.map((view: { name: string; throughput: string }) => [view.name, view.throughput])).toEqual([
      ['depth 0', '1/6'],
      ['depth 2', '1/8'],
    ]);
    expect(JSON.parse((await sdf(project, '--graph', 'depth 2', '--json')).out).throughput).toBe('1/8');
  });

  it('refuses what is no graph, with its place', async () => {
    const bad = file('bad.json', [pair('one'), { ...pair('two'), channels: [{ ...loop('a'), tokens: -1 }] }]);
    const { code, err } = await sdf(bad);
    expect([code, err]).toEqual([
      1,
      `error sdf.graph: [1].channels[0].tokens must be a whole number from 0 to 2^53 − 1, not -1 [${bad}]`,
    ]);
    expect((await sdf(join(folder.path, 'nothing.json'))).err).toContain('file.missing');
    expect((await sdf(one, '--limit', '3')).code).toBe(2);
  });
});
