/** Functions of one element. Source: ONNX operators of the same names (Relu-14, Gelu-20, HardSwish-22, …). */
import { err } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { product } from '#core/catalog/operators/common.ts';
import { booleanOf, integerOf, textOf } from '#core/catalog/parameter.ts';
import { roundHalfEven } from '../rounding.ts';
import { done, type Evaluators, operand, resultArray } from './call.ts';
import { dequantised, requantise } from './quantised.ts';

type Unary = (x: number) => number;

/** 2/√π·e^(−x²)·Σ 2ⁿx²ⁿ⁺¹/(2n+1)!!, all terms of one sign (Abramowitz & Stegun, 7.1.6). */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (Math.abs(x) >= 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export const sigmoid: Unary = (x) => 1 / (1 + Math.exp(-x));
export const softplus: Unary = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

/** `alpha` and `beta` mean what each function's definition calls so: slope, offset, scale, threshold. */
const FUNCTIONS: Readonly<Record<string, (alpha: number, beta: number, p: ParameterValues) => Unary>> = {
  relu: () => (x) => Math.max(x, 0),
  relu6: () => (x) => clamp(x, 0, 6),
  'leaky-relu': (alpha) => (x) => (x < 0 ? alpha * x : x),
  'thresholded-relu': (alpha) => (x) => (x > alpha ? x : 0),
  clip: (_, __, p) => {
    const low = integerOf(p, 'minimum', -3.4e38);
    const high = integerOf(p, 'maximum', 3.4e38);
    // ONNX Clip-13: where the limits cross, everything is the upper one.
    return (x) => Math.min(Math.max(x, low), high);
  },
  'hard-sigmoid': (alpha, beta) => (x) => clamp(alpha * x + beta, 0, 1),
  'hard-swish': () => (x) => x * clamp(x / 6 + 0.5, 0, 1),
  abs: () => Math.abs,
  neg: () => (x) => -x,
  sign: () => Math.sign,
  not: () => (x) => (x === 0 ? 1 : 0),
  floor: () => Math.floor,
  ceil: () => Math.ceil,
  round: () => roundHalfEven,
  'is-nan': () => (x) => (Number.isNaN(x) ? 1 : 0),
  'is-inf': () => (x) => (Math.abs(x) === Number.POSITIVE_INFINITY ? 1 : 0),
  shrink: (threshold, bias) => (x) => (x < -threshold ? x + bias : x > threshold ? x - bias : 0),
  gelu: (_, __, p) =>
    booleanOf(p, 'approximate')
      ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
      : (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  silu: () => (x) => x * sigmoid(x),
  'quick-gelu': (alpha) => (x) => x * sigmoid(alpha * x),
  sigmoid: () => sigmoid,
  tanh: () => Math.tanh,
  elu: (alpha) => (x) => (x < 0 ? alpha * Math.expm1(x) : x),
  selu: (alpha, gamma) => (x) => gamma * (x <= 0 ? alpha * Math.expm1(x) : x),
  celu: (alpha) => (x) => Math.max(x, 0) + Math.min(0, alpha * Math.expm1(x / alpha)),
  softplus: () => softplus,
  softsign: () => (x) => x / (1 + Math.abs(x)),
  mish: () => (x) => x * Math.tanh(softplus(x)),
  erf: () => erf,
  exp: () => Math.exp,
  log: () => Math.log,
  sqrt: () => Math.sqrt,
  reciprocal: () => (x) => 1 / x,
  sin: () => Math.sin,
  cos: () => Math.cos,
  tan: () => Math.tan,
  asin: () => Math.asin,
  acos: () => Math.acos,
  atan: () => Math.atan,
  sinh: () => Math.sinh,
  cosh: () => Math.cosh,
  asinh: () => Math.asinh,
  acosh: () => Math.acosh,
  atanh: () => Math.atanh,
};

/** The function an `activation` with these parameters applies, or null when its name is not known. */
export function activationFunction(p: ParameterValues): Unary | null {
  const made = FUNCTIONS[textOf(p, 'function', 'relu')];
  return made ? made(integerOf(p, 'alpha', 0.01), integerOf(p, 'beta', 0.5), p) : null;
}

export const ACTIVATION: Evaluators = {
  activation(call) {
    const apply = activationFunction(call.parameters);
    if (!apply) return err(`function '${textOf(call.parameters, 'function')}' is not known`);
    const isRequantised = textOf(call.parameters, 'arithmetic') === 'requantised';
    const x = operand(call);
    const from = isRequantised ? dequantised(call, 'input', x) : x.data;
    const result = resultArray(call);
    const made = isRequantised ? new Float32Array(result.length) : result;
    for (let i = 0; i < made.length; i++) made[i] = apply(from[i]!);
    if (isRequantised) requantise(call, result, made);
    return done(result);
  },
  prelu(call) {
    const { data, type } = operand(call);
    const slope = call.weight('slope').data;
    const made = resultArray(call);
    const channels = slope.length;
    const positions = product(type.shape, 2);
    for (let i = 0; i < made.length; i++) {
      const x = data[i]!;
      made[i] = x < 0 ? x * slope[channels === 1 ? 0 : Math.floor(i / positions) % channels]! : x;
    }
    return done(made);
  },
};
