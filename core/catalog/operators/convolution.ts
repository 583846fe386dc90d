/**
 * Convolutions over one to three spatial axes, [batch, channels, …spatial], and their lowering to GEMM:
 * one product a group with m = batch·Πoutput, n = filters of a group, k = channels of a group·Πwindow.
 */
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { Kernel, TensorType } from '../operator-type.ts';
import { booleanOf, integerOf, integersOf, textOf } from '../parameter.ts';
import {
  booleanParameter,
  defineOperator,
  elementTypeOf,
  integerParameter,
  integersParameter,
  LARGEST,
  oneInput,
  oneOutput,
  outputTypeParameter,
  product,
  required,
  type Shape,
  shapeText,
  tensor,
} from './common.ts';
import { arithmeticParameter, arithmeticWeights } from './quantisation.ts';
import { perAxis, slide, windowParameters } from './window.ts';

interface Filters {
  readonly batch: number;
  readonly channels: number;
  readonly groups: number;
  readonly filters: number;
  readonly spatial: Shape;
}

function filtersOf(x: TensorType, groups: number, filters: number): Result<Filters, string> {
  const [batch, channels, ...spatial] = x.shape;
  if (batch === undefined || channels === undefined || spatial.length < 1 || spatial.length > 3)
    return err(`A convolution needs [batch, channels, 1 to 3 spatial axes]; the input is ${shapeText(x.shape)}`);
  if (channels % groups !== 0)
    return err(`${channels} channels in (${shapeText(x.shape)}) do not divide into ${groups} groups`);
  if (filters % groups !== 0) return err(`${filters} channels out do not divide into ${groups} groups`);
  return ok({ batch, channels, groups, filters, spatial });
}

function convolve(x: TensorType, groups: number, filters: number, p: ParameterValues): Result<TensorType, string> {
  const made = filtersOf(x, groups, filters);
  if (!made.ok) return made;
  const window = slide(made.value.spatial, p);
  if (!window.ok) return window;
  const type = elementTypeOf(textOf(p, 'outputType'), x.elementType);
  return ok(tensor([made.value.batch, filters, ...window.value.result], type));
}

function kernelShape(x: TensorType, p: ParameterValues): Shape {
  const made = perAxis(p, 'kernel', x.shape.length - 2, 1);
  return made.ok ? made.value : [];
}

function lowered(x: TensorType, y: TensorType, groups: number, p: ParameterValues): Kernel {
  const [batch = 1, channels = 1, ...spatial] = x.shape;
  const [, filters = 1, ...result] = y.shape;
  const kernel = kernelShape(x, p);
  const gemm = {
    kind: 'gemm',
    groups,
    m: batch * product(result),
    n: filters / groups,
    k: (channels / groups) * product(kernel),
    bIsActivation: false,
  } as const;
  if (spatial.length > 2) return gemm;
  // One spatial axis is a picture one row high.
  const plane = (extents: Shape, fill: number) => (extents.length === 1 ? [fill, ...extents] : extents);
  const strides = perAxis(p, 'strides', spatial.length, 1);
  const [inputHeight = 1, inputWidth = 1] = plane(spatial, 1);
  const [kernelHeight = 1, kernelWidth = 1] = plane(kernel, 1);
  const dilations = perAxis(p, 'dilations', spatial.length, 1);
  const [strideHeight = 1, strideWidth = 1] = plane(strides.ok ? strides.value : [], 1);
  const [dilationHeight = 1, dilationWidth = 1] = plane(dilations.ok ? dilations.value : [], 1);
  const [outputHeight = 1, outputWidth = 1] = plane(result, 1);
  return {
    ...gemm,
    convolution: {
      inputHeight,
      inputWidth,
      inputChannels: channels,
      kernelHeight,
      kernelWidth,
      strideHeight,
      strideWidth,
      outputHeight,
      outputWidth,
      ...((dilationHeight > 1 || dilationWidth > 1) && { dilationHeight, dilationWidth }),
    },
  };
}

const biasParameter = booleanParameter('bias', 'Bias', true, 'Adds one trained number to each channel of the result.');

function withBias(shape: Shape, channels: number, p: ParameterValues) {
  const weight = { name: 'weight', shape };
  return booleanOf(p, 'bias', true) ? [weight, { name: 'bias', shape: [channels] }] : [weight];
}

/** Of integer arithmetic: one scale and zero point for the input, one for each filter. */
const filterScales = (filters: number, p: ParameterValues) =>
  arithmeticWeights(p, [
    ['input', []],
    ['weight', [filters]],
  ]);

const groupsOf = (p: ParameterValues) => Math.max(1, integerOf(p, 'groups', 1));
const filtersIn = (p: ParameterValues) => integerOf(p, 'outChannels', 1);

export const conv = defineOperator({
  id: 'conv',
  title: 'Convolution',
  category: 'convolution',
  summary: 'Slides trained filters over one to three spatial axes; groups see separate channels.',
  source: 'ONNX operators, Conv-22',
  keywords: ['conv2d', 'conv1d', 'conv3d', 'filter', 'cnn', 'group'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integerParameter('outChannels', 'Channels out', [1, LARGEST], 64, 'Number of filters.', { unit: 'element' }),
    ...windowParameters([3, 3], [1, 1], 'same-upper'),
    integerParameter('groups', 'Groups', [1, LARGEST], 1, 'Channels in and out fall into this many separate groups.'),
    biasParameter,
    arithmeticParameter,
    outputTypeParameter,
  ],
  infer(inputs, p) {
    const made = convolve(required(inputs), groupsOf(p), filtersIn(p), p);
    return made.ok ? ok([made.value]) : made;
  },
  weights(inputs, p) {
    const x = required(inputs);
    const shape = [filtersIn(p), (x.shape[1] ?? 1) / groupsOf(p), ...kernelShape(x, p)];
    return [...withBias(shape, filtersIn(p), p), ...filterScales(filtersIn(p), p)];
  },
  macs(inputs, outputs, p) {
    const x = required(inputs);
    return product(outputs[0]?.shape ?? []) * ((x.shape[1] ?? 1) / groupsOf(p)) * product(kernelShape(x, p));
  },
  kernel: (inputs, outputs, p) => lowered(required(inputs), required(outputs), groupsOf(p), p),
});

