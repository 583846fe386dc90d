/** Self-attention of one head: 256 tokens of width 1024, 16 bits. */
import { EXPONENTIAL_DEPTH, HBM_BYTES_PER_TICK } from './constants.ts';
import {
  atOnce,
  bank,
  channel,
  core,
  Drawing,
  every,
  everyBlock,
  fabric,
  flattened,
  type Kernel,
  leftOpen,
  nested,
  special,
} from './parts.ts';

const TOKENS = 256;
const WIDTH = 1024;
const WORD = 2;
/** MACs of Q, K, V, the scores and the weighted sum where all run at once: 32 together. */
const SHARES = [8, 8, 8, 4, 4] as const;

const CHANNELS = [0, 1].map((first) => channel(`HBM ${2 * first} to ${2 * first + 1}`, 2 * HBM_BYTES_PER_TICK));
const [VECTORS, WEIGHTS] = CHANNELS.map(({ name }) => name) as [string, string];
const BANKS = [bank('Bank', 'uram', 2 ** 22)];
const EXP = special('Softmax unit');
const TWO_CORES = fabric('Two cores of 16 MACs', [core('CC0', 16), core('CC1', 16), EXP], CHANNELS, BANKS);
const FIVE_CORES = fabric(
  'Five cores sharing 32 MACs',
  [...SHARES.map((macs, index) => core(`CC${index}`, macs)), EXP],
  CHANNELS,
  BANKS,
);

/**
 * One product after the other. Every output fetches both its operands and waits for its store; two vectors of 16 come over
 * one port of 256 bits, two beats an iteration.
 */
function sequential() {
  const d = new Drawing();
  let last = -1;
  const after = (task: number) => {
    if (last >= 0) d.stream(`step ${task} is stored`, last, atOnce(1), task, atOnce(1), { bits: 1 });
    last = task;
  };
  const product = (name: string, rows: number, inner: number, columns: number, left: string, right: string) => {
    const firings = rows * columns;
    const task = d.task(name, { firings, work: inner, unroll: 16, nest: nested({ interval: 2 }) });
    d.tensor(left, rows * inner * WORD, task, 'load', { passes: columns, channel: VECTORS });
    d.tensor(right, inner * columns * WORD, task, 'load', { passes: rows, channel: WEIGHTS });
    d.tensor(name, firings * WORD, task, 'store', { access: 'blocking', channel: VECTORS });
    after(task);
  };
  product('Q', TOKENS, WIDTH, WIDTH, 'x', 'Wq');
  product('K', TOKENS, WIDTH, WIDTH, 'x', 'Wk');
  product('Scores', TOKENS, WIDTH, TOKENS, 'Q', 'K');
  const softmax = d.task('Softmax', {
    operation: 'special',
    blocks: TOKENS,
    firings: TOKENS,
    work: 1,
    nest: nested({ depth: EXPONENTIAL_DEPTH }),
  });
  d.tensor('Scores', TOKENS * TOKENS * WORD, softmax, 'load', { per: 'block', channel: VECTORS });
  d.tensor('Weights of values', TOKENS * TOKENS * WORD, softmax, 'store', { access: 'blocking', channel: VECTORS });
  after(softmax);
  product('V', TOKENS, WIDTH, WIDTH, 'x', 'Wv');
  product('Attended', TOKENS, TOKENS, WIDTH, 'Weights of values', 'V');
  return d.graph('Attention, sequential', {
    mode: 'sequential',
    fabric: TWO_CORES.title,
    measuredCycles: 348_574_419,
    calibration: 'held-aside',
  });
}

/** A projection: a block is one row of the input, a firing one column of the result. */
function projection(d: Drawing, name: string, drawn: Partial<Parameters<Drawing['task']>[1]>): number {
  const task = d.task(name, { blocks: TOKENS, firings: WIDTH, work: WIDTH, nest: nested(), ...drawn });
  d.tensor('x', TOKENS * WIDTH * WORD, task, 'load', { access: 'async', per: 'block', channel: VECTORS });
  // Weights stay on chip once they are there.
  d.tensor(`W${name.toLowerCase()}`, WIDTH * WIDTH * WORD, task, 'load', { per: 'task', channel: WEIGHTS });
  return task;
}

