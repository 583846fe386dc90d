import { describe, expect, it } from 'vitest';
import type { ArrayUnit, Dataflow } from '#core/architecture/machine.ts';
import { createRng } from '#core/base/rng.ts';
import type { MappingContext } from '#core/compile/unit-model.ts';
import { fold, foldedCycles, type Gemm, project } from '#core/cost/folds.ts';
import { bestPacking, type Packing, packed, packedAccesses, packedCycles, UNPACKED } from './packing.ts';
import { technique } from './technique.ts';

const DATAFLOWS: readonly Dataflow[] = ['os', 'ws', 'is'];
const array = (rows: number, columns = rows): ArrayUnit => ({
  kind: 'systolic-array',
  node: 'a',
  name: 'Array',
  ticksPerCycle: 1,
  nanometres: 45,
  rows,
  columns,
  dataflows: DATAFLOWS,
  inputBufferBytes: 65_536,
  weightBufferBytes: 65_536,
  outputBufferBytes: 65_536,
  cells: 'pipeline',
});
const context: MappingContext = {
  inputElementBytes: 1,
  weightElementBytes: 1,
  outputElementBytes: 1,
  inputBytes: 0,
  weightBytes: 0,
  outputBytes: 0,
  offChipBytesPerCycle: 1e9,
  parallel: 1,
  objective: 'cycles',
};

/** Share of the cells that hold work, averaged over folds: 0…1 (the mapping efficiency of SCALE-Sim). */
function cellShare(gemm: Gemm, dataflow: Dataflow, { rows, columns }: ArrayUnit, packing: Packing): number {
  const { rowFolds, columnFolds } = fold(packed(gemm, dataflow, packing), dataflow, rows, columns);
  const { spatialRows, spatialColumns } = project(gemm, dataflow);
  // Joined groups in os and is follow one another in time: each fold works on one block of cells at a time.
  const blocks = packing.kind === 'joined' && dataflow !== 'ws' ? 1 : packing.groups;
  return Math.min(1, (blocks * spatialRows * spatialColumns) / (rowFolds * columnFolds * rows * columns));
}

describe('packs of groups', () => {
  it('a 3 × 3 depthwise layer on 64 × 64 holds seven channels on the diagonal: 63 rows, 7 columns', () => {
    const channel = { m: 3136, n: 1, k: 9 };
    // Seven at once in 3136 + 2·64 + 64 − 2 cycles each; 128 channels are 18 packs and a rest of two.
    expect(packedCycles(channel, 128, 'ws', array(64), { kind: 'diagonal', groups: 7 })).toBe(19 * (3136 + 190));
    expect(packedCycles(channel, 128, 'ws', array(64), UNPACKED)).toBe(128 * (3136 + 190));
    expect(cellShare(channel, 'ws', array(64), { kind: 'diagonal', groups: 7 })).toBe((7 * 9) / 4096);
    expect(cellShare(channel, 'ws', array(64), UNPACKED)).toBe(9 / 4096);
  });

  it('joined groups spare the fill and drain of each where outputs stay', () => {
    const channel = { m: 64, n: 1, k: 9 };
    // Sixty-four channels stream one after the other into 64 columns: 64·9 + 126 cycles instead of 64·(9 + 126).
    expect(bestPacking(channel, 64, 'os', array(64))).toEqual({
      packing: { kind: 'joined', groups: 64 },
      cycles: 64 * 9 + 126,
    });
  });

  it('one row a head (decode): heads stack on the diagonal where their rows and columns have room', () => {
    // Eight heads of 1 × 8 × 64, outputs stationary on 64 × 64: 8 rows and 64 columns, 64 steps.
    expect(bestPacking({ m: 1, n: 8, k: 64 }, 8, 'os', array(64)).cycles).toBe(64 + 126);
  });

  it('never takes longer than one group after the other, and packs the right number', () => {
    const rng = createRng(7);
    for (let trial = 0; trial < 2000; trial++) {
      const gemm = { m: 1 + rng.below(200), n: 1 + rng.below(40), k: 1 + rng.below(60) };
      const groups = 1 + rng.below(100);
      const unit = array(1 + rng.below(64), 1 + rng.below(64));
      for (const dataflow of DATAFLOWS) {
        const { packing, cycles } = bestPacking(gemm, groups, dataflow, unit);
        expect(cycles).toBeLessThanOrEqual(groups * foldedCycles(gemm, dataflow, unit.rows, unit.columns));
        // Never above the peak of the array.
        expect(cycles * unit.rows * unit.columns).toBeGreaterThanOrEqual(groups * gemm.m * gemm.n * gemm.k);
        expect(packing.groups).toBeLessThanOrEqual(groups);
        expect(cellShare(gemm, dataflow, unit, packing)).toBeGreaterThanOrEqual(
          cellShare(gemm, dataflow, unit, UNPACKED) - 1e-12,
        );
        const { inputReads, weightReads, outputWrites } = packedAccesses(gemm, groups, dataflow, unit, packing);
        // Each operand is read at least once, each result written.
        expect(inputReads).toBeGreaterThanOrEqual(groups * gemm.m * gemm.k - 1e-6);
        expect(weightReads).toBeGreaterThanOrEqual(groups * gemm.k * gemm.n - 1e-6);
        expect(outputWrites).toBeGreaterThanOrEqual(groups * gemm.m * gemm.n - 1e-6);
      }
    }
  });
});

