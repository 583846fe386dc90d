import { describe, expect, it } from 'vitest';
import type { ParameterValues } from '#core/base/value.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { OPERATOR_TYPES, operatorType } from '#core/catalog/operators.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { evaluateOperator } from './evaluate.ts';
import { erf } from './operators/activation.ts';
import { EVALUATORS, NOT_EVALUATED } from './operators/index.ts';
import { type TensorValues, tensorOf } from './values.ts';

function evaluate(
  id: string,
  parameters: ParameterValues,
  inputs: readonly TensorValues[],
  weights: Readonly<Record<string, TensorValues>> = {},
) {
  const type = operatorType(id)!;
  const complete = { ...defaultParameters(type.parameters), ...parameters };
  const types: readonly TensorType[] = inputs.map((each) => each.type);
  const outputs = type.infer(types, complete);
  if (!outputs.ok) throw new Error(outputs.error);
  const operator = { type, parameters: complete, weights: type.weights(types, complete) };
  return evaluateOperator(operator, inputs, new Map(Object.entries(weights)), outputs.value);
}

function numbers(...call: Parameters<typeof evaluate>): readonly number[] {
  const made = evaluate(...call);
  if (!made.ok) throw new Error(made.error.message);
  return [...made.value[0]!.data];
}

const fp32 = (shape: readonly number[], list: readonly number[]) => tensorOf('fp32', shape, list);

it('every operator type of the catalog is evaluated or listed with a reason', () => {
  const ids = OPERATOR_TYPES.map(({ id }) => id);
  expect(ids.filter((id) => EVALUATORS.has(id) === id in NOT_EVALUATED)).toEqual([]);
  expect([...EVALUATORS.keys(), ...Object.keys(NOT_EVALUATED)].filter((id) => !ids.includes(id))).toEqual([]);
  for (const reason of Object.values(NOT_EVALUATED)) expect(reason.length).toBeGreaterThan(10);
});

describe('examples of the ONNX standard', () => {
  it('Conv: a 3×3 window of ones over 5×5 with padding (onnx/backend/test, conv_with_padding)', () => {
    const x = fp32(
      [1, 1, 5, 5],
      Array.from({ length: 25 }, (_, i) => i),
    );
    const made = numbers('conv', { outChannels: 1, autoPad: 'explicit', pads: [1, 1, 1, 1], bias: false }, [x], {
      weight: fp32([1, 1, 3, 3], new Array<number>(9).fill(1)),
    });
    expect(made.slice(0, 10)).toEqual([12, 21, 27, 33, 24, 33, 54, 63, 72, 51]);
  });

  it('ConvTranspose: a 3×3 window of ones over 3×3 (convtranspose)', () => {
    const x = fp32(
      [1, 1, 3, 3],
      Array.from({ length: 9 }, (_, i) => i),
    );
    const parameters = { outChannels: 1, kernel: [3, 3], strides: [1, 1], bias: false };
    const made = numbers('conv-transpose', parameters, [x], {
      weight: fp32([1, 1, 3, 3], new Array<number>(9).fill(1)),
    });
    expect(made.slice(0, 15)).toEqual([0, 1, 3, 3, 2, 3, 8, 15, 12, 7, 9, 21, 36, 27, 15]);
  });

  it('QuantizeLinear (quantizelinear)', () => {
    const made = numbers('quantize', { elementType: 'uint8' }, [fp32([6], [0, 2, 3, 1000, -254, -1000])], {
      scale: fp32([], [2]),
      'zero point': tensorOf('uint8', [], [128]),
    });
    expect(made).toEqual([128, 129, 130, 255, 1, 0]);
  });

  it('QLinearMatMul (qlinearmatmul_2D_uint8_float32)', () => {
    const scales = { 'left scale': 0.0066, 'right scale': 0.00705, 'output scale': 0.0107 };
    const zeros = { 'left zero point': 113, 'right zero point': 114, 'output zero point': 118 };
    const made = numbers(
      'matmul',
      { arithmetic: 'requantised' },
      [
        tensorOf('uint8', [2, 4], [208, 236, 0, 238, 3, 214, 255, 29]),
        tensorOf('uint8', [4, 3], [152, 51, 244, 60, 26, 255, 0, 127, 246, 127, 254, 247]),
      ],
      {
        ...Object.fromEntries(Object.entries(scales).map(([name, value]) => [name, fp32([], [value])])),
        ...Object.fromEntries(Object.entries(zeros).map(([name, value]) => [name, tensorOf('uint8', [], [value])])),
      },
    );
    expect(made).toEqual([168, 115, 255, 1, 66, 151]);
  });

  it('Resize: linear to twice the size (resize_upsample_scales_linear)', () => {
    const made = numbers('resize', { mode: 'linear', factor: 2 }, [fp32([1, 1, 2, 2], [1, 2, 3, 4])]);
    expect(made.slice(0, 8)).toEqual([1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5]);
  });
});

