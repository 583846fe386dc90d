/** Reductions, recurrent layers and quantisation. */
import type { ParameterValues } from '#core/base/value.ts';
import type { ElementType } from '#core/catalog/operator-type.ts';
import type { StoredTensor } from '#core/reference/stored.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { type Call, valuesAt } from '../fold.ts';
import { bounded, constantAt, filled, isGiven, type Mapper, type Mappers, shapeAt, simple } from '../mapping.ts';
import { type Constant, elementTypeOfData, type Value } from '../values.ts';

function reduce(operation: string): Mapper {
  return (call) => {
    const axes = call.attributes.integers('axes') ?? valuesAt(call.inputs, 1);
    if (isGiven(call, 1) && !axes) return null;
    if ((axes === null || axes.length === 0) && call.attributes.integer('noop_with_empty_axes', 0) === 1)
      return { type: 'identity', parameters: {}, inputs: [call.inputs[0] ?? null] };
    const keepDims = call.attributes.integer('keepdims', 1) === 1;
    return {
      type: 'reduce',
      parameters: { operation, axes: bounded(axes ?? []), keepDims },
      inputs: [call.inputs[0] ?? null],
    };
  };
}

function argReduce(operation: string): Mapper {
  return simple('arg-reduce', (call) => ({
    operation,
    axis: call.attributes.integer('axis', 0),
    keepDims: call.attributes.integer('keepdims', 1) === 1,
    last: call.attributes.integer('select_last_index', 0) === 1,
  }));
}

export const REDUCTION: Mappers = {
  ReduceMean: reduce('mean'),
  ReduceSum: reduce('sum'),
  ReduceMax: reduce('max'),
  ReduceMin: reduce('min'),
  ReduceProd: reduce('prod'),
  ReduceL1: reduce('l1'),
  ReduceL2: reduce('l2'),
  ReduceSumSquare: reduce('sum-square'),
  ReduceLogSum: reduce('log-sum'),
  ReduceLogSumExp: reduce('log-sum-exp'),
  ArgMax: argReduce('max'),
  ArgMin: argReduce('min'),
  TopK(call) {
    const k = call.attributes.has('k') ? call.attributes.integer('k', 1) : valuesAt(call.inputs, 1)?.[0];
    if (k === undefined) return null;
    return {
      type: 'top-k',
      parameters: {
        k,
        axis: call.attributes.integer('axis', -1),
        largest: call.attributes.integer('largest', 1) === 1,
      },
      inputs: [call.inputs[0] ?? null],
    };
  },
  CumSum(call) {
    const axis = valuesAt(call.inputs, 1)?.[0];
    return axis === undefined
      ? null
      : {
          type: 'cumulative-sum',
          parameters: {
            axis,
            exclusive: call.attributes.integer('exclusive', 0) === 1,
            reverse: call.attributes.integer('reverse', 0) === 1,
          },
          inputs: [call.inputs[0] ?? null],
        };
  },
};

function recurrent(type: 'lstm' | 'gru' | 'rnn'): Mapper {
  return (call) => {
    const weight = constantAt(call, 1);
    const hidden = call.attributes.integer('hidden_size', constantAt(call, 2)?.type.shape[2] ?? 0);
    if (!weight || hidden < 1) return null;
    // An initial state of zeros costs nothing; any other is a link.
    const state = (at: number): Value | null => {
      const given = call.inputs[at] ?? null;
      return given?.kind === 'constant' && isZero(given, call.source) ? null : given;
    };
    const inputs = [call.inputs[0] ?? null, state(5), ...(type === 'lstm' ? [state(6)] : [])];
    const parameters = {
      hidden,
      direction: call.attributes.text('direction', 'forward').toLowerCase(),
      batchFirst: call.attributes.integer('layout', 0) === 1,
      bias: isGiven(call, 3),
      ...(type === 'gru' ? { resetAfter: call.attributes.integer('linear_before_reset', 0) === 1 } : {}),
      ...(type === 'rnn' ? { function: call.attributes.texts('activations')[0]?.toLowerCase() ?? 'tanh' } : {}),
    };
    const weights = { 'input weight': weight, 'recurrent weight': constantAt(call, 2), bias: constantAt(call, 3) };
    return { type, parameters, inputs, weight, weights, deviation: recurrentDeviation(type, call) };
  };
}

