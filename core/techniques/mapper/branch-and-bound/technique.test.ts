import { describe, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import type { ReuseRule } from '#core/mapping/accesses.ts';
import { evaluate } from '#core/mapping/evaluate.ts';
import { MAPPING_OBJECTIVES, type MapRequest, objectiveValue } from '#core/mapping/mapper.ts';
import { type MemoryTree, storageLevel } from '#core/mapping/memory-tree.ts';
import { FITS, NestKernel } from '#core/mapping/nest.ts';
import { convolution, gemm, type Workload } from '#core/mapping/workload.ts';
import { divisors, spreads } from './factors.ts';
import { technique } from './technique.ts';

function tree(capacities: readonly number[], fans: readonly number[]): MemoryTree {
  let [x, y] = [1, 1];
  const levels = [...capacities, null].toReversed().map((capacityWords, back) => {
    const index = capacities.length - back;
    const cost = [3, 11, 97][index]!;
    const level = storageLevel({
      name: `L${index}`,
      instances: x * y,
      meshX: x,
      meshY: y,
      capacityWords,
      readBandwidth: index === 1 ? 1.5 : null,
      energy: { read: cost, fill: cost + 1, update: cost + 2 },
      isDram: back === 0,
    });
    const fan = fans[index] ?? 1;
    if (fan >= 4) y *= 2;
    x *= fan >= 4 ? fan / 2 : fan;
    return level;
  });
  return {
    compute: { name: 'mac', instances: x * y, meshX: x, meshY: y, wordBits: 16, energy: 1 },
    levels: levels.reverse(),
  };
}

function permutations(list: readonly number[]): readonly (readonly number[])[] {
  if (list.length === 0) return [[]];
  return list.flatMap((first, index) => permutations(list.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}

/** The least value over every factor, order, spatial placement and bypass; nothing is left out. */
function exhaustive(request: MapRequest): number {
  const { tree: memories, workload, objective, reuse, mayBypass } = request;
  const kernel = new NestKernel(memories, workload, reuse);
  const [levels, dimensions, spaces] = [kernel.levels, kernel.dimensions, kernel.spaces];
  const orders = permutations(workload.dimensions.map((_, index) => index));
  const free = mayBypass ? (levels - 1) * spaces : 0;
  let best = Infinity;
  const count = (): void => {
    for (let mask = 0; mask < 2 ** free; mask++) {
      for (let at = 0; at < free; at++) kernel.keep[at] = mask & (1 << at) ? 0 : 1;
      const arrange = (level: number): void => {
        if (level < levels) {
          for (const order of orders) {
            kernel.temporalOrder.set(order, level * dimensions);
            arrange(level + 1);
          }
          return;
        }
        if (kernel.run() !== FITS) return;
        const { cycles, energyTotal, offChipBytes } = kernel;
        const value = { cycles, energy: energyTotal, edp: energyTotal * cycles, 'off-chip': offChipBytes }[objective];
        best = Math.min(best, value);
      };
      arrange(0);
    }
  };
  const split = (level: number, sizes: readonly number[]): void => {
    const child = level === 0 ? memories.compute : memories.levels[level - 1]!;
    const own = memories.levels[level]!;
    const base = level * dimensions;
    for (const spread of spreads(sizes, child.meshX / own.meshX, child.meshY / own.meshY)) {
      kernel.spatial.set(spread.factors, base);
      kernel.spatialOrder.set(spread.order, base);
      kernel.split[level] = spread.split;
      const left = sizes.map((size, index) => size / spread.factors[index]!);
      const temporal = (dimension: number): void => {
        if (dimension < dimensions) {
          for (const factor of level === 0 ? [left[dimension]!] : divisors(left[dimension]!)) {
            kernel.temporal[base + dimension] = factor;
            temporal(dimension + 1);
          }
          return;
        }
        const taken = [...kernel.temporal.subarray(base, base + dimensions)];
        if (level === 0) count();
        else
          split(
            level - 1,
            left.map((size, index) => size / taken[index]!),
          );
        kernel.temporal.set(taken, base);
      };
      temporal(0);
    }
  };
  split(
    levels - 1,
    workload.dimensions.map(({ size }) => size),
  );
  return best;
}

const line: Workload = {
  name: 'conv1d',
  dimensions: [
    { name: 'R', size: 2 },
    { name: 'P', size: 4 },
    { name: 'K', size: 2 },
  ],
  dataSpaces: [
    {
      name: 'W',
      isReadWrite: false,
      projection: [[{ dimension: 0, coefficient: 1 }], [{ dimension: 2, coefficient: 1 }]],
    },
    {
      name: 'I',
      isReadWrite: false,
      projection: [
        [
          { dimension: 0, coefficient: 1 },
          { dimension: 1, coefficient: 1 },
        ],
      ],
    },
    {
      name: 'O',
      isReadWrite: true,
      projection: [[{ dimension: 1, coefficient: 1 }], [{ dimension: 2, coefficient: 1 }]],
    },
  ],
};

const CASES: readonly (readonly [string, Workload, MemoryTree, boolean])[] = [
  ['a product, two levels, with bypass', gemm({ M: 4, N: 3, K: 4 }), tree([9], [1, 4]), true],
  ['a product, three levels', gemm({ M: 4, N: 2, K: 2 }), tree([4, 9], [1, 1, 1]), false],
  ['a product, fan-outs at two levels', gemm({ M: 2, N: 4, K: 2 }), tree([5], [2, 4]), false],
  ['a convolution, two levels, with bypass', line, tree([8], [1, 1]), true],
  ['a convolution, three levels and a fan-out', line, tree([6, 12], [1, 2, 1]), false],
];

describe('branch and bound', () => {
  for (const [title, workload, memories, mayBypass] of CASES)
    for (const reuse of ['timeloop', 'exact'] as const satisfies readonly ReuseRule[])
      it(`finds and proves the best of all: ${title}, ${reuse}`, () => {
        for (const objective of MAPPING_OBJECTIVES) {
          const request = {
            tree: memories,
            workload,
            objective,
            reuse,
            mayBypass,
            evaluationLimit: 12_000,
            control: uncontrolled,
          };
          const answer = technique.map(request);
          if (!answer.ok) throw new Error(answer.error.message);
          const { stop, value, lowerBound, mapping, evaluation } = answer.value;
          expect([objective, stop, value]).toEqual([objective, 'proven', exhaustive(request)]);
          expect(lowerBound).toBe(value);
          const again = evaluate(memories, workload, mapping, reuse);
          expect(again).toEqual({ ok: true, value: evaluation });
          expect(objectiveValue(evaluation, objective)).toBe(value);
        }
      });

  const layer = convolution({ R: 3, S: 3, P: 14, Q: 14, C: 64, K: 64, N: 1 });
  const request = (more: Partial<MapRequest>): MapRequest => ({
    tree: tree([256, 65_536], [1, 16, 1]),
    workload: layer,
    objective: 'edp',
    reuse: 'timeloop',
    mayBypass: true,
    evaluationLimit: 4000,
    control: uncontrolled,
    ...more,
  });

  it('answers the same every time, within its budget, with a bound below', () => {
    const [first, second] = [technique.map(request({})), technique.map(request({}))];
    expect(first).toEqual(second);
    if (!first.ok) throw new Error(first.error.message);
    expect(first.value.stop).toBe('budget');
    expect(first.value.evaluations).toBeLessThanOrEqual(4000);
    expect(first.value.lowerBound).toBeLessThanOrEqual(first.value.value);
    expect(first.value.lowerBound).toBeGreaterThan(0);
  });

  it('keeps the best found when cancelled', () => {
    let asked = 0;
    const control = { report: () => {}, cancelled: () => ++asked > 2 };
    const answer = technique.map(request({ evaluationLimit: 1_000_000, control }));
    if (!answer.ok) throw new Error(answer.error.message);
    expect(answer.value.stop).toBe('cancelled');
    expect(answer.value.evaluations).toBeLessThan(10_000);
  });

  it('says which level is too small, by how many bytes, and what would mend it', () => {
    const memories = tree([256, 65_536], [1, 16, 1]);
    const small = { ...memories, levels: memories.levels.with(2, { ...memories.levels[2]!, capacityWords: 1000 }) };
    const answer = technique.map(request({ tree: small }));
    // 36,864 weights, 16 · 16 · 64 inputs, 14 · 14 · 64 outputs, of two bytes.
    const demand = 36_864 + 16_384 + 12_544;
    expect(answer.ok ? null : answer.error).toMatchObject({
      code: 'mapping.infeasible',
      facts: { level: 'L2', demand, bound: 1000, overBytes: 2 * (demand - 1000) },
      message: `No mapping fits: L2 needs ${demand} words and has room for 1000, ${2 * (demand - 1000)} bytes too few; give L2 at least ${demand} words, or put a larger memory above it`,
    });
    const tiny = { ...memories, levels: memories.levels.with(0, { ...memories.levels[0]!, capacityWords: 2 }) };
    expect(technique.map(request({ tree: tiny, mayBypass: false }))).toMatchObject({
      ok: false,
      error: { facts: { level: 'L0', demand: 3, bound: 2, overBytes: 2 } },
    });
    expect(technique.map(request({ tree: tiny })).ok).toBe(true);
  });
});