/**
 * All products at once, with as many MACs together as the reconfigured design has; how the baseline shares them is not
 * published. The scores of a query need all keys, and the FIFO of queries holds two values: Q waits until K is done.
 */
function dataflow() {
  const d = new Drawing();
  const on = (index: number) => ({ cores: [`CC${index}`], unroll: SHARES[index]! });
  const q = projection(d, 'Q', on(0));
  const k = projection(d, 'K', on(1));
  const v = projection(d, 'V', on(2));
  // A value of a query meets that value of all keys, a weight all values of its key.
  const product = { blocks: TOKENS, firings: WIDTH, work: TOKENS, nest: nested() };
  const scores = d.task('Scores', { ...product, ...on(3) });
  const softmax = softmaxOf(d, {});
  const attended = d.task('Attended', { ...product, ...on(4) });
  d.stream('q', q, every(), scores, every());
  d.stream('k', k, every(), scores, atOnce(TOKENS * WIDTH));
  d.stream('s', scores, everyBlock(TOKENS), softmax, everyBlock(TOKENS));
  d.stream('p', softmax, everyBlock(TOKENS), attended, everyBlock(TOKENS));
  d.stream('v', v, every(), attended, atOnce(TOKENS * WIDTH));
  d.tensor('out', TOKENS * WIDTH * WORD, attended, 'store', { per: 'block', channel: VECTORS });
  return d.graph('Attention, dataflow', { mode: 'dataflow', fabric: FIVE_CORES.title });
}

function softmaxOf(d: Drawing, drawn: Partial<Parameters<Drawing['task']>[1]>): number {
  return d.task('Softmax', {
    operation: 'special',
    blocks: TOKENS,
    firings: TOKENS,
    work: 1,
    nest: flattened({ depth: EXPONENTIAL_DEPTH }),
    ...drawn,
  });
}

/** Q on both; K on one core, streaming into the scores on the other; softmax; V on both; the weighted sum on both. */
function reconfigured() {
  const d = new Drawing();
  const q = projection(d, 'Q', { stage: 1 });
  const k = projection(d, 'K', { stage: 2, cores: ['CC1'] });
  // A value of a key meets that value of all queries.
  const scores = d.task('Scores', {
    blocks: TOKENS,
    firings: WIDTH,
    work: TOKENS,
    nest: nested(),
    stage: 2,
    cores: ['CC0'],
  });
  const softmax = softmaxOf(d, { stage: 3 });
  const v = projection(d, 'V', { stage: 4 });
  const attended = d.task('Attended', { blocks: TOKENS, firings: WIDTH, work: TOKENS, nest: nested(), stage: 5 });
  d.stream('q', q, every(), scores, atOnce(TOKENS * WIDTH));
  d.stream('k', k, every(), scores, every());
  d.stream('s', scores, atOnce(TOKENS * TOKENS), softmax, everyBlock(TOKENS));
  d.stream('p', softmax, everyBlock(TOKENS), attended, everyBlock(TOKENS));
  d.stream('v', v, every(), attended, atOnce(TOKENS * WIDTH));
  d.tensor('out', TOKENS * WIDTH * WORD, attended, 'store', { per: 'block', channel: VECTORS });
  return d.graph('Attention, reconfigured', { mode: 'reconfigurable', fabric: TWO_CORES.title });
}

export const attention: Kernel = {
  slug: 'intar-attention',
  title: 'InTAR: self-attention on two cores',
  summary:
    'Queries on both cores, keys streaming into the scores, softmax, values on both cores: where a FIFO too short stalls a dataflow.',
  fabrics: [TWO_CORES, FIVE_CORES],
  designs: [sequential(), dataflow(), reconfigured(), leftOpen(reconfigured())],
};
