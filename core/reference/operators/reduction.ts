/** Reductions along axes. Source: ONNX operators, ReduceSum-13 … ReduceLogSumExp-18, ArgMax-13, TopK-11, CumSum-14. */
import { err } from '#core/base/result.ts';
import { booleanOf, integerOf, integersOf, textOf } from '#core/catalog/parameter.ts';
import { axisAt, offsetsOf, stridesOf } from '../indexing.ts';
import { type NumberArray, numberArray } from '../values.ts';
import { type Call, done, type Evaluate, type Evaluators, operand, resultArray } from './call.ts';

/** Of each result the place of its first element, and the distances of the others from it. */
function places(shape: readonly number[], axes: readonly number[]) {
  const strides = stridesOf(shape);
  const pick = <T>(list: readonly T[], isReduced: boolean) => list.filter((_, at) => axes.includes(at) === isReduced);
  return {
    rows: offsetsOf(pick(shape, false), pick(strides, false)),
    along: offsetsOf(pick(shape, true), pick(strides, true)),
  };
}

type Reduce = (from: NumberArray, row: number, along: Int32Array) => number;

const sum =
  (term: (x: number) => number, finish: (total: number, count: number) => number = (total) => total): Reduce =>
  (from, row, along) => {
    let total = 0;
    for (const at of along) total += term(from[row + at]!);
    return finish(total, along.length);
  };

const fold =
  (compute: (a: number, b: number) => number): Reduce =>
  (from, row, along) => {
    let value = from[row + along[0]!]!;
    for (let i = 1; i < along.length; i++) value = compute(value, from[row + along[i]!]!);
    return value;
  };

const greatest = fold(Math.max);

const REDUCTIONS: Readonly<Record<string, Reduce>> = {
  sum: sum((x) => x),
  mean: sum(
    (x) => x,
    (total, count) => total / count,
  ),
  max: greatest,
  min: fold(Math.min),
  prod: fold((a, b) => a * b),
  l1: sum(Math.abs),
  l2: sum((x) => x * x, Math.sqrt),
  'sum-square': sum((x) => x * x),
  'log-sum': sum((x) => x, Math.log),
  // Shifted by the maximum, so that no exponential overflows.
  'log-sum-exp': (from, row, along) => {
    const shift = greatest(from, row, along);
    return shift + sum((x) => Math.exp(x - shift), Math.log)(from, row, along);
  },
};

const reduce: Evaluate = (call) => {
  const operation = textOf(call.parameters, 'operation', 'mean');
  const compute = REDUCTIONS[operation];
  if (!compute) return err(`operation '${operation}' is not known`);
  const { data, type } = operand(call);
  const wanted = integersOf(call.parameters, 'axes').map((axis) => axisAt(axis, type.shape.length));
  const { rows, along } = places(type.shape, wanted.length > 0 ? wanted : type.shape.map((_, axis) => axis));
  const made = resultArray(call);
  for (const [i, row] of rows.entries()) made[i] = compute(data, row, along);
  return done(made);
};

const alongOne = (call: Call) => {
  const { shape } = operand(call).type;
  return places(shape, [axisAt(integerOf(call.parameters, 'axis', -1), shape.length)]);
};

const argReduce: Evaluate = (call) => {
  const { data } = operand(call);
  const { rows, along } = alongOne(call);
  const sign = textOf(call.parameters, 'operation', 'max') === 'max' ? 1 : -1;
  const isLast = booleanOf(call.parameters, 'last');
  const made = resultArray(call);
  for (const [i, row] of rows.entries()) {
    let best = 0;
    for (let j = 1; j < along.length; j++) {
      const difference = sign * (data[row + along[j]!]! - data[row + along[best]!]!);
      if (difference > 0 || (isLast && difference === 0)) best = j;
    }
    made[i] = best;
  }
  return done(made);
};

/** Sorted; of equal elements the one with the lower index comes first. */
const topK: Evaluate = (call) => {
  const { data, type } = operand(call);
  const axis = axisAt(integerOf(call.parameters, 'axis', -1), type.shape.length);
  const { rows, along } = places(type.shape, [axis]);
  const k = integerOf(call.parameters, 'k', 1);
  const sign = booleanOf(call.parameters, 'largest', true) ? -1 : 1;
  const into = places(type.shape.with(axis, k), [axis]);
  const made = resultArray(call);
  const indices = numberArray(call.outputs[1]?.elementType ?? 'int64', made.length);
  for (const [i, row] of rows.entries()) {
    const order = Array.from(along, (_, j) => j).sort(
      (a, b) => sign * (data[row + along[a]!]! - data[row + along[b]!]!),
    );
    for (let j = 0; j < k; j++) {
      const at = into.rows[i]! + into.along[j]!;
      made[at] = data[row + along[order[j]!]!]!;
      indices[at] = order[j]!;
    }
  }
  return done(made, indices);
};

const cumulativeSum: Evaluate = (call) => {
  const { data } = operand(call);
  const { rows, along } = alongOne(call);
  const isExclusive = booleanOf(call.parameters, 'exclusive');
  const order = booleanOf(call.parameters, 'reverse') ? along.toReversed() : along;
  const made = resultArray(call);
  for (const row of rows) {
    let total = 0;
    for (const at of order) {
      const next = total + data[row + at]!;
      made[row + at] = isExclusive ? total : next;
      total = next;
    }
  }
  return done(made);
};

export const REDUCTION: Evaluators = {
  reduce,
  'arg-reduce': argReduce,
  'top-k': topK,
  'cumulative-sum': cumulativeSum,
};
