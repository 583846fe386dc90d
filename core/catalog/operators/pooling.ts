/** Windows reduced to one value: maximum, average or norm, sliding or over the whole of the spatial axes. */
import { err, ok } from '#core/base/result.ts';
import { booleanOf, textOf } from '../parameter.ts';
import {
  booleanParameter,
  choiceParameter,
  defineOperator,
  integerParameter,
  oneInput,
  product,
  required,
  shapeText,
  tensor,
} from './common.ts';
import { arithmeticParameter, arithmeticWeights } from './quantisation.ts';
import { perAxis, slide, windowParameters } from './window.ts';

export const pool = defineOperator({
  id: 'pool',
  title: 'Pool',
  category: 'pooling',
  summary: 'Reduces each window of each channel to its maximum, average or norm.',
  source: 'ONNX operators, MaxPool-22, AveragePool-22, LpPool-22, GlobalAveragePool-22, GlobalMaxPool-22',
  keywords: ['max', 'average', 'global', 'subsample', 'pooling'],
  inputs: oneInput,
  outputs: [
    { id: 'out', title: 'result' },
    { id: 'indices', title: 'indices' },
  ],
  parameters: [
    choiceParameter(
      'operation',
      'Operation',
      { max: 'maximum', average: 'average', norm: 'norm' },
      'How a window is reduced.',
    ),
    booleanParameter(
      'global',
      'Global',
      false,
      'One window over all spatial axes; window, strides and pads are not used.',
    ),
    ...windowParameters([2, 2], [2, 2], 'explicit'),
    booleanParameter(
      'ceilMode',
      'Round up',
      false,
      'Keeps a last window that is only partly inside the padded input.',
      {
        advanced: true,
        source: 'ONNX operators, MaxPool-22, ceil_mode',
      },
    ),
    booleanParameter('countPadding', 'Count padding', false, 'Averages divide by the whole window, padding included.', {
      advanced: true,
    }),
    integerParameter('order', 'Order', [1, 64], 2, 'Which norm: the root of this order of the sum of its powers.', {
      advanced: true,
      source: 'ONNX operators, LpPool-22, p',
    }),
    arithmeticParameter,
  ],
  weights: (_, p) => arithmeticWeights(p, [['input', []]]),
  infer(inputs, p) {
    const x = required(inputs);
    const [batch, channels, ...spatial] = x.shape;
    if (batch === undefined || channels === undefined || spatial.length < 1)
      return err(`A pool needs [batch, channels, spatial axes]; the input is ${shapeText(x.shape)}`);
    if (booleanOf(p, 'global')) {
      const shape = [batch, channels, ...spatial.map(() => 1)];
      return ok([tensor(shape, x.elementType), tensor(shape, 'int64')]);
    }
    const window = slide(spatial, p, booleanOf(p, 'ceilMode'));
    if (!window.ok) return window;
    const shape = [batch, channels, ...window.value.result];
    return ok([tensor(shape, x.elementType), tensor(shape, 'int64')]);
  },
  kernel(inputs, outputs, p) {
    const x = required(inputs);
    const elements = product(required(outputs).shape);
    const made = perAxis(p, 'kernel', x.shape.length - 2, 1);
    const window = booleanOf(p, 'global') || !made.ok ? product(x.shape, 2) : product(made.value);
    const extra = textOf(p, 'operation') === 'max' ? 0 : 1;
    return { kind: 'vector', elements, operationsPerElement: Math.max(window - 1, 1) + extra };
  },
});
