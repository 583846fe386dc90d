/**
 * What the folds of a product move, by kinds of fold: elements that enter and leave the cells, the operand buffers
 * and the chip. Folds differ only by being first, last or between on each axis, so there are at most nine kinds
 * however large the product. Column folds are the outer loop. Groups that fit lie side by side in one fold.
 */
import type { Dataflow } from '#core/architecture/machine.ts';
import type { ArrayDescription, ArrayWorkload, Operand, PortLevel } from './array-model.ts';
import { project } from './folds.ts';

/** Elements of one fold at one level: operands in, finished results out, partial sums out and back in. */
export interface FoldTraffic {
  readonly input: number;
  readonly weight: number;
  readonly output: number;
  readonly sumWrites: number;
  readonly sumReads: number;
}

export interface FoldKind {
  /** How many folds of the whole kernel are of this kind. */
  readonly count: number;
  /** Rows and columns of cells in use, and the cells among them that hold work. */
  readonly rows: number;
  readonly columns: number;
  readonly cells: number;
  readonly temporal: number;
  readonly traffic: Readonly<Record<PortLevel, FoldTraffic>>;
}

/**
 * How many groups lie side by side, as blocks on the diagonal of the array: rows of one never meet columns of another.
 * 1 where a single group fills a fold on either axis.
 */
export function groupsPacked(workload: ArrayWorkload, array: ArrayDescription): number {
  const { spatialRows, spatialColumns } = project(workload, array.dataflow);
  const fitting = Math.min(Math.floor(array.rows / spatialRows), Math.floor(array.columns / spatialColumns));
  return Math.max(1, Math.min(fitting, workload.groups));
}

/** Distinct input elements of one group: of a convolution the image under its windows (no padding), else m × k. */
export function distinctInput({ groups, m, k, convolution }: ArrayWorkload): number {
  if (!convolution) return m * k;
  const { inputChannels, outputHeight, outputWidth, kernelHeight, kernelWidth } = convolution;
  const pixels =
    covered(outputHeight, convolution.strideHeight, kernelHeight, convolution.inputHeight) *
    covered(outputWidth, convolution.strideWidth, kernelWidth, convolution.inputWidth);
  const images = Math.max(1, Math.round(m / (outputHeight * outputWidth)));
  return Math.max(1, Math.min(m * k, images * pixels * Math.max(1, Math.round(inputChannels / groups))));
}

/** Positions of an axis under at least one window, at most all there are. */
function covered(windows: number, stride: number, kernel: number, extent: number): number {
  return Math.min(extent, stride < kernel ? (windows - 1) * stride + kernel : windows * kernel);
}

export function foldKinds(workload: ArrayWorkload, array: ArrayDescription): readonly FoldKind[] {
  const packed = groupsPacked(workload, array);
  if (packed === 1) return productKinds(workload, array, 1, workload.groups);
  const rest = workload.groups % packed;
  return [
    ...productKinds(workload, array, packed, Math.floor(workload.groups / packed)),
    ...(rest > 0 ? productKinds(workload, array, rest, 1) : []),
  ];
}

/** Which fold indices select an operand's block: its row folds, its column folds, or both. */
type Selector = 'row' | 'column' | 'both';
const SELECTORS: Readonly<Record<Dataflow, Readonly<Record<Operand, Selector>>>> = {
  os: { input: 'row', weight: 'column', output: 'both' },
  ws: { input: 'row', weight: 'both', output: 'column' },
  is: { input: 'both', weight: 'row', output: 'column' },
};
const OPERANDS = ['input', 'weight', 'output'] as const;

