/** Reductions, recurrent layers and quantisation. */
import { type Call, valuesAt } from '../fold.ts';
import { bounded, constantAt, isGiven, type Mapper, type Mappers, shapeAt, simple } from '../mapping.ts';
import { elementTypeOfData, type Value } from '../values.ts';

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
      : { type: 'cumulative-sum', parameters: { axis }, inputs: [call.inputs[0] ?? null] };
  },
};

function recurrent(type: 'lstm' | 'gru' | 'rnn'): Mapper {
  return (call) => {
    const weight = constantAt(call, 1);
    const hidden = call.attributes.integer('hidden_size', constantAt(call, 2)?.type.shape[2] ?? 0);
    if (!weight || hidden < 1) return null;
    // A constant initial state is zeros in practice and costs nothing; a computed one is a link.
    const state = (at: number): Value | null => {
      const given = call.inputs[at] ?? null;
      return given?.kind === 'flow' ? given : null;
    };
    const inputs = [call.inputs[0] ?? null, state(5), ...(type === 'lstm' ? [state(6)] : [])];
    const parameters = {
      hidden,
      direction: call.attributes.text('direction', 'forward').toLowerCase(),
      batchFirst: call.attributes.integer('layout', 0) === 1,
      bias: isGiven(call, 3),
    };
    return { type, parameters, inputs, weight };
  };
}

export const RECURRENT: Mappers = { LSTM: recurrent('lstm'), GRU: recurrent('gru'), RNN: recurrent('rnn') };

function channelwise(call: Call) {
  const scale = shapeAt(call, 1) ?? [];
  const isPerChannel = scale.length === 1 && scale[0] !== 1;
  return { perChannel: isPerChannel, axis: call.attributes.integer('axis', 1) };
}

export const QUANTISATION: Mappers = {
  QuantizeLinear: simple('quantize', (call) => ({
    elementType: call.attributes.has('output_dtype')
      ? elementTypeOfData(call.attributes.integer('output_dtype', 2))
      : (call.inputs[2]?.type?.elementType ?? 'uint8'),
    ...channelwise(call),
  })),
  DequantizeLinear: simple('dequantize', channelwise),
  DynamicQuantizeLinear: simple('dynamic-quantize'),
};
