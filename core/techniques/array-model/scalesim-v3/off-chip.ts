/**
 * Off-chip accesses of SCALE-Sim v3 where they have a closed form. Its read buffers hold half of each SRAM and, in CALC
 * mode, are emptied whole when that half is full; its write buffer pads a line when it starts to drain.
 * Source: SCALE-Sim v3.0.0, ReadBufferEstimateBw, read_buffer, write_buffer.
 */
import type { ArrayDescription, ArrayPort, ArrayWorkload, Operand } from '#core/cost/array-model.ts';
import { fold, project } from '#core/cost/folds.ts';

export interface OffChip {
  readonly ifmapReads: number | null;
  readonly filterReads: number | null;
  readonly ofmapWrites: number | null;
}

/** Distinct elements a CALC read buffer takes before it is emptied: 50 sets of a hundredth of the SRAM each. */
export function calcCapacity(bufferBytes: number): number {
  return 50 * Math.floor(bufferBytes / 100);
}

/** One group's accesses with stall-free memories. Null for the input of overlapping windows that does not fit. */
export function calcAccesses(workload: ArrayWorkload, array: ArrayDescription): OffChip {
  const { m, n, k } = workload;
  const { dataflow, rows, columns, bufferBytes } = array;
  const { rowFolds, columnFolds } = fold(workload, dataflow, rows, columns);
  const filter = k * n;
  const filterCapacity = calcCapacity(bufferBytes.weight);
  const filterReads = {
    os: () => repeatedBlocks(k, n, columns, rowFolds, filterCapacity),
    ws: () => filter,
    is: () => cyclicReads(filter, columnFolds, filterCapacity),
  };
  const written = dataflow === 'os' ? m * n : rowFolds * m * n;
  return {
    ifmapReads: inputReads(workload, dataflow === 'is' ? 1 : columnFolds, calcCapacity(bufferBytes.input)),
    filterReads: filterReads[dataflow](),
    ofmapWrites: drainedWrites(written, bufferBytes.output, columns),
  };
}

/** The whole operand again and again, in the same order: held, or none of it is still there when it comes round. */
function cyclicReads(distinct: number, passes: number, capacity: number): number {
  return distinct < capacity ? distinct : passes * distinct;
}

/**
 * The filter of os: block after block of `columns` filters, each read `visits` times over. A block in which the buffer is
 * emptied has lost what was read of it before, once.
 */
function repeatedBlocks(k: number, n: number, columns: number, visits: number, capacity: number): number {
  let reads = 0;
  let held = 0;
  for (let first = 0; first < n; first += columns) {
    const block = k * Math.min(columns, n - first);
    if (block >= capacity) {
      reads += visits * block;
      held = (held + visits * block) % capacity;
      continue;
    }
    reads += block;
    held += block;
    if (held < capacity) continue;
    held -= capacity;
    if (visits === 1) continue;
    reads += block - held;
    held = block;
  }
  return reads;
}

/** Reads of the unrolled input. Windows that do not overlap repeat nothing; others only in closed form when all fits. */
function inputReads(workload: ArrayWorkload, passes: number, capacity: number): number | null {
  const { m, k, convolution } = workload;
  if (!convolution) return cyclicReads(m * k, passes, capacity);
  const { distinct, isOverlapping } = windowPixels(convolution);
  const images = m / (convolution.outputHeight * convolution.outputWidth);
  if (images !== 1) return null;
  const elements = distinct * (convolution.inputChannels / workload.groups);
  if (elements < capacity) return elements;
  return isOverlapping ? null : passes * elements;
}

/** Pixels under the windows. The last window of an axis may reach beyond the image; nothing is read there. */
function windowPixels(window: NonNullable<ArrayWorkload['convolution']>) {
  const axis = (count: number, stride: number, kernel: number, extent: number) => {
    if (stride < kernel) return Math.min(extent, (count - 1) * stride + kernel);
    let pixels = 0;
    for (let i = 0; i < count; i++) pixels += Math.max(0, Math.min(kernel, extent - i * stride));
    return pixels;
  };
  return {
    distinct:
      axis(window.outputHeight, window.strideHeight, window.kernelHeight, window.inputHeight) *
      axis(window.outputWidth, window.strideWidth, window.kernelWidth, window.inputWidth),
    isOverlapping:
      (window.strideHeight < window.kernelHeight && window.outputHeight > 1) ||
      (window.strideWidth < window.kernelWidth && window.outputWidth > 1),
  };
}

