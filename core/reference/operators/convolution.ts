/**
 * Convolutions over one to three spatial axes, all lifted to three; padding counts as zero, for integers as the zero
 * point. Source: ONNX operators, Conv-22, ConvTranspose-22, ConvInteger-10, QLinearConv-10.
 */
import { err } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { product } from '#core/catalog/operators/common.ts';
import { perAxis, slide } from '#core/catalog/operators/window.ts';
import { booleanOf, integerOf, integersOf, textOf } from '#core/catalog/parameter.ts';
import type { NumberArray } from '../values.ts';
import { type Call, done, type Evaluate, type Evaluators, operand, real, resultArray, resultType } from './call.ts';
import { quantisationOf } from './quantised.ts';

/** Depth, height, width. */
type Three = readonly [number, number, number];

const lifted = (list: readonly number[], fill: number): Three => {
  const [a = fill, b = fill, c = fill] = [...new Array<number>(3 - list.length).fill(fill), ...list];
  return [a, b, c];
};

interface Geometry {
  readonly kernel: Three;
  readonly strides: Three;
  readonly dilations: Three;
  readonly begins: Three;
  /** Extents of the side that is slid over, and of the side with one entry a position of the window. */
  readonly wide: Three;
  readonly narrow: Three;
}

/** Positions p of the window, from and to, for which p·stride − begin + tap lies in 0 … extent − 1. */
function span(extent: number, positions: number, stride: number, begin: number, tap: number): [number, number] {
  const from = Math.max(0, Math.ceil((begin - tap) / stride));
  const to = Math.min(positions - 1, Math.floor((extent - 1 + begin - tap) / stride));
  return [from, to];
}

/**
 * Calls `row` for every tap of the window and every row of positions that it meets: index of the tap, where the row
 * starts on the narrow and on the wide side, how many positions, and the distance of theirs on the wide side.
 */
function slideRows(
  g: Geometry,
  row: (tap: number, narrow: number, wide: number, count: number, step: number) => void,
): void {
  const [kd, kh, kw] = g.kernel;
  const [sd, sh, sw] = g.strides;
  const [, wideHeight, wideWidth] = g.wide;
  const [, narrowHeight, narrowWidth] = g.narrow;
  for (let z = 0, tap = 0; z < kd; z++) {
    const tapZ = z * g.dilations[0];
    const [zFrom, zTo] = span(g.wide[0], g.narrow[0], sd, g.begins[0], tapZ);
    for (let y = 0; y < kh; y++) {
      const tapY = y * g.dilations[1];
      const [yFrom, yTo] = span(wideHeight, narrowHeight, sh, g.begins[1], tapY);
      for (let x = 0; x < kw; x++, tap++) {
        const tapX = x * g.dilations[2];
        const [xFrom, xTo] = span(wideWidth, narrowWidth, sw, g.begins[2], tapX);
        if (xTo < xFrom) continue;
        for (let pz = zFrom; pz <= zTo; pz++) {
          const wz = pz * sd - g.begins[0] + tapZ;
          for (let py = yFrom; py <= yTo; py++) {
            const wy = py * sh - g.begins[1] + tapY;
            row(
              tap,
              (pz * narrowHeight + py) * narrowWidth + xFrom,
              (wz * wideHeight + wy) * wideWidth + xFrom * sw - g.begins[2] + tapX,
              xTo - xFrom + 1,
              sw,
            );
          }
        }
      }
    }
  }
}

/** `into[at + i·step] += factor·from[fromAt + i·fromStep]` for i below `count`. */
function addRow(
  into: Float64Array,
  at: number,
  step: number,
  from: Float64Array,
  fromAt: number,
  fromStep: number,
  count: number,
  factor: number,
): void {
  for (let i = 0; i < count; i++) into[at + i * step]! += factor * from[fromAt + i * fromStep]!;
}

/**
 * `into[at + i] += Σ weight[tap + c·taps]·from[fromAt + c·size + i·step]` over channels c below `depth`, for i below
 * `count`; four channels at a time, which touches each sum a quarter as often.
 */
function addChannels(
  into: Float64Array,
  at: number,
  from: Float64Array,
  fromAt: number,
  size: number,
  step: number,
  count: number,
  weight: Float64Array,
  tap: number,
  taps: number,
  depth: number,
): void {
  let channel = 0;
  for (; channel + 3 < depth; channel += 4) {
    const w0 = weight[tap + channel * taps]!;
    const w1 = weight[tap + (channel + 1) * taps]!;
    const w2 = weight[tap + (channel + 2) * taps]!;
    const w3 = weight[tap + (channel + 3) * taps]!;
    let x = fromAt + channel * size;
    for (let i = 0; i < count; i++, x += step)
      into[at + i]! += w0 * from[x]! + w1 * from[x + size]! + w2 * from[x + 2 * size]! + w3 * from[x + 3 * size]!;
  }
  for (; channel < depth; channel++)
    addRow(into, at, 1, from, fromAt + channel * size, step, count, weight[tap + channel * taps]!);
}

/** A window of one element that goes everywhere sees the whole plane as one row. */
function flattened(g: Geometry): Geometry {
  const isPlain = [...g.kernel, ...g.strides].every((each) => each === 1) && g.wide.join() === g.narrow.join();
  const row: Three = [1, 1, product(g.wide)];
  return isPlain ? { ...g, wide: row, narrow: row } : g;
}

