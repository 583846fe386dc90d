/**
 * Networks with known optima (problem files under ../shared/data/schedule): our answers against the published best,
 * baselines against the published baselines, every answer recounted by the independent checker that comes with them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { ScheduleAnswer, ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { verifySchedule } from '#core/schedule/verify.ts';
import { largestWorkingSet } from '#core/schedule/working-set.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { technique } from '#core/techniques/scheduler/order-residency/technique.ts';
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
  readonly limits_strict: { readonly MR: number };
  readonly 'limits_strict+weights': { readonly MR: number };
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
      const parameters = defaultParameters(technique.manifest.parameters);
      const cases = problem.goldens.map((golden) => [`${golden.mode} at ${golden.S} B`, golden] as const);

      it.each(cases)('%s reaches the published optimum, with sound bound and equal baselines', (_, golden) => {
        const { mode, S } = golden;
        const result = scheduleAndVerify(technique, problem, { mode, S, parameters, mip, control: uncontrolled });
        if (!result.ok) throw new Error(result.error.map((fault) => fault.message).join('\n'));
        const answer = result.value;
        expect(answer.objective).toBe(golden.objective);
        expect(answer.bound).toBeLessThanOrEqual(golden.objective);
        expect(answer.compulsory).toBe(golden.compulsory);
        for (const policy of ['noReuse', 'fileOrder+lru', 'fileOrder+belady', 'fileOrder+optimalResidency'])
          if (golden.baselines[policy] !== undefined)
            expect(answer.baselines[policy], policy).toBe(golden.baselines[policy]);
        expect(checker(problem, answer, { S, mode })).toMatchObject({
          ok: true,
          errors: [],
          addressed: true,
          nonCompulsory: golden.objective,
          compulsoryActivations: golden.compulsory,
        });
      });

      it('has the published least scratchpad', () => {
        expect(largestWorkingSet(problem, 'strict')!.bytes).toBe(problem.limits_strict.MR);
        expect(largestWorkingSet(problem, 'strict+weights')!.bytes).toBe(problem['limits_strict+weights'].MR);
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
