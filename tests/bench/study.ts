/**
 * Studies of 10,000 analytic points of ResNet-50 on `systolic-32x32`, as the studio makes them: worker threads, store, events.
 * Six axes, by every explorer. `npm run bench study [-- --write]`: into core/study/README.md.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { presetById } from '#core/architecture/presets.ts';
import type { ParameterValue } from '#core/base/value.ts';
import { type Document, fromFile, toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { frontOf, objectiveMetrics } from '#core/study/pareto.ts';
import { analyticPoints } from '#core/study/points.ts';
import type { StudyAxis, StudyPoint, StudySpec, StudyView } from '#core/study/study.ts';
import { places } from '#projects/places.ts';
import { createBackend } from '../../main/backend.ts';
import { importFile } from '../../main/files/import-file.ts';
import { count, seconds, spread, table, writeSection } from '../support/bench-report.ts';
import { largeModel } from '../support/large-model.ts';
import { distribution, machineLine } from '../support/measure.ts';
import { sharedPath } from '../support/shared.ts';

const ARCHITECTURE = 'systolic-32x32';
const POINTS = 10_000;
/** Of the same points evaluated one by one for their distribution, every so many. */
const EVERY = 20;

function theModel(): { readonly title: string; readonly document: Document } {
  const path = sharedPath('data/onnx/classic/light_resnet50.onnx');
  if (path !== null && existsSync(path)) {
    const imported = importFile(path, 'resnet50.onnx');
    if (imported.ok) return { title: 'ResNet-50', document: imported.value.document };
  }
  return { title: 'residual blocks of 176 operators', document: largeModel(176) };
}

const kibibytes = (...sizes: readonly number[]) => sizes.map((size) => size * 1024);

/** Values of rows, columns, input and weight buffers, bandwidth, dataflow. */
type Values = readonly (readonly ParameterValue[])[];

/** 10 × 5 × 5 × 4 × 5 × 2 are 10,000. */
const GRID: Values = [
  [8, 12, 16, 24, 32, 48, 64, 96, 128, 256],
  [8, 16, 32, 64, 128],
  kibibytes(8, 32, 64, 128, 512),
  kibibytes(16, 64, 128, 512),
  [4, 8, 16, 32, 64],
  ['ws', 'auto'],
];
/** Of 3.2 million. */
const WIDE: Values = [
  Array.from({ length: 20 }, (_, at) => 8 + 12 * at),
  Array.from({ length: 20 }, (_, at) => 8 + 12 * at),
  kibibytes(8, 16, 24, 32, 48, 64, 96, 128, 256, 512),
  kibibytes(8, 16, 24, 32, 48, 64, 96, 128, 256, 512),
  [2, 4, 6, 8, 12, 16, 24, 32, 48, 64].flatMap((rate) => [rate, rate * 1.25]),
  ['os', 'ws', 'is', 'auto'],
];
const STUDIES = [
  { explorer: 'explorer/grid', parameters: {}, values: GRID },
  { explorer: 'explorer/random', parameters: { points: POINTS, seed: 1 }, values: WIDE },
  { explorer: 'explorer/latin-hypercube', parameters: { points: POINTS, seed: 1 }, values: WIDE },
  { explorer: 'explorer/nsga-ii', parameters: { population: 100, generations: 100, seed: 1 }, values: WIDE },
] as const;

function axesOf(architecture: Document, values: Values): readonly StudyAxis[] {
  const axis = (at: number, type: string, parameter: string, unit: string): StudyAxis => ({
    of: 'architecture',
    nodes: [...architecture.nodes.values()].flatMap((node) => (node.type === type ? node.id : [])),
    parameter,
    title: parameter,
    unit,
    values: values[at]!,
  });
  return [
    axis(0, 'systolic-array', 'rows', ''),
    axis(1, 'systolic-array', 'columns', ''),
    axis(2, 'systolic-array', 'inputBufferBytes', 'B'),
    axis(3, 'systolic-array', 'weightBufferBytes', 'B'),
    axis(4, 'dram-channel', 'gigabytesPerSecond', 'GB/s'),
    axis(5, 'systolic-array', 'dataflow', ''),
  ];
}

