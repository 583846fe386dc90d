import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParameterValues } from '#core/base/value.ts';
import type { ElementType, OperatorType, TensorType } from './operator-type.ts';
import { OPERATOR_TYPES, operatorType } from './operators.ts';
import { defaultParameters, parameterFault } from './parameter.ts';

const of = (shape: readonly number[], elementType: ElementType = 'fp32'): TensorType => ({ shape, elementType });

function typed(id: string, parameters: ParameterValues = {}) {
  const type = operatorType(id);
  if (!type) throw new Error(`no operator type ${id}`);
  return { type, parameters: { ...defaultParameters(type.parameters), ...parameters } };
}

function infer(id: string, inputs: readonly (TensorType | null)[], given: ParameterValues = {}) {
  const { type, parameters } = typed(id, given);
  return type.infer(inputs, parameters);
}

function shapes(id: string, inputs: readonly (TensorType | null)[], given: ParameterValues = {}) {
  const made = infer(id, inputs, given);
  return made.ok ? made.value.map(({ shape }) => shape) : made.error;
}

function work(id: string, inputs: readonly TensorType[], given: ParameterValues = {}) {
  const { type, parameters } = typed(id, given);
  const made = type.infer(inputs, parameters);
  if (!made.ok) throw new Error(made.error);
  return {
    macs: type.macs(inputs, made.value, parameters),
    kernel: type.kernel(inputs, made.value, parameters),
    weights: type.weights(inputs, parameters),
  };
}

/** Operands on which a freshly drawn node must work. */
function plausible(type: OperatorType): readonly (TensorType | null)[] {
  const image = of([1, 64, 16, 16]);
  if (type.id === 'matmul') return [of([4, 8]), of([8, 16])];
  if (type.id === 'gemm') return [of([4, 8]), of([8, 16]), null];
  if (type.id === 'batched-matmul' || type.id === 'einsum') return [of([2, 4, 8]), of([2, 8, 16])];
  if (type.category === 'recurrent') return [of([5, 2, 32]), null, null].slice(0, type.inputs.length);
  if (type.id === 'gather') return [of([10, 4]), of([3], 'int64')];
  if (type.id === 'embedding') return [of([1, 8], 'int64')];
  if (type.id === 'tile') return [of([4])];
  return type.inputs.flatMap((spec) => (spec.variadic ? [image, image] : [image]));
}

describe('operator catalog', () => {
  it('has unique ids, and types are found by them', () => {
    expect(new Set(OPERATOR_TYPES.map(({ id }) => id)).size).toBe(OPERATOR_TYPES.length);
    for (const type of OPERATOR_TYPES) expect(operatorType(type.id)).toBe(type);
  });

  it.each(OPERATOR_TYPES.map((type) => [type.id, type] as const))('%s is declared completely', (_, type) => {
    expect(type.title).not.toBe('');
    expect(type.summary).toMatch(/\.$/);
    expect(type.source).not.toBe('');
    const ids = [...type.parameters.map(({ id }) => id)];
    expect(new Set(ids).size).toBe(ids.length);
    for (const spec of type.parameters) {
      expect(spec.help).toMatch(/\.$/);
      expect(parameterFault(spec, spec.default)).toBeNull();
    }
  });

  it.each(OPERATOR_TYPES.filter(({ id }) => id !== 'opaque').map((type) => [type.id, type] as const))(
    '%s works as drawn',
    (_, type) => {
      const inputs = plausible(type);
      const parameters = defaultParameters(type.parameters);
      const made = type.infer(inputs, parameters);
      expect(made).toMatchObject({ ok: true });
      if (!made.ok) return;
      for (const { shape } of made.value) for (const extent of shape) expect(extent).toBeGreaterThan(0);
      expect(type.macs(inputs, made.value, parameters)).toBeGreaterThanOrEqual(0);
      const kernel = type.kernel(inputs, made.value, parameters);
      // What a GEMM kernel multiplies is what the operator counts.
      if (kernel.kind === 'gemm')
        expect(kernel.groups * kernel.m * kernel.n * kernel.k).toBe(type.macs(inputs, made.value, parameters));
    },
  );
});

