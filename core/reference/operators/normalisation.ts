/**
 * Normalisations and softmax; statistics in double precision.
 * Source: ONNX operators, BatchNormalization-15, LayerNormalization-17, GroupNormalization-21, LRN-13, Softmax-13 (-11).
 */
import { product } from '#core/catalog/operators/common.ts';
import { booleanOf, integerOf } from '#core/catalog/parameter.ts';
import { axisAt, offsetsOf, stridesOf } from '../indexing.ts';
import { type NumberArray, numberArray } from '../values.ts';
import { type Call, done, type Evaluate, type Evaluators, operand, resultArray } from './call.ts';

interface Statistics {
  readonly mean: number;
  /** 1/√(variance + ε). */
  readonly inverse: number;
}

const epsilonOf = (call: Call) => integerOf(call.parameters, 'epsilon', 1e-5);

function statistics(from: NumberArray, start: number, count: number, epsilon: number): Statistics {
  let sum = 0;
  for (let i = start; i < start + count; i++) sum += from[i]!;
  const mean = sum / count;
  let squares = 0;
  for (let i = start; i < start + count; i++) squares += (from[i]! - mean) ** 2;
  return { mean, inverse: 1 / Math.sqrt(squares / count + epsilon) };
}

const batchNorm: Evaluate = (call) => {
  const { data, type } = operand(call);
  const [scale, bias, mean, variance] = ['scale', 'bias', 'mean', 'variance'].map((name) => call.weight(name).data);
  const made = resultArray(call);
  const positions = product(type.shape, 2);
  const epsilon = epsilonOf(call);
  for (let i = 0; i < made.length; i++) {
    const channel = Math.floor(i / positions) % scale!.length;
    const inverse = 1 / Math.sqrt(variance![channel]! + epsilon);
    made[i] = (data[i]! - mean![channel]!) * inverse * scale![channel]! + bias![channel]!;
  }
  return done(made);
};

const layerNorm: Evaluate = (call) => {
  const { data, type } = operand(call);
  const features = product(type.shape, axisAt(integerOf(call.parameters, 'axis', -1), type.shape.length));
  const scale = call.weight('scale').data;
  const bias = booleanOf(call.parameters, 'bias', true) ? call.weight('bias').data : null;
  const made = resultArray(call);
  const rows = made.length / features;
  const [means, inverses] = [1, 2].map((at) => numberArray(call.outputs[at]?.elementType ?? 'fp32', rows));
  for (let row = 0; row < rows; row++) {
    const { mean, inverse } = statistics(data, row * features, features, epsilonOf(call));
    means![row] = mean;
    inverses![row] = inverse;
    for (let i = 0; i < features; i++)
      made[row * features + i] = (data[row * features + i]! - mean) * inverse * scale[i]! + (bias ? bias[i]! : 0);
  }
  return done(made, means!, inverses!);
};

const rmsNorm: Evaluate = (call) => {
  const { data, type } = operand(call);
  const features = product(type.shape, axisAt(integerOf(call.parameters, 'axis', -1), type.shape.length));
  const scale = call.weight('scale').data;
  const made = resultArray(call);
  for (let start = 0; start < made.length; start += features) {
    let squares = 0;
    for (let i = start; i < start + features; i++) squares += data[i]! ** 2;
    const inverse = 1 / Math.sqrt(squares / features + epsilonOf(call));
    for (let i = 0; i < features; i++) made[start + i] = data[start + i]! * inverse * scale[i]!;
  }
  return done(made);
};

/** Channels in `groups` runs, each normalised over all its positions, then scaled a channel. */
const grouped =
  (groupsOf: (channels: number, call: Call) => number): Evaluate =>
  (call) => {
    const { data, type } = operand(call);
    const [batch = 1, channels = 1] = type.shape;
    const positions = product(type.shape, 2);
    const groups = groupsOf(channels, call);
    const size = (channels / groups) * positions;
    const scale = call.weight('scale').data;
    const bias = call.weight('bias').data;
    const made = resultArray(call);
    for (let group = 0; group < batch * groups; group++) {
      const { mean, inverse } = statistics(data, group * size, size, epsilonOf(call));
      for (let i = group * size; i < (group + 1) * size; i++) {
        const channel = Math.floor(i / positions) % channels;
        made[i] = (data[i]! - mean) * inverse * scale[channel]! + bias[channel]!;
      }
    }
    return done(made);
  };

const lrn: Evaluate = (call) => {
  const p = call.parameters;
  const { data, type } = operand(call);
  const [, channels = 1] = type.shape;
  const positions = product(type.shape, 2);
  const size = integerOf(p, 'size', 5);
  const [alpha, beta, bias] = [integerOf(p, 'alpha', 1e-4), integerOf(p, 'beta', 0.75), integerOf(p, 'bias', 1)];
  const made = resultArray(call);
  for (let i = 0; i < made.length; i++) {
    const channel = Math.floor(i / positions) % channels;
    const from = Math.max(0, channel - Math.floor((size - 1) / 2));
    const to = Math.min(channels - 1, channel + Math.ceil((size - 1) / 2));
    let squares = 0;
    for (let other = from; other <= to; other++) squares += data[i + (other - channel) * positions]! ** 2;
    made[i] = data[i]! / (bias + (alpha / size) * squares) ** beta;
  }
  return done(made);
};

const softmax: Evaluate = (call) => {
  const p = call.parameters;
  const { data, type } = operand(call);
  const axis = axisAt(integerOf(p, 'axis', -1), type.shape.length);
  const axes = booleanOf(p, 'trailing') ? type.shape.length - axis : 1;
  const strides = stridesOf(type.shape);
  const isSummed = (at: number) => at >= axis && at < axis + axes;
  const pick = <T>(list: readonly T[], summed: boolean) => list.filter((_, at) => isSummed(at) === summed);
  const rows = offsetsOf(pick(type.shape, false), pick(strides, false));
  const places = offsetsOf(pick(type.shape, true), pick(strides, true));
  const isLogarithm = booleanOf(p, 'logarithm');
  const made = resultArray(call);
  for (const row of rows) {
    let greatest = -Infinity;
    for (const at of places) greatest = Math.max(greatest, data[row + at]!);
    let sum = 0;
    for (const at of places) sum += Math.exp(data[row + at]! - greatest);
    for (const at of places) {
      const shifted = data[row + at]! - greatest;
      made[row + at] = isLogarithm ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
    }
  }
  return done(made);
};

export const NORMALISATION: Evaluators = {
  'batch-norm': batchNorm,
  'layer-norm': layerNorm,
  'rms-norm': rmsNorm,
  'group-norm': grouped((_, call) => integerOf(call.parameters, 'groups', 1)),
  'instance-norm': grouped((channels) => channels),
  lrn,
  softmax,
};
