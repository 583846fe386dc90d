/** Arithmetic, comparison and selection on broadcast operands. Source: ONNX operators, Add-14 … Where-16, Broadcasting. */
import { err } from '#core/base/result.ts';
import type { ElementType } from '#core/catalog/operator-type.ts';
import { textOf } from '#core/catalog/parameter.ts';
import { broadcastOffsets } from '../indexing.ts';
import type { NumberArray, TensorValues } from '../values.ts';
import { type Call, done, type Evaluators, operand, picked, resultArray, resultType } from './call.ts';
import { dequantised, requantise } from './quantised.ts';

type Binary = (a: number, b: number) => number;

const REAL: ReadonlySet<ElementType> = new Set(['fp32', 'fp16', 'bf16', 'fp64']);
const WIDE: ReadonlySet<ElementType> = new Set(['int64', 'uint64']);

/** The operand's numbers repeated to the shape of the result. */
function spread(call: Call, { type, data }: TensorValues): NumberArray {
  const { shape } = resultType(call);
  if (type.shape.join() === shape.join()) return data;
  const offsets = broadcastOffsets(type.shape, shape);
  return picked(new Float64Array(offsets.length), data, offsets);
}

const bits =
  (narrow: Binary, wide: (a: bigint, b: bigint) => bigint) =>
  (type: ElementType): Binary =>
    WIDE.has(type) ? (a, b) => Number(wide(BigInt(a), BigInt(b))) : narrow;

const OPERATIONS: Readonly<Record<string, (type: ElementType) => Binary>> = {
  add: () => (a, b) => a + b,
  sub: () => (a, b) => a - b,
  // Products of 32-bit integers wrap; a double would round them first.
  mul: (type) => (type === 'int32' || type === 'uint32' ? Math.imul : (a, b) => a * b),
  div: (type) => (REAL.has(type) ? (a, b) => a / b : (a, b) => Math.trunc(a / b)),
  max: () => (a, b) => Math.max(a, b),
  min: () => (a, b) => Math.min(a, b),
  mean: () => (a, b) => a + b,
  pow: (type) => (REAL.has(type) ? (a, b) => a ** b : (a, b) => Math.trunc(a ** b)),
  // Mod-13: integers take the sign of the divisor (fmod = 0), real numbers that of the dividend (fmod = 1).
  mod: (type) => (REAL.has(type) ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b)),
  'bit-and': bits(
    (a, b) => a & b,
    (a, b) => a & b,
  ),
  'bit-or': bits(
    (a, b) => a | b,
    (a, b) => a | b,
  ),
  'bit-xor': bits(
    (a, b) => a ^ b,
    (a, b) => a ^ b,
  ),
  'shift-left': bits(
    (a, b) => (b < 32 ? a << b : 0),
    (a, b) => BigInt.asUintN(64, a << b),
  ),
  'shift-right': bits(
    (a, b) => (b < 32 ? a >>> b : 0),
    (a, b) => a >> b,
  ),
};

const QUESTIONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  equal: (a, b) => a === b,
  less: (a, b) => a < b,
  'less-or-equal': (a, b) => a <= b,
  greater: (a, b) => a > b,
  'greater-or-equal': (a, b) => a >= b,
  and: (a, b) => a !== 0 && b !== 0,
  or: (a, b) => a !== 0 || b !== 0,
  xor: (a, b) => (a !== 0) !== (b !== 0),
};

export const ELEMENTWISE: Evaluators = {
  elementwise(call) {
    const operation = textOf(call.parameters, 'operation', 'add');
    const isRequantised = textOf(call.parameters, 'arithmetic') === 'requantised';
    const compute = OPERATIONS[operation]?.(isRequantised ? 'fp32' : resultType(call).elementType);
    if (!compute) return err(`operation '${operation}' is not known`);
    const operands = call.inputs
      .filter((each) => each !== null)
      .map((each, i) => (isRequantised ? { ...each, data: dequantised(call, `operand ${i + 1}`, each) } : each))
      .map((each) => spread(call, each));
    const result = resultArray(call);
    // Partial results stay in double precision; only the last is rounded.
    const made = isRequantised ? new Float32Array(result.length) : result;
    const [first, ...others] = operands;
    const count = operation === 'mean' ? operands.length : 1;
    for (let i = 0; i < made.length; i++) {
      let value = first![i]!;
      for (const other of others) value = compute(value, other[i]!);
      made[i] = count === 1 ? value : value / count;
    }
    if (isRequantised) requantise(call, result, made);
    return done(result);
  },
  compare(call) {
    const question = QUESTIONS[textOf(call.parameters, 'operation', 'equal')];
    if (!question) return err(`operation '${textOf(call.parameters, 'operation')}' is not known`);
    const made = resultArray(call);
    const a = spread(call, operand(call, 0));
    const b = spread(call, operand(call, 1));
    for (let i = 0; i < made.length; i++) made[i] = question(a[i]!, b[i]!) ? 1 : 0;
    return done(made);
  },
  where(call) {
    const made = resultArray(call);
    const [condition, yes, no] = [0, 1, 2].map((at) => spread(call, operand(call, at)));
    for (let i = 0; i < made.length; i++) made[i] = condition![i] === 0 ? no![i]! : yes![i]!;
    return done(made);
  },
};
