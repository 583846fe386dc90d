/**
 * The addresses a SCALE-Sim v3 array asks for, cycle by cycle, and the order its read buffers prefetch them in.
 * An operand is a matrix of addresses; in a fold its lanes (rows or columns of the array) read one column of it each,
 * skewed by a cycle a lane, or a block of it is loaded row by row from the bottom. Source: SCALE-Sim v3.0.0,
 * operand_matrix and systolic_compute_{os,ws,is}.
 */
import type { ArrayDescription, ArrayWorkload } from '#core/cost/array-model.ts';
import { type Folding, fold } from '#core/cost/folds.ts';

/** A read where nothing is: beyond the image. */
export const NOWHERE = -1;

export interface AddressMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Addresses are below this. */
  readonly size: number;
  at(row: number, column: number): number;
}

/** The unrolled input, m × k. A window that reaches beyond the image reads nothing there. */
export function inputAddresses({ groups, m, k, convolution: window }: ArrayWorkload): AddressMatrix {
  if (!window) return { rows: m, columns: k, size: m * k, at: (row, column) => row * k + column };
  const channels = window.inputChannels / groups;
  const { inputWidth, inputHeight } = window;
  const y = new Int32Array(m);
  const x = new Int32Array(m);
  for (let i = 0; i < m; i++) {
    y[i] = Math.floor(i / window.outputWidth) * window.strideHeight;
    x[i] = (i % window.outputWidth) * window.strideWidth;
  }
  const dy = new Int32Array(k);
  const dx = new Int32Array(k);
  const channel = new Int32Array(k);
  for (let j = 0; j < k; j++) {
    dy[j] = Math.floor(j / (window.kernelWidth * channels));
    dx[j] = Math.floor(j / channels) % window.kernelWidth;
    channel[j] = j % channels;
  }
  return {
    rows: m,
    columns: k,
    size: inputHeight * inputWidth * channels,
    at(row, column) {
      const line = y[row]! + dy[column]!;
      const pixel = x[row]! + dx[column]!;
      if (line >= inputHeight || pixel >= inputWidth) return NOWHERE;
      return (line * inputWidth + pixel) * channels + channel[column]!;
    },
  };
}

export function filterAddresses({ n, k }: ArrayWorkload): AddressMatrix {
  return { rows: k, columns: n, size: k * n, at: (row, column) => row * n + column };
}

export function transposed(matrix: AddressMatrix): AddressMatrix {
  const { rows, columns, size } = matrix;
  return { rows: columns, columns: rows, size, at: (row, column) => matrix.at(column, row) };
}

/** One operand's reads. Steps × lanes of `matrix`; a fold reads `width` lanes from `first(rowFold, columnFold)` on. */
export interface Stream {
  readonly matrix: AddressMatrix;
  readonly width: number;
  readonly isSkewed: boolean;
  /** Cycle of the fold in which the first step is read. */
  readonly start: number;
  /** Which fold index selects the lanes. */
  readonly lanesBy: 'row' | 'column';
}

export interface Demand {
  readonly folding: Folding;
  readonly foldCycles: number;
  readonly input: Stream;
  readonly weight: Stream;
}

export function demandOf(workload: ArrayWorkload, array: ArrayDescription): Demand {
  const { rows, columns, dataflow } = array;
  const folding = fold(workload, dataflow, rows, columns);
  const foldCycles = folding.temporal + rows + columns - 2 + (dataflow === 'os' ? 0 : rows);
  const input = inputAddresses(workload);
  const filter = filterAddresses(workload);
  const streamed = (matrix: AddressMatrix, start: number): Stream => {
    return { matrix, width: rows, isSkewed: true, start, lanesBy: 'row' };
  };
  const loaded = (matrix: AddressMatrix): Stream => {
    return { matrix, width: columns, isSkewed: false, start: 0, lanesBy: 'column' };
  };
  switch (dataflow) {
    case 'os':
      return {
        folding,
        foldCycles,
        input: streamed(transposed(input), 0),
        weight: { matrix: filter, width: columns, isSkewed: true, start: 0, lanesBy: 'column' },
      };
    case 'ws':
      return { folding, foldCycles, input: streamed(input, rows), weight: loaded(filter) };
    case 'is':
      return { folding, foldCycles, input: loaded(transposed(input)), weight: streamed(transposed(filter), rows) };
  }
}

/**
 * Calls `read` for each address a stream asks for in one cycle of a fold, lanes in order.
 * @param height rows of the array: a loaded block enters bottom row first.
 */
export function readsAt(
  stream: Stream,
  rowFold: number,
  columnFold: number,
  height: number,
  cycle: number,
  read: (address: number) => void,
): void {
  const { matrix, width, isSkewed, start, lanesBy } = stream;
  const first = (lanesBy === 'row' ? rowFold : columnFold) * width;
  const lanes = Math.min(width, matrix.columns - first);
  const since = cycle - start;
  if (isSkewed) {
    const last = Math.min(lanes - 1, since);
    for (let lane = Math.max(0, since - matrix.rows + 1); lane <= last; lane++) {
      const address = matrix.at(since - lane, first + lane);
      if (address !== NOWHERE) read(address);
    }
    return;
  }
  if (since < 0 || since >= height) return;
  const row = rowFold * height + height - 1 - since;
  if (row >= matrix.rows) return;
  for (let lane = 0; lane < lanes; lane++) {
    const address = matrix.at(row, first + lane);
    if (address !== NOWHERE) read(address);
  }
}

/**
 * Addresses in the order they are prefetched: blocks of `width` lanes below one another, padded with nothing, by
 * diagonals where the demand is skewed and by rows where it is not.
 */
export function prefetchOrder({ matrix, width, isSkewed }: Stream): Int32Array {
  const blocks = Math.ceil(matrix.columns / width);
  const height = blocks * matrix.rows;
  const order = new Int32Array(height * width);
  const at = (row: number, lane: number) => {
    const column = Math.floor(row / matrix.rows) * width + lane;
    return column < matrix.columns ? matrix.at(row % matrix.rows, column) : NOWHERE;
  };
  let index = 0;
  if (!isSkewed) {
    for (let row = 0; row < height; row++) for (let lane = 0; lane < width; lane++) order[index++] = at(row, lane);
    return order;
  }
  for (let diagonal = 0; diagonal < height + width - 1; diagonal++) {
    const last = Math.max(0, diagonal - width + 1);
    for (let row = Math.min(diagonal, height - 1); row >= last; row--) order[index++] = at(row, diagonal - row);
  }
  return order;
}

/** Results that leave the array in one cycle of a fold. */
export function writesAt(demand: Demand, array: ArrayDescription, rowFold: number, columnFold: number, cycle: number) {
  const { spatialRows, spatialColumns, temporal } = demand.folding;
  const lanes = Math.min(array.columns, spatialColumns - columnFold * array.columns);
  const isOs = array.dataflow === 'os';
  const start = isOs ? temporal - 1 : 2 * array.rows - 1;
  const steps = isOs ? array.rows : temporal;
  // os shifts results out of the bottom: rows that hold nothing come first.
  const empty = isOs ? array.rows - Math.min(array.rows, spatialRows - rowFold * array.rows) : 0;
  const since = cycle - start;
  return Math.max(0, Math.min(lanes - 1, since - empty) - Math.max(0, since - steps + 1) + 1);
}
