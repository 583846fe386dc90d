/**
 * Random models on every preset, in every mode and several capacities: what compile, schedule, emission and
 * simulation hand each other is verified inside the pipeline, so a run that ends is a run whose program moves exactly
 * the bytes of a verified schedule. Infeasible must be said with the scheduler's own problem,
 * nothing else, and only where operators are not to be split.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { PRESETS } from '#core/architecture/presets.ts';
import { canonicalJson } from '#core/base/canonical.ts';
import { decodeColumn } from '#core/base/columns.ts';
import { uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { toFile } from '#core/document/document.ts';
import { parseRun } from '#core/report/parse.ts';
import { renderReport } from '#core/report/render.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import { programOfRun } from '#core/run/program-text.ts';
import type { RunResult } from '#core/run/result.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { randomModel } from '../support/random-model.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Values, array models, energy and program agree with the rest of the run. */
function checkAccounts(run: RunResult, where: string): void {
  const { certificate, arrayModels = [], energy, program, operators, timeline, totals } = run;
  expect(certificate, where).toMatchObject({ isVerified: true, numbers: { file: null } });
  const total = totals.find(({ id }) => id === 'energy.total')!.value;
  expect(sumOf(energy!.levels.map(({ joules }) => joules)) / total, where).toBeCloseTo(1, 12);
  expect(sumOf(energy!.levels.map(({ share }) => share)), where).toBeCloseTo(1, 12);
  energy!.levels.forEach(({ joules, figures }, level) => {
    expect(sumOf(energy!.operators.map((row) => row[level]!)), where).toBeCloseTo(joules, 18);
    expect(joules > 0, where).toBe(figures.length > 0);
  });
  operators.forEach(({ energy: joules }, at) => {
    expect(sumOf(energy!.operators[at]!), where).toBe(joules);
  });
  const onArrays = operators.filter(({ macs, unit }) => macs > 0 && unit?.includes('array'));
  for (const model of arrayModels) {
    const at = new Set(model.operators.map(({ operator }) => operator));
    expect(
      onArrays.every(({ index }) => at.has(index)),
      where,
    ).toBe(true);
    if (model.totals.cycles !== null)
      expect(sumOf(model.operators.map(({ estimate }) => estimate.cycles!)), where).toBe(model.totals.cycles);
  }
  // Every command has its interval, of its own operator; transfers have one on their channel too.
  const [command, operator, lane] = [timeline.command!, timeline.operator, timeline.lane].map(decodeColumn);
  const ofCommand = new Map<number, number[]>();
  command!.forEach((row, interval) => {
    (ofCommand.get(row) ?? ofCommand.set(row, []).get(row)!).push(interval);
  });
  const made = programOfRun(run);
  if (!made.ok) throw new Error(`${where}: ${made.error.message}`);
  expect([made.value.commands, ofCommand.size], where).toEqual([program!.commands, program!.commands]);
  for (const [row, intervals] of ofCommand) {
    const [, engine, opcode, kernel] = /^ *\d+ e(\d+) (\w+) k(\d+) /.exec(made.value.line(row))!;
    expect(intervals, where).toHaveLength(opcode === 'execute' ? 1 : 2);
    expect(lane![intervals[0]!], where).toBe(Number(engine));
    for (const interval of intervals) expect(operator![interval], where).toBe(Number(kernel));
  }
}

describe.each(PRESETS.map((preset, index) => ({ id: preset.id, preset, index })))('$id', ({ preset, index }) => {
  it('runs random models and every account balances', () => {
    const architecture = toFile(preset.build('architecture'));
    const services = { mip, control: uncontrolled, appVersion: 'test' };
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
      const ran = runPipeline({ model, architecture, settings }, services);
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
      checkAccounts(ran.value, where);
      if (seed % 8 === 0) {
        const again = runPipeline({ model, architecture, settings }, services);
        expect(again.ok && canonicalJson(again.value), where).toBe(canonicalJson(ran.value));
        expect(parseRun(renderReport(ran.value, 'json')), where).toEqual({ ok: true, value: ran.value });
      }
    }
    expect(ended).toBeGreaterThan(20);
  });
});
