/** Matrix products: with a trained operand (dense) and between activations (matmul, gemm, einsum). */
import { err, ok, type Result } from '#core/base/result.ts';
import type { OperatorType, TensorType } from '../operator-type.ts';
import { booleanOf, integerOf, textOf } from '../parameter.ts';
import {
  booleanParameter,
  broadcast,
  defineOperator,
  elementTypeOf,
  given,
  type Inputs,
  integerParameter,
  LARGEST,
  numberParameter,
  oneInput,
  oneOutput,
  outputTypeParameter,
  product,
  required,
  type Shape,
  shapeText,
  tensor,
} from './common.ts';
import { arithmeticParameter, arithmeticWeights } from './quantisation.ts';

export const dense = defineOperator({
  id: 'dense',
  title: 'Dense',
  category: 'linear',
  summary: 'Fully connected: every row of the input times a trained matrix, plus a bias.',
  source: 'ONNX operators, Gemm-13 and MatMul-13 with a constant right operand',
  keywords: ['linear', 'fully connected', 'fc', 'gemm', 'projection'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    integerParameter('units', 'Units', [1, LARGEST], 128, 'Features out: the extent of the last axis of the result.', {
      unit: 'element',
    }),
    booleanParameter('bias', 'Bias', true, 'Adds one trained number to each unit.'),
    arithmeticParameter,
    outputTypeParameter,
  ],
  infer(inputs, p) {
    const x = required(inputs);
    if (x.shape.length === 0) return err('Dense needs at least one axis of features; the input is a scalar');
    const type = elementTypeOf(textOf(p, 'outputType'), x.elementType);
    return ok([tensor([...x.shape.slice(0, -1), integerOf(p, 'units', 1)], type)]);
  },
  weights(inputs, p) {
    const units = integerOf(p, 'units', 1);
    const weight = { name: 'weight', shape: [required(inputs).shape.at(-1) ?? 1, units] };
    const scales = arithmeticWeights(p, [
      ['input', []],
      ['weight', [units]],
    ]);
    return booleanOf(p, 'bias', true) ? [weight, { name: 'bias', shape: [units] }, ...scales] : [weight, ...scales];
  },
  macs: (inputs, _, p) => product(required(inputs).shape) * integerOf(p, 'units', 1),
  kernel(inputs, _, p) {
    const { shape } = required(inputs);
    const k = shape.at(-1) ?? 1;
    return { kind: 'gemm', groups: 1, m: product(shape) / k, n: integerOf(p, 'units', 1), k, bIsActivation: false };
  },
});

interface Product {
  readonly result: Shape;
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** NumPy's matmul: leading axes broadcast, a vector is a row on the left and a column on the right. */
function multiply(a: Shape, b: Shape, transposeA = false, transposeB = false): Result<Product, string> {
  if (a.length === 0 || b.length === 0) return err('A matrix product needs vectors or matrices, not scalars');
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const last = (shape: Shape, back: number) => shape[shape.length - back] ?? 1;
  const [m, k] = transposeA ? [last(left, 1), last(left, 2)] : [last(left, 2), last(left, 1)];
  const [k2, n] = transposeB ? [last(right, 1), last(right, 2)] : [last(right, 2), last(right, 1)];
  const shapes = `${shapeText(a)}${transposeA ? 'ᵀ' : ''} times ${shapeText(b)}${transposeB ? 'ᵀ' : ''}`;
  if (k !== k2) return err(`Inner extents differ in ${shapes}: ${k} against ${k2}`);
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2));
  if (!batch) return err(`Leading axes do not broadcast in ${shapes}`);
  const result = [...batch];
  if (a.length > 1) result.push(m);
  if (b.length > 1) result.push(n);
  // A right operand shared by the whole batch is one taller product.
  const isShared = product(right, 0, right.length - 2) === 1;
  const rows = product(batch);
  return ok({ result, batch: isShared ? 1 : rows, m: isShared ? m * rows : m, n, k });
}

function multiplied(inputs: Inputs, transposeA = false, transposeB = false): Product {
  const made = multiply(required(inputs, 0).shape, required(inputs, 1).shape, transposeA, transposeB);
  if (!made.ok) throw new Error(made.error);
  return made.value;
}

