/**
 * Random models on every preset, in every mode and several capacities: what compile, schedule, emission and
 * simulation hand each other is verified inside the pipeline, so a run that ends is a run whose program moves exactly
 * the bytes of a verified schedule. Infeasible must be said with the scheduler's own problem,
 * nothing else, and only where operators are not to be split.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '#core/architecture/presets.ts';
import { canonicalJson } from '#core/base/canonical.ts';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { toFile } from '#core/document/document.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { randomModel } from '../support/random-model.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

describe.each(PRESETS.map((preset, index) => ({ id: preset.id, preset, index })))('$id', ({ preset, index }) => {
  it('runs random models and every account balances', () => {
    const architecture = toFile(preset.build('architecture'));
    let ended = 0;
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(1000 * index + seed);
      const model = toFile(randomModel(rng));
      const mode = SCHEDULE_MODES[seed % SCHEDULE_MODES.length]!;
      const split = rng.below(3) > 0;
      const settings = {
        ...DEFAULT_SETTINGS,
        split,
        format: (['int8', 'fp16', 'model'] as const)[rng.below(3)]!,
        objective: (['cycles', 'off-chip'] as const)[rng.below(2)]!,
        scratchpadBytes: [1024, 16_384, 262_144, null][rng.below(4)]!,
        scheduler: { ...DEFAULT_SETTINGS.scheduler, parameters: { mode } },
      };
      const ran = runPipeline({ model, architecture, settings }, { mip, control: uncontrolled, appVersion: 'test' });
      const where = `seed ${seed}`;
      if (!ran.ok) {
        expect(ran.error.code, `${where}: ${ran.error.message}`).toMatch(/^schedule\.(?!rejected)/);
        expect(mode, where).not.toBe('stream');
        expect(split, where).toBe(false);
        continue;
      }
      ended++;
      const { operators, schedule, timeline } = ran.value;
      expect(
        operators.reduce((sum, row) => sum + row.spillBytes, 0),
        where,
      ).toBe(schedule.answer.objective);
      expect(
        operators.every((row) => row.endCycle <= timeline.makespanCycles && row.utilisation <= 1),
        where,
      ).toBe(true);
      expect(canonicalJson(ran.value).length).toBeGreaterThan(0);
    }
    expect(ended).toBeGreaterThan(20);
  });
});
