/** Where tensors enter and leave a model: inputs, outputs and constants. None of them computes. */
import { ok } from '#core/base/result.ts';
import { booleanOf, integersOf, textOf } from '../parameter.ts';
import {
  booleanParameter,
  defineOperator,
  elementTypeOf,
  elementTypeParameter,
  integersParameter,
  LARGEST,
  oneInput,
  oneOutput,
  tensor,
} from './common.ts';

const shapeHelp =
  'Extents, outermost first; images are batch, channels, height, width. An empty list is a scalar: one element.';

export const input = defineOperator({
  id: 'input',
  title: 'Input',
  category: 'interface',
  summary: 'A tensor given to the model, e.g. an image or token ids. Read from off chip.',
  source: 'ONNX IR, GraphProto.input',
  keywords: ['placeholder', 'image', 'feed'],
  inputs: [],
  outputs: oneOutput,
  parameters: [
    integersParameter('shape', 'Shape', [1, LARGEST], [1, 3, 224, 224], shapeHelp, { unit: 'element' }),
    elementTypeParameter('fp32', 'How the model stores an element; a run may choose another number format.'),
  ],
  infer: (_, p) => ok([tensor(integersOf(p, 'shape'), elementTypeOf(textOf(p, 'elementType'), 'fp32'))]),
  kernel: () => ({ kind: 'view' }),
});

export const output = defineOperator({
  id: 'output',
  title: 'Output',
  category: 'interface',
  summary: 'A result of the model. Written off chip.',
  source: 'ONNX IR, GraphProto.output',
  keywords: ['result', 'sink'],
  inputs: oneInput,
  outputs: [],
  parameters: [],
  infer: () => ok([]),
  kernel: () => ({ kind: 'view' }),
});

export const constant = defineOperator({
  id: 'constant',
  title: 'Constant',
  category: 'interface',
  summary: 'A trained or fixed tensor that feeds an ordinary port: a bias to add, a position embedding, a mask.',
  source: 'ONNX operators, Constant-13; ONNX IR, GraphProto.initializer',
  keywords: ['weight', 'initializer', 'bias', 'parameter', 'scalar'],
  inputs: [],
  outputs: oneOutput,
  parameters: [
    integersParameter('shape', 'Shape', [1, LARGEST], [], shapeHelp, { unit: 'element' }),
    elementTypeParameter('fp32', 'How an element is stored.'),
    booleanParameter('trained', 'Trained', true, 'Whether its elements count as parameters of the model.'),
  ],
  infer: (_, p) => ok([tensor(integersOf(p, 'shape'), elementTypeOf(textOf(p, 'elementType'), 'fp32'))]),
  weights: (_, p) => [{ name: 'value', shape: integersOf(p, 'shape'), trained: booleanOf(p, 'trained', true) }],
  kernel: () => ({ kind: 'view' }),
});
