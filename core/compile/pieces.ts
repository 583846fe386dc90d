/**
 * Pieces of a kernel's operands, weights and results as its tile loop walks them: what a transfer through a tile
 * buffer moves, and so how many bytes. A piece is an interval of positions of a walk through the tensor. Products
 * and convolutions are walked as their factors are (gemm-form.ts), with exact halos; anything else in equal runs of elements.
 */
import type { ScheduleProblem } from '#core/schedule/problem.ts';
import { type Factor, type GemmForm, gemmForm, type Range } from './gemm-form.ts';
import type { KernelBodies } from './kernel-body.ts';
import type { KernelGraph } from './kernel-graph.ts';
import { type Layout, mappedBy, ROW_MAJOR } from './layout.ts';
import { ACCUMULATOR_BYTES } from './schedule-problem.ts';
import type { Axis, Mapping, OperandAccess, TileCounts } from './unit-model.ts';

export interface Piece {
  /** Pieces of equal key are of the same groups and depths: their positions overlap where their intervals do. */
  readonly key: number;
  /** Positions it needs. */
  readonly from: number;
  readonly to: number;
  /** Positions it brings first: those of all pieces are the whole operand, each once. May be none. */
  readonly ownFrom: number;
  readonly ownTo: number;
  /** Bytes a position. */
  readonly positionBytes: number;
  /** Groups and depths of a factor; null where positions are elements (or, for weights, the piece as a whole). */
  readonly block: { readonly g: Range; readonly d: Range } | null;
}

export interface Pieces {
  readonly count: number;
  /** The piece that a tile uses. */
  indexOf(tile: TileCounts): number;
  piece(index: number): Piece;
}

/** Which factor of the product an operand is. */
export interface Roles {
  readonly a: number;
  /** Number of the operand; −1 for the kernel's weights. */
  readonly b: number;
}

/** A product computed tile by tile, and where in memory the elements of its factors and its result lie. */
export interface TiledGemm {
  readonly form: GemmForm;
  readonly roles: Roles;
  readonly places: {
    readonly a: Factor['element'];
    readonly b: Factor['element'];
    readonly result: GemmForm['result'];
  };
}

export interface KernelPieces {
  /** Null: the kernel is evaluated whole. */
  readonly gemm: TiledGemm | null;
  readonly operands: readonly Pieces[];
  readonly weights: Pieces | null;
  readonly results: readonly Pieces[];
}

/** The pieces of every kernel under its mapping, by operator. */
export function piecesOf(
  problem: ScheduleProblem,
  graph: KernelGraph,
  bodies: KernelBodies,
  mapped: readonly { readonly mapping: Mapping }[],
): readonly KernelPieces[] {
  return graph.operators.map((_, index) => kernelPieces(index, problem, graph, bodies, mapped[index]!.mapping));
}

function kernelPieces(
  index: number,
  problem: ScheduleProblem,
  graph: KernelGraph,
  bodies: KernelBodies,
  mapping: Mapping,
): KernelPieces {
  const kernel = graph.operators[index]!;
  const { inputs, outputs, weightBytes } = problem.ops[index]!;
  const elements = (tensor: number) => graph.tensors[tensor]!.elements;
  const width = (tensor: number) => (elements(tensor) === 0 ? 0 : problem.tensors[tensor]!.bytes / elements(tensor));
  const gemm = tiledGemm(index, graph, bodies, mapping);
  const isProduct = kernel.kernel.kind === 'gemm' && kernel.kernel.bIsActivation && mapping.weights.axes.includes('n');
  return {
    gemm,
    operands: inputs.map((tensor, operand) => {
      if (gemm?.roles.a === operand) return walkOfA(gemm.form, mapping, width(tensor));
      if (gemm?.roles.b === operand) return walkOfB(gemm.form, mapping, width(tensor));
      return runs(
        elements(tensor),
        width(tensor),
        isProduct && operand === 1 ? mapping.weights : mapping.inputs,
        mapping,
      );
    }),
    weights:
      weightBytes === 0
        ? null
        : ((gemm?.roles.b === -1 ? walkOfWeights(gemm.form, mapping, weightBytes, kernel) : null) ??
          runs(weightBytes, 1, mapping.weights, mapping)),
    results: outputs.map((tensor) =>
      gemm
        ? walkOfResult(gemm.form, mapping, width(tensor))
        : runs(elements(tensor), width(tensor), mapping.outputs, mapping),
    ),
  };
}

