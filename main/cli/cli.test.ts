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
    expect(out).toContain('exit code: 0 done, 1 failed');
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
