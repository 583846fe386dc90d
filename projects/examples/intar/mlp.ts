/** Multi-layer perceptron 256-1024-2048-256, batch 1, 16 bits. */
import { HBM_BYTES_PER_TICK } from './constants.ts';
import {
  atOnce,
  bank,
  channel,
  core,
  Drawing,
  every,
  fabric,
  flattened,
  type Kernel,
  leftOpen,
  nested,
} from './parts.ts';

const LAYERS = [
  { name: 'F1', inputs: 256, outputs: 1024 },
  { name: 'F2', inputs: 1024, outputs: 2048 },
  { name: 'F3', inputs: 2048, outputs: 256 },
] as const;
const WORD = 2;
/** Rows of weights fetched at once. */
const ROWS = 16;

const CHANNELS = [channel('HBM 0 to 1', 2 * HBM_BYTES_PER_TICK), channel('HBM 2 to 3', 2 * HBM_BYTES_PER_TICK)];
const [VECTORS, WEIGHTS] = CHANNELS.map(({ name }) => name) as [string, string];
const BANKS = [bank('Bank', 'uram', 2 ** 23)];
const TWO_CORES = fabric('Two cores of 16 MACs', [core('CC0', 16), core('CC1', 16)], CHANNELS, BANKS);
const THREE_CORES = fabric(
  'Three cores of 16 MACs',
  [core('CC0', 16), core('CC1', 16), core('CC2', 16)],
  CHANNELS,
  BANKS,
);

/**
 * One layer after the other. Every output fetches the operand and its row of weights and waits for its store; both vectors of
 * 16 come over one port of 128 bits, four beats an iteration.
 */
function sequential() {
  const d = new Drawing();
  LAYERS.forEach(({ name, inputs, outputs }, index) => {
    const task = d.task(name, { firings: outputs, work: inputs, unroll: 16, nest: nested({ interval: 4 }) });
    const row = inputs * WORD;
    d.tensor(index === 0 ? 'x' : `h${index}`, row, task, 'load', { passes: outputs, channel: VECTORS });
    d.tensor(`W${index + 1}`, row * outputs, task, 'load', { channel: WEIGHTS });
    const result = index === LAYERS.length - 1 ? 'y' : `h${index + 1}`;
    d.tensor(result, outputs * WORD, task, 'store', { access: 'blocking', channel: VECTORS });
    // What one layer stores the next one loads: it starts when the whole is there.
    if (index > 0) d.stream(`h${index} is stored`, task - 1, atOnce(1), task, atOnce(1), { bits: 1 });
  });
  return d.graph('MLP, sequential', {
    mode: 'sequential',
    fabric: TWO_CORES.title,
    measuredCycles: 1_374_935,
    calibration: 'fitted',
  });
}

/** Blocks of rows, whose weights are requested one block ahead. */
function layer(d: Drawing, index: number, drawn: Partial<Parameters<Drawing['task']>[1]>): number {
  const { name, inputs, outputs } = LAYERS[index]!;
  // The last layer adds every value to all its outputs as it comes.
  const [firings, work] = index === 2 ? [inputs, outputs] : [outputs, inputs];
  const task = d.task(name, { blocks: firings / ROWS, firings: ROWS, work, ...drawn });
  d.tensor(`W${index + 1}`, inputs * outputs * WORD, task, 'load', { access: 'async', per: 'block', channel: WEIGHTS });
  return task;
}

function connect(d: Drawing, [f1, f2, f3]: readonly [number, number, number]): void {
  d.tensor('x', 256 * WORD, f1, 'load', { per: 'task', channel: VECTORS });
  d.stream('h1', f1, every(), f2, atOnce(1024));
  d.stream('h2', f2, every(), f3, every());
  d.tensor('y', 256 * WORD, f3, 'store', { per: 'task', access: 'blocking', beatBytes: 32, channel: VECTORS });
}

/** All layers at once on a core each, loops not flattened; a layer needs the whole vector before its first output. */
function dataflow() {
  const d = new Drawing();
  const on = (core: string) => ({ nest: nested(), unroll: 16, cores: [core] });
  connect(d, [layer(d, 0, on('CC0')), layer(d, 1, on('CC1')), layer(d, 2, on('CC2'))]);
  return d.graph('MLP, dataflow', {
    mode: 'dataflow',
    fabric: THREE_CORES.title,
    measuredCycles: 181_996,
    calibration: 'fitted',
  });
}

/** F1 on both cores, then F2 on one and F3 behind it on the other; loops flattened. */
function reconfigured() {
  const d = new Drawing();
  const nest = flattened();
  connect(d, [
    layer(d, 0, { nest, stage: 1 }),
    layer(d, 1, { nest, stage: 2, cores: ['CC0'] }),
    layer(d, 2, { nest, stage: 2, cores: ['CC1'] }),
  ]);
  return d.graph('MLP, reconfigured', { mode: 'reconfigurable', fabric: TWO_CORES.title });
}

export const mlp: Kernel = {
  slug: 'intar-mlp',
  title: 'InTAR: MLP on two cores',
  summary:
    'A small vector, a large one, a small one: one layer on both cores, then two layers streaming into each other.',
  fabrics: [TWO_CORES, THREE_CORES],
  designs: [sequential(), dataflow(), reconfigured(), leftOpen(reconfigured())],
};