/** The kernel as a product that is computed tile by tile, or null where only its main operator as a whole will do. */
function tiledGemm(index: number, graph: KernelGraph, bodies: KernelBodies, mapping: Mapping): KernelPieces['gemm'] {
  const { kernel, inputs, outputs } = graph.operators[index]!;
  const [main] = bodies.operators[index]!;
  const { tile, counts } = mapping.loop;
  if (kernel.kind !== 'gemm' || !main || !tile || outputs.length !== 1) return null;
  const form = gemmForm(main, bodies.model);
  if (!form) return null;
  const { groups: g, m, n, k } = form;
  if (g !== kernel.groups || m !== kernel.m || n !== kernel.n || k !== kernel.k) return null;
  const isCut = (['g', 'm', 'n', 'k'] as const).every(
    (axis) => Math.ceil({ g, m, n, k }[axis] / tile[axis]) === counts[axis],
  );
  if (!isCut || graph.tensors[outputs[0]!]!.elements !== g * m * n) return null;
  if (counts.k > 1 && tile.k % form.taps !== 0) return null;
  const operandOf = (port: number): number => {
    const source = main.inputs[port];
    return source === null || source === undefined ? -1 : inputs.indexOf(bodies.kernelTensor[bodies.root[source]!]!);
  };
  const a = operandOf(0);
  if (a === -1) return null;
  const b = operandOf(1);
  if (b === a && main.inputs.length > 1) return null;
  const placeOf = (tensor: number | null | undefined) => lazily(bodies.place[tensor ?? -1] ?? ROW_MAJOR);
  const [inA, inB, inResult] = [main.inputs[0], main.inputs[1], bodies.results[index]![0]].map(placeOf);
  return {
    form,
    roles: { a, b: main.inputs.length > 1 ? b : -1 },
    places: {
      a: (g, d, s) => inA!(form.a.element(g, d, s)),
      b: (g, d, s) => inB!(form.b.element(g, d, s)),
      result: (g, row, column) => inResult!(form.result(g, row, column)),
    },
  };
}

/** Element → place; the list of all is made when the first is asked for. */
function lazily(layout: Layout): (element: number) => number {
  if (layout.length === 0) return (element) => element;
  let places: Int32Array | null = null;
  return (element) => {
    places ??= mappedBy(layout);
    return places[element]!;
  };
}

/** Block `index` of an axis of `extent` cut into blocks of `size`. */
export function blockRange(extent: number, size: number, index: number): Range {
  return [index * size, Math.min(extent, (index + 1) * size)];
}

const length = ([from, to]: Range): number => to - from;

/** Numbers tiles or pieces by the axes they depend on, the first slowest. */
function numbering(axes: readonly Axis[], counts: TileCounts) {
  return {
    count: axes.reduce((total, axis) => total * counts[axis], 1),
    indexOf: (tile: TileCounts) => axes.reduce((index, axis) => index * counts[axis] + tile[axis], 0),
    at(index: number): TileCounts {
      const tile = { g: 0, m: 0, n: 0, k: 0 };
      let rest = index;
      for (const axis of [...axes].reverse()) {
        tile[axis] = rest % counts[axis];
        rest = Math.floor(rest / counts[axis]);
      }
      return tile;
    },
  };
}

const TILE_AXES = ['g', 'm', 'n', 'k'] as const;

/** The number a tile has in the program's column `tile`, and back. */
export function tileNumbers(counts: TileCounts): Pick<ReturnType<typeof numbering>, 'indexOf' | 'at'> {
  return numbering(TILE_AXES, counts);
}

/** Element-aligned runs of equal length, as near as may be. */
function runs(elements: number, width: number, access: OperandAccess, mapping: Mapping): Pieces {
  const { count, indexOf } = numbering(access.axes, mapping.loop.counts);
  return {
    count,
    indexOf,
    piece(index) {
      const from = Math.floor((index * elements) / count);
      const to = Math.floor(((index + 1) * elements) / count);
      return { key: 0, from, to, ownFrom: from, ownTo: to, positionBytes: width, block: null };
    },
  };
}

