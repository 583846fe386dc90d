import { describe, expect, it } from 'vitest';
import { dramAccessEnergy, multiplicationEnergy, sramAccessEnergy } from './energy-law.ts';
import { evaluate } from './evaluate.ts';
import type { Mapping } from './mapping.ts';
import { type MemoryTree, storageLevel } from './memory-tree.ts';
import { convolution, gemm } from './workload.ts';

const tree: MemoryTree = {
  compute: { name: 'mac', instances: 4, meshX: 4, meshY: 1, wordBits: 16, energy: 1 },
  levels: [
    storageLevel({ name: 'registers', instances: 4, meshX: 4, capacityWords: 64, writeBandwidth: 2 }),
    storageLevel({ name: 'memory', isDram: true, readBandwidth: 2, energy: { read: 10, fill: 0, update: 20 } }),
  ],
};

/** M = 4 along the units, K = 8 inside, N = 2 outermost. */
const mapping: Mapping = {
  levels: [
    {
      temporal: [1, 1, 8],
      temporalOrder: [2, 0, 1],
      spatial: [1, 1, 1],
      spatialOrder: [0, 1, 2],
      split: 0,
      keep: [true, true, true],
    },
    {
      temporal: [1, 2, 1],
      temporalOrder: [1, 0, 2],
      spatial: [4, 1, 1],
      spatialOrder: [0, 1, 2],
      split: 3,
      keep: [true, true, true],
    },
  ],
};

describe('a product by hand', () => {
  const found = evaluate(tree, gemm({ M: 4, N: 2, K: 8 }), mapping);
  if (!found.ok) throw new Error(found.error.message);
  const { value } = found;
  const [registers, memory] = value.levels;

  it('multicasts B, scatters A once, and writes each result once', () => {
    // A: 4 rows of 8 words, each to one unit and then reused for both N. B: 2 columns of 8 words to all units.
    expect(memory!.data.map(({ reads, updates }) => [reads, updates])).toEqual([
      [32, 0],
      [16, 0],
      [0, 8],
    ]);
    expect(registers!.data.map(({ reads, fills, updates }) => [reads, fills, updates])).toEqual([
      [16, 8, 0],
      [16, 16, 0],
      [14, 0, 16],
    ]);
    expect(memory!.data.map(({ distinctChildren }) => distinctChildren)).toEqual([4, 1, 4]);
  });
  it('is stretched by the narrowest port, and says which', () => {
    // 48 words read from memory at 2 a cycle: 24 cycles instead of 16; registers write 40 words at 2: 20.
    expect(value.cycles).toBe(24);
    expect(value.stalls).toEqual([
      { level: 'registers', cycles: 20, stallCycles: 4 },
      { level: 'memory', cycles: 24, stallCycles: 8 },
    ]);
    // First tiles: 4 · 8 of A and 8 of B at 2 words a cycle; nothing bounds the way up.
    expect(value.parts).toEqual({ compute: 16, stall: 8, fill: 20, drain: 0 });
    expect(value.utilisation).toBeCloseTo(64 / 4 / 24, 12);
  });
  it('adds up energy and off-chip bytes', () => {
    expect(value.energyPj).toBe(64 + 48 * 10 + 8 * 20);
    expect(value.offChipBytes).toBe(2 * (48 + 8));
  });
});

it('keeps the halo of a convolution under the exact rule, also where another loop lies between', () => {
  const workload = convolution({ R: 3, S: 1, P: 4, Q: 1, C: 1, K: 2, N: 1 });
  const ones = [1, 1, 1, 1, 1, 1, 1];
  const order = [0, 1, 2, 3, 4, 6, 5];
  const level = {
    temporal: ones,
    temporalOrder: order,
    spatial: ones,
    spatialOrder: order,
    split: 0,
    keep: [true, true, true],
  };
  const memories = {
    compute: { ...tree.compute, instances: 1, meshX: 1 },
    levels: [storageLevel({ name: 'a' }), storageLevel({ name: 'b' })],
  };
  const fillsOf = (innermost: readonly number[], rule: 'timeloop' | 'exact'): number => {
    const found = evaluate(
      memories,
      workload,
      {
        levels: [
          { ...level, temporal: [3, 1, 1, 1, 1, 1, 1] },
          { ...level, temporal: [1, 1, 4, 1, 1, 2, 1], temporalOrder: innermost },
        ],
      },
      rule,
    );
    if (!found.ok) throw new Error(found.error.message);
    return found.value.levels[0]!.data[1]!.fills;
  };
  // P innermost: 3 + 3 · 1 words a pass, two passes; the second starts with the tile back at 0 (nothing left of the last).
  expect(fillsOf([2, 5, 0, 1, 3, 4, 6], 'exact')).toBe(12);
  // K innermost: the tile stays for both K, then moves on by one.
  expect(fillsOf([5, 2, 0, 1, 3, 4, 6], 'exact')).toBe(6);
  // Timeloop forgets the overlap there: four whole tiles.
  expect(fillsOf([5, 2, 0, 1, 3, 4, 6], 'timeloop')).toBe(12);
});

