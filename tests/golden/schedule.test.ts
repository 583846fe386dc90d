/**
 * Networks with known optima (problem files under ../shared/data/schedule): our answers against the published best,
 * baselines against the published baselines, every answer recounted by the independent checker that comes with them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import type { ScheduleAnswer, ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleLimits } from '#core/schedule/search/limits.ts';
import { verifySchedule } from '#core/schedule/verify.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { isExact, SCHEDULERS, solved } from '../property/schedule-trials.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

interface Golden {
  readonly mode: ScheduleMode;
  readonly S: number;
  readonly objective: number;
  readonly bound: number;
  readonly compulsory: number;
  readonly baselines: Readonly<Record<string, number>>;
}
interface GoldenProblem extends ScheduleProblem {
  readonly goldens: readonly Golden[];
  readonly limits_strict: GoldenLimits;
  readonly 'limits_strict+weights': GoldenLimits;
}
interface GoldenLimits {
  readonly MR: number;
  readonly MH: number;
  readonly MP: number;
  readonly MPexact: boolean;
}
interface Recount {
  readonly ok: boolean;
  readonly errors: readonly string[];
  readonly addressed: boolean;
  readonly nonCompulsory: number;
  readonly compulsoryActivations: number;
}
type Checker = (problem: ScheduleProblem, answer: ScheduleAnswer, target: { S: number; mode: ScheduleMode }) => Recount;

const folder = sharedPath('data/schedule');
const checkerPath = sharedPath('tools/check-schedule.mjs');
const read = (name: string) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'));
const names = folder
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.json') && !name.includes('.schedules.'))
      .map((name) => name.replace('.json', ''))
  : [];

const scheduler = SCHEDULERS.find(({ manifest }) => manifest.id === DEFAULT_SETTINGS.scheduler.id)!;
let mip: MipSolver;
let checker: Checker;
beforeAll(async () => {
  mip = await loadHighs();
  if (checkerPath) checker = (await import(pathToFileURL(checkerPath).href)).checkSchedule;
});

describe.skipIf(names.length === 0 || !checkerPath)(
  `schedules of known networks${names.length > 0 ? '' : ` (${skippedWithoutShared})`}`,
  () => {
    describe.each(names)('%s', (name) => {
      const problem: GoldenProblem = read(`${name}.json`);
      const cases = problem.goldens.map((golden) => [`${golden.mode} at ${golden.S} B`, golden] as const);

      it.each(cases)('%s is proven at the published optimum or better, baselines are equal', (title, golden) => {
        const { mode, S } = golden;
        const answer = solved(scheduler, problem, { mode, S }, { mip });
        if (answer.objective < golden.objective)
          console.log(`${name}, ${title}: ${answer.objective} B, published ${golden.objective} B`);
        expect(answer.objective).toBeLessThanOrEqual(golden.objective);
        expect(answer.bound).toBeLessThanOrEqual(golden.objective);
        if (isExact(scheduler)) expect([answer.optimal, answer.stop]).toEqual([true, 'proven']);
        if (answer.optimal) expect(answer.objective).toBeGreaterThanOrEqual(golden.bound);
        expect(answer.compulsory).toBe(golden.compulsory);
        for (const policy of ['noReuse', 'fileOrder+lru', 'fileOrder+belady', 'fileOrder+optimalResidency'])
          if (golden.baselines[policy] !== undefined)
            expect(answer.baselines[policy], policy).toBe(golden.baselines[policy]);
        expect(checker(problem, answer, { S, mode })).toMatchObject({
          ok: true,
          errors: [],
          addressed: true,
          nonCompulsory: answer.objective,
          compulsoryActivations: golden.compulsory,
        });
      });

      it.each(['strict', 'strict+weights'] as const)('has the published limits in %s mode', (mode) => {
        const { MR, MH, MP, MPexact } = problem[`limits_${mode}`];
        const limits = scheduleLimits(problem, mode);
        expect([limits.MR, limits.isMPExact]).toEqual([MR, true]);
        if (MPexact) expect([limits.MP, limits.MH]).toEqual([MP, MH]);
      });

      it('comes with schedules that our verifier accepts too', () => {
        const schedules: Record<string, Pick<ScheduleAnswer, 'order' | 'intervals'>> = read(`${name}.schedules.json`);
        for (const golden of problem.goldens) {
          const schedule = schedules[`${golden.mode}@${golden.S}`];
          // Some were published before addresses.
          if (!schedule?.intervals.every((interval) => Number.isInteger(interval.addr))) continue;
          const answer: ScheduleAnswer = {
            ...golden,
            ...schedule,
            optimal: golden.bound === golden.objective,
            proof: '',
            solver: { id: 'published', version: '1' },
          };
          expect(verifySchedule(problem, answer), `${golden.mode}@${golden.S}`).toEqual([]);
        }
      });
    });
  },
);
