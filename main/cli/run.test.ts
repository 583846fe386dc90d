import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { createRng } from '#core/base/rng.ts';
import { toFile } from '#core/document/document.ts';
import { createProject } from '#projects/project.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { CaseBuilder } from '../../tests/support/onnx-cases.ts';
import { openFileSource } from '../files/byte-source.ts';
import { importFile } from '../files/import-file.ts';
import { type Command, runCommand } from './command.ts';
import { replayCommand } from './replay.ts';
import { runCommandLine } from './run.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const model = join(folder.path, 'model.onnx');
const drawn = join(folder.path, 'model.json');
const other = join(folder.path, 'other.onnx');

async function weft(command: Command, ...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(command, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
const run = (source: string, ...args: string[]) =>
  weft(runCommandLine, source, '--architecture', 'gemmini-16x16', '--json', ...args);
const certificateOf = ({ out }: { readonly out: string }) => JSON.parse(out).certificate;

/** A product whose weights are in the file, and a Softmax. */
function onnx(seed: number): Uint8Array {
  const c = new CaseBuilder(createRng(seed));
  const weight = c.constant(c.values('fp32', [20, 12]));
  const product = c.node('MatMul', [c.flow(c.values('fp32', [9, 20])), weight])[0]!;
  c.output(c.node('Softmax', [product], { axis: -1 })[0]!);
  return c.file();
}

beforeAll(() => {
  writeFileSync(model, onnx(1));
  writeFileSync(other, onnx(2));
  const imported = importFile(model, 'model.onnx');
  if (!imported.ok) throw new Error(imported.error.message);
  writeFileSync(drawn, JSON.stringify(toFile(imported.value.document)));
});

describe('weft run', () => {
  it('verifies values with the weights of the model file, and prints all that it tells', async () => {
    const ran = await run(model);
    expect(ran.code, ran.err).toBe(0);
    const said = JSON.parse(ran.out);
    expect(said.certificate).toMatchObject({
      isVerified: true,
      elements: 108,
      numbers: { file: 'model.onnx', random: 0, seed: 1 },
    });
    expect(said.arrayModels.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining(['array-model/scalesim-v3', 'array-model/drain-aware', 'array-model/bandwidth-bound']),
    );
    const joules = said.energy.levels.map((level: { joules: number }) => level.joules);
    expect(joules.reduce((sum: number, each: number) => sum + each, 0)).toBeCloseTo(said.totals['energy.total'], 20);
    expect(said.area).toHaveLength(4);
    expect(said.program.commandsHead[0]).toMatch(/^ +0 e\d+ load/);
  });

  it('takes a named file, a copy a project keeps, or the seed', async () => {
    expect(certificateOf(await run(drawn)).numbers).toEqual({ file: null, owners: 1, random: 1, seed: 1 });
    expect(certificateOf(await run(drawn, '--seed', '9')).statement).toMatch(/random from seed 9\.$/);
    expect(certificateOf(await run(drawn, '--weights', model)).numbers).toMatchObject({
      file: 'model.onnx',
      random: 0,
    });
    const path = join(folder.path, 'project.weft');
    const project = createProject(path, 'P', [
      JSON.parse(readFileSync(drawn, 'utf8')),
      toFile(presetById('gemmini-16x16')!.build('a')),
    ]);
    if (!project.ok) throw new Error(project.error.message);
    const id = project.value.documents.list()[0]!.id;
    const source = openFileSource(model);
    expect(await project.value.files.keep(id, 'kept.onnx', source, {})).toMatchObject({ ok: true });
    source.close();
    project.value.close();
    expect(certificateOf(await run(path)).numbers).toMatchObject({ file: 'kept.onnx', random: 0 });
  });

  it('does not verify where it is not asked to, and says so', async () => {
    expect(certificateOf(await run(model, '--values', 'never')).skipped).toMatch(/not asked/);
    expect((await run(model, '--values', 'never', '--weights', model)).code).toBe(2);
    expect((await run(model, '--values', 'now')).code).toBe(2);
    expect((await run(model, '--seed', '4294967296')).code).toBe(2);
    expect((await run(model, '--weights', drawn)).err).toMatch(/no weights/);
  });
});

describe('weft replay', () => {
  it('needs the very file a run took weights from', async () => {
    expect((await run(model, '--out', folder.path)).code).toBe(0);
    const again = (...args: string[]) => weft(replayCommand, join(folder.path, 'run.json'), '--json', ...args);
    expect((await again()).err).toMatch(/run\.weights-missing.*model\.onnx/);
    expect((await again('--weights', other)).err).toMatch(/weights\.other-file/);
    expect(JSON.parse((await again('--weights', model)).out)).toMatchObject({ sameKey: true, sameResult: true });
  });
});
