/** Changes between real and integer tensors by scale and zero point, and integer arithmetic with them. */
import { err, ok } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { TensorType, WeightTensor } from '../operator-type.ts';
import { booleanOf, integerOf, textOf } from '../parameter.ts';
import {
  axisFault,
  axisParameter,
  booleanParameter,
  choiceParameter,
  defineOperator,
  elementTypeOf,
  oneInput,
  oneOutput,
  product,
  required,
  resolveAxis,
  tensor,
} from './common.ts';

const integerType = choiceParameter(
  'elementType',
  'Element type',
  { int8: 'int8', uint8: 'uint8', int16: 'int16', uint16: 'uint16', int32: 'int32' },
  'Integer type of the result.',
);
const perChannel = booleanParameter(
  'perChannel',
  'Per channel',
  false,
  'One scale and zero point for each entry of the axis.',
);
const axis = axisParameter(1, 'Axis of the scales, when they are per channel.');

/** How an operator on integers makes its result; `requantised` ends in the 8 bits of the next operator's operand. */
export const arithmeticParameter = choiceParameter(
  'arithmetic',
  'Arithmetic',
  {
    plain: 'as the operands are',
    integer: 'integers less their zero points',
    requantised: 'integers, scaled back to 8 bits',
  },
  'What the numbers stand for: themselves, or reals by scale and zero point.',
  { advanced: true, source: 'ONNX operators, ConvInteger-10, QLinearConv-10, QLinearMatMul-21' },
);

/** Scales and zero points such an operator owns: a name and a shape for each operand, and those of the result. */
export function arithmeticWeights(
  p: ParameterValues,
  operands: readonly (readonly [name: string, shape: readonly number[]])[],
): readonly WeightTensor[] {
  const arithmetic = textOf(p, 'arithmetic', 'plain');
  if (arithmetic === 'plain') return [];
  const listed = arithmetic === 'requantised' ? [...operands, ['output', []] as const] : operands;
  return listed.flatMap(([name, shape]) => [
    ...(arithmetic === 'requantised' ? [{ name: `${name} scale`, shape, trained: false }] : []),
    { name: `${name} zero point`, shape, trained: false },
  ]);
}

function scales(x: TensorType, p: ParameterValues): readonly WeightTensor[] {
  const place = resolveAxis(integerOf(p, 'axis', 1), x.shape.length);
  const shape = booleanOf(p, 'perChannel') && place !== null ? [x.shape[place] ?? 1] : [];
  return [
    { name: 'scale', shape, trained: false },
    { name: 'zero point', shape, trained: false },
  ];
}

function scaleFault(x: TensorType, p: ParameterValues): string | null {
  const isOutside = booleanOf(p, 'perChannel') && resolveAxis(integerOf(p, 'axis', 1), x.shape.length) === null;
  return isOutside ? axisFault(integerOf(p, 'axis', 1), x.shape) : null;
}

export const quantize = defineOperator({
  id: 'quantize',
  title: 'Quantise',
  category: 'quantisation',
  summary: 'Divides by a scale, rounds, adds the zero point and saturates.',
  source: 'ONNX operators, QuantizeLinear-21',
  keywords: ['int8', 'scale', 'zero point', 'quantize'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [integerType, perChannel, axis],
  infer(inputs, p) {
    const x = required(inputs);
    const fault = scaleFault(x, p);
    return fault ? err(fault) : ok([tensor(x.shape, elementTypeOf(textOf(p, 'elementType'), 'int8'))]);
  },
  weights: (inputs, p) => scales(required(inputs), p),
  kernel: (inputs) => ({ kind: 'vector', elements: product(required(inputs).shape), operationsPerElement: 4 }),
});

export const dequantize = defineOperator({
  id: 'dequantize',
  title: 'Dequantise',
  category: 'quantisation',
  summary: 'Subtracts the zero point and multiplies by the scale.',
  source: 'ONNX operators, DequantizeLinear-21',
  keywords: ['float', 'scale', 'zero point', 'dequantize'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [perChannel, axis],
  infer(inputs, p) {
    const x = required(inputs);
    const fault = scaleFault(x, p);
    return fault ? err(fault) : ok([tensor(x.shape, 'fp32')]);
  },
  weights: (inputs, p) => scales(required(inputs), p),
  kernel: (inputs) => ({ kind: 'vector', elements: product(required(inputs).shape), operationsPerElement: 2 }),
});

export const dynamicQuantize = defineOperator({
  id: 'dynamic-quantize',
  title: 'Dynamic quantise',
  category: 'quantisation',
  summary: 'Quantises to uint8 with a scale and zero point found from the tensor itself.',
  source: 'ONNX operators, DynamicQuantizeLinear-11',
  keywords: ['uint8', 'scale', 'range'],
  inputs: oneInput,
  outputs: [
    { id: 'out', title: 'result' },
    { id: 'scale', title: 'scale' },
    { id: 'zeroPoint', title: 'zero point' },
  ],
  parameters: [],
  infer: (inputs) => ok([tensor(required(inputs).shape, 'uint8'), tensor([], 'fp32'), tensor([], 'uint8')]),
  kernel: (inputs) => ({ kind: 'vector', elements: product(required(inputs).shape), operationsPerElement: 6 }),
});
