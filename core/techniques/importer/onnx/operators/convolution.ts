/** Convolutions and pools: windows, padding and groups from attributes, filters from the constant weight. */
import type { ParameterValues } from '#core/base/value.ts';
import type { Call } from '../fold.ts';
import { bounded, type Mapper, type Mappers, type Mapping, type Quantities, quantities } from '../mapping.ts';
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

interface Arithmetic {
  readonly arithmetic: 'plain' | 'integer' | 'requantised';
  readonly outputType: string;
  readonly scales: (filters: number) => readonly Quantities[];
}

const plain: Arithmetic = { arithmetic: 'plain', outputType: 'same', scales: () => [] };

function convolve(
  call: Call,
  x: Value | null,
  weight: Value | null,
  bias: Value | null,
  { arithmetic, outputType, scales }: Arithmetic,
): Mapping | null {
  if (x?.kind !== 'flow' || weight?.kind !== 'constant' || bias?.kind === 'flow') return null;
  const [filters = 1, depth = 1, ...extents] = weight.type.shape;
  const groups = call.attributes.integer('group', 1);
  const parameters = {
    ...window(call, call.attributes.integers('kernel_shape') ?? extents),
    bias: bias !== null,
    arithmetic,
    outputType,
  };
  const weights = { weight, ...(bias ? { bias } : {}), ...quantities(call, scales(filters)) };
  const isDepthwise = groups > 1 && depth === 1 && filters % groups === 0 && (x.type?.shape[1] ?? groups) === groups;
  return isDepthwise
    ? {
        type: 'depthwise-conv',
        parameters: { multiplier: filters / groups, ...parameters },
        inputs: [x],
        weight,
        weights,
      }
    : { type: 'conv', parameters: { outChannels: filters, groups, ...parameters }, inputs: [x], weight, weights };
}

const convolution: Mapper = (call) =>
  convolve(call, call.inputs[0] ?? null, call.inputs[1] ?? null, call.inputs[2] ?? null, plain);

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
    weights: { weight, bias },
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
      order: call.attributes.integer('p', 2),
    },
    inputs: [call.inputs[0] ?? null],
    deviation:
      call.attributes.integer('storage_order', 0) === 1 && (call.outputs[1] ?? '') !== ''
        ? 'its indices count columns first (storage_order = 1)'
        : null,
  });
}

function globalPool(operation: string): Mapper {
  return (call) => ({
    type: 'pool',
    parameters: { operation, global: true, order: call.attributes.integer('p', 2) },
    inputs: [call.inputs[0] ?? null],
  });
}

const quantisedGlobalPool: Mapper = (call) => {
  const elementType = call.inputs[0]?.type?.elementType ?? 'uint8';
  return {
    type: 'pool',
    parameters: { operation: 'average', global: true, arithmetic: 'requantised' },
    inputs: [call.inputs[0] ?? null],
    weights: quantities(call, [
      { name: 'input', scale: 1, zeroPoint: 2, shape: [], elementType },
      { name: 'output', scale: 3, zeroPoint: 4, shape: [], elementType },
    ]),
    deviation: call.attributes.integer('channels_last', 0) === 1 ? 'its channels come last' : null,
  };
};

const convolutionOfIntegers: Mapper = (call) => {
  const [x = null, weight = null] = call.inputs;
  return convolve(call, x, weight, null, {
    arithmetic: 'integer',
    outputType: 'int32',
    scales: (filters) => [
      { name: 'input', zeroPoint: 2, shape: [], elementType: x?.type?.elementType ?? 'uint8' },
      { name: 'weight', zeroPoint: 3, shape: [filters], elementType: weight?.type?.elementType ?? 'uint8' },
    ],
  });
};

const quantisedConvolution: Mapper = (call) => {
  const [x = null] = call.inputs;
  const weight = call.inputs[3] ?? null;
  const outputType = call.inputs[7]?.type?.elementType ?? 'same';
  const elementType = x?.type?.elementType ?? 'uint8';
  return convolve(call, x, weight, call.inputs[8] ?? null, {
    arithmetic: 'requantised',
    outputType,
    scales: (filters) => [
      { name: 'input', scale: 1, zeroPoint: 2, shape: [], elementType },
      { name: 'weight', scale: 4, zeroPoint: 5, shape: [filters], elementType: weight?.type?.elementType ?? 'int8' },
      { name: 'output', scale: 6, zeroPoint: 7, shape: [], elementType },
    ],
  });
};

export const CONVOLUTION: Mappers = {
  Conv: convolution,
  ConvTranspose: transposed,
  ConvInteger: convolutionOfIntegers,
  QLinearConv: quantisedConvolution,
  MaxPool: pool('max'),
  AveragePool: pool('average'),
  LpPool: pool('norm'),
  GlobalMaxPool: globalPool('max'),
  GlobalAveragePool: globalPool('average'),
  GlobalLpPool: globalPool('norm'),
  QLinearGlobalAveragePool: quantisedGlobalPool,
};
