/**
 * Recurrent layers, step by step. Gate order of the weights: LSTM i o f c, GRU z r h; biases are those of the input
 * product, then those of the state's. Source: ONNX operators, LSTM-22, GRU-22, RNN-22 (default activations).
 */
import { err } from '#core/base/result.ts';
import { booleanOf, integerOf, textOf } from '#core/catalog/parameter.ts';
import { type NumberArray, numberArray, type TensorValues } from '../values.ts';
import { sigmoid } from './activation.ts';
import { type Call, done, type Evaluate, type Evaluators, operand, real, resultArray } from './call.ts';

/** Weights of one direction: gate g of unit h is row g·hidden + h. */
interface Direction {
  /** W·x + Wb for the features at `at`. */
  input(row: number, features: Float64Array, at: number): number;
  /** R·state + Rb. */
  state(row: number, state: Float64Array): number;
  /** R·(state scaled by `gate`) + Rb. */
  gated(row: number, state: Float64Array, gate: Float64Array): number;
}

interface State {
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
}

/** The state after one step on the features at `at`. */
type Step = (w: Direction, features: Float64Array, at: number, before: State) => State;

function directionOf(call: Call, direction: number, rows: number, features: number, hidden: number): Direction {
  const input = real(call.weight('input weight'));
  const recurrent = real(call.weight('recurrent weight'));
  const bias = booleanOf(call.parameters, 'bias', true) ? call.weight('bias').data : null;
  const biasAt = (row: number) => (bias ? bias[direction * 2 * rows + row]! : 0);
  const ofState = (row: number, state: (h: number) => number) => {
    let total = biasAt(rows + row);
    for (let h = 0; h < hidden; h++) total += recurrent[(direction * rows + row) * hidden + h]! * state(h);
    return total;
  };
  return {
    input(row, from, at) {
      let total = biasAt(row);
      for (let f = 0; f < features; f++) total += input[(direction * rows + row) * features + f]! * from[at + f]!;
      return total;
    },
    state: (row, state) => ofState(row, (h) => state[h]!),
    gated: (row, state, gate) => ofState(row, (h) => gate[h]! * state[h]!),
  };
}

const lstmStep =
  (hidden: number): Step =>
  (w, features, at, before) => {
    const after: State = { hidden: new Float64Array(hidden), cell: new Float64Array(hidden) };
    for (let h = 0; h < hidden; h++) {
      const [i, o, f, c] = [0, 1, 2, 3].map(
        (gate) => w.input(gate * hidden + h, features, at) + w.state(gate * hidden + h, before.hidden),
      );
      after.cell[h] = sigmoid(f!) * before.cell[h]! + sigmoid(i!) * Math.tanh(c!);
      after.hidden[h] = sigmoid(o!) * Math.tanh(after.cell[h]!);
    }
    return after;
  };

const gruStep =
  (hidden: number, isResetAfter: boolean): Step =>
  (w, features, at, before) => {
    const gate = (g: number) =>
      Float64Array.from({ length: hidden }, (_, h) =>
        sigmoid(w.input(g * hidden + h, features, at) + w.state(g * hidden + h, before.hidden)),
      );
    const [update, reset] = [gate(0), gate(1)];
    const made = Float64Array.from({ length: hidden }, (_, h) => {
      const row = 2 * hidden + h;
      const fromState = isResetAfter ? reset[h]! * w.state(row, before.hidden) : w.gated(row, before.hidden, reset);
      const candidate = Math.tanh(w.input(row, features, at) + fromState);
      return (1 - update[h]!) * candidate + update[h]! * before.hidden[h]!;
    });
    return { hidden: made, cell: before.cell };
  };

const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  tanh: Math.tanh,
  relu: (x) => Math.max(x, 0),
  sigmoid,
};

const rnnStep =
  (hidden: number, apply: (x: number) => number): Step =>
  (w, features, at, before) => ({
    hidden: Float64Array.from({ length: hidden }, (_, h) =>
      apply(w.input(h, features, at) + w.state(h, before.hidden)),
    ),
    cell: before.cell,
  });

function run(call: Call, gates: number, step: Step): readonly NumberArray[] {
  const p = call.parameters;
  const x = operand(call);
  const isBatchFirst = booleanOf(p, 'batchFirst');
  const [first = 1, second = 1, features = 1] = x.type.shape;
  const [steps, batch] = isBatchFirst ? [second, first] : [first, second];
  const hidden = integerOf(p, 'hidden', 1);
  const direction = textOf(p, 'direction', 'forward');
  const directions = direction === 'bidirectional' ? 2 : 1;
  const data = real(x);
  const sequence = resultArray(call);
  const last = [1, 2].map((at) => numberArray(call.outputs[at]?.elementType ?? 'fp32', directions * batch * hidden));
  const stateAt = (d: number, b: number) => (isBatchFirst ? b * directions + d : d * batch + b) * hidden;
  const initial = (values: TensorValues | null | undefined, at: number) =>
    values ? Float64Array.from(values.data.subarray(at, at + hidden)) : new Float64Array(hidden);
  for (let d = 0; d < directions; d++) {
    const weights = directionOf(call, d, gates * hidden, features, hidden);
    const isReverse = direction === 'reverse' || d === 1;
    for (let b = 0; b < batch; b++) {
      const at = stateAt(d, b);
      let state: State = { hidden: initial(call.inputs[1], at), cell: initial(call.inputs[2], at) };
      for (let i = 0; i < steps; i++) {
        const t = isReverse ? steps - 1 - i : i;
        const place = isBatchFirst ? b * steps + t : t * batch + b;
        state = step(weights, data, place * features, state);
        sequence.set(state.hidden, (isBatchFirst ? place * directions + d : (t * directions + d) * batch + b) * hidden);
      }
      last[0]!.set(state.hidden, at);
      last[1]!.set(state.cell, at);
    }
  }
  return [sequence, ...last];
}

const rnn: Evaluate = (call) => {
  const name = textOf(call.parameters, 'function', 'tanh');
  const apply = FUNCTIONS[name];
  return apply
    ? done(...run(call, 1, rnnStep(integerOf(call.parameters, 'hidden', 1), apply)))
    : err(`function '${name}' is not known`);
};

export const RECURRENT: Evaluators = {
  lstm: (call) => done(...run(call, 4, lstmStep(integerOf(call.parameters, 'hidden', 1)))),
  gru: (call) => {
    const { parameters } = call;
    return done(
      ...run(call, 3, gruStep(integerOf(parameters, 'hidden', 1), booleanOf(parameters, 'resetAfter', true))),
    );
  },
  rnn,
};
