/** What an operator family evaluates: operands with their numbers, result types, trained operands by name. */
import { ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { product } from '#core/catalog/operators/common.ts';
import { type NumberArray, numberArray, type TensorValues } from '../values.ts';

export interface Call {
  readonly parameters: ParameterValues;
  readonly inputs: readonly (TensorValues | null)[];
  /** As the type infers them; a prefix where later results are not asked for. */
  readonly outputs: readonly TensorType[];
  weight(name: string): TensorValues;
}

/** One array a result, at least as many as `outputs`; else one sentence saying why the operator has no value. */
export type Evaluate = (call: Call) => Result<readonly NumberArray[], string>;

export type Evaluators = Readonly<Record<string, Evaluate>>;

/** Operand `index`; the caller has checked that required operands are there. */
export function operand(call: Call, index = 0): TensorValues {
  const found = call.inputs[index];
  if (!found) throw new Error(`operand ${index} of an operator was not given`);
  return found;
}

export function resultType(call: Call, index = 0): TensorType {
  const type = call.outputs[index];
  if (!type) throw new Error(`result ${index} of an operator was not asked for`);
  return type;
}

/** An array of zeros for result `index`. */
export function resultArray(call: Call, index = 0): NumberArray {
  const type = resultType(call, index);
  return numberArray(type.elementType, product(type.shape));
}

/** The numbers less a zero point, in double precision: every product of 8-bit integers and every sum of them is exact. */
export function real(values: TensorValues, zero = 0): Float64Array {
  const wide = Float64Array.from(values.data);
  if (zero !== 0) for (let i = 0; i < wide.length; i++) wide[i]! -= zero;
  return wide;
}

/** `into[i] = from[offsets[i]]`. */
export function picked(into: NumberArray, from: NumberArray, offsets: Int32Array): NumberArray {
  for (let i = 0; i < into.length; i++) into[i] = from[offsets[i]!]!;
  return into;
}

export const done = (...arrays: readonly NumberArray[]) => ok(arrays);
