/**
 * Programs with one thing wrong. Of random single changes that change what a program means, under its own times or under times
 * drawn anew, the verifier and the play on numbers together find at least 95 %; byte shifts and lost commands all.
 */
import { beforeAll, expect, it, vi } from 'vitest';
import { PRESETS } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import type { Program } from '#core/program/program.ts';
import { verifyProgram } from '#core/program/verify.ts';
import { randomSource } from '#core/reference/source.ts';
import type { ValueSource } from '#core/reference/values.ts';
import type { ProgramRun } from '#core/run/program-run.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { technique as simulator } from '#core/techniques/simulator/event-timing/technique.ts';
import { cases } from '../support/cases.ts';
import { certified, ranProgram } from '../support/certified.ts';
import { MUTATIONS, type Mutation, mutated } from '../support/mutations.ts';
import { randomModel } from '../support/random-model.ts';
import { shakenTiming } from '../support/shaken.ts';

const SEEDS = cases(2, 10);
/** Other times a change that is not found is played under. */
const SHAKES = 4;

vi.setConfig({ testTimeout: 600_000 });

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

function* runs(): Generator<{ readonly run: ProgramRun; readonly source: ValueSource; readonly seed: number }> {
  for (let seed = 0; seed < SEEDS * PRESETS.length; seed++) {
    const rng = createRng(seed);
    const ran = ranProgram(
      randomModel(rng),
      PRESETS[seed % PRESETS.length]!.build('architecture'),
      {
        mode: SCHEDULE_MODES[rng.below(3)]!,
        S: [1024, 16_384, 262_144][rng.below(3)]!,
        format: (['model', 'int8'] as const)[rng.below(2)]!,
      },
      mip,
    );
    if (ran.ok) yield { run: ran.value, source: randomSource(ran.value.model, seed), seed };
  }
}

function isRight(run: ProgramRun, source: ValueSource, program: Program, timing: Timing): boolean {
  const certificate = certified(run, source, { candidate: { program, timing } });
  return certificate.ok && certificate.value.isVerified;
}

it('a program is right whatever times its commands take', () => {
  let played = 0;
  for (const { run, source, seed } of runs()) {
    const rng = createRng(seed);
    for (let shake = 0; shake < SHAKES; shake++) {
      const timing = shakenTiming(run.program, run.machine, rng);
      const certificate = certified(run, source, { candidate: { program: run.program, timing } });
      expect(certificate.ok && certificate.value.statement, `seed ${seed}`).toMatch(/^Values verified/);
      played++;
    }
  }
  expect(played).toBeGreaterThan(SHAKES);
});

it('single changes that change the meaning are found', () => {
  const found = new Map<Mutation, { made: number; caught: number; byValues: number; missed: number }>();
  for (const { run, source, seed } of runs()) {
    const rng = createRng(seed);
    for (const kind of MUTATIONS) {
      const program = mutated(run.program, kind, rng);
      if (!program) continue;
      const count = found.get(kind) ?? { made: 0, caught: 0, byValues: 0, missed: 0 };
      found.set(kind, count);
      count.made++;
      const timing = simulator.simulate(program, run.machine, uncontrolled)!;
      const byValues = !isRight(run, source, program, timing);
      if (byValues) count.byValues++;
      if (byValues || verifyProgram(program, run.problem, run.answer).length > 0) {
        count.caught++;
        continue;
      }
      for (let shake = 0; shake < SHAKES; shake++) {
        if (isRight(run, source, program, shakenTiming(program, run.machine, rng))) continue;
        count.missed++;
        break;
      }
    }
  }
  const sum = (of: 'made' | 'caught' | 'byValues' | 'missed') =>
    [...found.values()].reduce((total, count) => total + count[of], 0);
  const shown = JSON.stringify(Object.fromEntries(found));
  expect([...found.keys()].sort(), shown).toEqual([...MUTATIONS].sort());
  expect(sum('made'), shown).toBeGreaterThan(100);
  expect(sum('caught') / (sum('caught') + sum('missed')), shown).toBeGreaterThanOrEqual(0.95);
  for (const kind of ['shift a load by one byte', 'shift an operand by one byte'] as const)
    expect(found.get(kind)!.byValues, `${kind}: ${shown}`).toBe(found.get(kind)!.made);
  const { caught, made } = found.get('leave a command out')!;
  expect(caught, shown).toBe(made);
  for (const kind of ['drop a dependency', 'swap two commands'] as const)
    expect(found.get(kind)!.byValues, `${kind}: ${shown}`).toBeGreaterThan(0);
});