const { values: flags } = parseArgs({
  options: { write: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const { title, document } = theModel();
const architecture = fromFile(toFile(presetById(ARCHITECTURE)!.build('architecture')));
const home = mkdtempSync(join(tmpdir(), 'weft-bench-'));
const backend = createBackend({
  kind: 'local',
  places: places(home),
  examples: resolve(import.meta.dirname, '../../projects/examples'),
  worker: new URL('../../main/jobs/worker.ts', import.meta.url),
});
const opened = await backend.createProject('Bench', [toFile(document), toFile(architecture)]);
if (!opened.ok) throw new Error(opened.error.message);
const idOf = (kind: string) => opened.value.documents.find((each) => each.kind === kind)!.id;
const its = backend.studies();
if (!its.ok) throw new Error(its.error.message);
const studies = its.value;

const bytesOf = (message: unknown): number => JSON.stringify(message).length;

async function played({ explorer, parameters, values }: (typeof STUDIES)[number]): Promise<readonly string[]> {
  const spec: StudySpec = {
    title: explorer,
    kind: 'program',
    model: idOf('model'),
    architecture: idOf('architecture'),
    settings: DEFAULT_SETTINGS,
    axes: axesOf(architecture, values),
    explorer: { id: explorer, parameters },
    fidelity: 'estimate',
    objectives: ['time.cycles', 'energy.total', 'area.total'],
  };
  let events = 0;
  let largest = 0;
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 100);
  let unsubscribe = () => {};
  const ended = new Promise<StudyView>((done) => {
    unsubscribe = backend.events.subscribe('event', (event) => {
      if (event.type !== 'study.changed') return;
      events++;
      largest = Math.max(largest, bytesOf(event));
      if (event.study.state !== 'running') done(event.study);
    });
  });
  const used = process.cpuUsage();
  const own = process.threadCpuUsage();
  const began = performance.now();
  const started = await studies.start(spec);
  if (!started.ok) throw new Error(started.error.message);
  const study = await ended;
  const elapsed = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(used);
  const host = process.threadCpuUsage(own);
  clearInterval(watch);
  unsubscribe();

  const points: StudyPoint[] = [];
  let page = 0;
  while (points.length < study.done) {
    const next = studies.points(study.id, points.length);
    if (!next.ok) throw new Error(next.error.message);
    page = Math.max(page, bytesOf(next.value));
    points.push(...next.value);
  }
  const front = frontOf(points, objectiveMetrics(study.metrics, spec.objectives));
  const evaluator = analyticPoints(spec, { model: toFile(document), architecture: toFile(architecture) });
  const each: number[] = [];
  for (let i = 0; i < points.length; i += EVERY) {
    const before = performance.now();
    evaluator.evaluate(points[i]!.choice);
    if (i >= 50 * EVERY) each.push(performance.now() - before);
  }
  return [
    explorer.replace('explorer/', ''),
    count(points.length),
    count(points.filter(({ failure }) => failure !== null).length),
    count(front.size),
    seconds(elapsed),
    count(Math.round(points.length / elapsed)),
    seconds((user + system) / 1e6),
    seconds((host.user + host.system) / 1e6),
    `${Math.round(peak / 2 ** 20)} MiB`,
    `${events} of ≤ ${(largest / 1024).toFixed(1)} KiB`,
    `${(page / 2 ** 20).toFixed(1)} MiB`,
    spread(distribution(each)),
  ];
}

const rows: (readonly string[])[] = [];
for (const study of STUDIES)
  if (!flags.only || flags.only.some((name) => study.explorer.endsWith(name))) rows.push(await played(study));
await backend.close();
rmSync(home, { recursive: true, force: true });

const text = [
  `\`npm run bench study -- --write\`: ${title} over six axes; ${machineLine()}, shared with other work (load ${loadavg()[0]?.toFixed(0)}): elapsed is what passed, ` +
    'processor what all threads took of it, host what the host’s own thread did. Events are what a window hears while it runs, a page is the largest ' +
    'answer with points. A point alone: the evaluator by itself, in one thread, every twentieth point.',
  table(
    [
      'explorer',
      'points',
      'failed',
      'on the front',
      'elapsed',
      'points a second',
      'processor',
      'host',
      'peak memory',
      'events',
      'page',
      'a point alone, min / median / max',
    ],
    rows,
    1,
  ),
].join('\n\n');
console.log(text);
if (flags.write) writeSection(new URL('../../core/study/README.md', import.meta.url), 'study', text);
