/** Reading and writing by index: gather, scatter, embedding tables. */
import { err, ok } from '#core/base/result.ts';
import { integerOf, textOf } from '../parameter.ts';
import {
  axisFault,
  axisParameter,
  choiceParameter,
  defineOperator,
  integerParameter,
  LARGEST,
  moved,
  oneOutput,
  required,
  resolveAxis,
  shapeText,
  tensor,
} from './common.ts';

export const gather = defineOperator({
  id: 'gather',
  title: 'Gather',
  category: 'layout',
  summary: 'Picks entries of one axis by index.',
  source: 'ONNX operators, Gather-13, GatherElements-13, GatherND-13',
  keywords: ['index', 'lookup', 'select', 'take'],
  inputs: [
    { id: 'data', title: 'data' },
    { id: 'indices', title: 'indices' },
  ],
  outputs: oneOutput,
  parameters: [
    axisParameter(0, 'Axis that is indexed.'),
    choiceParameter(
      'mode',
      'Indices',
      { entries: 'whole entries', elements: 'single elements', tuples: 'tuples of indices' },
      'What one index picks.',
      { advanced: true },
    ),
    integerParameter('batchAxes', 'Batch axes', [0, 31], 0, 'Leading axes shared by data and tuples of indices.', {
      advanced: true,
    }),
  ],
  infer(inputs, p) {
    const data = required(inputs, 0);
    const indices = required(inputs, 1);
    const mode = textOf(p, 'mode', 'entries');
    if (mode === 'elements') return ok([tensor(indices.shape, data.elementType)]);
    if (mode === 'tuples') {
      const picked = indices.shape.at(-1) ?? 0;
      const batchAxes = integerOf(p, 'batchAxes');
      if (indices.shape.length === 0 || batchAxes + picked > data.shape.length)
        return err(`Tuples of ${picked} in ${shapeText(indices.shape)} do not index ${shapeText(data.shape)}`);
      return ok([tensor([...indices.shape.slice(0, -1), ...data.shape.slice(batchAxes + picked)], data.elementType)]);
    }
    const axis = resolveAxis(integerOf(p, 'axis'), data.shape.length);
    if (axis === null) return err(axisFault(integerOf(p, 'axis'), data.shape));
    return ok([
      tensor([...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)], data.elementType),
    ]);
  },
  kernel: moved,
});

export const scatter = defineOperator({
  id: 'scatter',
  title: 'Scatter',
  category: 'layout',
  summary: 'A copy of the data with some entries replaced, by index.',
  source: 'ONNX operators, ScatterElements-18, ScatterND-18',
  keywords: ['update', 'write', 'index put'],
  inputs: [
    { id: 'data', title: 'data' },
    { id: 'indices', title: 'indices' },
    { id: 'updates', title: 'updates' },
  ],
  outputs: oneOutput,
  parameters: [
    axisParameter(0, 'Axis that single elements are written along.'),
    choiceParameter(
      'mode',
      'Indices',
      { elements: 'single elements', tuples: 'tuples of indices' },
      'What one index names.',
    ),
    choiceParameter(
      'reduction',
      'Reduction',
      { none: 'replace', add: 'add', mul: 'multiply', max: 'maximum', min: 'minimum' },
      'What is done with the element that is there.',
      { advanced: true },
    ),
  ],
  inPalette: false,
  infer: (inputs) => ok([required(inputs)]),
  kernel: moved,
});

export const embedding = defineOperator({
  id: 'embedding',
  title: 'Embedding',
  category: 'attention',
  summary: 'Looks each id up in a trained table: one row of features an id.',
  source: 'ONNX operators, Gather-13 from a constant table',
  keywords: ['tokens', 'vocabulary', 'lookup', 'table', 'gather'],
  inputs: [{ id: 'in', title: 'ids' }],
  outputs: oneOutput,
  parameters: [
    integerParameter('vocabulary', 'Vocabulary', [1, LARGEST], 32_000, 'Rows of the table.', { unit: 'element' }),
    integerParameter('width', 'Width', [1, LARGEST], 512, 'Features of a row.', { unit: 'element' }),
  ],
  infer: (inputs, p) => ok([tensor([...required(inputs).shape, integerOf(p, 'width', 1)], 'fp32')]),
  weights: (_, p) => [{ name: 'table', shape: [integerOf(p, 'vocabulary', 1), integerOf(p, 'width', 1)] }],
  kernel: moved,
});
