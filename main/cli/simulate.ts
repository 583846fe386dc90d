import { byteSizeText } from '#core/base/byte-size.ts';
import { uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { type DocumentFile, fromFile, KIND_WORDS } from '#core/document/document.ts';
import { renderSimulation } from '#core/report/simulation/render.ts';
import { searchText } from '#core/report/simulation/words.ts';
import { type CrossoverStudy, crossoverStudy } from '#core/run/fabric/crossover.ts';
import { simulationRun } from '#core/run/fabric/pipeline.ts';
import type { SimulationInputs, SimulationResult } from '#core/run/fabric/result.ts';
import {
  DEFAULT_SIMULATION,
  MOST_RESIMULATED,
  SIMULATION_MODES,
  SIMULATION_OBJECTIVES,
  type SimulationSettings,
} from '#core/run/fabric/settings.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { VARIANTS } from '#core/stages/design.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import { writeFileAtomic } from '#projects/atomic-file.ts';
import { APP_VERSION } from '../version.ts';
import {
  type Command,
  choiceOption,
  DONE,
  FAILED,
  type Io,
  integerOption,
  type OptionValues,
  printProblems,
  textOption,
  UsageError,
} from './command.ts';
import { loadFiles } from './inputs.ts';

export const simulateCommand: Command = {
  name: 'simulate',
  positionals: ['PROJECT_OR_FILE'],
  summary: 'Simulates a task graph on a fabric: one task after the other, streaming, or switching between stages.',
  details: `PROJECT_OR_FILE is a project (folder or .weft) with a task graph and a fabric, or a task graph with --fabric. The task
graph is the one whose design note has the mode asked for, else one that leaves the mode open, else the first; best takes one
that leaves it open, else the reconfigurable one, and keeps to the cores drawn in it. The fabric is the one its note names, else the first. Mode drawn (the
default) takes stages and cores as drawn; sequential and dataflow put every task in a stage of its own, all in one;
reconfigurable takes the stages drawn, and searches where none are; best searches, and compares with sequential and dataflow.
With --json: {cycles, seconds, mode, variant, design, fabric, key, tasks: [{task, stage, busy, stallIn, stallOut,
reconfigure}], streams, channels: [{channel, loadedBytes, storedBytes, busy}], dramBytes, energy: {total, …}, stages: [{tasks,
cores}], deadlock, measured, predicted, modelGap, search, considered, levers, problems}. Times are cycles but for seconds, energy is
joules; busy + stallIn + stallOut + reconfigure are cycles for every task. measured.error is null where the simulation is not
of what was measured. --crossover instead: which mode is best, by memory on chip and efficiency of the channels; with --json
{variant, design, fabric, points, corrected}. Exit code 1 too where the design deadlocks.`,
  options: {
    variant: {
      type: 'string',
      value: 'VARIANT',
      help: 'as-built (the default): as drawn; ideal: loops flattened, accesses ahead.',
    },
    mode: { type: 'string', value: 'MODE', help: `${SIMULATION_MODES.join(', ')}; drawn unless given.` },
    design: { type: 'string', value: 'TITLE', help: 'This task graph of a project, by title or id.' },
    fabric: {
      type: 'string',
      value: 'FILE',
      help: 'A fabric, or a project that holds it, instead of the one in the project.',
    },
    objective: {
      type: 'string',
      value: 'OBJECTIVE',
      help: `${SIMULATION_OBJECTIVES.join(', ')}: what the search minimises; cycles unless given.`,
    },
    resimulate: {
      type: 'string',
      value: 'N',
      help: `Designs of the search to simulate; ${DEFAULT_SIMULATION.resimulate} unless given.`,
    },
    crossover: { type: 'boolean', help: 'The best mode over memory size × efficiency of the channels.' },
    out: { type: 'string', value: 'run.json', help: 'File for the whole simulation; opens in the studio, replays.' },
    json: { type: 'boolean', help: 'JSON on stdout.' },
  },
  async run([path = ''], options, io) {
    const settings = settingsOf(options);
    const inputs = inputsOf(path, settings, options, io);
    if (!inputs.ok) return failed(inputs.error);
    const mip = await loadHighs();
    if (options.crossover) {
      const { tasks, fabric } = inputs.value;
      const { variant } = settings;
      const mapped = crossoverStudy({ tasks, fabric, variant, grid: 'coarse' }, { mip, control: uncontrolled });
      if (!mapped.ok) return failed(mapped.error);
      const { points, corrected } = mapped.value;
      const head = { variant, design: tasks.title, fabric: fabric.title };
      io.out(options.json ? JSON.stringify({ ...head, points, corrected }) : crossoverTable(mapped.value));
      return DONE;
    }
    const ran = simulationRun(inputs.value, { mip, control: uncontrolled, appVersion: APP_VERSION });
    if (!ran.ok) return failed(ran.error);
    const result = ran.value;
    const out = textOption(options, 'out');
    if (out !== undefined) {
      const written = writeFileAtomic(out, renderSimulation(result, 'json'));
      if (!written.ok) return failed(written.error);
    }
    printProblems(result.findings, io);
    const view = simulationView(result);
    io.out(options.json ? JSON.stringify(view) : said(result, view));
    return view.deadlock === null ? DONE : FAILED;

    function failed(found: Problem): number {
      printProblems([found], io);
      if (options.json) io.out(JSON.stringify({ problems: [found] }));
      return FAILED;
    }
  },
};

function settingsOf(options: OptionValues): SimulationSettings {
  const resimulate = integerOption(options, 'resimulate', 1) ?? DEFAULT_SIMULATION.resimulate;
  if (resimulate > MOST_RESIMULATED) throw new UsageError(`--resimulate takes at most ${MOST_RESIMULATED}`);
  const mode = choiceOption(options, 'mode', SIMULATION_MODES);
  if (options.crossover)
    for (const name of ['mode', 'objective', 'out'])
      if (options[name] !== undefined) throw new UsageError(`--${name} does not go with --crossover`);
  return {
    mode: mode ?? (options.crossover ? 'best' : DEFAULT_SIMULATION.mode),
    variant: choiceOption(options, 'variant', VARIANTS) ?? DEFAULT_SIMULATION.variant,
    objective: choiceOption(options, 'objective', SIMULATION_OBJECTIVES) ?? DEFAULT_SIMULATION.objective,
    resimulate,
  };
}

/** The task graph and the fabric to simulate; where the choice may surprise, a remark says what was taken. */
function inputsOf(
  path: string,
  settings: SimulationSettings,
  options: OptionValues,
  io: Io,
): Result<SimulationInputs, Problem> {
  const files = loadFiles(path);
  if (!files.ok) return files;
  const tasks = tasksOf(path, files.value, settings.mode, textOption(options, 'design'), io);
  if (!tasks.ok) return tasks;
  const other = textOption(options, 'fabric');
  const beside = other === undefined ? files : loadFiles(other);
  if (!beside.ok) return beside;
  const named = noteOf(tasks.value)?.fabric ?? '';
  const fabrics = beside.value.filter(({ kind }) => kind === 'fabric');
  const fabric = fabrics.find(({ title }) => title === named) ?? fabrics[0];
  if (!fabric)
    return err(
      problem('project.no-fabric', `${other ?? path} holds no fabric; --fabric FILE names one`, {
        where: { file: other ?? path },
      }),
    );
  if (other === undefined && named !== '' && fabric.title !== named)
    io.err(`remark: ${tasks.value.title} is drawn for the fabric ${named}, which is not here; on ${fabric.title}`);
  return ok({ tasks: tasks.value, fabric, settings });
}

function tasksOf(
  path: string,
  files: readonly DocumentFile[],
  mode: SimulationSettings['mode'],
  wanted: string | undefined,
  io: Io,
): Result<DocumentFile, Problem> {
  const graphs = files.filter(({ kind }) => kind === 'tasks');
  const [first] = graphs;
  if (!first) {
    const [only] = files;
    const held = files.length === 1 && only ? `${KIND_WORDS[only.kind]}, not` : 'no';
    return err(
      problem('project.no-tasks', `${path} holds ${held} ${held === 'no' ? 'task graph' : 'a task graph'}`, {
        where: { file: path },
      }),
    );
  }
  if (wanted !== undefined) {
    const found = graphs.find(({ title, id }) => title === wanted || id === wanted);
    if (found) return ok(found);
    const titles = graphs.map(({ title }) => title).join('; ');
    return err(
      problem('project.no-design', `There is no task graph '${wanted}'; there are: ${titles}`, {
        where: { file: path },
      }),
    );
  }
  if (mode === 'drawn') return ok(first);
  const modes = graphs.map((graph) => noteOf(graph)?.mode ?? 'any');
  // A search is held to the stages and cores that are drawn: it is for what leaves them open.
  const order = mode === 'best' ? (['any', 'reconfigurable'] as const) : ([mode, 'any'] as const);
  const found = order.map((one) => graphs[modes.indexOf(one)]).find((graph) => graph !== undefined);
  if (!found) io.err(`remark: no task graph is drawn for mode ${mode} or leaves it open; taken: ${first.title}`);
  return ok(found ?? first);
}

function noteOf(file: DocumentFile) {
  return readTaskGraph(fromFile(file)).graph?.note ?? null;
}

function simulationView(result: SimulationResult) {
  const { inputs, design, timeline, totals, tasks, deadlock, measured } = result;
  const names = new Map(inputs.fabric.nodes.map(({ id, name }) => [id, name]));
  const nameOf = (node: string) => names.get(node) ?? node;
  const total = (id: string) => totals.find((metric) => metric.id === id);
  const energy = total('energy.total');
  const parts = (energy?.provenance.inputs ?? []).map(({ name, value }): [string, number | string] => [
    name === 'off chip' ? 'offChip' : name,
    value,
  ]);
  return {
    cycles: timeline.makespanCycles,
    seconds: timeline.makespanCycles / timeline.clockHertz,
    mode: design.mode,
    variant: design.variant,
    design: inputs.tasks.title,
    fabric: inputs.fabric.title,
    key: result.key,
    tasks: tasks.map(({ name, stage, busy, stallIn, stallOut, reconfigure, start, end, utilisation, waits }) => ({
      task: name,
      stage,
      busy,
      stallIn,
      stallOut,
      reconfigure,
      start,
      end,
      utilisation,
      waits: waits.map(({ state, name: on, ticks }) => ({ state, on, cycles: ticks })),
    })),
    streams: result.streams.map(({ name, node, ...figures }) => ({ stream: name, ...figures })),
    channels: result.channels.map(({ name, node, ...figures }) => ({ channel: name, ...figures })),
    dramBytes: total('offchip.bytes')?.value ?? 0,
    energy: { total: energy?.value ?? 0, ...Object.fromEntries(parts) },
    stages: design.stages.map((_, index) => {
      const members = tasks.filter(({ stage }) => stage === index + 1);
      const cores = new Map<string, number>();
      for (const { node, lanes } of members.flatMap((task) => task.cores))
        cores.set(node, (cores.get(node) ?? 0) + lanes);
      return {
        tasks: members.map(({ name }) => name),
        cores: [...cores].map(([node, lanes]) => ({ core: nameOf(node), lanes })),
      };
    }),
    deadlock: deadlock && {
      cycle: deadlock.tick,
      kind: deadlock.kind,
      tasks: deadlock.cycle.map((task) => tasks[task]?.name ?? ''),
    },
    measured:
      measured && measured.cycles > 0
        ? {
            cycles: measured.cycles,
            error: measured.error,
            calibration: measured.calibration,
            source: measured.source,
          }
        : null,
    claim: measured?.claim ?? '',
    predicted: total('time.predicted')?.value ?? 0,
    modelGap: result.modelGap,
    search: result.search,
    considered: result.considered.map(({ mode, title, predicted, simulated, offChipBytes, isChosen }) => ({
      mode,
      title,
      predicted,
      simulated,
      offChipBytes,
      isChosen,
    })),
    levers: result.levers.map(({ title, predictedCycles, simulatedCycles, basis, method }) => ({
      title,
      predictedCycles,
      simulatedCycles,
      basis,
      method,
    })),
    problems: result.findings,
  };
}

function said(result: SimulationResult, view: ReturnType<typeof simulationView>): string {
  const count = (value: number) => value.toLocaleString('en-GB');
  const lines = [
    `${view.design} on ${view.fabric}: ${view.mode}, ${view.variant}`,
    view.deadlock === null
      ? `  ${count(view.cycles)} cycles, ${formatQuantity(view.seconds, 's')}; predicted ${count(Math.round(view.predicted))}`
      : `  deadlock at cycle ${count(view.deadlock.cycle)}: ${view.deadlock.tasks.join(', ')}`,
    `  ${formatQuantity(view.dramBytes, 'B')} off chip, ${formatQuantity(view.energy.total, 'J')}`,
  ];
  const { measured } = view;
  if (measured) {
    const error = measured.error === null ? '' : `, error ${(100 * measured.error).toFixed(2)} %`;
    const role = { none: '', fitted: ' (fitted)', 'held-aside': ' (held aside)' }[measured.calibration];
    lines.push(`  measured ${count(measured.cycles)} cycles${error}${role}`);
  }
  if (view.claim !== '') lines.push(`  ${view.claim}`);
  lines.push(
    ...aligned([
      ['task', 'stage', 'busy', 'stall in', 'stall out', 'reconfigure', 'waits most for'],
      ...view.tasks.map(({ task, stage, busy, stallIn, stallOut, reconfigure, waits }) => [
        task,
        String(stage),
        ...[busy, stallIn, stallOut, reconfigure].map(count),
        waits[0]?.on ?? '',
      ]),
    ]),
  );
  if (view.considered.length > 1)
    lines.push(
      ...aligned([
        ['design', 'predicted', 'simulated'],
        ...view.considered.map(({ title, predicted, simulated }) => [
          title,
          count(Math.round(predicted)),
          simulated === null ? '—' : count(simulated),
        ]),
      ]),
    );
  if (result.search) lines.push(`  ${searchText(result.search, result.inputs.settings)}`);
  return lines.join('\n');
}

/** Columns as wide as their widest; all but the first and texts to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const isText = rows[0]!.map(
    (_, column) => column === 0 || rows.slice(1).some((row) => /^[A-Za-z]/.test(row[column]!)),
  );
  return rows.map((row) =>
    `  ${row.map((cell, column) => (isText[column] ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')}`.trimEnd(),
  );
}

/** A row a memory size, a column an efficiency; `*` where simulation decided. */
function crossoverTable({
  tasks,
  fabric,
  variant,
  memoryBytes,
  efficiencies,
  points,
  corrected,
}: CrossoverStudy): string {
  const rows = memoryBytes.map((bytes) => [
    byteSizeText(bytes),
    ...points
      .filter(({ memoryBytes }) => memoryBytes === bytes)
      .map(({ modes: [best], isSimulated }) =>
        best === undefined
          ? 'none fits'
          : `${best.mode} ${Math.round(best.simulated ?? best.predicted).toLocaleString('en-GB')}${isSimulated ? '*' : ''}`,
      ),
  ]);
  const head = ['memory', ...efficiencies.map((efficiency) => `${100 * efficiency} %`)];
  return [
    `${tasks} on ${fabric}, ${variant}: the best mode and its cycles, by memory on chip and efficiency of the channels`,
    ...aligned([head, ...rows]),
    `  * simulated, the others by the time model; ${corrected} of them turned out otherwise than the model had it`,
  ].join('\n');
}
