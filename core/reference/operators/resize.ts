/**
 * Resampling, one axis after the other: nearest, linear and cubic are products of functions of one axis.
 * Source: ONNX operators, Resize-19 (scale of an axis = extent of the result / extent of the input).
 */
import { err } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { product } from '#core/catalog/operators/common.ts';
import { integerOf, textOf } from '#core/catalog/parameter.ts';
import { done, type Evaluate, operand, resultArray, resultType } from './call.ts';

/** Place of the input that place `at` of the result stands for. */
function original(mode: string, at: number, extent: number, result: number): number {
  switch (mode) {
    case 'asymmetric':
      return (at * extent) / result;
    case 'align-corners':
      return result === 1 ? 0 : (at * (extent - 1)) / (result - 1);
    case 'pytorch-half-pixel':
      return result === 1 ? 0 : ((at + 0.5) * extent) / result - 0.5;
    default:
      return ((at + 0.5) * extent) / result - 0.5;
  }
}

function nearest(rounding: string, place: number): number {
  switch (rounding) {
    case 'floor':
      return Math.floor(place);
    case 'ceil':
      return Math.ceil(place);
    case 'round-prefer-ceil':
      return Math.floor(place + 0.5);
    default:
      return Math.ceil(place - 0.5);
  }
}

/** Indices (held inside the axis) and factors of the elements that make the one at `place`. */
type Taps = readonly (readonly [index: number, factor: number])[];

function tapsOf(p: ParameterValues, place: number): Taps {
  const mode = textOf(p, 'mode', 'nearest');
  if (mode === 'nearest') return [[nearest(textOf(p, 'rounding', 'round-prefer-floor'), place), 1]];
  const below = Math.floor(place);
  const t = place - below;
  if (mode === 'linear')
    return t === 0
      ? [[below, 1]]
      : [
          [below, 1 - t],
          [below + 1, t],
        ];
  const a = integerOf(p, 'cubicCoefficient', -0.75);
  const near = (x: number) => (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  const far = (x: number) => a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a;
  return [
    [below - 1, far(1 + t)],
    [below, near(t)],
    [below + 1, near(1 - t)],
    [below + 2, far(2 - t)],
  ];
}

export const resize: Evaluate = (call) => {
  const p = call.parameters;
  const x = operand(call);
  const wanted = resultType(call).shape;
  if (wanted.length !== x.type.shape.length) return err('it changes the number of axes');
  const shape = [...x.type.shape];
  let values: Float64Array = Float64Array.from(x.data);
  for (const [axis, result] of wanted.entries()) {
    const extent = shape[axis]!;
    if (extent === result) continue;
    const coordinates = textOf(p, 'coordinates', 'half-pixel');
    const taps = Array.from({ length: result }, (_, at): Taps => {
      const place = original(coordinates, at, extent, result);
      return tapsOf(p, place).map(([index, factor]) => [Math.min(Math.max(index, 0), extent - 1), factor] as const);
    });
    const inner = product(shape, axis + 1);
    const outer = product(shape, 0, axis);
    const made = new Float64Array(outer * result * inner);
    for (let o = 0; o < outer; o++)
      for (const [at, list] of taps.entries())
        for (const [index, factor] of list)
          for (let i = 0; i < inner; i++)
            made[(o * result + at) * inner + i]! += factor * values[(o * extent + index) * inner + i]!;
    values = made;
    shape[axis] = result;
  }
  const made = resultArray(call);
  made.set(values);
  return done(made);
};
