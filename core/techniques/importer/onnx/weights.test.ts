/** Where the importer says that numbers lie: encodings, folded constants, weights that an operator sees differently. */
import { describe, expect, it } from 'vitest';
import { readStored } from '#core/reference/read.ts';
import { bytesSource } from '#core/technique/importer.ts';
import { technique } from './technique.ts';
import { type ModelToWrite, type NodeToWrite, type TensorToWrite, writeModel } from './writer.ts';

function open(nodes: readonly NodeToWrite[], initializers: readonly TensorToWrite[], more: Partial<ModelToWrite> = {}) {
  const graph = {
    nodes,
    initializers,
    inputs: [{ name: 'x', shape: [2, 3] }],
    outputs: [{ name: nodes.at(-1)!.outputs![0]! }],
  };
  const file = writeModel({ graph, ...more });
  const opened = technique.open(bytesSource(file), { document: 'm', file: 'f.onnx' });
  if (!opened.ok) throw new Error(opened.error.message);
  const weights = opened.value.weights!;
  return {
    weights,
    read(name: string) {
      const stored = weights.tensors.find((each) => each.name === name)!;
      const made = readStored(stored, bytesSource(file));
      return made.ok ? [...made.value.data] : made.error.message;
    },
  };
}

const multiply = (weight: string): NodeToWrite => ({ operator: 'MatMul', inputs: ['x', weight], outputs: ['y'] });

describe('encodings of TensorProto', () => {
  it.each<[string, Partial<TensorToWrite>, string]>([
    ['raw fp32', { dataType: 1, raw: new Uint8Array(new Float32Array([1, -2, 0.5]).buffer) }, 'bytes'],
    ['float_data', { dataType: 1, floats: [1, -2, 0.5] }, 'bytes'],
    ['raw fp16', { dataType: 10, raw: Uint8Array.of(0, 60, 0, 192, 0, 56) }, 'bytes'],
    ['fp16 in int32_data', { dataType: 10, words: [0x3c00, 0xc000, 0x3800] }, 'varints'],
    ['bf16 in int32_data', { dataType: 16, words: [0x3f80, 0xc000, 0x3f00] }, 'varints'],
  ])('%s', (_, tensor, kind) => {
    const made = open([multiply('w')], [{ name: 'w', dims: [3, 1], dataType: 1, ...tensor }]);
    expect(made.weights.tensors).toMatchObject([{ name: 'weight', data: { kind } }]);
    expect(made.read('weight')).toEqual([1, -2, 0.5]);
  });

  it('int8 in int32_data keeps its sign', () => {
    const made = open([multiply('w')], [{ name: 'w', dims: [3, 1], dataType: 3, words: [1, -2, -128] }]);
    expect(made.read('weight')).toEqual([1, -2, -128]);
  });

  it('as many numbers as a layer has, in a typed field', () => {
    const floats = Array.from({ length: 3 * 2000 }, (_, i) => i % 97);
    const made = open([multiply('w')], [{ name: 'w', dims: [3, 2000], dataType: 1, floats }]);
    expect(made.read('weight')).toEqual(floats);
  });

  it('data in another file are not read, and it is named', () => {
    const made = open([multiply('w')], [{ name: 'w', dims: [3, 1], dataType: 1, location: 'big.bin' }]);
    expect(made.read('weight')).toBe(
      "A 3×1 tensor cannot be read: its data lie in 'big.bin', to which access was not granted",
    );
  });

  it('too few numbers are told', () => {
    const made = open([multiply('w')], [{ name: 'w', dims: [3, 1], dataType: 1, floats: [1, 2] }]);
    expect(made.read('weight')).toBe('A 3×1 tensor needs 3 numbers; the file holds 2');
  });
});

