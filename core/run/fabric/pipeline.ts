/**
 * One simulation: documents → task graph and fabric → designs → process network → accounts, over two frozen documents. Pure
 * and deterministic: same inputs, same bytes.
 */
import { contentHash } from '#core/base/canonical.ts';
import type { Control } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fromFile } from '#core/document/document.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import { readFabric } from '#core/fabric/read.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { ConsideredDesign, Design } from '#core/stages/design.ts';
import { dataflowDesign, drawnDesign, hasDrawnStages, sequentialDesign } from '#core/stages/modes.ts';
import { searchModes } from '#core/stages/search/search.ts';
import { simulateDesign } from '#core/stages/simulate.ts';
import { predictDesign } from '#core/stages/time.ts';
import { stallReport } from '#core/stalls/report.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import type { DesignNote, TaskGraph } from '#core/taskgraph/task-graph.ts';
import { channelFigures, streamFigures, taskFigures } from './accounts.ts';
import type { SimulationInputs, SimulationResult } from './result.ts';
import { simulatedSeries } from './series.ts';
import type { SimulationSettings } from './settings.ts';
import { drawnDeadlock, simulatedTimeline } from './timeline.ts';
import { SIMULATOR, simulationTotals, TIME_MODEL } from './totals.ts';

/** Estimated levers that are simulated too. */
const VERIFIED = 3;
/** Events of a simulation that is worth repeating for that. */
const QUICK_EVENTS = 200_000;

export interface SimulationServices {
  readonly mip: MipSolver;
  readonly control: Control;
  readonly appVersion: string;
  readonly stageFinished?: (stage: string) => void;
}

export function simulationRun(
  inputs: SimulationInputs,
  services: SimulationServices,
): Result<SimulationResult, Problem> {
  const drawn = drawnInputs(inputs);
  if (!drawn.ok) return drawn;
  const { graph, fabric } = drawn.value;
  services.stageFinished?.('read');
  const tell = (fraction: number, message: string) => services.control.report({ phase: 'simulate', fraction, message });
  tell(0.05, 'Designs');
  const considered = consideredDesigns(graph, fabric, inputs.settings, services);
  if (!considered.ok) return considered;
  const chosen = considered.value.find(({ isChosen }) => isChosen)!;
  services.stageFinished?.('search');
  tell(0.3, 'The chosen design, to the tick');
  const { design } = chosen;
  const simulated = simulateDesign(graph, fabric, design, { trace: true, cancelled: services.control.cancelled });
  if (!simulated.ok) return simulated;
  const { run, built, energy } = simulated.value;
  services.stageFinished?.('simulate');
  const whole = { graph, fabric, design, run, built };
  const gaps = considered.value.flatMap(({ predicted, simulated: ticks }) =>
    ticks === null || ticks === 0 ? [] : [Math.abs(predicted - ticks) / ticks],
  );
  tell(0.45, 'Why it waits, and what would help');
  const stalls = stallReport(
    {
      ...whole,
      documents: { tasks: inputs.tasks.id, fabric: inputs.fabric.id },
      considered: considered.value,
    },
    { verify: run.events > QUICK_EVENTS ? 0 : VERIFIED },
    services.control,
  );
  services.stageFinished?.('explain');
  const { note } = graph;
  return ok({
    format: 'weft-simulation/1',
    key: simulationKey(inputs, services.appVersion),
    appVersion: services.appVersion,
    title: `${inputs.tasks.title} on ${inputs.fabric.title}`,
    inputs,
    totals: simulationTotals({ graph, fabric, design, run, energy, predicted: chosen.predicted }),
    design,
    tasks: taskFigures(whole, energy),
    streams: streamFigures(whole),
    channels: channelFigures(whole),
    ...simulatedTimeline(run.trace!, run.makespan, whole),
    ...simulatedSeries(whole),
    deadlock: run.deadlock && drawnDeadlock(run.deadlock, built),
    considered: considered.value,
    modelGap: gaps.length === 0 ? null : Math.max(...gaps),
    ...stalls,
    techniques: [
      { ...TIME_MODEL, title: 'Time model of stages', role: 'predict' },
      { ...SIMULATOR, title: 'Event simulation of process networks', role: 'simulate' },
    ],
    measured: note && {
      cycles: note.measuredCycles,
      source: note.measuredSource,
      error:
        note.measuredCycles > 0 && isAsMeasured(design, note)
          ? (run.makespan - note.measuredCycles) / note.measuredCycles
          : null,
      calibration: note.calibration,
      claim: note.claim,
    },
    stoppedEarly: services.control.cancelled(),
  });
}

/** Whether the design is the one that was measured: as built, in the drawing's own mode. */
function isAsMeasured({ mode, variant }: Design, note: DesignNote): boolean {
  return variant === 'as-built' && (note.mode === 'any' || note.mode === mode);
}

/** SHA-256 over everything that decides the result. */
export function simulationKey(inputs: SimulationInputs, appVersion: string): string {
  const versions = [SIMULATOR, TIME_MODEL].map(({ id, version }) => `${id}@${version}`);
  return contentHash({ inputs, versions, appVersion });
}

/** Task graph and fabric as drawn; the first error that stands in the way. */
export function drawnInputs(
  inputs: Pick<SimulationInputs, 'tasks' | 'fabric'>,
): Result<{ readonly graph: TaskGraph; readonly fabric: Fabric }, Problem> {
  const { graph, problems: wrongTasks } = readTaskGraph(fromFile(inputs.tasks));
  if (!graph) return err(firstError(wrongTasks, 'The task graph is empty: draw tasks and streams between them'));
  const { fabric, problems: wrongFabric } = readFabric(fromFile(inputs.fabric));
  if (!fabric) return err(firstError(wrongFabric, 'The fabric has no core: draw one'));
  return ok({ graph, fabric });
}

function firstError(problems: readonly Problem[], otherwise: string): Problem {
  return problems.find(({ severity }) => severity === 'error') ?? problem('run.nothing-to-simulate', otherwise);
}

/** The designs of the settings' mode, one of them chosen. */
function consideredDesigns(
  graph: TaskGraph,
  fabric: Fabric,
  { mode, variant, objective, resimulate }: SimulationSettings,
  { mip, control }: SimulationServices,
): Result<readonly ConsideredDesign[], Problem> {
  const asked = mode === 'drawn' ? (graph.note?.mode ?? 'any') : mode;
  const isDrawn = hasDrawnStages(graph) && (asked === 'reconfigurable' || asked === 'any');
  if (asked === 'best' || (asked === 'reconfigurable' && !isDrawn))
    return searchModes(graph, fabric, { variant, objective, resimulate, mip, control });
  const design =
    asked === 'sequential'
      ? sequentialDesign(graph, fabric, variant)
      : asked === 'dataflow'
        ? dataflowDesign(graph, fabric, variant)
        : drawnDesign(graph, fabric, variant);
  return design.ok ? asOnly(graph, fabric, design.value, control) : design;
}

function asOnly(
  graph: TaskGraph,
  fabric: Fabric,
  design: Design,
  { cancelled }: Control,
): Result<readonly ConsideredDesign[], Problem> {
  const { cycles, offChipBytes } = predictDesign(graph, fabric, design);
  const simulated = simulateDesign(graph, fabric, design, { cancelled });
  if (!simulated.ok) return simulated;
  const { run } = simulated.value;
  return ok([
    {
      mode: design.mode,
      title: design.stages.length === 1 ? 'One stage' : `${design.stages.length} stages`,
      design,
      predicted: cycles,
      simulated: run.deadlock ? null : run.makespan,
      offChipBytes,
      isChosen: true,
    },
  ]);
}
