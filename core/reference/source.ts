/** Numbers for a model graph: from the file it came from, or seeded random ones scaled so that activations stay near 1. */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { createRng, type Rng } from '#core/base/rng.ts';
import { ELEMENT_BYTES, type ElementType, elementCount } from '#core/catalog/operator-type.ts';
import { shapeText } from '#core/catalog/operators/common.ts';
import type { ModelGraph, Operator, Tensor } from '#core/model/graph.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { MOST_ELEMENTS, readStored } from './read.ts';
import { rangeOf, rounded } from './rounding.ts';
import type { StoredTensor, StoredWeight, StoredWeights } from './stored.ts';
import { type NumberArray, numberArray, type TensorValues, ValueFault, type ValueSource } from './values.ts';

export interface SourceOptions {
  /** Numbers of graph inputs by tensor index. */
  readonly inputs: ReadonlyMap<number, TensorValues>;
  /** For what the file has no numbers for: inputs not given, operators drawn by hand. */
  readonly fallback?: ValueSource;
}

/**
 * The graph's numbers, weights read from `file` when they are asked for. Everything that could keep a number from being
 * there is found out now, as far as places and lengths tell; see ValueSource for what may come later. Problems: `weights.absent`,
 * `weights.truncated`, `weights.shape`, `weights.deviation` (the drawn operator does not say all the file does),
 * `reference.input`.
 */
export function valueSourceOf(
  graph: ModelGraph,
  weights: StoredWeights,
  file: ByteSource,
  { inputs, fallback }: SourceOptions,
): Result<ValueSource, Problem> {
  const byKey = new Map<string, StoredWeight>(weights.tensors.map((each) => [keyOf(each.node, each.name), each]));
  const deviations = new Map(weights.deviations.map(({ node, reason }) => [node, reason]));
  for (const tensor of graph.tensors) {
    const fault =
      tensor.kind === 'constant'
        ? faultOf(byKey.get(keyOf(tensor.node, 'value')), tensor.type.shape, file, fallback)
        : tensor.producer === null && !inputs.has(tensor.index) && !fallback
          ? problem('reference.input', `Input '${tensor.name}' (${shapeText(tensor.type.shape)}) has no numbers`)
          : null;
    if (fault) return err(placed(fault, tensor));
  }
  for (const operator of graph.operators) {
    const deviation = deviations.get(operator.node);
    if (deviation) {
      const message = `its numbers would differ from the file's: ${deviation}`;
      return err(placed(problem('weights.deviation', message), operator));
    }
    // An opaque operator has no value whatever its weights are.
    if (operator.type.category === 'opaque') continue;
    for (const { name, shape } of operator.weights) {
      const fault = faultOf(byKey.get(keyOf(operator.node, name)), shape, file, fallback);
      if (fault) return err(placed({ ...fault, message: `${name}: ${fault.message}` }, operator));
    }
  }
  const numbers = (stored: StoredTensor, shape: readonly number[]): TensorValues => {
    const made = readStored(stored, file);
    if (!made.ok) throw new ValueFault(made.error);
    return { type: { shape, elementType: made.value.type.elementType }, data: made.value.data };
  };
  return ok({
    tensor(index) {
      const tensor = graph.tensors[index]!;
      const given = inputs.get(index);
      if (given) return given;
      const stored = byKey.get(keyOf(tensor.node, 'value'));
      if (stored && tensor.kind === 'constant') return numbers(stored, tensor.type.shape);
      if (!fallback) throw new Error(`tensor '${tensor.name}' has no numbers`);
      return fallback.tensor(index);
    },
    weight(index, name) {
      const operator = graph.operators[index]!;
      const stored = byKey.get(keyOf(operator.node, name));
      const shape = operator.weights.find((each) => each.name === name)?.shape ?? [];
      if (stored) return numbers(stored, shape);
      if (!fallback) throw new Error(`'${operator.name}' has no ${name}`);
      return fallback.weight(index, name);
    },
  });
}

