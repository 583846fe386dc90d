/** Arithmetic, comparisons, activations. Before opset 7 a second operand was aligned by an `axis` attribute. */
import type { ParameterValues } from '#core/base/value.ts';
import { type Call, valuesAt } from '../fold.ts';
import { constantAt, finite, isGiven, type Mapper, type Mappers, quantities, shapeAt, simple } from '../mapping.ts';
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

/** `why` where the call is not what the drawn function computes. */
const unless =
  (mapper: Mapper, why: (call: Call) => string | null): Mapper =>
  (call) => {
    const made = mapper(call);
    return made && { ...made, deviation: why(call) };
  };

const alpha = (fallback: number) => (call: Call) => ({ alpha: call.attributes.float('alpha', fallback) });

const clip: Mapper = (call) => {
  const lowest = call.attributes.has('min') ? call.attributes.float('min', -3.4e38) : valuesAt(call.inputs, 1)?.[0];
  const highest = call.attributes.has('max') ? call.attributes.float('max', 3.4e38) : valuesAt(call.inputs, 2)?.[0];
  const minimum = finite(lowest, -3.4e38);
  const maximum = finite(highest, 3.4e38);
  const parameters: ParameterValues =
    minimum === 0 && maximum === 6 ? { function: 'relu6' } : { function: 'clip', minimum, maximum };
  const isUnknown = [1, 2].some((at) => isGiven(call, at) && !valuesAt(call.inputs, at));
  return {
    type: 'activation',
    parameters,
    inputs: [call.inputs[0] ?? null],
    deviation: isUnknown ? 'its limits are computed' : null,
  };
};

const quantisedSum =
  (operation: string): Mapper =>
  (call) => {
    const elementType = call.inputs[0]?.type?.elementType ?? 'uint8';
    return {
      type: 'elementwise',
      parameters: { operation, arithmetic: 'requantised' },
      inputs: [call.inputs[0] ?? null, call.inputs[3] ?? null],
      weights: quantities(call, [
        { name: 'operand 1', scale: 1, zeroPoint: 2, shape: [], elementType },
        { name: 'operand 2', scale: 4, zeroPoint: 5, shape: [], elementType },
        { name: 'output', scale: 6, zeroPoint: 7, shape: [], elementType },
      ]),
    };
  };

const quantisedActivation =
  (id: string, parameters: (call: Call) => ParameterValues = () => ({})): Mapper =>
  (call) => {
    const elementType = call.inputs[0]?.type?.elementType ?? 'uint8';
    return {
      type: 'activation',
      parameters: { function: id, arithmetic: 'requantised', ...parameters(call) },
      inputs: [call.inputs[0] ?? null],
      weights: quantities(call, [
        { name: 'input', scale: 1, zeroPoint: 2, shape: [], elementType },
        { name: 'output', scale: 3, zeroPoint: 4, shape: [], elementType },
      ]),
    };
  };

export const ELEMENTWISE: Mappers = {
  Add: arithmetic('add'),
  Sub: arithmetic('sub'),
  Mul: arithmetic('mul'),
  Div: arithmetic('div'),
  Pow: arithmetic('pow'),
  // fmod takes the sign of the dividend; of integers that differs from what is drawn.
  Mod: unless(arithmetic('mod'), (call) =>
    call.attributes.integer('fmod', 0) === 1 && call.inputs[0]?.type?.elementType.includes('int')
      ? 'its remainders take the sign of the dividend (fmod = 1)'
      : null,
  ),
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
  IsInf: unless(activation('is-inf'), (call) =>
    call.attributes.integer('detect_negative', 1) + call.attributes.integer('detect_positive', 1) === 2
      ? null
      : 'it looks for one sign of infinity only',
  ),
  Shrink: activation('shrink', (call) => ({
    alpha: call.attributes.float('lambd', 0.5),
    beta: call.attributes.float('bias', 0),
  })),
  Gelu: activation('gelu', (call) => ({ approximate: call.attributes.text('approximate') === 'tanh' })),
  FastGelu: unless(
    activation('gelu', () => ({ approximate: true })),
    (call) => (isGiven(call, 1) ? 'its bias is not drawn' : null),
  ),
  QuickGelu: activation('quick-gelu', alpha(1.702)),
  Swish: (call) =>
    call.attributes.float('alpha', 1) === 1 ? activation('silu')(call) : activation('quick-gelu', alpha(1))(call),
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
  QLinearSigmoid: quantisedActivation('sigmoid'),
  QLinearLeakyRelu: quantisedActivation('leaky-relu', alpha(0.01)),
  PRelu(call) {
    const slope = call.inputs[1];
    if (slope?.kind !== 'constant') return null;
    const { shape } = slope.type;
    const elements = shape.reduce((total, extent) => total * extent, 1);
    // A slope is drawn a channel: axis 1 of the input, whatever stands behind it is 1.
    const rank = shapeAt(call, 0)?.length ?? 0;
    const isChannels = call.opset < 7 || shape.length === 0 || shape.at(-Math.max(rank - 1, 1)) === elements;
    return {
      type: 'prelu',
      parameters: { perChannel: elements > 1 },
      inputs: [call.inputs[0] ?? null],
      weight: slope,
      weights: { slope: constantAt(call, 1) },
      deviation: elements > 1 && !isChannels ? 'its slopes do not lie along the channels' : null,
    };
  },
};
