/**
 * Tensors with their numbers, row-major. Types without an array of their own lie in the next wider one that holds them
 * exactly: fp16 and bf16 in fp32 (already rounded), bool in bytes, 64-bit integers in fp64 (exact to 2⁵³).
 */
import type { Problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { type ElementType, elementCount, type TensorType } from '#core/catalog/operator-type.ts';

export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

export interface TensorValues {
  readonly type: TensorType;
  /** As many as the shape has elements. */
  readonly data: NumberArray;
}

/**
 * Where a model's numbers come from. Indices are those of the ModelGraph. Both throw `ValueFault` where numbers that should
 * be there are not after all: the file has changed, or a constant that is computed cannot be.
 */
export interface ValueSource {
  /** A graph input or a constant. */
  tensor(index: number): TensorValues;
  /** A weight by the name its operator type gives it. */
  weight(operator: number, name: string): TensorValues;
}

export class ValueFault extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** `read` with a `ValueFault` as a value. */
export function attempted<T>(read: () => T): Result<T, Problem> {
  try {
    return ok(read());
  } catch (cause) {
    if (cause instanceof ValueFault) return err(cause.problem);
    throw cause;
  }
}

export function numberArray(elementType: ElementType, length: number): NumberArray {
  switch (elementType) {
    case 'int8':
      return new Int8Array(length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(length);
    case 'int16':
      return new Int16Array(length);
    case 'uint16':
      return new Uint16Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'fp64':
    case 'int64':
    case 'uint64':
      return new Float64Array(length);
    default:
      return new Float32Array(length);
  }
}

/** Whether there is a number for every element. */
export function wholeTensor({ type, data }: TensorValues): boolean {
  return data.length === elementCount(type.shape);
}

/** A tensor of `numbers` (rounded to the element type as typed arrays round). */
export function tensorOf(elementType: ElementType, shape: readonly number[], numbers: ArrayLike<number>): TensorValues {
  const data = numberArray(elementType, numbers.length);
  for (let i = 0; i < numbers.length; i++) data[i] = numbers[i]!;
  return { type: { shape, elementType }, data };
}
