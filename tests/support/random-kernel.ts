/** One random operator that is a product, in all its corners, on a random array with buffers so small that tiles are ragged. */
import { PRESETS } from '#core/architecture/presets.ts';
import type { Rng } from '#core/base/rng.ts';
import type { ParameterValue } from '#core/base/value.ts';
import type { Document } from '#core/document/document.ts';
import { Sketch } from '#projects/examples/sketch.ts';

export const KERNELS = [
  'conv',
  'depthwise-conv',
  'conv-transpose',
  'dense',
  'matmul',
  'batched-matmul',
  'gemm',
  'einsum',
] as const;

export function randomKernel(rng: Rng, type: (typeof KERNELS)[number]): Document {
  const sketch = new Sketch();
  const between = (least: number, most: number) => least + rng.below(most - least + 1);
  const flip = () => rng.below(2) === 0;
  const isInteger = (type === 'conv' || type === 'depthwise-conv' || type === 'dense') && rng.below(3) === 0;
  const elementType = isInteger ? 'int8' : 'fp32';
  const arithmetic = isInteger
    ? flip()
      ? { arithmetic: 'integer', outputType: 'int32' }
      : { arithmetic: 'requantised', outputType: 'int8' }
    : {};
  const input = (name: string, shape: readonly number[]) => sketch.add('input', name, { shape, elementType });
  const made = (() => {
    switch (type) {
      case 'conv':
      case 'depthwise-conv':
      case 'conv-transpose': {
        const rank = type === 'conv' ? between(1, 3) : between(1, 2);
        const axes = <T>(draw: () => T) => Array.from({ length: rank }, draw);
        const groups = type === 'depthwise-conv' ? 1 : between(1, 3);
        const channels = groups * between(1, 5);
        const kernel = axes(() => between(1, 3));
        const dilations = type === 'conv-transpose' ? axes(() => 1) : axes(() => between(1, 3));
        // Large enough for one window; pads may lie on either side alone.
        const spatial = kernel.map((extent, axis) => (extent - 1) * dilations[axis]! + 1 + rng.below(9));
        const pads = [...axes(() => rng.below(3)), ...axes(() => rng.below(3))];
        const strides = axes(() => between(1, 3));
        const pooled: Readonly<Record<string, ParameterValue>> =
          type === 'conv-transpose'
            ? { autoPad: 'explicit', pads: pads.map(() => 0) }
            : flip()
              ? { autoPad: 'explicit', pads }
              : { autoPad: flip() ? 'same-lower' : 'same-upper' };
        const own: Readonly<Record<string, ParameterValue>> =
          type === 'depthwise-conv' ? { multiplier: between(1, 3) } : { outChannels: groups * between(1, 7), groups };
        const x = input('x', [between(1, 2), channels, ...spatial]);
        return sketch.add(
          type,
          'kernel',
          { kernel, strides, dilations, bias: flip(), ...pooled, ...own, ...arithmetic },
          x,
        );
      }
      case 'dense': {
        const x = input('x', [between(1, 3), between(1, 20), between(1, 40)]);
        return sketch.add('dense', 'kernel', { units: between(1, 30), bias: flip(), ...arithmetic }, x);
      }
      case 'gemm': {
        const [m, n, k] = [between(1, 20), between(1, 20), between(1, 30)];
        const [transposeA, transposeB] = [flip(), flip()];
        const a = input('a', transposeA ? [k, m] : [m, k]);
        const b = input('b', transposeB ? [n, k] : [k, n]);
        const addend = flip() ? [input('c', flip() ? [m, n] : [n])] : [];
        const scales = { alpha: flip() ? 1 : 0.5, beta: flip() ? 1 : -2 };
        return sketch.add('gemm', 'kernel', { transposeA, transposeB, ...scales }, a, b, ...addend);
      }
      case 'einsum': {
        const [i, j, k] = [between(1, 12), between(1, 12), between(1, 12)];
        const [a, b] = [input('a', [2, k, i]), input('b', [2, j, k])];
        return sketch.add('einsum', 'kernel', { equation: 'bki,bjk->bji' }, a, b);
      }
      default: {
        const [m, n, k] = [between(1, 20), between(1, 20), between(1, 30)];
        const batches = [
          [[], []],
          [[3], [3]],
          [[2, 3], []],
          [[1], [3]],
          [
            [2, 1],
            [1, 3],
          ],
          [
            [2, 3],
            [2, 3],
          ],
        ] as const;
        const [left, right] = type === 'matmul' ? batches[rng.below(6)]! : ([[3], [3]] as const);
        const a = input('a', [...left, m, k]);
        // The same operand twice is one tensor of the kernel.
        if (m === k && flip()) return sketch.add(type, 'kernel', {}, a, a);
        return sketch.add(type, 'kernel', {}, a, input('b', [...right, k, n]));
      }
    }
  })();
  const end = flip() ? sketch.add('activation', 'act', { function: 'relu' }, made) : made;
  sketch.add('output', 'y', {}, end);
  return sketch.document('model', type);
}

/** A preset with an array of random shape and dataflow and buffers of a few tiles. */
export function smallArchitecture(rng: Rng): Document {
  const drawn = PRESETS[rng.below(PRESETS.length)]!.build('architecture');
  const nodes = [...drawn.nodes].map(([id, node]) => {
    // So slow that products go to the array.
    if (node.type === 'vector-unit') return [id, { ...node, parameters: { ...node.parameters, lanes: 1 } }] as const;
    if (node.type !== 'systolic-array') return [id, node] as const;
    const size = () => 256 * 2 ** rng.below(4);
    const parameters = {
      ...node.parameters,
      rows: 2 ** (2 + rng.below(4)),
      columns: 2 ** (2 + rng.below(4)),
      dataflow: (['auto', 'os', 'ws', 'is'] as const)[rng.below(4)]!,
      inputBufferBytes: size(),
      weightBufferBytes: size(),
      outputBufferBytes: size(),
    };
    return [id, { ...node, parameters }] as const;
  });
  return { ...drawn, nodes: new Map(nodes) };
}
