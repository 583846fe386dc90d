import { beforeAll, expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { scheduleAndVerify } from '#core/schedule/scheduler.ts';
import { loadHighs } from '#core/solver/highs.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { technique } from './technique.ts';

let mip: MipSolver;
beforeAll(async () => {
  mip = await loadHighs();
});

it('scheduler/example moves nothing beyond the compulsory where there is room', () => {
  const problem = {
    name: 'one',
    bytesPerElement: 1,
    tensors: [
      { id: 0, name: 'x', shape: [8], bytes: 8, kind: 'input' },
      { id: 1, name: 'y', shape: [8], bytes: 8, kind: 'output' },
    ],
    ops: [{ id: 0, name: 'f', type: 'Relu', inputs: [0], outputs: [1], weightBytes: 0 }],
  } as const;
  const parameters = defaultParameters(technique.manifest.parameters);
  const options = { mode: 'strict', S: 16, parameters, mip, control: uncontrolled } as const;
  const made = scheduleAndVerify(technique, problem, options);
  expect(made.ok && made.value.objective).toBe(0);
});
