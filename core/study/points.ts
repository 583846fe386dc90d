/**
 * The points of a study as they are evaluated: by an analytic model here, or as runs, whose inputs, key and figures are made
 * here too. Nothing of a point ends a study: what cannot be done is its failure.
 */
import { resolveMachine } from '#core/architecture/machine.ts';
import { fromFile } from '#core/document/document.ts';
import { readFabric } from '#core/fabric/read.ts';
import type { SimulationInputs } from '#core/run/fabric/result.ts';
import type { RunInputs } from '#core/run/result.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { readTaskGraph } from '#core/taskgraph/read.ts';
import type { Choice } from '#core/technique/explorer.ts';
import type { PointOutcome } from './driver.ts';
import { studyMetrics } from './metrics.ts';
import { machineFigures, ProgramPoints, withCapacity } from './program-points.ts';
import { fabricFigures, SimulationPoints } from './simulation-points.ts';
import { expand, pointChanges, type StudyDocuments } from './space.ts';
import type { StudySpec } from './study.ts';

export interface AnalyticPoints {
  evaluate(choice: Choice): PointOutcome;
}

/** What a study of fidelity `estimate` is evaluated by; keeps what points have in common. */
export function analyticPoints(spec: StudySpec, documents: StudyDocuments, mip?: MipSolver): AnalyticPoints {
  return spec.kind === 'program' ? new ProgramPoints(spec, documents) : new SimulationPoints(spec, documents, mip);
}

/** Equal for choices that set the same; of an estimate, for those that differ in settings alone that it does not know. */
export function pointKey(spec: StudySpec, choice: Choice): string {
  const { model, architecture, settings } = pointChanges(spec, choice);
  if (spec.fidelity === 'run') return JSON.stringify([model, architecture, settings]);
  if ('scheduler' in settings)
    return JSON.stringify([model, architecture, settings.format, settings.objective, settings.scratchpadBytes]);
  const { mode, variant, objective } = settings;
  return JSON.stringify([model, architecture, mode, variant, objective]);
}

/** The frozen inputs of a point as a run. */
export function pointInputs(spec: StudySpec, documents: StudyDocuments, choice: Choice): RunInputs | SimulationInputs {
  const { model, architecture, settings } = expand(spec, documents, choice);
  return 'scheduler' in settings ? { model, architecture, settings } : { tasks: model, fabric: architecture, settings };
}

/** A finished run as a point: those of its headline figures that are metrics, and what its drawing alone decides. */
export function runOutcome(
  spec: StudySpec,
  inputs: RunInputs | SimulationInputs,
  run: { readonly id: string; readonly headline: Readonly<Record<string, number>> },
): PointOutcome {
  const drawn = 'tasks' in inputs ? drawnFabric(inputs) : drawnMachine(inputs);
  const metrics: Record<string, number> = {};
  for (const { id } of studyMetrics(spec.kind, spec.fidelity)) {
    const value = run.headline[id] ?? drawn[id];
    if (value !== undefined) metrics[id] = value;
  }
  return { metrics, failure: null, run: run.id };
}

function drawnMachine({ architecture, settings }: RunInputs): Readonly<Record<string, number>> {
  const { machine } = resolveMachine(fromFile(architecture));
  return machine ? machineFigures(withCapacity(machine, settings), settings) : {};
}

function drawnFabric({ tasks, fabric: file }: SimulationInputs): Readonly<Record<string, number>> {
  const { graph } = readTaskGraph(fromFile(tasks));
  const { fabric } = readFabric(fromFile(file));
  return graph && fabric ? fabricFigures(graph, fabric) : {};
}