const convolution =
  (groupsOf: (channels: number, p: ParameterValues) => number): Evaluate =>
  (call) => {
    const p = call.parameters;
    const x = operand(call);
    const [batch = 1, channels = 1, ...spatial] = x.type.shape;
    const [, filters = 1, ...result] = resultType(call).shape;
    const window = slide(spatial, p);
    if (!window.ok) return window;
    const { kernel, strides, dilations, begins } = window.value;
    const geometry = flattened({
      kernel: lifted(kernel, 1),
      strides: lifted(strides, 1),
      dilations: lifted(dilations, 1),
      begins: lifted(begins, 0),
      wide: lifted(spatial, 1),
      narrow: lifted(result, 1),
    });
    const groups = groupsOf(channels, p);
    const depth = channels / groups;
    const taps = product(kernel);
    const quantised = quantisationOf(call, filters);
    const from = real(x, quantised.inputZero);
    const weight = quantised.weight(call.weight('weight'), depth * taps);
    const bias = booleanOf(p, 'bias', true) ? call.weight('bias').data : null;
    const made = resultArray(call);
    const size = product(spatial);
    const positions = product(result);
    const sums = new Float64Array(positions);
    for (let n = 0; n < batch; n++)
      for (let filter = 0; filter < filters; filter++) {
        sums.fill(bias ? bias[filter]! : 0);
        const first = n * channels + Math.floor(filter / (filters / groups)) * depth;
        slideRows(geometry, (tap, narrow, wide, count, step) => {
          const kernel = filter * depth * taps + tap;
          addChannels(sums, narrow, from, first * size + wide, size, step, count, weight, kernel, taps, depth);
        });
        quantised.store(made, (n * filters + filter) * positions, sums, () => filter);
      }
    return done(made);
  };

const groupsGiven = (_: number, p: ParameterValues) => Math.max(1, integerOf(p, 'groups', 1));

/** Zeros before each axis of the result that are cut off again (ConvTranspose-22: pads from the output shape). */
function transposedBegins(call: Call, spatial: readonly number[], result: readonly number[]): readonly number[] | null {
  const p = call.parameters;
  const rank = spatial.length;
  const [kernel, strides, dilations, extra, pads] = (
    [
      ['kernel', 1],
      ['strides', 1],
      ['dilations', 1],
      ['outputPadding', 0],
      ['pads', 0],
    ] as const
  ).map(([id, fill]) => {
    const list = perAxis(p, id, id === 'pads' ? 2 * rank : rank, fill);
    return list.ok ? list.value : null;
  });
  if (!kernel || !strides || !dilations || !extra || !pads) return null;
  const autoPad = textOf(p, 'autoPad', 'explicit');
  if (autoPad === 'valid') return spatial.map(() => 0);
  if (autoPad === 'explicit' && integersOf(p, 'outputShape').length === 0) return pads.slice(0, rank);
  return spatial.map((extent, axis) => {
    const reach = (kernel[axis]! - 1) * dilations[axis]! + 1;
    const total = Math.max(strides[axis]! * (extent - 1) + extra[axis]! + reach - result[axis]!, 0);
    return autoPad === 'same-upper' ? Math.floor(total / 2) : total - Math.floor(total / 2);
  });
}

const transposed: Evaluate = (call) => {
  const p = call.parameters;
  const x = operand(call);
  const [batch = 1, channels = 1, ...spatial] = x.type.shape;
  const [, filters = 1, ...result] = resultType(call).shape;
  const begins = transposedBegins(call, spatial, result);
  const lists = (['kernel', 'strides', 'dilations'] as const).map((id) => perAxis(p, id, spatial.length, 1));
  if (!begins) return err('its window does not fit its axes');
  const [kernel = [], strides = [], dilations = []] = lists.map((list) => (list.ok ? list.value : []));
  const geometry: Geometry = {
    kernel: lifted(kernel, 1),
    strides: lifted(strides, 1),
    dilations: lifted(dilations, 1),
    begins: lifted(begins, 0),
    wide: lifted(result, 1),
    narrow: lifted(spatial, 1),
  };
  const groups = groupsGiven(channels, p);
  const perGroup = filters / groups;
  const depth = channels / groups;
  const taps = product(kernel);
  const from = real(x);
  const weight = real(call.weight('weight'));
  const bias: NumberArray | null = booleanOf(p, 'bias', true) ? call.weight('bias').data : null;
  const made = resultArray(call);
  const size = product(spatial);
  const positions = product(result);
  const sums = new Float64Array(positions);
  for (let n = 0; n < batch; n++)
    for (let filter = 0; filter < filters; filter++) {
      sums.fill(bias ? bias[filter]! : 0);
      const group = Math.floor(filter / perGroup);
      slideRows(geometry, (tap, narrow, wide, count, step) => {
        for (let channel = group * depth; channel < (group + 1) * depth; channel++) {
          const w = weight[(channel * perGroup + (filter % perGroup)) * taps + tap]!;
          addRow(sums, wide, step, from, (n * channels + channel) * size + narrow, 1, count, w);
        }
      });
      made.set(sums, (n * filters + filter) * positions);
    }
  return done(made);
};

export const CONVOLUTION: Evaluators = {
  conv: convolution(groupsGiven),
  'depthwise-conv': convolution((channels) => channels),
  'conv-transpose': transposed,
};