const operands = [
  { id: 'a', title: 'left' },
  { id: 'b', title: 'right' },
] as const;

const activationProduct: Pick<OperatorType, 'weights' | 'macs' | 'kernel'> = {
  weights: (_, p) =>
    arithmeticWeights(p, [
      ['left', []],
      ['right', []],
    ]),
  macs(inputs) {
    const { batch, m, n, k } = multiplied(inputs);
    return batch * m * n * k;
  },
  kernel(inputs) {
    const { batch, m, n, k } = multiplied(inputs);
    return { kind: 'gemm', groups: batch, m, n, k, bIsActivation: true };
  },
};

export const matmul = defineOperator({
  id: 'matmul',
  title: 'Matrix product',
  category: 'linear',
  summary: 'The product of two tensors of the model, e.g. scores = queries · keys. Leading axes broadcast.',
  source: 'ONNX operators, MatMul-13',
  keywords: ['multiply', 'gemm', 'attention scores'],
  inputs: operands,
  outputs: oneOutput,
  parameters: [arithmeticParameter, outputTypeParameter],
  infer(inputs, p) {
    const a = required(inputs, 0);
    const made = multiply(a.shape, required(inputs, 1).shape);
    return made.ok ? ok([tensor(made.value.result, elementTypeOf(textOf(p, 'outputType'), a.elementType))]) : made;
  },
  ...activationProduct,
});

export const batchedMatmul = defineOperator({
  id: 'batched-matmul',
  title: 'Batched matrix product',
  category: 'linear',
  summary: 'One independent product for each entry of the leading axes: [B, M, K] · [B, K, N].',
  source: 'ONNX operators, MatMul-13 on operands of rank 3 or more',
  keywords: ['bmm', 'attention', 'heads', 'multiply'],
  inputs: operands,
  outputs: oneOutput,
  parameters: [arithmeticParameter, outputTypeParameter],
  infer(inputs, p) {
    const a = required(inputs, 0);
    const b = required(inputs, 1);
    if (a.shape.length < 3 && b.shape.length < 3) {
      return err(
        `A batched product needs a batch axis; the operands are ${shapeText(a.shape)} and ${shapeText(b.shape)}`,
      );
    }
    const made = multiply(a.shape, b.shape);
    return made.ok ? ok([tensor(made.value.result, elementTypeOf(textOf(p, 'outputType'), a.elementType))]) : made;
  },
  ...activationProduct,
});

export const gemm = defineOperator({
  id: 'gemm',
  title: 'General matrix product',
  category: 'linear',
  summary: 'A·B + C between tensors of the model, either operand transposed; leading axes broadcast as in matmul.',
  source: 'ONNX operators, Gemm-13 (com.microsoft FusedMatMul-1 for leading axes)',
  keywords: ['multiply', 'transposed', 'blas'],
  inputs: [...operands, { id: 'c', title: 'addend', optional: true }],
  outputs: oneOutput,
  parameters: [
    booleanParameter('transposeA', 'Transpose left', false, 'Takes the last two axes of the left operand swapped.'),
    booleanParameter('transposeB', 'Transpose right', false, 'Takes the last two axes of the right operand swapped.'),
    numberParameter('alpha', 'Alpha', 1, 'Scale of the product.', { advanced: true }),
    numberParameter('beta', 'Beta', 1, 'Scale of the addend.', { advanced: true }),
  ],
  infer(inputs, p) {
    const a = required(inputs, 0);
    const made = multiply(a.shape, required(inputs, 1).shape, booleanOf(p, 'transposeA'), booleanOf(p, 'transposeB'));
    if (!made.ok) return made;
    const c = inputs[2];
    const fits = !c || broadcast(made.value.result, c.shape)?.length === made.value.result.length;
    if (!fits) return err(`The addend ${shapeText(c.shape)} does not broadcast to ${shapeText(made.value.result)}`);
    return ok([tensor(made.value.result, a.elementType)]);
  },
  macs(inputs, _, p) {
    const { batch, m, n, k } = multiplied(inputs, booleanOf(p, 'transposeA'), booleanOf(p, 'transposeB'));
    return batch * m * n * k;
  },
  kernel(inputs, _, p) {
    const { batch, m, n, k } = multiplied(inputs, booleanOf(p, 'transposeA'), booleanOf(p, 'transposeB'));
    return { kind: 'gemm', groups: batch, m, n, k, bIsActivation: true };
  },
});

