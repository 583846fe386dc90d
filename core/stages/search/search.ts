/**
 * Which design a task graph should have on a fabric: the best the search finds by the time model, the sequential and the
 * dataflow one beside them, each played to the tick; the best played one is chosen, and the gap of the model shown.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { ConsideredDesign, Design, Variant } from '../design.ts';
import { dataflowDesign, sequentialDesign } from '../modes.ts';
import { simulateDesign } from '../simulate.ts';
import { predictDesign } from '../time.ts';
import { graphProblem, type Objective } from './graph-problem.ts';
import { searchPartitions } from './partitions.ts';
import { type Cost, compareCosts, type PartitionSearch, partitionKey } from './stage-problem.ts';

export interface ModeSearchOptions {
  readonly variant: Variant;
  readonly objective: Objective;
  /** How many of the designs found are simulated, best predictions first; sequential and dataflow always are. ≥ 1. */
  readonly resimulate: number;
  /** For graphs of too many downsets; without it those are merged, with an open gap. */
  readonly mip?: MipSolver;
  readonly control?: Control;
  /** Budgets of the search by downsets: pairs and prices. */
  readonly stepLimit?: number;
  readonly priceLimit?: number;
}

export interface ModeSearch {
  /** The chosen one first, then by what was simulated, then by what was predicted; never empty. */
  readonly considered: readonly ConsideredDesign[];
  /** Of the time model: no design is predicted below its bound. */
  readonly search: Omit<PartitionSearch, 'partitions'>;
  /** Largest |predicted − simulated| ÷ simulated cycles; null where none was simulated. */
  readonly modelGap: number | null;
}

interface Candidate {
  readonly design: Design;
  readonly predicted: Cost;
  readonly offChipBytes: number;
}

/**
 * Deterministic. Fails where no design can be built: with what keeps the sequential one from it (`stages.*`), for it needs
 * least at once; `stages.no-tasks` without tasks.
 */
export function exploreModes(
  graph: TaskGraph,
  fabric: Fabric,
  options: ModeSearchOptions,
): Result<ModeSearch, Problem> {
  const { variant, objective, control = uncontrolled } = options;
  if (graph.tasks.length === 0) return err(problem('stages.no-tasks', 'There are no tasks to put into stages'));
  const { problem: stages, units, designOf } = graphProblem(graph, fabric, variant, objective);
  const { resimulate, variant: _, objective: __, ...budgets } = options;
  const { partitions, ...search } = searchPartitions(stages, { ...budgets, count: Math.max(1, resimulate) });

  const candidates: Candidate[] = [];
  const keys = new Set<string>();
  const add = (design: Design): void => {
    const key = partitionKey(design.stages.map(({ tasks }) => tasks.map(({ task }) => task).sort((a, b) => a - b)));
    if (keys.has(key)) return;
    keys.add(key);
    const { cycles, offChipBytes, energy } = predictDesign(graph, fabric, design);
    const predicted = { primary: { cycles, energy, 'off-chip': offChipBytes }[objective], cycles };
    candidates.push({ design, predicted, offChipBytes });
  };
  const sequential = sequentialDesign(graph, fabric, variant);
  if (sequential.ok) add(sequential.value);
  const dataflow = dataflowDesign(graph, fabric, variant);
  if (dataflow.ok) add(dataflow.value);
  for (const partition of partitions) {
    const mode =
      partition.stages.length === units.length
        ? 'sequential'
        : partition.stages.length === 1
          ? 'dataflow'
          : 'reconfigurable';
    const design = designOf(partition.stages, mode);
    if (design !== null) add(design);
  }

  const judged: (Candidate & { readonly simulated: Cost | null; readonly isStuck: boolean })[] = [];
  let refusal: Problem | null = sequential.ok ? null : sequential.error;
  for (const [index, candidate] of candidates.entries()) {
    const played = simulateDesign(graph, fabric, candidate.design, { cancelled: control.cancelled });
    control.report({
      phase: 'modes.simulate',
      fraction: (index + 1) / candidates.length,
      message: `${index + 1} of ${candidates.length} designs simulated`,
    });
    if (!played.ok) {
      refusal ??= played.error;
      // What was not played to its end is still a design; one that cannot be built is none.
      if (control.cancelled()) judged.push({ ...candidate, simulated: null, isStuck: false });
      continue;
    }
    const { run, energy } = played.value;
    const moved = run.channels.reduce((sum, { loadedBytes, storedBytes }) => sum + loadedBytes + storedBytes, 0);
    const cycles = run.makespan;
    const simulated =
      run.deadlock === null
        ? { primary: { cycles, energy: energy.total, 'off-chip': moved }[objective], cycles }
        : null;
    judged.push({ ...candidate, simulated, isStuck: run.deadlock !== null });
  }
  if (judged.length === 0) return err(refusal ?? problem('stages.no-design', 'No design of these tasks can be built'));
  judged.sort(
    (a, b) =>
      Number(a.simulated === null) - Number(b.simulated === null) ||
      Number(a.isStuck) - Number(b.isStuck) ||
      compareCosts(a.simulated ?? a.predicted, b.simulated ?? b.predicted) ||
      compareCosts(a.predicted, b.predicted) ||
      a.design.stages.length - b.design.stages.length,
  );
  const gaps = judged.flatMap(({ predicted, simulated }) =>
    simulated === null ? [] : [Math.abs(predicted.cycles - simulated.cycles) / Math.max(1, simulated.cycles)],
  );
  return ok({
    considered: judged.map(({ design, predicted, simulated, offChipBytes, isStuck }, index) => ({
      mode: design.mode,
      title: titleOf(graph, design, isStuck),
      design,
      predicted: predicted.cycles,
      simulated: simulated?.cycles ?? null,
      offChipBytes,
      isChosen: index === 0,
    })),
    search,
    modelGap: gaps.length === 0 ? null : Math.max(...gaps),
  });
}

const NAMED_TASKS = 16;

/** `F1 | F2 → F3`: stages in order, what streams in them; their number where there are many tasks. */
export function titleOf(graph: TaskGraph, { mode, stages }: Design, isStuck: boolean): string {
  const stuck = isStuck ? ' (deadlock)' : '';
  if (graph.tasks.length > NAMED_TASKS) return `${mode}, ${stages.length} stages${stuck}`;
  const named = stages.map(({ tasks }) => {
    const isChain = tasks.every(
      ({ task }, index) =>
        index === 0 || graph.streams.some(({ from, to }) => from.task === tasks[index - 1]!.task && to.task === task),
    );
    return tasks.map(({ task }) => graph.tasks[task]!.name).join(isChain ? ' → ' : ' + ');
  });
  return `${mode}: ${named.join(' | ')}${stuck}`;
}
