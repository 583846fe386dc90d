/**
 * A document as matching sees it: nodes by number, their ports, neighbours and groups as labelled edges. Both documents
 * of a comparison share one `Labels`, so that equal text is equal numbers and no hash can collide.
 */
import { canonicalJson } from '#core/base/canonical.ts';
import { type Document, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';

/** Numbers for texts, the same number for the same text. */
export class Labels {
  readonly #known = new Map<string, number>();

  of(text: string): number {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.#known.size);
    return this.#known.size - 1;
  }
}

export interface Edge {
  /** Direction and both ports. */
  readonly label: number;
  readonly other: number;
}

export interface Graph {
  readonly nodes: readonly DocumentNode[];
  readonly types: readonly number[];
  /** Type and parameters, without name and place. */
  readonly contents: readonly number[];
  /** Links, the group a node is in, the members of a group. */
  readonly edges: readonly (readonly Edge[])[];
}

/** View state of a group, and the mark of a repeated block: they say nothing about what a node is. */
const NOT_CONTENT: ReadonlySet<string> = new Set(['collapsed', 'block', 'slots']);

export function graphOf(document: Document, labels: Labels): Graph {
  const nodes = [...document.nodes.values()];
  const numbers = new Map(nodes.map((node, number) => [node.id, number]));
  const edges: Edge[][] = nodes.map(() => []);
  const join = (from: number, to: number, forth: string, back: string) => {
    edges[from]!.push({ label: labels.of(forth), other: to });
    edges[to]!.push({ label: labels.of(back), other: from });
  };
  nodes.forEach((node, number) => {
    const parent = node.parent === null ? undefined : numbers.get(node.parent);
    if (parent !== undefined) join(number, parent, 'in', 'holds');
  });
  for (const { from, to } of document.links.values()) {
    const source = numbers.get(from.node);
    const target = numbers.get(to.node);
    if (source === undefined || target === undefined) continue;
    join(source, target, `> ${from.port} ${to.port}`, `< ${from.port} ${to.port}`);
  }
  return {
    nodes,
    types: nodes.map(({ type }) => labels.of(`type ${type}`)),
    contents: nodes.map(({ type, parameters }) => labels.of(`node ${type} ${contentOf(type, parameters)}`)),
    edges,
  };
}

function contentOf(type: string, parameters: DocumentNode['parameters']): string {
  if (type !== GROUP_TYPE) return canonicalJson(parameters);
  return canonicalJson(Object.fromEntries(Object.entries(parameters).filter(([id]) => !NOT_CONTENT.has(id))));
}
