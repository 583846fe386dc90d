import { beforeAll, describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { apply } from '#core/document/apply.ts';
import { fromFile, toFile } from '#core/document/document.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import type { RunInputs, RunResult } from '#core/run/result.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { examples } from '#projects/examples/make.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

function run(inputs: RunInputs): RunResult {
  const ran = runPipeline(inputs, { mip, control: uncontrolled, appVersion: 'test' });
  if (!ran.ok) throw new Error(ran.error.message);
  return ran.value;
}

const model = examples().find(({ slug }) => slug === 'mobilenet-v1')!.project.documents[0]!;
const inputsOn = (preset: string): RunInputs => ({
  model,
  architecture: toFile(presetById(preset)!.build('architecture')),
  settings: DEFAULT_SETTINGS,
});
const finding = (result: RunResult, code: string) => result.findings.find((found) => found.code === `finding.${code}`);

describe('findings', () => {
  it('the capacity it names is enough, applied as the fix it offers, and one alignment less is not', () => {
    const inputs = inputsOn('systolic-32x32');
    const before = run(inputs);
    const spill = finding(before, 'spill');
    const edit = spill?.fixes[0]?.edits[0];
    if (edit?.type !== 'set-parameter') throw new Error('no fix');
    const applied = apply(fromFile(inputs.architecture), { ...edit, type: 'node.set-parameter' });
    if (!applied.ok) throw new Error(applied.error.message);
    const after = run({ ...inputs, architecture: toFile(applied.value.document) });
    expect(after.schedule.answer.objective).toBe(0);
    expect(finding(after, 'spill')).toBeUndefined();
    const less = run({ ...inputs, settings: { ...DEFAULT_SETTINGS, scratchpadBytes: Number(edit.value) - 1024 } });
    expect(less.schedule.answer.objective).toBeGreaterThan(0);
  });

  it('names the busiest resource with its share', () => {
    for (const preset of ['systolic-32x32', 'ethos-u55-256']) {
      const result = run(inputsOn(preset));
      const bound = finding(result, 'bound');
      const shares = Object.values(bound?.facts ?? {}).map((share) => Number.parseFloat(String(share)));
      expect(shares.length).toBeGreaterThan(1);
      for (const share of shares) {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(100);
      }
      expect(bound?.message).toContain('%');
    }
  });
});
