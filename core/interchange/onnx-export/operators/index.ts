/**
 * Operators of the catalog as ONNX nodes, the other way of the importer's table. Operator set 21; 23 where RMS normalisation
 * is used. Null: the standard has no node for this form, and the caller writes one of a domain of its own.
 */
import { booleanOf, integerOf, integersOf, textOf } from '#core/catalog/parameter.ts';
import { dataTypeOf } from '../element-types.ts';
import { activation, COMPARE, elementwise } from './elementwise.ts';
import { gather, resize, scatter } from './layout.ts';
import { normalised, pool, quantisation, recurrent, reduce, softmax } from './others.ts';
import { convolution, dense, gemm, matmul, transposedConvolution } from './products.ts';
import {
  axis,
  type Encoder,
  first,
  flag,
  float,
  integer,
  integers,
  linked,
  listed,
  node,
  one,
  p,
  shapeOf,
  text,
  zeroPoint,
} from './site.ts';

export const ENCODERS: Readonly<Record<string, Encoder>> = {
  conv: convolution,
  'depthwise-conv': convolution,
  'conv-transpose': transposedConvolution,
  dense,
  matmul,
  'batched-matmul': matmul,
  gemm,
  einsum: (site) => [
    node(site, 'Einsum', { inputs: linked(site), attributes: [text('equation', textOf(p(site), 'equation'))] }),
  ],
  elementwise,
  compare: (site) => {
    const operator = COMPARE[textOf(p(site), 'operation', 'equal')];
    return operator ? [node(site, operator)] : null;
  },
  where: one('Where'),
  activation,
  prelu(site) {
    const rank = shapeOf(site).length;
    const [slope] = site.operator.weights;
    const spread = booleanOf(p(site), 'perChannel', true) ? new Array<number>(Math.max(rank - 2, 0)).fill(1) : [];
    return [node(site, 'PRelu', { inputs: [first(site), site.weight('slope', [...slope!.shape, ...spread])] })];
  },
  pool,
  'batch-norm': normalised('BatchNormalization', ['scale', 'bias', 'mean', 'variance']),
  'layer-norm': normalised('LayerNormalization', ['scale', 'bias'], axis(-1)),
  'rms-norm': normalised('RMSNormalization', ['scale'], axis(-1)),
  'group-norm': normalised('GroupNormalization', ['scale', 'bias'], (site) => [
    integer('num_groups', integerOf(p(site), 'groups', 1)),
  ]),
  'instance-norm': normalised('InstanceNormalization', ['scale', 'bias']),
  lrn: one('LRN', (site) => [
    integer('size', integerOf(p(site), 'size', 5)),
    float('alpha', integerOf(p(site), 'alpha', 1e-4)),
    float('beta', integerOf(p(site), 'beta', 0.75)),
    float('bias', integerOf(p(site), 'bias', 1)),
  ]),
  softmax,
  reduce,
  'arg-reduce': (site) => [
    node(site, textOf(p(site), 'operation', 'max') === 'max' ? 'ArgMax' : 'ArgMin', {
      attributes: [
        ...axis(-1)(site),
        flag('keepdims', booleanOf(p(site), 'keepDims', true)),
        flag('select_last_index', booleanOf(p(site), 'last')),
      ],
    }),
  ],
  'top-k': (site) => [
    node(site, 'TopK', {
      inputs: [first(site), site.integers([integerOf(p(site), 'k', 1)])],
      // Both results must have a name.
      outputs: [site.results[0] || site.between(), site.results[1] || site.between()],
      attributes: [...axis(-1)(site), flag('largest', booleanOf(p(site), 'largest', true))],
    }),
  ],
  'cumulative-sum': listed(
    'CumSum',
    (site) => [site.integers([integerOf(p(site), 'axis', -1)], true)],
    (site) => [flag('exclusive', booleanOf(p(site), 'exclusive')), flag('reverse', booleanOf(p(site), 'reverse'))],
  ),
  reshape: listed('Reshape', (site) => [site.integers(integersOf(p(site), 'shape'))]),
  flatten: one('Flatten', axis(1)),
  squeeze: listed('Squeeze', (site) =>
    integersOf(p(site), 'axes').length > 0 ? [site.integers(integersOf(p(site), 'axes'))] : [],
  ),
  unsqueeze: listed('Unsqueeze', (site) => [site.integers(integersOf(p(site), 'axes'))]),
  transpose: one('Transpose', (site) => {
    const permutation = integersOf(p(site), 'permutation');
    return permutation.length > 0 ? [integers('perm', permutation)] : [];
  }),
  identity: one('Identity'),
  dropout: listed('Dropout', (site) => [site.real(integerOf(p(site), 'ratio', 0.5))]),
  cast: one('Cast', (site) => [integer('to', dataTypeOf(site.outputs[0]!.type.elementType) ?? 1)]),
  concat: (site) => [node(site, 'Concat', { inputs: linked(site), attributes: axis(1)(site) })],
  split: (site) => {
    const at = integerOf(p(site), 'axis', 1);
    const shape = shapeOf(site);
    const inferred = site.operator.type.infer([site.inputs[0]!.type], p(site));
    if (!inferred.ok) return null;
    const place = at < 0 ? at + shape.length : at;
    const sizes = inferred.value.map((each) => each.shape[place] ?? 1);
    const outputs = sizes.map((_, i) => site.results[i] || site.between());
    return [
      node(site, 'Split', { inputs: [first(site), site.integers(sizes)], outputs, attributes: [integer('axis', at)] }),
    ];
  },
  slice: listed('Slice', (site) => {
    const lists = ['starts', 'ends', 'axes'].map((id) => site.integers(integersOf(p(site), id)));
    const steps = integersOf(p(site), 'steps');
    return steps.length > 0 ? [...lists, site.integers(steps)] : lists;
  }),
  pad: listed(
    'Pad',
    (site) => [
      site.integers(integersOf(p(site), 'pads')),
      ...(textOf(p(site), 'mode', 'constant') === 'constant' && /^fp32$/.test(site.inputs[0]?.type.elementType ?? '')
        ? [site.real(integerOf(p(site), 'value', 0))]
        : []),
    ],
    (site) => [text('mode', textOf(p(site), 'mode', 'constant'))],
  ),
  expand: listed('Expand', (site) => [site.integers(integersOf(p(site), 'shape'))]),
  tile: listed('Tile', (site) => [site.integers(integersOf(p(site), 'repeats'))]),
  'space-to-depth': one('SpaceToDepth', (site) => [integer('blocksize', integerOf(p(site), 'blockSize', 2))]),
  'depth-to-space': one('DepthToSpace', (site) => [
    integer('blocksize', integerOf(p(site), 'blockSize', 2)),
    text('mode', textOf(p(site), 'mode', 'DCR')),
  ]),
  resize,
  gather,
  scatter,
  embedding: (site) => [
    node(site, 'Gather', {
      inputs: [site.weight('table', undefined, 1), first(site)],
      attributes: [integer('axis', 0)],
    }),
  ],
  lstm: recurrent('LSTM'),
  gru: recurrent('GRU'),
  rnn: recurrent('RNN'),
  quantize: quantisation('QuantizeLinear', (site) => dataTypeOf(site.outputs[0]!.type.elementType) ?? 2),
  dequantize: quantisation('DequantizeLinear', zeroPoint),
  'dynamic-quantize': (site) => [
    node(site, 'DynamicQuantizeLinear', { outputs: [0, 1, 2].map((i) => site.results[i] || site.between()) }),
  ],
  opaque: (site) => [
    node(site, textOf(p(site), 'operator') || 'Opaque', {
      inputs: [...linked(site), ...site.operator.weights.map(({ name }) => site.weight(name))],
      domain: textOf(p(site), 'domain'),
    }),
  ],
};
