/** Random single-operator ONNX models, corners included: one generator a group of operators. */
import type { ElementType } from '#core/catalog/operator-type.ts';
import { type TensorValues, tensorOf } from '#core/reference/values.ts';
import { type Attributes, type CaseBuilder, real } from './onnx-cases.ts';

export interface Generator {
  readonly title: string;
  /** Catalog types the drawn operators must have. */
  readonly types: readonly string[];
  /** Largest difference over the range of the result; 0 is equality. */
  readonly tolerance: number;
  /** Why a difference is allowed where the standard leaves none. */
  readonly quirk?: string;
  readonly make: (c: CaseBuilder) => void;
  /** Cases for each one of the others. */
  readonly share?: number;
}

const FLOAT = 1e-5;
const MICROSOFT = 'com.microsoft';

const shapeOf = (c: CaseBuilder, rank: number, most = 6) => Array.from({ length: rank }, () => c.between(1, most));
const signed = (c: CaseBuilder, axis: number, rank: number) => (c.isHeads() ? axis : axis - rank);

interface WindowCase {
  readonly attributes: Record<string, number | string | readonly number[]>;
  readonly kernel: readonly number[];
  readonly spatial: readonly number[];
}

/** A window that fits: extents, strides, dilations, padding listed or automatic. */
function windowCase(c: CaseBuilder, rank: number, maximalPad = (kernel: number) => kernel): WindowCase {
  const kernel = Array.from({ length: rank }, () => c.between(1, rank === 3 ? 2 : 4));
  const dilations = kernel.map(() => (c.isHeads() ? 1 : c.between(1, 3)));
  const strides = kernel.map(() => c.between(1, 3));
  const reach = kernel.map((k, i) => (k - 1) * dilations[i]! + 1);
  const spatial = reach.map((r) => r + c.between(0, 6));
  const attributes: WindowCase['attributes'] = { kernel_shape: kernel, strides, dilations };
  const style = c.pick(['listed', 'listed', 'SAME_UPPER', 'SAME_LOWER', 'VALID', 'none']);
  if (style === 'listed')
    attributes.pads = [...kernel, ...kernel].map((k, i) =>
      c.between(0, maximalPad(dilations[i % rank]! === 1 ? k : 1)),
    );
  else if (style !== 'none') attributes.auto_pad = style;
  // ONNX Runtime refuses automatic padding of dilated windows.
  if (style.startsWith('SAME')) attributes.dilations = kernel.map(() => 1);
  return { attributes, kernel, spatial };
}

function convolution(c: CaseBuilder): void {
  const rank = c.pick([1, 2, 2, 2, 3]);
  const { attributes, kernel, spatial } = windowCase(c, rank);
  const groups = c.pick([1, 1, 2, 3]);
  const isDepthwise = c.rng.below(4) === 0;
  const depth = isDepthwise ? 1 : c.between(1, 4);
  const channels = isDepthwise ? c.between(2, 5) : groups * depth;
  const group = isDepthwise ? channels : groups;
  const filters = group * c.between(1, 3);
  const x = c.flow(c.values('fp32', [c.between(1, 2), channels, ...spatial]));
  const weight = c.constant(c.values('fp32', [filters, depth, ...kernel]));
  const bias = c.isHeads() ? [c.constant(c.values('fp32', [filters]))] : [];
  c.output(c.node('Conv', [x, weight, ...bias], { ...attributes, group })[0]!);
}