interface Contraction {
  readonly extents: ReadonlyMap<string, number>;
  readonly terms: readonly string[];
  readonly result: string;
}

function contraction(equation: string, inputs: readonly TensorType[]): Result<Contraction, string> {
  const [left = '', right] = equation.replace(/\s/g, '').split('->');
  const terms = left.split(',');
  if (!/^[A-Za-z,]*$/.test(left) || !/^[A-Za-z]*$/.test(right ?? ''))
    return err(`Equation '${equation}' is not made of letters, commas and one arrow`);
  if (terms.length !== inputs.length)
    return err(`Equation '${equation}' has ${terms.length} terms for ${inputs.length} operands`);
  const extents = new Map<string, number>();
  for (const [index, term] of terms.entries()) {
    const { shape } = inputs[index]!;
    if (term.length !== shape.length) return err(`Term '${term}' does not name the axes of ${shapeText(shape)}`);
    for (const [axis, letter] of [...term].entries()) {
      const extent = shape[axis]!;
      const known = extents.get(letter);
      if (known !== undefined && known !== extent && known !== 1 && extent !== 1)
        return err(`Axis '${letter}' is ${known} in one operand and ${extent} in another`);
      extents.set(letter, Math.max(extent, known ?? 1));
    }
  }
  const letters = [...left.replaceAll(',', '')];
  const once = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter)).sort();
  const result = right ?? once.join('');
  const unknown = [...result].find((letter) => !extents.has(letter));
  return unknown ? err(`Axis '${unknown}' of the result is in no operand`) : ok({ extents, terms, result });
}

const extent = (made: Contraction, letters: readonly string[]) =>
  letters.reduce((total, letter) => total * (made.extents.get(letter) ?? 1), 1);

export const einsum = defineOperator({
  id: 'einsum',
  title: 'Einstein sum',
  category: 'linear',
  summary: 'A product of tensors named by axes, summed over every axis that is not in the result.',
  source: 'ONNX operators, Einsum-12 (without ellipsis)',
  keywords: ['contraction', 'einsum', 'tensordot'],
  inputs: [{ id: 'in', title: 'operand', variadic: true }],
  outputs: oneOutput,
  parameters: [
    {
      id: 'equation',
      title: 'Equation',
      kind: 'text',
      default: 'bik,bkj->bij',
      maximumLength: 256,
      help: 'One letter an axis, commas between operands, an arrow before the result.',
    },
  ],
  infer(inputs, p) {
    const operandsGiven = given(inputs);
    const made = contraction(textOf(p, 'equation'), operandsGiven);
    if (!made.ok) return made;
    const shape = [...made.value.result].map((letter) => made.value.extents.get(letter) ?? 1);
    return ok([tensor(shape, operandsGiven[0]?.elementType ?? 'fp32')]);
  },
  macs(inputs, _, p) {
    const made = contraction(textOf(p, 'equation'), given(inputs));
    return made.ok ? extent(made.value, [...made.value.extents.keys()]) : 0;
  },
  kernel(inputs, outputs, p) {
    const made = contraction(textOf(p, 'equation'), given(inputs));
    const elements = product(outputs[0]?.shape ?? []);
    if (!made.ok || made.value.terms.length !== 2) return { kind: 'vector', elements, operationsPerElement: 2 };
    const [a = '', b = ''] = made.value.terms;
    const letters = [...made.value.extents.keys()];
    const kept = (letter: string) => made.value.result.includes(letter);
    return {
      kind: 'gemm',
      groups: extent(
        made.value,
        letters.filter((each) => a.includes(each) && b.includes(each) && kept(each)),
      ),
      m: extent(
        made.value,
        letters.filter((each) => a.includes(each) && !b.includes(each)),
      ),
      n: extent(
        made.value,
        letters.filter((each) => b.includes(each) && !a.includes(each)),
      ),
      k: extent(
        made.value,
        letters.filter((each) => a.includes(each) && b.includes(each) && !kept(each)),
      ),
      bIsActivation: true,
    };
  },
});
