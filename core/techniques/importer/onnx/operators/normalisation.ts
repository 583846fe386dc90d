/** Normalisations; their factors are constants of the file and become implied weights. */
import { product } from '#core/catalog/operators/common.ts';
import type { Call } from '../fold.ts';
import { constantAt, derived, isGiven, type Mapper, type Mappers, repeated, shapeAt } from '../mapping.ts';
import type { Constant } from '../values.ts';

const epsilon = (call: Call) => Math.min(Math.max(call.attributes.float('epsilon', 1e-5), 0), 1);

function scaled(type: string, parameters: (call: Call) => Readonly<Record<string, number | boolean>>): Mapper {
  return (call) => {
    const weight = constantAt(call, 1);
    if (!weight) return null;
    return {
      type,
      parameters: { epsilon: epsilon(call), ...parameters(call) },
      inputs: [call.inputs[0] ?? null],
      weight,
      weights: { scale: weight, bias: repeated(constantAt(call, 2), weight.type.shape) },
    };
  };
}

const rms = scaled('rms-norm', (call) => ({ axis: call.attributes.integer('axis', -1) }));

/** Before opset 21 a group has one factor: repeated for each of its channels. */
function perChannel(factor: Constant | null, channels: number): Constant | null {
  const groups = factor?.type.shape[0] ?? 1;
  if (!factor || groups === channels || channels % groups !== 0) return factor;
  const column = { ...factor, type: { ...factor.type, shape: [groups, 1] } };
  const spread = derived('expand', { shape: [groups, channels / groups] }, [column], [groups, channels / groups]);
  return derived('reshape', { shape: [channels] }, [spread], [channels]);
}

function softmax(logarithm: boolean): Mapper {
  return (call) => {
    const isLegacy = call.opset < 13;
    const axis = call.attributes.integer('axis', isLegacy ? 1 : -1);
    const shape = shapeAt(call, 0) ?? [];
    const after = (axis < 0 ? axis + shape.length : axis) + 1;
    const trailing = isLegacy && product(shape, after) > 1;
    return { type: 'softmax', parameters: { axis, logarithm, trailing }, inputs: [call.inputs[0] ?? null] };
  };
}

export const NORMALISATION: Mappers = {
  BatchNormalization(call) {
    const weight = constantAt(call, 1);
    if (!weight || !constantAt(call, 3)) return null;
    const note =
      call.attributes.integer('spatial', 1) === 0
        ? 'statistics for each position (spatial = 0) are read as per channel'
        : null;
    return {
      type: 'batch-norm',
      parameters: { epsilon: epsilon(call) },
      inputs: [call.inputs[0] ?? null],
      weight,
      weights: {
        scale: weight,
        bias: constantAt(call, 2),
        mean: constantAt(call, 3),
        variance: constantAt(call, 4),
      },
      deviation: call.attributes.integer('training_mode', 0) === 1 ? 'it takes statistics of the batch' : note,
      ...(note ? { note } : {}),
    };
  },
  LayerNormalization: scaled('layer-norm', (call) => ({
    axis: call.attributes.integer('axis', -1),
    bias: isGiven(call, 2),
  })),
  SimplifiedLayerNormalization: rms,
  RMSNormalization: rms,
  RMSNorm: rms,
  InstanceNormalization: scaled('instance-norm', () => ({})),
  GroupNormalization(call) {
    const weight = constantAt(call, 1);
    const channels = shapeAt(call, 0)?.[1] ?? 1;
    if (!weight) return null;
    return {
      type: 'group-norm',
      parameters: { epsilon: epsilon(call), groups: call.attributes.integer('num_groups', 1) },
      inputs: [call.inputs[0] ?? null],
      weight,
      weights: { scale: perChannel(weight, channels), bias: perChannel(constantAt(call, 2), channels) },
    };
  },
  LRN: (call) => ({
    type: 'lrn',
    parameters: {
      size: call.attributes.integer('size', 5),
      alpha: call.attributes.float('alpha', 1e-4),
      beta: call.attributes.float('beta', 0.75),
      bias: call.attributes.float('bias', 1),
    },
    inputs: [call.inputs[0] ?? null],
  }),
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
};
