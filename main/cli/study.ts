import { uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { formatQuantity, type Unit } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValue } from '#core/base/value.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { type DocumentFile, toFile } from '#core/document/document.ts';
import { csvTable } from '#core/report/csv.ts';
import { studyRows } from '#core/report/study.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import { DEFAULT_SIMULATION } from '#core/run/fabric/settings.ts';
import { runPipeline } from '#core/run/pipeline.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { type PointOutcome, StudyDriver } from '#core/study/driver.ts';
import { studyMetrics } from '#core/study/metrics.ts';
import { frontOf } from '#core/study/pareto.ts';
import { analyticPoints, pointInputs, pointKey, runOutcome } from '#core/study/points.ts';
import type { StudyDocuments } from '#core/study/space.ts';
import { explorers, planStudy } from '#core/study/start.ts';
import type { StudyMetric, StudyPoint, StudySpec } from '#core/study/study.ts';
import type { Choice } from '#core/technique/explorer.ts';
import { writeFileAtomic } from '#projects/atomic-file.ts';
import { APP_VERSION } from '../version.ts';
import {
  type Command,
  choiceOption,
  DONE,
  FAILED,
  type OptionValues,
  printProblems,
  textOption,
  UsageError,
} from './command.ts';
import { choicesOf, loadArchitecture, loadFiles, loadModel, SHAPE_OPTION, VALUE_OPTION } from './inputs.ts';
import { tableText } from './scheduling.ts';
import { parametersSet, SET_OPTION } from './set-option.ts';
import { axesOf, objectivesNamed } from './study-axes.ts';

const FIDELITIES = ['estimate', 'run'] as const;
const EXPLORERS = explorers.map(({ manifest }) => manifest.id.replace('explorer/', ''));

