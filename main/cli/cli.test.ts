import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createProject } from '#projects/project.ts';
import { loadTextProject } from '#projects/text.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { runCommand } from './command.ts';
import { COMMANDS } from './commands.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const example = resolve(import.meta.dirname, '../../projects/examples/mlp-two-cores');

async function weft(name: string, ...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const command = COMMANDS.find((candidate) => candidate.name === name)!;
  const code = await runCommand(command, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('every command', () => {
  it.each(COMMANDS.map(({ name }) => [name]))('%s explains itself, options and exit codes', async (name) => {
    const { code, out } = await weft(name, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`usage: weft ${name}`);
    expect(out).toMatch(/exit code: 0 \w+, 1 \w+.*, 2 wrong usage/);
    for (const option of Object.keys(COMMANDS.find((one) => one.name === name)!.options))
      expect(out).toContain(`--${option}`);
    expect(await weft(name, '--nonsense')).toMatchObject({ code: 2, out: '' });
    expect((await weft(name, 'a', 'b', 'c')).code).toBe(2);
  });
});

describe('a run', () => {
  it('leaves its files, says its totals, and reports again', async () => {
    const out = join(folder.path, 'out');
    const ran = await weft('run', example, '--out', out, '--json');
    expect(ran.code).toBe(0);
    const said = JSON.parse(ran.out);
    expect(said.totals['time.cycles']).toBeGreaterThan(0);
    expect(said.schedule.bound).toBeLessThanOrEqual(said.schedule.objective);
    const names = ['operators.csv', 'problem.json', 'report.html', 'run.json', 'schedule.json'];
    expect(readdirSync(out).sort()).toEqual(names);

    const again = await weft('run', example, '--out', join(folder.path, 'again'), '--json');
    expect(JSON.parse(again.out)).toMatchObject({ key: said.key, totals: said.totals });
    for (const name of names)
      expect(readFileSync(join(folder.path, 'again', name), 'utf8')).toBe(readFileSync(join(out, name), 'utf8'));

    const run = join(out, 'run.json');
    for (const [format, file] of [
      ['html', 'report.html'],
      ['csv', 'operators.csv'],
      ['json', 'run.json'],
    ] as const) {
      const target = join(folder.path, file);
      expect((await weft('report', run, '--format', format, '--out', target)).code).toBe(0);
      expect(readFileSync(target, 'utf8')).toBe(readFileSync(join(out, file), 'utf8'));
    }
    const schedule = await weft('report', run, '--format', 'schedule');
    expect(JSON.parse(schedule.out)).toEqual(JSON.parse(readFileSync(join(out, 'schedule.json'), 'utf8')));
    expect(JSON.parse((await weft('replay', run, '--json')).out)).toMatchObject({ sameKey: true, sameResult: true });
  }, 60_000);

  it('fails with a problem on stderr, and JSON alone on stdout', async () => {
    const failed = await weft('run', join(folder.path, 'absent.onnx'), '--architecture', 'systolic-32x32', '--json');
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/^error file\.missing: /);
    expect(JSON.parse(failed.out)).toMatchObject({ problems: [{ code: 'file.missing' }] });
    expect((await weft('run', example, '--spm', 'much')).code).toBe(2);
    expect((await weft('run', example, '--mode', 'loose')).code).toBe(2);
    expect((await weft('run', example, '--architecture', 'absent')).code).toBe(1);
    writeFileSync(join(folder.path, 'broken.json'), '{"format":"weft-run/1"}');
    expect(await weft('report', join(folder.path, 'broken.json'))).toMatchObject({ code: 1, out: '' });
    expect((await weft('report', join(folder.path, 'broken.json'), '--format', 'pdf')).code).toBe(2);
  });
});

describe('what can be read', () => {
  it('a project folder, a project file and a document alone give the same facts', async () => {
    const text = loadTextProject(example);
    if (!text.ok) throw new Error(text.error.code);
    const file = join(folder.path, 'mlp.weft');
    const project = createProject(file, 'MLP', text.value.documents);
    if (!project.ok) throw new Error(project.error.code);
    project.value.close();
    const document = join(folder.path, 'mlp.json');
    writeFileSync(document, JSON.stringify(text.value.documents.find(({ kind }) => kind === 'model')));
    const facts = await Promise.all([example, file, document].map((path) => weft('import', path, '--json')));
    const [first, ...others] = facts.map(({ code, out }) => [code, JSON.parse(out)]);
    expect(first).toMatchObject([0, { problems: [], inputs: [{ name: expect.any(String) }] }]);
    for (const count of ['operators', 'tensors', 'parameters', 'macs']) expect(first![1][count]).toBeGreaterThan(0);
    for (const other of others) expect(other).toEqual(first);
    expect(await weft('check', file, '--json')).toMatchObject({ code: 0, err: '' });
  });

  it('the presets are listed by id', async () => {
    const { out } = await weft('presets', '--json');
    expect(JSON.parse(out).map(({ id }: { id: string }) => id)).toContain('systolic-32x32');
  });
});

describe('a scheduling problem by itself', () => {
  /** A diamond of 4-byte tensors: a → b, c → d; at 8 B of scratchpad one branch has to wait off chip. */
  const tensor = (id: number, kind: 'input' | 'act' | 'output') => ({ id, name: `t${id}`, shape: [4], bytes: 4, kind });
  const op = (id: number, inputs: number[], output: number) => ({
    id,
    name: `op${id}`,
    type: 'add',
    inputs,
    outputs: [output],
    weightBytes: 0,
  });
  const diamond = {
    name: 'diamond',
    bytesPerElement: 1,
    goldens: { ignored: true },
    tensors: [tensor(0, 'input'), tensor(1, 'act'), tensor(2, 'act'), tensor(3, 'act'), tensor(4, 'output')],
    ops: [op(0, [0], 1), op(1, [1], 2), op(2, [1], 3), op(3, [2, 3], 4)],
  };
  const file = join(folder.path, 'diamond.json');
  writeFileSync(file, JSON.stringify(diamond));

  it('is solved, verified and told with its limits', async () => {
    const { code, out, err } = await weft('schedule', '--problem', file, '--mode', 'strict', '--spm', '12', '--json');
    expect([code, err]).toEqual([0, '']);
    // Largest working set: two operands and a result; a, b and c are live together in no order but t1, t2, t3.
    expect(JSON.parse(out)).toMatchObject({
      mode: 'strict',
      S: 12,
      objective: 0,
      bound: 0,
      optimal: true,
      stop: 'proven',
      compulsory: 8,
      limits: { MR: 12, MP: 12 },
      seconds: expect.any(Number),
    });
    const table = await weft('schedule', '--problem', file, '--mode', 'stream', '--spm', '0.01171875KiB');
    expect(table.out).toContain('diamond: stream, 12 B of scratchpad');
    expect(table.out).toContain('proven optimal');
  });

  it('that cannot be is explained as data; a wrong command line is neither', async () => {
    const strict = ['schedule', '--problem', file, '--mode', 'strict', '--json'] as const;
    const infeasible = await weft(...strict, '--spm', '11');
    expect(infeasible.code).toBe(1);
    const { problems, explanation } = JSON.parse(infeasible.out);
    const [why] = problems;
    expect(explanation).toMatchObject({ operator: 'op3', demand: 12, bound: 11 });
    expect(explanation.levers).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'scratchpad', change: { S: 12 } }),
        expect.objectContaining({ kind: 'mode', change: { mode: 'stream' } }),
      ]),
    );
    expect(why).toMatchObject({
      code: 'schedule.infeasible',
      where: { node: 'op3' },
      facts: { demand: 12, bound: 11 },
    });
    for (const args of [
      ['--spm', '11x'],
      ['--spm', '12', '--solver', 'none'],
      ['--spm', '12', '--set', 'none=1'],
      ['--spm', '12', '--set', 'alignment=0'],
      ['--spm', '12', '--budget-seconds', '0'],
      [],
    ])
      expect(await weft(...strict, ...args)).toMatchObject({ code: 2, out: '' });
    expect((await weft(...strict, '--spm', '12', '--solver', 'none')).err).toMatch(/there are: .*portfolio/);
    expect((await weft('schedule', '--problem', file, '--mode', 'loose', '--spm', '12')).code).toBe(2);
    const broken = join(folder.path, 'not-a-problem.json');
    for (const [text, expected] of [
      ['{', 'problem-file.not-json'],
      [JSON.stringify({ ...diamond, ops: [{ ...op(0, [0], 1), weightBytes: -1 }] }), 'problem-file.shape'],
      [JSON.stringify({ ...diamond, ops: [op(0, [7], 1)] }), 'schedule.unknown-tensor'],
    ] as const) {
      writeFileSync(broken, text);
      for (const [name, ...rest] of [
        ['schedule', '--spm', '12'],
        ['curve', '--from', '1', '--to', '12'],
      ] as const) {
        const { code, out } = await weft(name, '--problem', broken, '--mode', 'strict', '--json', ...rest);
        expect([code, JSON.parse(out).problems[0].code]).toEqual([1, expected]);
      }
    }
  });

  it('takes settings of the solver; a budget in seconds says that it ended the search', async () => {
    const solve = ['schedule', '--problem', file, '--mode', 'stream', '--json'] as const;
    const aligned = JSON.parse((await weft(...solve, '--spm', '64', '--set', 'alignment=16')).out);
    expect(aligned.intervals.every(({ addr }: { addr: number }) => addr % 16 === 0)).toBe(true);
    const hurried = await weft(...solve, '--spm', '5', '--budget-seconds', '0.0000001');
    expect(hurried.code).toBe(0);
    const { stop, optimal } = JSON.parse(hurried.out);
    expect(stop).toBe(optimal ? 'proven' : 'seconds');
  });

  it('has a curve that never rises, as JSON, as a table and as a CSV file', async () => {
    const csv = join(folder.path, 'curve.csv');
    const curve = [
      'curve',
      '--problem',
      file,
      '--mode',
      'strict',
      '--from',
      '4',
      '--to',
      '24',
      '--steps',
      '6',
    ] as const;
    const { code, out } = await weft(...curve, '--spacing', 'linear', '--json', '--csv-out', csv);
    expect(code).toBe(0);
    const { format, points } = JSON.parse(out);
    expect(format).toBe('weft-curve/1');
    expect(points.map(({ S, objective, stop }: Record<string, unknown>) => [S, objective, stop])).toEqual([
      [4, null, 'infeasible'],
      [8, null, 'infeasible'],
      [12, 0, 'proven'],
      [16, 0, 'proven'],
      [20, 0, 'proven'],
      [24, 0, 'proven'],
    ]);
    expect(readFileSync(csv, 'utf8').split('\r\n').slice(0, 4)).toEqual([
      expect.stringMatching(/^scratchpad \[B\],objective \[B\],bound \[B\],optimal,stop,/),
      expect.stringMatching(/^4,,,false,infeasible,+$/),
      expect.stringMatching(/^8,,,false,infeasible,+$/),
      expect.stringMatching(/^12,0,0,true,proven,/),
    ]);
    expect((await weft(...curve)).out).toMatch(/M_R M_H M_P +12 B/);
    expect((await weft(...curve, '--to', '3')).code).toBe(2);
  });
});
