/**
 * The structure of a set of nodes as text, equal for equal structures however they are drawn: nodes are coloured by
 * what they are and refined by their neighbours at each port (Weisfeiler and Leman 1968), then written down in an order
 * that follows colours and links. The text says everything, so that unlike structures are never equal; of highly symmetric
 * ones some equals may be missed. Any kind of document: groups and notes are nodes, what is in them is linked to them.
 */
import { canonicalJson } from '#core/base/canonical.ts';
import { type Document, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';

export interface Structure {
  readonly text: string;
  /** Ids, the same part of equal structures at the same index. */
  readonly parts: readonly string[];
}

interface Edge {
  /** Direction and ports, as a number. */
  readonly label: number;
  readonly other: string;
}

/** Refinement ends earlier where nothing more is told apart; a part far from all marks is told apart by the order. */
const MOST_ROUNDS = 16;

/** Type and parameters; of a group not whether it is open and how its parts are numbered. */
export function contentOf({ type, parameters }: DocumentNode): string {
  if (type !== GROUP_TYPE) return `${type} ${canonicalJson(parameters)}`;
  const own = Object.entries(parameters).filter(
    ([key, value]) => !(key === 'collapsed' || key === 'slots' || value === ''),
  );
  return `${type} ${canonicalJson(Object.fromEntries(own))}`;
}

export class Structures {
  readonly #document: Document;
  readonly #edges = new Map<string, Edge[]>();
  readonly #place = new Map<string, number>();
  /** Numbers for texts, shared by all structures read: equal numbers are equal texts. */
  readonly #numbers = new Map<string, number>();
  readonly #labels = new Map<string, number>();
  readonly #describe: (node: DocumentNode) => string;

  /** @param describe equal for nodes that are alike apart from their names, places and links. */
  constructor(document: Document, describe: (node: DocumentNode) => string = contentOf) {
    this.#document = document;
    this.#describe = describe;
    let at = 0;
    for (const { id, parent } of document.nodes.values()) {
      this.#place.set(id, at++);
      if (parent !== null && document.nodes.has(parent)) this.#join(id, parent, 'in', 'holds');
    }
    for (const { from, to } of document.links.values())
      if (document.nodes.has(from.node) && document.nodes.has(to.node))
        this.#join(from.node, to.node, `> ${from.port} ${to.port}`, `< ${from.port} ${to.port}`);
  }

  #join(from: string, to: string, forth: string, back: string): void {
    this.#edgesOf(from).push({ label: this.#number(forth), other: to });
    this.#edgesOf(to).push({ label: this.#number(back), other: from });
  }

  #edgesOf(id: string): Edge[] {
    let known = this.#edges.get(id);
    if (!known) {
      known = [];
      this.#edges.set(id, known);
    }
    return known;
  }

  #number(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** Equal for nodes of equal description. */
  labelOf(id: string): number {
    const known = this.#labels.get(id);
    if (known !== undefined) return known;
    const made = this.#number(this.#describe(this.#document.nodes.get(id)!));
    this.#labels.set(id, made);
    return made;
  }

  /** Ids that a node is linked to. */
  *neighbours(id: string): Iterable<string> {
    for (const { other } of this.#edges.get(id) ?? []) yield other;
  }

  /** Equal for equal structures and cheap; unlike structures may be equal in it. */
  census(members: Iterable<string>): string {
    return Array.from(members, (id) => this.labelOf(id))
      .sort((a, b) => a - b)
      .join();
  }

  read(members: ReadonlySet<string>): Structure {
    const inner = new Map<string, readonly Edge[]>();
    for (const id of members)
      inner.set(
        id,
        (this.#edges.get(id) ?? []).filter(({ other }) => members.has(other)),
      );
    const parts = this.#inOrder(inner, this.#colours(inner));
    const index = new Map(parts.map((id, at) => [id, at]));
    const lines = parts.map((id) => {
      const ends = inner.get(id)!.map(({ label, other }) => `${label}:${index.get(other)}`);
      return `${this.labelOf(id)} ${ends.sort().join(' ')}`;
    });
    return { text: lines.join('\n'), parts };
  }

  #colours(inner: ReadonlyMap<string, readonly Edge[]>): ReadonlyMap<string, number> {
    let colours = new Map([...inner.keys()].map((id) => [id, this.labelOf(id)]));
    let classes = new Set(colours.values()).size;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const next = new Map<string, number>();
      for (const [id, edges] of inner) {
        const around = edges.map(({ label, other }) => `${label}:${colours.get(other)}`).sort();
        next.set(id, this.#number(`${colours.get(id)} ${around.join(' ')}`));
      }
      const told = new Set(next.values()).size;
      if (told === classes) break;
      colours = next;
      classes = told;
    }
    return colours;
  }

  /** From the rarest colour along the links; equals by how they are linked to what came before. */
  #inOrder(inner: ReadonlyMap<string, readonly Edge[]>, colours: ReadonlyMap<string, number>): readonly string[] {
    const count = new Map<number, number>();
    for (const colour of colours.values()) count.set(colour, (count.get(colour) ?? 0) + 1);
    const colourOf = (id: string) => colours.get(id)!;
    const starts = [...inner.keys()].sort(
      (a, b) =>
        count.get(colourOf(a))! - count.get(colourOf(b))! ||
        colourOf(a) - colourOf(b) ||
        this.#place.get(a)! - this.#place.get(b)!,
    );
    const parts: string[] = [];
    const index = new Map<string, number>();
    const add = (id: string) => index.set(id, parts.push(id) - 1);
    const known = (id: string) =>
      inner
        .get(id)!
        .flatMap(({ label, other }) => (index.has(other) ? [`${index.get(other)}:${label}`] : []))
        .sort()
        .join();
    let at = 0;
    for (const start of starts) {
      if (index.has(start)) continue;
      add(start);
      for (; at < parts.length; at++) {
        const open = inner.get(parts[at]!)!.filter(({ other }) => !index.has(other));
        open.sort(
          (a, b) =>
            a.label - b.label ||
            colourOf(a.other) - colourOf(b.other) ||
            compare(known(a.other), known(b.other)) ||
            this.#place.get(a.other)! - this.#place.get(b.other)!,
        );
        for (const { other } of open) if (!index.has(other)) add(other);
      }
    }
    return parts;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