export const studyCommand: Command = {
  name: 'study',
  positionals: ['FILE_OR_PROJECT'],
  summary: 'Sweeps parameters of the drawings and the settings, and finds the points no other beats.',
  details: `FILE_OR_PROJECT has a model (with --architecture, or with an architecture in the project), or a task graph and a fabric.
--axis is given once a parameter: NODE.PARAMETER=VALUE,VALUE… with the id or the name of a node, or a type for all its nodes
(systolic-array.rows=8,16,32), or settings.PARAMETER=…; sizes may be 64KiB, lists are 3x3. An axis of one value sets it.
Estimates are analytic: a kernel takes the longer of its unit and the off-chip channels, nothing is resident; of a simulation,
what the time model predicts. --objectives names metrics by id or a part of it: cycles, energy, offchip, area …
With --json: {kind, fidelity, model, architecture, settings, explorer, axes: [{of, nodes, parameter, title, unit, values}], metrics,
objectives, planned, points: [{index, choice, values, metrics, failure, run}], front: [index], failed, reused, appVersion, problems}.
Choices count values of their axis from 0; a point that cannot be has no metrics, and why; run is the key of a point's run.`,
  options: {
    axis: {
      type: 'string',
      multiple: true,
      value: 'NODE.PARAMETER=V,V',
      help: 'A parameter and its values; may be given several times.',
    },
    architecture: {
      type: 'string',
      value: 'PRESET_OR_FILE',
      help: 'A preset (weft presets), an architecture document or a project.',
    },
    explorer: { type: 'string', value: 'EXPLORER', help: `${EXPLORERS.join(', ')}; grid unless given.` },
    set: {
      ...SET_OPTION,
      help: 'A parameter of the explorer, such as points, seed, population; may be given several times.',
    },
    fidelity: {
      type: 'string',
      value: 'FIDELITY',
      help: 'estimate (the default), or run: the whole pipeline for each point.',
    },
    objectives: { type: 'string', value: 'A,B', help: 'What the front is of, 2 to 4; cycles,energy unless given.' },
    'csv-out': { type: 'string', value: 'FILE', help: 'All points as a table, too.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
    shape: SHAPE_OPTION,
    value: VALUE_OPTION,
  },
  async run([path = ''], options, io) {
    const read = subjectOf(path, options);
    if (!read.ok) return failed(read.error);
    const { kind, documents } = read.value;
    const fidelity = choiceOption(options, 'fidelity', FIDELITIES) ?? 'estimate';
    const metrics = studyMetrics(kind, fidelity);
    const name = choiceOption(options, 'explorer', EXPLORERS) ?? 'grid';
    const { manifest } = explorers.find((one) => one.manifest.id === `explorer/${name}`)!;
    const settings = kind === 'program' ? DEFAULT_SETTINGS : DEFAULT_SIMULATION;
    const spec: StudySpec = {
      title: path,
      kind,
      model: documents.model.id,
      architecture: documents.architecture.id,
      settings,
      axes: axesOf(options, documents, { kind, settings }),
      explorer: { id: manifest.id, parameters: parametersSet(options, manifest.parameters) },
      fidelity,
      objectives: objectivesNamed((textOption(options, 'objectives') ?? 'cycles,energy').split(','), metrics),
    };
    const plan = planStudy(spec, documents);
    if (!plan.ok) return failed(plan.error);
    const { objectives, planned, explore } = plan.value;
    const exploration = explore(null);
    const driver = new StudyDriver({ objectives, keyOf: (choice) => pointKey(spec, choice) });
    const evaluate = await evaluator(spec, documents);
    const points: StudyPoint[] = [];
    let reused = 0;
    for (;;) {
      const asked = exploration.ask(fidelity === 'run' ? 1 : 64);
      if (asked.length === 0) break;
      for (const task of driver.add(asked)) driver.tell(task, evaluate(task.choice));
      const kept = driver.kept();
      exploration.tell(kept.explored);
      points.push(...kept.points);
      reused = kept.reused;
      io.status?.(`${points.length} of ${planned} points`);
    }
    io.status?.(null);
    const front = frontOf(points, objectives);
    const csv = textOption(options, 'csv-out');
    if (csv !== undefined) {
      const written = writeFileAtomic(csv, csvTable(studyRows(spec, metrics, points, front)));
      if (!written.ok) return failed(written.error);
    }
    if (options.json)
      io.out(
        JSON.stringify({
          kind,
          fidelity,
          model: { id: documents.model.id, title: documents.model.title },
          architecture: { id: documents.architecture.id, title: documents.architecture.title },
          settings,
          explorer: {
            id: manifest.id,
            version: manifest.version,
            parameters: { ...defaultParameters(manifest.parameters), ...spec.explorer.parameters },
          },
          axes: spec.axes,
          metrics,
          objectives: spec.objectives,
          planned,
          points: points.map(({ index, choice, metrics: figures, failure, run }) => ({
            index,
            choice,
            values: valuesOf(spec, choice),
            metrics: figures,
            failure,
            run,
          })),
          front: [...front],
          failed: points.filter(({ failure }) => failure !== null).length,
          reused,
          appVersion: APP_VERSION,
          problems: [],
        }),
      );
    else io.out(readable(spec, metrics, objectives, points, front));
    return DONE;

    function failed(cause: Problem): number {
      printProblems([cause], io);
      if (options.json) io.out(JSON.stringify({ problems: [cause] }));
      return FAILED;
    }
  },
};

/** A model and an architecture, or else a task graph and a fabric. */
function subjectOf(
  path: string,
  options: OptionValues,
): Result<{ readonly kind: StudySpec['kind']; readonly documents: StudyDocuments }, Problem> {
  const named = textOption(options, 'architecture');
  const files = named === undefined && !/\.onnx$/i.test(path) ? loadFiles(path) : null;
  if (files?.ok && !files.value.some(({ kind }) => kind === 'model')) {
    const of = (kind: DocumentFile['kind']) => files.value.find((file) => file.kind === kind);
    const [model, architecture] = [of('tasks'), of('fabric')];
    if (model && architecture) return ok({ kind: 'simulation', documents: { model, architecture } });
    return err(
      problem('project.nothing-to-study', `${path} holds neither a model nor a task graph with a fabric`, {
        where: { file: path },
      }),
    );
  }
  const loaded = loadModel(path, choicesOf(options));
  if (!loaded.ok) return loaded;
  const drawn = named === undefined ? null : loadArchitecture(named);
  if (drawn && !drawn.ok) return drawn;
  const architecture = drawn?.value ?? loaded.value.architecture;
  if (!architecture) throw new UsageError('--architecture is needed: a preset, a document or a project');
  const documents = { model: toFile(loaded.value.model), architecture: toFile(architecture) };
  return ok({ kind: 'program', documents });
}

async function evaluator(spec: StudySpec, documents: StudyDocuments): Promise<(choice: Choice) => PointOutcome> {
  if (spec.fidelity === 'estimate') {
    const mip = spec.kind === 'simulation' ? await loadHighs() : undefined;
    const points = analyticPoints(spec, documents, mip);
    return (choice) => points.evaluate(choice);
  }
  const services = { mip: await loadHighs(), control: uncontrolled, appVersion: APP_VERSION };
  return (choice) => {
    const inputs = pointInputs(spec, documents, choice);
    const ran = 'tasks' in inputs ? simulationRun(inputs, services) : runPipeline(inputs, services);
    if (!ran.ok) return { metrics: {}, failure: ran.error.message, run: null };
    const headline = Object.fromEntries(ran.value.totals.map(({ id, value }) => [id, value]));
    return runOutcome(spec, inputs, { id: ran.value.key, headline });
  };
}

const valuesOf = ({ axes }: StudySpec, choice: Choice): readonly ParameterValue[] =>
  axes.map(({ values }, axis) => values[choice[axis] ?? 0]!);

const asText = (value: ParameterValue): string => (Array.isArray(value) ? value.join('x') : String(value));

/** The front as a table, by its first objective. */
function readable(
  spec: StudySpec,
  metrics: readonly StudyMetric[],
  objectives: readonly StudyMetric[],
  points: readonly StudyPoint[],
  front: ReadonlySet<number>,
): string {
  const [first] = objectives;
  const shown = [...objectives, ...metrics.filter((metric) => !objectives.includes(metric))];
  const of = ({ metrics: figures }: StudyPoint, id = '') => figures[id] ?? 0;
  const rows = points
    .filter(({ index }) => front.has(index))
    .toSorted((a, b) => (of(a, first?.id) - of(b, first?.id)) * (first?.better === 'more' ? -1 : 1));
  const failures = points.filter(({ failure }) => failure !== null);
  return [
    `${points.length} points, ${failures.length} of them failed, ${front.size} on the front of ${objectives.map(({ title }) => title.toLowerCase()).join(' and ')}`,
    '',
    tableText(
      `${'>'.repeat(1 + spec.axes.length + shown.length)}`,
      ['point', ...spec.axes.map(({ title }) => title), ...shown.map(({ title }) => title)],
      rows.map((point) => [
        String(point.index + 1),
        ...valuesOf(spec, point.choice).map(asText),
        ...shown.map(({ id, unit }) => formatQuantity(of(point, id), unit as Unit)),
      ]),
    ),
    ...(failures[0] ? ['', `point ${failures[0].index + 1} failed: ${failures[0].failure}`] : []),
  ].join('\n');
}