describe('what an operator sees differently', () => {
  const matrix: TensorToWrite = { name: 'w', dims: [2, 3], dataType: 1, floats: [1, 2, 3, 4, 5, 6] };

  it('Gemm: transposed, scaled; a single addend repeated', () => {
    const attributes = [
      { name: 'transB', integer: 1 },
      { name: 'alpha', float: 2 },
      { name: 'beta', float: 0.5 },
    ];
    const gemm = { operator: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['y'], attributes };
    const made = open([gemm], [matrix, { name: 'b', dims: [1], dataType: 1, floats: [3] }]);
    expect(made.read('weight')).toEqual([2, 8, 4, 10, 6, 12]);
    expect(made.read('bias')).toEqual([1.5, 1.5]);
  });

  it('constants that the graph computes: dequantised, cast, filled', () => {
    const quantised: TensorToWrite = { name: 'q', dims: [3, 1], dataType: 3, words: [1, -2, 3] };
    const scale: TensorToWrite = { name: 's', dims: [], dataType: 1, floats: [0.5] };
    const dequantised = { operator: 'DequantizeLinear', inputs: ['q', 's'], outputs: ['w'] };
    expect(open([dequantised, multiply('w')], [quantised, scale]).read('weight')).toEqual([0.5, -1, 1.5]);
    const cast = { operator: 'Cast', inputs: ['q'], outputs: ['w'], attributes: [{ name: 'to', integer: 1 }] };
    expect(open([cast, multiply('w')], [quantised]).read('weight')).toEqual([1, -2, 3]);
    const value = { name: 'v', dims: [1], dataType: 1, floats: [0.25] };
    const filled = {
      operator: 'ConstantOfShape',
      inputs: ['shape'],
      outputs: ['w'],
      attributes: [{ name: 'value', tensor: value }],
    };
    const shape: TensorToWrite = { name: 'shape', dims: [2], dataType: 7, integers: [3, 2] };
    expect(open([filled, multiply('w')], [shape]).read('weight')).toEqual(new Array(6).fill(0.25));
  });

  it('constants beside an operator are nodes with a value', () => {
    const add = { operator: 'Add', inputs: ['x', 'b'], outputs: ['y'] };
    const made = open([add], [{ name: 'b', dims: [3], dataType: 1, floats: [1, 2, 3] }]);
    expect(made.read('value')).toEqual([1, 2, 3]);
  });
});

it('an axis far outside its tensor is refused at once', () => {
  const attributes = [{ name: 'axis', integer: -(2 ** 40) }];
  const softmax = { operator: 'Softmax', inputs: ['x'], outputs: ['y'], attributes };
  expect(open([softmax], [], { opsets: { '': 11 } }).weights.tensors).toEqual([]);
  const flatten = {
    operator: 'Flatten',
    inputs: ['w'],
    outputs: ['z'],
    attributes: [{ name: 'axis', integer: 2 ** 40 }],
  };
  const weight = { name: 'w', dims: [3, 2], dataType: 1, floats: [1, 2, 3, 4, 5, 6] };
  expect(open([flatten, multiply('z')], [weight]).weights.tensors.length).toBeLessThanOrEqual(1);
});

describe('what is drawn and is not all the file says', () => {
  it.each<[string, NodeToWrite, RegExp]>([
    ['remainders', { operator: 'Mod', inputs: ['x', 'i'], attributes: [{ name: 'fmod', integer: 1 }] }, /fmod = 1/],
    [
      'a fused activation',
      {
        operator: 'FusedGemm',
        domain: 'com.microsoft',
        inputs: ['x', 'w'],
        attributes: [{ name: 'activation', text: 'Relu' }],
      },
      /activation 'Relu' is not drawn/,
    ],
  ])('%s', (_, node, reason) => {
    const made = open(
      [{ ...node, outputs: ['y'] }],
      [
        { name: 'w', dims: [3, 2], dataType: 1, floats: [1, 2, 3, 4, 5, 6] },
        { name: 'i', dims: [3], dataType: 7, integers: [1, 2, 3] },
      ],
      node.operator === 'Mod'
        ? {
            graph: {
              nodes: [{ ...node, outputs: ['y'] }],
              initializers: [{ name: 'i', dims: [3], dataType: 7, integers: [1, 2, 3] }],
              inputs: [{ name: 'x', dataType: 7, shape: [2, 3] }],
              outputs: [{ name: 'y', dataType: 7 }],
            },
          }
        : { opsets: { '': 17, 'com.microsoft': 1 } },
    );
    expect(made.weights.deviations.map((each) => each.reason).join()).toMatch(reason);
  });
});
