/**
 * Groups of a grouped product side by side on the array. diagonal: p groups in blocks on the diagonal of the cells, each with
 * its own stream. joined: one product [m × pk]·[pk × pn] with a block-diagonal second factor. Both compute right values on a
 * plain array: cells off the diagonal hold or meet zeros, or make sums nobody reads.
 */
import type { Dataflow } from '#core/architecture/machine.ts';
import { bufferAccesses, fold, foldedCycles, type Gemm, project } from '#core/cost/folds.ts';

export interface Packing {
  readonly kind: 'diagonal' | 'joined';
  /** At once; the last pack of a tile may hold fewer. */
  readonly groups: number;
}

/** One after the other. */
export const UNPACKED: Packing = { kind: 'diagonal', groups: 1 };

/** What the array folds for one pack of `groups` groups; in ws both kinds are the same. */
export function packed({ m, n, k }: Gemm, dataflow: Dataflow, { kind, groups }: Packing): Gemm {
  if (kind === 'joined') return { m, n: groups * n, k: groups * k };
  switch (dataflow) {
    case 'os':
      return { m: groups * m, n: groups * n, k };
    case 'ws':
      return { m, n: groups * n, k: groups * k };
    case 'is':
      return { m: groups * m, n, k: groups * k };
  }
}

/** Packings worth trying for `count` groups: as many as the rows, the columns, or both hold. */
function packings(gemm: Gemm, count: number, dataflow: Dataflow, rows: number, columns: number): readonly Packing[] {
  const { spatialRows, spatialColumns } = project(gemm, dataflow);
  const fits = (room: number, extent: number) => Math.min(count, Math.floor(room / extent));
  const diagonal = Math.min(fits(rows, spatialRows), fits(columns, spatialColumns));
  // The extents that grow: n (and k in time), k and n, k (and n in time).
  const joined = { os: fits(columns, gemm.n), ws: diagonal, is: fits(rows, gemm.k) }[dataflow];
  return [
    UNPACKED,
    ...(diagonal > 1 ? [{ kind: 'diagonal', groups: diagonal } as const] : []),
    ...(joined > 1 && dataflow !== 'ws' ? [{ kind: 'joined', groups: joined } as const] : []),
  ];
}

interface Cells {
  readonly rows: number;
  readonly columns: number;
}

/** Σ over full packs and what is left. */
function overPacks(count: number, groups: number, of: (size: number) => number): number {
  const rest = count % groups;
  return Math.floor(count / groups) * of(groups) + (rest > 0 ? of(rest) : 0);
}

/** Cycles of `count` groups under a packing. */
export function packedCycles(gemm: Gemm, count: number, dataflow: Dataflow, array: Cells, packing: Packing): number {
  return overPacks(count, packing.groups, (groups) =>
    foldedCycles(packed(gemm, dataflow, { ...packing, groups }), dataflow, array.rows, array.columns),
  );
}

/** Of these cycles those in which operands stream; each fold besides fills and drains. */
export function streamCycles(gemm: Gemm, count: number, dataflow: Dataflow, array: Cells, packing: Packing): number {
  return overPacks(count, packing.groups, (groups) => {
    const whole = packed(gemm, dataflow, { ...packing, groups });
    const { rowFolds, columnFolds, temporal } = fold(whole, dataflow, array.rows, array.columns);
    return rowFolds * columnFolds * temporal;
  });
}

/** The packing of `count` groups with the fewest cycles; the first of equals, one after the other before all. */
export function bestPacking(
  gemm: Gemm,
  count: number,
  dataflow: Dataflow,
  array: Cells,
): { readonly packing: Packing; readonly cycles: number } {
  let best = { packing: UNPACKED, cycles: Number.POSITIVE_INFINITY };
  for (const packing of packings(gemm, count, dataflow, array.rows, array.columns)) {
    const cycles = packedCycles(gemm, count, dataflow, array, packing);
    if (cycles < best.cycles) best = { packing, cycles };
  }
  return best;
}

/** Elements of `count` groups that cross the array's buffers. Zeros and sums nobody reads are not moved. */
export function packedAccesses(
  gemm: Gemm,
  count: number,
  dataflow: Dataflow,
  { rows, columns }: Cells,
  { kind, groups }: Packing,
) {
  const ofPack = (size: number) => {
    const whole = packed(gemm, dataflow, { kind, groups: size });
    const { inputReads, weightReads, outputWrites } = bufferAccesses(whole, dataflow, rows, columns);
    const { m, n, k } = gemm;
    return {
      inputReads: (inputReads * size * m * k) / (whole.m * whole.k),
      weightReads: (weightReads * size * k * n) / (whole.k * whole.n),
      outputWrites: (outputWrites * size * m * n) / (whole.m * whole.n),
    };
  };
  const rest = count % groups;
  const packs = Math.floor(count / groups);
  const full = ofPack(groups);
  const last = rest > 0 ? ofPack(rest) : { inputReads: 0, weightReads: 0, outputWrites: 0 };
  return {
    inputReads: packs * full.inputReads + last.inputReads,
    weightReads: packs * full.weightReads + last.weightReads,
    outputWrites: packs * full.outputWrites + last.outputWrites,
  };
}
