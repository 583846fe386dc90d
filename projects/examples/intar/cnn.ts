/**
 * Four convolutions of one channel, 3 × 3, 16 bits: 224², up to 448², up to 896², pooled to 448². Pixels move in words of 32;
 * 144 MACs make 16 pixels a cycle.
 */
import { HBM_BYTES_PER_TICK, WINDOW_DEPTH } from './constants.ts';
import { atOnce, bank, channel, core, Drawing, everyBlock, fabric, type Kernel, leftOpen, nested } from './parts.ts';

const WORD_PIXELS = 32;
const WORD_BITS = 16 * WORD_PIXELS;
const WORD_BYTES = WORD_BITS / 8;
const TAPS = 9;
const MACS = 144;
/** Rows and columns of the results. */
const SIDES = [224, 448, 896, 448] as const;

const CHANNELS = [channel('HBM 0 to 1', 2 * HBM_BYTES_PER_TICK)];
const BANKS = [bank('Central buffer', 'uram', 2 ** 22)];
const THREE_CORES = fabric(
  'Three cores of 144 MACs',
  [core('CC0', MACS), core('CC1', MACS), core('CC2', MACS)],
  CHANNELS,
  BANKS,
);
const FOUR_CORES = fabric(
  'Four cores of 144 MACs',
  [core('CC0', MACS), core('CC1', MACS), core('CC2', MACS), core('CC3', MACS)],
  CHANNELS,
  BANKS,
);
const ONE_CORE = fabric('One core of 144 MACs', [core('CC0', MACS)], CHANNELS, BANKS);

const wordsOf = (side: number) => side / WORD_PIXELS;

/** A block is a row, a firing a word of it: two iterations of 16 pixels, then the loop is left. */
function convolution(d: Drawing, index: number, drawn: Partial<Parameters<Drawing['task']>[1]>): number {
  const side = SIDES[index]!;
  return d.task(`conv ${index + 1}`, {
    blocks: side,
    firings: wordsOf(side),
    work: WORD_PIXELS * TAPS,
    unroll: MACS,
    nest: nested({ depth: WINDOW_DEPTH }),
    ...drawn,
  });
}

/** Pixels that come in: of the input, and of each result before it is enlarged; conv 3 is pooled before it is stored. */
const PIXELS_IN = [224 * 224, 224 * 224, 448 * 448, 448 * 448] as const;
const PIXELS_OUT = [224 * 224, 448 * 448, 448 * 448, 448 * 448] as const;

/** One convolution after the other; rows are fetched, every word is stored by itself and waited for. */
function sequential() {
  const d = new Drawing();
  SIDES.forEach((side, index) => {
    const task = convolution(d, index, {});
    const [source, result] = [index === 0 ? 'image' : `map ${index}`, index === 3 ? 'result' : `map ${index + 1}`];
    d.tensor(source, PIXELS_IN[index]! * 2, task, 'load', { per: 'block' });
    // Pooled results make a word of two rows.
    const per = PIXELS_OUT[index]! < side * side ? 'block' : 'firing';
    d.tensor(result, PIXELS_OUT[index]! * 2, task, 'store', { access: 'blocking', beatBytes: WORD_BYTES, per });
    if (index > 0) d.stream(`map ${index} is stored`, task - 1, atOnce(1), task, atOnce(1), { bits: 1 });
  });
  return d.graph('CNN, sequential', {
    mode: 'sequential',
    fabric: ONE_CORE.title,
    measuredCycles: 2_215_282,
    calibration: 'held-aside',
  });
}

/** Each convolution on a core of its own; a row is read into a line buffer before its words are computed. */
function pipeline(d: Drawing, tasks: readonly number[]): void {
  // A row of the smaller map makes two rows of the larger one; its words are half as many.
  tasks.slice(1, 3).forEach((task, at) => {
    const [from, to] = [SIDES[at]!, SIDES[at + 1]!];
    d.stream(`map ${at + 1}`, tasks[at]!, everyBlock(2 * wordsOf(to)), task, everyBlock(wordsOf(to)), {
      bits: (WORD_BITS * from) / to,
    });
  });
}

function dataflow() {
  const d = new Drawing();
  const tasks = SIDES.map((_, index) => convolution(d, index, { cores: [`CC${index}`] }));
  pipeline(d, tasks);
  const [first, , third, last] = tasks as [number, number, number, number];
  d.tensor('image', PIXELS_IN[0] * 2, first, 'load', { per: 'block', access: 'async' });
  // Two rows are pooled into one.
  d.stream('map 3', third, everyBlock(wordsOf(448)), last, everyBlock(2 * wordsOf(448)), { bits: WORD_BITS });
  d.tensor('result', PIXELS_OUT[3] * 2, last, 'store', { per: 'block' });
  return d.graph('CNN, dataflow', {
    mode: 'dataflow',
    fabric: FOUR_CORES.title,
    measuredCycles: 713_144,
    calibration: 'held-aside',
  });
}

/** Three convolutions stream into the central buffer; then the last one on all cores, a band of rows each. */
function reconfigured() {
  const d = new Drawing();
  const tasks = [0, 1, 2].map((index) => convolution(d, index, { cores: [`CC${index}`], stage: 1 }));
  pipeline(d, tasks);
  const last = convolution(d, 3, {
    stage: 2,
    unroll: 0,
    // Three words, one of each band, at a time.
    blocks: Math.ceil(448 / 3),
    work: 3 * WORD_PIXELS * TAPS,
  });
  d.tensor('image', PIXELS_IN[0] * 2, tasks[0]!, 'load', { per: 'block', access: 'async' });
  const words = wordsOf(448) * 448;
  d.stream('map 3', tasks[2]!, atOnce(words), last, atOnce(words), { bits: WORD_BITS });
  d.tensor('result', PIXELS_OUT[3] * 2, last, 'store', { per: 'block' });
  return d.graph('CNN, reconfigured', { mode: 'reconfigurable', fabric: THREE_CORES.title });
}

export const cnn: Kernel = {
  slug: 'intar-cnn',
  title: 'InTAR: four convolutions on three cores',
  summary: 'Maps grow to 896 × 896 and shrink again: three convolutions streaming, then the last on all cores.',
  fabrics: [THREE_CORES, FOUR_CORES, ONE_CORE],
  designs: [sequential(), dataflow(), reconfigured(), leftOpen(reconfigured())],
};
