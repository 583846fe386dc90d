/**
 * What a loop nest computes: dimensions, and data spaces whose coordinates are affine in them (a strided or dilated
 * convolution's input row is stride · P + dilation · R). After Timeloop's problem shapes.
 */
import { type Problem, problem } from '#core/base/problem.ts';

/** `coefficient` · the index along `dimension` (a position in Workload.dimensions). */
export interface Term {
  readonly dimension: number;
  readonly coefficient: number;
}

export interface DataSpace {
  readonly name: string;
  /** Accumulated into (an output) rather than only read. */
  readonly isReadWrite: boolean;
  /** One sum of terms for every rank. */
  readonly projection: readonly (readonly Term[])[];
}

export interface Workload {
  readonly name: string;
  readonly dimensions: readonly { readonly name: string; readonly size: number }[];
  readonly dataSpaces: readonly DataSpace[];
}

/** Multiply-accumulates. */
export function computes(workload: Workload): number {
  return workload.dimensions.reduce((product, { size }) => product * size, 1);
}

/** Words in the box that a data space's ranks span over the given sizes of the dimensions. */
export function boxWords(space: DataSpace, sizes: readonly number[]): number {
  return space.projection.reduce(
    (words, rank) =>
      words *
      (1 +
        rank.reduce((most, { dimension, coefficient }) => most + Math.abs(coefficient) * (sizes[dimension]! - 1), 0)),
    1,
  );
}

/** Z[M, N] = A[M, K] · B[N, K]; Timeloop's shape gemm-ABZ. */
export function gemm(sizes: { readonly M: number; readonly N: number; readonly K: number }): Workload {
  const rank = (dimension: number): readonly Term[] => [{ dimension, coefficient: 1 }];
  const [m, n, k] = [rank(0), rank(1), rank(2)];
  return {
    name: 'gemm-ABZ',
    dimensions: [
      { name: 'M', size: sizes.M },
      { name: 'N', size: sizes.N },
      { name: 'K', size: sizes.K },
    ],
    dataSpaces: [
      { name: 'A', isReadWrite: false, projection: [m, k] },
      { name: 'B', isReadWrite: false, projection: [n, k] },
      { name: 'Z', isReadWrite: true, projection: [m, n] },
    ],
  };
}

/** Kernel R × S (R along the width), output P × Q, C input and K output channels, N images; strides and dilations along W and H. */
export interface ConvolutionSizes {
  readonly R: number;
  readonly S: number;
  readonly P: number;
  readonly Q: number;
  readonly C: number;
  readonly K: number;
  readonly N: number;
  readonly strideW?: number;
  readonly strideH?: number;
  readonly dilationW?: number;
  readonly dilationH?: number;
}

/** Timeloop's shape cnn-layer. */
export function convolution(sizes: ConvolutionSizes): Workload {
  const names = ['R', 'S', 'P', 'Q', 'C', 'K', 'N'] as const;
  const term = (name: (typeof names)[number], coefficient = 1): Term => ({
    dimension: names.indexOf(name),
    coefficient,
  });
  return {
    name: 'cnn-layer',
    dimensions: names.map((name) => ({ name, size: sizes[name] })),
    dataSpaces: [
      { name: 'Weights', isReadWrite: false, projection: [[term('C')], [term('K')], [term('R')], [term('S')]] },
      {
        name: 'Inputs',
        isReadWrite: false,
        projection: [
          [term('N')],
          [term('C')],
          [term('R', sizes.dilationW ?? 1), term('P', sizes.strideW ?? 1)],
          [term('S', sizes.dilationH ?? 1), term('Q', sizes.strideH ?? 1)],
        ],
      },
      { name: 'Outputs', isReadWrite: true, projection: [[term('N')], [term('K')], [term('Q')], [term('P')]] },
    ],
  };
}

/** Null when the workload makes sense, else what does not. */
export function workloadFault(workload: Workload): Problem | null {
  const fault = (message: string): Problem => problem('mapping.workload', `${workload.name}: ${message}`);
  const { dimensions, dataSpaces } = workload;
  if (dimensions.length === 0 || dimensions.length > 30) return fault('a workload has 1 to 30 dimensions');
  if (dataSpaces.length === 0 || dataSpaces.length > 16) return fault('a workload has 1 to 16 data spaces');
  if (new Set(dimensions.map(({ name }) => name)).size < dimensions.length) return fault('a dimension is named twice');
  if (new Set(dataSpaces.map(({ name }) => name)).size < dataSpaces.length) return fault('a data space is named twice');
  for (const { name, size } of dimensions)
    if (!Number.isSafeInteger(size) || size < 1 || size >= 2 ** 31)
      return fault(`${name} = ${size} is not a whole number from 1 to 2³¹ − 1`);
  if (computes(workload) > Number.MAX_SAFE_INTEGER) return fault('more than 2⁵³ operations');
  for (const { name, projection } of dataSpaces)
    for (const rank of projection) {
      if (new Set(rank.map(({ dimension }) => dimension)).size < rank.length)
        return fault(`${name} uses a dimension twice in one rank`);
      for (const { dimension, coefficient } of rank) {
        if (dimensions[dimension] === undefined) return fault(`${name} uses a dimension that is not there`);
        if (!Number.isSafeInteger(coefficient) || Math.abs(coefficient) > 2 ** 24)
          return fault(`${name}: ${coefficient} is not a coefficient`);
      }
    }
  const whole = dimensions.map(({ size }) => size);
  for (const space of dataSpaces)
    if (boxWords(space, whole) > Number.MAX_SAFE_INTEGER) return fault(`${space.name} has more than 2⁵³ words`);
  return null;
}
