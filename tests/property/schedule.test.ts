/** The scheduler against exhaustive search, and what must hold between answers, on random small graphs. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Control, uncontrolled } from '#core/base/control.ts';
import { createRng } from '#core/base/rng.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { evict } from '#core/schedule/eviction.ts';
import { solveGapModel } from '#core/schedule/gap-model.ts';
import { gapObjective, gapView, occupancy } from '#core/schedule/gaps.ts';
import { lowerBound } from '#core/schedule/lower-bound.ts';
import { orderByName } from '#core/schedule/orders.ts';
import { SCHEDULE_MODES, type ScheduleMode, type ScheduleProblem } from '#core/schedule/problem.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { largestWorkingSet, peakOfOrder } from '#core/schedule/working-set.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { type MipSolver, withoutMip } from '#core/solver/mip.ts';
import { technique } from '#core/techniques/scheduler/order-residency/technique.ts';
import { exhaustiveOptimum, randomOrder, randomProblem, scaledProblem, unevenProblem } from './schedule-oracle.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

const parameters = defaultParameters(technique.manifest.parameters);
const budget = { nodeLimit: 1_000, control: uncontrolled };

/** A scratchpad between the least that is feasible and what the file order needs to spill nothing: where it is hard. */
function tightScratchpad(problem: ScheduleProblem, mode: ScheduleMode, pick: (bound: number) => number): number {
  const least = largestWorkingSet(problem, mode)!.bytes;
  const peak = peakOfOrder(problem, mode, orderByName(problem, 'file'));
  return least + pick(Math.max(1, peak - least + 1));
}

/** Runs `body` on each of `count` seeded problems, once a mode; a failure names the seed. */
function forRandom(
  count: number,
  operators: number,
  body: (c: { problem: ScheduleProblem; mode: ScheduleMode; S: number; rng: ReturnType<typeof createRng> }) => void,
): void {
  for (let seed = 0; seed < count; seed++) {
    for (const mode of SCHEDULE_MODES) {
      const rng = createRng(seed * 3 + SCHEDULE_MODES.indexOf(mode));
      const problem = randomProblem(rng, operators);
      const S = tightScratchpad(problem, mode, rng.below);
      try {
        body({ problem, mode, S, rng });
      } catch (error) {
        throw new Error(`seed ${seed}, ${mode}, S = ${S}: ${JSON.stringify(problem)}`, { cause: error });
      }
    }
  }
}

describe('residency under a given order', () => {
  it('is the exhaustive optimum on 400 random graphs in each mode', () => {
    let spilling = 0;
    forRandom(400, 6, ({ problem, mode, S, rng }) => {
      const order = randomOrder(problem, rng);
      const optimum = exhaustiveOptimum(problem, mode, S, order);
      const view = gapView(problem, { mode, S, granule: 1 }, order);
      const solution = solveGapModel(view, mip, { ...budget, start: evict(view, 'belady') });
      expect(solution.objective).toBe(optimum);
      expect(solution.bound).toBe(optimum);
      expect(occupancy(view, solution.kept).every((load) => load <= S)).toBe(true);
      if (optimum! > 0) spilling++;
    });
    expect(spilling).toBeGreaterThan(300);
  });

  it('is never beaten by eviction, which stays within capacity', () => {
    forRandom(300, 6, ({ problem, mode, S, rng }) => {
      const order = randomOrder(problem, rng);
      const optimum = exhaustiveOptimum(problem, mode, S, order)!;
      const view = gapView(problem, { mode, S, granule: 1 }, order);
      for (const policy of ['lru', 'belady'] as const) {
        const kept = evict(view, policy);
        expect(occupancy(view, kept).every((load) => load <= S)).toBe(true);
        expect(gapObjective(view, kept)).toBeGreaterThanOrEqual(optimum);
      }
    });
  });
});

describe('the bound over every order', () => {
  it('never exceeds the exhaustive optimum over all orders, on 400 random graphs in each mode', () => {
    let tight = 0;
    let positive = 0;
    forRandom(400, 6, ({ problem, mode, S }) => {
      const optimum = exhaustiveOptimum(problem, mode, S)!;
      const bound = lowerBound(problem, { mode, S, granule: 1 }, mip, budget);
      expect(bound).toBeLessThanOrEqual(optimum);
      if (optimum > 0) positive++;
      if (optimum > 0 && bound === optimum) tight++;
    });
    expect(positive).toBeGreaterThan(200);
    expect(tight / positive).toBeGreaterThan(0.5);
  });
});

