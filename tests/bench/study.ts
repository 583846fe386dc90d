/**
 * A study of 10,000 analytic points of ResNet-50 on `systolic-32x32`, as the studio makes it: worker threads, store, events.
 * Array rows × columns × input buffer × bandwidth × dataflow. `npm run bench study [-- --write]`: into core/study/README.md.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { presetById } from '#core/architecture/presets.ts';
import type { ParameterValue } from '#core/base/value.ts';
import { type Document, fromFile, toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { frontOf, objectiveMetrics } from '#core/study/pareto.ts';
import { analyticPoints } from '#core/study/points.ts';
import { spaceOf } from '#core/study/space.ts';
import type { StudyAxis, StudyPoint, StudySpec, StudyView } from '#core/study/study.ts';
import { choiceAt } from '#core/technique/explorer.ts';
import { places } from '#projects/places.ts';
import { createBackend } from '../../main/backend.ts';
import { importFile } from '../../main/files/import-file.ts';
import { count, seconds, spread, table, writeSection } from '../support/bench-report.ts';
import { largeModel } from '../support/large-model.ts';
import { distribution, machineLine } from '../support/measure.ts';
import { sharedPath } from '../support/shared.ts';

const ARCHITECTURE = 'systolic-32x32';
const SIZES = [8, 12, 16, 24, 32, 48, 64, 96, 128, 256];
/** Points evaluated one by one for their distribution. */
const SAMPLE = 500;

function theModel(): { readonly title: string; readonly document: Document } {
  const path = sharedPath('data/onnx/classic/light_resnet50.onnx');
  if (path !== null && existsSync(path)) {
    const imported = importFile(path, 'resnet50.onnx');
    if (imported.ok) return { title: 'ResNet-50', document: imported.value.document };
  }
  return { title: 'residual blocks of 176 operators', document: largeModel(176) };
}

function axesOf(architecture: Document): readonly StudyAxis[] {
  const nodesOf = (type: string) =>
    [...architecture.nodes.values()].flatMap((node) => (node.type === type ? node.id : []));
  const axis = (type: string, parameter: string, unit: string, values: readonly ParameterValue[]): StudyAxis => ({
    of: 'architecture',
    nodes: nodesOf(type),
    parameter,
    title: parameter,
    unit,
    values,
  });
  return [
    axis('systolic-array', 'rows', '', SIZES),
    axis('systolic-array', 'columns', '', SIZES),
    axis(
      'systolic-array',
      'inputBufferBytes',
      'B',
      [8, 32, 64, 128, 512].map((kibibytes) => kibibytes * 1024),
    ),
    axis('dram-channel', 'gigabytesPerSecond', 'GB/s', [4, 8, 16, 32, 64]),
    axis('systolic-array', 'dataflow', '', ['os', 'ws', 'is', 'auto']),
  ];
}

const { values: flags } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
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
const spec: StudySpec = {
  title: 'Array, buffer, bandwidth, dataflow',
  kind: 'program',
  model: idOf('model'),
  architecture: idOf('architecture'),
  settings: DEFAULT_SETTINGS,
  axes: axesOf(architecture),
  explorer: { id: 'explorer/grid', parameters: {} },
  fidelity: 'estimate',
  objectives: ['time.cycles', 'energy.total', 'area.total'],
};

const studies = backend.studies();
if (!studies.ok) throw new Error(studies.error.message);
let events = 0;
const ended = new Promise<StudyView>((done) => {
  backend.events.subscribe('event', (event) => {
    if (event.type !== 'study.changed') return;
    events++;
    if (event.study.state !== 'running') done(event.study);
  });
});
const used = process.cpuUsage();
const began = performance.now();
const started = studies.value.start(spec);
if (!started.ok) throw new Error(started.error.message);
// Worker threads let a process end while nothing else goes on.
const awake = setInterval(() => {}, 1000);
const study = await ended;
clearInterval(awake);
const elapsed = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(used);
const busy = (user + system) / 1e6;
const points: StudyPoint[] = [];
while (points.length < study.done) {
  const page = studies.value.points(study.id, points.length);
  if (!page.ok) throw new Error(page.error.message);
  points.push(...page.value);
}
const front = frontOf(points, objectiveMetrics(study.metrics, spec.objectives));
const memory = process.memoryUsage.rss();
await backend.close();
rmSync(home, { recursive: true, force: true });

const evaluator = analyticPoints(spec, { model: toFile(document), architecture: toFile(architecture) });
const space = spaceOf(spec);
const each: number[] = [];
for (let i = 0; i < SAMPLE + 50; i++) {
  const choice = choiceAt(space, Math.floor((i * 7919) % points.length));
  const before = performance.now();
  evaluator.evaluate(choice);
  if (i >= 50) each.push(performance.now() - before);
}

const text = [
  `\`npm run bench study -- --write\`; ${machineLine()}. The machine is shared with other work: elapsed is what passed, processor what ` +
    'all threads of this took of it. A point alone: the evaluator by itself, in one thread, points far apart.',
  table(
    [
      'model',
      'points',
      'failed',
      'on the front',
      'elapsed',
      'points a second',
      'processor',
      'events',
      'memory',
      'a point alone, min / median / max',
    ],
    [
      [
        title,
        count(points.length),
        count(points.filter(({ failure }) => failure !== null).length),
        count(front.size),
        seconds(elapsed),
        count(Math.round(points.length / elapsed)),
        seconds(busy),
        count(events),
        `${Math.round(memory / 2 ** 20)} MiB`,
        spread(distribution(each)),
      ],
    ],
    1,
  ),
].join('\n\n');
console.log(text);
if (flags.write) writeSection(new URL('../../core/study/README.md', import.meta.url), 'study', text);
