/** The operators Gemmini does itself: matrix products, convolutions, sums of tensors. Images lie as N, H, W, C. */
import {
  type Address,
  add,
  type Buffer,
  div,
  type Expr,
  loop,
  max,
  min,
  mod,
  mul,
  type Routine,
  type Statement,
  sub,
  sum,
  when,
} from './loops.ts';
import type { GemminiParameters } from './parameters.ts';
import { blockExtent, ceil, type Operands, product } from './product.ts';

interface Result_ {
  readonly name: string;
  readonly comment: string;
  readonly relu: boolean;
  /** C expression of the factor from sums to elements; null stores sums in full. */
  readonly scale: string | null;
}

export interface Gemm extends Result_ {
  readonly groups: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** One number a column, added to every row; 32 bits. */
  readonly bias: boolean;
}

const buffer = (name: string, type: Buffer['type'], elements: number, isWritten = false): Buffer => ({
  name,
  type,
  elements,
  isWritten,
});

function stored({ scale, relu }: Result_, stride: number): Statement {
  return {
    kind: 'config-st',
    stride,
    type: scale === null ? 'acc' : 'elem',
    relu,
    scale: scale ?? 'ACC_SCALE_IDENTITY',
  };
}

const outAddress = (from: Address, { scale }: Result_): Address =>
  from.space === 'accumulator' ? { ...from, full: scale === null } : from;

/** C[g] = A[g]·B[g] + bias, row-major, groups one after the other. */
export function gemm(kernel: Gemm, parameters: GemminiParameters): Routine {
  const { groups, m, n, k, bias } = kernel;
  const { dim } = parameters;
  const operands: Operands = {
    groups,
    blocks: { i: ceil(m, dim), j: ceil(n, dim), k: ceil(k, dim) },
    rows: (i) => blockExtent(m, i, dim),
    cols: (j) => blockExtent(n, j, dim),
    depth: (at) => blockExtent(k, at, dim),
    loadA: (g, i, at, to) => [
      {
        kind: 'mvin',
        slot: 0,
        from: { buffer: 'a', offset: sum(mul(g, m * k), mul(i, dim * k), mul(at, dim)) },
        to,
        cols: blockExtent(k, at, dim),
        rows: blockExtent(m, i, dim),
      },
    ],
    loadB: (g, at, j, to) => [
      {
        kind: 'mvin',
        slot: 1,
        from: { buffer: 'b', offset: sum(mul(g, k * n), mul(at, dim * n), mul(j, dim)) },
        to,
        cols: blockExtent(n, j, dim),
        rows: blockExtent(k, at, dim),
      },
    ],
    loadD: bias
      ? (_, i, j, to) => [
          {
            kind: 'mvin',
            slot: 2,
            from: { buffer: 'd', offset: mul(j, dim) },
            to,
            cols: blockExtent(n, j, dim),
            rows: blockExtent(m, i, dim),
          },
        ]
      : null,
    store: (g, i, j, from) => [
      {
        kind: 'mvout',
        to: { buffer: 'c', offset: sum(mul(g, m * n), mul(i, dim * n), mul(j, dim)) },
        from: outAddress(from, kernel),
        cols: blockExtent(n, j, dim),
        rows: blockExtent(m, i, dim),
      },
    ],
  };
  return {
    name: kernel.name,
    comment: kernel.comment,
    buffers: [
      buffer('a', 'elem', groups * m * k),
      buffer('b', 'elem', groups * k * n),
      ...(bias ? [buffer('d', 'acc', n)] : []),
      buffer('c', kernel.scale === null ? 'acc' : 'elem', groups * m * n, true),
    ],
    body: [
      { kind: 'config-ex' },
      { kind: 'config-ld', slot: 0, stride: k, type: 'elem', shrunk: false },
      { kind: 'config-ld', slot: 1, stride: n, type: 'elem', shrunk: false },
      // A stride of 0 repeats the one row of biases.
      ...(bias ? [{ kind: 'config-ld', slot: 2, stride: 0, type: 'acc', shrunk: false } as const] : []),
      stored(kernel, n),
      ...product(operands, parameters),
    ],
  };
}

