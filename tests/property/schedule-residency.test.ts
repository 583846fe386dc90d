/** Residency under a given order, eviction policies and the bound over every order, against exhaustive search. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { evict } from '#core/schedule/eviction.ts';
import { solveGapModel } from '#core/schedule/gap-model.ts';
import { gapObjective, gapView, occupancy } from '#core/schedule/gaps.ts';
import { lowerBound } from '#core/schedule/lower-bound.ts';
import { orderByName } from '#core/schedule/orders.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { type MipSolver, withoutMip } from '#core/solver/mip.ts';
import { technique } from '#core/techniques/scheduler/given-order/technique.ts';
import { cases } from '../support/cases.ts';
import { randomOrder } from './schedule-graphs.ts';
import { exhaustiveOptimum } from './schedule-oracle.ts';
import { forTrials, solved } from './schedule-trials.ts';

const GRAPHS = cases(60, 1000);

// Many small searches: minutes where the machine is busy.
vi.setConfig({ testTimeout: 600_000 });

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

const budget = { nodeLimit: 1_000, control: uncontrolled };

describe('residency under a given order', () => {
  it(`is the exhaustive optimum on ${GRAPHS} random graphs in each mode, never beaten by eviction`, () => {
    let spilling = 0;
    forTrials(GRAPHS, ({ problem, mode, S, rng }) => {
      const order = randomOrder(problem, rng);
      const optimum = exhaustiveOptimum(problem, mode, S, order)!;
      const view = gapView(problem, { mode, S, granule: 1 }, order);
      const solution = solveGapModel(view, mip, { ...budget, start: evict(view, 'belady') });
      expect([solution.objective, solution.bound]).toEqual([optimum, optimum]);
      expect(occupancy(view, solution.kept).every((load) => load <= S)).toBe(true);
      for (const policy of ['lru', 'belady'] as const) {
        const kept = evict(view, policy);
        expect(occupancy(view, kept).every((load) => load <= S)).toBe(true);
        expect(gapObjective(view, kept)).toBeGreaterThanOrEqual(optimum);
      }
      if (optimum > 0) spilling++;
    });
    expect(spilling).toBeGreaterThan(GRAPHS);
  });
});

describe('the bound over every order', () => {
  it(`never exceeds the optimum on ${GRAPHS} random graphs in each mode, with less room or fewer rights neither`, () => {
    let tight = 0;
    let positive = 0;
    forTrials(
      GRAPHS,
      ({ problem, mode, S }) => {
        const optimum = exhaustiveOptimum(problem, mode, S)!;
        const bound = lowerBound(problem, { mode, S, granule: 1 }, mip, budget);
        expect(bound).toBeLessThanOrEqual(optimum);
        expect(lowerBound(problem, { mode, S: S + 3, granule: 1 }, mip, budget)).toBeLessThanOrEqual(optimum);
        expect(lowerBound(problem, { mode: 'stream', S, granule: 1 }, mip, budget)).toBeLessThanOrEqual(optimum);
        if (optimum > 0) positive++;
        if (optimum > 0 && bound === optimum) tight++;
      },
      { first: 4_000_000 },
    );
    expect(tight / positive).toBeGreaterThan(0.4);
  });
});

describe('optimal residency under given orders', () => {
  it('knows the optimum of the file order', () => {
    forTrials(
      GRAPHS / 2,
      ({ problem, mode, S }) => {
        const file = exhaustiveOptimum(problem, mode, S, orderByName(problem, 'file'));
        expect(solved(technique, problem, { mode, S }, { mip }).baselines['fileOrder+optimalResidency']).toBe(file);
      },
      { first: 5_000_000 },
    );
  });

  it('answers without an integer programming solver', () => {
    const parameters = defaultParameters(technique.manifest.parameters);
    forTrials(
      GRAPHS / 2,
      ({ problem, mode, S }) => {
        const options = { mode, S, parameters, mip: withoutMip, control: uncontrolled };
        expect(scheduleAndVerify(technique, problem, options).ok).toBe(true);
      },
      { first: 6_000_000 },
    );
  });

  it('packs even without a packing budget, and shows what that cost', () => {
    let gaps = 0;
    forTrials(
      GRAPHS / 2,
      ({ problem, mode, S }) => {
        const { proof } = solved(technique, problem, { mode, S }, { mip, parameters: { packNodeLimit: 0 } });
        if (proof.includes('allocation gap')) gaps++;
      },
      { first: 7_000_000 },
    );
    expect(gaps).toBeGreaterThan(0);
  });
});
