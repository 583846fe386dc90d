/** Typed reading of a node's attributes; inside a function, references to the caller's attributes are followed. */
import type { AttributeRecord, GraphRecord, NodeRecord, TensorRecord } from './proto.ts';

export class Attributes {
  readonly #byName = new Map<string, AttributeRecord>();

  /** `caller`: attributes of the call whose function body holds the node. */
  constructor(node: NodeRecord, caller: Attributes | null) {
    for (const attribute of node.attributes) {
      const actual = attribute.reference === '' ? attribute : caller?.record(attribute.reference);
      if (actual) this.#byName.set(attribute.name, actual);
    }
  }

  record(name: string): AttributeRecord | undefined {
    return this.#byName.get(name);
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  integer(name: string, fallback: number): number {
    return this.#byName.get(name)?.integer ?? fallback;
  }

  float(name: string, fallback: number): number {
    const value = this.#byName.get(name)?.float ?? fallback;
    return Number.isFinite(value) ? value : fallback;
  }

  text(name: string, fallback = ''): string {
    return this.#byName.get(name)?.text ?? fallback;
  }

  /** Null when the attribute is absent. */
  integers(name: string): readonly number[] | null {
    const record = this.#byName.get(name);
    if (!record) return null;
    // Some writers store a list of one as a plain integer.
    return record.integers.length === 0 && record.integer !== null ? [record.integer] : record.integers;
  }

  floats(name: string): readonly number[] | null {
    return this.#byName.get(name)?.floats ?? null;
  }

  /** Empty when the attribute is absent. */
  texts(name: string): readonly string[] {
    return this.#byName.get(name)?.texts ?? [];
  }

  tensor(name: string): TensorRecord | null {
    return this.#byName.get(name)?.tensor ?? null;
  }

  graph(name: string): GraphRecord | null {
    return this.#byName.get(name)?.graph ?? null;
  }

  /** Whether any attribute is a graph (If, Loop, Scan). */
  get hasGraph(): boolean {
    for (const attribute of this.#byName.values()) if (attribute.graph) return true;
    return false;
  }
}
