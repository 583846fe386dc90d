import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { CaseBuilder } from '../../tests/support/onnx-cases.ts';
import { sharedPath } from '../../tests/support/shared.ts';
import { runCommand } from './command.ts';
import { verifyCommand } from './verify.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const example = resolve(import.meta.dirname, '../../projects/examples/mlp-two-cores');

async function verify(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(verifyCommand, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A product whose weights are in the file, and a Softmax. */
function onnx(): string {
  const c = new CaseBuilder(createRng(1));
  const weight = c.constant(c.values('fp32', [20, 12]));
  const product = c.node('MatMul', [c.flow(c.values('fp32', [9, 20])), weight])[0]!;
  c.output(c.node('Softmax', [product], { axis: -1 })[0]!);
  const path = join(folder.path, 'model.onnx');
  writeFileSync(path, c.file());
  return path;
}

describe('weft verify', () => {
  it('certifies a project on random numbers', async () => {
    const { code, out } = await verify(example, '--json');
    expect(code).toBe(0);
    const said = JSON.parse(out);
    expect(said).toMatchObject({ isVerified: true, fault: null, firstWrong: null, weights: 'random', seed: 1 });
    expect(said.elements).toBe(256);
    expect(said.commands).toBeGreaterThan(10);
  });

  it('certifies a file with its own weights, in a scratchpad too small for it', async () => {
    const args = [onnx(), '--architecture', 'gemmini-16x16', '--scratchpad', '64', '--mode', 'stream', '--json'];
    const { code, out } = await verify(...args);
    expect(code).toBe(0);
    const said = JSON.parse(out);
    expect(said).toMatchObject({ isVerified: true, weights: 'file', schedule: { mode: 'stream', S: 64 } });
    expect(said.schedule.objective).toBeGreaterThan(0);
    expect(said.outputs).toHaveLength(1);
  });

  it('says what a uniform format leaves open', async () => {
    const { code, out } = await verify(onnx(), '--architecture', 'gemmini-16x16', '--format', 'int8');
    expect(code).toBe(0);
    expect(out).toMatch(/^Values verified on 108 numbers of 1 output/);
    expect(out).toContain('rounding to int8 is not');
  });

  const requantised = sharedPath('data/onnx/quantised/MLPerf__KeywordSpotting.onnx');
  it.skipIf(requantised === null)('fails with the reason where an operator has no value', async () => {
    const { code, err, out } = await verify(requantised!, '--architecture', 'gemmini-16x16', '--json');
    expect(code).toBe(1);
    expect(err).toContain('reference.undefined');
    expect(JSON.parse(out)).toMatchObject({ isVerified: false });
  });

  it('needs an architecture', async () => {
    expect(await verify(onnx())).toMatchObject({ code: 2, out: '' });
  });
});
