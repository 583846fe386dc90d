import { err } from '#core/base/result.ts';
import { laneOperations, mapLanes, mapLanesAs } from '#core/compile/lanes.ts';
import type { UnitModel } from '#core/compile/unit-model.ts';

/** Simple operations one transcendental costs on plain lanes: range reduction and a polynomial of degree 5 (an estimate). */
const OPERATIONS_PER_EVALUATION = 16;

export const technique: UnitModel = {
  manifest: {
    id: 'unit/vector-unit',
    kind: 'unit',
    version: '1',
    title: 'Vector unit',
    summary: 'Operations ÷ lanes plus the pipeline depth, chunk by chunk.',
    maturity: 'stable',
    citations: [
      { text: 'Hennessy & Patterson, Computer Architecture, 6th ed., section 4.2: vector execution time' },
      { text: 'Muller, Elementary Functions, 3rd ed., chapters 3 and 11: polynomial evaluation and range reduction' },
    ],
    parameters: [],
  },
  component: 'vector-unit',
  map(kernel, unit, context) {
    if (unit.kind !== 'vector-unit') return null;
    if (kernel.kind === 'view') return null;
    const mapping = mapLanes(laneOperations(kernel, OPERATIONS_PER_EVALUATION), unit, context, `${unit.lanes} lanes`);
    // The lane operations of a product are its MACs, which are counted as such.
    return kernel.kind === 'gemm' ? { ...mapping, operations: 0 } : mapping;
  },
  mapAs(kernel, unit, context, tiling) {
    if (unit.kind !== 'vector-unit' || kernel.kind === 'view') return err('a vector unit does not do it');
    const operations = laneOperations(kernel, OPERATIONS_PER_EVALUATION);
    const mapping = mapLanesAs(operations, unit, context, `${unit.lanes} lanes`, tiling);
    return mapping.ok && kernel.kind === 'gemm' ? { ok: true, value: { ...mapping.value, operations: 0 } } : mapping;
  },
};
