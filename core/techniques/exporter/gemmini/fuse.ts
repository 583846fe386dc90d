/**
 * What an operator on the mesh takes in of those after it: a normalisation goes into weights and biases, a ReLU into the way
 * out.
 */
import { textOf } from '#core/catalog/parameter.ts';
import type { ModelGraph, Operator, Tensor } from '#core/model/graph.ts';

export interface Fused {
  readonly relu: boolean;
  /** Whether a normalisation gives it biases, and what to say of that beside the weights. */
  readonly bias: boolean;
  readonly note: string;
  /** What comes out in the end. */
  readonly output: Tensor;
  /** Operators that are not to be lowered any more. */
  readonly taken: readonly Operator[];
}

/** A normalisation that nobody else reads, then as `fusedRelu`. */
export function fused(graph: ModelGraph, operator: Operator): Fused {
  const next = only(graph, operator);
  if (next?.type.id !== 'batch-norm') return fusedRelu(graph, operator);
  const last = fusedRelu(graph, next);
  const note = `, with ${next.name.replaceAll('*/', '')} folded in`;
  return { ...last, bias: true, note, taken: [next, ...last.taken] };
}

/** A ReLU that nobody else reads. */
export function fusedRelu(graph: ModelGraph, operator: Operator): Fused {
  const next = only(graph, operator);
  const relu = next !== null && isRelu(next);
  const output = graph.tensors[(relu ? next : operator).outputs[0]!]!;
  return { relu, bias: false, note: '', output, taken: relu ? [next] : [] };
}

/** The one operator that reads the result, where it is no result of the model and read first. */
function only(graph: ModelGraph, operator: Operator): Operator | null {
  const output = graph.tensors[operator.outputs[0]!]!;
  if (operator.outputs.length !== 1 || output.kind !== 'activation' || output.consumers.length !== 1) return null;
  const reader = graph.operators[output.consumers[0]!]!;
  return reader.inputs[0] === output.index && reader.inputs.filter((index) => index === output.index).length === 1
    ? reader
    : null;
}

const RELU = new Set(['relu', 'relu6']);

/** ReLU6 is ReLU whose upper limit the requantisation keeps: 127 stands for it. */
export function isRelu({ type, parameters }: Operator): boolean {
  if (type.id !== 'activation') return false;
  return RELU.has(textOf(parameters, 'function', 'relu'));
}
