/** Between reals and integers. Source: ONNX operators, QuantizeLinear-21, DequantizeLinear-21, DynamicQuantizeLinear-11. */
import { product } from '#core/catalog/operators/common.ts';
import { booleanOf, integerOf } from '#core/catalog/parameter.ts';
import { axisAt } from '../indexing.ts';
import { type Call, done, type Evaluate, type Evaluators, operand, resultArray, resultType } from './call.ts';
import { quantised } from './quantised.ts';

/** Scale and zero point of element i. */
function pairsOf(call: Call): (i: number) => readonly [scale: number, zero: number] {
  const scales = call.weight('scale').data;
  const zeros = call.weight('zero point').data;
  const { shape } = operand(call).type;
  if (!booleanOf(call.parameters, 'perChannel')) return () => [scales[0]!, zeros[0]!];
  const axis = axisAt(integerOf(call.parameters, 'axis', 1), shape.length);
  const inner = product(shape, axis + 1);
  const extent = shape[axis] ?? 1;
  return (i) => {
    const place = Math.floor(i / inner) % extent;
    return [scales[place]!, zeros[place]!];
  };
}

const quantize: Evaluate = (call) => {
  const { data } = operand(call);
  const { elementType } = resultType(call);
  const pair = pairsOf(call);
  const made = resultArray(call);
  for (let i = 0; i < made.length; i++) {
    const [scale, zero] = pair(i);
    made[i] = quantised(Math.fround(data[i]! / scale), zero, elementType);
  }
  return done(made);
};

const dequantize: Evaluate = (call) => {
  const { data } = operand(call);
  const pair = pairsOf(call);
  const made = resultArray(call);
  for (let i = 0; i < made.length; i++) {
    const [scale, zero] = pair(i);
    made[i] = (data[i]! - zero) * scale;
  }
  return done(made);
};

const dynamicQuantize: Evaluate = (call) => {
  const { data } = operand(call);
  let [least, greatest] = [0, 0];
  for (const value of data) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  const scale = greatest === least ? 1 : Math.fround(Math.fround(greatest - least) / 255);
  const zero = quantised(Math.fround(-least / scale), 0, 'uint8');
  const made = resultArray(call);
  for (let i = 0; i < made.length; i++) made[i] = quantised(Math.fround(data[i]! / scale), zero, 'uint8');
  return done(made, Float32Array.of(scale), Uint8Array.of(zero));
};

export const QUANTISATION: Evaluators = { quantize, dequantize, 'dynamic-quantize': dynamicQuantize };
