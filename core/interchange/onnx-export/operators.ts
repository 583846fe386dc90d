/**
 * Operators of the catalog as ONNX nodes, the other way of the importer's table. Operator set 21; 23 where RMS normalisation
 * is used. Null: the standard has no node for this form, and the caller writes one of a domain of its own.
 */
import { elementCount } from '#core/catalog/operator-type.ts';
import { perAxis, slide } from '#core/catalog/operators/window.ts';
import { booleanOf, integerOf, integersOf, textOf } from '#core/catalog/parameter.ts';
import type { Operator, Tensor } from '#core/model/graph.ts';
import { dataTypeOf } from './element-types.ts';
import type { AttributeToWrite, NodeToWrite } from './writer.ts';

/** What an operator is written with: names of its operands and results, and ways to add weights and small constants. */
export interface Site {
  readonly operator: Operator;
  readonly inputs: readonly (Tensor | null)[];
  readonly outputs: readonly Tensor[];
  /** Names of operands; '' where nothing is linked. */
  readonly operands: readonly string[];
  /** Names of results by the type's output ports; '' where nobody reads one. */
  readonly results: readonly string[];
  /** A weight of the operator by its catalog name, in another shape of as many elements where one is given. */
  weight(name: string, shape?: readonly number[], dataType?: number): string;
  /** Whole numbers the graph needs to know: shapes, axes, sizes. */
  integers(values: readonly number[], isScalar?: boolean): string;
  real(value: number): string;
  /** A name for a result between two nodes of the operator. */
  between(): string;
}

type Written = readonly NodeToWrite[] | null;
type Encoder = (site: Site) => Written;

const integer = (name: string, value: number): AttributeToWrite => ({ name, integer: value });
const float = (name: string, value: number): AttributeToWrite => ({ name, float: value });
const text = (name: string, value: string): AttributeToWrite => ({ name, text: value });
const integers = (name: string, values: readonly number[]): AttributeToWrite => ({ name, integers: values });
const flag = (name: string, value: boolean): AttributeToWrite => ({ name, integer: value ? 1 : 0 });

function node(
  site: Site,
  operator: string,
  more: {
    readonly inputs?: readonly string[];
    readonly outputs?: readonly string[];
    readonly attributes?: readonly AttributeToWrite[];
    readonly domain?: string;
  } = {},
): NodeToWrite {
  // Trailing operands and results that are not there are left out.
  const trimmed = (names: readonly string[]) => names.slice(0, names.findLastIndex((name) => name !== '') + 1);
  return {
    operator,
    inputs: trimmed(more.inputs ?? site.operands),
    outputs: trimmed(more.outputs ?? site.results),
    attributes: more.attributes ?? [],
    ...(more.domain === undefined ? {} : { domain: more.domain }),
  };
}

const one =
  (operator: string, attributes: (site: Site) => readonly AttributeToWrite[] = () => []): Encoder =>
  (site) => [node(site, operator, { attributes: attributes(site) })];

const p = (site: Site) => site.operator.parameters;
const shapeOf = (site: Site, at = 0): readonly number[] => site.inputs[at]?.type.shape ?? [];
const isPlain = (site: Site) => textOf(p(site), 'arithmetic', 'plain') === 'plain';
const first = (site: Site) => site.operands[0] ?? '';
const linked = (site: Site) => site.operands.filter((name) => name !== '');

function windowed(site: Site, ceilMode = false): readonly AttributeToWrite[] | null {
  const slid = slide(shapeOf(site).slice(2), p(site), ceilMode);
  if (!slid.ok) return null;
  const { kernel, strides, dilations, begins, ends } = slid.value;
  return [
    integers('kernel_shape', kernel),
    integers('strides', strides),
    integers('dilations', dilations),
    integers('pads', [...begins, ...ends]),
  ];
}

