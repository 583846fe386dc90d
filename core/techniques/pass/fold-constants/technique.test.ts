import { expect, it } from 'vitest';
import { lower } from '#core/compile/kernel-graph.ts';
import { buildModel } from '#core/model/build.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { technique } from './technique.ts';

it('a chain over constants becomes part of the weights of those who read it', () => {
  const sketch = new Sketch();
  const x = sketch.add('input', 'in', { shape: [4, 6] });
  const constant = sketch.add('constant', 'c', { shape: [5, 6] });
  const turned = sketch.add('transpose', 't', { permutation: [1, 0] }, constant);
  const scaled = sketch.add('activation', 's', { function: 'relu' }, turned);
  sketch.add('output', 'out', {}, sketch.add('matmul', 'product', {}, x, scaled));
  const { graph, problems } = buildModel(sketch.document('m', 'm'));
  if (graph === null) throw new Error(problems[0]?.message);
  const folded = technique.run(lower(graph));
  expect(folded.operators.map(({ name, weightElements }) => [name, weightElements])).toEqual([['product', 30]]);
  expect(folded.tensors.map(({ name }) => name)).toHaveLength(2);
});

it('leaves models without constants as they are', () => {
  const sketch = new Sketch();
  sketch.add('output', 'out', {}, sketch.add('softmax', 's', {}, sketch.add('input', 'in', { shape: [4, 6] })));
  const { graph } = buildModel(sketch.document('m', 'm'));
  const before = lower(graph!);
  expect(technique.run(before)).toBe(before);
});
