/** Activations that need an exponential become ReLU, which lanes compute by themselves. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { estimateModel } from '#core/compile/estimate.ts';
import { apply } from '#core/document/apply.ts';
import type { Command } from '#core/document/command.ts';
import type { Document } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import type { Predicted, Rewrite, RewriteRequest } from '#core/technique/rewrite.ts';

export const technique: Rewrite = {
  manifest: {
    id: 'rewrite/example',
    kind: 'rewrite',
    version: '0.1.0',
    title: 'Example',
    summary: 'Replaces activation functions by ReLU.',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [],
  },
  propose(request) {
    const before = predicted(request, request.model);
    if (!before.ok) return before;
    const chosen = [...request.model.nodes.values()].filter(
      ({ type, parameters }) => type === 'activation' && parameters.function !== 'relu',
    );
    if (chosen.length === 0)
      return ok({
        command: null,
        finding: 'Every activation is a ReLU already.',
        layers: [],
        before: before.value,
        after: before.value,
      });
    const command: Command = {
      type: 'batch',
      label: `Replace ${chosen.length} activations`,
      commands: chosen.map(({ id }) => ({
        type: 'node.set-parameter',
        node: id,
        parameter: 'function',
        value: 'relu',
      })),
    };
    const applied = apply(request.model, command);
    if (!applied.ok) return applied;
    const after = predicted(request, applied.value.document);
    if (!after.ok) return after;
    const finding = `${chosen.length} activations become ReLU.`;
    return ok({ command, finding, layers: [], before: before.value, after: after.value });
  },
};

function predicted({ machine, compiler, settings }: RewriteRequest, model: Document): Result<Predicted, Problem> {
  const { graph, problems } = buildModel(model);
  if (!graph) return err(problems.find(({ severity }) => severity === 'error') ?? problem('example.empty', 'No model'));
  const estimate = estimateModel(graph, machine, compiler, settings);
  if (!estimate.ok) return estimate;
  const { cycles, macs } = estimate.value;
  return ok({ cycles, macs, meanUtilisation: 0, utilisation: 0 });
}