const convolution: Encoder = (site) => {
  const attributes = windowed(site);
  const { kernel, parameters } = site.operator;
  if (!attributes || kernel.kind !== 'gemm') return null;
  const group = integer('group', kernel.groups);
  const bias = booleanOf(parameters, 'bias', true);
  const x = first(site);
  switch (textOf(parameters, 'arithmetic', 'plain')) {
    case 'integer':
      if (bias) return null;
      return [
        node(site, 'ConvInteger', {
          inputs: [
            x,
            site.weight('weight', undefined, 3),
            site.weight('input zero point', undefined, zeroPoint(site)),
            site.weight('weight zero point', undefined, 3),
          ],
          attributes: [...attributes, group],
        }),
      ];
    case 'requantised':
      return [
        node(site, 'QLinearConv', {
          inputs: [
            x,
            site.weight('input scale'),
            site.weight('input zero point', undefined, zeroPoint(site)),
            site.weight('weight', undefined, 3),
            site.weight('weight scale'),
            site.weight('weight zero point', undefined, 3),
            site.weight('output scale'),
            site.weight('output zero point', undefined, dataTypeOf(site.outputs[0]!.type.elementType) ?? 2),
            ...(bias ? [site.weight('bias', undefined, 6)] : []),
          ],
          attributes: [...attributes, group],
        }),
      ];
    default:
      return [
        node(site, 'Conv', {
          inputs: [x, site.weight('weight'), ...(bias ? [site.weight('bias')] : [])],
          attributes: [...attributes, group],
        }),
      ];
  }
};

const zeroPoint = (site: Site): number => dataTypeOf(site.inputs[0]?.type.elementType ?? 'uint8') ?? 2;

const AUTO_PAD: Readonly<Record<string, string>> = {
  'same-upper': 'SAME_UPPER',
  'same-lower': 'SAME_LOWER',
  valid: 'VALID',
};

const transposedConvolution: Encoder = (site) => {
  const rank = shapeOf(site).length - 2;
  const list = (id: string, fallback: number, length = rank) => {
    const made = perAxis(p(site), id, length, fallback);
    return made.ok ? made.value : [];
  };
  const shape = integersOf(p(site), 'outputShape');
  const autoPad = AUTO_PAD[textOf(p(site), 'autoPad', 'explicit')];
  return [
    node(site, 'ConvTranspose', {
      inputs: [first(site), site.weight('weight'), ...(booleanOf(p(site), 'bias', true) ? [site.weight('bias')] : [])],
      attributes: [
        integers('kernel_shape', list('kernel', 1)),
        integers('strides', list('strides', 1)),
        integers('dilations', list('dilations', 1)),
        integers('output_padding', list('outputPadding', 0)),
        integer('group', Math.max(1, integerOf(p(site), 'groups', 1))),
        ...(autoPad ? [text('auto_pad', autoPad)] : [integers('pads', list('pads', 0, 2 * rank))]),
        ...(shape.length > 0 ? [integers('output_shape', shape)] : []),
      ],
    }),
  ];
};

const dense: Encoder = (site) => {
  if (!isPlain(site)) return null;
  const inputs = [first(site), site.weight('weight')];
  if (!booleanOf(p(site), 'bias', true)) return [node(site, 'MatMul', { inputs })];
  const bias = site.weight('bias');
  if (shapeOf(site).length === 2) return [node(site, 'Gemm', { inputs: [...inputs, bias] })];
  const made = site.between();
  return [node(site, 'MatMul', { inputs, outputs: [made] }), node(site, 'Add', { inputs: [made, bias] })];
};

const matmul: Encoder = (site) => (isPlain(site) ? [node(site, 'MatMul')] : null);

const gemm: Encoder = (site) => {
  const transposes = [
    flag('transA', booleanOf(p(site), 'transposeA')),
    flag('transB', booleanOf(p(site), 'transposeB')),
  ];
  const alpha = float('alpha', integerOf(p(site), 'alpha', 1));
  if (shapeOf(site, 0).length === 2 && shapeOf(site, 1).length === 2)
    return [node(site, 'Gemm', { attributes: [...transposes, alpha, float('beta', integerOf(p(site), 'beta', 1))] })];
  if (site.inputs[2]) return null;
  return [
    node(site, 'FusedMatMul', {
      inputs: site.operands.slice(0, 2),
      attributes: [...transposes, alpha],
      domain: 'com.microsoft',
    }),
  ];
};

