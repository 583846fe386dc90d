/** A drawing of components made node by node, not yet laid out: what fabrics and task graphs are drawn with. */
import type { ParameterValues } from '#core/base/value.ts';
import { withDefaults } from './components.ts';
import type { Document, DocumentKind, DocumentLink, DocumentNode } from './document.ts';

export class DocumentSketch {
  readonly #kind: DocumentKind;
  /** Ids that things to be drawn have: nothing else takes them. */
  readonly #given: ReadonlySet<string>;
  readonly #nodes = new Map<string, DocumentNode>();
  readonly #links = new Map<string, DocumentLink>();

  constructor(kind: DocumentKind, given: ReadonlySet<string>) {
    this.#kind = kind;
    this.#given = given;
  }

  /** Returns the node's id: the one wanted, else (empty or taken) the stem with a number. */
  add(wanted: string, stem: string, type: string, name: string, parameters: ParameterValues): string {
    const id = wanted !== '' && !this.#nodes.has(wanted) ? wanted : this.#fresh(stem);
    const values = withDefaults(this.#kind, type, parameters);
    this.#nodes.set(id, { id, type, name, x: 0, y: 0, parent: null, parameters: values });
    return id;
  }

  join(from: string, fromPort: string, to: string, toPort: string): void {
    const id = `l${this.#links.size + 1}`;
    this.#links.set(id, { id, from: { node: from, port: fromPort }, to: { node: to, port: toPort } });
  }

  document(id: string, title: string): Document {
    return { id, kind: this.#kind, title, nodes: this.#nodes, links: this.#links };
  }

  #fresh(stem: string): string {
    let at = this.#nodes.size + 1;
    while (this.#nodes.has(`${stem}${at}`) || this.#given.has(`${stem}${at}`)) at++;
    return `${stem}${at}`;
  }
}
