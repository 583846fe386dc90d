import { expect, it } from 'vitest';
import { technique } from './technique.ts';

it('array-model/example takes a cycle where a product fills the array once', () => {
  const bytes = { input: 1024, weight: 1024, output: 1024 };
  const { cycles } = technique.estimate(
    { groups: 1, m: 4, n: 4, k: 1 },
    {
      rows: 4,
      columns: 4,
      dataflow: 'os',
      bufferBytes: bytes,
      elementBytes: { input: 1, weight: 1, output: 1 },
      partialSumBytes: 4,
      scratchpadBytes: 0,
      ports: [],
    },
    {},
  );
  expect(cycles).toBe(1);
});
