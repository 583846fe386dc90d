/**
 * What a name stands for while a graph is read: a constant of the file (its values known when it is small) or
 * a result of a drawn node. Tensor data are decoded only where a shape may depend on them.
 */
import { ELEMENT_BYTES, ELEMENT_TYPES, type ElementType, type TensorType } from '#core/catalog/operator-type.ts';
import { product } from '#core/catalog/operators/common.ts';
import { fromBf16Bits, fromFp16Bits } from '#core/reference/rounding.ts';
import type { StoredData, StoredTensor } from '#core/reference/stored.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import type { TensorRecord } from './proto.ts';

export interface Constant extends StoredTensor {
  readonly kind: 'constant';
  readonly name: string;
  /** Extents may be 0 here (an absent `roi`), never in a drawn tensor. */
  readonly type: TensorType;
  /** Null: too many to matter for shapes, or not stored in the file. */
  readonly values: readonly number[] | null;
  /** Computed from shapes and literals by the graph itself, not stored as an initializer. */
  readonly isComputed: boolean;
}

export interface Flow {
  readonly kind: 'flow';
  readonly node: string;
  readonly port: string;
  /** Null: could not be found out. */
  readonly type: TensorType | null;
}

export type Value = Constant | Flow;

/** The most values that take part in computing shapes. */
export const SMALL = 1024;
/** Real-valued tensors matter for shapes only as scales. */
const SMALL_REAL = 16;

/** TensorProto.DataType → element type; 8-bit floats, 4-bit integers and complex numbers are 'other'. */
const DATA_TYPES: readonly ElementType[] = [
  'other',
  'fp32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'fp16',
  'fp64',
  'uint32',
  'uint64',
  'other',
  'other',
  'bf16',
];

export function elementTypeOfData(dataType: number): ElementType {
  return DATA_TYPES[dataType] ?? 'other';
}

export const REAL: ReadonlySet<ElementType> = new Set(['fp32', 'fp16', 'bf16', 'fp64']);

export function constant(name: string, type: TensorType, values: readonly number[] | null): Constant {
  return { kind: 'constant', name, type, values, data: dataOf(values), isComputed: true };
}

/** Known values are kept as they are; what shapes do not need is not to be had by them. */
function dataOf(values: readonly number[] | null): StoredData {
  return values ? { kind: 'values', values } : { kind: 'absent', reason: 'it is not stored in the file' };
}

/** A literal list of integers, as shape arithmetic makes them. */
export function integers(name: string, values: readonly number[], isScalar = false): Constant {
  return constant(name, { shape: isScalar ? [] : [values.length], elementType: 'int64' }, values);
}

/** An initializer or a Constant's tensor; values are read when small and stored in the file itself. */
export function constantOf(tensor: TensorRecord, name: string, source: ByteSource): Constant {
  const elementType = elementTypeOfData(tensor.dataType);
  const type = { shape: tensor.dims, elementType };
  const values = valuesOf(tensor, type, source);
  return { kind: 'constant', name, type, values, data: storedData(tensor, type, values), isComputed: false };
}

function storedData(tensor: TensorRecord, type: TensorType, values: readonly number[] | null): StoredData {
  if (tensor.isExternal) {
    const file = tensor.location === '' ? 'another file' : `'${tensor.location}'`;
    return { kind: 'absent', reason: `its data lie in ${file}, to which access was not granted` };
  }
  if (tensor.raw) return { kind: 'bytes', ...tensor.raw };
  if (tensor.isScattered || !tensor.packed)
    return values
      ? { kind: 'values', values }
      : { kind: 'absent', reason: 'its numbers are written one by one, which is not read' };
  const { offset, length, element } = tensor.packed;
  if (element === 'varint') return { kind: 'varints', offset, length };
  const isSame = type.elementType === (element === 'float' ? 'fp32' : 'fp64');
  return isSame
    ? { kind: 'bytes', offset, length }
    : { kind: 'absent', reason: `its numbers are written as ${element}, not as ${type.elementType}` };
}

function valuesOf(tensor: TensorRecord, type: TensorType, source: ByteSource): readonly number[] | null {
  const count = product(type.shape);
  const most = REAL.has(type.elementType) ? SMALL_REAL : SMALL;
  if (count > most || tensor.isExternal || tensor.isLong) return null;
  if (count === 0) return [];
  if (!tensor.raw) {
    if (tensor.values.length !== count) return null;
    const isHalf = type.elementType === 'fp16' || type.elementType === 'bf16';
    return isHalf ? null : tensor.values;
  }
  const width = ELEMENT_BYTES[type.elementType];
  if (width === undefined || tensor.raw.length !== count * width) return null;
  const bytes = source.read(tensor.raw.offset, tensor.raw.length);
  if (bytes.length !== tensor.raw.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, i) => numberAt(view, i * width, type.elementType));
}

function numberAt(view: DataView, at: number, type: ElementType): number {
  switch (type) {
    case 'fp32':
      return view.getFloat32(at, true);
    case 'fp64':
      return view.getFloat64(at, true);
    case 'bf16':
      return fromBf16Bits(view.getUint16(at, true));
    case 'fp16':
      return fromFp16Bits(view.getUint16(at, true));
    case 'int64':
      return Number(view.getBigInt64(at, true));
    case 'uint64':
      return Number(view.getBigUint64(at, true));
    case 'int32':
      return view.getInt32(at, true);
    case 'uint32':
      return view.getUint32(at, true);
    case 'int16':
      return view.getInt16(at, true);
    case 'uint16':
      return view.getUint16(at, true);
    case 'int8':
      return view.getInt8(at);
    default:
      return view.getUint8(at);
  }
}

export function isElementType(text: string): text is ElementType {
  return ELEMENT_TYPES.some((type) => type === text);
}