function walkOfA(form: GemmForm, mapping: Mapping, width: number): Pieces {
  const { counts, tile } = tiled(mapping);
  const { count, indexOf, at } = numbering(mapping.inputs.axes, counts);
  let covered = 0;
  const reaches = Array.from({ length: counts.m }, (_, i) => {
    const [from, to] = form.reach(...blockRange(form.m, tile.m, i));
    const ownFrom = covered;
    covered = i === counts.m - 1 ? form.a.positions : Math.max(covered, to);
    // What no window reads comes with the piece before it.
    const isOwner = covered > ownFrom;
    return {
      from: isOwner ? Math.min(from, ownFrom) : from,
      to: isOwner ? Math.max(to, covered) : to,
      ownFrom,
      ownTo: covered,
    };
  });
  return {
    count,
    indexOf,
    piece(index) {
      const { g, m, k } = at(index);
      const block = {
        g: groupsOf(form.a, blockRange(form.groups, tile.g, g)),
        d: depths(form, blockRange(form.k, tile.k, k)),
      };
      const positionBytes = length(block.g) * length(block.d) * width;
      return { ...reaches[m]!, key: block.g[0] * counts.k + k, positionBytes, block };
    },
  };
}

function walkOfB(form: GemmForm, mapping: Mapping, width: number): Pieces {
  const { counts, tile } = tiled(mapping);
  const { count, indexOf, at } = numbering(mapping.weights.axes, counts);
  return {
    count,
    indexOf,
    piece(index) {
      const { g, n, k } = at(index);
      const block = {
        g: groupsOf(form.b, blockRange(form.groups, tile.g, g)),
        d: blockRange(form.k, tile.k, k),
      };
      const [from, to] = blockRange(form.n, tile.n, n);
      const positionBytes = length(block.g) * length(block.d) * width;
      return { key: block.g[0] * counts.k + k, from, to, ownFrom: from, ownTo: to, positionBytes, block };
    },
  };
}

/** Each piece as one position; biases and other small operands come with the last k of their columns. Null where bytes do not add up. */
function walkOfWeights(
  form: GemmForm,
  mapping: Mapping,
  bytes: number,
  { weightElements, biasElements }: { readonly weightElements: number; readonly biasElements: number },
): Pieces | null {
  const width = (bytes - biasElements * ACCUMULATOR_BYTES) / weightElements;
  const rest = bytes - form.groups * form.n * form.k * width;
  if (!(Number.isInteger(width) && rest >= 0)) return null;
  const { counts, tile } = tiled(mapping);
  const { count, indexOf, at } = numbering(mapping.weights.axes, counts);
  const columns = counts.g * counts.n;
  return {
    count,
    indexOf,
    piece(index) {
      const { g, n, k } = at(index);
      const column = g * counts.n + n;
      const share = Math.floor(((column + 1) * rest) / columns) - Math.floor((column * rest) / columns);
      const body =
        length(blockRange(form.groups, tile.g, g)) *
        length(blockRange(form.n, tile.n, n)) *
        length(blockRange(form.k, tile.k, k));
      return whole(index, body * width + (k === counts.k - 1 ? share : 0));
    },
  };
}

function walkOfResult(form: GemmForm, mapping: Mapping, width: number): Pieces {
  const { counts, tile } = tiled(mapping);
  const { count, indexOf, at } = numbering(mapping.outputs.axes, counts);
  return {
    count,
    indexOf,
    piece(index) {
      const { g, m, n } = at(index);
      const elements =
        length(blockRange(form.groups, tile.g, g)) *
        length(blockRange(form.m, tile.m, m)) *
        length(blockRange(form.n, tile.n, n));
      return whole(index, elements * width);
    },
  };
}

function whole(key: number, positionBytes: number): Piece {
  return { key, from: 0, to: 1, ownFrom: 0, ownTo: 1, positionBytes, block: null };
}

function tiled({ loop }: Mapping): { readonly counts: TileCounts; readonly tile: TileCounts } {
  if (!loop.tile) throw new Error('a product is walked by the extents of its tiles');
  return { counts: loop.counts, tile: loop.tile };
}

function groupsOf(factor: Factor, range: Range): Range {
  return factor.groups === 1 ? [0, 1] : range;
}

/** Depths of A behind a range of k. */
export function depths({ taps }: GemmForm, [from, to]: Range): Range {
  return [Math.floor(from / taps), Math.ceil(to / taps)];
}

export function bytesOf({ from, to, positionBytes }: Piece): number {
  return (to - from) * positionBytes;
}

/** Intervals of `piece` that `before`, the piece in the other half of the buffer, does not have. */
export function missing(piece: Piece, before: Piece | null): readonly (readonly [from: number, to: number])[] {
  const overlaps =
    before !== null &&
    before.key === piece.key &&
    before.from < piece.to &&
    piece.from < before.to &&
    piece.block !== null;
  if (!overlaps) return [[piece.from, piece.to]];
  return [
    [piece.from, Math.min(before.from, piece.to)] as const,
    [Math.max(before.to, piece.from), piece.to] as const,
  ].filter(([from, to]) => from < to);
}
