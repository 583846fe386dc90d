/**
 * What must hold between the answers of one scheduler, on graphs too large for exhaustive search. Every law is put in
 * brackets (bound ≤ optimum ≤ objective), so that it binds whoever does not prove the optimum too.
 */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { ScheduleAnswer, ScheduleMode, ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleLimits } from '#core/schedule/search/limits.ts';
import { largestWorkingSet } from '#core/schedule/working-set.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { cases } from '../support/cases.ts';
import { randomOrder, relabelledProblem, scaledProblem } from './schedule-graphs.ts';
import { exhaustiveOptimum } from './schedule-oracle.ts';
import { forTrials, isExact, SCHEDULERS, type SolveOptions, solved, type Trial } from './schedule-trials.ts';

// Many small searches: minutes where the machine is busy.
vi.setConfig({ testTimeout: 600_000 });

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

/** Both could be right about one number. */
function expectSameOptimum(one: ScheduleAnswer, other: ScheduleAnswer): void {
  expect(Math.max(one.bound, other.bound)).toBeLessThanOrEqual(Math.min(one.objective, other.objective));
  if (one.optimal && other.optimal) expect(other.objective).toBe(one.objective);
}

/** The second could cost no more than the first. */
function expectNoMore(first: ScheduleAnswer, second: ScheduleAnswer): void {
  expect(second.bound).toBeLessThanOrEqual(first.objective);
  if (second.optimal) expect(second.objective).toBeLessThanOrEqual(first.objective);
}

