/**
 * InTAR's kernels of the gallery against the board: simulated, measured, error, and whether a measurement was fitted or held
 * aside; the ratios that are predictions only; time to simulate. With --write the tables go into the README of core/stages,
 * each kernel's own also into its project.
 */
import { KERNELS } from '#projects/examples/intar/kernels.ts';
import type { Kernel } from '#projects/examples/intar/parts.ts';
import { count, seconds, table, writeSection } from '../support/bench-report.ts';
import { PREDICTED_RATIOS, type Simulated, simulated } from '../support/intar.ts';
import { machineLine, timed } from '../support/measure.ts';

const ROLES = { fitted: 'fitted', 'held-aside': 'held aside', none: 'prediction' } as const;
const RUNS = 3;

interface Row {
  readonly kernel: Kernel;
  readonly built: Simulated;
  readonly ideal: Simulated;
  /** Seconds of the design as built, the median; ideal. */
  readonly seconds: readonly [number, number];
}

const rows = KERNELS.flatMap((kernel) =>
  kernel.designs
    .filter(({ note }) => note?.mode !== 'any')
    .map((graph): Row => {
      const play = (variant: Simulated['variant']) => simulated(kernel, graph, variant);
      const time = (variant: Simulated['variant']) => timed(() => play(variant), RUNS).median / 1000;
      return { kernel, built: play('as-built'), ideal: play('ideal'), seconds: [time('as-built'), time('ideal')] };
    }),
);

const percent = (part: number) => `${part < 0 ? '−' : '+'}${Math.abs(100 * part).toFixed(2)} %`;
const times = (ratio: number) => `${ratio.toFixed(2)} ×`;

function cells({ built, ideal }: Row): readonly string[] {
  const { measuredCycles: board, calibration } = built.graph.note!;
  const known = board > 0 ? [count(board), percent(built.cycles / board - 1)] : ['—', '—'];
  return [built.graph.title, ROLES[calibration], count(built.cycles), ...known, count(ideal.cycles)];
}
const HEAD = ['design', 'role', 'as built', 'board', 'error', 'ideal'];

/** Of a kernel's designs: dataflow and sequential over reconfigured, as built and ideal; null where it lacks one. */
function ratios({ slug }: Kernel): readonly number[] | null {
  const of = (mode: string) => rows.find(({ kernel, built }) => kernel.slug === slug && built.mode === mode);
  const [dataflow, sequential, reconfigured] = ['dataflow', 'sequential', 'reconfigurable'].map(of);
  if (!dataflow || !sequential || !reconfigured) return null;
  return (['built', 'ideal'] as const).flatMap((variant) =>
    [dataflow, sequential].map((row) => row[variant].cycles / reconfigured[variant].cycles),
  );
}

const RATIO_HEAD = [
  'kernel',
  'dataflow, as built',
  'loop model',
  'sequential, as built',
  'loop model',
  'dataflow, ideal',
  'sequential, ideal',
];
function ratioCells(kernel: Kernel): readonly (readonly string[])[] {
  const ours = ratios(kernel);
  if (!ours) return [];
  const [dataflow, sequential, idealDataflow, idealSequential] = ours.map(times) as [string, string, string, string];
  const [first, second] = PREDICTED_RATIOS[kernel.slug]?.map(times) ?? ['—', '—'];
  return [[kernel.slug, dataflow, first!, sequential, second!, idealDataflow, idealSequential]];
}

const ratioTable = (kernels: readonly Kernel[]) => table(RATIO_HEAD, kernels.flatMap(ratioCells), 1);
const report = [
  `Cycles. ${machineLine()}; median of ${RUNS} simulations. \`npm run bench intar -- --write\` makes this section.`,
  table(
    [...HEAD, 'time', 'time, ideal'],
    rows.map((row) => [...cells(row), ...row.seconds.map(seconds)]),
    2,
  ),
  'How many times longer than the reconfigured design. No reconfigured design’s cycles are published: these are predictions, ours beside those that loop formulas alone give (“loop model”). The paper claims 1.8 × over dataflow and 7.1 × over sequential designs, over all multi-task kernels. Below 1 the reconfigured design is the slower one.',
  ratioTable(KERNELS),
].join('\n\n');
console.log(report);

if (process.argv.includes('--write')) {
  writeSection(new URL('../../core/stages/README.md', import.meta.url), 'intar', report);
  for (const kernel of KERNELS) {
    const own = [table(HEAD, rows.filter((row) => row.kernel === kernel).map(cells), 2)];
    if (ratios(kernel)) own.push('How many times longer than the reconfigured design:', ratioTable([kernel]));
    writeSection(
      new URL(`../../projects/examples/${kernel.slug}/README.md`, import.meta.url),
      'intar',
      own.join('\n\n'),
    );
  }
}
