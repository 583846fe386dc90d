/**
 * GPT-2 medium (Radford et al., 2019): width 1024, 16 heads, feed-forward 4096, 24 layers; 256 tokens, weights of 4 bits,
 * activations of 8. A token of a stream is 64 values, a firing makes a row. Four regions of two cores each are InTAR's; how many MACs a
 * core has is not among its published figures, and is assumed here: 1,024, two to a DSP slice.
 */
import { EXPONENTIAL_DEPTH, HBM_BYTES_PER_TICK } from './constants.ts';
import {
  atOnce,
  bank,
  channel,
  core,
  Drawing,
  every,
  fabric,
  type Kernel,
  leftOpen,
  nested,
  special,
} from './parts.ts';

const TOKENS = 256;
const WIDTH = 1024;
const HEADS = 16;
const INNER = 4096;
const LAYERS = 24;
/** Values of a token: 64 bytes. */
const VALUES = 64;
/** Bytes of a weight and of an activation. */
const WEIGHT = 0.5;
const ACTIVATION = 1;

const MACS = 1024;
const EVALUATIONS = 16;
const REGIONS = [0, 1, 2, 3] as const;
const EIGHT_CORES = fabric(
  'Four regions of two cores',
  REGIONS.flatMap((region) => [
    core(`R${region} CC0`, MACS, 'int8'),
    core(`R${region} CC1`, MACS, 'int8'),
    special(`R${region} special unit`, 'int8', EVALUATIONS),
  ]),
  REGIONS.map((region) => channel(`HBM ${8 * region} to ${8 * region + 7}`, 8 * HBM_BYTES_PER_TICK)),
  REGIONS.map((region) => bank(`Region ${region}`, 'uram', 2 ** 23)),
);

/** Tasks of a layer in the order they run when one follows the other. */
const TASKS = [
  'Norm',
  'Q',
  'K',
  'V',
  'Scores',
  'Softmax',
  'Weighted sum',
  'Projection',
  'Residual',
  'FFN norm',
  'FFN up',
  'GELU',
  'FFN down',
  'FFN residual',
] as const;
type Name = (typeof TASKS)[number];

/** One task a stage. */
const FOURTEEN = TASKS.map((_, index) => index + 1);
/** What has to wait for whole keys and values begins a stage, and so does the feed-forward network. */
const THREE = TASKS.map((_, index) => (index < 4 ? 1 : index < 9 ? 2 : 3));

/** `stages`: of a layer's tasks. Names of a layer among several end in its number. */
function layers(title: string, count: number, stages: readonly number[]) {
  const d = new Drawing('int8');
  const stagesOfLayer = Math.max(...stages);
  /** Last task of the layer before, −1 before the first. */
  let before = -1;
  for (let layer = 0; layer < count; layer++) {
    const named = (name: string) => (count === 1 ? name : `${name} ${layer + 1}`);
    const tasks = new Map<Name, number>();
    const add = (name: Name, work: number, drawn: Partial<Parameters<Drawing['task']>[1]> = {}) => {
      const stage = layer * stagesOfLayer + stages[TASKS.indexOf(name)]!;
      tasks.set(name, d.task(named(name), { firings: TOKENS, work, stage, ...drawn }));
    };
    const product = (name: Name, inputs: number, outputs: number) => {
      add(name, inputs * outputs);
      const weights = { per: 'task', access: 'burst' } as const;
      d.tensor(named(`W ${name}`), inputs * outputs * WEIGHT, tasks.get(name)!, 'load', weights);
    };
    const evaluation = (name: Name, work: number) =>
      add(name, work, { operation: 'special', nest: nested({ depth: EXPONENTIAL_DEPTH }) });
    evaluation('Norm', WIDTH);
    for (const name of ['Q', 'K', 'V'] as const) product(name, WIDTH, WIDTH);
    add('Scores', TOKENS * WIDTH);
    evaluation('Softmax', HEADS * TOKENS);
    add('Weighted sum', TOKENS * WIDTH);
    product('Projection', WIDTH, WIDTH);
    evaluation('Residual', WIDTH);
    evaluation('FFN norm', WIDTH);
    product('FFN up', WIDTH, INNER);
    evaluation('GELU', INNER);
    product('FFN down', INNER, WIDTH);
    evaluation('FFN residual', WIDTH);

    const task = (name: Name) => tasks.get(name)!;
    /** `held`: rows the FIFO holds; `whole`: its reader starts when all rows are there. */
    const rows = (name: string, from: number, to: number, columns: number, { held = 2, whole = false } = {}) => {
      const row = columns / VALUES;
      d.stream(named(name), from, every(row), to, whole ? atOnce(TOKENS * row) : every(row), {
        depth: held * row,
        bits: 8 * VALUES * ACTIVATION,
      });
    };
    // What goes around other tasks is held until they are done.
    const around = { held: TOKENS };
    const start = [task('Norm'), task('Residual')] as const;
    if (before < 0)
      for (const reader of start) d.tensor('x', TOKENS * WIDTH * ACTIVATION, reader, 'load', { access: 'async' });
    else {
      rows('x', before, start[0], WIDTH);
      rows('x around attention', before, start[1], WIDTH, around);
    }
    for (const name of ['Q', 'K', 'V'] as const) rows(`x to ${name}`, task('Norm'), task(name), WIDTH);
    rows('q', task('Q'), task('Scores'), WIDTH, around);
    rows('k', task('K'), task('Scores'), WIDTH, { whole: true });
    rows('s', task('Scores'), task('Softmax'), HEADS * TOKENS);
    rows('p', task('Softmax'), task('Weighted sum'), HEADS * TOKENS);
    rows('v', task('V'), task('Weighted sum'), WIDTH, { whole: true });
    rows('attended', task('Weighted sum'), task('Projection'), WIDTH);
    rows('projected', task('Projection'), task('Residual'), WIDTH);
    rows('y', task('Residual'), task('FFN norm'), WIDTH);
    rows('y around FFN', task('Residual'), task('FFN residual'), WIDTH, around);
    rows('y normed', task('FFN norm'), task('FFN up'), WIDTH);
    rows('wide', task('FFN up'), task('GELU'), INNER);
    rows('activated', task('GELU'), task('FFN down'), INNER);
    rows('z', task('FFN down'), task('FFN residual'), WIDTH);
    before = task('FFN residual');
  }
  d.tensor('result', TOKENS * WIDTH * ACTIVATION, before, 'store', { access: 'async' });
  return d.graph(title, {
    mode: 'reconfigurable',
    fabric: EIGHT_CORES.title,
    claim:
      'The paper claims 3.65 to 39.14 × over Allo and DFX; no cycles are published, so nothing of it is checked here',
  });
}

export const gpt2: Kernel = {
  slug: 'intar-gpt2-medium',
  title: 'InTAR: GPT-2 medium on four regions',
  summary: 'A transformer layer of 14 tasks on eight cores, stage by stage and streaming, and all 24 layers.',
  fabrics: [EIGHT_CORES],
  designs: [
    layers('GPT-2 medium, one layer', 1, FOURTEEN),
    layers('GPT-2 medium, one layer streaming', 1, THREE),
    leftOpen(layers('GPT-2 medium, one layer', 1, FOURTEEN)),
    layers('GPT-2 medium, 24 layers', LAYERS, FOURTEEN),
  ],
};