describe.each(SCHEDULERS.map((scheduler) => [scheduler.manifest.id, scheduler] as const))('%s', (id, scheduler) => {
  const graphs = id === 'scheduler/portfolio' ? cases(5, 100) : cases(2, 40);
  // A programme over order and residency grows with the square of the operators.
  const operators: readonly [number, number] = id === 'scheduler/free-order-ilp' ? [4, 7] : [12, 20];
  const run = (
    problem: ScheduleProblem,
    mode: ScheduleMode,
    S: number,
    options: Omit<SolveOptions, 'mip'> = {},
  ): ScheduleAnswer => solved(scheduler, problem, { mode, S }, { mip, ...options });
  const forLarger = (first: number, body: (trial: Trial) => void) => forTrials(graphs, body, { first, operators });

  it('costs no more with more room', () => {
    forLarger(100, ({ problem, mode, S, rng }) => {
      expectNoMore(run(problem, mode, S), run(problem, mode, S + 1 + rng.below(1 + (S >> 2))));
    });
  });

  it('costs nothing from M_P on, and something below', () => {
    forLarger(200, ({ problem, mode }) => {
      const { MR, MP, isMPExact } = scheduleLimits(problem, mode);
      const enough = run(problem, mode, MP);
      expect(enough.bound).toBe(0);
      if (isExact(scheduler)) expect(enough.objective).toBe(0);
      if (isMPExact && MP > MR) expect(run(problem, mode, MP - 1).objective).toBeGreaterThan(0);
    });
  });

  it('scales with the sizes', () => {
    forLarger(300, ({ problem, mode, S, rng }) => {
      const factor = 2 + rng.below(1 << 20);
      const [answer, scaled] = [run(problem, mode, S), run(scaledProblem(problem, factor), mode, S * factor)];
      expectSameOptimum({ ...answer, objective: answer.objective * factor, bound: answer.bound * factor }, scaled);
      // Nothing is gained by room that is not a multiple.
      expectSameOptimum(scaled, run(scaledProblem(problem, factor), mode, S * factor + rng.below(factor)));
    });
  });

  it('does not see how operators and tensors are numbered', () => {
    forLarger(400, ({ problem, mode, S, rng }) => {
      const other = relabelledProblem(problem, randomOrder(problem, rng), rng);
      expectSameOptimum(run(problem, mode, S), run(other, mode, S));
    });
  });

  it('does not see in which order branches are listed', () => {
    forLarger(500, ({ problem, mode, S }) => {
      // Always the ready operator that comes last in the file: branches in reverse, each in its own order.
      const last = { next: () => 0, below: (bound: number) => bound - 1 };
      const other = relabelledProblem(problem, randomOrder(problem, last), createRng(0));
      expectSameOptimum(run(problem, mode, S), run(other, mode, S));
    });
  });

  it('costs in stream mode no more than in strict, and there no more than with weights on chip', () => {
    forTrials(
      graphs,
      ({ problem, S, rng }) => {
        const least = largestWorkingSet(problem, 'strict+weights')!.bytes;
        const room = Math.max(S, least + rng.below(1 + (least >> 2)));
        const [weights, strict, stream] = (['strict+weights', 'strict', 'stream'] as const).map((mode) =>
          run(problem, mode, room),
        );
        expectNoMore(weights!, strict!);
        expectNoMore(strict!, stream!);
      },
      { first: 600, operators, modes: ['strict'] },
    );
  });

  it('answers the same when it is told what is known', () => {
    forLarger(700, ({ problem, mode, S, rng }) => {
      const plain = run(problem, mode, S);
      const larger = run(problem, mode, S + 1 + rng.below(1 + (S >> 2)));
      const least = largestWorkingSet(problem, mode)!.bytes;
      const smaller = run(problem, mode, Math.max(least, S - 1 - rng.below(1 + (S >> 2))));
      const residencies = [smaller, plain].slice(0, 1 + rng.below(2));
      const told = run(problem, mode, S, { known: { bound: larger.bound, residencies } });
      expectSameOptimum(plain, told);
      expectNoMore(smaller, told);
    });
  });

  it('takes two copies of a problem for twice one at most', () => {
    forTrials(
      graphs / 2,
      ({ problem, mode, S }) => {
        const once = run(problem, mode, S);
        const twice = run(beside(problem, problem), mode, S);
        expect(twice.bound).toBeLessThanOrEqual(2 * once.objective);
        if (once.optimal && twice.optimal) expect(twice.objective).toBeLessThanOrEqual(2 * once.objective);
      },
      { first: 800, operators: [Math.ceil(operators[0] / 2), Math.ceil(operators[1] / 2)] },
    );
  });

  it('gives the same answer twice, byte for byte', () => {
    forLarger(900, ({ problem, mode, S }) => {
      expect(run(problem, mode, S)).toEqual(run(problem, mode, S));
    });
  });

  it('answers, verified and in brackets, when stopped at any moment', () => {
    forTrials(
      graphs * 2,
      ({ problem, mode, S, rng }) => {
        let left = rng.below(40);
        const control = { report: () => {}, cancelled: () => left-- <= 0 };
        const { objective, bound } = run(problem, mode, S, { control });
        const optimum = exhaustiveOptimum(problem, mode, S)!;
        expect(objective).toBeGreaterThanOrEqual(optimum);
        if (objective === optimum) expect(bound).toBeLessThanOrEqual(optimum);
      },
      { first: 1000 },
    );
  });

  it('lays out in whole granules and counts traffic in true bytes', () => {
    if (!scheduler.manifest.parameters.some((parameter) => parameter.id === 'alignment')) return;
    const granule = 8;
    forTrials(
      graphs,
      ({ problem, mode, S }) => {
        const least = largestWorkingSet(problem, mode, granule)!.bytes;
        const room = Math.max(S, least) + 5;
        const answer = run(problem, mode, room, { parameters: { alignment: granule } });
        expect(answer.intervals.every(({ addr }) => addr % granule === 0)).toBe(true);
        // Whole granules are a smaller scratchpad of larger tensors, the traffic of which is rounded up.
        expect(answer.objective).toBeGreaterThanOrEqual(exhaustiveOptimum(problem, mode, room)!);
        const rounded = {
          ...problem,
          tensors: problem.tensors.map((tensor) => ({ ...tensor, bytes: Math.ceil(tensor.bytes / granule) * granule })),
        };
        expect(answer.bound).toBeLessThanOrEqual(exhaustiveOptimum(rounded, mode, room)!);
      },
      { first: 1100, modes: ['strict', 'stream'] },
    );
  });
});

/** Both problems, sharing nothing. */
function beside(one: ScheduleProblem, other: ScheduleProblem): ScheduleProblem {
  const [tensors, ops] = [one.tensors.length, one.ops.length];
  const shifted = (ids: readonly number[]) => ids.map((id) => id + tensors);
  return {
    ...one,
    tensors: [...one.tensors, ...other.tensors.map((tensor) => ({ ...tensor, id: tensor.id + tensors }))],
    ops: [
      ...one.ops,
      ...other.ops.map((op) => ({
        ...op,
        id: op.id + ops,
        inputs: shifted(op.inputs),
        outputs: shifted(op.outputs),
      })),
    ],
  };
}