export interface Convolution extends Result_ {
  readonly batch: number;
  readonly groups: number;
  /** Of the whole tensors, all groups. */
  readonly channels: number;
  readonly filters: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
  /** Before the first row and column; what follows the last comes from the result's extents. */
  readonly begins: readonly [height: number, width: number];
  readonly result: readonly [height: number, width: number];
  readonly bias: boolean;
}

/**
 * A block of rows of A is up to DIM neighbouring results of one row of the picture; a block of depth is one place of the
 * window and up to DIM channels. Padding is moved in as zeros, so no picture is unrolled in memory. Weights lie as
 * window height, window width, channels of a group, filters.
 */
export function convolution(kernel: Convolution, parameters: GemminiParameters): Routine {
  const { batch, groups, channels, filters, height, width, bias } = kernel;
  const [kernelHeight, kernelWidth] = kernel.kernel;
  const [strideHeight, strideWidth] = kernel.strides;
  const [dilationHeight, dilationWidth] = kernel.dilations;
  const [top, leftPad] = kernel.begins;
  const [resultHeight, resultWidth] = kernel.result;
  const { dim } = parameters;
  const depthOf = channels / groups;
  const filtersOf = filters / groups;
  const across = ceil(resultWidth, dim);
  const deep = ceil(depthOf, dim);
  const rowsAt = (i: Expr) => blockExtent(resultWidth, mod(i, across), dim);
  const place = (i: Expr) => ({
    sample: div(i, across * resultHeight),
    y: mod(div(i, across), resultHeight),
    x: mul(mod(i, across), dim),
  });
  const operands: Operands = {
    groups,
    blocks: { i: batch * resultHeight * across, j: ceil(filtersOf, dim), k: kernelHeight * kernelWidth * deep },
    rows: rowsAt,
    cols: (j) => blockExtent(filtersOf, j, dim),
    depth: (k) => blockExtent(depthOf, mod(k, deep), dim),
    loadA(g, i, k, to) {
      const { sample, y, x } = place(i);
      const cols = blockExtent(depthOf, mod(k, deep), dim);
      const move = (from: Expr, count: Expr, source: 'zeros' | 'image'): Statement => ({
        kind: 'mvin',
        slot: 0,
        from:
          source === 'zeros'
            ? 'zeros'
            : {
                buffer: 'a',
                offset: sum(
                  mul(sum(mul(sum(mul(sample, height), 'iy'), width), 'ix', mul(from, strideWidth)), channels),
                  mul(g, depthOf),
                  mul(mod(k, deep), dim),
                ),
              },
        to: { space: 'scratchpad', row: add(to.row, from) },
        cols,
        rows: count,
      });
      const zeros = [move(0, 'rows', 'zeros')];
      // Columns left of the picture, and columns before its right edge; both in steps of the stride.
      const upTo = (edge: Expr): Expr => min('rows', div(add(max(0, sub(edge, 'ix')), strideWidth - 1), strideWidth));
      return [
        { kind: 'let', name: 'rows', value: rowsAt(i) },
        {
          kind: 'let',
          name: 'iy',
          value: sub(add(mul(y, strideHeight), mul(div(div(k, deep), kernelWidth), dilationHeight)), top),
        },
        {
          kind: 'let',
          name: 'ix',
          value: sub(add(mul(x, strideWidth), mul(mod(div(k, deep), kernelWidth), dilationWidth)), leftPad),
        },
        { kind: 'let', name: 'from', value: upTo(0) },
        { kind: 'let', name: 'to', value: upTo(width) },
        when('iy', 0, zeros, [
          when(
            'iy',
            height,
            [
              when(0, 'from', [move(0, 'from', 'zeros')]),
              when('from', 'to', [move('from', sub('to', 'from'), 'image')]),
              when('to', 'rows', [move('to', sub('rows', 'to'), 'zeros')]),
            ],
            zeros,
          ),
        ]),
      ];
    },
    loadB: (g, k, j, to) => [
      {
        kind: 'mvin',
        slot: 1,
        from: {
          buffer: 'b',
          offset: sum(
            mul(sum(mul(div(k, deep), depthOf), mul(mod(k, deep), dim)), filters),
            mul(g, filtersOf),
            mul(j, dim),
          ),
        },
        to,
        cols: blockExtent(filtersOf, j, dim),
        rows: blockExtent(depthOf, mod(k, deep), dim),
      },
    ],
    loadD: bias
      ? (g, i, j, to) => [
          {
            kind: 'mvin',
            slot: 2,
            from: { buffer: 'd', offset: sum(mul(g, filtersOf), mul(j, dim)) },
            to,
            cols: blockExtent(filtersOf, j, dim),
            rows: rowsAt(i),
          },
        ]
      : null,
    store(g, i, j, from) {
      const { sample, y, x } = place(i);
      const pixel = sum(mul(sum(mul(sample, resultHeight), y), resultWidth), x);
      return [
        {
          kind: 'mvout',
          to: { buffer: 'c', offset: sum(mul(pixel, filters), mul(g, filtersOf), mul(j, dim)) },
          from: outAddress(from, kernel),
          cols: blockExtent(filtersOf, j, dim),
          rows: rowsAt(i),
        },
      ];
    },
  };
  return {
    name: kernel.name,
    comment: kernel.comment,
    buffers: [
      buffer('a', 'elem', batch * height * width * channels),
      buffer('b', 'elem', kernelHeight * kernelWidth * depthOf * filters),
      ...(bias ? [buffer('d', 'acc', filters)] : []),
      buffer('c', kernel.scale === null ? 'acc' : 'elem', batch * resultHeight * resultWidth * filters, true),
    ],
    body: [
      { kind: 'config-ex' },
      { kind: 'config-ld', slot: 0, stride: strideWidth * channels, type: 'elem', shrunk: false },
      { kind: 'config-ld', slot: 1, stride: filters, type: 'elem', shrunk: false },
      ...(bias ? [{ kind: 'config-ld', slot: 2, stride: 0, type: 'acc', shrunk: false } as const] : []),
      stored(kernel, filters),
      ...product(operands, parameters),
    ],
  };
}