const STANDARD_ACTIVATIONS = { lstm: ['sigmoid', 'tanh', 'tanh'], gru: ['sigmoid', 'tanh'], rnn: [] } as const;

/** Attributes and operands of recurrent layers whose effect is not drawn. */
function recurrentDeviation(type: 'lstm' | 'gru' | 'rnn', call: Call): string | null {
  const { attributes } = call;
  const given = attributes.texts('activations').map((name) => name.toLowerCase());
  const standard = STANDARD_ACTIVATIONS[type];
  const expected = standard.length > 0 ? standard : given.slice(0, 1);
  if (given.some((name, i) => name !== expected[i % expected.length])) return `activations ${given.join(', ')}`;
  if (attributes.has('clip')) return 'it clips what goes into its activations';
  if (attributes.integer('input_forget', 0) === 1) return 'its input and forget gates are coupled';
  if (isGiven(call, 4)) return 'sequences of different lengths';
  return isGiven(call, 7) ? 'its peepholes are not drawn' : null;
}

/** The most bytes read to see whether an initial state is zero. */
const MOST_BYTES = 65_536;

function isZero({ data, values }: Constant, source: ByteSource): boolean {
  if (values) return values.every((value) => value === 0);
  if (data.kind === 'series') return data.start === 0 && data.step === 0;
  if (data.kind === 'computed') return PLACING.has(data.operator) && zeroParts(data.inputs, source);
  if (data.kind !== 'bytes' || data.length > MOST_BYTES) return false;
  return source.read(data.offset, data.length).every((byte) => byte === 0);
}

/** Operators that only place elements: of zeros they make zeros. */
const PLACING = new Set(['expand', 'concat', 'slice', 'transpose', 'reshape', 'tile', 'gather', 'cast', 'split']);

function zeroParts(parts: readonly (StoredTensor | null)[], source: ByteSource): boolean {
  return parts.every(
    (part, i) =>
      !part || i > 0 || isZero({ kind: 'constant', name: '', ...part, values: null, isComputed: true }, source),
  );
}

export const RECURRENT: Mappers = { LSTM: recurrent('lstm'), GRU: recurrent('gru'), RNN: recurrent('rnn') };

function channelwise(call: Call) {
  const scale = shapeAt(call, 1) ?? [];
  const isPerChannel = scale.length === 1 && scale[0] !== 1;
  return { perChannel: isPerChannel, axis: call.attributes.integer('axis', 1) };
}

/** Scale and zero point of a quantising operator whose integers are of `elementType`. */
function linear(
  type: 'quantize' | 'dequantize',
  parameters: (call: Call) => ParameterValues,
  elementType: (call: Call) => ElementType,
): Mapper {
  return (call) => ({
    type,
    parameters: parameters(call),
    inputs: [call.inputs[0] ?? null],
    weights: {
      scale: constantAt(call, 1),
      'zero point': isGiven(call, 2)
        ? constantAt(call, 2)
        : filled('zero point', shapeAt(call, 1) ?? [], elementType(call), 0),
    },
    deviation: call.attributes.integer('block_size', 0) === 0 ? null : 'its scales are a block',
  });
}

function quantisedType(call: Call): ElementType {
  return call.attributes.has('output_dtype')
    ? elementTypeOfData(call.attributes.integer('output_dtype', 2))
    : (call.inputs[2]?.type?.elementType ?? 'uint8');
}

export const QUANTISATION: Mappers = {
  QuantizeLinear: linear(
    'quantize',
    (call) => ({ elementType: quantisedType(call), ...channelwise(call) }),
    quantisedType,
  ),
  DequantizeLinear: linear('dequantize', channelwise, (call) => call.inputs[0]?.type?.elementType ?? 'uint8'),
  DynamicQuantizeLinear: simple('dynamic-quantize'),
};
