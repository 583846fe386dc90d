import { describe, expect, it } from 'vitest';
import { type KernelGraph, lower } from '#core/compile/kernel-graph.ts';
import type { Endpoint } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { technique } from './technique.ts';

function fused(draw: (sketch: Sketch, x: Endpoint) => Endpoint): KernelGraph {
  const sketch = new Sketch();
  sketch.add('output', 'out', {}, draw(sketch, sketch.add('input', 'in', { shape: [2, 50, 10] })));
  const { graph, problems } = buildModel(sketch.document('m', 'm'));
  if (graph === null) throw new Error(problems[0]?.message);
  return technique.run(lower(graph));
}
const types = (graph: KernelGraph) => graph.operators.map((operator) => operator.types.join('+'));
const add = { operation: 'add' };

describe('chains', () => {
  it('of any length become one kernel with the work of all', () => {
    const graph = fused((s, x) => {
      let at = x;
      for (let i = 0; i < 6; i++) at = s.add('activation', `relu ${i}`, { function: 'relu' }, at);
      return at;
    });
    expect(types(graph)).toEqual([new Array(6).fill('activation').join('+')]);
    expect(graph.operators[0]!.kernel).toEqual({ kind: 'vector', elements: 1000, operationsPerElement: 6 });
  });

  it('take a small operand on the way', () => {
    const graph = fused((s, x) => {
      const mask = s.add('input', 'mask', { shape: [10] });
      return s.add(
        'activation',
        'r',
        { function: 'relu' },
        s.add('elementwise', 'a', add, s.add('activation', 'q', { function: 'relu' }, x), mask),
      );
    });
    expect(types(graph)).toEqual(['activation+elementwise+activation']);
    expect(graph.operators[0]!.inputs).toHaveLength(2);
    expect(graph.operators[0]!.nodes).toHaveLength(3);
  });

  it('may read their first operand again', () => {
    const graph = fused((s, x) => s.add('elementwise', 'a', add, s.add('activation', 'q', { function: 'relu' }, x), x));
    expect(types(graph)).toEqual(['activation+elementwise']);
    expect(graph.operators[0]!.inputs).toHaveLength(1);
  });
});

describe('leaves alone', () => {
  it('a sum of three tensors, which needs more room at once than two sums', () => {
    const graph = fused((s, x) => {
      const y = s.add('input', 'y', { shape: [2, 50, 10] });
      const z = s.add('input', 'z', { shape: [2, 50, 10] });
      return s.add('elementwise', 'b', add, s.add('elementwise', 'a', add, x, y), z);
    });
    expect(types(graph)).toEqual(['elementwise', 'elementwise']);
  });

  it('what somebody else reads, and work for other units', () => {
    const graph = fused((s, x) => {
      const r = s.add('activation', 'r', { function: 'relu' }, x);
      return s.add('elementwise', 'a', add, s.add('activation', 'g', { function: 'gelu' }, r), r);
    });
    expect(types(graph)).toEqual(['activation', 'activation', 'elementwise']);
  });
});
