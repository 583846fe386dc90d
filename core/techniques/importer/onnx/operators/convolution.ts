/** Convolutions and pools: windows, padding and groups from attributes, filters from the constant weight. */
import type { ParameterValues } from '#core/base/value.ts';
import type { Call } from '../fold.ts';
import { bounded, isGiven, type Mapper, type Mappers, type Mapping } from '../mapping.ts';
import type { Value } from '../values.ts';

const AUTO_PAD: Readonly<Record<string, string>> = {
  SAME_UPPER: 'same-upper',
  SAME_LOWER: 'same-lower',
  VALID: 'valid',
};

function window(call: Call, kernel: readonly number[]): ParameterValues {
  const { attributes } = call;
  const spread = (id: string, fallback: number) => bounded(attributes.integers(id) ?? kernel.map(() => fallback));
  return {
    kernel: bounded(kernel),
    strides: spread('strides', 1),
    dilations: spread('dilations', 1),
    pads: bounded(attributes.integers('pads') ?? [...kernel, ...kernel].map(() => 0)),
    autoPad: AUTO_PAD[attributes.text('auto_pad')] ?? 'explicit',
  };
}

function convolve(
  call: Call,
  x: Value | null,
  weight: Value | null,
  bias: Value | null,
  outputType: string,
): Mapping | null {
  if (x?.kind !== 'flow' || weight?.kind !== 'constant' || bias?.kind === 'flow') return null;
  const [filters = 1, depth = 1, ...extents] = weight.type.shape;
  const groups = call.attributes.integer('group', 1);
  const parameters = {
    ...window(call, call.attributes.integers('kernel_shape') ?? extents),
    bias: bias !== null,
    outputType,
  };
  const isDepthwise = groups > 1 && depth === 1 && filters % groups === 0 && (x.type?.shape[1] ?? groups) === groups;
  return isDepthwise
    ? { type: 'depthwise-conv', parameters: { multiplier: filters / groups, ...parameters }, inputs: [x], weight }
    : { type: 'conv', parameters: { outChannels: filters, groups, ...parameters }, inputs: [x], weight };
}

const convolution: Mapper = (call) =>
  convolve(call, call.inputs[0] ?? null, call.inputs[1] ?? null, call.inputs[2] ?? null, 'same');

const transposed: Mapper = (call) => {
  const [x = null, weight = null, bias = null] = call.inputs;
  if (x?.kind !== 'flow' || weight?.kind !== 'constant' || bias?.kind === 'flow') return null;
  const [, perGroup = 1, ...extents] = weight.type.shape;
  const groups = call.attributes.integer('group', 1);
  const wanted = call.attributes.integers('output_shape') ?? [];
  return {
    type: 'conv-transpose',
    parameters: {
      ...window(call, call.attributes.integers('kernel_shape') ?? extents),
      outChannels: perGroup * groups,
      groups,
      bias: bias !== null,
      outputPadding: bounded(call.attributes.integers('output_padding') ?? []),
      outputShape: bounded(wanted.slice(-Math.max(extents.length, 1))),
    },
    inputs: [x],
    weight,
  };
};

function pool(operation: string): Mapper {
  return (call) => ({
    type: 'pool',
    parameters: {
      operation,
      global: false,
      ...window(call, call.attributes.integers('kernel_shape') ?? []),
      ceilMode: call.attributes.integer('ceil_mode', 0) === 1,
      countPadding: call.attributes.integer('count_include_pad', 0) === 1,
    },
    inputs: [call.inputs[0] ?? null],
  });
}

function globalPool(operation: string): Mapper {
  return (call) => ({ type: 'pool', parameters: { operation, global: true }, inputs: [call.inputs[0] ?? null] });
}

export const CONVOLUTION: Mappers = {
  Conv: convolution,
  ConvTranspose: transposed,
  ConvInteger: (call) => convolve(call, call.inputs[0] ?? null, call.inputs[1] ?? null, null, 'int32'),
  QLinearConv: (call) =>
    convolve(
      call,
      call.inputs[0] ?? null,
      call.inputs[3] ?? null,
      isGiven(call, 8) ? (call.inputs[8] ?? null) : null,
      call.inputs[7]?.type?.elementType ?? 'same',
    ),
  MaxPool: pool('max'),
  AveragePool: pool('average'),
  LpPool: pool('norm'),
  GlobalMaxPool: globalPool('max'),
  GlobalAveragePool: globalPool('average'),
  GlobalLpPool: globalPool('norm'),
  QLinearGlobalAveragePool: globalPool('average'),
};
