/** Known sizes and the independent checker: what compile makes of real networks, against figures of other programs. */
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { toFile } from '#core/document/document.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import type { RunResult } from '#core/run/result.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '#core/run/settings.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';
import { largestWorkingSet } from '#core/schedule/working-set.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { importFile } from '../../main/files/import-file.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

interface Checked {
  readonly ok: boolean;
  readonly errors: readonly string[];
  readonly nonCompulsory: number;
  readonly addressed: boolean;
}
type Checker = (problem: ScheduleProblem, answer: ScheduleAnswer, target: { S: number; mode: string }) => Checked;

const resnet = sharedPath('data/onnx/classic/light_resnet50.onnx');
const tool = sharedPath('tools/check-schedule.mjs');

describe.skipIf(resnet === null || tool === null)(
  `real networks${resnet === null ? ` (${skippedWithoutShared})` : ''}`,
  () => {
    let mip: MipSolver;
    let check: Checker;
    beforeAll(async () => {
      mip = await loadHighs();
      check = ((await import(pathToFileURL(tool!).href)) as { checkSchedule: Checker }).checkSchedule;
    });

    function run(name: string, settings: Partial<RunSettings> = {}): RunResult {
      const path = sharedPath(`data/onnx/${name}`)!;
      const imported = importFile(path, basename(path));
      if (!imported.ok) throw new Error(imported.error.message);
      const architecture = toFile(presetById('systolic-32x32')!.build('architecture'));
      const ran = runPipeline(
        { model: toFile(imported.value.document), architecture, settings: { ...DEFAULT_SETTINGS, ...settings } },
        { mip, control: uncontrolled, appVersion: 'test' },
      );
      if (!ran.ok) throw new Error(`${ran.error.code}: ${ran.error.message}`);
      return ran.value;
    }

    it('ResNet-50: the largest working set in int8, normalisation and activation fused, is 2,352 KiB', () => {
      const result = run('classic/light_resnet50.onnx');
      expect(largestWorkingSet(result.schedule.problem, 'strict')?.bytes).toBe(2352 * 1024);
      // 53 convolutions and 1 classifier, 2 pools, 16 residual additions; softmax where the file has it.
      const types = result.operators.map((operator) => operator.type.split(' + ')[0]);
      expect(types.filter((type) => type === 'conv')).toHaveLength(53);
      expect(types.filter((type) => type === 'elementwise')).toHaveLength(16);
      expect(types.filter((type) => type === 'pool')).toHaveLength(2);
    });

    it.each([
      'classic/light_resnet50.onnx',
      'classic/light_shufflenet.onnx',
      'classic/inception_v3.onnx',
      'transformer/CCT__FP32__CCT_1_16_16_32.onnx',
    ])('the independent checker accepts %s', (name) => {
      const { problem, answer } = run(name).schedule;
      const checked = check(problem, answer, { S: answer.S, mode: answer.mode });
      expect(checked.errors).toEqual([]);
      expect(checked.addressed).toBe(true);
      expect(checked.nonCompulsory).toBe(answer.objective);
      expect(answer.bound).toBeLessThanOrEqual(answer.objective);
    });
  },
);
