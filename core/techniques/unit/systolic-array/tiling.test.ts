import { describe, expect, it } from 'vitest';
import type { ArrayUnit } from '#core/architecture/machine.ts';
import { type MappingContext, passes, type TileLoop } from '#core/compile/unit-model.ts';
import { foldedCycles } from '#core/cost/folds.ts';
import { technique } from './technique.ts';
import { candidates, feasibleTiles, fits, inputFootprint } from './tiling.ts';

const array: ArrayUnit = {
  kind: 'systolic-array',
  node: 'a',
  name: 'Array',
  ticksPerCycle: 1,
  nanometres: 45,
  rows: 32,
  columns: 32,
  dataflows: ['os', 'ws', 'is'],
  inputBufferBytes: 65_536,
  weightBufferBytes: 65_536,
  outputBufferBytes: 65_536,
  cells: 'pipeline',
};
const bytes = { input: 1, weight: 1, accumulator: 4 };
const context: MappingContext = {
  inputElementBytes: 1,
  weightElementBytes: 1,
  outputElementBytes: 1,
  inputBytes: 0,
  weightBytes: 0,
  outputBytes: 0,
  offChipBytesPerCycle: 16,
  parallel: 1,
  objective: 'cycles',
};

describe('tiles', () => {
  it('candidates start whole, fall to the least, and never rise', () => {
    for (const [extent, grain, least] of [
      [12_544, 112, 1],
      [147, 49, 49],
      [64, 32, 1],
      [1, 32, 1],
      [7, 100, 1],
    ] as const) {
      const found = candidates(extent, grain, least);
      expect(found[0]).toBe(extent);
      for (let i = 1; i < found.length; i++) expect(found[i]).toBeLessThan(found[i - 1]!);
      expect(found[found.length - 1]).toBeLessThanOrEqual(Math.max(least, 1));
    }
  });

  it('every tile offered fits its buffers, halved when another follows', () => {
    const shape = { groups: 1, m: 12_544, n: 64, k: 147 };
    const tiles = feasibleTiles(shape, array, bytes);
    expect(tiles.length).toBeGreaterThan(0);
    for (const tile of tiles) {
      expect(fits(shape, tile, array, bytes)).toBe(true);
      if (tile.m < shape.m) expect(tile.m * tile.n * 4).toBeLessThanOrEqual(32_768);
    }
  });

  it('a convolution needs the image under its windows, not the unrolled matrix', () => {
    const convolution = {
      inputHeight: 56,
      inputWidth: 56,
      inputChannels: 64,
      kernelHeight: 3,
      kernelWidth: 3,
      strideHeight: 1,
      strideWidth: 1,
      outputHeight: 54,
      outputWidth: 54,
    };
    const shape = { groups: 1, m: 54 * 54, n: 64, k: 576, convolution };
    // Two output rows of all channels: 4 input rows × 56 columns × 64 channels.
    expect(inputFootprint(shape, 1, 108, 576)).toBe(4 * 56 * 64);
    expect(inputFootprint(shape, 1, 54 * 54, 576)).toBe(56 * 56 * 64);
  });

  it('returns nothing when one window does not fit', () => {
    expect(feasibleTiles({ groups: 1, m: 8, n: 8, k: 8 }, { ...array, outputBufferBytes: 2 }, bytes)).toEqual([]);
  });
});

describe('mapping', () => {
  it('sums its tiles to its cycles, ragged edges included', () => {
    for (const shape of [
      { groups: 1, m: 1000, n: 513, k: 300 },
      { groups: 12, m: 128, n: 128, k: 64 },
      { groups: 96, m: 3136, n: 1, k: 9 },
    ]) {
      const mapping = technique.map({ kind: 'gemm', bIsActivation: false, ...shape }, array, {
        ...context,
        inputBytes: shape.m * shape.k * shape.groups,
        weightBytes: shape.n * shape.k * shape.groups,
        outputBytes: shape.m * shape.n * shape.groups,
      });
      expect(mapping).not.toBeNull();
      const { counts } = mapping!.loop;
      let sum = 0;
      for (let g = 0; g < counts.g; g++)
        for (let m = 0; m < counts.m; m++)
          for (let n = 0; n < counts.n; n++) for (let k = 0; k < counts.k; k++) sum += mapping!.tileCycles(g, m, n, k);
      expect(sum).toBe(mapping!.cycles);
    }
  });

  it('a product that fits whole is one tile at the fold formula, in the best dataflow', () => {
    const mapping = technique.map(
      { kind: 'gemm', bIsActivation: false, groups: 1, m: 128, n: 64, k: 96 },
      array,
      context,
    );
    expect(mapping?.loop.counts).toEqual({ g: 1, m: 1, n: 1, k: 1 });
    expect(mapping?.cycles).toBe(
      Math.min(
        ...(['os', 'ws', 'is'] as const).map((dataflow) => foldedCycles({ m: 128, n: 64, k: 96 }, dataflow, 32, 32)),
      ),
    );
  });

  it('runs nothing but GEMMs', () => {
    expect(technique.map({ kind: 'vector', elements: 10, operationsPerElement: 1 }, array, context)).toBeNull();
  });
});

describe('passes over a streamed operand', () => {
  /** Counts piece changes of operand A (own = m) or B (own = n) by walking the loop. */
  function walked(loop: TileLoop, own: 'm' | 'n'): number {
    const { m: M, n: N, k: K } = loop.counts;
    let held = '';
    let loads = 0;
    const visit = (m: number, n: number) => {
      for (let k = 0; k < K; k++) {
        const piece = `${own === 'm' ? m : n}:${k}`;
        if (piece !== held) loads++;
        held = piece;
      }
    };
    if (loop.outer === 'm') for (let m = 0; m < M; m++) for (let n = 0; n < N; n++) visit(m, n);
    else for (let n = 0; n < N; n++) for (let m = 0; m < M; m++) visit(m, n);
    return loads / ((own === 'm' ? M : N) * K);
  }

  it('equals a walk over the loop', () => {
    for (const m of [1, 2, 3])
      for (const n of [1, 2, 5])
        for (const k of [1, 2, 4])
          for (const outer of ['m', 'n'] as const)
            for (const own of ['m', 'n'] as const) {
              const loop: TileLoop = { counts: { g: 1, m, n, k }, outer };
              expect(passes(loop, own), JSON.stringify({ loop, own })).toBe(walked(loop, own));
            }
  });
});
