/**
 * Every registered scheduler against exhaustive search on random small graphs. A schedule with addresses can cost more
 * than the optimum without; such a case must say so.
 */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { cases } from '../support/cases.ts';
import { unevenProblem } from './schedule-graphs.ts';
import { exhaustiveOptimum } from './schedule-oracle.ts';
import { forTrials, isExact, SCHEDULERS, solved, type Trial, tightScratchpad } from './schedule-trials.ts';

const GRAPHS = cases(300, 10_000);

// Many small searches: minutes where the machine is busy.
vi.setConfig({ testTimeout: 600_000 });

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

describe.each(SCHEDULERS.map((scheduler) => [scheduler.manifest.id, scheduler] as const))('%s', (id, scheduler) => {
  // Integer programmes take a tenth of a second where the search takes milliseconds.
  const graphs = id === 'scheduler/portfolio' ? GRAPHS : cases(25, 667);

  /** The answer's bracket holds the optimum; @returns true where it is proven. */
  function compare({ problem, mode, S }: Trial): boolean {
    const optimum = exhaustiveOptimum(problem, mode, S)!;
    const { objective, bound, optimal, proof } = solved(scheduler, problem, { mode, S }, { mip });
    expect(objective).toBeGreaterThanOrEqual(optimum);
    if (objective === optimum) expect(bound).toBeLessThanOrEqual(optimum);
    else if (optimal || bound > optimum) expect(proof).toMatch(/address|pack/);
    if (isExact(scheduler) && objective !== optimum) expect(proof).toMatch(/allocation gap|address|pack/);
    return optimal && objective === optimum;
  }

  it(`${isExact(scheduler) ? 'proves' : 'brackets'} the optimum of ${graphs} random graphs in each mode`, () => {
    let proven = 0;
    let total = 0;
    forTrials(graphs, (trial) => {
      total++;
      if (compare(trial)) proven++;
    });
    // All but the few for whose optimum there are no addresses.
    expect(proven / total).toBeGreaterThan(isExact(scheduler) ? 0.995 : 0.5);
  });

  it('is right where sizes are megabytes without a common divisor', () => {
    forTrials(
      graphs / 5,
      (trial) => {
        const problem = unevenProblem(trial.problem, trial.rng);
        compare({ ...trial, problem, S: tightScratchpad(problem, trial.mode, trial.rng) });
      },
      { first: 3_000_000 },
    );
  });
});
