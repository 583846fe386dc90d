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
 * emptied has lost what was read of it before: it is fetched again on the next visit, and stays.
 */
export function repeatedBlocks(k: number, n: number, columns: number, visits: number, capacity: number): number {
  if (visits === 1 || k * n < capacity) return k * n;
  const block = k * Math.min(columns, n);
  const blocks = Math.floor(n / Math.min(columns, n));
  const last = k * n - blocks * block;
  // What of a block was read before the buffer was emptied.
  const lost = (held: number, size: number) => (held + size < capacity ? 0 : capacity - held);
  let reads = visits * block * blocks;
  let held = reads % capacity;
  if (block < capacity) {
    // The buffer is emptied in block `first`, then in every `period`th: it starts over from one block held.
    const first = Math.ceil(capacity / block);
    const period = first - 1;
    const emptied = blocks < first ? 0 : 1 + Math.floor((blocks - first) / period);
    held = blocks < first ? blocks * block : (1 + ((blocks - first) % period)) * block;
    reads = blocks * block + emptied * lost(period * block, block);
  }
  if (last === 0) return reads;
  if (last >= capacity) return reads + visits * last;
  return reads + last + lost(held, last);
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

/** Pixels under the windows. Windows may reach beyond the image; nothing is read there. */
function windowPixels(window: NonNullable<ArrayWorkload['convolution']>) {
  const axis = (count: number, stride: number, kernel: number, extent: number) => {
    if (stride < kernel) return Math.min(extent, (count - 1) * stride + kernel);
    const whole = Math.min(count, Math.max(0, Math.floor((extent - kernel) / stride) + 1));
    const cut = whole < count ? Math.max(0, Math.min(kernel, extent - whole * stride)) : 0;
    return whole * kernel + cut;
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
 * Elements the write buffer sends off chip, in lines of `width`. Holding more than half of itself it closes the line begun
 * and drains half; what a closed line lacks is counted as sent unless the line is the last of its drain. Where lines fill
 * a half exactly, that happens once: the line of one element with which the first drain starts opens the second.
 * Holds while no drain is still going on when the next is due, as in CALC mode, where a line takes a cycle's results.
 */
export function drainedWrites(written: number, bufferBytes: number, width: number): number {
  const half = bufferBytes - Math.ceil(bufferBytes / 2);
  const isPadded = half % width === 0 && half > width && written > half + 1;
  return written + (isPadded ? width - 1 : 0);
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
