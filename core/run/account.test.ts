import { expect, it } from 'vitest';
import { presetById } from '#core/architecture/presets.ts';
import { uncontrolled } from '#core/base/control.ts';
import { toFile } from '#core/document/document.ts';
import { withoutMip } from '#core/solver/mip.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { runPipeline } from './pipeline.ts';
import { DEFAULT_SETTINGS } from './settings.ts';

it('a multiply-accumulate costs the same energy wherever it is done: 0.3 pJ in int8 (0.2 multiply + 0.1 add)', () => {
  const sketch = new Sketch();
  const image = sketch.add('input', 'in', { shape: [1, 32, 14, 14] });
  const depthwise = sketch.add('depthwise-conv', 'depthwise', { kernel: [3, 3], bias: false }, image);
  sketch.add(
    'output',
    'out',
    {},
    sketch.add('conv', 'pointwise', { outChannels: 64, kernel: [1, 1], bias: false }, depthwise),
  );
  const ran = runPipeline(
    {
      model: toFile(sketch.document('m', 'm')),
      architecture: toFile(presetById('systolic-32x32')!.build('a')),
      settings: DEFAULT_SETTINGS,
    },
    { mip: withoutMip, control: uncontrolled, appVersion: 'test' },
  );
  if (!ran.ok) throw new Error(ran.error.message);
  // One layer on the vector unit, one on the array: both kinds of unit are in the sum.
  expect(ran.value.operators.map(({ unit }) => unit)).toEqual(['vector', 'array']);
  const compute = ran.value.totals.find(({ id }) => id === 'energy.compute')!.value;
  const macs = 14 * 14 * 32 * 9 + 14 * 14 * 32 * 64;
  expect(compute * 1e12).toBeCloseTo(macs * 0.3, 3);
});
