/** Element-wise kernels on lanes: operations ÷ lanes, chunk by chunk. */
import { err } from '#core/base/result.ts';
import { laneOperations, mapLanes, mapLanesAs } from '#core/compile/lanes.ts';
import type { UnitModel } from '#core/compile/unit-model.ts';

export const technique: UnitModel = {
  manifest: {
    id: 'unit/example',
    kind: 'unit',
    version: '0.1.0',
    title: 'Example',
    summary: 'Element-wise kernels on the lanes of a vector unit.',
    maturity: 'experimental',
    citations: [{ text: 'Where the idea comes from: authors, title, place and year' }],
    parameters: [],
  },
  component: 'vector-unit',
  map(kernel, unit, context) {
    if (unit.kind !== 'vector-unit' || kernel.kind !== 'vector') return null;
    return mapLanes(laneOperations(kernel, 1), unit, context, `${unit.lanes} lanes`);
  },
  mapAs(kernel, unit, context, tiling) {
    if (unit.kind !== 'vector-unit' || kernel.kind !== 'vector') return err('these lanes do not do it');
    return mapLanesAs(laneOperations(kernel, 1), unit, context, `${unit.lanes} lanes`, tiling);
  },
};
