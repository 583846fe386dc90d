import { expect, it } from 'vitest';
import { technique } from './technique.ts';

it('pass/example leaves an empty graph empty', () => {
  expect(technique.run({ tensors: [], operators: [] })).toEqual({ tensors: [], operators: [] });
});
