/**
 * Recurrent layers over [steps, batch, features]. MACs: directions·steps·batch·gates·hidden·(features + hidden);
 * lowered to one product for each step and direction, because a step waits for the one before.
 */
import { err, ok } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { OperatorType, TensorType, WeightTensor } from '../operator-type.ts';
import type { ParameterSpec } from '../parameter.ts';
import { booleanOf, integerOf, textOf } from '../parameter.ts';
import {
  booleanParameter,
  choiceParameter,
  defineOperator,
  integerParameter,
  oneOutput,
  required,
  shapeText,
  tensor,
} from './common.ts';

const dimensions = (x: TensorType, p: ParameterValues) => {
  const [first = 1, second = 1, features = 1] = x.shape;
  const isBatchFirst = booleanOf(p, 'batchFirst');
  return {
    steps: isBatchFirst ? second : first,
    batch: isBatchFirst ? first : second,
    features,
    hidden: integerOf(p, 'hidden', 1),
    directions: textOf(p, 'direction') === 'bidirectional' ? 2 : 1,
  };
};

function recurrent(declaration: {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  readonly keywords: readonly string[];
  readonly gates: number;
  readonly hasCell: boolean;
  readonly more?: readonly ParameterSpec[];
}): OperatorType {
  const { gates, hasCell, more = [], ...texts } = declaration;
  return defineOperator({
    ...texts,
    category: 'recurrent',
    inputs: [
      { id: 'in', title: 'sequence' },
      { id: 'initialHidden', title: 'initial state', optional: true },
      ...(hasCell ? [{ id: 'initialCell', title: 'initial cell', optional: true }] : []),
    ],
    outputs: [
      ...oneOutput,
      { id: 'hidden', title: 'last state' },
      ...(hasCell ? [{ id: 'cell', title: 'last cell' }] : []),
    ],
    parameters: [
      integerParameter('hidden', 'Hidden', [1, 1_000_000], 128, 'Features of the state.', { unit: 'element' }),
      choiceParameter(
        'direction',
        'Direction',
        { forward: 'forward', reverse: 'reverse', bidirectional: 'both' },
        'Which way the sequence is read; both doubles work and weights.',
      ),
      booleanParameter('batchFirst', 'Batch first', false, 'The sequence is [batch, steps, features].', {
        source: 'ONNX operators, LSTM-22, layout',
      }),
      booleanParameter('bias', 'Bias', true, 'Two trained vectors for each gate.'),
      ...more,
    ],
    infer(inputs, p) {
      const x = required(inputs);
      if (x.shape.length !== 3)
        return err(`A recurrent layer needs [steps, batch, features]; the input is ${shapeText(x.shape)}`);
      const { steps, batch, hidden, directions } = dimensions(x, p);
      const isBatchFirst = booleanOf(p, 'batchFirst');
      const sequence = isBatchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
      const state = tensor(isBatchFirst ? [batch, directions, hidden] : [directions, batch, hidden], x.elementType);
      return ok([tensor(sequence, x.elementType), state, ...(hasCell ? [state] : [])]);
    },
    weights(inputs, p) {
      const { features, hidden, directions } = dimensions(required(inputs), p);
      const weights: WeightTensor[] = [
        { name: 'input weight', shape: [directions, gates * hidden, features] },
        { name: 'recurrent weight', shape: [directions, gates * hidden, hidden] },
      ];
      if (booleanOf(p, 'bias', true)) weights.push({ name: 'bias', shape: [directions, 2 * gates * hidden] });
      return weights;
    },
    macs(inputs, _, p) {
      const { steps, batch, features, hidden, directions } = dimensions(required(inputs), p);
      return directions * steps * batch * gates * hidden * (features + hidden);
    },
    kernel(inputs, _, p) {
      const { steps, batch, features, hidden, directions } = dimensions(required(inputs), p);
      return {
        kind: 'gemm',
        groups: directions * steps,
        m: batch,
        n: gates * hidden,
        k: features + hidden,
        bIsActivation: false,
      };
    },
  });
}

export const lstm = recurrent({
  id: 'lstm',
  title: 'LSTM',
  summary: 'Long short-term memory over a sequence: four gates, a state and a cell.',
  source: 'ONNX operators, LSTM-22; Hochreiter & Schmidhuber, 1997',
  keywords: ['recurrent', 'rnn', 'sequence', 'speech'],
  gates: 4,
  hasCell: true,
});

export const gru = recurrent({
  id: 'gru',
  title: 'GRU',
  summary: 'Gated recurrent units over a sequence: three gates and a state.',
  source: 'ONNX operators, GRU-22; Cho et al., arXiv 1406.1078',
  keywords: ['recurrent', 'rnn', 'sequence'],
  gates: 3,
  hasCell: false,
  more: [
    booleanParameter('resetAfter', 'Reset after product', true, 'The reset gate scales the product of the state.', {
      advanced: true,
      source: 'ONNX operators, GRU-22, linear_before_reset (PyTorch and cuDNN set it)',
    }),
  ],
});

export const rnn = recurrent({
  id: 'rnn',
  title: 'RNN',
  summary: 'A plain recurrent layer over a sequence: one product and one activation a step.',
  source: 'ONNX operators, RNN-22',
  keywords: ['recurrent', 'elman', 'sequence'],
  gates: 1,
  hasCell: false,
  more: [
    choiceParameter('function', 'Function', { tanh: 'tanh', relu: 'ReLU', sigmoid: 'sigmoid' }, 'Makes the state.', {
      advanced: true,
    }),
  ],
});
