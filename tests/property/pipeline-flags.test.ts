/** Random models compiled and scheduled under every flag: the program still moves exactly the schedule's bytes. */
import { beforeAll, expect, it } from 'vitest';
import { PRESETS } from '#core/architecture/presets.ts';
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

it('runs random models under flags, some of them with results in place', () => {
  const architecture = toFile(PRESETS[0]!.build('architecture'));
  let ended = 0;
  let shared = 0;
  for (let seed = 0; seed < 60; seed++) {
    const rng = createRng(50_000 + seed);
    const model = toFile(randomModel(rng));
    const mode = SCHEDULE_MODES[seed % SCHEDULE_MODES.length]!;
    const settings = {
      ...DEFAULT_SETTINGS,
      format: (['int8', 'fp16', 'model'] as const)[rng.below(3)]!,
      scratchpadBytes: [1024, 16_384, 262_144, null][rng.below(4)]!,
      scheduler: {
        ...DEFAULT_SETTINGS.scheduler,
        parameters: { mode, inPlace: true, aliasConcat: true, doubleBuffer: rng.below(2) === 0, pinned: '' },
      },
    };
    const ran = runPipeline({ model, architecture, settings }, { mip, control: uncontrolled, appVersion: 'test' });
    if (!ran.ok) {
      expect(ran.error.code, `seed ${seed}: ${ran.error.message}`).toMatch(/^schedule\.(infeasible|unpackable)/);
      continue;
    }
    ended++;
    const { answer, problem } = ran.value.schedule;
    expect(answer.flags?.inPlace).toBe(true);
    expect(ran.value.operators.reduce((sum, row) => sum + row.spillBytes, 0)).toBe(answer.objective);
    for (const later of answer.intervals)
      for (const earlier of answer.intervals)
        if (
          earlier.to === later.from + 1 &&
          earlier.addr === later.addr &&
          problem.ops[answer.order[later.from]!]!.inPlace?.includes(earlier.t)
        )
          shared++;
  }
  expect(ended).toBeGreaterThan(30);
  expect(shared).toBeGreaterThan(5);
});
