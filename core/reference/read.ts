/** Reads stored tensors from a file by offset: only their own bytes, each time they are asked for. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { ELEMENT_BYTES, type ElementType, elementCount, type TensorType } from '#core/catalog/operator-type.ts';
import { shapeText } from '#core/catalog/operators/common.ts';
import { operatorType } from '#core/catalog/operators.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { evaluateOperator } from './evaluate.ts';
import { fromBf16Bits, fromFp16Bits } from './rounding.ts';
import type { StoredTensor } from './stored.ts';
import { type NumberArray, numberArray, type TensorValues } from './values.ts';

/** Of one tensor: 4 GiB in fp32. */
export const MOST_ELEMENTS = 2 ** 30;

/**
 * The numbers. Problems: `weights.absent` (kept elsewhere, or of a type that has no numbers), `weights.truncated` (the file
 * ends before them or holds too few), `weights.too-large`, and those of evaluation where the tensor is computed.
 */
export function readStored(stored: StoredTensor, source: ByteSource): Result<TensorValues, Problem> {
  return read(stored, source, new Map());
}

function read(
  stored: StoredTensor,
  source: ByteSource,
  known: Map<StoredTensor, TensorValues>,
): Result<TensorValues, Problem> {
  const { type, data } = stored;
  const count = elementCount(type.shape);
  const done = known.get(stored);
  if (done) return ok(done);
  if (type.elementType === 'string' || type.elementType === 'other')
    return err(problem('weights.absent', `Elements of type '${type.elementType}' are not numbers`));
  if (count > MOST_ELEMENTS) return tooLarge(type);
  switch (data.kind) {
    case 'absent':
      return err(problem('weights.absent', `A ${shapeText(type.shape)} tensor cannot be read: ${data.reason}`));
    case 'values':
      return filled(type, data.values.length, (into) => {
        for (let i = 0; i < count; i++) into[i] = data.values[i]!;
      });
    case 'series':
      return filled(type, count, (into) => {
        for (let i = 0; i < count; i++) into[i] = data.start + i * data.step;
      });
    case 'bytes':
    case 'varints': {
      const bytes = source.read(data.offset, data.length);
      if (bytes.length !== data.length) {
        const message = `The file ends before byte ${data.offset + data.length}, where a weight should end`;
        return err(problem('weights.truncated', message, { where: { byteOffset: data.offset } }));
      }
      return data.kind === 'bytes' ? fromBytes(type, bytes) : fromVarints(type, bytes);
    }
    case 'computed': {
      const made = compute(stored, data, source, known);
      if (made.ok) known.set(stored, made.value);
      return made;
    }
  }
}

function tooLarge({ shape }: TensorType): Result<never, Problem> {
  const message = `${shapeText(shape)} is more than ${MOST_ELEMENTS} numbers`;
  return err(problem('weights.too-large', message, { facts: { elements: elementCount(shape), bound: MOST_ELEMENTS } }));
}

function filled(type: TensorType, had: number, fill: (into: NumberArray) => void): Result<TensorValues, Problem> {
  const count = elementCount(type.shape);
  if (had !== count) {
    const message = `A ${shapeText(type.shape)} tensor needs ${count} numbers; the file holds ${had}`;
    return err(problem('weights.truncated', message, { facts: { elements: count, found: had } }));
  }
  const data = numberArray(type.elementType, count);
  fill(data);
  return ok({ type, data });
}

function fromBytes(type: TensorType, bytes: Uint8Array): Result<TensorValues, Problem> {
  const width = ELEMENT_BYTES[type.elementType] ?? 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = elementReader(view, type.elementType);
  return filled(type, bytes.length / width, (into) => {
    for (let i = 0; i < into.length; i++) into[i] = at(i * width);
  });
}

function elementReader(view: DataView, type: ElementType): (at: number) => number {
  switch (type) {
    case 'fp32':
      return (at) => view.getFloat32(at, true);
    case 'fp64':
      return (at) => view.getFloat64(at, true);
    case 'fp16':
      return (at) => fromFp16Bits(view.getUint16(at, true));
    case 'bf16':
      return (at) => fromBf16Bits(view.getUint16(at, true));
    case 'int64':
      return (at) => Number(view.getBigInt64(at, true));
    case 'uint64':
      return (at) => Number(view.getBigUint64(at, true));
    case 'int32':
      return (at) => view.getInt32(at, true);
    case 'uint32':
      return (at) => view.getUint32(at, true);
    case 'int16':
      return (at) => view.getInt16(at, true);
    case 'uint16':
      return (at) => view.getUint16(at, true);
    case 'int8':
      return (at) => view.getInt8(at);
    default:
      return (at) => view.getUint8(at);
  }
}

/** Two's complement of 64 bits, seven bits a byte, lowest first. Source: protobuf.dev, Encoding. */
function fromVarints(type: TensorType, bytes: Uint8Array): Result<TensorValues, Problem> {
  const isUnsigned = type.elementType === 'uint64';
  const decode =
    type.elementType === 'fp16' ? fromFp16Bits : type.elementType === 'bf16' ? fromBf16Bits : (value: number) => value;
  const numbers: number[] = [];
  let low = 0;
  let high = 0;
  let shift = 0;
  for (const byte of bytes) {
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high |= bits >> 4;
    } else if (shift < 63) high |= bits << (shift - 32);
    else high |= (bits & 1) << 31;
    shift += 7;
    if (byte >= 0x80) continue;
    numbers.push(decode((isUnsigned ? high >>> 0 : high) * 4_294_967_296 + (low >>> 0)));
    [low, high, shift] = [0, 0, 0];
  }
  return filled(type, numbers.length, (into) => {
    for (let i = 0; i < into.length; i++) into[i] = numbers[i]!;
  });
}

function compute(
  stored: StoredTensor,
  data: Extract<StoredTensor['data'], { kind: 'computed' }>,
  source: ByteSource,
  known: Map<StoredTensor, TensorValues>,
): Result<TensorValues, Problem> {
  const type = operatorType(data.operator);
  if (!type) return err(problem('weights.absent', `It is computed by '${data.operator}', which is not known`));
  const inputs: (TensorValues | null)[] = [];
  for (const input of data.inputs) {
    const made = input ? read(input, source, known) : null;
    if (made && !made.ok) return made;
    inputs.push(made ? made.value : null);
  }
  const weights = new Map<string, TensorValues>();
  for (const [name, weight] of Object.entries(data.weights)) {
    const made = read(weight, source, known);
    if (!made.ok) return made;
    weights.set(name, made.value);
  }
  const types = inputs.map((input) => input?.type ?? null);
  const inferred = type.infer(types, data.parameters);
  if (!inferred.ok) return err(problem('weights.absent', `A folded constant cannot be computed: ${inferred.error}`));
  const huge = inferred.value.find(({ shape }) => elementCount(shape) > MOST_ELEMENTS);
  if (huge) return tooLarge(huge);
  const operator = { type, parameters: data.parameters, weights: type.weights(types, data.parameters) };
  const made = evaluateOperator(operator, inputs, weights, inferred.value.slice(0, data.output + 1));
  if (!made.ok) return made;
  const result = made.value[data.output];
  // Renamed axes keep the numbers and change the shape only.
  return result?.data.length === elementCount(stored.type.shape)
    ? ok({ type: stored.type, data: result.data })
    : err(problem('weights.absent', `A folded constant is not ${shapeText(stored.type.shape)}`));
}
