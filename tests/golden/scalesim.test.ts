/** The systolic fold formulas against SCALE-Sim v3's own reports, row by row (cycles and SRAM accesses as integers). */
import { describe, expect, it } from 'vitest';
import type { Dataflow } from '#core/architecture/machine.ts';
import { bufferAccesses, foldedCycles } from '#core/cost/folds.ts';
import { readCsv } from '../support/csv.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

const file = sharedPath('data/scalesim/golden_compute_only.csv');

describe.skipIf(file === null)(
  `SCALE-Sim v3 reference rows${file === null ? ` (${skippedWithoutShared})` : ''}`,
  () => {
    const rows = file === null ? [] : readCsv(file);
    it('has rows of every dataflow', () => {
      expect(new Set(rows.map((row) => row.dataflow))).toEqual(new Set(['os', 'ws', 'is']));
    });

    it('equals every row', () => {
      for (const row of rows) {
        const number = (name: string) => Number(row[name]);
        const gemm = { m: number('M'), n: number('N'), k: number('K') };
        const dataflow = row.dataflow as Dataflow;
        const [r, c] = [number('rows'), number('cols')];
        const where = `${row.topology} ${row.layer} ${r}x${c} ${dataflow}`;
        // SCALE-Sim counts from cycle 0, so its total is one less.
        expect(foldedCycles(gemm, dataflow, r, c) - 1, where).toBe(number('total_cycles'));
        const accesses = bufferAccesses(gemm, dataflow, r, c);
        expect(accesses.inputReads, where).toBe(number('sram_ifmap_reads'));
        expect(accesses.weightReads, where).toBe(number('sram_filter_reads'));
        // Output-stationary drains R + C more a fold there; the closed form leaves that term out.
        const drain = dataflow === 'os' ? Math.ceil(gemm.m / r) * Math.ceil(gemm.n / c) * (r + c) : 0;
        expect(accesses.outputWrites + drain, where).toBe(number('sram_ofmap_writes'));
      }
    });
  },
);

describe('folds in closed form', () => {
  it.each([
    // A 1 × 1 × 1 product on 32 × 32: fill and drain only (SCALE-Sim v3 prints 62 after subtracting one).
    [{ m: 1, n: 1, k: 1 }, 'os', 32, 32, 63],
    // One row in weight-stationary: bound by loading weights, 2R + C − 1 a fold.
    [{ m: 1, n: 32, k: 32 }, 'ws', 32, 32, 95],
    // Exactly one fold: T + R + C − 2.
    [{ m: 16, n: 16, k: 100 }, 'os', 16, 16, 130],
    // Rectangular: 2 × 3 folds of 64 + 8 + 4 − 2.
    [{ m: 16, n: 12, k: 64 }, 'os', 8, 4, 6 * 74],
  ] as const)('%o %s on %d × %d takes %d cycles', (gemm, dataflow, rows, columns, cycles) => {
    expect(foldedCycles(gemm, dataflow, rows, columns)).toBe(cycles);
  });
});
