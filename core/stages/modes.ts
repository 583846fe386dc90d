/**
 * Designs that need no search. Sequential: one task after the other, each with all lanes it may have (tasks on a cycle of
 * streams together). Dataflow: all at once, each with its share. Drawn: the stages and cores of the drawing.
 */
import type { Problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { allocateWith } from './allocate.ts';
import type { Design, Mode, Stage, Variant } from './design.ts';
import { components, followers } from './order.ts';
import { spilledStreams } from './spill.ts';
import { timeModel } from './time.ts';
import { doesNotFit } from './verify.ts';

export { allocate } from './allocate.ts';
export { isConvex } from './order.ts';
export { spilledStreams } from './spill.ts';
export { verifyDesign } from './verify.ts';

export function sequentialDesign(graph: TaskGraph, fabric: Fabric, variant: Variant): Result<Design, Problem> {
  return stagedDesign(graph, fabric, components(graph), 'sequential', variant);
}

export function dataflowDesign(graph: TaskGraph, fabric: Fabric, variant: Variant): Result<Design, Problem> {
  const all = graph.tasks.map((_, task) => task);
  return stagedDesign(graph, fabric, all.length === 0 ? [] : [all], 'dataflow', variant);
}

/** Whether the drawing puts any task in a stage by hand. */
export function hasDrawnStages({ tasks }: TaskGraph): boolean {
  return tasks.some(({ stage }) => stage > 0);
}

/**
 * Stages as numbered in the drawing; a task without a number comes as early as the tasks it reads from allow. Without any
 * number: the mode of the design note, one stage where it leaves that open.
 */
export function drawnDesign(graph: TaskGraph, fabric: Fabric, variant: Variant): Result<Design, Problem> {
  if (!hasDrawnStages(graph))
    return graph.note?.mode === 'sequential'
      ? sequentialDesign(graph, fabric, variant)
      : dataflowDesign(graph, fabric, variant);
  const after = followers(graph);
  const number = graph.tasks.map(({ stage }) => stage);
  for (const component of components(graph)) {
    const drawn = Math.max(...component.map((task) => graph.tasks[task]!.stage));
    const stage = Math.max(1, drawn, ...(drawn > 0 ? [] : component.map((task) => number[task]!)));
    for (const task of component) {
      if (graph.tasks[task]!.stage === 0) number[task] = stage;
      for (const successor of after[task]!)
        if (graph.tasks[successor]!.stage === 0) number[successor] = Math.max(number[successor]!, number[task]!);
    }
  }
  const numbers = [...new Set(number)].sort((a, b) => a - b);
  const sets = numbers.map((stage) => number.flatMap((of, task) => (of === stage ? [task] : [])));
  return stagedDesign(graph, fabric, sets, 'reconfigurable', variant);
}

/** A design of these stages in this order: lanes allocated, tensors between stages placed. */
export function stagedDesign(
  graph: TaskGraph,
  fabric: Fabric,
  sets: readonly (readonly number[])[],
  mode: Mode,
  variant: Variant,
): Result<Design, Problem> {
  const model = timeModel(graph, fabric, variant);
  const stages: Stage[] = [];
  for (const set of sets) {
    const tasks = allocateWith(model, set);
    if (tasks === null) return err(doesNotFit(graph, fabric, set, stages.length));
    stages.push({ tasks });
  }
  return ok({ mode, variant, stages, spilled: spilledStreams(graph, fabric, stages) });
}
