import { describe, expect, it } from 'vitest';
import { type KernelGraph, lower } from '#core/compile/kernel-graph.ts';
import type { Endpoint } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import { Sketch } from '#projects/examples/sketch.ts';
import { technique } from './technique.ts';

function fused(draw: (sketch: Sketch, image: Endpoint) => Endpoint): KernelGraph {
  const sketch = new Sketch();
  sketch.add('output', 'out', {}, draw(sketch, sketch.add('input', 'in', { shape: [1, 8, 16, 16] })));
  const { graph, problems } = buildModel(sketch.document('m', 'm'));
  if (graph === null) throw new Error(problems[0]?.message);
  return technique.run(lower(graph));
}
const types = (graph: KernelGraph) => graph.operators.map((operator) => operator.types.join('+'));

describe('folds', () => {
  it('convolution, normalisation and ReLU into one kernel with a bias of one number a channel', () => {
    const graph = fused((s, x) =>
      s.add(
        'activation',
        'r',
        { function: 'relu' },
        s.add('batch-norm', 'b', {}, s.add('conv', 'c', { outChannels: 24, kernel: [3, 3], bias: false }, x)),
      ),
    );
    expect(types(graph)).toEqual(['conv+batch-norm+activation']);
    expect(graph.operators[0]).toMatchObject({ weightElements: 24 * 8 * 9, biasElements: 24 });
  });

  it('ReLU into a residual addition, but not the addition into the convolution', () => {
    const graph = fused((s, x) =>
      s.add(
        'activation',
        'r',
        { function: 'relu' },
        s.add('elementwise', 'a', { operation: 'add' }, s.add('conv', 'c', { outChannels: 8 }, x), x),
      ),
    );
    expect(types(graph)).toEqual(['conv', 'elementwise+activation']);
  });
});

describe('leaves alone', () => {
  it('a normalisation behind an activation', () => {
    const graph = fused((s, x) =>
      s.add(
        'batch-norm',
        'b',
        {},
        s.add('activation', 'r', { function: 'relu' }, s.add('conv', 'c', { outChannels: 8 }, x)),
      ),
    );
    expect(types(graph)).toEqual(['conv+activation', 'batch-norm']);
  });

  it('transcendental activations', () => {
    const graph = fused((s, x) =>
      s.add('activation', 'g', { function: 'gelu' }, s.add('conv', 'c', { outChannels: 8 }, x)),
    );
    expect(types(graph)).toEqual(['conv', 'activation']);
  });

  it('what somebody else reads too', () => {
    const graph = fused((s, x) => {
      const made = s.add('conv', 'c', { outChannels: 8 }, x);
      return s.add(
        'elementwise',
        'a',
        { operation: 'add' },
        s.add('activation', 'r', { function: 'relu' }, made),
        made,
      );
    });
    expect(types(graph)).toEqual(['conv', 'activation', 'elementwise']);
  });
});
