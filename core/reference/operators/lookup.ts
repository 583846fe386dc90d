/** Reading and writing by index; negative indices count from the end. Source: ONNX operators, Gather-13 … ScatterND-18. */
import { err, type Result } from '#core/base/result.ts';
import { product } from '#core/catalog/operators/common.ts';
import { integerOf, textOf } from '#core/catalog/parameter.ts';
import { axisAt, stridesOf } from '../indexing.ts';
import type { NumberArray, TensorValues } from '../values.ts';
import { type Call, done, type Evaluate, type Evaluators, operand, resultArray } from './call.ts';

/** Index of an axis, or one sentence when it lies outside. */
function placeOf(index: number, extent: number): Result<number, string> {
  const place = axisAt(index, extent);
  return place >= 0 && place < extent
    ? { ok: true, value: place }
    : err(`index ${index} lies outside an axis of ${extent}`);
}

function places(indices: NumberArray, extent: number): Result<Int32Array, string> {
  const found = new Int32Array(indices.length);
  for (let i = 0; i < found.length; i++) {
    const place = placeOf(indices[i]!, extent);
    if (!place.ok) return place;
    found[i] = place.value;
  }
  return { ok: true, value: found };
}

/** Whole entries of an axis. */
function entries(call: Call, data: TensorValues, indices: TensorValues, axis: number) {
  const extent = data.type.shape[axis] ?? 1;
  const found = places(indices.data, extent);
  if (!found.ok) return found;
  const inner = product(data.type.shape, axis + 1);
  const outer = product(data.type.shape, 0, axis);
  const made = resultArray(call);
  for (let o = 0, at = 0; o < outer; o++)
    for (const place of found.value)
      for (let i = 0; i < inner; i++) made[at++] = data.data[(o * extent + place) * inner + i]!;
  return done(made);
}

/** Where in `data` each single element named by `indices` lies: its own index, but the given one on `axis`. */
function elementPlaces(data: TensorValues, indices: TensorValues, axis: number): Result<Int32Array, string> {
  const found = places(indices.data, data.type.shape[axis] ?? 1);
  if (!found.ok) return found;
  const strides = stridesOf(data.type.shape);
  const { shape } = indices.type;
  const own = stridesOf(shape);
  for (let i = 0; i < found.value.length; i++) {
    let at = found.value[i]! * strides[axis]!;
    for (const [other, stride] of own.entries())
      if (other !== axis) at += (Math.floor(i / stride) % shape[other]!) * strides[other]!;
    found.value[i] = at;
  }
  return found;
}

/** Where each tuple's entry starts, and how many elements an entry has. */
function tuplePlaces(
  data: TensorValues,
  indices: TensorValues,
  batchAxes: number,
): Result<{ readonly starts: Int32Array; readonly size: number }, string> {
  const depth = indices.type.shape.at(-1) ?? 1;
  const strides = stridesOf(data.type.shape);
  const count = indices.data.length / depth;
  const batches = product(data.type.shape, 0, batchAxes);
  const batchSize = product(data.type.shape, batchAxes);
  const starts = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    starts[i] = Math.floor(i / (count / batches)) * batchSize;
    for (let j = 0; j < depth; j++) {
      const place = placeOf(indices.data[i * depth + j]!, data.type.shape[batchAxes + j] ?? 1);
      if (!place.ok) return place;
      starts[i]! += place.value * strides[batchAxes + j]!;
    }
  }
  return { ok: true, value: { starts, size: product(data.type.shape, batchAxes + depth) } };
}

const gather: Evaluate = (call) => {
  const [data, indices] = [operand(call, 0), operand(call, 1)];
  const axis = axisAt(integerOf(call.parameters, 'axis'), data.type.shape.length);
  const mode = textOf(call.parameters, 'mode', 'entries');
  if (mode === 'entries') return entries(call, data, indices, axis);
  const made = resultArray(call);
  if (mode === 'elements') {
    const found = elementPlaces(data, indices, axis);
    if (!found.ok) return found;
    for (let i = 0; i < made.length; i++) made[i] = data.data[found.value[i]!]!;
    return done(made);
  }
  const found = tuplePlaces(data, indices, integerOf(call.parameters, 'batchAxes'));
  if (!found.ok) return found;
  const { starts, size } = found.value;
  for (let i = 0; i < made.length; i++) made[i] = data.data[starts[Math.floor(i / size)]! + (i % size)]!;
  return done(made);
};

const REDUCTIONS: Readonly<Record<string, (old: number, update: number) => number>> = {
  none: (_, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: Math.max,
  min: Math.min,
};

const scatter: Evaluate = (call) => {
  const [data, indices, updates] = [operand(call, 0), operand(call, 1), operand(call, 2)];
  const reduction = textOf(call.parameters, 'reduction', 'none');
  const reduce = REDUCTIONS[reduction];
  if (!reduce) return err(`reduction '${reduction}' is not known`);
  const made = resultArray(call);
  made.set(data.data);
  if (textOf(call.parameters, 'mode', 'elements') === 'tuples') {
    const found = tuplePlaces(data, indices, 0);
    if (!found.ok) return found;
    const { starts, size } = found.value;
    for (let i = 0; i < updates.data.length; i++) {
      const at = starts[Math.floor(i / size)]! + (i % size);
      made[at] = reduce(made[at]!, updates.data[i]!);
    }
    return done(made);
  }
  const axis = axisAt(integerOf(call.parameters, 'axis'), data.type.shape.length);
  const found = elementPlaces(data, indices, axis);
  if (!found.ok) return found;
  for (const [i, at] of found.value.entries()) made[at] = reduce(made[at]!, updates.data[i]!);
  return done(made);
};

export const LOOKUP: Evaluators = {
  gather,
  scatter,
  embedding: (call) => entries(call, call.weight('table'), operand(call), 0),
};
