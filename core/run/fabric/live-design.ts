/**
 * The design a drawing is simulated with while it is edited: that of the settings' mode. What only a search finds is not
 * searched for: the design the last run chose stands in while it can still be built, else the mode of the design note.
 */
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Design } from '#core/stages/design.ts';
import { sequentialDesign } from '#core/stages/modes.ts';
import { verifyDesign } from '#core/stages/verify.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { designOfMode, isSearched } from './mode.ts';
import type { SimulationSettings } from './settings.ts';

/** A design a run chose, and the drawings it indexes into, as their nodes. */
export interface ChosenDesign {
  readonly design: Design;
  readonly tasks: readonly string[];
  readonly cores: readonly string[];
}

export interface LiveDesign {
  readonly design: Design;
  /** `mode`: that of the settings or the drawing · `run`: the last run's · `instead`: no search has been run yet. */
  readonly from: 'mode' | 'run' | 'instead';
}

/** Fails where no design of the mode can be built (codes `stages.*`). */
export function liveDesign(
  graph: TaskGraph,
  fabric: Fabric,
  settings: Pick<SimulationSettings, 'mode' | 'variant'>,
  last: ChosenDesign | null,
): Result<LiveDesign, Problem> {
  const { mode, variant } = settings;
  const wantsSearch = isSearched(graph, mode);
  if (wantsSearch && last?.design.variant === variant && fits(graph, fabric, last))
    return ok({ design: last.design, from: 'run' });
  const from = wantsSearch ? 'instead' : 'mode';
  const design = designOfMode(graph, fabric, settings);
  if (design.ok) return ok({ design: design.value, from });
  if (!wantsSearch) return design;
  const sequential = sequentialDesign(graph, fabric, variant);
  return sequential.ok ? ok({ design: sequential.value, from }) : design;
}

function fits(graph: TaskGraph, fabric: Fabric, { design, tasks, cores }: ChosenDesign): boolean {
  const isSame = (nodes: readonly string[], drawn: readonly { readonly node: string }[]) =>
    nodes.length === drawn.length && nodes.every((node, index) => node === drawn[index]?.node);
  return isSame(tasks, graph.tasks) && isSame(cores, fabric.cores) && verifyDesign(graph, fabric, design).length === 0;
}
