/**
 * How a GEMM is folded onto a systolic array, and the cycles and buffer accesses of its folds as SCALE-Sim v3
 * counts them (its operand matrices and compute classes): every fold, partial ones too, costs a full one.
 * Rows × columns hold Sr × Sc; T is the streamed extent. Column folds are the outer loop.
 */
import type { Dataflow } from '#core/architecture/machine.ts';

export interface Gemm {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export interface Projection {
  readonly spatialRows: number;
  readonly spatialColumns: number;
  readonly temporal: number;
}

/** os: M × N in the cells, K streams. ws: K × N in the cells, M streams. is: K × M in the cells, N streams. */
export function project({ m, n, k }: Gemm, dataflow: Dataflow): Projection {
  switch (dataflow) {
    case 'os':
      return { spatialRows: m, spatialColumns: n, temporal: k };
    case 'ws':
      return { spatialRows: k, spatialColumns: n, temporal: m };
    case 'is':
      return { spatialRows: k, spatialColumns: m, temporal: n };
  }
}

export interface Folding extends Projection {
  readonly rowFolds: number;
  readonly columnFolds: number;
}

export function fold(gemm: Gemm, dataflow: Dataflow, rows: number, columns: number): Folding {
  const projection = project(gemm, dataflow);
  return {
    ...projection,
    rowFolds: Math.ceil(projection.spatialRows / rows),
    columnFolds: Math.ceil(projection.spatialColumns / columns),
  };
}

/** Cycles without memory stalls: folds × (T + R + C − 2), with R counted twice where operands are loaded first (ws, is). */
export function foldedCycles(gemm: Gemm, dataflow: Dataflow, rows: number, columns: number): number {
  const { rowFolds, columnFolds, temporal } = fold(gemm, dataflow, rows, columns);
  return rowFolds * columnFolds * (temporal + rows + columns - 2 + (dataflow === 'os' ? 0 : rows));
}

/** Elements read from and written to the array's buffers (SCALE-Sim v3's SRAM accesses; os without its drain term). */
export function bufferAccesses({ m, n, k }: Gemm, dataflow: Dataflow, rows: number, columns: number) {
  const { rowFolds, columnFolds } = fold({ m, n, k }, dataflow, rows, columns);
  switch (dataflow) {
    case 'os':
      return { inputReads: columnFolds * m * k, weightReads: rowFolds * k * n, outputWrites: m * n };
    case 'ws':
      return { inputReads: columnFolds * m * k, weightReads: k * n, outputWrites: rowFolds * m * n };
    case 'is':
      return { inputReads: m * k, weightReads: columnFolds * k * n, outputWrites: rowFolds * m * n };
  }
}
