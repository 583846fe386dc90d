/**
 * Operators that copy elements to other places. Source: ONNX operators, Concat-13, Split-18, Slice-13, Pad-21, Expand-13,
 * Tile-13, SpaceToDepth-13, DepthToSpace-13.
 */
import { err } from '#core/base/result.ts';
import { product } from '#core/catalog/operators/common.ts';
import { integerOf, integersOf, textOf } from '#core/catalog/parameter.ts';
import { axisAt, broadcastOffsets, offsetsByAxis, offsetsOf, stridesOf } from '../indexing.ts';
import { numberArray } from '../values.ts';
import { type Call, done, type Evaluate, type Evaluators, operand, picked, resultArray, resultType } from './call.ts';
import { resize } from './resize.ts';

const range = (length: number, from = 0, step = 1) => Array.from({ length }, (_, i) => from + i * step);

/** The result whose index on each axis stands for the listed index of the input; −1 stands for `fill`. */
function byAxis(call: Call, lists: readonly (readonly number[])[], fill = 0) {
  const x = operand(call);
  const offsets = offsetsByAxis(x.type.shape, lists);
  const made = resultArray(call);
  for (let i = 0; i < made.length; i++) made[i] = offsets[i]! < 0 ? fill : x.data[offsets[i]!]!;
  return done(made);
}

const concat: Evaluate = (call) => {
  const parts = call.inputs.filter((each) => each !== null);
  const { shape } = resultType(call);
  const axis = axisAt(integerOf(call.parameters, 'axis', 1), shape.length);
  const made = resultArray(call);
  const row = product(shape, axis);
  let start = 0;
  for (const { data, type } of parts) {
    const width = product(type.shape, axis);
    for (let i = 0; i * width < data.length; i++)
      for (let j = 0; j < width; j++) made[i * row + start + j] = data[i * width + j]!;
    start += width;
  }
  return done(made);
};

const split: Evaluate = (call) => {
  const { data, type } = operand(call);
  const axis = axisAt(integerOf(call.parameters, 'axis', 1), type.shape.length);
  const row = product(type.shape, axis);
  let start = 0;
  const parts = call.outputs.map((part) => {
    const width = product(part.shape, axis);
    const made = numberArray(part.elementType, product(part.shape));
    for (let i = 0; i < made.length; i++) made[i] = data[Math.floor(i / width) * row + start + (i % width)]!;
    start += width;
    return made;
  });
  return done(...parts);
};

const slice: Evaluate = (call) => {
  const [axes, starts, steps] = ['axes', 'starts', 'steps'].map((id) => integersOf(call.parameters, id));
  const from = operand(call).type.shape;
  const lists = resultType(call).shape.map((extent) => range(extent));
  for (const [i, given] of axes!.entries()) {
    const axis = axisAt(given, from.length);
    const extent = from[axis]!;
    const step = steps![i] ?? 1;
    const start = Math.min(Math.max(axisAt(starts![i]!, extent), 0), step > 0 ? extent : extent - 1);
    lists[axis] = range(lists[axis]!.length, start, step);
  }
  return byAxis(call, lists);
};

/** Index of the input for a place `at` that may lie outside 0 … extent − 1; −1 is the constant. */
const OUTSIDE: Readonly<Record<string, (at: number, extent: number) => number>> = {
  constant: (at, extent) => (at < 0 || at >= extent ? -1 : at),
  edge: (at, extent) => Math.min(Math.max(at, 0), extent - 1),
  wrap: (at, extent) => ((at % extent) + extent) % extent,
  reflect(at, extent) {
    if (extent === 1) return 0;
    const period = 2 * (extent - 1);
    const place = ((at % period) + period) % period;
    return place < extent ? place : period - place;
  },
};

const pad: Evaluate = (call) => {
  const mode = textOf(call.parameters, 'mode', 'constant');
  const place = OUTSIDE[mode];
  if (!place) return err(`mode '${mode}' is not known`);
  const pads = integersOf(call.parameters, 'pads');
  const from = operand(call).type.shape;
  const lists = resultType(call).shape.map((extent, axis) =>
    range(extent, -pads[axis]!).map((at) => place(at, from[axis]!)),
  );
  return byAxis(call, lists, integerOf(call.parameters, 'value'));
};

const expand: Evaluate = (call) => {
  const { data, type } = operand(call);
  return done(picked(resultArray(call), data, broadcastOffsets(type.shape, resultType(call).shape)));
};

const tile: Evaluate = (call) => {
  const from = operand(call).type.shape;
  return byAxis(
    call,
    resultType(call).shape.map((extent, axis) => range(extent).map((at) => at % from[axis]!)),
  );
};

/** Seen as `shape`, with the axes in the order `permutation`. */
function rearranged(call: Call, shape: readonly number[], permutation: readonly number[]) {
  const strides = stridesOf(shape);
  const offsets = offsetsOf(
    permutation.map((axis) => shape[axis]!),
    permutation.map((axis) => strides[axis]!),
  );
  return done(picked(resultArray(call), operand(call).data, offsets));
}

const spaceToDepth: Evaluate = (call) => {
  const block = integerOf(call.parameters, 'blockSize', 2);
  const [n = 1, c = 1, h = 1, w = 1] = operand(call).type.shape;
  return rearranged(call, [n, c, h / block, block, w / block, block], [0, 3, 5, 1, 2, 4]);
};

const depthToSpace: Evaluate = (call) => {
  const block = integerOf(call.parameters, 'blockSize', 2);
  const [n = 1, c = 1, h = 1, w = 1] = operand(call).type.shape;
  const depth = c / (block * block);
  return textOf(call.parameters, 'mode', 'DCR') === 'CRD'
    ? rearranged(call, [n, depth, block, block, h, w], [0, 1, 4, 2, 5, 3])
    : rearranged(call, [n, block, block, depth, h, w], [0, 3, 4, 1, 5, 2]);
};

const transpose: Evaluate = (call) => {
  const { shape } = operand(call).type;
  const wanted = integersOf(call.parameters, 'permutation');
  return rearranged(call, shape, wanted.length > 0 ? wanted : shape.map((_, i) => shape.length - 1 - i));
};

export const MOVEMENT: Evaluators = {
  concat,
  split,
  slice,
  pad,
  expand,
  tile,
  'space-to-depth': spaceToDepth,
  'depth-to-space': depthToSpace,
  transpose,
  resize,
};