describe('broadcasting', () => {
  it.each([
    // The examples of ONNX's Broadcasting.md.
    [[2, 3, 4, 5], [], [2, 3, 4, 5]],
    [[2, 3, 4, 5], [5], [2, 3, 4, 5]],
    [
      [4, 5],
      [2, 3, 4, 5],
      [2, 3, 4, 5],
    ],
    [
      [1, 4, 5],
      [2, 3, 1, 1],
      [2, 3, 4, 5],
    ],
    [
      [3, 4, 5],
      [2, 1, 1, 1],
      [2, 3, 4, 5],
    ],
  ])('%j with %j is %j', (a, b, result) => {
    expect(shapes('elementwise', [of(a), of(b)])).toEqual([result]);
  });

  it('says which shapes do not fit, and which types', () => {
    expect(shapes('elementwise', [of([2, 3]), of([4])])).toBe('Shapes 2×3 and 4 do not broadcast');
    expect(shapes('elementwise', [of([2]), of([2], 'int8')])).toBe(
      'The operands are fp32 and int8; put a cast between',
    );
    expect(shapes('elementwise', [of([2])], { operation: 'sub' })).toBe("'sub' takes two operands and has 1");
  });
});

describe('matrix products', () => {
  it.each([
    // NumPy's matmul.
    [[3], [3], []],
    [[2, 3], [3], [2]],
    [[3], [3, 4], [4]],
    [
      [2, 3],
      [3, 4],
      [2, 4],
    ],
    [
      [7, 1, 2, 3],
      [5, 3, 4],
      [7, 5, 2, 4],
    ],
  ])('%j · %j is %j', (a, b, result) => {
    expect(shapes('matmul', [of(a), of(b)])).toEqual([result]);
  });

  it('names both shapes when the inner extents differ', () => {
    expect(shapes('matmul', [of([2, 3]), of([4, 5])])).toBe('Inner extents differ in 2×3 times 4×5: 3 against 4');
  });

  it('transposes either operand of a gemm', () => {
    expect(shapes('gemm', [of([3, 2]), of([4, 3]), null], { transposeA: true, transposeB: true })).toEqual([[2, 4]]);
  });

  it('folds a batch into rows when the right operand is shared', () => {
    expect(work('matmul', [of([8, 4, 16]), of([16, 32])]).kernel).toMatchObject({ groups: 1, m: 32, n: 32, k: 16 });
    expect(work('matmul', [of([8, 4, 16]), of([8, 16, 32])]).kernel).toMatchObject({ groups: 8, m: 4, n: 32, k: 16 });
  });

  it('einsum agrees with the product it spells', () => {
    const [q, k] = [of([2, 8, 5, 16]), of([2, 8, 7, 16])];
    const made = work('einsum', [q, k], { equation: 'bhid,bhjd->bhij' });
    expect(shapes('einsum', [q, k], { equation: 'bhid,bhjd->bhij' })).toEqual([[2, 8, 5, 7]]);
    expect(made.macs).toBe(2 * 8 * 5 * 7 * 16);
    expect(made.kernel).toMatchObject({ groups: 16, m: 5, n: 7, k: 16 });
  });
});

/** Counts the places of a window by trying them all. */
function placesOf(extent: number, begin: number, end: number, reach: number, stride: number): number {
  let places = 0;
  for (let at = 0; at + reach <= extent + begin + end; at += stride) places++;
  return places;
}