describe('element types', () => {
  it('8-bit sums wrap, 32-bit products wrap, divisions of integers are cut off', () => {
    const pair = (type: 'int8' | 'int32', a: number, b: number) => [tensorOf(type, [1], [a]), tensorOf(type, [1], [b])];
    expect(numbers('elementwise', { operation: 'add' }, pair('int8', 127, 1))).toEqual([-128]);
    expect(numbers('elementwise', { operation: 'mul' }, pair('int32', 123_456_789, 987_654_321))).toEqual([
      Math.imul(123_456_789, 987_654_321),
    ]);
    expect(numbers('elementwise', { operation: 'div' }, pair('int32', -7, 2))).toEqual([-3]);
  });

  it('a half-precision result is rounded to half precision', () => {
    const half = (value: number) => tensorOf('fp16', [1], [value]);
    // 2048 and 2050 are neighbours in fp16: 2049 is half way, the even one is 2048.
    expect(numbers('elementwise', { operation: 'add' }, [half(2048), half(1)])).toEqual([2048]);
  });

  it('a 32-bit accumulator wraps', () => {
    const made = numbers(
      'dense',
      { units: 1, bias: true, arithmetic: 'integer', outputType: 'int32' },
      [tensorOf('uint8', [1, 2], [255, 255])],
      {
        weight: tensorOf('int8', [2, 1], [127, 127]),
        bias: tensorOf('int32', [1], [2 ** 31 - 1]),
        'input zero point': tensorOf('uint8', [], [0]),
        'weight zero point': tensorOf('int8', [1], [0]),
      },
    );
    expect(made).toEqual([(2 ** 31 - 1 + 2 * 255 * 127) | 0]);
  });
});

it('the error function to 15 digits (Abramowitz & Stegun, table 7.1)', () => {
  for (const [x, y] of [
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [-2, -0.9953222650189527],
  ] as const)
    expect(Math.abs(erf(x) - y)).toBeLessThan(1e-15);
  expect([erf(0), erf(7), erf(-Infinity)]).toEqual([0, 1, -1]);
});

describe('what cannot be evaluated', () => {
  it('an unknown operator is named', () => {
    const parameters = { operator: 'RequantShift', domain: 'PACTOps', outputShapes: '1' };
    expect(evaluate('opaque', parameters, [fp32([1], [1])])).toMatchObject({
      ok: false,
      error: {
        code: 'reference.undefined',
        message: 'Opaque operator cannot be evaluated: RequantShift of PACTOps is known by name only',
      },
    });
  });

  it('a missing weight is named with its shape', () => {
    expect(evaluate('dense', { units: 2, bias: false }, [fp32([1, 3], [1, 2, 3])])).toMatchObject({
      ok: false,
      error: { code: 'reference.weight', message: 'The weight of Dense is 3×2; nothing is given' },
    });
  });

  it('an operand that does not fill its shape', () => {
    expect(evaluate('identity', {}, [fp32([3], [1, 2])])).toMatchObject({ error: { code: 'reference.operand' } });
  });

  it('an index outside its axis', () => {
    const made = evaluate('gather', { axis: 0 }, [fp32([3], [1, 2, 3]), tensorOf('int64', [1], [3])]);
    expect(made).toMatchObject({ error: { message: 'Gather cannot be evaluated: index 3 lies outside an axis of 3' } });
  });
});
