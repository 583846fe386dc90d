/**
 * Partial evaluation: what a graph computes from shapes and literals (reshape targets, slice bounds, resize
 * sizes) is computed here, on small lists of numbers. Whatever is not known yields a constant without values
 * or null, never a guess. Source: ONNX operators of the same names.
 */
import type { ElementType, TensorType } from '#core/catalog/operator-type.ts';
import { broadcast, product, resolveAxis } from '#core/catalog/operators/common.ts';
import { computed, type StoredData } from '#core/reference/stored.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import type { Attributes } from './attributes.ts';
import { type Constant, constant, constantOf, elementTypeOfData, integers, SMALL, type Value } from './values.ts';

export interface Call {
  readonly operator: string;
  readonly attributes: Attributes;
  readonly inputs: readonly (Value | null)[];
  readonly outputs: readonly string[];
  readonly opset: number;
  /** The file, for tensors in attributes. */
  readonly source: ByteSource;
}

type Evaluate = (call: Call, name: string) => Constant | null;

/** The results where they can be computed, else null. Shape and Size need types only; the rest needs values. */
export function fold(call: Call): readonly Constant[] | null {
  const name = call.outputs[0] ?? '';
  if (call.operator === 'Split') return splitList(call);
  const evaluate = EVALUATE[call.operator];
  const made = evaluate ? evaluate(call, name) : null;
  return made ? [made] : null;
}

/** The values of input `at`, or null when it is absent, drawn or too large. */
export function valuesAt(inputs: readonly (Value | null)[], at: number): readonly number[] | null {
  const input = inputs[at];
  return input?.kind === 'constant' ? input.values : null;
}

function typeAt(call: Call, at: number): TensorType | null {
  return call.inputs[at]?.type ?? null;
}

function listed(call: Call): readonly Constant[] | null {
  const found = call.inputs.filter((input) => input !== null);
  const known = found.filter((input): input is Constant => input.kind === 'constant' && input.values !== null);
  return known.length === found.length && known.length > 0 ? known : null;
}

const clampIndex = (index: number, low: number, high: number) => Math.min(Math.max(index, low), high);

/** Same values under another type; for operators that only rename axes. */
function renamed(shape: (from: TensorType, call: Call) => readonly number[] | null): Evaluate {
  return (call, name) => {
    const from = call.inputs[0];
    if (from?.kind !== 'constant') return null;
    const made = shape(from.type, call);
    return made ? { ...from, name, type: { shape: made, elementType: from.type.elementType } } : null;
  };
}

function axesOf(call: Call): readonly number[] | null {
  return call.attributes.integers('axes') ?? valuesAt(call.inputs, 1);
}

function pointwise(
  compute: (a: number, b: number) => number,
  result: (type: ElementType) => ElementType = (type) => type,
): Evaluate {
  return (call, name) => {
    const operands = listed(call);
    if (!operands) return null;
    return operands.reduce<Constant | null>((left, right, i) => {
      if (i === 0 || left === null) return left;
      const shape = broadcast(left.type.shape, right.type.shape);
      if (!shape || product(shape) > SMALL) return null;
      const a = spread(left, shape);
      const b = spread(right, shape);
      const elementType = result(left.type.elementType);
      const isWhole = elementType.startsWith('int') || elementType.startsWith('uint');
      const values = a.map((x, at) => compute(x, b[at] ?? 0)).map((value) => (isWhole ? Math.trunc(value) : value));
      return constant(name, { shape, elementType }, values);
    }, operands[0] ?? null);
  };
}

/** Distance in row-major order between neighbours on each axis. */
function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** A tensor of `shape` whose element at index (i₀, i₁, …) is the one at `start` + Σ iₐ·step[a] of `values`. */
function walk(
  values: readonly number[],
  shape: readonly number[],
  start: number,
  steps: readonly number[],
): readonly number[] {
  const strides = stridesOf(shape);
  return Array.from({ length: product(shape) }, (_, flat) => {
    let at = start;
    for (const [axis, stride] of strides.entries()) at += (Math.floor(flat / stride) % shape[axis]!) * steps[axis]!;
    return values[at] ?? 0;
  });
}

