/** Element types as TensorProto.DataType. */
import type { ElementType } from '#core/catalog/operator-type.ts';

const DATA_TYPES: Readonly<Partial<Record<ElementType, number>>> = {
  fp32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  fp16: 10,
  fp64: 11,
  uint32: 12,
  uint64: 13,
  bf16: 16,
};

/** Bytes of one element by data type. */
const BYTES: Readonly<Record<number, number>> = {
  1: 4,
  2: 1,
  3: 1,
  4: 2,
  5: 2,
  6: 4,
  7: 8,
  9: 1,
  10: 2,
  11: 8,
  12: 4,
  13: 8,
  16: 2,
};

/** Null for types ONNX tensors of numbers do not have. */
export function dataTypeOf(elementType: ElementType): number | null {
  return DATA_TYPES[elementType] ?? null;
}

export function bytesOf(dataType: number): number {
  return BYTES[dataType] ?? 4;
}
