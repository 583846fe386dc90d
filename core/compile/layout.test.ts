/** Layouts against index arithmetic spelled out element by element. */
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { product } from '#core/catalog/operators/common.ts';
import { axisOrder, composed, inverse, isEqual, type Layout, mappedBy, ROW_MAJOR, transposition } from './layout.ts';

const pick = <T>(rng: Rng, list: readonly T[]): T => list[rng.below(list.length)]!;

function shuffled(rng: Rng, extents: number): number[] {
  const rest = [...Array(extents).keys()];
  return rest.map(() => -1).map(() => rest.splice(rng.below(rest.length), 1)[0]!);
}

/** Element of the operand that each element of the transposition is. */
function bruteForce(shape: readonly number[], permutation: readonly number[]): number[] {
  const digits = (element: number, extents: readonly number[]) =>
    extents.map((extent, axis) => Math.floor(element / product(extents, axis + 1)) % extent);
  const result = permutation.map((axis) => shape[axis]!);
  return Array.from({ length: product(shape) }, (_, element) => {
    const at = digits(element, result);
    return shape.reduce((sum, extent, axis) => sum * extent + at[permutation.indexOf(axis)]!, 0);
  });
}

const elements = (layout: Layout, count: number): number[] =>
  layout.length === 0 ? [...Array(count).keys()] : [...mappedBy(layout)];

/** Shapes of 24 or 36 elements, so that reshapes between them tear axes. */
const SHAPES = {
  24: [[24], [2, 12], [4, 6], [6, 4], [2, 3, 4], [4, 3, 2], [1, 8, 3], [2, 2, 2, 3]],
  36: [[36], [6, 6], [4, 9], [9, 4], [2, 3, 6], [3, 2, 6], [2, 2, 3, 3], [3, 1, 12]],
} as const;

function randomLayout(rng: Rng, count: 24 | 36): { layout: Layout; brute: number[] } {
  const shape = pick<readonly number[]>(rng, SHAPES[count]);
  const permutation = shuffled(rng, shape.length);
  return { layout: transposition(shape, permutation), brute: bruteForce(shape, permutation) };
}

describe('layouts', () => {
  it('of transpositions, their inverses and compositions equal brute force; equal layouts look equal', () => {
    let refused = 0;
    for (let seed = 0; seed < 4000; seed++) {
      const rng = createRng(seed);
      const count = pick(rng, [24, 36] as const);
      const [a, b] = [randomLayout(rng, count), randomLayout(rng, count)];
      expect(elements(a.layout, count), `${seed}`).toEqual(a.brute);
      const back = elements(inverse(a.layout), count);
      expect(
        a.brute.map((element) => back[element]),
        `${seed}`,
      ).toEqual([...Array(count).keys()]);
      expect(composed(a.layout, inverse(a.layout)), `${seed}`).toEqual(ROW_MAJOR);
      expect(inverse(inverse(a.layout)), `${seed}`).toEqual(a.layout);
      expect(isEqual(a.layout, b.layout), `${seed}`).toBe(a.brute.join() === b.brute.join());
      const both = composed(a.layout, b.layout);
      if (both) expect(elements(both, count), `${seed}`).toEqual(b.brute.map((element) => a.brute[element]));
      else refused++;
      expect(composed(inverse(b.layout), inverse(a.layout)) === null, `${seed}`).toBe(both === null);
    }
    // Axes torn at places that do not divide one another cannot be written as axes.
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(2500);
  });

  it('tell in which order whole axes lie', () => {
    expect(axisOrder(ROW_MAJOR, [2, 1, 3])).toEqual([0, 2]);
    expect(axisOrder(transposition([2, 3, 4], [2, 0, 1]), [2, 3, 4])).toEqual([2, 0, 1]);
    // 6 × 4 turned: the same memory as 2 × 3 × 4 turned, but half of an axis of 12 × 2.
    expect(axisOrder(transposition([6, 4], [1, 0]), [2, 3, 4])).toEqual([2, 0, 1]);
    expect(axisOrder(transposition([6, 4], [1, 0]), [12, 2])).toBeNull();
  });
});