export interface Sum extends Result_ {
  readonly elements: number;
  /** 1: the tensor itself, e.g. for an activation on its own. */
  readonly operands: 1 | 2;
}

/** Element by element through the accumulator: the first operand replaces what is there, the second adds to it. */
export function elementSum(kernel: Sum, { dim, accRows }: GemminiParameters): Routine {
  const { elements, operands } = kernel;
  const whole = Math.floor(elements / dim);
  const over = elements % dim;
  const blocks = ceil(whole, dim);
  const half = Math.floor(accRows / 2);
  const names = operands === 2 ? (['a', 'b'] as const) : (['a'] as const);
  const step = (row: Expr, offset: Expr, cols: Expr, rows: Expr): readonly Statement[] => [
    ...names.map(
      (name, index): Statement => ({
        kind: 'mvin',
        slot: index === 0 ? 0 : 1,
        from: { buffer: name, offset },
        to: { space: 'accumulator', row, accumulate: index === 1 },
        cols,
        rows,
      }),
    ),
    { kind: 'mvout', to: { buffer: 'c', offset }, from: outAddress({ space: 'accumulator', row }, kernel), cols, rows },
  ];
  return {
    name: kernel.name,
    comment: kernel.comment,
    buffers: [
      ...names.map((name) => buffer(name, 'elem', elements)),
      buffer('c', kernel.scale === null ? 'acc' : 'elem', elements, true),
    ],
    body: [
      { kind: 'config-ex' },
      ...names.map(
        (_, index): Statement => ({
          kind: 'config-ld',
          slot: index === 0 ? 0 : 1,
          stride: dim,
          type: 'elem',
          shrunk: true,
        }),
      ),
      stored(kernel, dim),
      loop('i', blocks, step(mul(mod('i', 2), half), mul('i', dim * dim), dim, blockExtent(whole, 'i', dim))),
      ...(over > 0 ? step(0, whole * dim, over, 1) : []),
      { kind: 'fence' },
    ],
  };
}