describe('a mapping that does not fit', () => {
  const workload = gemm({ M: 4, N: 2, K: 8 });
  it('says the level, the words and the bytes over', () => {
    const small = { ...tree, levels: tree.levels.with(0, { ...tree.levels[0]!, capacityWords: 16 }) };
    const found = evaluate(small, workload, mapping);
    expect(found.ok ? null : [found.error.message, found.error.facts]).toEqual([
      "couldn't map level registers: mapped tile size 17 exceeds buffer capacity 16",
      {
        level: 'registers',
        demand: 17,
        bound: 16,
        unit: 'words',
        overBytes: 2,
        'A (words)': 8,
        'B (words)': 8,
        'Z (words)': 1,
      },
    ]);
  });
  it('says the axis of a mesh that is too narrow', () => {
    const across = { levels: mapping.levels.with(1, { ...mapping.levels[1]!, split: 0 }) };
    const found = evaluate(tree, workload, across);
    expect(found.ok ? '' : found.error.message).toBe(
      "couldn't map level mac: mapped max Arithmetic Y expansion 4 exceeds hardware instances 1",
    );
    const many = { ...tree, compute: { ...tree.compute, instances: 16, meshX: 4, meshY: 4 } };
    const registers = evaluate(many, workload, across);
    expect(registers.ok ? '' : registers.error.message).toBe(
      "couldn't map level registers: mapped Y expansion 4 exceeds available hardware instances 1",
    );
  });
  it('says the fan-out that reaches past its own children though the whole mesh has room', () => {
    // Two columns of two units; one column is to use four units of the mesh, the other none.
    const columns = {
      ...tree,
      levels: [
        { ...tree.levels[0]!, instances: 2, meshX: 2, meshY: 1 },
        { ...tree.levels[1]!, instances: 1, meshX: 1, meshY: 1 },
      ],
    };
    const crossing = {
      levels: [
        { ...mapping.levels[0]!, spatial: mapping.levels[1]!.spatial, split: 3 },
        { ...mapping.levels[1]!, spatial: [1, 1, 1] },
      ],
    };
    const found = evaluate(columns, workload, crossing);
    expect(found.ok ? '' : found.error.message).toBe(
      "couldn't map level registers: mapped fanoutX 4 exceeds hardware fanoutX 2",
    );
  });
  it('is refused when a dimension is not covered, or a data space kept nowhere', () => {
    const short = { levels: mapping.levels.with(0, { ...mapping.levels[0]!, temporal: [1, 1, 4] }) };
    expect(evaluate(tree, workload, short)).toMatchObject({
      ok: false,
      error: { code: 'mapping.factors', facts: { product: 4, size: 8 } },
    });
    const nowhere = { levels: mapping.levels.map((level) => ({ ...level, keep: [false, true, true] })) };
    expect(evaluate(tree, workload, nowhere)).toMatchObject({
      ok: false,
      error: { code: 'mapping.unkept', facts: { dataSpace: 'A' } },
    });
  });
});

it("has Eyeriss' points on Timeloop's line: 0.5 KB is 1, 100 KB is 6, DRAM 200, per 16 bits", () => {
  expect(sramAccessEnergy(256, 16, 1, 1)).toBeCloseTo(1, 12);
  expect(sramAccessEnergy(51_200, 16, 1, 1)).toBeCloseTo(6, 12);
  expect(sramAccessEnergy(51_200, 16, 4, 1)).toBeCloseTo(24, 12);
  expect(dramAccessEnergy(16, 1)).toBe(200);
  expect(multiplicationEnergy(8)).toBe(0.25);
});
