import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProject } from '#projects/project.ts';
import { loadTextProject } from '#projects/text.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { type Command, runCommand } from './command.ts';
import { replayCommand } from './replay.ts';
import { simulateCommand } from './simulate.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const examples = resolve(import.meta.dirname, '../../projects/examples');
const mlp = join(examples, 'intar-mlp');

async function weft(command: Command, ...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(command, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
const simulate = (...args: string[]) => weft(simulateCommand, ...args);
async function view(...args: string[]) {
  const { code, out } = await simulate(...args, '--json');
  expect(code).toBe(0);
  return JSON.parse(out);
}

describe('weft simulate', () => {
  it.each([
    ['sequential', 'MLP, sequential', 'Two cores of 16 MACs', 3],
    ['dataflow', 'MLP, dataflow', 'Three cores of 16 MACs', 1],
    ['reconfigurable', 'MLP, reconfigured', 'Two cores of 16 MACs', 2],
  ])('%s takes the drawing of that mode on its fabric; accounts add up', async (mode, design, fabric, stages) => {
    for (const variant of ['as-built', 'ideal']) {
      const said = await view(mlp, '--mode', mode, '--variant', variant);
      expect(said).toMatchObject({ mode, variant, design, fabric, deadlock: null });
      expect(said.stages).toHaveLength(stages);
      expect(said.stages.flatMap(({ tasks }: { tasks: string[] }) => tasks)).toEqual(['F1', 'F2', 'F3']);
      expect(said.seconds).toBe(said.cycles / 300e6);
      for (const { busy, stallIn, stallOut, reconfigure } of said.tasks)
        expect(busy + stallIn + stallOut + reconfigure).toBe(said.cycles);
      const moved = said.channels.map(
        (one: { loadedBytes: number; storedBytes: number }) => one.loadedBytes + one.storedBytes,
      );
      expect(moved.reduce((sum: number, bytes: number) => sum + bytes, 0)).toBe(said.dramBytes);
      const { total, operations, banks, offChip, static: idle } = said.energy;
      expect(operations + banks + offChip + idle).toBeCloseTo(total, 15);
      // What was measured is compared with what was measured only.
      expect(said.measured?.error ?? null).toBe(
        mode === 'reconfigurable' || variant === 'ideal'
          ? null
          : (said.cycles - said.measured.cycles) / said.measured.cycles,
      );
    }
  });

  it('best searches what is left open, and says sequential where that is best', async () => {
    const said = await view(mlp, '--mode', 'best', '--variant', 'ideal');
    expect(said).toMatchObject({ mode: 'sequential', design: 'MLP, open' });
    const chosen = said.considered.filter(({ isChosen }: { isChosen: boolean }) => isChosen);
    expect(chosen).toMatchObject([{ simulated: said.cycles }]);
    for (const { simulated } of said.considered) expect(simulated).toBeGreaterThanOrEqual(said.cycles);
  });

  it('takes a project file, and a task graph with a fabric, alike', async () => {
    const loaded = loadTextProject(mlp);
    if (!loaded.ok) throw new Error(loaded.error.message);
    const path = join(folder.path, 'mlp.weft');
    const made = createProject(path, 'MLP', loaded.value.documents);
    if (!made.ok) throw new Error(made.error.message);
    made.value.close();
    const wanted = await view(mlp);
    expect(await view(path)).toEqual(wanted);
    expect(await view(join(mlp, 'mlp-sequential.json'), '--fabric', join(mlp, 'two-cores-of-16-macs.json'))).toEqual(
      wanted,
    );
    expect(await view(mlp, '--design', 'sequential')).toEqual(wanted);
  });

  it('leaves a file that replays, and tells when it does not', async () => {
    const out = join(folder.path, 'run.json');
    const { key } = await view(mlp, '--mode', 'dataflow', '--out', out);
    const again = await weft(replayCommand, out, '--json');
    expect([again.code, JSON.parse(again.out)]).toEqual([0, { key, sameKey: true, sameResult: true }]);
    const text = readFileSync(out, 'utf8');
    writeFileSync(out, text.replace('"stoppedEarly":false', '"stoppedEarly":true'));
    expect(await weft(replayCommand, out)).toMatchObject({ code: 1, out: 'a different result under the same key' });
    writeFileSync(out, text.slice(0, 1000));
    expect((await weft(replayCommand, out)).err).toMatch(/^error run-file\.not-json: The file is not JSON.*run\.json/);
  });

  it('tells in words what it did, what the board measured and where time went', async () => {
    const { code, out, err } = await simulate(mlp);
    expect(code).toBe(0);
    expect(out).toMatch(/^MLP, sequential on Two cores of 16 MACs: sequential, as-built\n {2}[\d,]+ cycles/);
    expect(out).toContain('measured 1,374,935 cycles, error ');
    expect(out).toContain('(fitted)');
    expect(err).toMatch(/^info stalls\./);
    const remarked = await simulate(
      join(examples, 'intar-gpt2-medium'),
      '--design',
      'one-layer',
      '--mode',
      'sequential',
    );
    expect(remarked.out).toMatch(/^GPT-2 medium, one layer on Four regions of two cores: sequential/);
  });

  it('maps where one mode gives way to another', async () => {
    const vae = join(examples, 'intar-vae');
    const said = await view(vae, '--crossover', '--variant', 'ideal');
    expect(said).toMatchObject({ design: 'VAE, open', fabric: 'Cores of 64 and 80 MACs', variant: 'ideal' });
    expect(said.points).toHaveLength(25);
    const { out } = await simulate(vae, '--crossover');
    expect(out.split('\n')[1]).toMatch(/^ {2}memory +6.25 % +12.5 % +25 % +50 % +100 %$/);
    expect(out).toMatch(/\n {2}64 KiB +\w+ [\d,]+/);
  });

  it('refuses with what would mend it', async () => {
    const file = join(mlp, 'mlp-sequential.json');
    expect((await simulate(file)).err).toBe(
      `error project.no-fabric: ${file} holds no fabric; --fabric FILE names one [${file}]`,
    );
    expect((await simulate(mlp, '--design', 'none')).err).toContain(
      "There is no task graph 'none'; there are: MLP, sequential; MLP, dataflow; MLP, reconfigured; MLP, open",
    );
    const model = join(examples, 'mlp-two-cores');
    expect((await simulate(model)).err).toContain(`project.no-tasks: ${model} holds no task graph`);
    const fabric = join(mlp, 'two-cores-of-16-macs.json');
    expect((await simulate(fabric)).err).toContain('holds a fabric, not a task graph');
    expect((await simulate(join(folder.path, 'nothing'))).err).toContain('file.missing');
    const large = await simulate(
      join(examples, 'intar-gpt2-medium'),
      '--design',
      '24-layers',
      '--mode',
      'dataflow',
      '--json',
    );
    expect([large.code, JSON.parse(large.out).problems[0].message]).toEqual([
      1,
      expect.stringContaining('336 tasks at once, each in need of a lane'),
    ]);
    expect((await simulate(mlp, '--mode', 'both')).code).toBe(2);
    expect((await simulate(mlp, '--crossover', '--mode', 'best')).code).toBe(2);
  });
});
