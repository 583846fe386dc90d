import { expect, it } from 'vitest';
import { type KernelGraph, lower } from '#core/compile/kernel-graph.ts';
import { buildModel } from '#core/model/build.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { technique } from './technique.ts';

function lowered(draw: (sketch: Sketch) => void) {
  const sketch = new Sketch();
  draw(sketch);
  const { graph, problems } = buildModel(sketch.document('m', 'm'));
  if (graph === null) throw new Error(problems[0]?.message);
  return lower(graph);
}

/** A result drawn but not read is an output of the model; one made idle by rewriting is not. */
const idle = (graph: KernelGraph, name: string): KernelGraph => ({
  ...graph,
  tensors: graph.tensors.map((tensor) => {
    const maker = graph.operators.find(({ outputs }) => outputs.includes(tensor.id));
    return maker?.name === name ? { ...tensor, kind: 'act' } : tensor;
  }),
});

it('what leads nowhere disappears, back to front', () => {
  const graph = lowered((s) => {
    const x = s.add('input', 'in', { shape: [1, 8, 4, 4] });
    const live = s.add('conv', 'live', { outChannels: 8 }, x);
    s.add('softmax', 'dead end', {}, s.add('conv', 'dead', { outChannels: 8 }, live));
    s.add('output', 'out', {}, live);
  });
  expect(technique.run(idle(graph, 'dead end')).operators.map(({ name }) => name)).toEqual(['live']);
});

it('a model without outputs is left as it is', () => {
  const graph = lowered((s) => {
    s.add('conv', 'first', { outChannels: 8 }, s.add('input', 'in', { shape: [1, 8, 4, 4] }));
  });
  const undone = idle(graph, 'first');
  expect(technique.run(undone)).toBe(undone);
});

it('a result nobody reads takes no room, though its operator stays', () => {
  const graph = lowered((s) => {
    const x = s.add('input', 'in', { shape: [1, 8, 4, 4] });
    s.add('output', 'out', {}, s.add('conv', 'live', { outChannels: 8 }, x));
  });
  const [operator] = graph.operators;
  const extra = { ...graph.tensors[0]!, id: graph.tensors.length, name: 'unread', kind: 'act' as const, origin: 9 };
  const cleaned = technique.run({
    tensors: [...graph.tensors, extra],
    operators: [{ ...operator!, outputs: [...operator!.outputs, extra.id] }],
  });
  expect(cleaned.operators[0]!.outputs).toHaveLength(1);
  expect(cleaned.tensors.map(({ name }) => name)).not.toContain('unread');
});
