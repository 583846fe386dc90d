import { expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { presetById } from '#core/architecture/presets.ts';
import { compile } from '#core/compile/compile.ts';
import { buildModel } from '#core/model/build.ts';
import { techniques } from '#core/technique/registry.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { arrayModelsOf } from './array-models.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

it('tells of every product on an array what each model has in closed form', () => {
  const sketch = new Sketch();
  const image = sketch.add('input', 'in', { shape: [64, 64] });
  const hidden = sketch.add('dense', 'first', { units: 96, bias: false }, image);
  const soft = sketch.add('softmax', 'soft', {}, hidden);
  sketch.add('output', 'out', {}, sketch.add('dense', 'second', { units: 32, bias: false }, soft));
  const { graph: model } = buildModel(sketch.document('m', 'm'));
  const { machine } = resolveMachine(presetById('systolic-32x32')!.build('a'));
  const compiled = compile(
    model!,
    machine!,
    { passes: techniques.pass, units: techniques.unit },
    { format: 'int8', objective: 'cycles' },
  );
  if (!compiled.ok) throw new Error(compiled.error.message);
  const models = arrayModelsOf(compiled.value, machine!, DEFAULT_SETTINGS);
  expect(models.map(({ id }) => id).sort()).toEqual(
    techniques['array-model'].map(({ manifest }) => manifest.id).sort(),
  );
  const drainAware = models.find(({ id }) => id === 'array-model/drain-aware')!;
  const names = drainAware.operators.map(({ operator }) => compiled.value.graph.operators[operator]!.name);
  expect(names).toEqual(['first', 'second']);
  // 64 × 64 by 64 × 96, and 64 × 96 by 96 × 32, on 32 × 32 cells: 2R + C + T − 2 cycles a fold (Samajdar et al., 2020).
  const fold = (streamed: number) => 3 * 32 + streamed - 2;
  const folds = {
    os: [6 * fold(64), 2 * fold(96)],
    ws: [6 * fold(64), 3 * fold(64)],
    is: [4 * fold(96), 6 * fold(32)],
  };
  drainAware.operators.forEach(({ dataflow, estimate, unit, arrays }, at) => {
    expect([estimate.cycles, unit, arrays]).toEqual([folds[dataflow][at], 'array', 1]);
  });
  const sum = drainAware.operators.reduce((total, { estimate }) => total + estimate.cycles!, 0);
  expect(drainAware.totals).toMatchObject({
    cycles: sum,
    stallCycles: 0,
    overallUtilisation: (100 * 64 * (64 * 96 + 96 * 32)) / (1024 * sum),
  });
});
