import { err } from '#core/base/result.ts';
import { laneOperations, mapLanes, mapLanesAs } from '#core/compile/lanes.ts';
import type { UnitModel } from '#core/compile/unit-model.ts';

export const technique: UnitModel = {
  manifest: {
    id: 'unit/special-function-unit',
    kind: 'unit',
    version: '1',
    title: 'Special-function unit',
    summary: 'One function evaluation or simple operation a lane and cycle, plus the pipeline depth, chunk by chunk.',
    maturity: 'stable',
    citations: [{ text: 'Oberman & Siu, A high-performance area-efficient multifunction interpolator, ARITH 2005' }],
    parameters: [],
  },
  component: 'special-function-unit',
  map(kernel, unit, context) {
    if (unit.kind !== 'special-function-unit') return null;
    if (kernel.kind !== 'special' && kernel.kind !== 'vector' && kernel.kind !== 'move') return null;
    return mapLanes(laneOperations(kernel, 1), unit, context, `${unit.lanes} lanes`);
  },
  mapAs(kernel, unit, context, tiling) {
    if (unit.kind !== 'special-function-unit') return err('it is no special-function unit');
    if (kernel.kind !== 'special' && kernel.kind !== 'vector' && kernel.kind !== 'move')
      return err('a special-function unit does not do it');
    return mapLanesAs(laneOperations(kernel, 1), unit, context, `${unit.lanes} lanes`, tiling);
  },
};
