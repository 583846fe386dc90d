/**
 * Convolutions and products as C[g, m, n] = Σₖ A[g, m, k] · B[g, k, n] on the tensors as they lie in memory: where the
 * elements of each factor are, and which part of A a range of rows needs. A convolution's A is the image itself,
 * walked by positions (batch and spatial axes, row-major) and channels; k counts channels × taps, tap fastest.
 */
import { product } from '#core/catalog/operators/common.ts';
import { slide } from '#core/catalog/operators/window.ts';
import { booleanOf } from '#core/catalog/parameter.ts';
import type { ModelGraph, Operator as ModelOperator } from '#core/model/graph.ts';

/** A half-open interval. */
export type Range = readonly [from: number, to: number];

/** A factor as a block of groups × depth × positions. */
export interface Factor {
  /** 1 where all groups share it. */
  readonly groups: number;
  readonly depth: number;
  readonly positions: number;
  element(g: number, d: number, s: number): number;
}

export interface GemmForm {
  readonly groups: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Factor;
  readonly b: Factor;
  /** Consecutive k that share a depth of A: the taps of a window, else 1. */
  readonly taps: number;
  /** Positions of A that rows `from` … `to` − 1 read, as the interval around them. */
  reach(from: number, to: number): Range;
  /** Position of A that row m reads for k, −1 in the padding. */
  position(m: number, k: number): number;
  /** Element of the result. */
  result(g: number, m: number, n: number): number;
}

/** Null for operators that are not, or not as they lie, one product a group. */
export function gemmForm(operator: ModelOperator, model: ModelGraph): GemmForm | null {
  const shapes = operator.inputs.map((index) => (index === null ? [] : model.tensors[index]!.type.shape));
  const [x = []] = shapes;
  const y = model.tensors[operator.outputs[0]!]!.type.shape;
  switch (operator.type.id) {
    case 'conv':
    case 'depthwise-conv':
      return convolution(operator, x, y);
    case 'dense': {
      const n = y.at(-1) ?? 1;
      const k = x.at(-1) ?? 1;
      return matrices({ groups: 1, sharedA: true, m: product(x) / k, n, k, transposeA: false, transposeB: false });
    }
    case 'matmul':
    case 'batched-matmul':
      return multiplied(x, shapes[1] ?? [], false, false);
    case 'gemm': {
      const p = operator.parameters;
      return multiplied(x, shapes[1] ?? [], booleanOf(p, 'transposeA'), booleanOf(p, 'transposeB'));
    }
    default:
      return null;
  }
}

function multiplied(
  x: readonly number[],
  z: readonly number[],
  transposeA: boolean,
  transposeB: boolean,
): GemmForm | null {
  const a = x.length === 1 ? [1, ...x] : x;
  const b = z.length === 1 ? [...z, 1] : z;
  if (a.length < 2 || b.length < 2) return null;
  const [rows, depth] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const n = transposeB ? b.at(-2)! : b.at(-1)!;
  const batchA = product(a, 0, a.length - 2);
  const batchB = product(b, 0, b.length - 2);
  const common = { n, k: depth, transposeA, transposeB };
  if (batchB === 1 && (batchA === 1 || !transposeA))
    return matrices({ groups: 1, sharedA: true, m: rows * batchA, ...common });
  // Batches that broadcast against each other axis by axis are left to whole evaluation.
  const isFull = a.length === b.length && a.slice(0, -2).every((extent, axis) => extent === b[axis]);
  if (batchA !== 1 && !isFull) return null;
  return matrices({ groups: batchB, sharedA: batchA === 1, m: rows, ...common });
}