/** The values repeated to a wider shape. */
function spread(from: Constant, shape: readonly number[]): readonly number[] {
  const values = from.values ?? [];
  if (values.length === product(shape)) return values;
  const offset = shape.length - from.type.shape.length;
  const strides = stridesOf(from.type.shape);
  const steps = shape.map((_, axis) =>
    axis < offset || from.type.shape[axis - offset] === 1 ? 0 : strides[axis - offset]!,
  );
  return walk(values, shape, 0, steps);
}

function unary(compute: (x: number) => number, result: (type: ElementType) => ElementType = (type) => type): Evaluate {
  return (call, name) => {
    const from = call.inputs[0];
    if (from?.kind !== 'constant' || !from.values) return null;
    const type = { shape: from.type.shape, elementType: result(from.type.elementType) };
    return constant(name, type, from.values.map(compute));
  };
}

function reduceAll(compute: (a: number, b: number) => number): Evaluate {
  return (call, name) => {
    const from = call.inputs[0];
    if (from?.kind !== 'constant' || !from.values || from.values.length === 0) return null;
    const axes = axesOf(call) ?? from.type.shape.map((_, axis) => axis);
    // One axis of a list, or everything.
    if (from.type.shape.length !== 1 && axes.length !== from.type.shape.length) return null;
    const shape = call.attributes.integer('keepdims', 1) === 1 ? from.type.shape.map(() => 1) : [];
    return constant(name, { shape, elementType: from.type.elementType }, [from.values.reduce(compute)]);
  };
}

const toBool = (): ElementType => 'bool';
const flag = (isTrue: boolean) => (isTrue ? 1 : 0);