describe('windows', () => {
  it('convolution extents agree with placing the window', () => {
    const number = (min: number, max: number) => fc.integer({ min, max });
    fc.assert(
      fc.property(
        number(1, 40),
        number(0, 4),
        number(0, 4),
        number(1, 7),
        number(1, 4),
        number(1, 3),
        (extent, begin, end, kernel, stride, dilation) => {
          const reach = dilation * (kernel - 1) + 1;
          const expected = placesOf(extent, begin, end, reach, stride);
          const made = shapes('conv', [of([1, 2, extent])], {
            outChannels: 3,
            kernel: [kernel],
            strides: [stride],
            dilations: [dilation],
            pads: [begin, end],
            autoPad: 'explicit',
          });
          return expected === 0
            ? typeof made === 'string'
            : JSON.stringify(made) === JSON.stringify([[1, 3, expected]]);
        },
      ),
      { seed: 7, numRuns: 1000 },
    );
  });

  it('same padding gives ⌈extent ÷ stride⌉, valid padding none', () => {
    const at = (autoPad: string) => shapes('conv', [of([1, 1, 7, 8])], { strides: [2, 2], autoPad, outChannels: 1 });
    expect(at('same-upper')).toEqual([[1, 1, 4, 4]]);
    expect(at('same-lower')).toEqual([[1, 1, 4, 4]]);
    expect(at('valid')).toEqual([[1, 1, 3, 3]]);
  });

  it('rounding up drops a window that starts in the padding', () => {
    // ONNX's test maxpool_2d_ceil_output_size_reduce_by_one: 1×1×2×2, kernel 1, strides 2 → 1×1×1×1.
    const one = { kernel: [1, 1], strides: [2, 2], ceilMode: true, autoPad: 'explicit' };
    expect(shapes('pool', [of([1, 1, 2, 2])], one)).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ]);
    // ONNX's test maxpool_2d_ceil: 1×1×4×4, kernel 3, strides 2 → 1×1×2×2.
    const three = { kernel: [3, 3], strides: [2, 2], ceilMode: true, autoPad: 'explicit' };
    expect(shapes('pool', [of([1, 1, 4, 4])], three)?.[0]).toEqual([1, 1, 2, 2]);
  });

  it('lowers a grouped convolution to one product a group', () => {
    // AlexNet conv2: 96 channels 27×27, 256 filters 5×5 in two groups, pad 2.
    const made = work('conv', [of([1, 96, 27, 27])], {
      outChannels: 256,
      kernel: [5, 5],
      groups: 2,
      pads: [2, 2, 2, 2],
      autoPad: 'explicit',
    });
    expect(made.kernel).toMatchObject({
      groups: 2,
      m: 729,
      n: 128,
      k: 1200,
      convolution: { kernelHeight: 5, strideWidth: 1 },
    });
    expect(made.macs).toBe(223_948_800);
    expect(made.weights[0]?.shape).toEqual([256, 48, 5, 5]);
  });

  it('lowers a depthwise convolution to as many groups as channels', () => {
    expect(work('depthwise-conv', [of([1, 32, 8, 8])], { multiplier: 2 }).kernel).toMatchObject({
      groups: 32,
      m: 64,
      n: 2,
      k: 9,
    });
  });

  it('a transposed convolution undoes the extents of the convolution', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        (extent, kernel, stride) => {
          const window = { kernel: [kernel], strides: [stride], outChannels: 1, autoPad: 'explicit' };
          const wide = shapes('conv-transpose', [of([1, 1, extent])], window);
          if (typeof wide === 'string') return false;
          return JSON.stringify(shapes('conv', [of(wide[0]!)], window)) === JSON.stringify([[1, 1, extent]]);
        },
      ),
      { seed: 3, numRuns: 300 },
    );
  });

  it('says where groups or windows do not fit', () => {
    expect(shapes('conv', [of([1, 3, 8, 8])], { groups: 2 })).toBe(
      '3 channels in (1×3×8×8) do not divide into 2 groups',
    );
    expect(shapes('conv', [of([1, 3])])).toContain('the input is 1×3');
    expect(shapes('pool', [of([1, 3, 2, 2])], { kernel: [5, 5] })).toContain('A window of 5 does not fit into 2');
  });
});

