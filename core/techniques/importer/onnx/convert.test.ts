import { describe, expect, it } from 'vitest';
import { buildModel } from '#core/model/build.ts';
import { portKey } from '#core/model/ports.ts';
import { bytesSource, type ImportedModel, type ImportOptions } from '#core/technique/importer.ts';
import { technique } from './technique.ts';
import { type GraphToWrite, type ModelToWrite, type TensorToWrite, writeModel } from './writer.ts';

function load(model: ModelToWrite, options: Partial<ImportOptions> = {}): ImportedModel {
  const opened = technique.open(bytesSource(writeModel(model)), { document: 'd', file: 'm.onnx', ...options });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

const graphOf = (graph: GraphToWrite, opset = 17) => load({ graph, opsets: { '': opset } });
const codes = (model: ImportedModel) => model.problems.map(({ code }) => code);
const named = (model: ImportedModel, name: string) => {
  const node = [...model.document.nodes.values()].find((each) => each.name === name);
  if (!node) throw new Error(`no node ${name}`);
  return node;
};
const shapeOf = (model: ImportedModel, name: string, port = 'out') =>
  buildModel(model.document).types.get(portKey(named(model, name).id, port))?.shape;

const integers = (name: string, values: readonly number[]): TensorToWrite => ({
  name,
  dims: [values.length],
  dataType: 7,
  integers: values,
});
const weight = (name: string, dims: readonly number[]): TensorToWrite => ({ name, dims, dataType: 1 });
const x = (...shape: readonly (number | string)[]) => [{ name: 'x', shape }];
const y = [{ name: 'y' }];

describe('ONNX import', () => {
  it('turns initializers into implied weights', () => {
    const model = graphOf({
      inputs: x(1, 3, 8, 8),
      outputs: y,
      initializers: [weight('w', [16, 3, 3, 3]), weight('b', [16])],
      nodes: [
        {
          operator: 'Conv',
          name: 'c',
          inputs: ['x', 'w', 'b'],
          outputs: ['y'],
          attributes: [
            { name: 'strides', integers: [2, 2] },
            { name: 'pads', integers: [1, 1, 1, 1] },
          ],
        },
      ],
    });
    expect(named(model, 'c')).toMatchObject({
      type: 'conv',
      parameters: { outChannels: 16, kernel: [3, 3], bias: true },
    });
    expect(shapeOf(model, 'c')).toEqual([1, 16, 4, 4]);
    expect(model.facts).toMatchObject({ operators: 1, parameters: 16 * 27 + 16, macs: 16 * 16 * 27 });
    expect(model.problems).toEqual([]);
  });

  it('recognises depthwise convolutions', () => {
    const model = graphOf({
      inputs: x(1, 8, 8, 8),
      outputs: y,
      initializers: [weight('w', [16, 1, 3, 3])],
      nodes: [
        {
          operator: 'Conv',
          name: 'c',
          inputs: ['x', 'w'],
          outputs: ['y'],
          attributes: [{ name: 'group', integer: 8 }],
        },
      ],
    });
    expect(named(model, 'c')).toMatchObject({ type: 'depthwise-conv', parameters: { multiplier: 2, bias: false } });
    expect(model.facts?.macs).toBe(16 * 36 * 9);
  });

  it('evaluates shape arithmetic away', () => {
    // torch: x.view(x.size(0), -1), exported as Shape → Gather → Unsqueeze → Concat → Reshape.
    const model = graphOf({
      inputs: x(4, 6, 5),
      outputs: y,
      initializers: [
        { name: 'zero', dims: [], dataType: 7, integers: [0] },
        integers('axes', [0]),
        integers('rest', [-1]),
      ],
      nodes: [
        { operator: 'Shape', inputs: ['x'], outputs: ['shape'] },
        { operator: 'Gather', inputs: ['shape', 'zero'], outputs: ['batch'] },
        { operator: 'Unsqueeze', inputs: ['batch', 'axes'], outputs: ['list'] },
        {
          operator: 'Concat',
          inputs: ['list', 'rest'],
          outputs: ['target'],
          attributes: [{ name: 'axis', integer: 0 }],
        },
        { operator: 'Reshape', name: 'r', inputs: ['x', 'target'], outputs: ['y'] },
      ],
    });
    expect(model.facts?.operators).toBe(1);
    expect(named(model, 'r').parameters.shape).toEqual([4, -1]);
    expect(shapeOf(model, 'r')).toEqual([4, 30]);
  });

  it('reads old forms: attributes that later became inputs', () => {
    const model = graphOf(
      {
        inputs: x(1, 2, 4, 4),
        outputs: y,
        nodes: [
          {
            operator: 'Slice',
            inputs: ['x'],
            outputs: ['a'],
            attributes: [
              { name: 'axes', integers: [2] },
              { name: 'starts', integers: [1] },
              { name: 'ends', integers: [9_000_000_000] },
            ],
          },
          {
            operator: 'Pad',
            inputs: ['a'],
            outputs: ['b'],
            attributes: [{ name: 'paddings', integers: [0, 0, 1, 0, 0, 0, 0, 0] }],
          },
          {
            operator: 'Upsample',
            name: 'u',
            inputs: ['b'],
            outputs: ['c'],
            attributes: [{ name: 'scales', floats: [1, 1, 2, 2] }],
          },
          {
            operator: 'Clip',
            name: 'clip',
            inputs: ['c'],
            outputs: ['d'],
            attributes: [
              { name: 'min', float: 0 },
              { name: 'max', float: 6 },
            ],
          },
          { operator: 'Squeeze', inputs: ['d'], outputs: ['e'], attributes: [{ name: 'axes', integers: [0] }] },
          {
            operator: 'Reshape',
            name: 'r',
            inputs: ['e'],
            outputs: ['y'],
            attributes: [{ name: 'shape', integers: [0, -1] }],
          },
        ],
      },
      1,
    );
    expect(shapeOf(model, 'u')).toEqual([1, 2, 8, 8]);
    expect(named(model, 'clip').parameters.function).toBe('relu6');
    expect(shapeOf(model, 'r')).toEqual([2, 64]);
    expect(model.problems).toEqual([]);
  });

  it('aligns an operand by the axis attribute of opset 6', () => {
    const model = graphOf(
      {
        inputs: x(1, 3, 4, 4),
        outputs: y,
        initializers: [weight('b', [3])],
        nodes: [
          {
            operator: 'Add',
            name: 'a',
            inputs: ['x', 'b'],
            outputs: ['y'],
            attributes: [
              { name: 'broadcast', integer: 1 },
              { name: 'axis', integer: 1 },
            ],
          },
        ],
      },
      6,
    );
    expect(shapeOf(model, 'a')).toEqual([1, 3, 4, 4]);
    expect(model.facts?.parameters).toBe(3);
  });

  it('softmax before opset 13 goes over all trailing axes', () => {
    const graph: GraphToWrite = {
      inputs: x(2, 3, 4),
      outputs: y,
      nodes: [{ operator: 'Softmax', name: 's', inputs: ['x'], outputs: ['y'] }],
    };
    expect(named(graphOf(graph, 11), 's').parameters).toMatchObject({ axis: 1, trailing: true });
    expect(named(graphOf(graph, 13), 's').parameters).toMatchObject({ axis: -1, trailing: false });
  });

  it('quantised products keep their accumulator type', () => {
    const model = graphOf({
      inputs: [{ name: 'x', dataType: 2, shape: [1, 3, 8, 8] }],
      outputs: y,
      initializers: [{ name: 'w', dims: [4, 3, 1, 1], dataType: 3 }],
      nodes: [{ operator: 'ConvInteger', name: 'c', inputs: ['x', 'w'], outputs: ['y'] }],
    });
    expect(buildModel(model.document).graph?.tensors.at(-1)?.type).toEqual({
      shape: [1, 4, 8, 8],
      elementType: 'int32',
    });
  });

  it('a constant table makes an embedding, a constant index a gather', () => {
    const model = graphOf({
      inputs: [{ name: 'x', dataType: 7, shape: [1, 16] }],
      outputs: y,
      initializers: [weight('table', [100, 32]), { name: 'first', dims: [], dataType: 7, integers: [0] }],
      nodes: [
        { operator: 'Gather', name: 'e', inputs: ['table', 'x'], outputs: ['a'] },
        {
          operator: 'Gather',
          name: 'g',
          inputs: ['a', 'first'],
          outputs: ['y'],
          attributes: [{ name: 'axis', integer: 1 }],
        },
      ],
    });
    expect(named(model, 'e').type).toBe('embedding');
    expect(shapeOf(model, 'g')).toEqual([1, 32]);
    expect(model.facts?.parameters).toBe(3200);
  });

  it('keeps an unknown operator, with its declared result', () => {
    const model = load({
      opsets: { '': 17, 'my.domain': 1 },
      graph: {
        inputs: x(1, 8),
        outputs: [{ name: 'y', shape: [1, 4] }],
        nodes: [{ operator: 'Magic', domain: 'my.domain', name: 'm', inputs: ['x'], outputs: ['y'] }],
      },
    });
    expect(named(model, 'm')).toMatchObject({
      type: 'opaque',
      parameters: { operator: 'Magic', domain: 'my.domain', outputShapes: '1x4:fp32' },
    });
    expect(model.problems).toMatchObject([
      {
        code: 'onnx.unknown-operator',
        severity: 'warning',
        facts: { operator: 'Magic', domain: 'my.domain', count: 1 },
      },
    ]);
    expect(model.facts?.outputs).toMatchObject([{ shape: [1, 4] }]);
  });

  it('follows a decided If and tells of an undecided one', () => {
    const branch = (operator: string): GraphToWrite => ({
      nodes: [{ operator, name: operator, inputs: ['x'], outputs: ['z'] }],
      outputs: [{ name: 'z' }],
    });
    const graph: GraphToWrite = {
      inputs: [...x(1, 8), { name: 'rate', dataType: 7, shape: [] }],
      outputs: y,
      initializers: [{ name: 'wanted', dims: [], dataType: 7, integers: [16_000] }],
      nodes: [
        { operator: 'Equal', inputs: ['rate', 'wanted'], outputs: ['is'] },
        {
          operator: 'If',
          inputs: ['is'],
          outputs: ['y'],
          attributes: [
            { name: 'then_branch', graph: branch('Relu') },
            { name: 'else_branch', graph: branch('Tanh') },
          ],
        },
      ],
    };
    const chosen = (rate: number) => load({ graph }, { values: { rate: [rate] } });
    expect(named(chosen(16_000), 'Relu').type).toBe('activation');
    expect(named(chosen(8000), 'Tanh').type).toBe('activation');
    expect(chosen(8000).problems).toEqual([]);
    expect(codes(load({ graph }))).toContain('onnx.branch-assumed');
  });

  it('inlines functions of the model', () => {
    const model = load({
      opsets: { '': 17, local: 1 },
      functions: [
        {
          domain: 'local',
          name: 'Twice',
          inputs: ['a'],
          outputs: ['c'],
          nodes: [
            {
              operator: 'LeakyRelu',
              inputs: ['a'],
              outputs: ['b'],
              attributes: [{ name: 'alpha', reference: 'slope' }],
            },
            { operator: 'Relu', inputs: ['b'], outputs: ['c'] },
          ],
        },
      ],
      graph: {
        inputs: x(1, 8),
        outputs: y,
        nodes: [
          {
            operator: 'Twice',
            domain: 'local',
            inputs: ['x'],
            outputs: ['y'],
            attributes: [{ name: 'slope', float: 0.25 }],
          },
        ],
      },
    });
    expect(model.facts?.operators).toBe(2);
    expect(named(model, 'b').parameters.alpha).toBe(0.25);
  });

  it('a function that calls itself is an error, not a hang', () => {
    const call = { operator: 'Again', domain: 'local', inputs: ['a'], outputs: ['b'] };
    const opened = technique.open(
      bytesSource(
        writeModel({
          functions: [{ domain: 'local', name: 'Again', inputs: ['a'], outputs: ['b'], nodes: [call] }],
          graph: { inputs: [{ name: 'a', shape: [1] }], outputs: [{ name: 'b' }], nodes: [call] },
        }),
      ),
      { document: 'd', file: 'm.onnx' },
    );
    expect(opened).toMatchObject({ ok: false, error: { code: 'onnx.nesting', where: { file: 'm.onnx' } } });
  });

  it('takes nodes in any order and names a cycle', () => {
    const relu = (from: string, to: string) => ({ operator: 'Relu', name: to, inputs: [from], outputs: [to] });
    const model = graphOf({ inputs: x(1, 8), outputs: y, nodes: [relu('a', 'y'), relu('x', 'a')] });
    expect(model.facts?.operators).toBe(2);
    const circle = technique.open(
      bytesSource(writeModel({ graph: { inputs: x(1), outputs: y, nodes: [relu('b', 'a'), relu('a', 'b')] } })),
      { document: 'd', file: 'm.onnx' },
    );
    expect(circle).toMatchObject({ ok: false, error: { code: 'onnx.cycle' } });
  });

  it('an addend that differs from row to row is an operand, not a bias', () => {
    const gemm = (dims: readonly number[]) =>
      named(
        graphOf({
          inputs: x(4, 8),
          outputs: y,
          initializers: [weight('w', [8, 5]), weight('c', dims)],
          nodes: [{ operator: 'Gemm', name: 'g', inputs: ['x', 'w', 'c'], outputs: ['y'] }],
        }),
        'g',
      );
    expect([gemm([1, 5]), gemm([5]), gemm([1])].map(({ type }) => type)).toEqual(['dense', 'dense', 'dense']);
    expect([gemm([4, 1]), gemm([4, 5])].map(({ type }) => type)).toEqual(['gemm', 'gemm']);
  });

  it('a computed zero point is taken off its operand', () => {
    const model = graphOf({
      inputs: x(2, 8),
      outputs: [{ name: 'y', dataType: 6 }],
      initializers: [{ name: 'w', dims: [8, 5], dataType: 3 }],
      nodes: [
        { operator: 'DynamicQuantizeLinear', name: 'q', inputs: ['x'], outputs: ['v', 's', 'z'] },
        { operator: 'MatMulInteger', name: 'm', inputs: ['v', 'w', 'z'], outputs: ['y'] },
      ],
    });
    expect(named(model, 'm')).toMatchObject({ type: 'dense', parameters: { arithmetic: 'integer' } });
    expect(named(model, 'm sub')).toMatchObject({ type: 'elementwise', parameters: { operation: 'sub' } });
    const { document } = model;
    const [into] = [...document.links.values()].filter(({ to }) => to.node === named(model, 'm').id);
    expect(into?.from.node).toBe(named(model, 'm sub').id);
    const [type] = [...buildModel(document).types].filter(([key]) => key === portKey(into!.from.node, 'out'));
    expect(type?.[1]).toEqual({ shape: [2, 8], elementType: 'int16' });
    expect(model.problems).toEqual([]);
  });

  it('gives free dimensions an extent and says so', () => {
    const graph: GraphToWrite = {
      inputs: x('N', 3, 'H', 'W'),
      outputs: y,
      nodes: [{ operator: 'Relu', name: 'r', inputs: ['x'], outputs: ['y'] }],
    };
    const assumed = load({ graph });
    expect(shapeOf(assumed, 'r')).toEqual([1, 3, 224, 224]);
    expect(assumed.problems).toMatchObject([{ code: 'onnx.free-dimension', where: { parameter: 'shape' } }]);
    expect(shapeOf(load({ graph }, { shapes: { x: [2, 3, 32, 48] } }), 'r')).toEqual([2, 3, 32, 48]);
    expect(codes(load({ graph }, { shapes: { z: [1] } }))).toContain('onnx.unknown-input');
  });

  it('groups by name scope and folds equal scopes', () => {
    const layer = (i: number, from: string, to: string) => [
      { operator: 'Relu', name: `/model/layer.${i}/act/Relu`, inputs: [from], outputs: [`${to}a`] },
      { operator: 'Tanh', name: `/model/layer.${i}/act/Tanh`, inputs: [`${to}a`], outputs: [`${to}b`] },
      { operator: 'Add', name: `/model/layer.${i}/Add`, inputs: [`${to}b`, from], outputs: [to] },
    ];
    const model = graphOf({ inputs: x(1, 8), outputs: y, nodes: [...layer(0, 'x', 'h'), ...layer(1, 'h', 'y')] });
    const groups = [...model.document.nodes.values()].filter(({ type }) => type === 'group');
    expect(groups.map(({ name }) => name)).toEqual(['layer.0', 'layer.1']);
    expect(groups[0]?.parameters.block).not.toBe('');
    expect(groups[0]?.parameters.block).toBe(groups[1]?.parameters.block);
  });
});
