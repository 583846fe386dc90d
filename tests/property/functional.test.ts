/**
 * Random models through the whole pipeline on every preset, in every mode, from scratchpads far too small to ample, then played on
 * numbers: tiles, halos, k blocks, spills, refills, places shared and reused. Values equal the reference's to 1e-4 of
 * the range; places are shared by results and operands where the schedule may do so.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '#core/architecture/presets.ts';
import { createRng } from '#core/base/rng.ts';
import { parseProgram } from '#core/program/parse.ts';
import { LOAD, SPILL } from '#core/program/program.ts';
import { programText } from '#core/program/text.ts';
import { randomSource } from '#core/reference/source.ts';
import type { ProgramRun } from '#core/run/program-run.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { cases } from '../support/cases.ts';
import { certified, ranProgram } from '../support/certified.ts';
import { randomModel } from '../support/random-model.ts';

const SEEDS = cases(24, 240);

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

function randomRun(seed: number, preset: (typeof PRESETS)[number]): ProgramRun | null {
  const rng = createRng(seed);
  const ran = ranProgram(
    randomModel(rng),
    preset.build('architecture'),
    {
      mode: SCHEDULE_MODES[rng.below(3)]!,
      S: [256, 1024, 16_384, 262_144, null][rng.below(5)]!,
      format: (['model', 'int8', 'fp16'] as const)[rng.below(3)]!,
      objective: (['cycles', 'off-chip'] as const)[rng.below(2)]!,
      parameters: { inPlace: rng.below(2) === 0, aliasConcat: rng.below(2) === 0, doubleBuffer: rng.below(3) === 0 },
    },
    mip,
  );
  if (!ran.ok) expect(ran.error.code, ran.error.message).toMatch(/^schedule\.(?!rejected)/);
  return ran.ok ? ran.value : null;
}

describe.each(PRESETS.map((preset, index) => ({ id: preset.id, preset, index })))('$id', ({ preset, index }) => {
  it('computes random models', () => {
    let played = 0;
    let tiled = 0;
    let refilled = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const run = randomRun(10_000 * index + seed, preset);
      if (!run) continue;
      const certificate = certified(run, randomSource(run.model, seed));
      const where = `seed ${seed}`;
      expect(certificate.ok, where).toBe(true);
      if (!certificate.ok) continue;
      expect(certificate.value.statement, where).toMatch(/^Values verified/);
      expect(certificate.value.isVerified, where).toBe(true);
      played++;
      const { program } = run;
      tiled += run.pieces.filter(({ gemm, results }) => gemm && results[0]!.count > 1).length;
      for (let i = 0; i < program.length; i++)
        if (program.opcode[i] === LOAD && program.traffic[i] === SPILL) refilled++;
    }
    expect(played).toBeGreaterThan(SEEDS / 2);
    // Too seldom and the test would show nothing.
    expect(refilled).toBeGreaterThan(5);
    expect(tiled).toBeGreaterThan(preset.id.startsWith('tpu') ? -1 : 2);
  });

  it('program text reads back as the same program', () => {
    for (let seed = 0; seed < 4; seed++) {
      const run = randomRun(10_000 * index + seed, preset);
      if (!run) continue;
      const names = {
        operator: (at: number) => `${run.compiled.graph.operators[at]!.name}  # of\n"names"`,
        tensor: (id: number) => run.compiled.graph.tensors[id]!.name,
      };
      for (const text of [programText(run.program), programText(run.program, names)]) {
        const read = parseProgram(text);
        expect(read.ok || read.error).toBe(true);
        if (read.ok) expect(read.value).toEqual(run.program);
      }
    }
  });
});
