import { expect, it } from 'vitest';
import { resolveMachine } from '#core/architecture/machine.ts';
import { PRESETS } from '#core/architecture/presets.ts';
import { technique } from './technique.ts';

it('unit/example does element-wise kernels and no products', () => {
  const unit = resolveMachine(PRESETS[0]!.build('a')).machine!.units.find(({ kind }) => kind === 'vector-unit')!;
  const context = {
    inputElementBytes: 1,
    weightElementBytes: 1,
    outputElementBytes: 1,
    inputBytes: 64,
    weightBytes: 0,
    outputBytes: 64,
    offChipBytesPerCycle: 16,
    parallel: 1,
    objective: 'cycles',
  } as const;
  const work = { kind: 'vector', elements: 64, operationsPerElement: 1 } as const;
  const product = { kind: 'gemm', groups: 1, m: 8, n: 8, k: 8, bIsActivation: false } as const;
  expect(technique.map(work, unit, context)?.cycles).toBeGreaterThan(0);
  expect(technique.map(product, unit, context)).toBeNull();
});
