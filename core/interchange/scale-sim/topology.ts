/**
 * SCALE-Sim's topology CSV: convolutions (IFMAP and filter extents, channels, filters, strides) or matrix products
 * (M, N, K), told apart by the header. Columns count by position, as there; a row may end in a comma or not.
 * Source: SCALE-Sim v3.0.0, topology_utils.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ArrayWorkload } from '#core/cost/array-model.ts';

interface Row {
  readonly name: string;
  /** In the file, from 1. */
  readonly line: number;
}

export interface ConvolutionLayer extends Row {
  readonly kind: 'convolution';
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  /** Of one group. */
  readonly channels: number;
  /** Of one group. */
  readonly filters: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  /** One for each channel where the name contains DP: SCALE-Sim then runs a layer of one channel for each. */
  readonly groups: number;
}

export interface GemmLayer extends Row {
  readonly kind: 'gemm';
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export type TopologyLayer = ConvolutionLayer | GemmLayer;

export interface Topology {
  readonly kind: TopologyLayer['kind'];
  readonly layers: readonly TopologyLayer[];
  /** What was read over: sparsity ratios, columns in another order. Never errors. */
  readonly problems: readonly Problem[];
}

/** Beyond these a file is refused rather than counted wrong or for ever. */
const LARGEST_EXTENT = 1_000_000_000;
/** A depthwise one counts for each channel, as SCALE-Sim runs it. */
const MOST_LAYERS = 100_000;
export const LONGEST_TEXT = 1 << 25;

const CONVOLUTION_COLUMNS = [
  'IFMAP Height',
  'IFMAP Width',
  'Filter Height',
  'Filter Width',
  'Channels',
  'Num Filter',
  'Strides',
] as const;
const GEMM_COLUMNS = ['M', 'N', 'K'] as const;

/** @returns the layers in order, or the first fault; its message and facts name the line. */
export function parseTopology(text: string, file: string): Result<Topology, Problem> {
  const fault = (line: number, message: string) =>
    err(problem('scale-sim.topology', `line ${line}: ${message}`, { where: { file }, facts: { line } }));
  if (text.length > LONGEST_TEXT) return fault(1, `the file is longer than ${LONGEST_TEXT} characters`);

  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const headerIndex = lines.findIndex((line) => line.trim() !== '');
  if (headerIndex < 0) return fault(1, 'the file is empty; a header and a row for each layer are expected');
  const header = cellsOf(lines[headerIndex]!);
  const kind = kindOf(header);
  if (kind === null) {
    const isRow = header.length > 3 && header.slice(1, 4).every((cell) => /^\d+$/.test(cell));
    const expected = `'Layer, ${GEMM_COLUMNS.join(', ')}' or 'Layer name, ${CONVOLUTION_COLUMNS.join(', ')}'`;
    return fault(
      headerIndex + 1,
      `${isRow ? 'the header is missing' : 'the header is not known'}; expected ${expected}`,
    );
  }

  const problems: Problem[] = [];
  const warn = (line: number, message: string) =>
    problems.push(
      problem('scale-sim.topology', `line ${line}: ${message}`, {
        severity: 'warning',
        where: { file },
        facts: { line },
      }),
    );
  if (kind === 'gemm' && header.slice(1, 4).join('').toLowerCase() !== 'mnk')
    warn(headerIndex + 1, 'the columns are read as M, N, K whatever their titles, as SCALE-Sim does');

  const layers: TopologyLayer[] = [];
  let count = 0;
  for (const [index, text] of lines.entries()) {
    if (index <= headerIndex || text.trim() === '' || text.trimStart().startsWith('#')) continue;
    const line = index + 1;
    const cells = cellsOf(text);
    const layer = kind === 'gemm' ? gemmLayer(cells, line) : convolutionLayer(cells, line);
    for (const cell of cells.slice(1)) {
      const [, kept, of] = /^(\d+):(\d+)$/.exec(cell) ?? [];
      if (kept !== of) warn(line, `sparsity ${cell} is not counted; the layer is taken as dense`);
    }
    if (kind === 'gemm' && /^\d+$/.test(cells[GEMM_COLUMNS.length + 1] ?? ''))
      warn(line, `${cells[GEMM_COLUMNS.length + 1]} after ${GEMM_COLUMNS.join(', ')} is not counted`);
    if (!layer.ok) return fault(line, layer.error);
    const { groups, m, n, k } = layerWorkload(layer.value);
    count += groups;
    if (count > MOST_LAYERS) return fault(line, `there are more than ${MOST_LAYERS} layers`);
    if (!Number.isSafeInteger(groups * m * n * k))
      return fault(line, 'the layer has too many multiplications to count');
    layers.push(layer.value);
  }
  if (layers.length === 0) return fault(lines.length, 'there is no layer after the header');
  return ok({ kind, layers, problems });
}

/** Trimmed cells without the quotes of a spreadsheet; what follows the last comma counts only if it is not blank. */
function cellsOf(line: string): readonly string[] {
  const cells = line.split(',').map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  );
  while (cells.length > 0 && cells.at(-1) === '') cells.pop();
  return cells;
}