const ELEMENTWISE: Readonly<Record<string, string>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  max: 'Max',
  min: 'Min',
  mean: 'Mean',
  pow: 'Pow',
  mod: 'Mod',
  'bit-and': 'BitwiseAnd',
  'bit-or': 'BitwiseOr',
  'bit-xor': 'BitwiseXor',
  'shift-left': 'BitShift',
  'shift-right': 'BitShift',
};

const elementwise: Encoder = (site) => {
  const operation = textOf(p(site), 'operation', 'add');
  const operator = ELEMENTWISE[operation];
  const inputs = linked(site);
  if (!operator || !isPlain(site)) return null;
  if (operation === 'add' && inputs.length > 2) return [node(site, 'Sum', { inputs })];
  if (operation === 'mul' && inputs.length > 2) {
    const nodes: NodeToWrite[] = [];
    let left = inputs[0]!;
    for (const [i, right] of inputs.slice(1).entries()) {
      const isLast = i === inputs.length - 2;
      const made = isLast ? site.results[0]! : site.between();
      nodes.push(node(site, 'Mul', { inputs: [left, right], outputs: [made] }));
      left = made;
    }
    return nodes;
  }
  const isReal = /^(fp|bf)/.test(site.inputs[0]?.type.elementType ?? 'fp32');
  const attributes =
    operator === 'BitShift'
      ? [text('direction', operation === 'shift-left' ? 'LEFT' : 'RIGHT')]
      : operation === 'mod' && isReal
        ? [integer('fmod', 1)]
        : [];
  return [node(site, operator, { inputs, attributes })];
};

const COMPARE: Readonly<Record<string, string>> = {
  equal: 'Equal',
  less: 'Less',
  'less-or-equal': 'LessOrEqual',
  greater: 'Greater',
  'greater-or-equal': 'GreaterOrEqual',
  and: 'And',
  or: 'Or',
  xor: 'Xor',
};

/** Functions without attributes are their names in one case or the other. */
const PLAIN_FUNCTIONS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  'hard-swish': 'HardSwish',
  abs: 'Abs',
  neg: 'Neg',
  sign: 'Sign',
  not: 'Not',
  floor: 'Floor',
  ceil: 'Ceil',
  round: 'Round',
  'is-nan': 'IsNaN',
  'is-inf': 'IsInf',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  softplus: 'Softplus',
  softsign: 'Softsign',
  mish: 'Mish',
  erf: 'Erf',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  reciprocal: 'Reciprocal',
  sin: 'Sin',
  cos: 'Cos',
  tan: 'Tan',
  asin: 'Asin',
  acos: 'Acos',
  atan: 'Atan',
  sinh: 'Sinh',
  cosh: 'Cosh',
  asinh: 'Asinh',
  acosh: 'Acosh',
  atanh: 'Atanh',
};

const activation: Encoder = (site) => {
  if (!isPlain(site)) return null;
  const kind = textOf(p(site), 'function', 'relu');
  const alpha = float('alpha', integerOf(p(site), 'alpha', 0.01));
  const beta = integerOf(p(site), 'beta', 0.5);
  const plain = PLAIN_FUNCTIONS[kind];
  if (plain) return [node(site, plain)];
  const clip = (minimum: number, maximum: number) => [
    node(site, 'Clip', { inputs: [first(site), site.real(minimum), site.real(maximum)] }),
  ];
  switch (kind) {
    case 'relu6':
      return clip(0, 6);
    case 'clip':
      return clip(integerOf(p(site), 'minimum', -3.4e38), integerOf(p(site), 'maximum', 3.4e38));
    case 'leaky-relu':
      return [node(site, 'LeakyRelu', { attributes: [alpha] })];
    case 'thresholded-relu':
      return [node(site, 'ThresholdedRelu', { attributes: [alpha] })];
    case 'hard-sigmoid':
      return [node(site, 'HardSigmoid', { attributes: [alpha, float('beta', beta)] })];
    case 'elu':
      return [node(site, 'Elu', { attributes: [alpha] })];
    case 'celu':
      return [node(site, 'Celu', { attributes: [alpha] })];
    case 'selu':
      return [node(site, 'Selu', { attributes: [alpha, float('gamma', beta)] })];
    case 'shrink':
      return [node(site, 'Shrink', { attributes: [float('lambd', alpha.float ?? 0), float('bias', beta)] })];
    case 'gelu':
      return [
        node(site, 'Gelu', { attributes: booleanOf(p(site), 'approximate') ? [text('approximate', 'tanh')] : [] }),
      ];
    case 'quick-gelu':
      return [node(site, 'QuickGelu', { attributes: [alpha], domain: 'com.microsoft' })];
    case 'silu': {
      // The standard has no name for it below operator set 24: x · sigmoid(x).
      const made = site.between();
      return [node(site, 'Sigmoid', { outputs: [made] }), node(site, 'Mul', { inputs: [first(site), made] })];
    }
    default:
      return null;
  }
};

