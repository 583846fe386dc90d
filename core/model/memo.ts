/**
 * What was found out before, so that after an edit only the nodes that changed, and those whose operands changed their
 * types, are worked out again: of node records, which are never changed in place, and of documents as they were built last.
 */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { Steps } from '#core/base/steps.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { OperatorType, TensorType } from '#core/catalog/operator-type.ts';
import type { Document, DocumentNode } from '#core/document/document.ts';
import type { BuiltModel } from './graph.ts';
import type { Work } from './part.ts';

/** What a node's record alone decides: its parameters with defaults filled in, and what is wrong with them. */
export interface Settings {
  readonly parameters: ParameterValues;
  readonly faults: readonly { readonly parameter: string; readonly message: string; readonly fix: Problem['fixes'] }[];
}

/** A model that is brought to one revision after another. */
export interface Followed {
  follow(document: Document): Steps<BuiltModel>;
}

interface Inferred {
  readonly inputs: readonly (TensorType | null)[];
  readonly outputs: Result<readonly TensorType[], string>;
  work: Work | null;
}

export class ModelMemo {
  readonly #settings = new WeakMap<DocumentNode, Settings>();
  readonly #inferred = new WeakMap<DocumentNode, Inferred>();
  readonly #models = new Map<string, Followed>();
  #inferences = 0;
  #evaluations = 0;

  /** Nodes whose types were inferred, not remembered, since the memo was made. */
  get inferences(): number {
    return this.#inferences;
  }

  /** Nodes that were looked at again since then, for they or their operands changed. */
  get evaluations(): number {
    return this.#evaluations;
  }

  count(): void {
    this.#evaluations++;
  }

  /** A document as it was built last, which is the taker's until it is given back. */
  take(document: string): Followed | undefined {
    const model = this.#models.get(document);
    this.#models.delete(document);
    return model;
  }

  keep(document: string, model: Followed): void {
    this.#models.set(document, model);
  }

  /** The document was closed. */
  forget(document: string): void {
    this.#models.delete(document);
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
    const known = this.#of(node, inputs);
    if (known) return known.outputs;
    this.#inferences++;
    const outputs = type.infer(inputs, parameters);
    this.#inferred.set(node, { inputs, outputs, work: null });
    return outputs;
  }

  work(node: DocumentNode, inputs: readonly (TensorType | null)[], make: () => Work): Work {
    const known = this.#of(node, inputs);
    if (known?.work) return known.work;
    const made = make();
    if (known) known.work = made;
    return made;
  }

  #of(node: DocumentNode, inputs: readonly (TensorType | null)[]): Inferred | null {
    const known = this.#inferred.get(node);
    const isSame =
      known?.inputs.length === inputs.length && inputs.every((each, i) => isSameType(each, known.inputs[i]!));
    return isSame ? known : null;
  }
}

export function isSameType(a: TensorType | null, b: TensorType | null): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.elementType !== b.elementType || a.shape.length !== b.shape.length) return false;
  return a.shape.every((extent, i) => extent === b.shape[i]);
}
