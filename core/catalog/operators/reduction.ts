/** Reductions along axes: sums, means, extrema, positions of extrema, running sums. */
import { err, ok } from '#core/base/result.ts';
import { booleanOf, integerOf, integersOf, textOf } from '../parameter.ts';
import {
  axesParameter,
  axisFault,
  axisParameter,
  booleanParameter,
  choiceParameter,
  defineOperator,
  integerParameter,
  LARGEST,
  oneInput,
  oneOutput,
  product,
  required,
  resolveAxes,
  resolveAxis,
  type Shape,
  shapeText,
  tensor,
} from './common.ts';

const keepDims = booleanParameter('keepDims', 'Keep axes', true, 'Leaves reduced axes in the result with extent 1.');

function reduced(shape: Shape, axes: readonly number[], isKept: boolean): Shape {
  return isKept
    ? shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : shape.filter((_, axis) => !axes.includes(axis));
}

const TRANSCENDENTAL = new Set(['l2', 'log-sum', 'log-sum-exp']);

export const reduce = defineOperator({
  id: 'reduce',
  title: 'Reduce',
  category: 'reduction',
  summary: 'Combines the elements along axes into one: sum, mean, maximum, norm.',
  source:
    'ONNX operators, ReduceSum-13, ReduceMean-18, ReduceMax-20, ReduceMin-20, ReduceProd-18, ReduceL1-18, ReduceL2-18',
  keywords: ['sum', 'mean', 'average', 'maximum', 'minimum', 'norm', 'product'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    choiceParameter(
      'operation',
      'Operation',
      {
        mean: 'mean',
        sum: 'sum',
        max: 'maximum',
        min: 'minimum',
        prod: 'product',
        l1: 'sum of magnitudes',
        l2: 'Euclidean norm',
        'sum-square': 'sum of squares',
        'log-sum': 'logarithm of the sum',
        'log-sum-exp': 'logarithm of the sum of exponentials',
      },
      'How the elements are combined.',
    ),
    axesParameter('Axes that are reduced; empty reduces all.'),
    keepDims,
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const wanted = integersOf(p, 'axes');
    const axes = resolveAxes(wanted.length > 0 ? wanted : x.shape.map((_, axis) => axis), x.shape);
    if (!axes.ok) return axes;
    return ok([tensor(reduced(x.shape, axes.value, booleanOf(p, 'keepDims', true)), x.elementType)]);
  },
  kernel(inputs, outputs, p) {
    const elements = product(required(inputs).shape);
    const operation = textOf(p, 'operation', 'mean');
    const operationsPerElement = operation === 'l2' || operation === 'sum-square' ? 2 : 1;
    if (!TRANSCENDENTAL.has(operation)) return { kind: 'vector', elements, operationsPerElement };
    const results = product(required(outputs).shape);
    const evaluations = operation === 'log-sum-exp' ? elements + results : results;
    return { kind: 'special', elements, operationsPerElement, evaluations };
  },
});

export const argReduce = defineOperator({
  id: 'arg-reduce',
  title: 'Arg max',
  category: 'reduction',
  summary: 'The place of the largest (or smallest) element along an axis.',
  source: 'ONNX operators, ArgMax-13, ArgMin-13',
  keywords: ['argmax', 'argmin', 'index', 'class'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    choiceParameter('operation', 'Operation', { max: 'largest', min: 'smallest' }, 'Which element is looked for.'),
    axisParameter(-1, 'Axis that is searched.'),
    keepDims,
    booleanParameter('last', 'Last of equals', false, 'Of several equal elements the last; else the first.', {
      advanced: true,
    }),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const axis = resolveAxis(integerOf(p, 'axis', -1), x.shape.length);
    if (axis === null) return err(axisFault(integerOf(p, 'axis', -1), x.shape));
    return ok([tensor(reduced(x.shape, [axis], booleanOf(p, 'keepDims', true)), 'int64')]);
  },
  kernel: (inputs) => ({ kind: 'vector', elements: product(required(inputs).shape), operationsPerElement: 2 }),
});

export const topK = defineOperator({
  id: 'top-k',
  title: 'Top k',
  category: 'reduction',
  summary: 'The k largest (or smallest) elements along an axis and their places.',
  source: 'ONNX operators, TopK-11',
  keywords: ['beam', 'sort', 'best'],
  inputs: oneInput,
  outputs: [
    { id: 'out', title: 'values' },
    { id: 'indices', title: 'indices' },
  ],
  parameters: [
    integerParameter('k', 'k', [1, LARGEST], 5, 'How many are kept.', { unit: 'element' }),
    axisParameter(-1, 'Axis that is searched.'),
    booleanParameter('largest', 'Largest', true, 'Keeps the largest; else the smallest.'),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const axis = resolveAxis(integerOf(p, 'axis', -1), x.shape.length);
    const k = integerOf(p, 'k', 1);
    if (axis === null) return err(axisFault(integerOf(p, 'axis', -1), x.shape));
    if (k > (x.shape[axis] ?? 0)) return err(`Axis ${axis} of ${shapeText(x.shape)} has fewer than ${k} elements`);
    const shape = x.shape.with(axis, k);
    return ok([tensor(shape, x.elementType), tensor(shape, 'int64')]);
  },
  kernel(inputs, _, p) {
    // A heap of k entries: ⌈log2(k + 1)⌉ comparisons an element.
    const operationsPerElement = Math.max(1, Math.ceil(Math.log2(integerOf(p, 'k', 1) + 1)));
    return { kind: 'vector', elements: product(required(inputs).shape), operationsPerElement };
  },
});

export const cumulativeSum = defineOperator({
  id: 'cumulative-sum',
  title: 'Cumulative sum',
  category: 'reduction',
  summary: 'Running sums along an axis.',
  source: 'ONNX operators, CumSum-14',
  keywords: ['cumsum', 'scan', 'prefix sum'],
  inputs: oneInput,
  outputs: oneOutput,
  parameters: [
    axisParameter(-1, 'Axis along which sums run.'),
    booleanParameter('exclusive', 'Exclusive', false, 'Sums what comes before an element, not the element itself.', {
      advanced: true,
    }),
    booleanParameter('reverse', 'Reverse', false, 'Sums from the end.', { advanced: true }),
  ],
  infer(inputs, p) {
    const x = required(inputs);
    const axis = integerOf(p, 'axis', -1);
    return resolveAxis(axis, x.shape.length) === null ? err(axisFault(axis, x.shape)) : ok([x]);
  },
  kernel: (inputs) => ({ kind: 'vector', elements: product(required(inputs).shape), operationsPerElement: 1 }),
});
