/** Random scheduling problems with a mode and a scratchpad each, and every registered scheduler to try on them. */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { orderByName } from '#core/schedule/orders.ts';
import {
  SCHEDULE_MODES,
  type ScheduleAnswer,
  type ScheduleMode,
  type ScheduleProblem,
} from '#core/schedule/problem.ts';
import { type KnownSchedules, type Scheduler, scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { largestWorkingSet, peakOfOrder } from '#core/schedule/working-set.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { techniques } from '#core/technique/registry.ts';
import { variedProblem } from './schedule-graphs.ts';

export interface Trial {
  readonly problem: ScheduleProblem;
  readonly mode: ScheduleMode;
  /** Between the least that is feasible and what the file order needs to spill nothing: where it is hard. */
  readonly S: number;
  readonly rng: Rng;
}

/** Runs `body` on `count` seeded problems, once a mode; a failure names the seed and shows the problem. */
export function forTrials(
  count: number,
  body: (trial: Trial) => void,
  { first = 0, operators = [5, 10], modes = SCHEDULE_MODES }: TrialOptions = {},
): void {
  for (let seed = first; seed < first + count; seed++) {
    for (const mode of modes) {
      const rng = createRng(seed * SCHEDULE_MODES.length + SCHEDULE_MODES.indexOf(mode));
      const problem = variedProblem(rng, ...operators);
      const S = tightScratchpad(problem, mode, rng);
      try {
        body({ problem, mode, S, rng });
      } catch (error) {
        throw new Error(`seed ${seed}, ${mode}, S = ${S}: ${JSON.stringify(problem)}`, { cause: error });
      }
    }
  }
}

interface TrialOptions {
  readonly first?: number;
  readonly operators?: readonly [least: number, most: number];
  readonly modes?: readonly ScheduleMode[];
}

export function tightScratchpad(problem: ScheduleProblem, mode: ScheduleMode, rng: Rng): number {
  const least = largestWorkingSet(problem, mode)!.bytes;
  const peak = peakOfOrder(problem, mode, orderByName(problem, 'file'));
  return rng.below(4) === 0 ? least : least + rng.below(Math.max(1, peak - least + 1));
}

export const SCHEDULERS: readonly Scheduler[] = techniques.scheduler;

/** Those that must prove the optimum of every small problem. */
const EXACT: readonly string[] = ['scheduler/portfolio', 'scheduler/free-order-ilp'];
export const isExact = ({ manifest }: Scheduler): boolean => EXACT.includes(manifest.id);

export interface SolveOptions {
  readonly mip: MipSolver;
  readonly control?: Control;
  readonly known?: KnownSchedules;
  /** Beside the defaults of the technique. */
  readonly parameters?: Readonly<Record<string, number | string | boolean>>;
}

/** The verified answer. @throws when there is none. */
export function solved(
  scheduler: Scheduler,
  problem: ScheduleProblem,
  { mode, S }: { readonly mode: ScheduleMode; readonly S: number },
  { mip, control = uncontrolled, known, parameters = {} }: SolveOptions,
): ScheduleAnswer {
  const result = scheduleAndVerify(scheduler, problem, {
    mode,
    S,
    parameters: { ...defaultParameters(scheduler.manifest.parameters), ...parameters },
    mip,
    control,
    ...(known && { known }),
  });
  if (!result.ok) throw new Error(`${scheduler.manifest.id}: ${result.error.map(({ message }) => message).join('; ')}`);
  return result.value;
}
