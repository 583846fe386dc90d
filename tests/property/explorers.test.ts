/** What each explorer promises beyond the interface: factorial, stratified, even; NSGA-II near fronts found by looking at everything. */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { dominates } from '#core/study/pareto.ts';
import { choiceKey } from '#core/technique/explorer.ts';
import { technique as grid } from '#core/techniques/explorer/grid/technique.ts';
import { technique as latinHypercube } from '#core/techniques/explorer/latin-hypercube/technique.ts';
import { crowdingOf, sortFronts } from '#core/techniques/explorer/nsga-ii/ranking.ts';
import { technique as nsga2 } from '#core/techniques/explorer/nsga-ii/technique.ts';
import { technique as random } from '#core/techniques/explorer/random/technique.ts';
import { cases } from '../support/cases.ts';
import { everyChoice, hypervolume, type Judge, play } from '../support/explore.ts';

const nothing: Judge = () => null;
const SEEDS = cases(5, 50);

describe('grid', () => {
  it('is every combination once, the last axis fastest', () => {
    const { explored } = play(grid, { levels: [2, 1, 3] }, {}, nothing);
    expect(explored.map(({ choice }) => choiceKey(choice))).toEqual([
      '0.0.0',
      '0.0.1',
      '0.0.2',
      '1.0.0',
      '1.0.1',
      '1.0.2',
    ]);
  });
});

describe('random', () => {
  it('draws points evenly', () => {
    // χ² of 9 cells with 8 degrees of freedom: 26.1 at 0.1 %.
    const counts = new Array<number>(9).fill(0);
    const draws = 2000;
    for (let seed = 0; seed < draws; seed++)
      for (const points of [1, 8]) {
        const { explored } = play(random, { levels: [3, 3] }, { points, seed }, nothing);
        const [x = 0, y = 0] = explored[points === 1 ? 0 : 7]!.choice;
        counts[3 * x + y]!++;
      }
    const expected = (2 * draws) / 9;
    expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(26.1);
  });
});

describe('Latin hypercube', () => {
  it('takes every value of every axis equally often where points are a multiple of them', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const levels = [4, 6, 12, 3, 8, 2];
      const { explored } = play(latinHypercube, { levels }, { points: 24, seed }, nothing);
      expect(explored).toHaveLength(24);
      levels.forEach((count, axis) => {
        for (let level = 0; level < count; level++)
          expect(explored.filter(({ choice }) => choice[axis] === level)).toHaveLength(24 / count);
      });
    }
  });

  it('takes one value of each stratum where there are more values than points', () => {
    const { explored } = play(latinHypercube, { levels: [100, 100] }, { points: 10 }, nothing);
    for (const axis of [0, 1])
      expect(explored.map(({ choice }) => Math.floor(choice[axis]! / 10)).sort()).toEqual([
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
      ]);
  });
});

/** ZDT problems (Zitzler, Deb and Thiele 2000) with their variables at `levels` values each. */
function zdt(levels: readonly number[], shape: (f1: number, g: number) => number): Judge {
  return (choice) => {
    const x = choice.map((value, axis) => value / (levels[axis]! - 1));
    const [f1 = 0, ...rest] = x;
    const g = 1 + (9 * rest.reduce((sum, value) => sum + value, 0)) / rest.length;
    return [f1, g * shape(f1, g)];
  };
}

/** Bi-objective knapsack: two profits to be as large as possible, failed beyond half of the weight. */
function knapsack(items: number, seed: number): Judge {
  const rng = createRng(seed);
  const rows = Array.from({ length: items }, () => [10 + rng.below(90), 10 + rng.below(90), 10 + rng.below(90)]);
  const half = rows.reduce((sum, [weight]) => sum + weight!, 0) / 2;
  return (choice) => {
    const [weight, a, b] = [0, 1, 2].map((column) =>
      choice.reduce((sum, taken, item) => sum + taken * rows[item]![column]!, 0),
    );
    return weight! > half ? null : [-a!, -b!];
  };
}

const ZDT_LEVELS = [24, 6, 6, 6, 6];
const PROBLEMS = [
  { name: 'ZDT1', levels: ZDT_LEVELS, judge: zdt(ZDT_LEVELS, (f1, g) => 1 - Math.sqrt(f1 / g)), worst: [1.1, 10] },
  { name: 'ZDT2', levels: ZDT_LEVELS, judge: zdt(ZDT_LEVELS, (f1, g) => 1 - (f1 / g) ** 2), worst: [1.1, 10] },
  { name: 'knapsack of 14', levels: new Array<number>(14).fill(2), judge: knapsack(14, 3), worst: [0, 0] },
] as const;

describe('NSGA-II', () => {
  it.each(PROBLEMS)('$name: most of the front with a twentieth of the points', ({ levels, judge, worst }) => {
    const space = { levels };
    const corner = [worst[0], worst[1]] as const;
    const every = everyChoice(space);
    const best = hypervolume(
      every.flatMap((choice) => [judge(choice) ?? []].filter(({ length }) => length > 0)),
      corner,
    );
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { explored } = play(nsga2, space, { population: 40, generations: 20, seed }, judge);
      expect(explored.length).toBe(Math.min(800, every.length));
      const found = hypervolume(
        explored.flatMap(({ objectives }) => (objectives ? [objectives] : [])),
        corner,
      );
      expect(found).toBeLessThanOrEqual(best * (1 + 1e-12));
      expect(found / best, `seed ${seed}`).toBeGreaterThan(0.97);
      const blind = play(random, space, { points: 800, seed }, judge).explored;
      expect(found, `seed ${seed}: no better than random points`).toBeGreaterThan(
        hypervolume(
          blind.flatMap(({ objectives }) => (objectives ? [objectives] : [])),
          corner,
        ),
      );
    }
  });

  it('sorts fronts as their definition says', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const rng = createRng(seed);
      const population = Array.from({ length: 60 }, () => ({
        choice: [0],
        objectives: rng.below(8) === 0 ? null : [rng.below(6), rng.below(6), rng.below(6)],
      }));
      const above = (a: (typeof population)[number], b: (typeof population)[number]) =>
        a.objectives !== null && (b.objectives === null || dominates(a.objectives, b.objectives));
      // A front is what is left undominated once those before it are taken away.
      let left = population.map((_, index) => index);
      for (const front of sortFronts(population)) {
        const undominated = left.filter((one) => !left.some((other) => above(population[other]!, population[one]!)));
        expect([...front].sort((a, b) => a - b)).toEqual(undominated);
        left = left.filter((index) => !front.includes(index));
      }
      expect(left).toEqual([]);
    }
  });

  it('measures crowding by the neighbours of each objective', () => {
    const of = (...objectives: number[]) => ({ choice: [0], objectives });
    // Ranges 4 and 4: the second has neighbours (0, 4) and (3, 1), the third (1, 2) and (4, 0).
    expect(crowdingOf([of(0, 4), of(1, 2), of(3, 1), of(4, 0)])).toEqual([
      Number.POSITIVE_INFINITY,
      3 / 4 + 3 / 4,
      3 / 4 + 2 / 4,
      Number.POSITIVE_INFINITY,
    ]);
    expect(crowdingOf([of(1, 1), of(1, 1), of(1, 1)])[1]).toBe(0);
  });
});
