import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from './command.ts';
import { importCommand } from './import.ts';
import { rewriteCommand } from './rewrite.ts';

const example = resolve(import.meta.dirname, '../../projects/examples/mobilenet-v1-draco');
const drawn = join(example, 'mobilenetv1-224.json');
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weft-rewrite-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function call(command: typeof rewriteCommand, ...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommand(command, args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('weft rewrite', () => {
  it('proposes, and writes the model the example ships', async () => {
    const file = join(folder, 'grouped.json');
    const made = await call(rewriteCommand, example, '--technique', 'draco', '--out', file, '--json');
    expect(made.code).toBe(0);
    const proposal = JSON.parse(made.out);
    expect(proposal).toMatchObject({
      technique: 'rewrite/draco',
      parameters: { groupSize: 0 },
      label: 'Group 6 depthwise convolutions',
      file,
      problems: [],
    });
    // 13 depthwise, 13 pointwise, the first convolution and the classifier.
    expect(proposal.layers).toHaveLength(28);
    expect(proposal.layers.filter(({ change }: { change: string | null }) => change !== null)).toHaveLength(6);
    expect(proposal.after.meanUtilisation).toBeGreaterThan(proposal.before.meanUtilisation);
    const { nodes } = JSON.parse(readFileSync(file, 'utf8'));
    expect(nodes).toEqual(JSON.parse(readFileSync(join(example, 'mobilenetv1-224-grouped.json'), 'utf8')).nodes);
    expect((await call(importCommand, file)).code).toBe(0);
  });

  it('takes an architecture and a parameter, and prints a table', async () => {
    const args = [drawn, '--architecture', 'systolic-32x32', '--technique', 'draco'];
    const { code, out } = await call(rewriteCommand, ...args, '--set', 'groupSize=16');
    expect(code).toBe(0);
    expect(out).toMatch(/Of 13 depthwise convolutions 13 become group convolutions/);
    expect(out).toMatch(/1024 groups of 1 → 64 of 16/);
    expect(out).toMatch(/retrained/);
    expect(out).toMatch(/^separable 1 · depthwise .*→.* (depthwise|on \w)/m);
    expect((await call(rewriteCommand, ...args, '--set', 'groupSize=7')).out).toMatch(
      /Of 13 depthwise convolutions none has channels that 7 divides/,
    );
  });

  it('says what is missing or not known', async () => {
    const wrong = async (...args: readonly string[]) => {
      const { code, err } = await call(rewriteCommand, ...args);
      expect(code).toBe(2);
      return err;
    };
    expect(await wrong(drawn, '--technique', 'draco')).toMatch(/--architecture is needed/);
    expect(await wrong(example)).toMatch(/--technique is needed/);
    expect(await wrong(example, '--technique', 'magic')).toMatch(/--technique takes one of draco/);
    expect(await wrong(example, '--technique', 'draco', '--set', 'size=8')).toMatch(/ID one of groupSize/);
    expect(await wrong(example, '--technique', 'draco', '--set', 'groupSize=-1')).toMatch(/at least 0/);
    const missing = await call(rewriteCommand, join(folder, 'none.onnx'), '--technique', 'draco', '--json');
    expect(missing.code).toBe(1);
    expect(JSON.parse(missing.out).problems[0].code).toBe('file.missing');
  });
});
