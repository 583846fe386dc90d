/** Every loop in the outermost level: tiles of one word everywhere else. */
import { ok } from '#core/base/result.ts';
import { evaluate } from '#core/mapping/evaluate.ts';
import { type Mapper, objectiveValue } from '#core/mapping/mapper.ts';
import type { Mapping } from '#core/mapping/mapping.ts';

export const technique: Mapper = {
  manifest: {
    id: 'mapper/example',
    kind: 'mapper',
    version: '0.1.0',
    title: 'Example',
    summary: 'Runs every loop in the outermost level.',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [],
  },
  map({ tree, workload, objective, reuse }) {
    const ones = workload.dimensions.map(() => 1);
    const order = workload.dimensions.map((_, dimension) => dimension);
    const sizes = workload.dimensions.map(({ size }) => size);
    const mapping: Mapping = {
      levels: tree.levels.map(({ isDummy }, level) => ({
        temporal: level === tree.levels.length - 1 ? sizes : ones,
        temporalOrder: order,
        spatial: ones,
        spatialOrder: order,
        split: order.length,
        keep: workload.dataSpaces.map(() => !isDummy),
      })),
    };
    const evaluation = evaluate(tree, workload, mapping, reuse);
    if (!evaluation.ok) return evaluation;
    const value = objectiveValue(evaluation.value, objective);
    return ok({ mapping, evaluation: evaluation.value, value, lowerBound: 0, stop: 'budget', evaluations: 1 });
  },
};
