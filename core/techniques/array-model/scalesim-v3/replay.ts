/**
 * SCALE-Sim v3's memories played cycle by cycle, for what has no closed form: off-chip reads of overlapping windows
 * (CALC), and stalls at a given bandwidth (USER). Linear in the array's reads: milliseconds to seconds a layer.
 * Source: SCALE-Sim v3.0.0, ReadBufferEstimateBw, read_buffer, write_buffer, double_buffered_scratchpad.
 */
import type { ParameterValues } from '#core/base/value.ts';
import { textOf } from '#core/catalog/parameter.ts';
import { type ArrayDescription, type ArrayEstimate, type ArrayWorkload, macsOf } from '#core/cost/array-model.ts';
import { bufferAccesses, fold, foldedCycles } from '#core/cost/folds.ts';
import { type Demand, demandOf, NOWHERE, prefetchOrder, readsAt, type Stream, writesAt } from './demand.ts';
import { calcCapacity, interfaceWidth, type OffChip } from './off-chip.ts';
import { technique } from './technique.ts';

/** Reads and addresses beyond which a layer is not played: some ten seconds, half a gigabyte. */
const MOST_READS = 2e9;
const MOST_ADDRESSES = 2 ** 26;

/** The estimate with its nulls filled in, where the layer is not too large to be played. */
export function replayed(workload: ArrayWorkload, array: ArrayDescription, parameters: ParameterValues): ArrayEstimate {
  const estimate = technique.estimate(workload, array, parameters);
  const isKnown = estimate.cycles !== null && Object.values(estimate.dram).every((count) => count !== null);
  if (isKnown || !isPlayable(workload, array)) return estimate;
  const { groups } = workload;
  if (textOf(parameters, 'interface', 'calc') === 'calc') {
    const ifmapReads = groups * calcReads(demandOf(workload, array), 'input', array);
    return { ...estimate, dram: { ...estimate.dram, ifmapReads } };
  }
  const played = userReplay(workload, array);
  if (played === null) return estimate;
  const stallCycles = groups * played.stallCycles;
  const computing = foldedCycles(workload, array.dataflow, array.rows, array.columns) - 1;
  const cycles = groups * computing + stallCycles;
  const { ifmapReads, filterReads, ofmapWrites } = played.dram;
  return {
    ...estimate,
    cycles,
    stallCycles,
    overallUtilisation: (100 * macsOf(workload)) / (array.rows * array.columns * cycles),
    dram: {
      ifmapReads: groups * ifmapReads,
      filterReads: groups * filterReads,
      ofmapWrites: groups * ofmapWrites,
      ofmapReads: 0,
    },
  };
}

function isPlayable(workload: ArrayWorkload, array: ArrayDescription): boolean {
  const { m, n, k, convolution } = workload;
  const { rows, columns, dataflow } = array;
  // SCALE-Sim has no batch: what several images would do to its buffers is not defined.
  if (convolution && m !== convolution.outputHeight * convolution.outputWidth) return false;
  const { inputReads, weightReads, outputWrites } = bufferAccesses(workload, dataflow, rows, columns);
  const { rowFolds, columnFolds, spatialRows, temporal } = fold(workload, dataflow, rows, columns);
  const padded = Math.max(rowFolds * rows * temporal, columnFolds * columns * Math.max(spatialRows, temporal));
  return (
    inputReads + weightReads + outputWrites + foldedCycles(workload, dataflow, rows, columns) <= MOST_READS &&
    Math.max(m * k, k * n, padded) <= MOST_ADDRESSES
  );
}

/** Visits every cycle of every fold in order. */
function overCycles(
  { folding, foldCycles }: Demand,
  visit: (rowFold: number, columnFold: number, cycle: number) => void,
): void {
  for (let columnFold = 0; columnFold < folding.columnFolds; columnFold++)
    for (let rowFold = 0; rowFold < folding.rowFolds; rowFold++)
      for (let cycle = 0; cycle < foldCycles; cycle++) visit(rowFold, columnFold, cycle);
}

/** Off-chip reads of one operand in CALC mode: misses of a buffer that is emptied whole when half the SRAM is full. */
export function calcReads(demand: Demand, operand: 'input' | 'weight', array: ArrayDescription): number {
  const stream = demand[operand];
  const capacity = calcCapacity(array.bufferBytes[operand]);
  const seen = new Int32Array(stream.matrix.size).fill(-1);
  let filling = 0;
  let held = 0;
  let misses = 0;
  const read = (address: number) => {
    if (seen[address] === filling) return;
    seen[address] = filling;
    misses++;
    if (++held < capacity) return;
    filling++;
    held = 0;
  };
  overCycles(demand, (rowFold, columnFold, cycle) => readsAt(stream, rowFold, columnFold, array.rows, cycle, read));
  return misses;
}

