/** Matrix products and contractions. Source: ONNX operators, MatMul-13, Gemm-13, Einsum-12, MatMulInteger-10, QLinearMatMul-21. */
import { err } from '#core/base/result.ts';
import { broadcast, product } from '#core/catalog/operators/common.ts';
import { booleanOf, integerOf, textOf } from '#core/catalog/parameter.ts';
import { broadcastOffsets, broadcastSteps, offsetsOf } from '../indexing.ts';
import type { TensorValues } from '../values.ts';
import { done, type Evaluate, type Evaluators, operand, real, resultArray, resultType } from './call.ts';
import { quantisationOf } from './quantised.ts';

/** A matrix inside a flat array. */
interface View {
  readonly data: Float64Array;
  readonly start: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** One row of a product: `sums[j] = Σ a[row, i]·b[i, j]`. */
function multiplyRow(a: View, row: number, b: View, depth: number, sums: Float64Array): void {
  sums.fill(0);
  for (let i = 0; i < depth; i++) {
    const factor = a.data[a.start + row * a.rowStep + i * a.columnStep]!;
    let at = b.start + i * b.rowStep;
    for (let j = 0; j < sums.length; j++, at += b.columnStep) sums[j]! += factor * b.data[at]!;
  }
}

const dense: Evaluate = (call) => {
  const x = operand(call);
  const depth = x.type.shape.at(-1) ?? 1;
  const units = integerOf(call.parameters, 'units', 1);
  const quantised = quantisationOf(call, units);
  const a: View = { data: real(x, quantised.inputZero), start: 0, rowStep: depth, columnStep: 1 };
  const b: View = { data: quantised.weight(call.weight('weight'), 1), start: 0, rowStep: units, columnStep: 1 };
  const bias = booleanOf(call.parameters, 'bias', true) ? call.weight('bias').data : null;
  const made = resultArray(call);
  const sums = new Float64Array(units);
  for (let row = 0; row < x.data.length / depth; row++) {
    multiplyRow(a, row, b, depth, sums);
    if (bias) for (let j = 0; j < units; j++) sums[j]! += bias[j]!;
    quantised.store(made, row * units, sums, (j) => j);
  }
  return done(made);
};

/** Row m of the product of batch entry b, stored by `store(sums, first place)`. */
function batched(
  left: TensorValues,
  right: TensorValues,
  data: readonly [Float64Array, Float64Array],
  transpose: readonly [boolean, boolean],
  store: (sums: Float64Array, at: number) => void,
): void {
  const a = left.type.shape.length === 1 ? [1, ...left.type.shape] : left.type.shape;
  const b = right.type.shape.length === 1 ? [...right.type.shape, 1] : right.type.shape;
  const matrix = (shape: readonly number[], isTransposed: boolean) => {
    const [rows = 1, columns = 1] = shape.slice(-2);
    return isTransposed
      ? { rows: columns, columns: rows, rowStep: 1, columnStep: columns, size: rows * columns }
      : { rows, columns, rowStep: columns, columnStep: 1, size: rows * columns };
  };
  const [m, n] = [matrix(a, transpose[0]), matrix(b, transpose[1])];
  const batch = broadcast(a.slice(0, -2), b.slice(0, -2)) ?? [];
  const starts = (shape: readonly number[], size: number) =>
    broadcastOffsets(shape.slice(0, -2), batch).map((entry) => entry * size);
  const [aStarts, bStarts] = [starts(a, m.size), starts(b, n.size)];
  const sums = new Float64Array(n.columns);
  for (let entry = 0, at = 0; entry < aStarts.length; entry++)
    for (let row = 0; row < m.rows; row++, at += n.columns) {
      const leftView = { data: data[0], start: aStarts[entry]!, rowStep: m.rowStep, columnStep: m.columnStep };
      const rightView = { data: data[1], start: bStarts[entry]!, rowStep: n.rowStep, columnStep: n.columnStep };
      multiplyRow(leftView, row, rightView, m.columns, sums);
      store(sums, at);
    }
}

const matmul: Evaluate = (call) => {
  const [left, right] = [operand(call, 0), operand(call, 1)];
  const quantised = quantisationOf(call, 1, ['left', 'right']);
  const data = [real(left, quantised.inputZero), quantised.weight(right, 1)] as const;
  const made = resultArray(call);
  batched(left, right, data, [false, false], (sums, at) => quantised.store(made, at, sums, () => 0));
  return done(made);
};

const gemm: Evaluate = (call) => {
  const p = call.parameters;
  const [left, right] = [operand(call, 0), operand(call, 1)];
  const [alpha, beta] = [integerOf(p, 'alpha', 1), integerOf(p, 'beta', 1)];
  const addend = call.inputs[2] ?? null;
  const offsets = addend ? broadcastOffsets(addend.type.shape, resultType(call).shape) : null;
  const made = resultArray(call);
  const transpose = [booleanOf(p, 'transposeA'), booleanOf(p, 'transposeB')] as const;
  batched(left, right, [real(left), real(right)], transpose, (sums, at) => {
    for (let j = 0; j < sums.length; j++) {
      const added = addend && offsets ? beta * addend.data[offsets[at + j]!]! : 0;
      made[at + j] = alpha * sums[j]! + added;
    }
  });
  return done(made);
};

const einsum: Evaluate = (call) => {
  const [left = '', right] = textOf(call.parameters, 'equation').replace(/\s/g, '').split('->');
  const terms = left.split(',');
  const operands = call.inputs.filter((each) => each !== null);
  const letters = [...left.replaceAll(',', '')];
  if (!/^[A-Za-z,]*$/.test(left) || terms.length !== operands.length)
    return err('its equation does not name its operands');
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  const kept = [...(right ?? once.join(''))];
  const summed = [...new Set(letters)].filter((letter) => !kept.includes(letter));
  const extents = new Map<string, number>();
  for (const [i, term] of terms.entries())
    for (const [axis, letter] of [...term].entries())
      extents.set(letter, Math.max(extents.get(letter) ?? 1, operands[i]!.type.shape[axis] ?? 1));
  const shapeOf = (list: readonly string[]) => list.map((letter) => extents.get(letter) ?? 1);
  const walks = operands.map(({ type }, i) => {
    const steps = broadcastSteps(type.shape, type.shape);
    const stepOf = (letter: string) =>
      [...terms[i]!].reduce((sum, each, axis) => (each === letter ? sum + steps[axis]! : sum), 0);
    return {
      outer: offsetsOf(shapeOf(kept), kept.map(stepOf)),
      inner: offsetsOf(shapeOf(summed), summed.map(stepOf)),
    };
  });
  const made = resultArray(call);
  const inner = product(shapeOf(summed));
  for (let i = 0; i < made.length; i++) {
    let sum = 0;
    for (let s = 0; s < inner; s++) {
      let term = 1;
      for (const [at, { outer, inner: within }] of walks.entries()) term *= operands[at]!.data[outer[i]! + within[s]!]!;
      sum += term;
    }
    made[i] = sum;
  }
  return done(made);
};

export const LINEAR: Evaluators = { dense, matmul, 'batched-matmul': matmul, gemm, einsum };