const keyOf = (node: string, name: string) => `${node}/${name}`;

function placed(fault: Problem, { node, name }: Pick<Tensor, 'node' | 'name'>): Problem {
  return { ...fault, message: `'${name}': ${fault.message}`, where: { ...fault.where, node } };
}

/** Why a weight of this shape cannot be read from the file. */
function faultOf(
  stored: StoredWeight | undefined,
  shape: readonly number[],
  file: ByteSource,
  fallback: ValueSource | undefined,
): Problem | null {
  if (!stored) return fallback ? null : problem('weights.absent', 'the file has no numbers for it');
  if (elementCount(stored.type.shape) !== elementCount(shape)) {
    const message = `${shapeText(stored.type.shape)} in the file, ${shapeText(shape)} in the model`;
    return problem('weights.shape', message);
  }
  return storageFault(stored, file, new Set());
}

/** Looks at places and lengths only. */
function storageFault({ type, data }: StoredTensor, file: ByteSource, seen: Set<StoredTensor>): Problem | null {
  if (type.elementType === 'string' || type.elementType === 'other')
    return problem('weights.absent', `elements of type '${type.elementType}' are not numbers`);
  if (elementCount(type.shape) > MOST_ELEMENTS)
    return problem('weights.too-large', `${shapeText(type.shape)} is more than ${MOST_ELEMENTS} numbers`);
  if (data.kind === 'absent') return problem('weights.absent', data.reason);
  if (data.kind === 'bytes' || data.kind === 'varints') {
    const where = { byteOffset: data.offset };
    if (data.offset + data.length > file.size)
      return problem('weights.truncated', `the file ends before byte ${data.offset + data.length}`, { where });
    const wanted = elementCount(type.shape) * (ELEMENT_BYTES[type.elementType] ?? 1);
    if (data.kind === 'bytes' && wanted !== data.length)
      return problem('weights.truncated', `${data.length} bytes are stored where ${wanted} belong`, { where });
  }
  if (data.kind !== 'computed') return null;
  for (const part of [...data.inputs, ...Object.values(data.weights)]) {
    if (!part || seen.has(part)) continue;
    seen.add(part);
    const fault = storageFault(part, file, seen);
    if (fault) return fault;
  }
  return null;
}

/**
 * Seeded numbers for every input, constant and weight of a graph. Kernels are uniform with variance 2 / fan-in (He et al.,
 * arXiv 1502.01852), so that activations keep their size from layer to layer; scales and variances lie near 1, shifts and
 * biases near 0. Which number stands where depends on the seed, the tensor and nothing else.
 */
export function randomSource(graph: ModelGraph, seed: number): ValueSource {
  return {
    tensor(index) {
      const tensor = graph.tensors[index]!;
      const rng = createRng(mixed(seed, 2 * index));
      return {
        type: tensor.type,
        data: drawn(tensor.type.elementType, elementCount(tensor.type.shape), rng, boundOf(graph, tensor)),
      };
    },
    weight(index, name) {
      const operator = graph.operators[index]!;
      const place = operator.weights.findIndex((each) => each.name === name);
      const shape = operator.weights[place]?.shape ?? [];
      const rng = createRng(mixed(seed, 2 * (index * 64 + place) + 1));
      return randomWeight(graph, operator, name, shape, rng);
    },
  };
}

const mixed = (seed: number, index: number) => Math.imul(seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b);

/** Ids and places must lie inside what they index: the least extent any reader has. */
function boundOf(graph: ModelGraph, tensor: Tensor): number {
  let bound = 128;
  for (const at of tensor.consumers) {
    const { type, inputs, weights } = graph.operators[at]!;
    const table = weights.find(({ name }) => name === 'table')?.shape[0];
    if (type.id === 'embedding' && table) bound = Math.min(bound, table);
    if ((type.id === 'gather' || type.id === 'scatter') && inputs[1] === tensor.index) {
      const data = graph.tensors[inputs[0] ?? 0]!;
      bound = Math.min(bound, ...data.type.shape);
    }
  }
  return bound;
}

