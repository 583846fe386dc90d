/**
 * Functions of one element. `operations` are simple vector operations, `evaluations` transcendental ones
 * (exponential, error function, root, quotient), which a special-function unit does.
 */
import { err, ok } from '#core/base/result.ts';
import { booleanOf, textOf } from '../parameter.ts';
import {
  booleanParameter,
  choiceParameter,
  defineOperator,
  numberParameter,
  oneInput,
  oneOutput,
  product,
  required,
  shapeText,
} from './common.ts';
import { arithmeticParameter, arithmeticWeights } from './quantisation.ts';

interface Cost {
  readonly title: string;
  readonly operations: number;
  readonly evaluations: number;
}

const cost = (title: string, operations: number, evaluations = 0): Cost => ({ title, operations, evaluations });

/** Vector operations and transcendental evaluations for one element of each function. */
export const ACTIVATION_FUNCTIONS: Readonly<Record<string, Cost>> = {
  relu: cost('ReLU', 1),
  relu6: cost('ReLU6', 2),
  'leaky-relu': cost('leaky ReLU', 2),
  'thresholded-relu': cost('thresholded ReLU', 1),
  clip: cost('clip', 2),
  'hard-sigmoid': cost('hard sigmoid', 4),
  'hard-swish': cost('hard swish', 5),
  abs: cost('absolute value', 1),
  neg: cost('negate', 1),
  sign: cost('sign', 1),
  not: cost('not', 1),
  floor: cost('floor', 1),
  ceil: cost('ceiling', 1),
  round: cost('round', 1),
  'is-nan': cost('is not a number', 1),
  'is-inf': cost('is infinite', 1),
  shrink: cost('shrink', 3),
  gelu: cost('GELU', 4, 1),
  silu: cost('SiLU (swish)', 2, 2),
  'quick-gelu': cost('quick GELU', 3, 2),
  sigmoid: cost('sigmoid', 1, 2),
  tanh: cost('tanh', 0, 1),
  elu: cost('ELU', 2, 1),
  selu: cost('SELU', 3, 1),
  celu: cost('CELU', 3, 2),
  softplus: cost('softplus', 1, 2),
  softsign: cost('softsign', 2, 1),
  mish: cost('mish', 2, 3),
  erf: cost('error function', 0, 1),
  exp: cost('exponential', 0, 1),
  log: cost('logarithm', 0, 1),
  sqrt: cost('square root', 0, 1),
  reciprocal: cost('reciprocal', 0, 1),
  sin: cost('sine', 0, 1),
  cos: cost('cosine', 0, 1),
  tan: cost('tangent', 0, 1),
  asin: cost('arc sine', 0, 1),
  acos: cost('arc cosine', 0, 1),
  atan: cost('arc tangent', 0, 1),
  sinh: cost('hyperbolic sine', 0, 1),
  cosh: cost('hyperbolic cosine', 0, 1),
  asinh: cost('inverse hyperbolic sine', 0, 1),
  acosh: cost('inverse hyperbolic cosine', 0, 1),
  atanh: cost('inverse hyperbolic tangent', 0, 1),
};

const BOOLEAN = new Set(['is-nan', 'is-inf']);

export const activation = defineOperator({
  id: 'activation',
  title: 'Activation',
  category: 'activation',
  summary: 'A function of each element: cheap ones (ReLU, clip) run on vector lanes, others on special-function units.',
  source: 'ONNX operators, Relu-14, Gelu-20, Sigmoid-13, HardSwish-22, Clip-13, Erf-13 and others of one operand',
  keywords: Object.entries(ACTIVATION_FUNCTIONS).flatMap(([id, { title }]) => [id, title.toLowerCase()]),
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    choiceParameter(
      'function',
      'Function',
      Object.fromEntries(Object.entries(ACTIVATION_FUNCTIONS).map(([id, { title }]) => [id, title])),
      'What is applied to each element.',
    ),
    numberParameter(
      'alpha',
      'Alpha',
      0.01,
      'Slope (leaky ReLU, hard sigmoid), scale (ELU, SELU, CELU, quick GELU) or threshold.',
      {
        advanced: true,
      },
    ),
    numberParameter('beta', 'Beta', 0.5, 'Offset (hard sigmoid, shrink); second constant of SELU.', { advanced: true }),
    numberParameter('minimum', 'Minimum', -3.4e38, 'Lower limit of clip.', { advanced: true }),
    numberParameter('maximum', 'Maximum', 3.4e38, 'Upper limit of clip.', { advanced: true }),
    booleanParameter('approximate', 'Approximate', false, 'GELU by its tanh form instead of the error function.', {
      advanced: true,
      source: 'Hendrycks & Gimpel, arXiv 1606.08415, section 2',
    }),
    arithmeticParameter,
  ],
  fusion: 'activation',
  weights: (_, p) => arithmeticWeights(p, [['input', []]]),
  infer(inputs, p) {
    const x = required(inputs);
    return ok([BOOLEAN.has(textOf(p, 'function')) ? { ...x, elementType: 'bool' } : x]);
  },
  kernel(inputs, _, p) {
    const elements = product(required(inputs).shape);
    const { operations, evaluations } = ACTIVATION_FUNCTIONS[textOf(p, 'function', 'relu')] ?? cost('', 1);
    return evaluations === 0
      ? { kind: 'vector', elements, operationsPerElement: operations }
      : { kind: 'special', elements, operationsPerElement: operations, evaluations: elements * evaluations };
  },
});

export const prelu = defineOperator({
  id: 'prelu',
  title: 'PReLU',
  category: 'activation',
  summary: 'A leaky ReLU whose slope is trained, for each channel or one for all.',
  source: 'ONNX operators, PRelu-16; He et al., arXiv 1502.01852',
  keywords: ['parametric relu', 'leaky'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    booleanParameter('perChannel', 'Per channel', true, 'One slope for each channel (axis 1) or one for all.'),
  ],
  fusion: 'activation',
  infer(inputs, p) {
    const x = required(inputs);
    if (booleanOf(p, 'perChannel', true) && x.shape.length < 2)
      return err(`Slopes per channel need a channel axis; the input is ${shapeText(x.shape)}`);
    return ok([x]);
  },
  weights: (inputs, p) => [
    { name: 'slope', shape: [booleanOf(p, 'perChannel', true) ? (required(inputs).shape[1] ?? 1) : 1] },
  ],
  kernel: (inputs) => ({ kind: 'vector', elements: product(required(inputs).shape), operationsPerElement: 2 }),
});
