/**
 * The data spaces of a workload as flat arrays, for counting: ranks of space s are rankStart[s]…, terms of rank r
 * termStart[r]….
 */
import type { Workload } from './workload.ts';

export interface Projections {
  readonly rankStart: Int32Array;
  readonly termStart: Int32Array;
  readonly termDimension: Int32Array;
  readonly termCoefficient: Float64Array;
  /** By data space: every rank moves with one dimension, so that tiles never overlap without being equal. */
  readonly isSimple: Uint8Array;
  /** By data space: no dimension moves two ranks. */
  readonly isIndependent: Uint8Array;
  readonly isReadWrite: Uint8Array;
  /** By data space: the dimensions that move it, as bits. */
  readonly relevant: Int32Array;
}

export function projectionsOf(workload: Workload): Projections {
  const { length: dimensions } = workload.dimensions;
  const { length: spaces } = workload.dataSpaces;
  const rankStart = [0];
  const termStart = [0];
  const termDimension: number[] = [];
  const termCoefficient: number[] = [];
  const isSimple = new Uint8Array(spaces);
  const isIndependent = new Uint8Array(spaces);
  const isReadWrite = new Uint8Array(spaces);
  const relevant = new Int32Array(spaces);
  for (const [space, dataSpace] of workload.dataSpaces.entries()) {
    const uses = new Int32Array(dimensions);
    let mostTerms = 0;
    for (const rank of dataSpace.projection) {
      // A dimension of size 1 moves nothing.
      const terms = rank.filter(
        ({ dimension, coefficient }) => workload.dimensions[dimension]!.size > 1 && coefficient !== 0,
      );
      for (const { dimension, coefficient } of terms) {
        termDimension.push(dimension);
        termCoefficient.push(coefficient);
        uses[dimension]!++;
        relevant[space]! |= 1 << dimension;
      }
      mostTerms = Math.max(mostTerms, terms.length);
      termStart.push(termDimension.length);
    }
    rankStart.push(termStart.length - 1);
    isIndependent[space] = uses.every((count) => count <= 1) ? 1 : 0;
    isSimple[space] = isIndependent[space] === 1 && mostTerms <= 1 ? 1 : 0;
    isReadWrite[space] = dataSpace.isReadWrite ? 1 : 0;
  }
  return {
    rankStart: Int32Array.from(rankStart),
    termStart: Int32Array.from(termStart),
    termDimension: Int32Array.from(termDimension),
    termCoefficient: Float64Array.from(termCoefficient),
    isSimple,
    isIndependent,
    isReadWrite,
    relevant,
  };
}