describe('axes and shapes', () => {
  it.each<[string, readonly number[], ParameterValues, unknown]>([
    ['reshape', [2, 3, 4], { shape: [0, -1] }, [[2, 12]]],
    ['reshape', [2, 3, 4], { shape: [5, -1] }, '2×3×4 cannot take the shape 5×-1: 24 elements against a multiple of 5'],
    ['flatten', [2, 3, 4], { axis: 0 }, [[1, 24]]],
    ['flatten', [2, 3, 4], { axis: -1 }, [[6, 4]]],
    ['squeeze', [1, 3, 1], {}, [[3]]],
    ['squeeze', [1, 3, 1], { axes: [-1] }, [[1, 3]]],
    ['unsqueeze', [3, 4], { axes: [0, -1] }, [[1, 3, 4, 1]]],
    ['transpose', [2, 3, 4], {}, [[4, 3, 2]]],
    ['transpose', [2, 3, 4], { permutation: [0, 2, 1] }, [[2, 4, 3]]],
    ['transpose', [2, 3, 4], { permutation: [0, 0, 1] }, '0, 0, 1 is not an order of the 3 axes of 2×3×4'],
    ['slice', [10, 8], { axes: [0, -1], starts: [-3, 0], ends: [2147483647, -1], steps: [1, 2] }, [[3, 4]]],
    ['slice', [10], { axes: [0], starts: [-1], ends: [-2147483647], steps: [-3] }, [[4]]],
    [
      'split',
      [2, 7],
      { outputs: 3, axis: 1 },
      [
        [2, 3],
        [2, 3],
        [2, 1],
      ],
    ],
    ['split', [2, 7], { outputs: 2, axis: 1, sizes: [2, 4] }, 'Parts of 2, 4 do not make up axis 1 of 2×7'],
    ['pad', [2, 3], { pads: [0, 1, 0, -2] }, [[2, 2]]],
    ['expand', [3, 1], { shape: [2, 1, 6] }, [[2, 3, 6]]],
    ['space-to-depth', [1, 3, 4, 6], {}, [[1, 12, 2, 3]]],
    ['depth-to-space', [1, 12, 2, 3], {}, [[1, 3, 4, 6]]],
    ['resize', [1, 3, 5, 7], { factor: 1.5 }, [[1, 3, 7, 10]]],
    ['reduce', [2, 3, 4], { axes: [-1, 0], keepDims: false }, [[3]]],
    ['reduce', [2, 3, 4], {}, [[1, 1, 1]]],
    ['arg-reduce', [2, 3], { axis: 1, keepDims: false }, [[2]]],
    ['softmax', [2, 3], { axis: 2 }, 'Axis 2 is outside the 2 dimensions of 2×3'],
  ])('%s of %j with %j', (id, shape, parameters, expected) => {
    expect(shapes(id, [of(shape)], parameters)).toEqual(expected);
  });

  it('concatenates along an axis and gathers along one', () => {
    expect(shapes('concat', [of([1, 2, 4]), of([1, 3, 4])])).toEqual([[1, 5, 4]]);
    expect(shapes('concat', [of([1, 2, 4]), of([1, 3, 5])])).toBe('1×2×4 and 1×3×5 differ beside axis 1');
    expect(shapes('gather', [of([5, 6, 7]), of([2, 3], 'int64')], { axis: 1 })).toEqual([[5, 2, 3, 7]]);
    expect(shapes('gather', [of([2, 2, 2]), of([2, 1], 'int64')], { mode: 'tuples' })).toEqual([[2, 2, 2]]);
  });

  it('moves nothing where only axes of extent 1 change places', () => {
    expect(work('transpose', [of([1, 64, 1, 8])], { permutation: [2, 1, 0, 3] }).kernel.kind).toBe('view');
    expect(work('transpose', [of([1, 64, 2, 8])], { permutation: [0, 2, 1, 3] }).kernel.kind).toBe('move');
  });

  it('reads the shapes of an opaque operator', () => {
    expect(infer('opaque', [of([1], 'int8')], { outputShapes: '1x3×4:fp16; 10; scalar:int64' })).toEqual({
      ok: true,
      value: [of([1, 3, 4], 'fp16'), of([10], 'int8'), of([], 'int64')],
    });
    expect(shapes('opaque', [], { outputShapes: '1xx2' })).toBe("'1xx2' is not a shape like 1x3x224x224:fp32");
  });
});

describe('weights and recurrent layers', () => {
  it('counts an LSTM as PyTorch does: 4·h·(in + h) weights and 8·h biases a direction', () => {
    const made = work('lstm', [of([5, 2, 32])], { hidden: 64, direction: 'bidirectional' });
    const elements = made.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    expect(elements).toBe(2 * (4 * 64 * (32 + 64) + 8 * 64));
    expect(made.macs).toBe(2 * 5 * 2 * 4 * 64 * (32 + 64));
    expect(shapes('lstm', [of([5, 2, 32])], { hidden: 64 })).toEqual([
      [5, 1, 2, 64],
      [1, 2, 64],
      [1, 2, 64],
    ]);
  });

  it('batch normalisation trains two of its four vectors', () => {
    expect(work('batch-norm', [of([1, 8, 4, 4])]).weights.filter(({ trained }) => trained !== false)).toHaveLength(2);
  });

  it('separates plain from transcendental functions', () => {
    const kind = (id: string) => work('activation', [of([8])], { function: id }).kernel.kind;
    expect(['relu', 'clip', 'hard-swish'].map(kind)).toEqual(['vector', 'vector', 'vector']);
    expect(['gelu', 'silu', 'sigmoid', 'exp'].map(kind)).toEqual(['special', 'special', 'special', 'special']);
  });
});
