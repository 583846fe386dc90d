import { expect, it } from 'vitest';
import { uncontrolled } from '#core/base/control.ts';
import { storageLevel } from '#core/mapping/memory-tree.ts';
import { gemm } from '#core/mapping/workload.ts';
import { technique } from './technique.ts';

it('mapper/example does a multiply-accumulate a cycle', () => {
  const tree = {
    compute: { name: 'mac', instances: 1, meshX: 1, meshY: 1, wordBits: 16, energy: 1 },
    levels: [storageLevel({ name: 'buffer' }), storageLevel({ name: 'memory', isDram: true })],
  };
  const made = technique.map({
    tree,
    workload: gemm({ M: 2, N: 3, K: 4 }),
    objective: 'cycles',
    reuse: 'exact',
    mayBypass: false,
    evaluationLimit: 1,
    control: uncontrolled,
  });
  expect(made.ok && made.value.value).toBe(24);
});
