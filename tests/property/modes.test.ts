/** Downsets, set-partition programme and exhaustive search must agree, on every kind of small problem. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { searchPartitions } from '#core/stages/search/partitions.ts';
import { costOf, inOrder, type StageProblem } from '#core/stages/search/stage-problem.ts';
import { cases } from '../support/cases.ts';
import { everyPartition, randomStageProblem, type Shape } from './modes-oracle.ts';

const GRAPHS = cases(50, 3000);

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

function forProblems(
  count: number,
  seed: number,
  shape: Partial<Shape>,
  most: number,
  check: (problem: StageProblem, trial: number) => void,
): void {
  for (let trial = 0; trial < count; trial++) {
    const rng = createRng(seed + trial);
    const tasks = 1 + rng.below(most);
    const drawn = {
      tasks,
      density: rng.below(80),
      barriers: rng.below(60),
      hasObjective: rng.below(3) === 0,
      hasMemory: false,
      hasTwins: false,
      ...shape,
    };
    check(randomStageProblem(rng, drawn), trial);
  }
}

describe('mode search', () => {
  it(`downsets return the four best partitions of ${GRAPHS} random problems`, () => {
    forProblems(GRAPHS, 1_000, {}, 6, (problem, trial) => {
      const every = everyPartition(problem);
      const found = searchPartitions(problem, { count: 4, method: 'downsets' });
      expect(found.isProven, `trial ${trial}`).toBe(true);
      expect(
        found.partitions.map(({ cost }) => cost),
        `trial ${trial}`,
      ).toEqual(every.slice(0, 4));
      for (const { stages, cost } of found.partitions) {
        expect(inOrder(problem, stages)).not.toBeNull();
        expect(costOf(problem, stages)).toEqual(cost);
      }
    });
  });

  it(`tasks that may change places do not hide an optimum, ${GRAPHS} problems`, () => {
    forProblems(GRAPHS, 20_000, { hasTwins: true, density: 20 }, 6, (problem, trial) => {
      const found = searchPartitions(problem, { count: 1, method: 'downsets' });
      expect(found.partitions[0]?.cost, `trial ${trial}`).toEqual(everyPartition(problem)[0]);
    });
  });

  it(`memory between stages is decided exactly, ${GRAPHS} problems`, () => {
    let dearer = 0;
    forProblems(GRAPHS, 40_000, { hasMemory: true }, 5, (problem, trial) => {
      const optimum = everyPartition(problem)[0];
      const found = searchPartitions(problem, { count: 3, method: 'downsets' });
      if (found.isProven) expect(found.partitions[0]?.cost, `trial ${trial}`).toEqual(optimum);
      else expect(found.bound).toBeLessThanOrEqual(optimum?.primary ?? Infinity);
      expect(found.isProven, `trial ${trial}`).toBe(true);
      const { complete: _, ...without } = problem;
      if ((searchPartitions(without, { count: 1 }).partitions[0]?.cost.cycles ?? 0) < (optimum?.cycles ?? 0)) dearer++;
    });
    expect(dearer).toBeGreaterThan(GRAPHS / 5);
  });

  it('the programme finds what the downsets find, memory or none', () => {
    for (const hasMemory of [false, true])
      forProblems(
        Math.ceil(GRAPHS / (hasMemory ? 30 : 6)),
        60_000,
        { hasMemory },
        hasMemory ? 6 : 7,
        (problem, trial) => {
          const one = searchPartitions(problem, { count: 1, method: 'downsets' });
          const other = searchPartitions(problem, { count: 1, method: 'programme', mip });
          const what = `trial ${trial}, memory ${hasMemory}`;
          expect(one.isProven, what).toBe(true);
          expect(other.bound, what).toBeLessThanOrEqual((one.partitions[0]?.cost.primary ?? Infinity) * (1 + 1e-9));
          if (one.partitions.length === 0) expect(other.partitions, what).toEqual([]);
          else if (other.isProven) expect(other.partitions[0]?.cost, what).toEqual(one.partitions[0]?.cost);
          if (!hasMemory) expect(other.isProven, what).toBe(one.partitions.length > 0);
        },
      );
  });

  it('a budget leaves a bound below the optimum and a design above it', () => {
    forProblems(100, 80_000, { density: 15 }, 7, (problem, trial) => {
      const optimum = everyPartition({ ...problem })[0];
      for (const priceLimit of [1, 5, 20]) {
        const found = searchPartitions(problem, { count: 1, method: 'downsets', priceLimit });
        expect(found.bound, `trial ${trial}`).toBeLessThanOrEqual(optimum?.primary ?? Infinity);
        if (found.isProven) expect(found.partitions[0]?.cost).toEqual(optimum);
      }
    });
  });
});
