/** ONNX Runtime (WASM, one thread) as an independent executor of ONNX files, for tests. */
import * as ort from 'onnxruntime-web';
import { type ElementType, elementCount } from '#core/catalog/operator-type.ts';
import { type TensorValues, tensorOf } from '#core/reference/values.ts';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'fatal';

const TYPES: Readonly<Partial<Record<ElementType, ort.Tensor.Type>>> = {
  fp32: 'float32',
  fp64: 'float64',
  int8: 'int8',
  uint8: 'uint8',
  int16: 'int16',
  uint16: 'uint16',
  int32: 'int32',
  uint32: 'uint32',
  int64: 'int64',
  uint64: 'uint64',
  bool: 'bool',
};
const BACK = new Map(Object.entries(TYPES).map(([ours, theirs]) => [theirs, ours as ElementType]));

/** The model's outputs by name, in the order of the file. Graph optimisations are off: every operator runs as written. */
export async function runOnnx(
  file: Uint8Array,
  inputs: Readonly<Record<string, TensorValues>>,
): Promise<ReadonlyMap<string, TensorValues>> {
  const session = await ort.InferenceSession.create(file, {
    graphOptimizationLevel: 'disabled',
    executionProviders: ['wasm'],
    logSeverityLevel: 4,
  });
  try {
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, toOrt(values)]));
    const results = await session.run(feeds);
    return new Map(session.outputNames.map((name) => [name, fromOrt(results[name]!)]));
  } finally {
    await session.release();
  }
}

function toOrt({ type, data }: TensorValues): ort.Tensor {
  const name = TYPES[type.elementType];
  if (!name) throw new Error(`no ONNX Runtime tensor of ${type.elementType}`);
  if (name === 'int64') return new ort.Tensor(name, BigInt64Array.from(data, BigInt), type.shape);
  if (name === 'uint64') return new ort.Tensor(name, BigUint64Array.from(data, BigInt), type.shape);
  return new ort.Tensor(name, data, type.shape);
}

function fromOrt(tensor: ort.Tensor): TensorValues {
  const elementType = BACK.get(tensor.type);
  if (!elementType || typeof tensor.data === 'string' || !('length' in tensor.data))
    throw new Error(`a result of type ${tensor.type}`);
  return tensorOf(elementType, tensor.dims, Array.from(tensor.data, Number));
}

export interface Difference {
  /** Largest |ours − theirs| over the range of theirs (greatest − least, at least 1e-30). */
  readonly relative: number;
  readonly absolute: number;
  readonly elements: number;
}

/** How far two tensors are apart; infinite where shapes differ or only one of two numbers is finite. */
export function difference(ours: TensorValues, theirs: TensorValues): Difference {
  const elements = elementCount(theirs.type.shape);
  if (ours.type.shape.join() !== theirs.type.shape.join() || ours.data.length !== elements)
    return { relative: Number.POSITIVE_INFINITY, absolute: Number.POSITIVE_INFINITY, elements };
  let [absolute, least, greatest, magnitude] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < elements; i++) {
    const [a, b] = [ours.data[i]!, theirs.data[i]!];
    if (Object.is(a, b) || a === b) continue;
    absolute = Math.max(absolute, Number.isFinite(a - b) ? Math.abs(a - b) : Number.POSITIVE_INFINITY);
  }
  for (const value of theirs.data) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
    magnitude = Math.max(magnitude, Math.abs(value));
  }
  // A constant result has no range; its size stands for it.
  const range = greatest - least > 0 ? greatest - least : Math.max(magnitude, 1e-30);
  return { relative: absolute === 0 ? 0 : absolute / range, absolute, elements };
}
