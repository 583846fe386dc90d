/** The gating network of a LLaMA feed-forward layer: 32 rows, 4096 → 11008 twice → 4096, 16 bits. */
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

const ROWS = 32;
const WIDTH = 4096;
const INNER = 11_008;
const WORD = 2;
/** FIFOs of this kernel. */
const DEPTH = 128;

const CHANNELS = [0, 1, 2, 3].map((first) => channel(`HBM ${8 * first} to ${8 * first + 7}`, 8 * HBM_BYTES_PER_TICK));
const [VECTORS, GATE, UP, DOWN] = CHANNELS.map(({ name }) => name) as [string, string, string, string];
const BANKS = [bank('Central buffer', 'uram', 2 ** 24)];
const SILU = special('SiLU');
const TWO_CORES = fabric('Cores of 512 and 256 MACs', [core('CC0', 512), core('CC1', 256), SILU], CHANNELS, BANKS);
const THREE_CORES = fabric(
  'Three cores of 32 MACs',
  [core('CC0', 32), core('CC1', 32), core('CC2', 32), SILU],
  CHANNELS,
  BANKS,
);
const ONE_CORE = fabric('One core of 64 MACs', [core('CC0', 64), SILU], CHANNELS, BANKS);

/** One product after the other on 64 MACs; every result is stored by itself and waited for. */
function sequential() {
  const d = new Drawing();
  const product = (name: string, inputs: number, outputs: number, weights: string) => {
    const task = d.task(name, { blocks: outputs, firings: ROWS, work: inputs, nest: flattened() });
    d.tensor(`W ${name}`, inputs * outputs * WORD, task, 'load', { access: 'async', per: 'block', channel: weights });
    d.tensor(`${name} out`, outputs * ROWS * WORD, task, 'store', { access: 'blocking', channel: VECTORS });
    return task;
  };
  const gate = product('Gate', WIDTH, INNER, GATE);
  const up = product('Up', WIDTH, INNER, UP);
  const down = product('Down', INNER, WIDTH, DOWN);
  d.tensor('x', ROWS * WIDTH * WORD, gate, 'load', { per: 'task', channel: VECTORS });
  d.tensor('x', ROWS * WIDTH * WORD, up, 'load', { per: 'task', channel: VECTORS });
  d.tensor('Up out', INNER * ROWS * WORD, down, 'load', { per: 'task', channel: VECTORS });
  // SiLU of the gate and the product with it are done where the values are stored.
  d.stream('gate is stored', gate, atOnce(1), up, atOnce(1), { bits: 1 });
  d.stream('up is stored', up, atOnce(1), down, atOnce(1), { bits: 1 });
  return d.graph('Gating network, sequential', {
    mode: 'sequential',
    fabric: ONE_CORE.title,
    measuredCycles: 117_702_311,
    calibration: 'fitted',
  });
}

/** The three products at once on 32 MACs each, loops not flattened. */
function dataflow() {
  const d = new Drawing();
  const product = (name: string, core: string, inputs: number, outputs: number, weights: string) => {
    // A block is one column of weights, used for all rows.
    const task = d.task(name, {
      blocks: outputs,
      firings: ROWS,
      work: inputs,
      unroll: 32,
      nest: nested(),
      cores: [core],
    });
    d.tensor(`W ${name}`, inputs * outputs * WORD, task, 'load', { access: 'async', per: 'block', channel: weights });
    return task;
  };
  const gate = product('Gate', 'CC0', WIDTH, INNER, GATE);
  const silu = d.task('SiLU', {
    operation: 'special',
    blocks: INNER,
    firings: ROWS,
    work: 1,
    nest: flattened({ depth: EXPONENTIAL_DEPTH }),
  });
  const up = product('Up', 'CC1', WIDTH, INNER, UP);
  // A column of the result of Up meets a row of the weights: all results of a row advance by one product.
  const down = d.task('Down', {
    blocks: INNER,
    firings: ROWS,
    work: WIDTH,
    unroll: 32,
    nest: nested(),
    cores: ['CC2'],
  });
  d.tensor('W Down', INNER * WIDTH * WORD, down, 'load', { access: 'async', per: 'block', channel: DOWN });
  for (const task of [gate, up]) d.tensor('x', ROWS * WIDTH * WORD, task, 'load', { per: 'task', channel: VECTORS });
  d.stream('gate', gate, every(), silu, every(), { depth: DEPTH });
  d.stream('silu', silu, every(), up, every(), { depth: DEPTH });
  d.stream('gated', up, every(), down, every(), { depth: DEPTH });
  d.tensor('y', ROWS * WIDTH * WORD, down, 'store', { per: 'task', channel: VECTORS });
  return d.graph('Gating network, dataflow', {
    mode: 'dataflow',
    fabric: THREE_CORES.title,
    measuredCycles: 48_668_638,
    calibration: 'fitted',
  });
}

/** Gate on both cores; SiLU; then Up on one core and Down behind it on the other. */
function reconfigured() {
  const d = new Drawing();
  const product = (
    name: string,
    drawn: { readonly stage: number; readonly cores?: readonly string[] },
    weights: string,
  ) => {
    const task = d.task(name, { blocks: INNER, firings: ROWS, work: WIDTH, nest: nested(), ...drawn });
    d.tensor(`W ${name}`, WIDTH * INNER * WORD, task, 'load', { access: 'async', per: 'block', channel: weights });
    return task;
  };
  const gate = product('Gate', { stage: 1 }, GATE);
  const silu = d.task('SiLU', {
    operation: 'special',
    blocks: INNER,
    firings: ROWS,
    work: 1,
    nest: nested({ depth: EXPONENTIAL_DEPTH }),
    stage: 2,
  });
  const up = product('Up', { stage: 3, cores: ['CC0'] }, UP);
  const down = product('Down', { stage: 3, cores: ['CC1'] }, DOWN);
  for (const task of [gate, up]) d.tensor('x', ROWS * WIDTH * WORD, task, 'load', { per: 'task', channel: VECTORS });
  d.stream('gate', gate, every(), silu, every(), { depth: DEPTH });
  d.stream('silu', silu, every(), up, everyBlock(ROWS), { depth: DEPTH });
  d.stream('gated', up, every(), down, every(), { depth: DEPTH });
  d.tensor('y', ROWS * WIDTH * WORD, down, 'store', { per: 'task', channel: VECTORS });
  return d.graph('Gating network, reconfigured', { mode: 'reconfigurable', fabric: TWO_CORES.title });
}

export const gating: Kernel = {
  slug: 'intar-gating',
  title: 'InTAR: gating network of LLaMA',
  summary: 'Three products with a large intermediate: gate on both cores, then up streaming into down.',
  fabrics: [TWO_CORES, THREE_CORES, ONE_CORE],
  designs: [sequential(), dataflow(), reconfigured(), leftOpen(reconfigured())],
};
