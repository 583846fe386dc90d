import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CandidateReport } from '#core/candidate/report.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import { smallArray, twoConvolutions } from '../../tests/support/candidates.ts';
import { candidateCommand } from './candidate.ts';
import { DONE, FAILED, runCommand, WRONG_USAGE } from './command.ts';

const folder = temporaryFolder();

async function weft(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
  const code = await runCommand(candidateCommand, args, io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

function sources(): readonly string[] {
  const model = join(folder.path, 'model.json');
  const architecture = join(folder.path, 'architecture.json');
  writeFileSync(model, JSON.stringify(twoConvolutions()));
  writeFileSync(architecture, JSON.stringify(smallArray()));
  return [model, '--architecture', architecture];
}

it('prints a template, accepts it and refuses what was damaged', async () => {
  const at = sources();
  const file = join(folder.path, 'conv.txt');
  const printed = await weft(...at, '--operator', 'conv', '--template');
  expect(printed.out).toMatch(/^weft-candidate\/1\nkernel "conv"/);
  expect(await weft(...at, '--operator', 'conv', '--template', '--out', file)).toMatchObject({ code: DONE, out: '' });
  expect(readFileSync(file, 'utf8').trimEnd()).toBe(printed.out);
  const right = await weft(...at, '--operator', 'conv', '--file', file);
  expect(right).toMatchObject({ code: DONE, err: '' });
  expect(right.out).toContain('conv: accepted');
  expect(right.out).toContain('as fast');

  writeFileSync(file, printed.out.replace('execute m 2 k 1', 'execute m 2 k 2'));
  const wrong = await weft(...at, '--operator', 'conv', '--file', file, '--json');
  expect(wrong.code).toBe(FAILED);
  const report = JSON.parse(wrong.out) as CandidateReport;
  expect(report).toMatchObject({ isAccepted: false, failedAt: 'order', operator: 'conv' });
  expect(report.problems[0]?.facts.line).toBeGreaterThan(8);
});

it('tells what it needs', async () => {
  const at = sources();
  expect(await weft(...at, '--template')).toMatchObject({ code: WRONG_USAGE });
  expect(await weft(...at, '--operator', 'conv')).toMatchObject({ code: WRONG_USAGE });
  const unknown = await weft(...at, '--operator', 'third', '--template');
  expect(unknown).toMatchObject({ code: FAILED });
  expect(unknown.err).toContain('After fusion there are conv, second');
  expect(await weft(...at, '--operator', 'conv', '--file', join(folder.path, 'none.txt'))).toMatchObject({
    code: FAILED,
  });
});