interface Matrices {
  readonly groups: number;
  readonly sharedA: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

function matrices({ groups, sharedA, m, n, k, transposeA, transposeB }: Matrices): GemmForm {
  return {
    groups,
    m,
    n,
    k,
    taps: 1,
    a: {
      groups: sharedA ? 1 : groups,
      depth: k,
      positions: m,
      element: transposeA ? (g, d, s) => (g * k + d) * m + s : (g, d, s) => (g * m + s) * k + d,
    },
    b: {
      groups,
      depth: k,
      positions: n,
      element: transposeB ? (g, d, s) => (g * n + s) * k + d : (g, d, s) => (g * k + d) * n + s,
    },
    reach: (from, to) => [from, to],
    position: (row) => row,
    result: (g, row, column) => (g * m + row) * n + column,
  };
}

/** Up to three spatial axes as depth, height, width. */
function lifted(list: readonly number[], fill: number): readonly number[] {
  return [...new Array<number>(3 - list.length).fill(fill), ...list];
}

function convolution(operator: ModelOperator, x: readonly number[], y: readonly number[]): GemmForm | null {
  const [batch = 1, channels = 1, ...spatial] = x;
  const [, filters = 1, ...result] = y;
  const window = slide(spatial, operator.parameters);
  const weight = operator.weights.find(({ name }) => name === 'weight')?.shape;
  if (!window.ok || !weight || spatial.length > 3) return null;
  const depth = weight[1] ?? 1;
  const groups = channels / depth;
  const n = filters / groups;
  const [kernel, strides, dilations, begins, wide, narrow] = [
    lifted(window.value.kernel, 1),
    lifted(window.value.strides, 1),
    lifted(window.value.dilations, 1),
    lifted(window.value.begins, 0),
    lifted(spatial, 1),
    lifted(result, 1),
  ];
  const taps = product(kernel);
  const size = product(wide);
  const positions = product(narrow);
  const k = depth * taps;
  /** Batch entry and window of a row. */
  const coordinates = (row: number): readonly number[] => {
    const [, height = 1, width = 1] = narrow;
    const inside = row % positions;
    return [
      Math.floor(row / positions),
      Math.floor(inside / (height * width)),
      Math.floor(inside / width) % height,
      inside % width,
    ];
  };
  const extents = [batch, ...wide];
  /** First and last place under the window on an axis of (batch, depth, height, width). */
  const under = (axis: number, at: number): readonly [number, number] => {
    if (axis === 0) return [at, at];
    const start = at * strides[axis - 1]! - begins[axis - 1]!;
    const end = start + (kernel[axis - 1]! - 1) * dilations[axis - 1]!;
    const clamped = (place: number) => Math.min(Math.max(place, 0), wide[axis - 1]! - 1);
    return [clamped(start), clamped(end)];
  };
  const tapAt = Array.from({ length: taps }, (_, tap) => {
    const [, height = 1, width = 1] = kernel;
    return [
      Math.floor(tap / (height * width)) * dilations[0]!,
      (Math.floor(tap / width) % height) * dilations[1]!,
      (tap % width) * dilations[2]!,
    ] as const;
  });
  const [deep = 1, high = 1, broad = 1] = wide;
  const [strideZ = 1, strideY = 1, strideX = 1] = strides;
  const [beginZ = 0, beginY = 0, beginX = 0] = begins;
  const [, narrowHeight = 1, narrowWidth = 1] = narrow;
  return {
    groups,
    m: batch * positions,
    n,
    k,
    taps,
    a: {
      groups,
      depth,
      positions: batch * size,
      element: (g, d, s) => {
        const entry = batch === 1 ? 0 : Math.floor(s / size);
        return (entry * channels + g * depth + d) * size + s - entry * size;
      },
    },
    b: { groups, depth: k, positions: n, element: (g, d, s) => (g * n + s) * k + d },
    reach(from, to) {
      const [first, last] = [coordinates(from), coordinates(to - 1)];
      // Below the outermost axis on which the rows differ they take in everything.
      const split = first.findIndex((at, axis) => at !== last[axis]);
      let [low, high] = [0, 0];
      extents.forEach((extent, axis) => {
        const isInside = split !== -1 && axis > split;
        low = low * extent + (isInside ? 0 : under(axis, first[axis]!)[0]);
        high = high * extent + (isInside ? extent - 1 : under(axis, last[axis]!)[1]);
      });
      return [low, high + 1];
    },
    position(row, at) {
      const tap = tapAt[at % taps]!;
      const inside = row % positions;
      const z = Math.floor(inside / (narrowHeight * narrowWidth)) * strideZ - beginZ + tap[0];
      const yy = (Math.floor(inside / narrowWidth) % narrowHeight) * strideY - beginY + tap[1];
      const xx = (inside % narrowWidth) * strideX - beginX + tap[2];
      if (z < 0 || z >= deep || yy < 0 || yy >= high || xx < 0 || xx >= broad) return -1;
      return Math.floor(row / positions) * size + (z * high + yy) * broad + xx;
    },
    result(g, row, column) {
      const entry = Math.floor(row / positions);
      return (entry * filters + g * n + column) * positions + (row - entry * positions);
    },
  };
}
