/** Kernels on lanes (vector and special-function units): chunks of elements through a pipeline. */

import type { LaneUnit } from '#core/architecture/machine.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Kernel } from '#core/catalog/operator-type.ts';
import type { GivenTiling, Mapping, MappingContext } from './unit-model.ts';

/** Lane operations of a kernel: simple ones and function evaluations weighed by `operationsPerEvaluation`. */
export function laneOperations(kernel: Kernel, operationsPerEvaluation: number): number {
  switch (kernel.kind) {
    case 'vector':
      return kernel.elements * kernel.operationsPerElement;
    case 'special':
      return kernel.elements * kernel.operationsPerElement + kernel.evaluations * operationsPerEvaluation;
    case 'move':
      return kernel.elements;
    case 'gemm':
      return kernel.groups * kernel.m * kernel.n * kernel.k;
    case 'view':
      return 0;
  }
}

/**
 * Chunks of all operands at once so that one chunk fits half of the buffer (the other half receives the next):
 * cycles of a chunk = pipeline depth + ⌈operations ÷ lanes⌉.
 */
export function mapLanes(operations: number, unit: LaneUnit, context: MappingContext, label: string): Mapping {
  const { least } = chunkLimits(operations, unit, context);
  return inChunks(least, operations, unit, context, label);
}

/** The same in a given number of chunks. */
export function mapLanesAs(
  operations: number,
  unit: LaneUnit,
  context: MappingContext,
  label: string,
  tiling: GivenTiling,
): Result<Mapping, string> {
  if (tiling.kind !== 'chunks') return err(`${unit.name} takes chunks, not tiles of a product`);
  const { least, most } = chunkLimits(operations, unit, context);
  const { chunks } = tiling;
  if (chunks < least)
    return err(`${chunks} chunks are larger than half of the buffer of ${unit.name}: at least ${least}`);
  if (chunks > most) return err(`there are operations for ${most} chunks, not ${chunks}`);
  return ok(inChunks(chunks, operations, unit, context, label));
}

/** As few as the buffer allows, each twice in it; at most one an operation, or as many as have room. */
function chunkLimits(operations: number, unit: LaneUnit, context: MappingContext) {
  const streamed = context.inputBytes + context.weightBytes + context.outputBytes;
  let least = Math.max(1, Math.ceil((2 * streamed) / unit.bufferBytes));
  // Rounding to whole elements takes two of each stream at most.
  const spare = unit.bufferBytes - 2 * (context.streams ?? []).reduce((sum, { elementBytes }) => sum + elementBytes, 0);
  const enough = spare > 0 ? Math.ceil((2 * streamed) / spare) : least;
  while (least > 1 && least < enough && twoChunks(least, context) > unit.bufferBytes) least++;
  return { least, most: Math.max(operations, least) };
}

/** Bytes of two chunks side by side at most: of a stream of fewer elements than chunks one each. */
function twoChunks(chunks: number, { streams = [] }: MappingContext): number {
  return streams.reduce((sum, { elements, elementBytes }) => {
    const two = elements < chunks ? Math.min(elements, 2) : Math.ceil((2 * elements) / chunks);
    return sum + two * elementBytes;
  }, 0);
}

function inChunks(chunks: number, operations: number, unit: LaneUnit, context: MappingContext, label: string): Mapping {
  const share = (index: number) =>
    Math.floor(((index + 1) * operations) / chunks) - Math.floor((index * operations) / chunks);
  const tileCycles = (_g: number, m: number) => unit.depth + Math.ceil(share(m) / unit.lanes);
  // Shares differ by one operation at most: so many are the larger.
  const least = Math.floor(operations / chunks);
  const larger = operations - least * chunks;
  const lanes = (share: number) => Math.ceil(share / unit.lanes);
  return {
    description: `${label}, ${chunks} ${chunks === 1 ? 'chunk' : 'chunks'}`,
    dataflow: null,
    loop: { counts: { g: 1, m: chunks, n: 1, k: 1 }, outer: 'm' },
    inputs: { axes: ['m'] },
    weights: { axes: ['m'] },
    outputs: { axes: ['m'] },
    tileCycles,
    cycles: chunks * unit.depth + larger * lanes(least + 1) + (chunks - larger) * lanes(least),
    peakMacsPerCycle: unit.lanes,
    operations,
    accesses: {
      inputReads: context.inputBytes / context.inputElementBytes,
      weightReads: context.weightBytes / context.weightElementBytes,
      outputWrites: context.outputBytes / context.outputElementBytes,
    },
  };
}
