/** The design a mode of the settings asks for, and whether only a search finds it. */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Design } from '#core/stages/design.ts';
import { dataflowDesign, drawnDesign, hasDrawnStages, sequentialDesign } from '#core/stages/modes.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { SimulationSettings } from './settings.ts';

/** Whether a run with this mode searches for its design. */
export function isSearched(graph: TaskGraph, mode: SimulationSettings['mode']): boolean {
  const asked = askedMode(graph, mode);
  return asked === 'best' || (asked === 'reconfigurable' && !hasDrawnStages(graph));
}

/** Without a search: where one is asked for, the stages as drawn. Fails where it cannot be built (codes `stages.*`). */
export function designOfMode(
  graph: TaskGraph,
  fabric: Fabric,
  { mode, variant }: Pick<SimulationSettings, 'mode' | 'variant'>,
): Result<Design, Problem> {
  switch (askedMode(graph, mode)) {
    case 'sequential':
      return sequentialDesign(graph, fabric, variant);
    case 'dataflow':
      return dataflowDesign(graph, fabric, variant);
    default:
      return drawnDesign(graph, fabric, variant);
  }
}

function askedMode(graph: TaskGraph, mode: SimulationSettings['mode']) {
  return mode === 'drawn' ? (graph.note?.mode ?? 'any') : mode;
}
