/** The document while it is made: nodes and links under deterministic ids (n1, n2 …; l1, l2 …), the scope of each node. */
import type { ParameterValues } from '#core/base/value.ts';
import { product } from '#core/catalog/operators/common.ts';
import type { DocumentLink, DocumentNode } from '#core/document/document.ts';
import type { StoredWeight } from '#core/reference/stored.ts';
import { type Constant, REAL, type Value } from './values.ts';

const LONGEST_NAME = 512;

export class Sketch {
  readonly nodes = new Map<string, DocumentNode>();
  readonly links = new Map<string, DocumentLink>();
  /** Name scopes of each node, outermost first. */
  readonly scopes = new Map<string, readonly string[]>();
  /** Where the numbers of constants and of operators' weights lie. */
  readonly weights: StoredWeight[] = [];
  readonly #constants = new Map<Constant, string>();

  add(type: string, name: string, parameters: ParameterValues, scope: readonly string[] = []): string {
    const id = `n${this.nodes.size + 1}`;
    this.nodes.set(id, { id, type, name: name.slice(0, LONGEST_NAME), x: 0, y: 0, parent: null, parameters });
    this.scopes.set(id, scope);
    return id;
  }

  /** Joins a value to an input port; a constant becomes a node, shared when it has more than one element. */
  join(value: Value, node: string, port: string): void {
    const from =
      value.kind === 'flow' ? { node: value.node, port: value.port } : { node: this.#constant(value), port: 'out' };
    const id = `l${this.links.size + 1}`;
    this.links.set(id, { id, from, to: { node, port } });
  }

  #constant(value: Constant): string {
    const isShared = product(value.type.shape) > 1;
    const known = isShared ? this.#constants.get(value) : undefined;
    if (known !== undefined) return known;
    const { shape, elementType } = value.type;
    const trained = isShared && !value.isComputed && REAL.has(elementType);
    const id = this.add('constant', value.name, { shape, elementType, trained });
    this.#constants.set(value, id);
    this.weights.push({ node: id, name: 'value', type: value.type, data: value.data });
    return id;
  }
}
