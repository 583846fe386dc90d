/** Drawn tasks as cyclo-static dataflow, as built, each on as many lanes as it is unrolled for: no fabric is needed. */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { SdfGraph } from '#core/sdf/graph.ts';
import { sdfOfTasks } from '#core/taskgraph/sdf.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { firingTicks } from './ticks.ts';

/**
 * Ticks of a firing are its explicit times, else those of its loop nest with `unroll` lanes (one where it is not limited),
 * without the fill of a flattened nest. `isBounded`: streams hold their depth, else what comes. Fails as `sdfOfTasks` does.
 */
export function drawnSdf(graph: TaskGraph, isBounded: boolean): Result<SdfGraph, Problem> {
  return sdfOfTasks(graph, {
    ticksOf: (task) =>
      firingTicks(task, { lanes: Math.max(1, task.unroll), ticksPerCycle: 1, ports: Infinity }, 'as-built')[0]!,
    isBounded,
  });
}
