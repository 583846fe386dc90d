/** Shape changes and data movement. Attributes of old opsets and inputs of new ones are read alike. */
import type { ElementType } from '#core/catalog/operator-type.ts';
import { LARGEST } from '#core/catalog/operators/common.ts';
import { type Call, valuesAt } from '../fold.ts';
import {
  bounded,
  constantAt,
  finite,
  isGiven,
  type Mapper,
  type Mappers,
  type Mapping,
  shapeAt,
  simple,
} from '../mapping.ts';
import { elementTypeOfData, isElementType, type Value } from '../values.ts';

const first = (call: Call): readonly (Value | null)[] => [call.inputs[0] ?? null];

/** A list that is an attribute in old opsets and input `at` in new ones; null when it is neither or not known. */
function listOf(call: Call, attribute: string, at: number): readonly number[] | null {
  const list = call.attributes.integers(attribute) ?? valuesAt(call.inputs, at);
  return list ? bounded(list) : null;
}

const slice: Mapper = (call) => {
  const starts = listOf(call, 'starts', 1);
  const ends = listOf(call, 'ends', 2);
  if (!starts || !ends) return null;
  const axes = listOf(call, 'axes', 3) ?? starts.map((_, axis) => axis);
  const steps = call.inputs[4] ? valuesAt(call.inputs, 4) : starts.map(() => 1);
  if (!steps) return null;
  return { type: 'slice', parameters: { axes, starts, ends, steps: bounded(steps) }, inputs: first(call) };
};

const pad: Mapper = (call) => {
  const given = listOf(call, 'pads', 1) ?? call.attributes.integers('paddings');
  if (!given) return null;
  const mode = call.attributes.text('mode', 'constant');
  const value = call.attributes.has('value') ? call.attributes.float('value', 0) : valuesAt(call.inputs, 2)?.[0];
  const rank = shapeAt(call, 0)?.length;
  const axes = valuesAt(call.inputs, 3);
  if (axes && rank === undefined) return null;
  let pads = given;
  if (axes && rank !== undefined) {
    const full = new Array<number>(2 * rank).fill(0);
    for (const [i, axis] of axes.entries()) {
      const place = axis < 0 ? axis + rank : axis;
      full[place] = given[i] ?? 0;
      full[place + rank] = given[i + axes.length] ?? 0;
    }
    pads = full.slice(0, 2 * rank);
  }
  const isUnknown = isGiven(call, 2) && !valuesAt(call.inputs, 2);
  return {
    type: 'pad',
    parameters: { pads, mode, value: finite(value, 0) },
    inputs: first(call),
    deviation: isUnknown ? 'the value it adds is computed' : null,
  };
};

const COORDINATES: Readonly<Record<string, string>> = {
  half_pixel: 'half-pixel',
  half_pixel_symmetric: 'half-pixel-symmetric',
  pytorch_half_pixel: 'pytorch-half-pixel',
  align_corners: 'align-corners',
  asymmetric: 'asymmetric',
};

