/** Random small nests: products, convolutions with strides and dilations, and other affine data spaces. */
import { createRng, type Rng } from '#core/base/rng.ts';
import type { LevelMapping, Mapping } from '#core/mapping/mapping.ts';
import { type MemoryTree, storageLevel } from '#core/mapping/memory-tree.ts';
import { convolution, gemm, type Workload } from '#core/mapping/workload.ts';

export interface Trial {
  readonly tree: MemoryTree;
  readonly workload: Workload;
  readonly mapping: Mapping;
  readonly rng: Rng;
}

/** Seeded, with fan-outs in at most `fanOuts` levels; a failure names the seed and shows the nest. */
export function forNests(count: number, mayBypass: boolean, fanOuts: number, body: (trial: Trial) => void): void {
  for (let seed = 0; seed < count; seed++) {
    const rng = createRng(seed);
    const workload = randomWorkload(rng);
    const depth = 1 + rng.below(3);
    const fans = Array.from({ length: depth }, () => 1);
    for (let times = fanOuts; times > 0; times--) fans[rng.below(depth)] = [1, 4, 8][rng.below(3)]!;
    const tree = treeOf(fans, 2);
    const mapping = randomMapping(workload, fans, mayBypass, rng);
    try {
      body({ tree, workload, mapping, rng });
    } catch (error) {
      throw new Error(`seed ${seed}: ${JSON.stringify({ workload, mapping })}`, { cause: error });
    }
  }
}

/** Levels without bounds and with the given fan-outs, innermost first; `height` of every fan-out lies along Y. */
export function treeOf(fans: readonly number[], height: number): MemoryTree {
  let [x, y] = [1, 1];
  const levels = fans.toReversed().map((fan, back) => {
    const level = storageLevel({
      name: `level ${fans.length - 1 - back}`,
      instances: x * y,
      meshX: x,
      meshY: y,
      energy: { read: 2 + back, fill: 3 + back, update: 4 + back },
      isDram: back === 0,
    });
    if (fan > 1) [x, y] = [(x * fan) / height, y * height];
    return level;
  });
  const compute = { name: 'mac', instances: x * y, meshX: x, meshY: y, wordBits: 16, energy: 1 };
  return { compute, levels: levels.reverse() };
}

export function randomWorkload(rng: Rng): Workload {
  const size = (most: number): number => 1 + rng.below(most);
  switch (rng.below(3)) {
    case 0:
      return gemm({ M: size(6), N: size(6), K: size(6) });
    case 1:
      return convolution({
        R: size(3),
        S: size(2),
        P: size(6),
        Q: size(4),
        C: size(3),
        K: size(3),
        N: 1,
        strideW: size(2),
        strideH: size(3),
        dilationW: size(2),
        dilationH: 1,
      });
    default: {
      const dimensions = ['a', 'b', 'c', 'd'].map((name) => ({ name, size: size(5) }));
      const ranks = Array.from({ length: 1 + rng.below(2) }, () =>
        dimensions.flatMap((_, dimension) =>
          rng.below(2) === 0 ? [{ dimension, coefficient: 1 + rng.below(3) }] : [],
        ),
      );
      return {
        name: 'affine',
        dimensions,
        dataSpaces: [
          { name: 'in', isReadWrite: false, projection: ranks },
          { name: 'out', isReadWrite: true, projection: [[{ dimension: rng.below(4), coefficient: 1 }]] },
        ],
      };
    }
  }
}

/** Factors over the levels' temporal loops and the fan-outs that there are, random orders, everything kept or not. */
export function randomMapping(workload: Workload, fans: readonly number[], mayBypass: boolean, rng: Rng): Mapping {
  const { dimensions, dataSpaces } = workload;
  const temporal = fans.map(() => dimensions.map(() => 1));
  const spatial = fans.map(() => dimensions.map(() => 1));
  const room = fans.map((fan) => (fan > 1 ? { x: fan / 2, y: 2 } : { x: 1, y: 1 }));
  const splits = fans.map(() => rng.below(dimensions.length + 1));
  const spatialOrders = fans.map(() => shuffled(dimensions.length, rng));
  for (const [dimension, { size }] of dimensions.entries())
    for (const prime of primes(size)) {
      const level = rng.below(fans.length);
      const axis = spatialOrders[level]!.indexOf(dimension) < splits[level]! ? 'x' : 'y';
      if (rng.below(2) === 0 && room[level]![axis] >= prime) {
        room[level]![axis] = Math.floor(room[level]![axis] / prime);
        spatial[level]![dimension]! *= prime;
      } else temporal[level]![dimension]! *= prime;
    }
  const levels = fans.map((_, level): LevelMapping => {
    return {
      temporal: temporal[level]!,
      temporalOrder: shuffled(dimensions.length, rng),
      spatial: spatial[level]!,
      spatialOrder: spatialOrders[level]!,
      split: splits[level]!,
      keep: dataSpaces.map(() => !mayBypass || level === fans.length - 1 || rng.below(3) > 0),
    };
  });
  return { levels };
}

function shuffled(length: number, rng: Rng): readonly number[] {
  const order = Array.from({ length }, (_, index) => index);
  for (let index = length - 1; index > 0; index--) {
    const other = rng.below(index + 1);
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order;
}

function primes(size: number): readonly number[] {
  const result: number[] = [];
  for (let rest = size, divisor = 2; rest > 1; divisor++)
    for (; rest % divisor === 0; rest /= divisor) result.push(divisor);
  return result;
}
