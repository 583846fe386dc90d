/**
 * Arithmetic on integers that stand for reals: operands less their zero points, 32-bit accumulators, and a result that is
 * scaled in fp32, rounded half to even and saturated. Source: ONNX operators, QuantizeLinear-21, QLinearConv-10,
 * QLinearMatMul-21, ConvInteger-10; the order of the fp32 operations is that of ONNX Runtime.
 */
import type { ElementType } from '#core/catalog/operator-type.ts';
import { textOf } from '#core/catalog/parameter.ts';
import { rangeOf, roundHalfEven } from '../rounding.ts';
import type { NumberArray, TensorValues } from '../values.ts';
import { type Call, real, resultType } from './call.ts';

/** A real number in units of the result's scale → its integer: saturated, half to even, zero point added. */
export function quantised(units: number, zero: number, type: ElementType): number {
  const [least, greatest] = rangeOf(type);
  return roundHalfEven(Math.min(Math.max(units, least - zero), greatest - zero)) + zero;
}

export interface Quantisation {
  /** What is subtracted from the first operand. */
  readonly inputZero: number;
  /** The second operand less its zero points, one for each run of `perColumn` elements. */
  weight(values: TensorValues, perColumn: number): Float64Array;
  /** Writes accumulators as results from place `at` on; `column` gives the filter or unit of each. */
  store(into: NumberArray, at: number, sums: Float64Array, column: (i: number) => number): void;
}

/** How the operator's parameter `arithmetic` treats its numbers. `names`: of its two operands. */
export function quantisationOf(
  call: Call,
  columns: number,
  names: readonly [string, string] = ['input', 'weight'],
): Quantisation {
  const arithmetic = textOf(call.parameters, 'arithmetic', 'plain');
  if (arithmetic === 'plain')
    return {
      inputZero: 0,
      weight: (values) => real(values),
      store: (into, at, sums) => into.set(sums, at),
    };
  const zeros = call.weight(`${names[1]} zero point`).data;
  const each = (list: NumberArray, column: number) => list[list.length === 1 ? 0 : column]!;
  const weight = (values: TensorValues, perColumn: number) => {
    const wide = real(values);
    for (let i = 0; i < wide.length; i++) wide[i]! -= each(zeros, Math.floor(i / perColumn) % columns);
    return wide;
  };
  const inputZero = call.weight(`${names[0]} zero point`).data[0]!;
  if (arithmetic === 'integer')
    return {
      inputZero,
      weight,
      store: (into, at, sums) => {
        for (let i = 0; i < sums.length; i++) into[at + i] = sums[i]! | 0;
      },
    };
  const scale = call.weight(`${names[0]} scale`).data[0]!;
  const scales = call.weight(`${names[1]} scale`).data;
  const outputScale = call.weight('output scale').data[0]!;
  const outputZero = call.weight('output zero point').data[0]!;
  const { elementType } = resultType(call);
  const factors = Float32Array.from(
    { length: columns },
    (_, column) => Math.fround(scale * each(scales, column)) / outputScale,
  );
  return {
    inputZero,
    weight,
    store: (into, at, sums, column) => {
      for (let i = 0; i < sums.length; i++) {
        const units = Math.fround(Math.fround(sums[i]! | 0) * factors[column(i)]!);
        into[at + i] = quantised(units, outputZero, elementType);
      }
    },
  };
}

/** For operators on reals that come and go as integers: reads operand `name` as reals. */
export function dequantised(call: Call, name: string, values: TensorValues): Float32Array {
  const scale = call.weight(`${name} scale`).data[0]!;
  const zero = call.weight(`${name} zero point`).data[0]!;
  return Float32Array.from(values.data, (value) => (value - zero) * scale);
}

/** Writes reals as integers by the result's scale and zero point. */
export function requantise(call: Call, into: NumberArray, reals: ArrayLike<number>): void {
  const scale = call.weight('output scale').data[0]!;
  const zero = call.weight('output zero point').data[0]!;
  const { elementType } = resultType(call);
  for (let i = 0; i < into.length; i++)
    into[i] = quantised(Math.fround(Math.fround(reals[i]!) / scale), zero, elementType);
}