const POOLS: Readonly<Record<string, readonly [sliding: string, global: string]>> = {
  max: ['MaxPool', 'GlobalMaxPool'],
  average: ['AveragePool', 'GlobalAveragePool'],
  norm: ['LpPool', 'GlobalLpPool'],
};

const pool: Encoder = (site) => {
  const operation = textOf(p(site), 'operation', 'max');
  const names = POOLS[operation];
  if (!names || !isPlain(site)) return null;
  const order = operation === 'norm' ? [integer('p', integerOf(p(site), 'order', 2))] : [];
  if (booleanOf(p(site), 'global'))
    return [node(site, names[1], { outputs: site.results.slice(0, 1), attributes: order })];
  const ceilMode = booleanOf(p(site), 'ceilMode');
  const attributes = windowed(site, ceilMode);
  if (!attributes) return null;
  return [
    node(site, names[0], {
      outputs: operation === 'max' ? site.results : site.results.slice(0, 1),
      attributes: [
        ...attributes,
        flag('ceil_mode', ceilMode),
        ...(operation === 'average' ? [flag('count_include_pad', booleanOf(p(site), 'countPadding'))] : []),
        ...order,
      ],
    }),
  ];
};

const epsilon = (site: Site) => float('epsilon', integerOf(p(site), 'epsilon', 1e-5));
const axis = (fallback: number) => (site: Site) => [integer('axis', integerOf(p(site), 'axis', fallback))];

const normalised =
  (
    operator: string,
    weights: readonly string[],
    attributes: (site: Site) => readonly AttributeToWrite[] = () => [],
  ): Encoder =>
  (site) => {
    const has = new Set(site.operator.weights.map(({ name }) => name));
    return [
      node(site, operator, {
        inputs: [first(site), ...weights.filter((name) => has.has(name)).map((name) => site.weight(name))],
        attributes: [epsilon(site), ...attributes(site)],
      }),
    ];
  };

const softmax: Encoder = (site) => {
  const shape = shapeOf(site);
  const at = integerOf(p(site), 'axis', -1);
  const after = shape.slice((at < 0 ? at + shape.length : at) + 1);
  if (booleanOf(p(site), 'trailing') && elementCount(after) > 1) return null;
  return [
    node(site, booleanOf(p(site), 'logarithm') ? 'LogSoftmax' : 'Softmax', { attributes: [integer('axis', at)] }),
  ];
};

const REDUCE: Readonly<Record<string, string>> = {
  mean: 'ReduceMean',
  sum: 'ReduceSum',
  max: 'ReduceMax',
  min: 'ReduceMin',
  prod: 'ReduceProd',
  l1: 'ReduceL1',
  l2: 'ReduceL2',
  'sum-square': 'ReduceSumSquare',
  'log-sum': 'ReduceLogSum',
  'log-sum-exp': 'ReduceLogSumExp',
};

const reduce: Encoder = (site) => {
  const operator = REDUCE[textOf(p(site), 'operation', 'mean')];
  if (!operator) return null;
  const axes = integersOf(p(site), 'axes');
  return [
    node(site, operator, {
      inputs: [first(site), ...(axes.length > 0 ? [site.integers(axes)] : [])],
      attributes: [flag('keepdims', booleanOf(p(site), 'keepDims', true))],
    }),
  ];
};

