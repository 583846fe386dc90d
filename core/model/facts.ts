/** Counts of a model that need no hardware. */
import { elementCount } from '#core/catalog/operator-type.ts';
import type { ModelGraph, Tensor } from './graph.ts';

export interface ModelFacts {
  /** Compute operators: inputs, outputs and constants do not count. */
  readonly operators: number;
  readonly tensors: number;
  /** Elements of trained weights (running statistics are not trained). */
  readonly parameters: number;
  /** Multiply-accumulates of one inference. */
  readonly macs: number;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly elementType: string;
  }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly elementType: string;
  }[];
}

export function modelFacts(graph: ModelGraph): ModelFacts {
  let parameters = 0;
  let macs = 0;
  for (const operator of graph.operators) {
    macs += operator.macs;
    for (const weight of operator.weights) if (weight.trained !== false) parameters += elementCount(weight.shape);
  }
  for (const tensor of graph.tensors) if (tensor.trained) parameters += elementCount(tensor.type.shape);
  const listed = (kind: Tensor['kind']) =>
    graph.tensors
      .filter((tensor) => tensor.kind === kind)
      .map(({ name, type }) => ({ name, shape: type.shape, elementType: type.elementType }));
  return {
    operators: graph.operators.length,
    tensors: graph.tensors.filter(({ kind }) => kind !== 'constant').length,
    parameters,
    macs,
    inputs: listed('input'),
    outputs: listed('output'),
  };
}
