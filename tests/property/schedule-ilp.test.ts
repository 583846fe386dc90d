/**
 * The integer programme over order and residency against exhaustive search, and against the downset search, with which
 * it shares no model: what either got wrong would show as a difference.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { largestWorkingSet } from '#core/schedule/working-set.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { technique as ilp } from '#core/techniques/scheduler/free-order-ilp/technique.ts';
import { technique as portfolio } from '#core/techniques/scheduler/portfolio/technique.ts';
import { cases } from '../support/cases.ts';
import { networkByName } from '../support/networks/index.ts';
import { exhaustiveOptimum } from './schedule-oracle.ts';
import { forTrials, solved } from './schedule-trials.ts';

/** Graphs a mode; 200 in all in an `npm test`, for programmes take tens of milliseconds where the search takes microseconds. */
const GRAPHS = cases(40, 667);

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

const enough = { nodeLimit: 1_000_000 };

describe('order and residency by integer programming', () => {
  it(`P-15 proves the optimum of exhaustive search on ${GRAPHS} random graphs of at most 7 operators in each of 3 modes`, () => {
    let spilling = 0;
    forTrials(
      GRAPHS,
      ({ problem, mode, S }) => {
        const optimum = exhaustiveOptimum(problem, mode, S)!;
        const { objective, bound, optimal, proof } = solved(ilp, problem, { mode, S }, { mip, parameters: enough });
        expect(bound).toBe(optimum);
        // The few for whose optimum there are no addresses say so.
        if (objective !== optimum) expect(proof).toContain('allocation gap');
        else expect(optimal).toBe(true);
        if (optimum > 0) spilling++;
      },
      { first: 9_000_000, operators: [2, 7] },
    );
    expect(spilling).toBeGreaterThan(GRAPHS / 2);
  });

  it(`proves what the search proves on ${GRAPHS} random graphs in each mode`, () => {
    forTrials(
      GRAPHS,
      ({ problem, mode, S }) => {
        const one = solved(ilp, problem, { mode, S }, { mip, parameters: enough });
        const other = solved(portfolio, problem, { mode, S }, { mip });
        expect(one.bound).toBe(other.bound);
        for (const { objective, proof } of [one, other])
          if (objective !== one.bound) expect(proof).toContain('allocation gap');
      },
      { first: 9_500_000, operators: [5, 8] },
    );
  });

  it('proves the published optimum of ShuffleNet in the least scratchpad', () => {
    const problem = networkByName('ShuffleNet').build();
    const S = largestWorkingSet(problem, 'strict')!.bytes;
    const { objective, optimal, baselines } = solved(ilp, problem, { mode: 'strict', S }, { mip });
    expect([objective, optimal]).toEqual([37_632, true]);
    expect(baselines['fileOrder+belady']).toBeGreaterThanOrEqual(objective);
  });
});
