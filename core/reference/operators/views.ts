/** Operators that rename axes, hand on or change the element type. Source: ONNX operators, Reshape-21 … Cast-21, Dropout-22. */
import { ok } from '#core/base/result.ts';
import type { ElementType } from '#core/catalog/operator-type.ts';
import { done, type Evaluate, type Evaluators, operand, resultArray, resultType } from './call.ts';

const REAL: ReadonlySet<ElementType> = new Set(['fp32', 'fp16', 'bf16', 'fp64']);

/** The same numbers. */
const same: Evaluate = (call) => done(operand(call).data);

const dropout: Evaluate = (call) => {
  const { data } = operand(call);
  return call.outputs.length > 1 ? done(data, new Uint8Array(data.length).fill(1)) : done(data);
};

const cast: Evaluate = (call) => {
  const { data } = operand(call);
  const { elementType } = resultType(call);
  const made = resultArray(call);
  for (let i = 0; i < made.length; i++) {
    const value = data[i]!;
    made[i] = elementType === 'bool' ? (value === 0 ? 0 : 1) : REAL.has(elementType) ? value : Math.trunc(value);
  }
  return ok([made]);
};

export const VIEWS: Evaluators = {
  reshape: same,
  flatten: same,
  squeeze: same,
  unsqueeze: same,
  identity: same,
  dropout,
  cast,
};
