/**
 * One simulation: documents → task graph and fabric → designs → process network → accounts, over two frozen documents. Pure
 * and deterministic: same inputs, same bytes.
 */
import { contentHash } from '#core/base/canonical.ts';
import { type Control, part } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fromFile } from '#core/document/document.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import { readFabric } from '#core/fabric/read.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { ConsideredDesign, Design } from '#core/stages/design.ts';
import { exploreModes, titleOf } from '#core/stages/search/search.ts';
import { simulateDesign } from '#core/stages/simulate.ts';
import { predictDesign } from '#core/stages/time.ts';
import { stallReport } from '#core/stalls/report.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import type { DesignNote, TaskGraph } from '#core/taskgraph/task-graph.ts';
import { channelFigures, type Simulated, streamFigures, taskFigures } from './accounts.ts';
import { designOfMode, isSearched } from './mode.ts';
import type { SimulationInputs, SimulationResult } from './result.ts';
import { simulatedSeries } from './series.ts';
import { drawnDeadlock, simulatedTimeline } from './timeline.ts';
import { SIMULATOR, simulationTotals, TIME_MODEL } from './totals.ts';

/** Estimated levers that are simulated too. */
const VERIFIED = 3;
/** Events of a simulation that is worth repeating for that. */
const QUICK_EVENTS = 200_000;

/** Parts of the whole, for its progress. */
const PHASES = { search: [0.05, 0.3], simulate: [0.3, 0.45], explain: [0.45, 1] } as const;

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
  const { control } = services;
  const tell = (fraction: number, message: string) => control.report({ phase: 'simulate', fraction, message });
  tell(PHASES.search[0], 'Designs');
  const explored = isSearched(graph, inputs.settings.mode)
    ? exploreModes(graph, fabric, { ...inputs.settings, mip: services.mip, control: part(control, ...PHASES.search) })
    : null;
  if (explored && !explored.ok) return explored;
  const searched = explored?.value ?? null;
  const found = searched?.considered.find(({ isChosen }) => isChosen);
  const named = found ? ok(found.design) : designOfMode(graph, fabric, inputs.settings);
  if (!named.ok) return named;
  const design = named.value;
  services.stageFinished?.('search');
  tell(PHASES.simulate[0], 'The chosen design, to the tick');
  const simulated = simulateDesign(graph, fabric, design, { trace: true, cancelled: control.cancelled });
  if (!simulated.ok) return simulated;
  const { run, built, energy } = simulated.value;
  services.stageFinished?.('simulate');
  const whole = { graph, fabric, design, run, built };
  const considered = searched?.considered ?? [asOnly(whole)];
  const chosen = considered.find(({ isChosen }) => isChosen)!;
  tell(PHASES.explain[0], 'Why it waits, and what would help');
  const stalls = stallReport(
    {
      ...whole,
      documents: { tasks: inputs.tasks.id, fabric: inputs.fabric.id },
      considered,
    },
    { verify: run.events > QUICK_EVENTS ? 0 : VERIFIED },
    part(control, ...PHASES.explain),
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
    considered,
    search: searched?.search ?? null,
    modelGap: searched ? searched.modelGap : gapOf(chosen),
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
    stoppedEarly: control.cancelled(),
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

/** The one design of a mode that names it, as it was played. */
function asOnly({ graph, fabric, design, run }: Simulated): ConsideredDesign {
  const { cycles, offChipBytes } = predictDesign(graph, fabric, design);
  return {
    mode: design.mode,
    title: titleOf(graph, design, run.deadlock !== null),
    design,
    predicted: cycles,
    simulated: run.deadlock ? null : run.makespan,
    offChipBytes,
    isChosen: true,
  };
}

/** |predicted − simulated| ÷ simulated. */
function gapOf({ predicted, simulated }: ConsideredDesign): number | null {
  return simulated === null || simulated === 0 ? null : Math.abs(predicted - simulated) / simulated;
}
