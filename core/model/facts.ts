/** Counts of a model that need no hardware. */
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