/** Reals uniform in −√3 … √3 (variance 1); integers over their range, wide ones from 0 to `bound` − 1; truth values. */
function drawn(type: ElementType, count: number, rng: Rng, bound: number): NumberArray {
  const data = numberArray(type, count);
  const [least, greatest] = rangeOf(type);
  const isNarrow = type === 'int8' || type === 'uint8';
  for (let i = 0; i < count; i++) {
    if (type === 'bool') data[i] = rng.below(2);
    else if (isNarrow && bound >= 128) data[i] = least + rng.below(greatest - least + 1);
    else if (type.includes('int')) data[i] = rng.below(bound);
    else data[i] = Math.sqrt(3) * (2 * rng.next() - 1);
  }
  return rounded(type, data);
}

function randomWeight(
  graph: ModelGraph,
  operator: Operator,
  name: string,
  shape: readonly number[],
  rng: Rng,
): TensorValues {
  const first = graph.tensors[operator.inputs[0] ?? -1]?.type.elementType ?? 'fp32';
  const isReal = !first.includes('int') && first !== 'bool';
  const count = elementCount(shape);
  const arithmetic = operator.parameters.arithmetic;
  const fanIn = Math.max(
    1,
    operator.macs /
      Math.max(1, ...operator.outputs.slice(0, 1).map((at) => elementCount(graph.tensors[at]!.type.shape))),
  );
  const between = (elementType: ElementType, low: number, high: number): TensorValues => {
    const data = numberArray(elementType, count);
    for (let i = 0; i < count; i++) data[i] = low + (high - low) * rng.next();
    return { type: { shape, elementType }, data: rounded(elementType, data) };
  };
  const integers = (elementType: ElementType, low: number, high: number): TensorValues => {
    const data = numberArray(elementType, count);
    for (let i = 0; i < count; i++) data[i] = low + rng.below(high - low + 1);
    return { type: { shape, elementType }, data };
  };
  if (name.endsWith('zero point')) {
    const of = name === 'output zero point' || operator.type.id === 'quantize' ? outputType(graph, operator) : first;
    return integers(name.startsWith('weight') ? 'int8' : of, 0, name.startsWith('weight') ? 0 : 8);
  }
  if (name === 'output scale') return between('fp32', 0.02, 0.03);
  // Products of 8-bit operands are some 74² / √3 each: brought back to some tens of steps of the result.
  if (name === 'weight scale') return between('fp32', 0.004 / Math.sqrt(fanIn), 0.006 / Math.sqrt(fanIn));
  if (name.endsWith(' scale')) return between('fp32', 0.02, 0.03);
  const real: ElementType = isReal ? first : 'fp32';
  if (name === 'scale')
    return operator.type.category === 'quantisation' ? between('fp32', 0.01, 0.02) : between(real, 0.5, 1.5);
  if (name === 'variance') return between(real, 0.5, 1.5);
  if (name === 'slope') return between(real, 0, 0.5);
  const isInteger =
    !isReal && (arithmetic === 'integer' || arithmetic === 'requantised' || first === 'int8' || first === 'uint8');
  if (name === 'bias' || name === 'mean') return isInteger ? integers('int32', -1024, 1024) : between(real, -0.1, 0.1);
  if (isInteger && operator.type.id !== 'embedding') return integers('int8', -127, 127);
  const limit = operator.type.category === 'recurrent' ? Math.sqrt(1 / (shape.at(-1) ?? 1)) : Math.sqrt(6 / fanIn);
  return operator.type.id === 'embedding' ? between('fp32', -1, 1) : between(real, -limit, limit);
}

function outputType(graph: ModelGraph, operator: Operator): ElementType {
  return graph.tensors[operator.outputs[0] ?? -1]?.type.elementType ?? 'uint8';
}