/** Whether `head`, the beginning of a file, has a topology's header as its first line with anything in it. */
export function isTopologyHeader(head: string): boolean {
  const line = head
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .find((text) => text.trim() !== '');
  return line !== undefined && kindOf(cellsOf(line)) !== null;
}

function kindOf(header: readonly string[]): TopologyLayer['kind'] | null {
  const titles = header.map((cell) => cell.toLowerCase());
  if (titles.slice(1, 4).toSorted().join('') === 'kmn') return 'gemm';
  return titles.slice(1, 8).some((title) => /ifmap|filter|channel/.test(title)) ? 'convolution' : null;
}

function extents(cells: readonly string[], titles: readonly string[]): Result<readonly number[], string> {
  const found: number[] = [];
  for (const [index, title] of titles.entries()) {
    const cell = cells[index + 1];
    if (cell === undefined || cell === '') {
      const list = titles.join(', ');
      return err(`${title} is missing; a layer has a name and ${titles.length} numbers: ${list}`);
    }
    const value = Number(cell);
    if (!/^\d+$/.test(cell) || value < 1 || value > LARGEST_EXTENT)
      return err(`${title} is '${shortened(cell)}', not a whole number from 1 to ${LARGEST_EXTENT}`);
    found.push(value);
  }
  return ok(found);
}

function shortened(cell: string): string {
  return cell.length > 40 ? `${cell.slice(0, 40)}…` : cell;
}

function gemmLayer(cells: readonly string[], line: number): Result<GemmLayer, string> {
  const read = extents(cells, GEMM_COLUMNS);
  if (!read.ok) return read;
  const [m = 1, n = 1, k = 1] = read.value;
  return ok({ kind: 'gemm', name: cells[0]!, line, m, n, k });
}

function convolutionLayer(cells: readonly string[], line: number): Result<ConvolutionLayer, string> {
  const read = extents(cells, CONVOLUTION_COLUMNS);
  if (!read.ok) return read;
  const [inputHeight = 1, inputWidth = 1, filterHeight = 1, filterWidth = 1, channels = 1, filters = 1, stride = 1] =
    read.value;
  if (filterHeight > inputHeight) return err(`Filter Height ${filterHeight} is more than IFMAP Height ${inputHeight}`);
  if (filterWidth > inputWidth) return err(`Filter Width ${filterWidth} is more than IFMAP Width ${inputWidth}`);
  let strideWidth = stride;
  const second = cells[CONVOLUTION_COLUMNS.length + 1];
  if (second !== undefined && /^\d+$/.test(second)) {
    strideWidth = Number(second);
    if (strideWidth < 1 || strideWidth > LARGEST_EXTENT) return err(`the second stride is '${shortened(second)}'`);
  }
  const name = cells[0]!;
  const isDepthwise = name.includes('DP');
  return ok({
    kind: 'convolution',
    name,
    line,
    inputHeight,
    inputWidth,
    filterHeight,
    filterWidth,
    channels: isDepthwise ? 1 : channels,
    filters,
    strideHeight: stride,
    strideWidth,
    groups: isDepthwise ? channels : 1,
  });
}

/** Windows along an axis as SCALE-Sim counts them: the last one may reach beyond the input. */
function windows(extent: number, filter: number, stride: number): number {
  return Math.ceil((extent - filter + stride) / stride);
}

/** What an array has to do for a layer. */
export function layerWorkload(layer: TopologyLayer): ArrayWorkload {
  if (layer.kind === 'gemm') return { groups: 1, m: layer.m, n: layer.n, k: layer.k };
  const outputHeight = windows(layer.inputHeight, layer.filterHeight, layer.strideHeight);
  const outputWidth = windows(layer.inputWidth, layer.filterWidth, layer.strideWidth);
  return {
    groups: layer.groups,
    m: outputHeight * outputWidth,
    n: layer.filters,
    k: layer.filterHeight * layer.filterWidth * layer.channels,
    convolution: {
      inputHeight: layer.inputHeight,
      inputWidth: layer.inputWidth,
      inputChannels: layer.channels * layer.groups,
      kernelHeight: layer.filterHeight,
      kernelWidth: layer.filterWidth,
      strideHeight: layer.strideHeight,
      strideWidth: layer.strideWidth,
      outputHeight,
      outputWidth,
    },
  };
}

/** The text of a topology; parsing it gives the layers back, but for line numbers. */
export function formatTopology(kind: Topology['kind'], layers: readonly TopologyLayer[]): string {
  const rows = layers.map((layer) => {
    const cells =
      layer.kind === 'gemm'
        ? [layer.m, layer.n, layer.k]
        : [
            layer.inputHeight,
            layer.inputWidth,
            layer.filterHeight,
            layer.filterWidth,
            layer.channels * layer.groups,
            layer.filters,
            layer.strideHeight,
            ...(layer.strideWidth === layer.strideHeight ? [] : [layer.strideWidth]),
          ];
    return [layer.name, ...cells].join(',');
  });
  const header = kind === 'gemm' ? ['Layer', ...GEMM_COLUMNS] : ['Layer name', ...CONVOLUTION_COLUMNS];
  return `${[header.join(','), ...rows].map((row) => `${row},`).join('\n')}\n`;
}
