/**
 * A model as the compiler and the simulator read it: compute operators in topological order (document order
 * among those that are ready) and the tensors between them. Everything is typed and inside its ranges.
 * Indices are positions in the two lists; document ids stay with each record for cross-probing.
 */
import type { Problem } from '#core/base/problem.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { Kernel, OperatorType, TensorType, WeightTensor } from '#core/catalog/operator-type.ts';

export interface ModelGraph {
  /** Inputs, outputs and constants are not operators here: they are kinds of tensors. */
  readonly operators: readonly Operator[];
  readonly tensors: readonly Tensor[];
}

export interface Operator {
  readonly index: number;
  /** Document node. */
  readonly node: string;
  readonly type: OperatorType;
  readonly name: string;
  /** Complete: defaults fill what the document leaves out. */
  readonly parameters: ParameterValues;
  /** Tensor indices in the order of the input ports, variadic ones expanded; null where nothing is linked. */
  readonly inputs: readonly (number | null)[];
  /** Tensor indices of the results somebody reads, and of the first one always, in port order. */
  readonly outputs: readonly number[];
  readonly weights: readonly WeightTensor[];
  readonly macs: number;
  readonly kernel: Kernel;
}

export interface Tensor {
  readonly index: number;
  readonly name: string;
  readonly type: TensorType;
  /** Document node and port it leaves. */
  readonly node: string;
  readonly port: string;
  /** The operator that makes it; null for inputs and constants. */
  readonly producer: number | null;
  /** Operators that read it, ascending, each once. */
  readonly consumers: readonly number[];
  /** An `output` may be read inside as well. */
  readonly kind: 'input' | 'activation' | 'output' | 'constant';
  /** Constants only: whether its elements count as parameters. */
  readonly trained?: boolean;
}

/** What a document says. */
export interface BuiltModel {
  /** Null while the document has an error. */
  readonly graph: ModelGraph | null;
  readonly problems: readonly Problem[];
  /** What is known of each result, faults or not; keys are `portKey(node, output port)`. */
  readonly types: ReadonlyMap<string, TensorType>;
}