const multiplied = (x: TensorType, p: ParameterValues) => (x.shape[1] ?? 1) * integerOf(p, 'multiplier', 1);

export const depthwiseConv = defineOperator({
  id: 'depthwise-conv',
  title: 'Depthwise convolution',
  category: 'convolution',
  summary: 'Every channel is filtered on its own: a convolution with as many groups as channels.',
  source: 'ONNX operators, Conv-22 with group = channels; Chollet, arXiv 1610.02357',
  keywords: ['depthwise', 'separable', 'mobilenet', 'dwconv'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integerParameter('multiplier', 'Multiplier', [1, 65_535], 1, 'Filters for each channel in.'),
    ...windowParameters([3, 3], [1, 1], 'same-upper'),
    biasParameter,
    arithmeticParameter,
    outputTypeParameter,
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const made = convolve(x, x.shape[1] ?? 1, multiplied(x, p), p);
    return made.ok ? ok([made.value]) : made;
  },
  weights(inputs, p) {
    const x = required(inputs);
    const filters = multiplied(x, p);
    return [...withBias([filters, 1, ...kernelShape(x, p)], filters, p), ...filterScales(filters, p)];
  },
  macs: (inputs, outputs, p) => product(outputs[0]?.shape ?? []) * product(kernelShape(required(inputs), p)),
  kernel: (inputs, outputs, p) => lowered(required(inputs), required(outputs), required(inputs).shape[1] ?? 1, p),
});

export const convTranspose = defineOperator({
  id: 'conv-transpose',
  title: 'Transposed convolution',
  category: 'convolution',
  summary: 'The gradient of a convolution used forwards: every entry in spreads a filter over the result.',
  source: 'ONNX operators, ConvTranspose-22',
  keywords: ['deconvolution', 'upsample', 'decoder', 'fractionally strided'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integerParameter('outChannels', 'Channels out', [1, LARGEST], 64, 'Number of channels of the result.', {
      unit: 'element',
    }),
    ...windowParameters([2, 2], [2, 2], 'explicit'),
    integersParameter(
      'outputPadding',
      'Output padding',
      [0, 65_535],
      [],
      'Entries added at the end of each spatial axis of the result; empty is none.',
      { unit: 'element', advanced: true },
    ),
    integersParameter(
      'outputShape',
      'Output shape',
      [1, LARGEST],
      [],
      'Spatial extents of the result; overrides the padding when given.',
      { unit: 'element', advanced: true },
    ),
    integerParameter('groups', 'Groups', [1, LARGEST], 1, 'Channels in and out fall into this many separate groups.'),
    biasParameter,
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const made = filtersOf(x, groupsOf(p), filtersIn(p));
    if (!made.ok) return made;
    const { batch, spatial } = made.value;
    const rank = spatial.length;
    const lists = (['kernel', 'strides', 'dilations', 'outputPadding'] as const).map((id) =>
      perAxis(p, id, rank, id === 'outputPadding' ? 0 : 1),
    );
    const pads = perAxis(p, 'pads', 2 * rank, 0);
    if (!pads.ok) return pads;
    for (const list of lists) if (!list.ok) return list;
    const [kernel = [], strides = [], dilations = [], extra = []] = lists.map((list) => (list.ok ? list.value : []));
    const wanted = integersOf(p, 'outputShape');
    if (wanted.length > 0 && wanted.length !== rank)
      return err(`outputShape has ${wanted.length} entries for ${rank} spatial axes`);
    const autoPad = textOf(p, 'autoPad', 'explicit');
    const result = spatial.map((extent, axis) => {
      if (wanted.length > 0) return wanted[axis]!;
      const stride = strides[axis]!;
      if (autoPad === 'same-upper' || autoPad === 'same-lower') return extent * stride;
      const reach = dilations[axis]! * (kernel[axis]! - 1) + 1;
      const pad = autoPad === 'explicit' ? pads.value[axis]! + pads.value[axis + rank]! : 0;
      return stride * (extent - 1) + extra[axis]! + reach - pad;
    });
    if (result.some((extent) => extent < 1))
      return err(`The pads leave nothing: spatial shape ${shapeText(spatial)} would become ${shapeText(result)}`);
    return ok([tensor([batch, filtersIn(p), ...result], x.elementType)]);
  },
  weights(inputs, p) {
    const x = required(inputs);
    return withBias([x.shape[1] ?? 1, filtersIn(p) / groupsOf(p), ...kernelShape(x, p)], filtersIn(p), p);
  },
  macs: (inputs, _, p) =>
    product(required(inputs).shape) * (filtersIn(p) / groupsOf(p)) * product(kernelShape(required(inputs), p)),
  kernel(inputs, _, p) {
    const x = required(inputs);
    const [batch = 1, channels = 1, ...spatial] = x.shape;
    const groups = groupsOf(p);
    return {
      kind: 'gemm',
      groups,
      m: batch * product(spatial),
      n: (filtersIn(p) / groups) * product(kernelShape(x, p)),
      k: channels / groups,
      bIsActivation: false,
    };
  },
});