/** Stalls and off-chip accesses of one group in USER mode; null where the interface has no width. */
export function userReplay(
  workload: ArrayWorkload,
  array: ArrayDescription,
): { readonly stallCycles: number; readonly dram: { readonly [count in keyof OffChip]: number } } | null {
  const widths = {
    input: interfaceWidth(array, 'input'),
    weight: interfaceWidth(array, 'weight'),
    output: interfaceWidth(array, 'output'),
  };
  if (widths.input === null || widths.weight === null || widths.output === null) return null;
  const demand = demandOf(workload, array);
  const input = new ReadBuffer(demand.input, array.bufferBytes.input, widths.input);
  const weight = new ReadBuffer(demand.weight, array.bufferBytes.weight, widths.weight);
  const output = new WriteBuffer(array.bufferBytes.output, widths.output);
  const readInput = (address: number) => input.read(address);
  const readWeight = (address: number) => weight.read(address);
  let elapsed = 0;
  let stallCycles = 0;
  overCycles(demand, (rowFold, columnFold, cycle) => {
    const now = elapsed + stallCycles;
    input.begin(now);
    readsAt(demand.input, rowFold, columnFold, array.rows, cycle, readInput);
    weight.begin(now);
    readsAt(demand.weight, rowFold, columnFold, array.rows, cycle, readWeight);
    const held = output.write(now, writesAt(demand, array, rowFold, columnFold, cycle));
    elapsed++;
    stallCycles += Math.max(input.stall, weight.stall, held);
  });
  output.empty();
  return {
    stallCycles,
    dram: { ifmapReads: input.fetched, filterReads: weight.fetched, ofmapWrites: output.sent },
  };
}

/**
 * Half of the SRAM is a window over the prefetch order, cut into lines of a hundredth of the SRAM. A miss moves the window
 * on by half of the SRAM, round and round, until it covers the address; each move waits for the prefetch before it.
 */
class ReadBuffer {
  /** Elements fetched, in whole lines of the interface. */
  fetched: number;
  /** Cycles the reads of the current cycle had to wait; below 0 where their data had been there before. */
  stall = 0;
  readonly #order: Int32Array;
  /** How many lines in the window hold an address. */
  readonly #held: Uint16Array;
  readonly #lineElements: number;
  readonly #lines: number;
  readonly #windowLines: number;
  readonly #step: number;
  readonly #fetchCycles: number;
  readonly #fetchElements: number;
  #start = 0;
  #end: number;
  #ready = -1;
  #now = 0;

  constructor(stream: Stream, bufferBytes: number, width: number) {
    const padded = prefetchOrder(stream);
    this.#order = padded.filter((address) => address !== NOWHERE);
    const half = Math.ceil(bufferBytes / 2);
    const rest = bufferBytes - half;
    this.#lineElements = Math.ceil(bufferBytes / 100);
    this.#lines = Math.floor(this.#order.length / this.#lineElements) + 1;
    this.#windowLines = Math.min(Math.ceil(half / this.#lineElements), this.#lines);
    this.#step = Math.min(Math.ceil(rest / this.#lineElements), this.#lines - this.#windowLines);
    this.#fetchCycles = Math.ceil(rest / width);
    this.#fetchElements = this.#fetchCycles * width;
    this.fetched = Math.min(Math.ceil(half / width), Math.ceil(padded.length / width)) * width;
    this.#held = new Uint16Array(stream.matrix.size);
    this.#end = this.#windowLines;
    this.#count(1);
  }

  begin(now: number): void {
    this.#now = now;
    this.stall = 0;
  }

  read(address: number): void {
    while (this.#held[address] === 0) {
      this.#advance();
      // A read is served in the cycle after it is asked for. v3.0.0 adds a wait twice and takes time to spare off again.
      const wait = this.#ready - (this.#now + 1 + this.stall);
      this.stall += wait > 0 ? 2 * wait : wait;
    }
  }

  #advance(): void {
    this.#count(-1);
    this.#start = (this.#start + this.#step) % this.#lines;
    this.#end = (this.#start + this.#windowLines) % this.#lines;
    this.#count(1);
    this.fetched += this.#fetchElements;
    // The port answers a cycle after the last request.
    this.#ready += this.#fetchCycles + 1;
  }

  /** Adds the window's lines to what is held, or takes them away. */
  #count(by: 1 | -1): void {
    const add = (from: number, to: number) => {
      const last = Math.min(to * this.#lineElements, this.#order.length);
      for (let i = from * this.#lineElements; i < last; i++) this.#held[this.#order[i]!]! += by;
    };
    if (this.#start < this.#end) {
      add(this.#start, this.#end);
    } else {
      add(this.#start, this.#lines);
      add(0, this.#end);
    }
  }
}

/** Collects lines of results; holding more than half of the SRAM it drains half, and a full one waits for the drain. */
export class WriteBuffer {
  sent = 0;
  readonly #lines: number[] = [];
  readonly #half: number;
  readonly #width: number;
  #open = 0;
  #free: number;
  readonly #total: number;
  #drained = 0;

  constructor(bufferBytes: number, width: number) {
    this.#total = bufferBytes;
    this.#free = bufferBytes;
    this.#half = bufferBytes - Math.ceil(bufferBytes / 2);
    this.#width = width;
  }

  /** @returns cycles these results had to wait. */
  write(cycle: number, elements: number): number {
    let now = cycle;
    for (let i = 0; i < elements; i++) {
      this.#free--;
      if (++this.#open === this.#width) this.#close();
      if (now < this.#drained) {
        if (this.#free <= 0) now = this.#drained;
      } else if (this.#free < this.#total - this.#half) {
        this.#close();
        this.#drained = now + this.#drain() - 1;
      }
    }
    return now - cycle;
  }

  empty(): void {
    this.#close();
    while (this.#lines.length > 0) this.#drain();
  }

  #close(): void {
    if (this.#open > 0) this.#lines.push(this.#open);
    this.#open = 0;
  }

  /** Sends half a buffer of lines; all but the last count as full. Returns how many, one a cycle. */
  #drain(): number {
    const lines = this.#lines.splice(0, Math.ceil(this.#half / this.#width));
    const elements = (lines.length - 1) * this.#width + (lines.at(-1) ?? 0);
    this.sent += elements;
    this.#free += elements;
    return lines.length;
  }
}
