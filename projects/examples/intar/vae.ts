/**
 * A variational autoencoder on 28 × 28, one channel, 16 bits: windows of 8 × 8 and 4 × 4 down to 21² and 18², a latent value a
 * position, and back up to 25² and 28². 64 MACs make one position of a large window a cycle, 16 one of a small one.
 */
import { EXPONENTIAL_DEPTH, HBM_BYTES_PER_TICK, SERIAL_PORT, WINDOW_DEPTH } from './constants.ts';
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
  special,
} from './parts.ts';

const CHANNELS = [channel('HBM 0', HBM_BYTES_PER_TICK)];
const BANKS = [bank('Bank', 'bram', 2 ** 16)];
const LATENT = special('Latent unit');
const TWO_CORES = fabric('Cores of 64 and 80 MACs', [core('CC0', 64), core('CC1', 80), LATENT], CHANNELS, BANKS);
const ONE_CORE = fabric('One core of 64 MACs', [core('CC0', 64), LATENT], CHANNELS, BANKS);

interface Layer {
  readonly name: string;
  readonly positions: number;
  /** Rows and columns of the window. */
  readonly window: number;
}
const LAYERS: readonly Layer[] = [
  { name: 'enc 1', positions: 21 * 21, window: 8 },
  // Mean and logarithm of the variance.
  { name: 'enc 2', positions: 2 * 18 * 18, window: 4 },
  { name: 'dec 1', positions: 25 * 25, window: 8 },
  { name: 'dec 2', positions: 28 * 28, window: 4 },
];
const LATENT_POSITIONS = 18 * 18;

/** One layer after the other: every position fetches the rows of its window over the serial port and waits for its store. */
function sequential() {
  const d = new Drawing();
  let last = -1;
  const next = (task: number) => {
    if (last >= 0) d.stream(`step ${task} is stored`, last, atOnce(1), task, atOnce(1), { bits: 1 });
    d.tensor(`result ${task + 1}`, d.firings(task) * 2, task, 'store', { access: 'blocking' });
    last = task;
  };
  const layer = ({ name, positions, window }: Layer) =>
    next(
      d.task(name, {
        firings: positions,
        work: window * window,
        nest: nested({ depth: WINDOW_DEPTH, overhead: SERIAL_PORT + window }),
      }),
    );
  for (const encoder of LAYERS.slice(0, 2)) layer(encoder);
  next(
    d.task('latent', {
      operation: 'special',
      firings: LATENT_POSITIONS,
      work: 1,
      nest: nested({ depth: EXPONENTIAL_DEPTH, overhead: SERIAL_PORT }),
    }),
  );
  for (const decoder of LAYERS.slice(2)) layer(decoder);
  return d.graph('VAE, sequential', {
    mode: 'sequential',
    fabric: ONE_CORE.title,
    measuredCycles: 309_498,
    calibration: 'held-aside',
  });
}

/** Layers that stream or hand over whole maps; a window needs rows that come much later than its first, so maps are whole. */
function streaming(stages: readonly number[], cores: readonly (readonly string[])[]) {
  const d = new Drawing();
  const place = (at: number) => ({ stage: stages[at]!, cores: cores[at]! });
  const layer = ({ name, positions, window }: Layer, at: number) =>
    d.task(name, { firings: positions, work: window * window, nest: flattened({ depth: WINDOW_DEPTH }), ...place(at) });
  const [enc1, enc2, dec1, dec2] = LAYERS as [Layer, Layer, Layer, Layer];
  const tasks = [
    layer(enc1, 0),
    layer(enc2, 1),
    d.task('latent', {
      operation: 'special',
      firings: LATENT_POSITIONS,
      work: 1,
      nest: flattened({ depth: EXPONENTIAL_DEPTH }),
      ...place(2),
    }),
    layer(dec1, 3),
    layer(dec2, 4),
  ] as const;
  d.tensor('image', 28 * 28 * 2, tasks[0], 'load', { per: 'task' });
  d.stream('map 1', tasks[0], every(), tasks[1], atOnce(441));
  // Mean and variance of a position come one after the other.
  d.stream('moments', tasks[1], every(), tasks[2], every(2));
  d.stream('latents', tasks[2], every(), tasks[3], atOnce(324));
  // A transposed window adds to what is there: rows are done as the window leaves them.
  d.stream('map 3', tasks[3], atOnce(625), tasks[4], atOnce(625));
  d.tensor('result', 28 * 28 * 2, tasks[4], 'store', { per: 'task' });
  return d;
}

function dataflow() {
  const d = streaming([0, 0, 0, 0, 0], [['CC0'], ['CC1'], [], ['CC1'], ['CC1']]);
  return d.graph('VAE, dataflow', { mode: 'dataflow', fabric: TWO_CORES.title });
}

/** Both encoders on both cores; the latent unit; the decoders one behind the other. */
function reconfigured() {
  const d = streaming([1, 2, 3, 4, 4], [[], [], [], ['CC0'], ['CC1']]);
  return d.graph('VAE, reconfigured', { mode: 'reconfigurable', fabric: TWO_CORES.title });
}

export const vae: Kernel = {
  slug: 'intar-vae',
  title: 'InTAR: variational autoencoder on two cores',
  summary: 'Small maps and two window sizes: encoders on both cores, decoders one behind the other.',
  fabrics: [TWO_CORES, ONE_CORE],
  designs: [sequential(), dataflow(), reconfigured(), leftOpen(reconfigured())],
};
