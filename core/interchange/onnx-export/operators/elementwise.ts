/** Arithmetic, comparisons and functions of one element. */
import { booleanOf, integerOf, textOf } from '#core/catalog/parameter.ts';
import type { NodeToWrite } from '../writer.ts';
import {
  type Encoder,
  first,
  float,
  integer,
  isPlain,
  isRequantised,
  linked,
  node,
  p,
  quantised,
  text,
} from './site.ts';

export const ELEMENTWISE: Readonly<Record<string, string>> = {
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

export const elementwise: Encoder = (site) => {
  const operation = textOf(p(site), 'operation', 'add');
  const operator = ELEMENTWISE[operation];
  const inputs = linked(site);
  if (isRequantised(site) && inputs.length === 2 && (operation === 'add' || operation === 'mul'))
    return quantised(site, operation === 'add' ? 'QLinearAdd' : 'QLinearMul', ['operand 1', 'operand 2']);
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

export const COMPARE: Readonly<Record<string, string>> = {
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
export const PLAIN_FUNCTIONS: Readonly<Record<string, string>> = {
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

export const activation: Encoder = (site) => {
  const kind = textOf(p(site), 'function', 'relu');
  const alpha = float('alpha', integerOf(p(site), 'alpha', 0.01));
  if (isRequantised(site) && kind === 'sigmoid') return quantised(site, 'QLinearSigmoid', ['input']);
  if (isRequantised(site) && kind === 'leaky-relu') return quantised(site, 'QLinearLeakyRelu', ['input'], [alpha]);
  if (!isPlain(site)) return null;
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
