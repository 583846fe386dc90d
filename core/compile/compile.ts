/**
 * The front half of the compiler: model → kernel graph (lower, passes) → mapping. Emission needs the schedule
 * and is `emit`. Every pass is followed by the structural verifier.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { TechniqueRef } from '#core/base/metric.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { finished, type Steps } from '#core/base/steps.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import type { RunSettings } from '#core/run/settings.ts';
import { type KernelGraph, lower, verifyKernelGraph } from './kernel-graph.ts';
import { type MappedOperator, mapKernels } from './map.ts';
import { inOrder, type Pass } from './pass.ts';
import type { UnitModel } from './unit-model.ts';

/** As figures name what counted them. */
export const COMPILER: TechniqueRef = { id: 'core/compile', version: '1' };

export interface CompilerTechniques {
  readonly passes: readonly Pass[];
  readonly units: readonly UnitModel[];
}

export interface Compiled {
  readonly graph: KernelGraph;
  readonly mapped: readonly MappedOperator[];
}

/** Lowers and rewrites the model; the result needs no machine. A pass that breaks the graph is an error that names it. */
export function runPasses(model: ModelGraph, passes: readonly Pass[]): Result<KernelGraph, Problem> {
  return finished(passSteps(model, passes));
}

/** The same a pass at a time. */
export function* passSteps(model: ModelGraph, passes: readonly Pass[]): Steps<Result<KernelGraph, Problem>> {
  let graph = lower(model);
  yield;
  const [fault] = verifyKernelGraph(graph, 'lower');
  if (fault) return err(fault);
  for (const pass of inOrder(passes)) {
    yield;
    const rewritten = pass.run(graph);
    if (rewritten === graph) continue;
    graph = rewritten;
    yield;
    const [broken] = verifyKernelGraph(graph, pass.manifest.id);
    if (broken) return err(broken);
  }
  return ok(graph);
}

export function compile(
  model: ModelGraph,
  machine: Machine,
  techniques: CompilerTechniques,
  settings: Pick<RunSettings, 'format' | 'objective'>,
): Result<Compiled, Problem> {
  const graph = runPasses(model, techniques.passes);
  if (!graph.ok) return graph;
  if (graph.value.operators.length === 0) {
    return err(
      problem(
        'compile.nothing-to-do',
        'The model has no operator that computes or moves anything: draw one between its input and its output',
      ),
    );
  }
  const mapped = mapKernels(graph.value, machine, techniques.units, settings);
  if (!mapped.ok) return mapped;
  return ok({ graph: graph.value, mapped: mapped.value });
}
