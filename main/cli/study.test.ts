import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { runCommand } from './command.ts';
import { studyCommand } from './study.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const example = (slug: string) => resolve(import.meta.dirname, '../../projects/examples', slug);

async function study(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(studyCommand, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const ARRAY = ['--axis', 'systolic-array.rows=8,16,32', '--axis', 'systolic-array.columns=16,64'];

describe('weft study', () => {
  it('finds the front of a sweep, the same for every explorer that looks at everything', async () => {
    const csv = join(folder.path, 'points.csv');
    const ran = await study(
      example('mlp-two-cores'),
      ...ARRAY,
      '--objectives',
      'cycles,area',
      '--csv-out',
      csv,
      '--json',
    );
    expect(ran).toMatchObject({ code: 0, err: '' });
    const said = JSON.parse(ran.out);
    expect(said).toMatchObject({ kind: 'program', fidelity: 'estimate', objectives: ['time.cycles', 'area.total'] });
    expect(said.points).toHaveLength(6);
    expect(said.points[3]).toMatchObject({ choice: [1, 1], values: [16, 64], failure: null });
    const beaten = (one: Record<string, number>, by: Record<string, number>) =>
      by['time.cycles']! <= one['time.cycles']! &&
      by['area.total']! <= one['area.total']! &&
      (by['time.cycles'] !== one['time.cycles'] || by['area.total'] !== one['area.total']);
    const undominated = said.points.filter(
      ({ metrics }: { metrics: Record<string, number> }) =>
        !said.points.some((other: { metrics: Record<string, number> }) => beaten(metrics, other.metrics)),
    );
    expect(said.front.toSorted()).toEqual(undominated.map(({ index }: { index: number }) => index));
    expect(readFileSync(csv, 'utf8').trimEnd().split(/\r?\n/)).toHaveLength(7);
    const again = await study(
      example('mlp-two-cores'),
      ...ARRAY,
      ...['--explorer', 'nsga-ii', '--set', 'population=4', '--set', 'seed=9', '--objectives', 'cycles,area', '--json'],
    );
    const values = (text: string) => {
      const { front, points } = JSON.parse(text);
      return front.map((index: number) => points[index].values.join()).toSorted();
    };
    expect(values(again.out)).toEqual(values(ran.out));
  });

  it('runs points whole, reads sizes, and says why one cannot be', async () => {
    const ran = await study(
      example('mlp-two-cores'),
      ...['--axis', 'settings.scratchpadBytes=1KiB,2MiB', '--axis', 'settings.scheduler.mode=strict'],
      ...['--axis', 'settings.split=false', '--fidelity', 'run', '--json'],
    );
    const { points, failed } = JSON.parse(ran.out);
    expect(failed).toBe(1);
    expect(points[0].failure).toMatch(/\w/);
    expect(points[1]).toMatchObject({ values: [2 * 2 ** 20, 'strict', false], failure: null });
    expect(points[1].metrics['time.cycles']).toBeGreaterThan(0);
    expect(points.map(({ run }: { run: string | null }) => run)).toEqual([null, expect.stringMatching(/\w/)]);
  });

  it('sweeps parameters of the model and of the architecture together, and says all there is to say', async () => {
    const ran = await study(
      example('mlp-two-cores'),
      ...['--axis', 'layer 1.units=64,128', '--axis', 'systolic-array.inputBufferBytes=1KiB,64KiB', '--json'],
    );
    const said = JSON.parse(ran.out);
    expect(said).toMatchObject({
      kind: 'program',
      model: { title: expect.any(String) },
      architecture: { title: expect.any(String) },
      settings: { format: expect.any(String) },
      explorer: { id: 'explorer/grid', parameters: {} },
      axes: [
        { of: 'model', nodes: [expect.any(String)], parameter: 'units', values: [64, 128] },
        { of: 'architecture', parameter: 'inputBufferBytes', values: [1024, 65536] },
      ],
      planned: 4,
      failed: 0,
      reused: 0,
      problems: [],
    });
    const [small, narrow, , wide] = said.points;
    expect(small).toMatchObject({ values: [64, 1024], failure: null, run: null });
    expect(small.metrics['area.total']).toBeLessThan(narrow.metrics['area.total']);
    expect(wide.metrics['time.cycles']).toBeGreaterThan(narrow.metrics['time.cycles']);
    expect(wide.metrics['area.total']).toBe(narrow.metrics['area.total']);
  });

  it('sweeps the modes of a task graph', async () => {
    const ran = await study(
      example('intar-mlp'),
      '--axis',
      'settings.mode=sequential,dataflow',
      '--objectives',
      'cycles,dsp',
    );
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/^2 points, 0 of them failed, \d on the front of cycles and dsp slices or pes/);
  });

  it('says what is wrong with the command line', async () => {
    const wrong = async (...args: string[]) => (await study(example('mlp-two-cores'), ...args)).err.split('\n')[0];
    expect(await wrong()).toContain('--axis is needed');
    expect(await wrong('--axis', 'rows')).toContain('--axis takes NODE.PARAMETER');
    expect(await wrong('--axis', 'absent.rows=1')).toContain('neither a node nor a type of node is called absent');
    expect(await wrong('--axis', 'systolic-array.lanes=1')).toContain('systolic-array has no lanes; it has rows');
    expect(await wrong('--axis', 'settings.rows=1')).toContain('the settings have no rows');
    expect(await wrong('--axis', 'systolic-array.rows=0')).toContain('study.axis');
    expect(await wrong(...ARRAY, '--objectives', 'cycles,beauty')).toContain("not 'beauty'");
    expect((await study(join(folder.path, 'absent.weft'), ...ARRAY)).code).toBe(1);
  });
});