interface Run {
  readonly count: number;
  readonly size: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** The folds of one axis in order: the first, those between, the last. */
function runsOf(extent: number, size: number): readonly Run[] {
  const folds = Math.ceil(extent / size);
  const last = extent - (folds - 1) * size;
  if (folds === 1) return [{ count: 1, size: last, isFirst: true, isLast: true }];
  const between = { count: folds - 2, size, isFirst: false, isLast: false };
  return [
    { count: 1, size, isFirst: true, isLast: false },
    ...(folds > 2 ? [between] : []),
    { count: 1, size: last, isFirst: false, isLast: true },
  ];
}

/** The folds of `products` equal products, each of `packed` groups (in one fold when more than one). */
function productKinds(
  workload: ArrayWorkload,
  array: ArrayDescription,
  packed: number,
  products: number,
): readonly FoldKind[] {
  const { spatialRows, spatialColumns, temporal } = project(workload, array.dataflow);
  const rowRuns = runsOf(packed * spatialRows, array.rows);
  const columnRuns = runsOf(packed * spatialColumns, array.columns);
  const selectors = SELECTORS[array.dataflow];
  const { buffers, chip, inputShare } = residency(workload, array, packed);
  const kinds: FoldKind[] = [];
  for (const column of columnRuns)
    for (const row of rowRuns) {
      const cells = packed > 1 ? packed * spatialRows * spatialColumns : row.size * column.size;
      const place = { row, column, cells, temporal };
      const intoBuffers = trafficOf(place, selectors, buffers, inputShare.buffers);
      kinds.push({
        count: products * row.count * column.count,
        rows: row.size,
        columns: column.size,
        cells,
        temporal,
        traffic: {
          cells: trafficOf(place, selectors, NOTHING_KEPT, 1),
          buffers: intoBuffers,
          'off-chip': chip === buffers ? intoBuffers : trafficOf(place, selectors, chip, inputShare.chip),
        },
      });
    }
  return kinds;
}

type Kept = Readonly<Record<Operand, boolean>>;
const NOTHING_KEPT: Kept = { input: false, weight: false, output: false };

interface Place {
  readonly row: Run;
  readonly column: Run;
  readonly cells: number;
  readonly temporal: number;
}

/** What one fold moves where blocks of the operands `kept` move only once. */
function trafficOf(
  place: Place,
  selectors: Readonly<Record<Operand, Selector>>,
  kept: Kept,
  inputShare: number,
): FoldTraffic {
  const { row } = place;
  const results = blockSize(place, selectors.output);
  const isSummed = selectors.output === 'column';
  const movesSums = isSummed && !kept.output;
  return {
    input: loaded(place, selectors.input, kept.input) * inputShare,
    weight: loaded(place, selectors.weight, kept.weight),
    output: !isSummed || row.isLast ? results : 0,
    sumWrites: movesSums && !row.isLast ? results : 0,
    sumReads: movesSums && !row.isFirst ? results : 0,
  };
}

/** Elements of an operand's block that a fold takes in: none where it was taken in before and kept. */
function loaded(place: Place, selector: Selector, isKept: boolean): number {
  const isAgain = selector === 'row' ? !place.column.isFirst : selector === 'column' && !place.row.isFirst;
  return isKept && isAgain ? 0 : blockSize(place, selector);
}

function blockSize({ row, column, cells, temporal }: Place, selector: Selector): number {
  switch (selector) {
    case 'row':
      return row.size * temporal;
    case 'column':
      return column.size * temporal;
    case 'both':
      return cells;
  }
}

interface Residency {
  /** Operands whose blocks stay in their buffer until they are done with. */
  readonly buffers: Kept;
  /** The same, in their buffer or the scratchpad. */
  readonly chip: Kept;
  /** Distinct input elements an element of the unrolled matrix costs, into the buffers and onto the chip. */
  readonly inputShare: { readonly buffers: number; readonly chip: number };
}

/** An operand held whole fills its buffer; a block that stays while others pass leaves half of it to the next. */
function residency(workload: ArrayWorkload, array: ArrayDescription, packed: number): Residency {
  const { m, n, k } = workload;
  const { elementBytes, bufferBytes, partialSumBytes, dataflow } = array;
  const { spatialRows, spatialColumns, temporal } = project(workload, dataflow);
  const distinct = distinctInput(workload);
  const selectors = SELECTORS[dataflow];
  const isSummed = selectors.output === 'column';
  const wholeBytes: Readonly<Record<Operand, number>> = {
    input: packed * distinct * elementBytes.input,
    weight: packed * k * n * elementBytes.weight,
    output: packed * m * n * (isSummed ? partialSumBytes : elementBytes.output),
  };
  const columnBlock = Math.min(packed * spatialColumns, array.columns) * temporal;
  const blockBytes = { ...elementBytes, output: isSummed ? partialSumBytes : elementBytes.output };

  const buffers = { input: false, weight: false, output: false };
  for (const operand of OPERANDS) {
    const blockStays = selectors[operand] === 'column' && 2 * columnBlock * blockBytes[operand] <= bufferBytes[operand];
    buffers[operand] = wholeBytes[operand] <= bufferBytes[operand] || blockStays;
  }

  // Unrolled windows repeat pixels; where the image is held, or its rows pass in order (os), a repeat costs nothing.
  const share = (isHeld: boolean) => (isHeld || dataflow === 'os' ? distinct / (m * k) : 1);
  const visits = {
    row: Math.ceil((packed * spatialColumns) / array.columns),
    column: Math.ceil((packed * spatialRows) / array.rows),
    both: 1,
  };
  const passes = (operand: Operand) =>
    visits[selectors[operand]] * (operand === 'input' && dataflow !== 'os' ? (m * k) / distinct : 1);

  const inBuffers = share(buffers.input);

  // The scratchpad keeps whole what moves most often, while there is room.
  const wanted = OPERANDS.filter(
    (operand) => wholeBytes[operand] <= array.scratchpadBytes && !buffers[operand] && passes(operand) > 1,
  );
  if (wanted.length === 0) return { buffers, chip: buffers, inputShare: { buffers: inBuffers, chip: inBuffers } };
  const chip = { ...buffers };
  let room = array.scratchpadBytes;
  for (const operand of wanted.toSorted((a, b) => passes(b) - passes(a))) {
    if (wholeBytes[operand] > room) continue;
    chip[operand] = true;
    room -= wholeBytes[operand];
  }
  return { buffers, chip, inputShare: { buffers: inBuffers, chip: share(chip.input) } };
}
