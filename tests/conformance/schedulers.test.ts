/** Every registered scheduler on random problems: an answer that passes verification, the same each time. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { forTrials, SCHEDULERS, solved } from '../property/schedule-trials.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});
const GRAPHS = 3;

describe.each(SCHEDULERS.map((scheduler) => ({ id: scheduler.manifest.id, scheduler })))('$id', ({ scheduler }) => {
  it(`conforms on ${GRAPHS} graphs in every mode`, () => {
    forTrials(
      GRAPHS,
      ({ problem, mode, S }) => {
        const answer = solved(scheduler, problem, { mode, S }, { mip });
        expect(answer.bound).toBeLessThanOrEqual(answer.objective);
        if (answer.optimal) expect(answer.bound).toBe(answer.objective);
        expect(solved(scheduler, problem, { mode, S }, { mip })).toEqual(answer);
      },
      { first: 9_000, operators: [4, 7] },
    );
  });

  it('answers when it is cancelled at once', () => {
    const control = { report: () => {}, cancelled: () => true };
    forTrials(1, ({ problem, mode, S }) => void solved(scheduler, problem, { mode, S }, { mip, control }), {
      first: 9_100,
      operators: [4, 7],
    });
  });
});
