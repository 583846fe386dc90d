/** Windows reduced to one value. Source: ONNX operators, MaxPool-22, AveragePool-22, LpPool-22 and their global forms. */
import { err } from '#core/base/result.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { product } from '#core/catalog/operators/common.ts';
import { slide, type Window } from '#core/catalog/operators/window.ts';
import { booleanOf, integerOf, textOf } from '#core/catalog/parameter.ts';
import { offsetsOf, stridesOf } from '../indexing.ts';
import { type NumberArray, numberArray } from '../values.ts';
import { type Call, done, type Evaluate, type Evaluators, operand, resultArray, resultType } from './call.ts';
import { dequantised, quantised, requantise } from './quantised.ts';

/** The places of one window inside the input, and how many there are with the padding. */
interface Region {
  readonly places: readonly number[];
  readonly padded: number;
}

/** The window at every position of the result, row-major. */
function regionsOf(spatial: readonly number[], window: Window): readonly Region[] {
  const strides = stridesOf(spatial);
  // For each axis and position: the indices inside, and the count inside input and padding.
  const axes = spatial.map((extent, axis) =>
    Array.from({ length: window.result[axis]! }, (_, position) => {
      const begin = window.begins[axis]!;
      const first = position * window.strides[axis]! - begin;
      const taps = Array.from({ length: window.kernel[axis]! }, (__, tap) => first + tap * window.dilations[axis]!);
      return {
        inside: taps.filter((at) => at >= 0 && at < extent).map((at) => at * strides[axis]!),
        // A last window that reaches beyond the padding (rounding up) ends where the padding ends.
        padded: taps.filter((at) => at < extent + window.ends[axis]!).length,
      };
    }),
  );
  const indices = offsetsOf(window.result, stridesOf(window.result));
  const steps = stridesOf(window.result);
  return Array.from(indices, (flat) => {
    let places = [0];
    let padded = 1;
    for (const [axis, list] of axes.entries()) {
      const at = list[Math.floor(flat / steps[axis]!) % window.result[axis]!]!;
      places = places.flatMap((place) => at.inside.map((more) => place + more));
      padded *= at.padded;
    }
    return { places, padded };
  });
}

/** One region for everything. */
function whole(spatial: readonly number[]): readonly Region[] {
  const count = product(spatial);
  return [{ places: Array.from({ length: count }, (_, i) => i), padded: count }];
}

type Reduce = (from: ArrayLike<number>, base: number, region: Region) => number;

function reducer(call: Call): Reduce | null {
  const isPaddingCounted = booleanOf(call.parameters, 'countPadding');
  const order = integerOf(call.parameters, 'order', 2);
  switch (textOf(call.parameters, 'operation', 'max')) {
    case 'max':
      return (from, base, { places }) => places.reduce((best, at) => Math.max(best, from[base + at]!), -Infinity);
    case 'average':
      return (from, base, { places, padded }) => {
        const sum = places.reduce((total, at) => total + from[base + at]!, 0);
        return sum / (isPaddingCounted ? padded : places.length);
      };
    case 'norm':
      return (from, base, { places }) =>
        places.reduce((total, at) => total + Math.abs(from[base + at]!) ** order, 0) ** (1 / order);
    default:
      return null;
  }
}

/** Where in the whole tensor each maximum lies: the first of equals. */
function indicesOf(type: TensorType, from: NumberArray, maxima: NumberArray, regions: readonly Region[], size: number) {
  const made = numberArray(type.elementType, product(type.shape));
  for (let i = 0; i < made.length; i++) {
    const base = Math.floor(i / regions.length) * size;
    const at = regions[i % regions.length]!.places.find((place) => from[base + place] === maxima[i]);
    made[i] = base + (at ?? 0);
  }
  return made;
}

/** A whole plane of integers is summed exactly and scaled once (com.microsoft, QLinearGlobalAveragePool-1). */
function integerMeans(call: Call, into: NumberArray, size: number): void {
  const { data } = operand(call);
  const zero = call.weight('input zero point').data[0]!;
  const outputScale = call.weight('output scale').data[0]!;
  const outputZero = call.weight('output zero point').data[0]!;
  const factor = Math.fround(call.weight('input scale').data[0]! / Math.fround(outputScale * size));
  for (let i = 0; i < into.length; i++) {
    let sum = 0;
    for (let at = i * size; at < (i + 1) * size; at++) sum += data[at]! - zero;
    into[i] = quantised(Math.fround(Math.fround(sum) * factor), outputZero, resultType(call).elementType);
  }
}

const pool: Evaluate = (call) => {
  const p = call.parameters;
  const x = operand(call);
  const spatial = x.type.shape.slice(2);
  const isGlobal = booleanOf(p, 'global');
  const window = isGlobal ? null : slide(spatial, p, booleanOf(p, 'ceilMode'));
  if (window && !window.ok) return window;
  const regions = window ? regionsOf(spatial, window.value) : whole(spatial);
  const size = product(spatial);
  const made = resultArray(call);
  const arithmetic = textOf(p, 'arithmetic', 'plain');
  if (arithmetic === 'integer') return err('a pool has no second operand to multiply with');
  if (arithmetic === 'requantised' && isGlobal && textOf(p, 'operation') === 'average') {
    integerMeans(call, made, size);
    return done(made);
  }
  const reduce = reducer(call);
  if (!reduce) return err(`operation '${textOf(p, 'operation')}' is not known`);
  const from = arithmetic === 'plain' ? x.data : dequantised(call, 'input', x);
  const into = arithmetic === 'plain' ? made : new Float32Array(made.length);
  for (let i = 0; i < into.length; i++)
    into[i] = reduce(from, Math.floor(i / regions.length) * size, regions[i % regions.length]!);
  if (arithmetic !== 'plain') requantise(call, made, into);
  const indices = call.outputs[1];
  return indices ? done(made, indicesOf(indices, x.data, made, regions, size)) : done(made);
};

export const POOLING: Evaluators = { pool };
