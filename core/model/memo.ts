/**
 * What was found out about nodes before, so that after an edit only the nodes that changed, and those whose operands
 * changed their types, are worked out again. Node records are never changed in place, so a record stands for itself.
 */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { Kernel, OperatorType, TensorType, WeightTensor } from '#core/catalog/operator-type.ts';
import type { DocumentNode } from '#core/document/document.ts';

/** What a node's record alone decides: its parameters with defaults filled in, and what is wrong with them. */
export interface Settings {
  readonly parameters: ParameterValues;
  readonly faults: readonly { readonly parameter: string; readonly message: string; readonly fix: Problem['fixes'] }[];
}

/** What a node does to operands of given types. */
export interface Work {
  readonly weights: readonly WeightTensor[];
  readonly macs: number;
  readonly kernel: Kernel;
}

interface Inferred {
  readonly inputs: readonly (TensorType | null)[];
  readonly outputs: Result<readonly TensorType[], string>;
  work: Work | null;
}

export class ModelMemo {
  readonly #settings = new WeakMap<DocumentNode, Settings>();
  readonly #inferred = new WeakMap<DocumentNode, Inferred>();
  #count = 0;

  /** Nodes whose types were inferred, not remembered, since the memo was made. */
  get inferences(): number {
    return this.#count;
  }

  settings(node: DocumentNode, make: () => Settings): Settings {
    const known = this.#settings.get(node) ?? make();
    this.#settings.set(node, known);
    return known;
  }

  infer(
    node: DocumentNode,
    type: OperatorType,
    inputs: readonly (TensorType | null)[],
    parameters: ParameterValues,
  ): Result<readonly TensorType[], string> {
    const known = this.#inferred.get(node);
    if (known?.inputs.length === inputs.length && inputs.every((each, i) => isSame(each, known.inputs[i]!)))
      return known.outputs;
    this.#count++;
    const outputs = type.infer(inputs, parameters);
    this.#inferred.set(node, { inputs, outputs, work: null });
    return outputs;
  }

  /** Of a node inferred with these operands just before. */
  work(node: DocumentNode, make: () => Work): Work {
    const known = this.#inferred.get(node);
    if (known?.work) return known.work;
    const made = make();
    if (known) known.work = made;
    return made;
  }
}

function isSame(a: TensorType | null, b: TensorType | null): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.elementType !== b.elementType || a.shape.length !== b.shape.length) return false;
  return a.shape.every((extent, i) => extent === b.shape[i]);
}
