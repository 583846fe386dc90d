/** A design, simulated to the tick: its network is built and played; energy follows from what was counted. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import { play } from '#core/simulate/network/player.ts';
import type { NetworkRun } from '#core/simulate/network/run.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { type BuiltNetwork, buildNetwork } from './build.ts';
import type { Design } from './design.ts';
import { type DesignEnergy, designEnergy } from './energy.ts';

export interface SimulationOptions {
  /** Record intervals, transfers and occupancies; default false. */
  readonly trace?: boolean;
  /** Multiply what repeats; default true. Equal to the tick either way. */
  readonly fold?: boolean;
  readonly cancelled?: () => boolean;
}

export interface SimulatedDesign {
  readonly run: NetworkRun;
  readonly built: BuiltNetwork;
  readonly energy: DesignEnergy;
}

/** Fails where the design cannot be built (codes `stages.*`) and when cancelled (`stages.cancelled`). A deadlock is a result. */
export function simulateDesign(
  graph: TaskGraph,
  fabric: Fabric,
  design: Design,
  options: SimulationOptions = {},
): Result<SimulatedDesign, Problem> {
  const built = buildNetwork(graph, fabric, design);
  if (!built.ok) return built;
  const run = play(built.value.network, options);
  if (run === null) return err(problem('stages.cancelled', 'The simulation was cancelled'));
  return ok({ run, built: built.value, energy: designEnergy(graph, fabric, design, run.makespan) });
}
