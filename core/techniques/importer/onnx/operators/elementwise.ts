/** Arithmetic, comparisons, activations. Before opset 7 a second operand was aligned by an `axis` attribute. */
import type { ParameterValues } from '#core/base/value.ts';
import { type Call, valuesAt } from '../fold.ts';
import { finite, type Mapper, type Mappers, shapeAt, simple } from '../mapping.ts';
import type { Value } from '../values.ts';

/** `[C]` added along axis 1 of `[N, C, H, W]` reads as `[C, 1, 1]` under today's broadcasting. */
function aligned(call: Call): readonly (Value | null)[] {
  const [a = null, b = null] = call.inputs;
  const axis = call.attributes.integer('axis', -1);
  const rank = shapeAt(call, 0)?.length;
  if (call.opset >= 7 || axis < 0 || b?.kind !== 'constant' || rank === undefined) return call.inputs;
  const trailing = rank - axis - b.type.shape.length;
  if (trailing < 1) return call.inputs;
  const shape = [...b.type.shape, ...new Array<number>(trailing).fill(1)];
  return [a, { ...b, type: { ...b.type, shape } }];
}

function arithmetic(operation: string): Mapper {
  return (call) => ({ type: 'elementwise', parameters: { operation }, inputs: aligned(call) });
}

function comparison(operation: string): Mapper {
  return (call) => ({ type: 'compare', parameters: { operation }, inputs: aligned(call) });
}

function activation(id: string, parameters: (call: Call) => ParameterValues = () => ({})): Mapper {
  return simple('activation', (call) => ({ function: id, ...parameters(call) }));
}

const alpha = (fallback: number) => (call: Call) => ({ alpha: call.attributes.float('alpha', fallback) });

const clip: Mapper = (call) => {
  const lowest = call.attributes.has('min') ? call.attributes.float('min', -3.4e38) : valuesAt(call.inputs, 1)?.[0];
  const highest = call.attributes.has('max') ? call.attributes.float('max', 3.4e38) : valuesAt(call.inputs, 2)?.[0];
  const minimum = finite(lowest, -3.4e38);
  const maximum = finite(highest, 3.4e38);
  const parameters: ParameterValues =
    minimum === 0 && maximum === 6 ? { function: 'relu6' } : { function: 'clip', minimum, maximum };
  return { type: 'activation', parameters, inputs: [call.inputs[0] ?? null] };
};

const quantisedSum =
  (operation: string): Mapper =>
  (call) => ({
    type: 'elementwise',
    parameters: { operation },
    inputs: [call.inputs[0] ?? null, call.inputs[3] ?? null],
  });

export const ELEMENTWISE: Mappers = {
  Add: arithmetic('add'),
  Sub: arithmetic('sub'),
  Mul: arithmetic('mul'),
  Div: arithmetic('div'),
  Pow: arithmetic('pow'),
  Mod: arithmetic('mod'),
  Sum: arithmetic('add'),
  Max: arithmetic('max'),
  Min: arithmetic('min'),
  Mean: arithmetic('mean'),
  BitwiseAnd: arithmetic('bit-and'),
  BitwiseOr: arithmetic('bit-or'),
  BitwiseXor: arithmetic('bit-xor'),
  BitShift: (call) => arithmetic(call.attributes.text('direction') === 'LEFT' ? 'shift-left' : 'shift-right')(call),
  Equal: comparison('equal'),
  Less: comparison('less'),
  LessOrEqual: comparison('less-or-equal'),
  Greater: comparison('greater'),
  GreaterOrEqual: comparison('greater-or-equal'),
  And: comparison('and'),
  Or: comparison('or'),
  Xor: comparison('xor'),
  Where: (call) => ({ type: 'where', parameters: {}, inputs: call.inputs }),
  QLinearAdd: quantisedSum('add'),
  QLinearMul: quantisedSum('mul'),
};

export const ACTIVATION: Mappers = {
  Relu: activation('relu'),
  LeakyRelu: activation('leaky-relu', alpha(0.01)),
  ThresholdedRelu: activation('thresholded-relu', alpha(1)),
  Clip: clip,
  HardSigmoid: activation('hard-sigmoid', (call) => ({
    alpha: call.attributes.float('alpha', 0.2),
    beta: call.attributes.float('beta', 0.5),
  })),
  HardSwish: activation('hard-swish'),
  Abs: activation('abs'),
  Neg: activation('neg'),
  Sign: activation('sign'),
  Not: activation('not'),
  Floor: activation('floor'),
  Ceil: activation('ceil'),
  Round: activation('round'),
  IsNaN: activation('is-nan'),
  IsInf: activation('is-inf'),
  Shrink: activation('shrink'),
  Gelu: activation('gelu', (call) => ({ approximate: call.attributes.text('approximate') === 'tanh' })),
  FastGelu: activation('gelu', () => ({ approximate: true })),
  QuickGelu: activation('silu', alpha(1.702)),
  Swish: activation('silu'),
  Silu: activation('silu'),
  Sigmoid: activation('sigmoid'),
  Tanh: activation('tanh'),
  Elu: activation('elu', alpha(1)),
  Selu: activation('selu', (call) => ({
    alpha: call.attributes.float('alpha', 1.67326),
    beta: call.attributes.float('gamma', 1.0507),
  })),
  Celu: activation('celu', alpha(1)),
  Softplus: activation('softplus'),
  Softsign: activation('softsign'),
  Mish: activation('mish'),
  Erf: activation('erf'),
  Exp: activation('exp'),
  Log: activation('log'),
  Sqrt: activation('sqrt'),
  Reciprocal: activation('reciprocal'),
  Sin: activation('sin'),
  Cos: activation('cos'),
  Tan: activation('tan'),
  Asin: activation('asin'),
  Acos: activation('acos'),
  Atan: activation('atan'),
  Sinh: activation('sinh'),
  Cosh: activation('cosh'),
  Asinh: activation('asinh'),
  Acosh: activation('acosh'),
  Atanh: activation('atanh'),
  QLinearSigmoid: activation('sigmoid'),
  QLinearLeakyRelu: activation('leaky-relu', alpha(0.01)),
  PRelu(call) {
    const slope = call.inputs[1];
    if (slope?.kind !== 'constant') return null;
    const elements = slope.type.shape.reduce((total, extent) => total * extent, 1);
    return {
      type: 'prelu',
      parameters: { perChannel: elements > 1 },
      inputs: [call.inputs[0] ?? null],
      weight: slope,
    };
  },
};