/** Lists the graph has to know come as operands in current operator sets. */
const listed =
  (
    operator: string,
    lists: (site: Site) => readonly string[],
    attributes: (site: Site) => readonly AttributeToWrite[] = () => [],
  ): Encoder =>
  (site) => [node(site, operator, { inputs: [first(site), ...lists(site)], attributes: attributes(site) })];

const COORDINATES: Readonly<Record<string, string>> = {
  'half-pixel': 'half_pixel',
  'half-pixel-symmetric': 'half_pixel_symmetric',
  'pytorch-half-pixel': 'pytorch_half_pixel',
  'align-corners': 'align_corners',
  asymmetric: 'asymmetric',
};

const resize: Encoder = (site) => {
  const mode = textOf(p(site), 'mode', 'nearest');
  return [
    node(site, 'Resize', {
      inputs: [first(site), '', '', site.integers(site.outputs[0]!.type.shape)],
      attributes: [
        text('mode', mode),
        text(
          'coordinate_transformation_mode',
          COORDINATES[textOf(p(site), 'coordinates', 'half-pixel')] ?? 'half_pixel',
        ),
        ...(mode === 'nearest'
          ? [text('nearest_mode', textOf(p(site), 'rounding', 'round-prefer-floor').replaceAll('-', '_'))]
          : []),
        ...(mode === 'cubic' ? [float('cubic_coeff_a', integerOf(p(site), 'cubicCoefficient', -0.75))] : []),
      ],
    }),
  ];
};

const gather: Encoder = (site) => {
  switch (textOf(p(site), 'mode', 'entries')) {
    case 'elements':
      return [node(site, 'GatherElements', { attributes: axis(0)(site) })];
    case 'tuples':
      return [node(site, 'GatherND', { attributes: [integer('batch_dims', integerOf(p(site), 'batchAxes'))] })];
    default:
      return [node(site, 'Gather', { attributes: axis(0)(site) })];
  }
};

const scatter: Encoder = (site) => {
  const reduction = text('reduction', textOf(p(site), 'reduction', 'none'));
  return textOf(p(site), 'mode', 'elements') === 'tuples'
    ? [node(site, 'ScatterND', { attributes: [reduction] })]
    : [node(site, 'ScatterElements', { attributes: [...axis(0)(site), reduction] })];
};

const recurrent =
  (operator: 'LSTM' | 'GRU' | 'RNN'): Encoder =>
  (site) => {
    const [x = '', hidden = '', cell = ''] = site.operands;
    const direction = textOf(p(site), 'direction', 'forward');
    const activationOf =
      { tanh: 'Tanh', relu: 'Relu', sigmoid: 'Sigmoid' }[textOf(p(site), 'function', 'tanh')] ?? 'Tanh';
    const twice = direction === 'bidirectional' ? 2 : 1;
    return [
      node(site, operator, {
        inputs: [
          x,
          site.weight('input weight'),
          site.weight('recurrent weight'),
          booleanOf(p(site), 'bias', true) ? site.weight('bias') : '',
          '',
          hidden,
          ...(operator === 'LSTM' ? [cell] : []),
        ],
        attributes: [
          integer('hidden_size', integerOf(p(site), 'hidden', 1)),
          text('direction', direction),
          flag('layout', booleanOf(p(site), 'batchFirst')),
          ...(operator === 'GRU' ? [flag('linear_before_reset', booleanOf(p(site), 'resetAfter', true))] : []),
          ...(operator === 'RNN' ? [{ name: 'activations', texts: new Array<string>(twice).fill(activationOf) }] : []),
        ],
      }),
    ];
  };

/** Zero points have the integer type; scales the real one. */
const quantisation =
  (operator: string, zeroPointType: (site: Site) => number): Encoder =>
  (site) => [
    node(site, operator, {
      inputs: [
        first(site),
        site.weight('scale', undefined, 1),
        site.weight('zero point', undefined, zeroPointType(site)),
      ],
      attributes: booleanOf(p(site), 'perChannel') ? axis(1)(site) : [],
    }),
  ];

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
