/** Normalisations: over the batch (statistics folded in), over features, over groups, local response, softmax. */
import { err, ok } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { TensorType } from '../operator-type.ts';
import { booleanOf, integerOf } from '../parameter.ts';
import {
  axisFault,
  axisParameter,
  booleanParameter,
  defineOperator,
  integerParameter,
  numberParameter,
  oneInput,
  oneOutput,
  product,
  required,
  resolveAxis,
  shapeText,
} from './common.ts';

const epsilon = numberParameter('epsilon', 'Epsilon', 1e-5, 'Added to the variance before the root.', {
  minimum: 0,
  maximum: 1,
  advanced: true,
});

const channelsOf = (x: TensorType) => x.shape[1] ?? 1;

export const batchNorm = defineOperator({
  id: 'batch-norm',
  title: 'Batch normalisation',
  category: 'normalisation',
  summary:
    'Scales and shifts each channel by trained factors and running statistics; folds into a convolution before it.',
  source: 'ONNX operators, BatchNormalization-15; Ioffe & Szegedy, arXiv 1502.03167',
  keywords: ['bn', 'batchnorm'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [epsilon],
  fusion: 'normalisation',
  infer(inputs) {
    const x = required(inputs);
    return x.shape.length < 2
      ? err(`Batch normalisation needs a channel axis; the input is ${shapeText(x.shape)}`)
      : ok([x]);
  },
  weights(inputs) {
    const shape = [channelsOf(required(inputs))];
    return [
      { name: 'scale', shape },
      { name: 'bias', shape },
      { name: 'mean', shape, trained: false },
      { name: 'variance', shape, trained: false },
    ];
  },
  kernel: (inputs) => ({ kind: 'vector', elements: product(required(inputs).shape), operationsPerElement: 2 }),
});

function featureShape(x: TensorType, p: ParameterValues): readonly number[] {
  const axis = resolveAxis(integerOf(p, 'axis', -1), x.shape.length);
  return axis === null ? [] : x.shape.slice(axis);
}

export const layerNorm = defineOperator({
  id: 'layer-norm',
  title: 'Layer normalisation',
  category: 'normalisation',
  summary: 'Brings each row to mean 0 and variance 1, then scales and shifts by trained factors.',
  source: 'ONNX operators, LayerNormalization-17; Ba et al., arXiv 1607.06450',
  keywords: ['ln', 'layernorm', 'transformer'],
  inputs: oneInput,
  outputs: [
    { id: 'out', title: 'result' },
    { id: 'mean', title: 'mean' },
    { id: 'deviation', title: 'inverse deviation' },
  ],
  parameters: [
    axisParameter(-1, 'First axis of the features that are normalised together.'),
    booleanParameter('bias', 'Bias', true, 'Adds a trained shift to each feature.'),
    epsilon,
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const axis = resolveAxis(integerOf(p, 'axis', -1), x.shape.length);
    if (axis === null) return err(axisFault(integerOf(p, 'axis', -1), x.shape));
    const statistics: TensorType = { shape: x.shape.map((extent, i) => (i < axis ? extent : 1)), elementType: 'fp32' };
    return ok([x, statistics, statistics]);
  },
  weights(inputs, p) {
    const shape = featureShape(required(inputs), p);
    const scale = { name: 'scale', shape };
    return booleanOf(p, 'bias', true) ? [scale, { name: 'bias', shape }] : [scale];
  },
  kernel(inputs, _, p) {
    const x = required(inputs);
    const elements = product(x.shape);
    const rows = elements / product(featureShape(x, p));
    // mean 1, variance 3 (subtract, square, add), normalise 1, scale 1, shift 1; one inverse root a row
    return { kind: 'special', elements, operationsPerElement: 7, evaluations: rows };
  },
});

export const rmsNorm = defineOperator({
  id: 'rms-norm',
  title: 'RMS normalisation',
  category: 'normalisation',
  summary: 'Divides each row by its root mean square and scales by trained factors.',
  source: 'ONNX operators, RMSNormalization-23; Zhang & Sennrich, arXiv 1910.07467',
  keywords: ['rmsnorm', 'llama', 'root mean square'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [axisParameter(-1, 'First axis of the features that are normalised together.'), epsilon],
  infer(inputs, p) {
    const x = required(inputs);
    const axis = integerOf(p, 'axis', -1);
    return resolveAxis(axis, x.shape.length) === null ? err(axisFault(axis, x.shape)) : ok([x]);
  },
  weights: (inputs, p) => [{ name: 'scale', shape: featureShape(required(inputs), p) }],
  kernel(inputs, _, p) {
    const x = required(inputs);
    const elements = product(x.shape);
    return {
      kind: 'special',
      elements,
      operationsPerElement: 4,
      evaluations: elements / product(featureShape(x, p)),
    };
  },
});

export const groupNorm = defineOperator({
  id: 'group-norm',
  title: 'Group normalisation',
  category: 'normalisation',
  summary: 'Normalises groups of channels over all their positions; one group a channel is instance normalisation.',
  source: 'ONNX operators, GroupNormalization-21; Wu & He, arXiv 1803.08494',
  keywords: ['gn', 'groupnorm'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integerParameter('groups', 'Groups', [1, 65_535], 32, 'Channels are split into this many groups of equal size.'),
    epsilon,
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const groups = integerOf(p, 'groups', 1);
    if (x.shape.length < 2) return err(`Group normalisation needs a channel axis; the input is ${shapeText(x.shape)}`);
    if (channelsOf(x) % groups !== 0)
      return err(`${channelsOf(x)} channels (${shapeText(x.shape)}) do not divide into ${groups} groups`);
    return ok([x]);
  },
  weights(inputs) {
    const shape = [channelsOf(required(inputs))];
    return [
      { name: 'scale', shape },
      { name: 'bias', shape },
    ];
  },
  kernel(inputs, _, p) {
    const { shape } = required(inputs);
    const evaluations = (shape[0] ?? 1) * integerOf(p, 'groups', 1);
    return { kind: 'special', elements: product(shape), operationsPerElement: 7, evaluations };
  },
});

export const instanceNorm = defineOperator({
  id: 'instance-norm',
  title: 'Instance normalisation',
  category: 'normalisation',
  summary: 'Normalises each channel of each sample over its positions.',
  source: 'ONNX operators, InstanceNormalization-22; Ulyanov et al., arXiv 1607.08022',
  keywords: ['in', 'instancenorm', 'style'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [epsilon],
  infer(inputs) {
    const x = required(inputs);
    return x.shape.length < 3
      ? err(`Instance normalisation needs [batch, channels, positions]; the input is ${shapeText(x.shape)}`)
      : ok([x]);
  },
  weights(inputs) {
    const shape = [channelsOf(required(inputs))];
    return [
      { name: 'scale', shape },
      { name: 'bias', shape },
    ];
  },
  kernel(inputs) {
    const { shape } = required(inputs);
    return {
      kind: 'special',
      elements: product(shape),
      operationsPerElement: 7,
      evaluations: (shape[0] ?? 1) * (shape[1] ?? 1),
    };
  },
});

export const lrn = defineOperator({
  id: 'lrn',
  title: 'Local response normalisation',
  category: 'normalisation',
  summary: 'Divides each element by a power of the energy of its neighbouring channels.',
  source: 'ONNX operators, LRN-13; Krizhevsky et al., NIPS 2012, section 3.3',
  keywords: ['lrn', 'alexnet', 'lateral inhibition'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integerParameter('size', 'Channels', [1, 65_535], 5, 'Neighbouring channels summed.'),
    numberParameter('alpha', 'Alpha', 1e-4, 'Scale of the sum.'),
    numberParameter('beta', 'Beta', 0.75, 'Exponent.'),
    numberParameter('bias', 'Bias', 1, 'Added to the scaled sum.'),
  ],
  infer(inputs) {
    const x = required(inputs);
    return x.shape.length < 2 ? err(`LRN needs a channel axis; the input is ${shapeText(x.shape)}`) : ok([x]);
  },
  kernel(inputs, _, p) {
    const elements = product(required(inputs).shape);
    return {
      kind: 'special',
      elements,
      operationsPerElement: 2 * integerOf(p, 'size', 5) + 2,
      evaluations: elements,
    };
  },
});

export const softmax = defineOperator({
  id: 'softmax',
  title: 'Softmax',
  category: 'normalisation',
  summary: 'Exponentials along an axis, divided by their sum.',
  source: 'ONNX operators, Softmax-13, LogSoftmax-13',
  keywords: ['attention', 'probabilities', 'log softmax', 'exponential'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    axisParameter(-1, 'Elements along it sum to 1.'),
    booleanParameter('logarithm', 'Logarithm', false, 'Gives the logarithm of the result.', { advanced: true }),
    booleanParameter('trailing', 'All trailing axes', false, 'Sums over this axis and every axis after it.', {
      advanced: true,
      source: 'ONNX operators, Softmax-11 (the rule before opset 13)',
    }),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const axis = integerOf(p, 'axis', -1);
    return resolveAxis(axis, x.shape.length) === null ? err(axisFault(axis, x.shape)) : ok([x]);
  },
  kernel(inputs) {
    const elements = product(required(inputs).shape);
    // maximum, subtract, sum, divide; one exponential an element
    return { kind: 'special', elements, operationsPerElement: 4, evaluations: elements };
  },
});