/**
 * Elements the write buffer sends off chip, in lines of `width`. Whenever it holds more than half of itself it closes the
 * line begun and drains half; what a closed line lacks is counted as sent, unless the line is the last of its drain.
 * Holds while no drain is still going on when the next is due, as in CALC mode, where a line takes a cycle's results.
 */
export function drainedWrites(written: number, bufferBytes: number, width: number): number {
  const half = bufferBytes - Math.ceil(bufferBytes / 2);
  const linesADrain = Math.max(1, Math.ceil(half / width));
  // Runs of lines in the buffer; only the last line of a run lacks elements.
  const runs: { lines: number; lack: number }[] = [];
  let sent = 0;
  let held = 0;
  const close = (elements: number) => {
    if (elements > 0) runs.push({ lines: Math.ceil(elements / width), lack: (width - (elements % width)) % width });
  };
  const drain = () => {
    let room = linesADrain;
    let lackOfLast = 0;
    for (let run = runs[0]; run !== undefined && room > 0; run = runs[0]) {
      const taken = Math.min(room, run.lines);
      room -= taken;
      run.lines -= taken;
      lackOfLast = run.lines === 0 ? run.lack : 0;
      if (run.lines === 0) runs.shift();
    }
    const elements = (linesADrain - room) * width - lackOfLast;
    sent += elements;
    held -= elements;
  };
  for (let arrived = 0; arrived < written; ) {
    const elements = Math.min(Math.max(1, half + 1 - held), written - arrived);
    arrived += elements;
    held += elements;
    close(elements);
    if (held > half) drain();
  }
  while (runs.length > 0) drain();
  return sent;
}

/** The off-chip port an operand has in USER mode, in elements a cycle; null without one. */
export function interfaceWidth(array: ArrayDescription, operand: Operand): number | null {
  const ports: readonly ArrayPort[] = array.ports.filter(({ level }) => level === 'off-chip');
  const port = ports.find(({ operands }) => operands.includes(operand));
  return port ? Math.max(1, Math.floor(port.bytesPerCycle / array.elementBytes[operand])) : null;
}

/**
 * One group's accesses and stalls at the bandwidth given, where all operands fit half of their SRAM: then each is
 * fetched once before the array starts, in whole lines of the interface, and nothing stalls. Else null.
 */
export function userAccesses(
  workload: ArrayWorkload,
  array: ArrayDescription,
): { readonly stallCycles: number | null; readonly dram: OffChip } {
  const { dataflow, rows, columns, bufferBytes } = array;
  const { spatialRows, spatialColumns, temporal } = project(workload, dataflow);
  const paddedRows = Math.ceil(spatialRows / rows) * rows;
  const paddedColumns = Math.ceil(spatialColumns / columns) * columns;
  const padded = {
    os: { input: paddedRows * temporal, weight: paddedColumns * temporal },
    ws: { input: paddedRows * temporal, weight: spatialRows * paddedColumns },
    is: { input: spatialRows * paddedColumns, weight: paddedRows * temporal },
  }[dataflow];
  const reads = (operand: 'input' | 'weight') => {
    const width = interfaceWidth(array, operand);
    const half = Math.ceil(bufferBytes[operand] / 2);
    if (width === null || padded[operand] > half) return null;
    return Math.ceil(padded[operand] / width) * width;
  };
  const written = dataflow === 'os' ? workload.m * workload.n : Math.ceil(spatialRows / rows) * workload.m * workload.n;
  const outputWidth = interfaceWidth(array, 'output');
  const dram = {
    ifmapReads: reads('input'),
    filterReads: reads('weight'),
    // Past the whole of its buffer a drain may hold the array up.
    ofmapWrites:
      outputWidth !== null && written <= bufferBytes.output
        ? drainedWrites(written, bufferBytes.output, outputWidth)
        : null,
  };
  const isKnown = dram.ifmapReads !== null && dram.filterReads !== null && dram.ofmapWrites !== null;
  return { stallCycles: isKnown ? 0 : null, dram };
}