/** Attributes of Resize whose effect is not drawn. */
function resizeDeviation(call: Call, sizes: readonly number[], scales: readonly number[] | null): string | null {
  const { attributes } = call;
  const coordinates = attributes.text('coordinate_transformation_mode', 'half_pixel');
  if (!(coordinates in COORDINATES)) return `coordinates '${coordinates}' are not drawn`;
  if (attributes.integer('antialias', 0) === 1) return 'it filters before it shrinks (antialias = 1)';
  if (attributes.integer('exclude_outside', 0) === 1) return 'weights outside are left out (exclude_outside = 1)';
  if (attributes.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch') return 'it keeps the aspect ratio';
  const shape = shapeAt(call, 0);
  const isUneven = scales?.some((scale, i) => Math.abs(scale * (shape?.[i] ?? 1) - sizes[i]!) > 1e-3 * scale);
  return isUneven ? 'its scales do not give whole extents' : null;
}

/** `scales`: what the sizes come from, where they do. */
function resized(
  call: Call,
  sizes: readonly number[] | null,
  scales: readonly number[] | null,
  isLegacy = call.opset < 11,
): Mapping | null {
  if (!sizes || sizes.some((extent) => !(extent >= 1 && extent <= LARGEST))) return null;
  const mode = call.attributes.text('mode', 'nearest');
  const known = mode === 'cubic' ? 'cubic' : mode === 'nearest' ? 'nearest' : 'linear';
  const coordinates = COORDINATES[call.attributes.text('coordinate_transformation_mode', 'half_pixel')] ?? 'half-pixel';
  const rounding = call.attributes.text('nearest_mode', 'round_prefer_floor').replaceAll('_', '-');
  return {
    type: 'resize',
    parameters: {
      mode: known,
      sizes,
      // Upsample and Resize before opset 11 map an index by the scale alone and cut it off.
      coordinates: isLegacy ? 'asymmetric' : coordinates,
      rounding: isLegacy ? 'floor' : rounding,
      cubicCoefficient: call.attributes.float('cubic_coeff_a', -0.75),
    },
    inputs: first(call),
    deviation: resizeDeviation(call, sizes, scales),
  };
}

function onAxes(call: Call, shape: readonly number[], values: readonly number[], fill: readonly number[]) {
  const axes = call.attributes.integers('axes');
  if (!axes) return values.length === shape.length ? values : null;
  const full = [...fill];
  for (const [i, axis] of axes.entries()) full[axis < 0 ? axis + shape.length : axis] = values[i] ?? 1;
  return full.slice(0, shape.length);
}

function scaledBy(shape: readonly number[], scales: readonly number[] | null): readonly number[] | null {
  return scales?.length === shape.length ? shape.map((extent, i) => Math.floor(extent * scales[i]!)) : null;
}

const resize: Mapper = (call) => {
  const shape = shapeAt(call, 0);
  if (!shape) return null;
  const sizes = valuesAt(call.inputs, 3);
  if (sizes && sizes.length > 0) return resized(call, onAxes(call, shape, sizes, shape), null);
  const scales = valuesAt(call.inputs, call.opset < 11 ? 1 : 2);
  if (!scales) return null;
  const ones = shape.map(() => 1);
  const full = onAxes(call, shape, scales, ones);
  return resized(call, scaledBy(shape, full), full);
};

const upsample: Mapper = (call) => {
  const shape = shapeAt(call, 0);
  if (!shape) return null;
  const scales = call.attributes.floats('scales') ?? valuesAt(call.inputs, 1);
  const height = call.attributes.float('height_scale', 1);
  const width = call.attributes.float('width_scale', 1);
  const full = scales ?? [1, 1, height, width];
  return resized(call, scaledBy(shape, full), full, true);
};

const cast: Mapper = (call) => {
  const named = call.attributes.text('to').toLowerCase();
  const aliases: Readonly<Record<string, ElementType>> = { float: 'fp32', double: 'fp64', float16: 'fp16' };
  const byName = isElementType(named) ? named : aliases[named];
  const elementType = byName ?? elementTypeOfData(call.attributes.integer('to', 0));
  return elementType === 'other' ? null : { type: 'cast', parameters: { elementType }, inputs: first(call) };
};

const reshape: Mapper = (call) => {
  const shape = listOf(call, 'shape', 1);
  if (!shape) return null;
  const allowZero = call.attributes.integer('allowzero', 0) === 1;
  return { type: 'reshape', parameters: { shape, allowZero }, inputs: first(call) };
};

const gatherLike =
  (mode: string, axis: (call: Call) => number): Mapper =>
  (call) => ({
    type: 'gather',
    parameters: { axis: axis(call), mode, batchAxes: call.attributes.integer('batch_dims', 0) },
    inputs: [call.inputs[0] ?? null, call.inputs[1] ?? null],
  });

const gather: Mapper = (call) => {
  const table = constantAt(call, 0);
  const axis = call.attributes.integer('axis', 0);
  if (table?.type.shape.length === 2 && axis === 0 && call.inputs[1]?.kind === 'flow') {
    const [vocabulary = 1, width = 1] = table.type.shape;
    return {
      type: 'embedding',
      parameters: { vocabulary, width },
      inputs: [call.inputs[1]],
      weight: table,
      weights: { table },
    };
  }
  return gatherLike('entries', () => axis)(call);
};

const scatter =
  (mode: string): Mapper =>
  (call) => ({
    type: 'scatter',
    parameters: {
      mode,
      axis: call.attributes.integer('axis', 0),
      reduction: call.attributes.text('reduction', 'none'),
    },
    inputs: call.inputs.slice(0, 3),
  });

export const LAYOUT: Mappers = {
  Concat: (call) => ({
    type: 'concat',
    parameters: { axis: call.attributes.integer('axis', 1) },
    inputs: call.inputs,
  }),
  Split(call) {
    const sizes = listOf(call, 'split', 1) ?? [];
    if (call.inputs[1] && sizes.length === 0) return null;
    const parameters = { axis: call.attributes.integer('axis', 0), outputs: call.outputs.length, sizes };
    return { type: 'split', parameters, inputs: first(call) };
  },
  Slice: slice,
  Reshape: reshape,
  Flatten: simple('flatten', (call) => ({ axis: call.attributes.integer('axis', 1) })),
  Squeeze(call) {
    const axes = listOf(call, 'axes', 1);
    return call.inputs[1] && !axes ? null : { type: 'squeeze', parameters: { axes: axes ?? [] }, inputs: first(call) };
  },
  Unsqueeze(call) {
    const axes = listOf(call, 'axes', 1);
    return axes ? { type: 'unsqueeze', parameters: { axes }, inputs: first(call) } : null;
  },
  Transpose: simple('transpose', (call) => ({ permutation: bounded(call.attributes.integers('perm') ?? []) })),
  Pad: pad,
  Resize: resize,
  Upsample: upsample,
  Gather: gather,
  GatherElements: gatherLike('elements', (call) => call.attributes.integer('axis', 0)),
  GatherND: gatherLike('tuples', () => 0),
  ScatterElements: scatter('elements'),
  Scatter: scatter('elements'),
  ScatterND: scatter('tuples'),
  Expand(call) {
    const shape = valuesAt(call.inputs, 1);
    return shape ? { type: 'expand', parameters: { shape: bounded(shape) }, inputs: first(call) } : null;
  },
  Tile(call) {
    const repeats = valuesAt(call.inputs, 1);
    return repeats ? { type: 'tile', parameters: { repeats: bounded(repeats) }, inputs: first(call) } : null;
  },
  SpaceToDepth: simple('space-to-depth', (call) => ({ blockSize: call.attributes.integer('blocksize', 2) })),
  DepthToSpace: simple('depth-to-space', (call) => ({
    blockSize: call.attributes.integer('blocksize', 2),
    mode: call.attributes.text('mode', 'DCR'),
  })),
  Identity: simple('identity'),
  Dropout: simple('dropout', (call) => ({
    ratio: Math.min(Math.max(call.attributes.float('ratio', valuesAt(call.inputs, 1)?.[0] ?? 0.5), 0), 1),
  })),
  Cast: cast,
  CastLike(call) {
    const elementType = call.inputs[1]?.type?.elementType;
    return elementType ? { type: 'cast', parameters: { elementType }, inputs: first(call) } : null;
  },
};
