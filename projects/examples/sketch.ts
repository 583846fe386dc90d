/** Draws the shipped examples in code: a chain of operators with groups, laid out like an import. */

import type { ParameterValues } from '#core/base/value.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import {
  type Document,
  type DocumentLink,
  type DocumentNode,
  type Endpoint,
  GROUP_TYPE,
} from '#core/document/document.ts';
import { arranged } from '#core/model/layout.ts';

export class Sketch {
  readonly #nodes: DocumentNode[] = [];
  readonly #links: DocumentLink[] = [];
  #group: string | null = null;

  /** Adds an operator fed by `from` (results of earlier calls, in port order); returns its first result. */
  add(type: string, name: string, parameters: ParameterValues, ...from: readonly Endpoint[]): Endpoint {
    const declared = operatorType(type);
    if (!declared) throw new Error(`there is no operator type ${type}`);
    for (const key of Object.keys(parameters))
      if (!declared.parameters.some((spec) => spec.id === key)) throw new Error(`${type} has no parameter ${key}`);
    const id = `n${this.#nodes.length + 1}`;
    this.#nodes.push({
      id,
      type,
      name,
      x: 0,
      y: 0,
      parent: this.#group,
      parameters: { ...defaultParameters(declared.parameters), ...parameters },
    });
    const ports = declared.inputs.flatMap((port) =>
      port.variadic ? from.map((_, index) => `${port.id}${index}`) : [port.id],
    );
    from.forEach((end, index) => {
      const port = ports[index];
      if (port === undefined) throw new Error(`${type} takes ${ports.length} operands, not ${from.length}`);
      this.#links.push({ id: `l${this.#links.length + 1}`, from: end, to: { node: id, port } });
    });
    return { node: id, port: declared.outputs[0]?.id ?? 'out' };
  }

  /** Everything added inside `draw` lies in a group; equal `block` marks repetitions of the same block. */
  group(name: string, block: string, draw: () => Endpoint): Endpoint {
    const id = `n${this.#nodes.length + 1}`;
    this.#nodes.push({
      id,
      type: GROUP_TYPE,
      name,
      x: 0,
      y: 0,
      parent: this.#group,
      parameters: { collapsed: true, block },
    });
    const outside = this.#group;
    this.#group = id;
    const result = draw();
    this.#group = outside;
    return result;
  }

  document(id: string, title: string): Document {
    const document: Document = {
      id,
      kind: 'model',
      title,
      nodes: new Map(this.#nodes.map((node) => [node.id, node])),
      links: new Map(this.#links.map((link) => [link.id, link])),
    };
    return arranged(document);
  }
}