describe('the whole scheduler', () => {
  const run = (problem: ScheduleProblem, mode: ScheduleMode, S: number, control: Control = uncontrolled) => {
    const result = scheduleAndVerify(technique, problem, { mode, S, parameters, mip, control });
    if (!result.ok) throw new Error(result.error.map((one) => one.message).join('; '));
    return result.value;
  };

  it('brackets the optimum and is right whenever it says optimal', () => {
    let proven = 0;
    forRandom(150, 6, ({ problem, mode, S }) => {
      const optimum = exhaustiveOptimum(problem, mode, S)!;
      const answer = run(problem, mode, S);
      expect(answer.bound).toBeLessThanOrEqual(optimum);
      expect(answer.objective).toBeGreaterThanOrEqual(optimum);
      if (answer.optimal) proven++;
    });
    expect(proven).toBeGreaterThan(300);
  });

  it('stays exact where sizes are megabytes without a common divisor', () => {
    forRandom(100, 6, ({ problem: even, mode, rng }) => {
      const problem = unevenProblem(even, rng);
      const S = tightScratchpad(problem, mode, rng.below);
      const optimum = exhaustiveOptimum(problem, mode, S)!;
      const answer = run(problem, mode, S);
      expect(answer.bound).toBeLessThanOrEqual(optimum);
      expect(answer.objective).toBeGreaterThanOrEqual(optimum);
      const file = exhaustiveOptimum(problem, mode, S, orderByName(problem, 'file'));
      expect(answer.baselines['fileOrder+optimalResidency']).toBe(file);
    });
  });

  it('costs nothing at the peak of its order, and scales with the sizes', () => {
    forRandom(60, 7, ({ problem, mode, S }) => {
      const answer = run(problem, mode, S);
      const peak = peakOfOrder(problem, mode, answer.order);
      expect(run(problem, mode, Math.max(S, peak)).objective).toBe(0);
      const scaled = run(scaledProblem(problem, 64), mode, S * 64);
      expect([scaled.objective, scaled.bound, scaled.compulsory]).toEqual(
        [answer.objective, answer.bound, answer.compulsory].map((bytes) => bytes * 64),
      );
    });
  });

  it('bounds what a smaller scratchpad costs, and in stream mode what strict mode costs', () => {
    forRandom(100, 6, ({ problem, mode, S }) => {
      const at = (capacity: number, which: ScheduleMode) => exhaustiveOptimum(problem, which, capacity)!;
      expect(lowerBound(problem, { mode, S: S + 3, granule: 1 }, mip, budget)).toBeLessThanOrEqual(at(S, mode));
      expect(lowerBound(problem, { mode: 'stream', S, granule: 1 }, mip, budget)).toBeLessThanOrEqual(at(S, mode));
    });
  });

  it('gives the same answer twice, byte for byte', () => {
    forRandom(20, 7, ({ problem, mode, S }) => {
      expect(run(problem, mode, S)).toEqual(run(problem, mode, S));
    });
  });

  it('answers, verified, when stopped at any moment, and without a solver', () => {
    forRandom(60, 7, ({ problem, mode, S, rng }) => {
      let left = rng.below(12);
      const answer = run(problem, mode, S, { report: () => {}, cancelled: () => left-- <= 0 });
      expect(answer.objective).toBeGreaterThanOrEqual(exhaustiveOptimum(problem, mode, S)!);
      const plain = scheduleAndVerify(technique, problem, {
        mode,
        S,
        parameters,
        mip: withoutMip,
        control: uncontrolled,
      });
      expect(plain.ok).toBe(true);
    });
  });

  it('lays out in whole granules, within the scratchpad, traffic in true bytes', () => {
    forRandom(60, 7, ({ problem, mode, S }) => {
      const granule = 8;
      const least = largestWorkingSet(problem, mode, granule)!.bytes;
      const capacity = Math.max(S, least) + 5;
      const aligned = { ...parameters, alignment: granule };
      const result = scheduleAndVerify(technique, problem, {
        mode,
        S: capacity,
        parameters: aligned,
        mip,
        control: uncontrolled,
      });
      if (!result.ok) throw new Error(result.error.map((one) => one.message).join('; '));
      expect(result.value.intervals.every(({ addr }) => addr % granule === 0)).toBe(true);
      expect(result.value.objective).toBeGreaterThanOrEqual(exhaustiveOptimum(problem, mode, capacity)!);
    });
  });

  it('packs even without a packing budget, and shows what that cost', () => {
    let gaps = 0;
    forRandom(150, 9, ({ problem, mode, S }) => {
      const result = scheduleAndVerify(technique, problem, {
        mode,
        S,
        parameters: { ...parameters, packNodeLimit: 0 },
        mip,
        control: uncontrolled,
      });
      if (!result.ok) throw new Error(result.error.map((one) => one.message).join('; '));
      if (result.value.proof.includes('allocation gap')) gaps++;
    });
    expect(gaps).toBeGreaterThan(0);
  });
});