function transposedConvolution(c: CaseBuilder): void {
  const rank = c.pick([1, 2, 2]);
  const kernel = Array.from({ length: rank }, () => c.between(1, 4));
  const strides = kernel.map(() => c.between(1, 3));
  const dilations = kernel.map(() => c.pick([1, 1, 2]));
  const groups = c.pick([1, 1, 2]);
  const channels = groups * c.between(1, 3);
  const perGroup = c.between(1, 3);
  const spatial = kernel.map(() => c.between(2, 5));
  const attributes: Record<string, number | string | readonly number[]> = { kernel_shape: kernel, strides, dilations };
  const extra = strides.map((stride) => c.between(0, stride - 1));
  switch (c.pick(['none', 'pads', 'same', 'shape'])) {
    case 'pads':
      attributes.pads = [...kernel, ...kernel].map((k) => c.between(0, Math.floor((k - 1) / 2)));
      attributes.output_padding = extra;
      break;
    case 'same':
      // ConvTranspose-22: "pads are auto generated such that output_shape[i] = input_shape[i] * strides[i]". Where that
      // takes a negative pad (a window shorter than its stride) ONNX Runtime makes a smaller result instead.
      if (kernel.every((k, i) => (k - 1) * dilations[i]! + 1 >= strides[i]!))
        attributes.auto_pad = c.pick(['SAME_UPPER', 'SAME_LOWER']);
      break;
    case 'shape':
      attributes.output_shape = spatial.map(
        (extent, i) =>
          (extent - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1 - c.between(0, Math.min(1, kernel[i]! - 1)),
      );
      break;
  }
  const x = c.flow(c.values('fp32', [c.between(1, 2), channels, ...spatial]));
  const weight = c.constant(c.values('fp32', [channels, perGroup, ...kernel]));
  const bias = c.isHeads() ? [c.constant(c.values('fp32', [perGroup * groups]))] : [];
  c.output(c.node('ConvTranspose', [x, weight, ...bias], { ...attributes, group: groups })[0]!);
}

const quantity = (c: CaseBuilder, shape: readonly number[] = [], low = 0.005, high = 0.03) =>
  c.constant(c.values('fp32', shape, low, high));

function integerConvolution(c: CaseBuilder): void {
  const { attributes, kernel, spatial } = windowCase(c, 2);
  const groups = c.pick([1, 2]);
  const depth = c.between(1, 4);
  const filters = groups * c.between(1, 4);
  const type = 'uint8';
  const weightType = c.pick<ElementType>(['int8', 'uint8']);
  const x = c.flow(c.values(type, [c.between(1, 2), groups * depth, ...spatial]));
  const weight = c.constant(c.values(weightType, [filters, depth, ...kernel]));
  const zeros = c.isHeads() ? [c.scalar(type, c.between(0, 255)), c.scalar(weightType, c.between(0, 9))] : [];
  c.output(c.node('ConvInteger', [x, weight, ...zeros], { ...attributes, group: groups })[0]!, 'int32');
}

function quantisedConvolution(c: CaseBuilder): void {
  const { attributes, kernel, spatial } = windowCase(c, 2);
  const isDepthwise = c.rng.below(3) === 0;
  const groups = isDepthwise ? c.between(2, 5) : c.pick([1, 1, 2]);
  const depth = isDepthwise ? 1 : c.between(1, 4);
  const filters = isDepthwise ? groups : groups * c.between(1, 4);
  const type = c.pick<ElementType>(['uint8', 'int8']);
  const weightType: ElementType = type === 'int8' ? 'int8' : c.pick<ElementType>(['int8', 'uint8']);
  const isPerChannel = weightType === 'int8' && c.isHeads();
  const x = c.flow(c.values(type, [c.between(1, 2), groups * depth, ...spatial]));
  const weight = c.constant(c.values(weightType, [filters, depth, ...kernel]));
  const inputs = [
    x,
    quantity(c),
    c.scalar(type, type === 'int8' ? c.between(-20, 20) : c.between(100, 150)),
    weight,
    quantity(c, isPerChannel ? [filters] : []),
    isPerChannel
      ? c.constant(c.values('int8', [filters], 0, 0))
      : c.scalar(weightType, weightType === 'int8' ? 0 : 127),
    quantity(c, [], 0.01, 0.2),
    c.scalar(type, type === 'int8' ? c.between(-20, 20) : c.between(100, 150)),
    ...(c.isHeads() ? [c.constant(c.values('int32', [filters], -5000, 5000))] : []),
  ];
  c.output(c.node('QLinearConv', inputs, { ...attributes, group: groups })[0]!, type);
}

function matrixProduct(c: CaseBuilder): void {
  const [m, k, n] = [c.between(1, 7), c.between(1, 9), c.between(1, 7)];
  if (c.rng.below(3) === 0) {
    const x = c.flow(c.values('fp32', [...shapeOf(c, c.between(0, 2), 3), k]));
    c.output(c.node('MatMul', [x, c.constant(c.values('fp32', [k, n]))])[0]!);
    return;
  }
  const lead = shapeOf(c, c.between(0, 2), 3);
  const thinned = lead.map((extent) => (c.isHeads() ? 1 : extent)).slice(c.between(0, lead.length));
  const isVectorA = c.rng.below(6) === 0;
  const isVectorB = c.rng.below(6) === 0;
  const a = c.flow(c.values('fp32', isVectorA ? [k] : [...lead, m, k]));
  const b = c.flow(c.values('fp32', isVectorB ? [k] : [...thinned, k, n]));
  c.output(c.node('MatMul', [a, b])[0]!);
}

function generalProduct(c: CaseBuilder): void {
  const [m, k, n] = [c.between(1, 7), c.between(1, 9), c.between(1, 7)];
  const [transA, transB] = [c.rng.below(2), c.rng.below(2)];
  const isConstant = c.isHeads();
  const put = (values: TensorValues) => (isConstant ? c.constant(values) : c.flow(values));
  const a = c.flow(c.values('fp32', isConstant || transA === 0 ? [m, k] : [k, m]));
  const b = put(c.values('fp32', transB === 1 ? [n, k] : [k, n]));
  const addend = c.pick([null, [n], [1, n], [], [m, 1], [m, n]]);
  const inputs = addend ? [a, b, put(c.values('fp32', addend))] : [a, b];
  const attributes: Attributes = {
    transA: isConstant ? 0 : transA,
    transB,
    ...(c.isHeads() ? { alpha: real(0.5 + c.rng.next()), beta: real(c.rng.next()) } : {}),
  };
  c.output(c.node('Gemm', inputs, attributes)[0]!);
}

function contraction(c: CaseBuilder): void {
  const [equation, ...terms] = c.pick([
    ['bik,bkj->bij', 'bik', 'bkj'],
    ['ij,jk', 'ij', 'jk'],
    ['bhqd,bhkd->bhqk', 'bhqd', 'bhkd'],
    ['ij->ji', 'ij'],
    ['ij->i', 'ij'],
    ['i,j->ij', 'i', 'j'],
    ['ij,ij->', 'ij', 'ij'],
    ['abc,cd->abd', 'abc', 'cd'],
  ] as const);
  const extents = new Map<string, number>();
  const shape = (term: string) =>
    [...term].map((letter) => {
      extents.set(letter, extents.get(letter) ?? c.between(1, 5));
      return extents.get(letter)!;
    });
  const inputs = terms.map((term) => c.flow(c.values('fp32', shape(term))));
  c.output(c.node('Einsum', inputs, { equation })[0]!);
}

function integerProduct(c: CaseBuilder): void {
  const [m, k, n] = [c.between(1, 7), c.between(1, 20), c.between(1, 7)];
  const [typeA, typeB] = c.pick<readonly [ElementType, ElementType]>([
    ['uint8', 'int8'],
    ['uint8', 'uint8'],
    ['int8', 'int8'],
  ]);
  const zeroOf = (type: ElementType) => c.between(type === 'int8' ? -9 : 0, 9);
  const a = c.flow(c.values(typeA, [m, k]));
  const b = c.isHeads() ? c.constant(c.values(typeB, [k, n])) : c.flow(c.values(typeB, [k, n]));
  const zeros = c.isHeads() ? [c.scalar(typeA, zeroOf(typeA)), c.scalar(typeB, zeroOf(typeB))] : [];
  c.output(c.node('MatMulInteger', [a, b, ...zeros])[0]!, 'int32');
}

function quantisedProduct(c: CaseBuilder): void {
  const [m, k, n] = [c.between(1, 7), c.between(1, 30), c.between(1, 7)];
  const type = c.pick<ElementType>(['uint8', 'int8']);
  const isConstant = c.isHeads();
  const isPerColumn = isConstant && c.isHeads();
  const b = c.values('int8', [k, n]);
  const zero = () => c.scalar(type, type === 'int8' ? c.between(-20, 20) : c.between(100, 150));
  const inputs = [
    c.flow(c.values(type, [m, k])),
    quantity(c),
    zero(),
    isConstant ? c.constant(b) : c.flow(b),
    quantity(c, isPerColumn ? [n] : []),
    isPerColumn ? c.constant(c.values('int8', [n], 0, 0)) : c.scalar('int8', 0),
    quantity(c, [], 0.05, 0.3),
    zero(),
  ];
  c.output(c.node('QLinearMatMul', inputs)[0]!, type);
}

/** Shapes that broadcast to one another. */
function broadcastShapes(c: CaseBuilder, count: number): readonly (readonly number[])[] {
  const full = shapeOf(c, c.between(0, 4), 4);
  return Array.from({ length: count }, () =>
    full
      .map((extent) => (c.rng.below(3) === 0 ? 1 : extent))
      .slice(c.rng.below(3) === 0 ? c.between(0, full.length) : 0),
  );
}

function arithmetic(c: CaseBuilder): void {
  const operator = c.pick(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean', 'Mod']);
  const isMany = ['Max', 'Min', 'Sum', 'Mean'].includes(operator);
  const isReal = ['Pow', 'Sum', 'Mean'].includes(operator) || (operator !== 'Mod' && c.isHeads());
  const type: ElementType = isReal ? 'fp32' : c.pick<ElementType>(['int32', 'int64']);
  const shapes = broadcastShapes(c, isMany ? c.between(1, 4) : 2);
  const isDivision = operator === 'Div' || operator === 'Mod';
  const inputs = shapes.map((shape, i) => {
    const positive = operator === 'Pow' || (isDivision && i === 1);
    const values = positive ? c.values(type, shape, isReal ? 0.2 : 1, isReal ? 3 : 9) : c.values(type, shape);
    return i === 1 && c.rng.below(3) === 0 ? c.constant(values) : c.flow(values);
  });
  c.output(c.node(operator, inputs)[0]!, type);
}

function bitwise(c: CaseBuilder): void {
  const operator = c.pick(['BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'BitShift']);
  c.opset = 18;
  const type =
    operator === 'BitShift'
      ? c.pick<ElementType>(['uint8', 'uint32', 'uint64'])
      : c.pick<ElementType>(['int8', 'uint8', 'int32', 'int64']);
  const shapes = broadcastShapes(c, 2);
  const a = c.flow(c.values(type, shapes[0]!));
  const b = c.flow(operator === 'BitShift' ? c.values(type, shapes[1]!, 0, 7) : c.values(type, shapes[1]!));
  const attributes: Attributes = operator === 'BitShift' ? { direction: c.pick(['LEFT', 'RIGHT']) } : {};
  c.output(c.node(operator, [a, b], attributes)[0]!, type);
}

function comparison(c: CaseBuilder): void {
  const operator = c.pick(['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Or', 'Xor']);
  const isLogical = ['And', 'Or', 'Xor'].includes(operator);
  const type: ElementType = isLogical ? 'bool' : c.pick<ElementType>(['fp32', 'int32', 'int64']);
  const inputs = broadcastShapes(c, 2).map((shape) =>
    c.flow(type === 'fp32' || isLogical ? c.values(type, shape) : c.values(type, shape, -2, 2)),
  );
  c.output(c.node(operator, inputs)[0]!, 'bool');
}

function selection(c: CaseBuilder): void {
  const [condition, a, b] = broadcastShapes(c, 3);
  const inputs = [c.flow(c.values('bool', condition!)), c.flow(c.values('fp32', a!)), c.flow(c.values('fp32', b!))];
  c.output(c.node('Where', inputs)[0]!);
}

const DOMAINS: Readonly<Record<string, readonly [number, number]>> = {
  Log: [0.1, 9],
  Sqrt: [0, 9],
  Reciprocal: [0.2, 4],
  Asin: [-1, 1],
  Acos: [-1, 1],
  Acosh: [1, 9],
  Atanh: [-0.95, 0.95],
  Tan: [-1.4, 1.4],
  Erf: [-4, 4],
  Gelu: [-6, 6],
  Exp: [-9, 9],
  Sigmoid: [-20, 20],
  HardSwish: [-6, 6],
  HardSigmoid: [-6, 6],
  Softplus: [-20, 20],
  Clip: [-9, 9],
};

const FUNCTIONS = [
  ...[
    'Relu',
    'LeakyRelu',
    'ThresholdedRelu',
    'Clip',
    'HardSigmoid',
    'HardSwish',
    'Abs',
    'Neg',
    'Sign',
    'Floor',
    'Ceil',
  ],
  ...[
    'Round',
    'Shrink',
    'Gelu',
    'Sigmoid',
    'Tanh',
    'Elu',
    'Selu',
    'Celu',
    'Softplus',
    'Softsign',
    'Mish',
    'Erf',
    'Exp',
  ],
  ...[
    'Log',
    'Sqrt',
    'Reciprocal',
    'Sin',
    'Cos',
    'Tan',
    'Asin',
    'Acos',
    'Atan',
    'Sinh',
    'Cosh',
    'Asinh',
    'Acosh',
    'Atanh',
  ],
  ...['Not', 'IsNaN', 'IsInf', 'QuickGelu', 'FastGelu'],
] as const;

/** Every function in turn, so that a short run meets all. */
function activation(): (c: CaseBuilder) => void {
  let next = 0;
  return (c) => {
    const operator = FUNCTIONS[next++ % FUNCTIONS.length]!;
    c.opset = operator === 'Gelu' ? 20 : operator === 'Mish' ? 18 : 17;
    const shape = shapeOf(c, c.between(operator === 'FastGelu' ? 1 : 0, 4));
    const domain = operator === 'QuickGelu' || operator === 'FastGelu' ? MICROSOFT : '';
    const [low, high] = DOMAINS[operator] ?? [-3, 3];
    let values = c.values(
      operator === 'Not' ? 'bool' : 'fp32',
      shape,
      operator === 'Not' ? 0 : low,
      operator === 'Not' ? 1 : high,
    );
    // Halves to round, infinities and what is not a number to find.
    if (operator === 'Round')
      values = tensorOf(
        'fp32',
        shape,
        Array.from(values.data, (x) => Math.round(x * 4) / 2),
      );
    if (operator === 'IsNaN' || operator === 'IsInf')
      values = tensorOf(
        'fp32',
        shape,
        Array.from(values.data, (x) => c.pick([x, Number.NaN, Infinity, -Infinity])),
      );
    const some = c.isHeads();
    const attributes: Attributes = !some
      ? {}
      : ((
          {
            LeakyRelu: { alpha: real(0.2) },
            ThresholdedRelu: { alpha: real(0.5) },
            HardSigmoid: { alpha: real(0.3), beta: real(0.4) },
            Elu: { alpha: real(1.5) },
            Selu: { alpha: real(1.5), gamma: real(1.2) },
            Celu: { alpha: real(1.5) },
            Shrink: { lambd: real(0.7), bias: real(0.2) },
            Gelu: { approximate: 'tanh' },
            QuickGelu: { alpha: real(1.3) },
          } as const
        )[operator as string] ?? {});
    const x = c.flow(values);
    const inputs = operator === 'Clip' ? [x, c.scalar('fp32', -1.5), some ? c.scalar('fp32', 2.5) : ''] : [x];
    const result: ElementType = ['Not', 'IsNaN', 'IsInf'].includes(operator) ? 'bool' : 'fp32';
    c.output(c.node(operator, inputs, attributes, 1, domain)[0]!, result);
  };
}

function slopes(c: CaseBuilder): void {
  const shape = shapeOf(c, c.between(2, 4));
  const channels = shape[1]!;
  const slope = c.pick([
    [1],
    [channels, ...shape.slice(2).map(() => 1)],
    [1, channels, ...shape.slice(2).map(() => 1)],
  ]);
  c.output(c.node('PRelu', [c.flow(c.values('fp32', shape)), c.constant(c.values('fp32', slope))])[0]!);
}

function pooling(c: CaseBuilder): void {
  const operator = c.pick(['MaxPool', 'MaxPool', 'AveragePool', 'AveragePool', 'LpPool', 'Global']);
  const rank = c.pick([1, 2, 2, 2, 3]);
  const lead = [c.between(1, 2), c.between(1, 3)];
  if (operator === 'Global') {
    const x = c.flow(c.values('fp32', [...lead, ...shapeOf(c, rank)]));
    c.output(c.node(c.pick(['GlobalMaxPool', 'GlobalAveragePool', 'GlobalLpPool']), [x])[0]!);
    return;
  }
  // A window must meet the input: pads stay below its extent.
  const { attributes, kernel, spatial } = windowCase(c, rank, (each) => Math.max(0, each - 1));
  // ONNX Runtime refuses (MaxPool) or shifts (LpPool) automatic padding that comes out negative; the standard pads by none.
  if (attributes.auto_pad !== undefined) attributes.strides = kernel.map((each) => c.between(1, each));
  const more: Record<string, number> = {};
  if (operator === 'AveragePool') {
    c.opset = 19;
    more.count_include_pad = c.rng.below(2);
  }
  if (operator === 'LpPool') {
    c.opset = 18;
    more.p = c.between(1, 3);
  }
  if (attributes.auto_pad === undefined && operator !== 'LpPool') more.ceil_mode = c.rng.below(2);
  const x = c.flow(c.values('fp32', [...lead, ...spatial]));
  const wantsIndices = operator === 'MaxPool' && c.isHeads();
  const [result, indices] = c.node(operator, [x], { ...attributes, ...more }, wantsIndices ? 2 : 1);
  c.output(result!);
  if (indices) c.output(indices, 'int64');
}

function normalisation(c: CaseBuilder): void {
  const operator = c.pick([
    'BatchNormalization',
    'LayerNormalization',
    'InstanceNormalization',
    'GroupNormalization',
    'SimplifiedLayerNormalization',
    'LRN',
  ]);
  const positive = (shape: readonly number[]) => c.constant(c.values('fp32', shape, 0.5, 1.5));
  const shift = (shape: readonly number[]) => c.constant(c.values('fp32', shape));
  const epsilon = real(c.pick([1e-5, 1e-3]));
  // Enough elements for their variance not to cancel: ONNX Runtime takes E[x²] − E[x]² in single precision.
  switch (operator) {
    case 'BatchNormalization': {
      const shape = shapeOf(c, c.between(2, 4));
      const of = [shape[1]!];
      const inputs = [c.flow(c.values('fp32', shape)), positive(of), shift(of), shift(of), positive(of)];
      c.output(c.node(operator, inputs, { epsilon })[0]!);
      return;
    }
    case 'LayerNormalization':
    case 'SimplifiedLayerNormalization': {
      const shape = [...shapeOf(c, c.between(1, 3)), c.between(6, 12)];
      const axis = c.between(0, shape.length - 1);
      const of = shape.slice(axis);
      const inputs = [c.flow(c.values('fp32', shape)), positive(of)];
      const isPlain = operator === 'LayerNormalization';
      if (isPlain && c.isHeads()) inputs.push(shift(of));
      const wantsStatistics = isPlain && c.isHeads();
      const made = c.node(operator, inputs, { axis: signed(c, axis, shape.length), epsilon }, wantsStatistics ? 3 : 1);
      for (const name of made) c.output(name);
      return;
    }
    case 'InstanceNormalization': {
      const shape = [...shapeOf(c, 2), c.between(3, 5), c.between(3, 5)];
      const inputs = [c.flow(c.values('fp32', shape)), positive([shape[1]!]), shift([shape[1]!])];
      c.output(c.node(operator, inputs, { epsilon })[0]!);
      return;
    }
    case 'GroupNormalization': {
      const groups = c.between(1, 3);
      const channels = groups * c.between(1, 3);
      const of = [channels];
      const inputs = [c.flow(c.values('fp32', [c.between(1, 2), channels, c.between(3, 5), c.between(3, 4)]))];
      inputs.push(positive(of), shift(of));
      c.opset = 21;
      c.output(c.node(operator, inputs, { num_groups: groups, epsilon })[0]!);
      return;
    }
    default: {
      const x = c.flow(c.values('fp32', [c.between(1, 2), c.between(1, 7), ...shapeOf(c, 2)]));
      const attributes = { size: c.pick([1, 3, 5]), alpha: real(0.01), beta: real(0.7), bias: real(1.1) };
      c.output(c.node('LRN', [x], attributes)[0]!);
    }
  }
}

function softmax(c: CaseBuilder): void {
  const shape = shapeOf(c, c.between(1, 4));
  c.opset = c.pick([11, 13]);
  const axis = signed(c, c.between(0, shape.length - 1), shape.length);
  const x = c.flow(c.values('fp32', shape, -9, 9));
  c.output(c.node(c.pick(['Softmax', 'LogSoftmax']), [x], { axis })[0]!);
}

function lookup(c: CaseBuilder): void {
  const shape = shapeOf(c, c.between(1, 4), 5);
  const rank = shape.length;
  const axis = c.between(0, rank - 1);
  const indices = (of: readonly number[], extent: number) => c.values('int64', of, -extent, extent - 1);
  const operator = c.pick([
    'Gather',
    'Gather',
    'Embedding',
    'GatherElements',
    'GatherND',
    'ScatterElements',
    'ScatterND',
  ]);
  const data = c.values('fp32', shape);
  switch (operator) {
    case 'Embedding': {
      const table = c.constant(c.values('fp32', [9, 4]));
      c.output(c.node('Gather', [table, c.flow(indices(shapeOf(c, c.between(1, 2)), 9))])[0]!);
      return;
    }
    case 'Gather': {
      const at = c.flow(indices(shapeOf(c, c.between(0, 2), 4), shape[axis]!));
      c.output(c.node('Gather', [c.flow(data), at], { axis: signed(c, axis, rank) })[0]!);
      return;
    }
    case 'GatherElements': {
      const of = shape.map((extent, i) => (i === axis ? c.between(1, 5) : c.between(1, extent)));
      const at = c.flow(indices(of, shape[axis]!));
      c.output(c.node('GatherElements', [c.flow(data), at], { axis: signed(c, axis, rank) })[0]!);
      return;
    }
    case 'ScatterElements': {
      c.opset = 18;
      const of = shape.map((extent) => c.between(1, extent));
      // Places must differ where they are not summed: one entry each along the axis.
      const reduction = c.pick(['none', 'add', 'mul', 'max', 'min']);
      const single = reduction === 'none' ? of.with(axis, 1) : of;
      const inputs = [c.flow(data), c.flow(indices(single, shape[axis]!)), c.flow(c.values('fp32', single))];
      c.output(c.node('ScatterElements', inputs, { axis: signed(c, axis, rank), reduction })[0]!);
      return;
    }
    default: {
      const depth = c.between(1, rank);
      const batch = operator === 'GatherND' && rank > 1 && depth < rank && c.isHeads() ? 1 : 0;
      const lead = batch === 1 ? [shape[0]!] : [];
      const rows = operator === 'ScatterND' ? [1] : shapeOf(c, c.between(0, 2), 3);
      const of = [...lead, ...rows];
      const count = of.reduce((a, b) => a * b, 1);
      const tuples = Array.from({ length: count }, () =>
        shape.slice(batch, batch + depth).map((extent) => c.between(-extent, extent - 1)),
      );
      const at = c.flow(tensorOf('int64', [...of, depth], tuples.flat()));
      if (operator === 'GatherND') {
        c.output(c.node('GatherND', [c.flow(data), at], { batch_dims: batch })[0]!);
        return;
      }
      c.opset = 18;
      const updates = c.flow(c.values('fp32', [...of, ...shape.slice(depth)]));
      c.output(c.node('ScatterND', [c.flow(data), at, updates], { reduction: c.pick(['none', 'add', 'mul']) })[0]!);
    }
  }
}

function joining(c: CaseBuilder): void {
  const type = c.pick<ElementType>(['fp32', 'int8', 'int64', 'bool']);
  const shape = shapeOf(c, c.between(1, 4));
  const axis = c.between(0, shape.length - 1);
  if (c.isHeads()) {
    const parts = Array.from({ length: c.between(1, 4) }, () =>
      c.flow(c.values(type, shape.with(axis, c.between(1, 5)))),
    );
    c.output(c.node('Concat', parts, { axis: signed(c, axis, shape.length) })[0]!, type);
    return;
  }
  const sizes = Array.from({ length: c.between(1, 4) }, () => c.between(1, 4));
  const total = sizes.reduce((a, b) => a + b, 0);
  const x = c.flow(c.values(type, shape.with(axis, total)));
  for (const part of c.node('Split', [x, c.list(sizes)], { axis }, sizes.length)) c.output(part, type);
}

function slicing(c: CaseBuilder): void {
  const shape = shapeOf(c, c.between(1, 4), 8);
  const axes = shape.map((_, axis) => axis).filter(() => c.isHeads());
  if (axes.length === 0) axes.push(0);
  const ranges = axes.map((axis) => {
    const extent = shape[axis]!;
    const from = c.between(0, extent - 1);
    const to = c.between(from + 1, extent);
    const step = c.between(1, 3);
    return c.isHeads()
      ? { start: c.isHeads() ? from : from - extent, end: c.isHeads() ? to : 2 ** 31, step }
      : { start: to - 1, end: from === 0 ? -(2 ** 31) : from - 1 - (c.isHeads() ? extent : 0), step: -step };
  });
  const inputs = [
    c.flow(c.values('fp32', shape)),
    c.list(ranges.map(({ start }) => start)),
    c.list(ranges.map(({ end }) => end)),
    c.list(axes.map((axis) => signed(c, axis, shape.length))),
    c.list(ranges.map(({ step }) => step)),
  ];
  c.output(c.node('Slice', inputs)[0]!);
}

function padding(c: CaseBuilder): void {
  const mode = c.pick(['constant', 'constant', 'reflect', 'edge', 'wrap']);
  c.opset = mode === 'wrap' ? 19 : 17;
  const shape = Array.from({ length: c.between(1, 4) }, () => c.between(3, 6));
  const pads = [...shape, ...shape].map(() => (mode === 'constant' ? c.between(-1, 3) : c.between(0, 2)));
  const value = c.isHeads() && mode === 'constant' ? [c.scalar('fp32', 1.5)] : [];
  c.output(c.node('Pad', [c.flow(c.values('fp32', shape)), c.list(pads), ...value], { mode })[0]!);
}

function rearranging(c: CaseBuilder): void {
  const type = c.pick<ElementType>(['fp32', 'int8', 'int64']);
  switch (c.pick(['Transpose', 'Expand', 'Tile', 'SpaceToDepth', 'DepthToSpace'])) {
    case 'Transpose': {
      const shape = shapeOf(c, c.between(1, 5), 4);
      const order = shape.map((_, axis) => axis);
      for (let i = order.length - 1; i > 0; i--) {
        const j = c.between(0, i);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      const attributes: Attributes = c.rng.below(4) === 0 ? {} : { perm: order };
      c.output(c.node('Transpose', [c.flow(c.values(type, shape))], attributes)[0]!, type);
      return;
    }
    case 'Expand': {
      const [from, to] = broadcastShapes(c, 2);
      const wanted = to!.length === 0 ? [1] : to!;
      c.output(c.node('Expand', [c.flow(c.values(type, from!)), c.list(wanted)])[0]!, type);
      return;
    }
    case 'Tile': {
      const shape = shapeOf(c, c.between(1, 4), 3);
      const repeats = shape.map(() => c.between(1, 3));
      c.output(c.node('Tile', [c.flow(c.values(type, shape)), c.list(repeats)])[0]!, type);
      return;
    }
    case 'SpaceToDepth': {
      const block = c.between(1, 3);
      const shape = [c.between(1, 2), c.between(1, 3), block * c.between(1, 3), block * c.between(1, 3)];
      c.output(c.node('SpaceToDepth', [c.flow(c.values('fp32', shape))], { blocksize: block })[0]!);
      return;
    }
    default: {
      const block = c.between(1, 3);
      const shape = [c.between(1, 2), block * block * c.between(1, 3), c.between(1, 3), c.between(1, 3)];
      const attributes = { blocksize: block, mode: c.pick(['DCR', 'CRD']) };
      c.output(c.node('DepthToSpace', [c.flow(c.values('fp32', shape))], attributes)[0]!);
    }
  }
}

function viewing(c: CaseBuilder): void {
  const shape = shapeOf(c, 4, 4);
  const x = c.flow(c.values('fp32', shape));
  const put = (operator: string, more: readonly string[], attributes: Attributes = {}) =>
    c.output(c.node(operator, [x, ...more], attributes)[0]!);
  switch (c.pick(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout'])) {
    case 'Reshape':
      put('Reshape', [c.list(c.pick([[0, -1], [-1], [shape[0]! * shape[1]!, 0 + shape[2]!, -1], [0, 0, -1]]))]);
      return;
    case 'Flatten':
      put('Flatten', [], { axis: c.between(-3, 4) });
      return;
    case 'Squeeze': {
      const ones = c.flow(c.values('fp32', [1, shape[0]!, 1, shape[1]!]));
      c.output(c.node('Squeeze', c.isHeads() ? [ones, c.list([0])] : [ones, c.list([-2, 0])])[0]!);
      c.output(c.node('Identity', [x])[0]!);
      return;
    }
    case 'Unsqueeze':
      put('Unsqueeze', [c.list(c.pick([[0], [-1], [1, 3], [-1, 0]]))]);
      return;
    case 'Identity':
      put('Identity', []);
      return;
    default:
      put('Dropout', []);
  }
}

function casting(c: CaseBuilder): void {
  const from = c.pick<ElementType>(['fp32', 'int8', 'uint8', 'int32', 'int64', 'bool']);
  const to = c.pick<readonly [ElementType, number]>([
    ['fp32', 1],
    ['int8', 3],
    ['int32', 6],
    ['int64', 7],
    ['bool', 9],
    ['uint8', 2],
  ]);
  const values =
    to[0] === 'uint8' && from === 'fp32' ? c.values(from, shapeOf(c, 2), 0, 200) : c.values(from, shapeOf(c, 2));
  c.output(c.node('Cast', [c.flow(values)], { to: to[1] })[0]!, to[0]);
}

function resampling(c: CaseBuilder): void {
  c.opset = 19;
  const mode = c.pick(['nearest', 'linear', 'cubic']);
  const coordinates = c.pick(['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric']);
  const spatial = [c.between(2, 6), c.between(2, 6)];
  const shape = [1, c.between(1, 3), ...spatial];
  // Factors whose quotients a float holds exactly: a place half way is half way for everyone.
  const factor = c.pick([0.5, 2, 4]);
  const isSized = coordinates === 'align_corners' && mode !== 'nearest';
  const even = spatial.map((extent) => (factor === 0.5 ? 2 * extent : extent));
  const from = [shape[0]!, shape[1]!, ...even];
  const sizes = isSized
    ? [shape[0]!, shape[1]!, c.between(1, 9), c.between(1, 9)]
    : from.map((extent, i) => (i < 2 ? extent : extent * factor));
  const attributes: Record<string, string | { readonly real: number }> = {
    mode,
    coordinate_transformation_mode: coordinates,
  };
  if (mode === 'nearest')
    attributes.nearest_mode = c.pick(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil']);
  if (mode === 'cubic' && c.isHeads()) attributes.cubic_coeff_a = real(-0.5);
  const x = c.flow(c.values('fp32', from));
  if (!isSized && c.isHeads()) {
    const scales = c.constant(tensorOf('fp32', [4], [1, 1, factor, factor]));
    c.output(c.node('Resize', [x, '', scales], attributes)[0]!);
  } else c.output(c.node('Resize', [x, '', '', c.list(sizes)], attributes)[0]!);
}

function reducing(c: CaseBuilder): void {
  const operator = c.pick([
    'ReduceMean',
    'ReduceSum',
    'ReduceMax',
    'ReduceMin',
    'ReduceProd',
    'ReduceL1',
    'ReduceL2',
    'ReduceSumSquare',
    'ReduceLogSum',
    'ReduceLogSumExp',
  ]);
  c.opset = 18;
  const shape = shapeOf(c, c.between(1, 4), 5);
  const axes = shape.map((_, axis) => axis).filter(() => c.isHeads());
  const x = c.flow(operator === 'ReduceLogSum' ? c.values('fp32', shape, 0.1, 4) : c.values('fp32', shape));
  const inputs = axes.length > 0 ? [x, c.list(axes.map((axis) => signed(c, axis, shape.length)))] : [x];
  c.output(c.node(operator, inputs, { keepdims: c.rng.below(2) })[0]!);
}

function searching(c: CaseBuilder): void {
  const shape = shapeOf(c, c.between(1, 4));
  const axis = c.between(0, shape.length - 1);
  // Few values, so that equal ones occur.
  const x = c.flow(c.values('int32', shape, -3, 3));
  const operator = c.pick(['ArgMax', 'ArgMin', 'TopK', 'CumSum']);
  if (operator === 'TopK') {
    const k = c.list([c.between(1, shape[axis]!)]);
    const attributes = { axis: signed(c, axis, shape.length), largest: c.rng.below(2) };
    const [values, indices] = c.node('TopK', [c.flow(c.values('fp32', shape)), k], attributes, 2);
    c.output(values!);
    c.output(indices!, 'int64');
    c.output(c.node('Identity', [x])[0]!, 'int32');
  } else if (operator === 'CumSum') {
    const at = c.scalar('int64', signed(c, axis, shape.length));
    c.output(c.node('CumSum', [x, at], { exclusive: c.rng.below(2), reverse: c.rng.below(2) })[0]!, 'int32');
  } else {
    const attributes = {
      axis: signed(c, axis, shape.length),
      keepdims: c.rng.below(2),
      select_last_index: c.rng.below(2),
    };
    c.output(c.node(operator, [x], attributes)[0]!, 'int64');
  }
}

function recurrence(c: CaseBuilder): void {
  const operator = c.pick(['LSTM', 'GRU', 'RNN']);
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[operator as 'LSTM'];
  const [steps, batch, features, hidden] = [c.between(1, 6), c.between(1, 3), c.between(1, 5), c.between(1, 5)];
  const direction = c.pick(['forward', 'reverse', 'bidirectional']);
  const directions = direction === 'bidirectional' ? 2 : 1;
  const small = (shape: readonly number[]) => c.values('fp32', shape, -0.7, 0.7);
  const hasState = c.isHeads();
  const state = () =>
    c.isHeads() ? c.constant(small([directions, batch, hidden])) : c.flow(small([directions, batch, hidden]));
  const inputs = [
    c.flow(c.values('fp32', [steps, batch, features])),
    c.constant(small([directions, gates * hidden, features])),
    c.constant(small([directions, gates * hidden, hidden])),
    c.isHeads() ? c.constant(small([directions, 2 * gates * hidden])) : '',
    '',
    ...(hasState ? [state(), ...(operator === 'LSTM' ? [state()] : [])] : []),
  ];
  const attributes: Record<string, number | string | readonly string[]> = { hidden_size: hidden, direction };
  if (operator === 'GRU') attributes.linear_before_reset = c.rng.below(2);
  if (operator === 'RNN' && c.isHeads()) attributes.activations = Array<string>(directions).fill('Relu');
  for (const name of c.node(operator, inputs, attributes, operator === 'LSTM' ? 3 : 2)) c.output(name);
}

function quantising(c: CaseBuilder): void {
  const shape = shapeOf(c, c.between(2, 4));
  const axis = c.between(0, shape.length - 1);
  const isPerChannel = c.isHeads();
  const of = isPerChannel ? [shape[axis]!] : [];
  const type = c.pick<ElementType>(['uint8', 'int8']);
  const scale = quantity(c, of, 0.01, 0.05);
  const zero = c.constant(c.values(type, of, 0, 100));
  const attributes: Attributes = isPerChannel ? { axis: signed(c, axis, shape.length) } : {};
  switch (c.pick(['QuantizeLinear', 'DequantizeLinear', 'DynamicQuantizeLinear'])) {
    case 'QuantizeLinear': {
      const isTyped = c.isHeads();
      const x = c.flow(c.values('fp32', shape, -4, 4));
      c.output(
        c.node('QuantizeLinear', isTyped ? [x, scale, zero] : [x, scale], attributes)[0]!,
        isTyped ? type : 'uint8',
      );
      return;
    }
    case 'DequantizeLinear': {
      const x = c.flow(c.values(type, shape));
      c.output(c.node('DequantizeLinear', c.isHeads() ? [x, scale, zero] : [x, scale], attributes)[0]!);
      return;
    }
    default: {
      const [low, high] = c.pick([
        [-4, 4],
        [0.5, 3],
        [-3, -1],
      ] as const);
      const [values, step, zeroPoint] = c.node(
        'DynamicQuantizeLinear',
        [c.flow(c.values('fp32', shape, low, high))],
        {},
        3,
      );
      c.output(values!, 'uint8');
      c.output(step!);
      c.output(zeroPoint!, 'uint8');
    }
  }
}

function microsoft(c: CaseBuilder): void {
  const type = c.pick<ElementType>(['uint8', 'int8']);
  const zero = () => c.scalar(type, type === 'int8' ? c.between(-20, 20) : c.between(100, 150));
  const shape = shapeOf(c, 4, 5);
  const x = () => c.flow(c.values(type, shape));
  const operator = c.pick(['QLinearAdd', 'QLinearMul', 'QLinearSigmoid', 'QLinearLeakyRelu']);
  const isBinary = operator === 'QLinearAdd' || operator === 'QLinearMul';
  const inputs = [x(), quantity(c), zero(), ...(isBinary ? [x(), quantity(c), zero()] : []), quantity(c), zero()];
  c.output(c.node(operator, inputs, {}, 1, MICROSOFT)[0]!, type);
}

function quantisedMeans(c: CaseBuilder): void {
  const type = c.pick<ElementType>(['uint8', 'int8']);
  const zero = () => c.scalar(type, type === 'int8' ? c.between(-20, 20) : c.between(100, 150));
  const x = c.flow(c.values(type, [c.between(1, 2), c.between(1, 9), c.between(1, 7), c.between(1, 7)]));
  c.output(
    c.node('QLinearGlobalAveragePool', [x, quantity(c), zero(), quantity(c), zero()], {}, 1, MICROSOFT)[0]!,
    type,
  );
}

function quantisedGemm(c: CaseBuilder): void {
  const [m, k, n] = [c.between(1, 7), c.between(1, 30), c.between(1, 7)];
  const transB = c.rng.below(2);
  const isPerColumn = c.isHeads();
  const inputs = [
    c.flow(c.values('uint8', [m, k])),
    quantity(c),
    c.scalar('uint8', c.between(100, 150)),
    c.constant(c.values('int8', transB === 1 ? [n, k] : [k, n])),
    quantity(c, isPerColumn ? [n] : []),
    isPerColumn ? c.constant(c.values('int8', [n], 0, 0)) : c.scalar('int8', 0),
    c.isHeads() ? c.constant(c.values('int32', [n], -5000, 5000)) : '',
    quantity(c, [], 0.05, 0.3),
    c.scalar('uint8', c.between(100, 150)),
  ];
  c.output(c.node('QGemm', inputs, { transB, alpha: real(1) }, 1, MICROSOFT)[0]!, 'uint8');
}

function fusedProduct(c: CaseBuilder): void {
  const [m, k, n] = [c.between(1, 7), c.between(1, 9), c.between(1, 7)];
  const [transA, transB] = [c.rng.below(2), c.rng.below(2)];
  const lead = shapeOf(c, c.between(0, 2), 3);
  const a = c.flow(c.values('fp32', [...lead, ...(transA === 1 ? [k, m] : [m, k])]));
  const b = c.flow(c.values('fp32', [...lead, ...(transB === 1 ? [n, k] : [k, n])]));
  c.output(c.node('FusedMatMul', [a, b], { transA, transB, alpha: real(c.isHeads() ? 1 : 0.25) }, 1, MICROSOFT)[0]!);
}

const ROUNDING =
  'the standard has no such operator; ONNX Runtime forms scaled sums or looks results up in fp32 tables, which may round a tie the other way: one step';

export const GENERATORS: readonly Generator[] = [
  { title: 'Conv', types: ['conv', 'depthwise-conv'], tolerance: FLOAT, make: convolution },
  { title: 'ConvTranspose', types: ['conv-transpose'], tolerance: FLOAT, make: transposedConvolution },
  { title: 'ConvInteger', types: ['conv', 'depthwise-conv'], tolerance: 0, make: integerConvolution },
  { title: 'QLinearConv', types: ['conv', 'depthwise-conv'], tolerance: 0, make: quantisedConvolution },
  { title: 'MatMul', types: ['dense', 'matmul', 'batched-matmul'], tolerance: FLOAT, make: matrixProduct },
  { title: 'Gemm', types: ['dense', 'gemm'], tolerance: FLOAT, make: generalProduct },
  { title: 'FusedMatMul', types: ['gemm', 'matmul', 'batched-matmul'], tolerance: FLOAT, make: fusedProduct },
  { title: 'Einsum', types: ['einsum'], tolerance: FLOAT, make: contraction },
  { title: 'MatMulInteger', types: ['dense', 'matmul'], tolerance: 0, make: integerProduct },
  { title: 'QLinearMatMul', types: ['dense', 'matmul'], tolerance: 0, make: quantisedProduct },
  { title: 'QGemm', types: ['dense'], tolerance: 0, make: quantisedGemm },
  { title: 'arithmetic', types: ['elementwise'], tolerance: FLOAT, make: arithmetic },
  { title: 'bits', types: ['elementwise'], tolerance: 0, make: bitwise },
  { title: 'comparison', types: ['compare'], tolerance: 0, make: comparison },
  { title: 'Where', types: ['where'], tolerance: 0, make: selection },
  { title: 'functions of one element', types: ['activation'], tolerance: FLOAT, make: activation(), share: 7 },
  { title: 'PRelu', types: ['prelu'], tolerance: FLOAT, make: slopes },
  { title: 'pools', types: ['pool'], tolerance: FLOAT, make: pooling },
  {
    title: 'normalisations',
    types: ['batch-norm', 'layer-norm', 'rms-norm', 'group-norm', 'instance-norm', 'lrn'],
    tolerance: FLOAT,
    make: normalisation,
    share: 2,
  },
  { title: 'Softmax', types: ['softmax'], tolerance: FLOAT, make: softmax },
  { title: 'Gather and Scatter', types: ['gather', 'embedding', 'scatter'], tolerance: FLOAT, make: lookup, share: 2 },
  { title: 'Concat and Split', types: ['concat', 'split'], tolerance: 0, make: joining },
  { title: 'Slice', types: ['slice'], tolerance: 0, make: slicing },
  { title: 'Pad', types: ['pad'], tolerance: 0, make: padding },
  {
    title: 'Transpose, Expand, Tile, blocks',
    types: ['transpose', 'expand', 'tile', 'space-to-depth', 'depth-to-space'],
    tolerance: 0,
    make: rearranging,
    share: 2,
  },
  {
    title: 'views',
    types: ['reshape', 'flatten', 'squeeze', 'unsqueeze', 'identity', 'dropout'],
    tolerance: 0,
    make: viewing,
  },
  { title: 'Cast', types: ['cast'], tolerance: 0, make: casting },
  { title: 'Resize', types: ['resize'], tolerance: FLOAT, make: resampling },
  { title: 'reductions', types: ['reduce'], tolerance: FLOAT, make: reducing },
  {
    title: 'ArgMax, TopK, CumSum',
    types: ['arg-reduce', 'top-k', 'cumulative-sum', 'identity'],
    tolerance: 0,
    make: searching,
  },
  { title: 'LSTM, GRU, RNN', types: ['lstm', 'gru', 'rnn'], tolerance: FLOAT, make: recurrence },
  { title: 'QuantizeLinear', types: ['quantize', 'dequantize', 'dynamic-quantize'], tolerance: 0, make: quantising },
  { title: 'QLinearGlobalAveragePool', types: ['pool'], tolerance: 0, make: quantisedMeans },
  { title: 'QLinearAdd and kin', types: ['elementwise', 'activation'], tolerance: 1, quirk: ROUNDING, make: microsoft },
];
