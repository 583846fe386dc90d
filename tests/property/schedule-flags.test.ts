/** In-place results, aliased concatenations, fetches ahead and pinned tensors against exhaustive search. */
import { beforeAll, describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { evict } from '#core/schedule/eviction.ts';
import { NO_FLAGS } from '#core/schedule/flags.ts';
import { solveGapModel } from '#core/schedule/gap-model.ts';
import { gapObjective, gapView, isOrderFeasible, occupancy, type ScheduleTarget } from '#core/schedule/gaps.ts';
import { lowerBound } from '#core/schedule/lower-bound.ts';
import { orderByName } from '#core/schedule/orders.ts';
import { SCHEDULE_MODES, type ScheduleFlags, type ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { largestWorkingSet, peakOfOrder } from '#core/schedule/working-set.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { cases } from '../support/cases.ts';
import { flaggedOptimum, sharingProblem } from './schedule-flags-oracle.ts';
import { randomOrder, variedProblem } from './schedule-graphs.ts';
import { isExact, SCHEDULERS } from './schedule-trials.ts';

const GRAPHS = cases(10, 400);
const budget = { nodeLimit: 2_000, control: uncontrolled };

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

type FlagName = 'inPlace' | 'aliasConcat' | 'doubleBuffer' | 'pinned';
const SINGLE: readonly (readonly FlagName[])[] = [['inPlace'], ['aliasConcat'], ['doubleBuffer'], ['pinned']];
const PAIRS = SINGLE.flatMap(([one], index) => SINGLE.slice(index + 1).map(([other]) => [one!, other!]));
const COMBINATIONS: readonly (readonly FlagName[])[] = [
  ...SINGLE,
  ...PAIRS,
  ['inPlace', 'aliasConcat', 'doubleBuffer', 'pinned'],
];

interface FlaggedTrial {
  readonly problem: ScheduleProblem;
  readonly target: ScheduleTarget & { readonly flags: ScheduleFlags };
  readonly rng: Rng;
}

function forFlaggedTrials(names: readonly FlagName[], first: number, body: (trial: FlaggedTrial) => void): void {
  for (let seed = first; seed < first + GRAPHS; seed++)
    for (const mode of SCHEDULE_MODES) {
      const rng = createRng(seed * SCHEDULE_MODES.length + SCHEDULE_MODES.indexOf(mode));
      const problem = sharingProblem(rng, 4, 6);
      const pins = problem.tensors.map(({ id }) => id).filter(() => rng.below(5) === 0);
      const flags: ScheduleFlags = {
        ...NO_FLAGS,
        ...Object.fromEntries(names.filter((name) => name !== 'pinned').map((name) => [name, true])),
        ...(names.includes('pinned') && { pinned: pins }),
      };
      const least = largestWorkingSet(problem, mode, 1, flags)!.bytes;
      const peak = peakOfOrder(problem, mode, orderByName(problem, 'file'));
      const S = least + rng.below(Math.max(1, Math.ceil((peak - least) * 0.8) + 1));
      const target = { mode, S, granule: 1, flags };
      try {
        body({ problem, target, rng });
      } catch (error) {
        throw new Error(`seed ${seed}: ${JSON.stringify(target)} ${JSON.stringify(problem)}`, { cause: error });
      }
    }
}

describe.each(COMBINATIONS.map((names) => ({ names, title: names.join(' + ') })))('$title', ({ names }) => {
  it('has the exhaustive optimum under a given order, or none', () => {
    let spilling = 0;
    let open = 0;
    forFlaggedTrials(names, 1_000, ({ problem, target, rng }) => {
      const order = randomOrder(problem, rng);
      const optimum = flaggedOptimum(problem, target, order);
      const view = gapView(problem, target, order);
      expect(isOrderFeasible(view)).toBe(optimum !== null);
      if (optimum === null) return;
      const start = evict(view, 'belady');
      const fits = (kept: readonly boolean[]) => occupancy(view, kept).every((load) => load <= target.S);
      expect(fits(start)).toBe(true);
      expect(gapObjective(view, start)).toBeGreaterThanOrEqual(optimum);
      const solution = solveGapModel(view, mip, { ...budget, start });
      expect(solution.objective).toBe(optimum);
      expect(solution.bound).toBeLessThanOrEqual(optimum);
      expect(fits(solution.kept)).toBe(true);
      if (optimum > 0) spilling++;
      if (solution.bound < optimum) open++;
    });
    expect(spilling).toBeGreaterThan(0);
    // The solver may end without a bound of its own, which is sound; it must be rare.
    expect(open).toBeLessThanOrEqual(Math.ceil(GRAPHS / 100));
  });

  it.each(SCHEDULERS.map((one) => [one.manifest.id, one] as const))(
    '%s: is answered and verified over every order, with a bound that holds',
    (_, scheduler) => {
      let best = 0;
      let answered = 0;
      forFlaggedTrials(names, 2_000, ({ problem, target }) => {
        const { mode, S, flags } = target;
        const optimum = flaggedOptimum(problem, target);
        const parameters = {
          ...defaultParameters(scheduler.manifest.parameters),
          ...flags,
          pinned: flags.pinned.join(','),
        };
        const result = scheduleAndVerify(scheduler, problem, { mode, S, parameters, mip, control: uncontrolled });
        if (!result.ok) {
          // Neither is claimed to be a proof: there may be orders, and addresses, that were not tried.
          expect(['schedule.infeasible', 'schedule.unpackable']).toContain(result.error[0]!.code);
          return;
        }
        answered++;
        expect(result.value.flags ?? NO_FLAGS).toEqual(flags);
        expect(optimum).not.toBeNull();
        expect(result.value.objective).toBeGreaterThanOrEqual(optimum!);
        expect(result.value.bound).toBeLessThanOrEqual(optimum!);
        expect(lowerBound(problem, target, mip, budget)).toBeLessThanOrEqual(optimum!);
        if (result.value.objective === optimum) best++;
      });
      expect(best / answered).toBeGreaterThan(isExact(scheduler) ? 0.9 : 0.8);
    },
  );
});

it('an order in which some step has no room is said to have none', () => {
  const scheduler = SCHEDULERS.find(({ manifest }) => manifest.id === 'scheduler/given-order')!;
  const codes = new Map<string, number>();
  for (let seed = 0; seed < 4 * GRAPHS; seed++) {
    const rng = createRng(seed);
    const problem = variedProblem(rng, 5, 10);
    const S = largestWorkingSet(problem, 'strict')!.bytes + rng.below(6);
    const flags = { order: 'depth-first', doubleBuffer: true, inPlace: true };
    const parameters = { ...defaultParameters(scheduler.manifest.parameters), ...flags };
    const result = scheduleAndVerify(scheduler, problem, {
      mode: 'strict',
      S,
      parameters,
      mip,
      control: uncontrolled,
    });
    const [fault] = result.ok ? [] : result.error;
    codes.set(fault?.code ?? 'answered', (codes.get(fault?.code ?? 'answered') ?? 0) + 1);
    if (fault?.code === 'schedule.order-infeasible')
      expect(Number(fault.facts.demand)).toBeGreaterThan(Number(fault.facts.bound));
  }
  expect([...codes.keys()].sort()).toEqual(['answered', 'schedule.infeasible', 'schedule.order-infeasible']);
});
