/** Cycles and counts of a product from its kinds of fold, shared by the models that charge folds for what they hold. */
import type { OperandCounts, PortLevel } from './array-model.ts';
import type { FoldKind } from './traffic.ts';

/** Σ over all folds. */
export function overFolds(kinds: readonly FoldKind[], of: (kind: FoldKind) => number): number {
  let sum = 0;
  for (const kind of kinds) sum += kind.count * of(kind);
  return sum;
}

/**
 * Cycles of one fold, 2r + c + T − 2 for r rows and c columns in use. os: r + c + T − 2 until the last cell is done, r to
 * shift results out. ws, is: r to load the operand that stays, r + c + T − 2 to stream the other past it.
 * Source: Samajdar et al., ISPASS 2020, equation 1.
 */
export function drainAwareCycles({ rows, columns, temporal }: FoldKind): number {
  return 2 * rows + columns + temporal - 2;
}

/** Cycles of a fold in which operands stream: r + c + T − 2, at least 1. */
export function streamingCycles({ rows, columns, temporal }: FoldKind): number {
  return rows + columns + temporal - 2;
}

/** Elements over all folds that cross a level. Shares of an image add up to whole elements only in the end. */
export function countsAt(kinds: readonly FoldKind[], level: PortLevel): OperandCounts {
  let ifmapReads = 0;
  let filterReads = 0;
  let ofmapWrites = 0;
  let ofmapReads = 0;
  for (const { count, traffic } of kinds) {
    const { input, weight, output, sumWrites, sumReads } = traffic[level];
    ifmapReads += count * input;
    filterReads += count * weight;
    ofmapWrites += count * (output + sumWrites);
    ofmapReads += count * sumReads;
  }
  return { ifmapReads: Math.round(ifmapReads), filterReads, ofmapWrites, ofmapReads };
}

/** Percent of cells in use, averaged over folds. */
export function mappingEfficiency(kinds: readonly FoldKind[], cells: number): number {
  return (100 * overFolds(kinds, (kind) => kind.cells)) / (cells * overFolds(kinds, () => 1));
}