/** A streams row by row past cells that hold B: what a weight-stationary array computes, cell by cell. */
function arrayProduct(a: readonly number[][], cells: readonly number[][]): readonly number[][] {
  return a.map((row) =>
    cells[0]!.map((_, column) => row.reduce((sum, value, k) => sum + value * cells[k]![column]!, 0)),
  );
}

it('a packed product has the values of its groups, for every packing of equal first factors and block-diagonal second', () => {
  const rng = createRng(3);
  const [groups, m, n, k] = [3, 4, 2, 5];
  const matrix = (rows: number, columns: number) =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => rng.below(9) - 4));
  const a = Array.from({ length: groups }, () => matrix(m, k));
  const b = Array.from({ length: groups }, () => matrix(k, n));
  const whole = packed({ m, n, k }, 'ws', { kind: 'diagonal', groups });
  expect(whole).toEqual({ m, n: groups * n, k: groups * k });
  const cells = Array.from({ length: whole.k }, (_, row) =>
    Array.from({ length: whole.n }, (_, column) =>
      Math.floor(row / k) === Math.floor(column / n) ? b[Math.floor(row / k)]![row % k]![column % n]! : 0,
    ),
  );
  const streamed = Array.from({ length: m }, (_, row) => a.flatMap((group) => group[row]!));
  const product = arrayProduct(streamed, cells);
  for (let g = 0; g < groups; g++)
    expect(product.map((row) => row.slice(g * n, (g + 1) * n))).toEqual(arrayProduct(a[g]!, b[g]!));
});

it('grouped kernels are mapped side by side, and their tiles add up', () => {
  for (const [groups, m, n, k] of [
    [96, 3136, 1, 9],
    [32, 196, 4, 36],
    [12, 1, 128, 16],
    [5, 49, 3, 25],
  ] as const) {
    const kernel = { kind: 'gemm', bIsActivation: false, groups, m, n, k } as const;
    const mapping = technique.map(kernel, array(64), context)!;
    expect(mapping.groupsAtOnce, mapping.description).toBeGreaterThan(1);
    const { counts } = mapping.loop;
    let sum = 0;
    for (let g = 0; g < counts.g; g++)
      for (let i = 0; i < counts.m; i++)
        for (let j = 0; j < counts.n; j++) for (let l = 0; l < counts.k; l++) sum += mapping.tileCycles(g, i, j, l);
    expect(sum).toBe(mapping.cycles);
    const alone = Math.min(...DATAFLOWS.map((dataflow) => groups * foldedCycles({ m, n, k }, dataflow, 64, 64)));
    expect(mapping.cycles).toBeLessThan(alone);
  }
});