const EVALUATE: Readonly<Record<string, Evaluate>> = {
  Shape(call, name) {
    const type = typeAt(call, 0);
    if (!type) return null;
    const rank = type.shape.length;
    const bound = (at: number) => clampIndex(at < 0 ? at + rank : at, 0, rank);
    const start = bound(call.attributes.integer('start', 0));
    const end = bound(call.attributes.integer('end', rank));
    return integers(name, type.shape.slice(start, end));
  },
  Size(call, name) {
    const type = typeAt(call, 0);
    return type ? integers(name, [product(type.shape)], true) : null;
  },
  ConstantOfShape(call, name) {
    const shape = valuesAt(call.inputs, 0);
    if (!shape || shape.length > 32 || shape.some((extent) => extent < 0 || !Number.isSafeInteger(extent))) return null;
    const record = call.attributes.tensor('value');
    const fill = record ? constantOf(record, name, call.source) : null;
    const elementType = fill?.type.elementType ?? 'fp32';
    const value = fill ? fill.values?.[0] : 0;
    const count = product(shape);
    const isSmall = count <= SMALL && value !== undefined && elementType.includes('int');
    // A large fill is how files without weights stand in for an initializer.
    return {
      ...constant(name, { shape, elementType }, isSmall ? new Array<number>(count).fill(value ?? 0) : null),
      ...(value === undefined ? {} : { data: { kind: 'series', start: value, step: 0 } as const }),
      isComputed: isSmall,
    };
  },
  Range(call, name) {
    const [start, limit, delta] = [0, 1, 2].map((at) => valuesAt(call.inputs, at)?.[0]);
    if (start === undefined || limit === undefined || delta === undefined || delta === 0) return null;
    const count = Math.max(Math.ceil((limit - start) / delta), 0);
    if (!Number.isFinite(count)) return null;
    const elementType = typeAt(call, 0)?.elementType ?? 'int64';
    const values = count <= SMALL ? Array.from({ length: count }, (_, i) => start + i * delta) : null;
    const data = { kind: 'series', start, step: delta } as const;
    return { ...constant(name, { shape: [count], elementType }, values), data };
  },
  Identity: renamed((type) => type.shape),
  Dropout: renamed((type) => type.shape),
  Flatten: renamed((type, call) => {
    const axis = call.attributes.integer('axis', 1);
    const at = axis < 0 ? axis + type.shape.length : axis;
    return [product(type.shape, 0, at), product(type.shape, at)];
  }),
  Squeeze: renamed((type, call) => {
    const axes = axesOf(call)?.map((axis) => (axis < 0 ? axis + type.shape.length : axis));
    return type.shape.filter((extent, axis) => (axes ? !axes.includes(axis) : extent !== 1));
  }),
  Unsqueeze: renamed((type, call) => {
    const axes = axesOf(call);
    if (!axes) return null;
    const rank = type.shape.length + axes.length;
    if (rank > 64) return null;
    const places = axes.map((axis) => (axis < 0 ? axis + rank : axis));
    const shape: number[] = [];
    let next = 0;
    for (let i = 0; i < rank; i++) shape.push(places.includes(i) ? 1 : (type.shape[next++] ?? 1));
    return shape;
  }),
  Reshape: renamed((type, call) => {
    const wanted = call.attributes.integers('shape') ?? valuesAt(call.inputs, 1);
    if (!wanted || wanted.length > 64) return null;
    const shape = wanted.map((extent, i) => (extent === 0 ? (type.shape[i] ?? 0) : extent));
    const known = product(shape.filter((extent) => extent >= 0));
    const made = shape.map((extent) => (extent < 0 && known > 0 ? product(type.shape) / known : extent));
    return product(made) === product(type.shape) ? made : null;
  }),
  Cast(call, name) {
    const from = call.inputs[0];
    if (from?.kind !== 'constant') return null;
    const elementType = elementTypeOfData(call.attributes.integer('to', 0));
    if (elementType === 'other') return null;
    const isWhole = elementType.includes('int');
    const values = from.values?.map((value) =>
      elementType === 'bool' ? flag(value !== 0) : isWhole ? Math.trunc(value) : value,
    );
    const type = { shape: from.type.shape, elementType };
    const data: StoredData = values ? { kind: 'values', values } : computed('cast', { elementType }, [from]);
    return { ...from, name, type, values: values ?? null, data };
  },
  Gather(call, name) {
    const data = call.inputs[0];
    const indices = call.inputs[1];
    if (data?.kind !== 'constant' || !data.values || call.attributes.integer('axis', 0) !== 0) return null;
    if (indices?.kind !== 'constant' || !indices.values) return null;
    const [extent = 0, ...rest] = data.type.shape;
    const size = product(rest);
    const places = indices.values.map((index) => (index < 0 ? index + extent : index));
    if (places.length * size > SMALL || places.some((place) => !(place >= 0 && place < extent))) return null;
    const values = places.flatMap((place) => data.values!.slice(place * size, (place + 1) * size));
    return constant(name, { shape: [...indices.type.shape, ...rest], elementType: data.type.elementType }, values);
  },
  Concat(call, name) {
    const parts = listed(call);
    if (!parts?.every(({ type }) => type.shape.length === 1)) return null;
    const values = parts.flatMap((part) => part.values ?? []);
    const elementType = parts[0]?.type.elementType ?? 'int64';
    return values.length <= SMALL ? constant(name, { shape: [values.length], elementType }, values) : null;
  },
  Slice(call, name) {
    const from = call.inputs[0];
    const starts = call.attributes.integers('starts') ?? valuesAt(call.inputs, 1);
    const ends = call.attributes.integers('ends') ?? valuesAt(call.inputs, 2);
    if (from?.kind !== 'constant' || !from.values || !starts || !ends) return null;
    const axes = call.attributes.integers('axes') ?? valuesAt(call.inputs, 3) ?? starts.map((_, axis) => axis);
    const distances = call.inputs[4] ? valuesAt(call.inputs, 4) : starts.map(() => 1);
    const shape = [...from.type.shape];
    const steps = [...stridesOf(shape)];
    let origin = 0;
    for (const [i, given] of axes.entries()) {
      const axis = resolveAxis(given, shape.length);
      const first = starts[i];
      const last = ends[i];
      const step = distances?.[i];
      if (axis === null || first === undefined || last === undefined || !Number.isInteger(step) || !step) return null;
      const extent = from.type.shape[axis]!;
      const place = (index: number) => (index < 0 ? index + extent : index);
      const start = clampIndex(place(first), 0, step > 0 ? extent : extent - 1);
      const end = clampIndex(place(last), step > 0 ? 0 : -1, step > 0 ? extent : extent - 1);
      shape[axis] = Math.max(Math.ceil((end - start) / step), 0);
      origin += start * steps[axis]!;
      steps[axis]! *= step;
    }
    const type = { shape, elementType: from.type.elementType };
    return constant(name, type, walk(from.values, shape, origin, steps));
  },
  Transpose(call, name) {
    const from = call.inputs[0];
    if (from?.kind !== 'constant' || !from.values) return null;
    const rank = from.type.shape.length;
    const order = call.attributes.integers('perm') ?? from.type.shape.map((_, axis) => rank - 1 - axis);
    if (order.length !== rank || order.some((axis) => axis < 0 || axis >= rank)) return null;
    const strides = stridesOf(from.type.shape);
    const shape = order.map((axis) => from.type.shape[axis]!);
    const steps = order.map((axis) => strides[axis]!);
    const values = walk(from.values, shape, 0, steps);
    return { ...from, name, type: { ...from.type, shape }, values, data: { kind: 'values', values } };
  },
  Expand(call, name) {
    const from = call.inputs[0];
    const wanted = valuesAt(call.inputs, 1);
    if (from?.kind !== 'constant' || !from.values || !wanted) return null;
    const shape = broadcast(from.type.shape, wanted);
    if (!shape || product(shape) > SMALL) return null;
    return constant(name, { shape, elementType: from.type.elementType }, spread(from, shape));
  },
  Where(call, name) {
    const operands = listed(call);
    const [condition, a, b] = operands ?? [];
    if (!condition || !a || !b) return null;
    const inner = broadcast(condition.type.shape, a.type.shape);
    const shape = inner && broadcast(inner, b.type.shape);
    if (!shape || product(shape) > SMALL) return null;
    const [chosen, yes, no] = [condition, a, b].map((each) => spread(each, shape));
    const values = chosen!.map((value, i) => (value !== 0 ? yes![i]! : no![i]!));
    return constant(name, { shape, elementType: a.type.elementType }, values);
  },
  Add: pointwise((a, b) => a + b),
  Sub: pointwise((a, b) => a - b),
  Mul: pointwise((a, b) => a * b),
  Div: pointwise((a, b) => a / b),
  Mod: pointwise((a, b) => a - b * Math.floor(a / b)),
  Pow: pointwise((a, b) => a ** b),
  Max: pointwise(Math.max),
  Min: pointwise(Math.min),
  Equal: pointwise((a, b) => flag(a === b), toBool),
  Less: pointwise((a, b) => flag(a < b), toBool),
  LessOrEqual: pointwise((a, b) => flag(a <= b), toBool),
  Greater: pointwise((a, b) => flag(a > b), toBool),
  GreaterOrEqual: pointwise((a, b) => flag(a >= b), toBool),
  And: pointwise((a, b) => flag(a !== 0 && b !== 0), toBool),
  Or: pointwise((a, b) => flag(a !== 0 || b !== 0), toBool),
  Xor: pointwise((a, b) => flag((a !== 0) !== (b !== 0)), toBool),
  Not: unary((x) => flag(x === 0), toBool),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Sqrt: unary(Math.sqrt),
  ReduceProd: reduceAll((a, b) => a * b),
  ReduceSum: reduceAll((a, b) => a + b),
  ReduceMax: reduceAll(Math.max),
  ReduceMin: reduceAll(Math.min),
};

function splitList(call: Call): readonly Constant[] | null {
  const from = call.inputs[0];
  if (from?.kind !== 'constant' || !from.values || from.type.shape.length !== 1) return null;
  if (resolveAxis(call.attributes.integer('axis', 0), 1) === null) return null;
  const parts = call.outputs.length;
  const chunk = Math.ceil(from.values.length / parts);
  const sizes = call.attributes.integers('split') ?? valuesAt(call.inputs, 1) ?? call.outputs.map(() => chunk);
  let at = 0;
  return call.outputs.map((name, i) => {
    const values = from.values!.slice(at, at + (sizes[i] ?? 0));
    at += sizes[i] ?? 0;
    return constant(name, { shape: [values.length], elementType: from.type.elementType }, values);
  });
}
