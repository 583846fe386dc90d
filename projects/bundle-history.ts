/**
 * Whether the undo history of a document from elsewhere can be walked: every step changes what is there, and every
 * state on the way is whole: its records once, links whose ends are there, groups that hold members and not themselves.
 */
import { isDeepStrictEqual } from 'node:util';
import { type DocumentFile, type DocumentLink, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';
import type { DocumentState } from '#core/document/history.ts';
import { type Change, invert, type Patch } from '#core/document/patch.ts';

export type DocumentHistory = Pick<DocumentState, 'entries' | 'cursor'>;

/** Groups in groups: bounds what a check costs. */
const DEEPEST = 100;

/** What is wrong with a document and its history, in words; null where all of it can be undone and redone. */
export function historyFault(file: DocumentFile, { entries, cursor }: DocumentHistory): string | null {
  if (cursor > entries.length) return 'it claims more steps than it has';
  const walk = new Walk(file.title);
  const fault = walk.apply([
    ...file.nodes.map((node): Change => ({ table: 'nodes', id: node.id, before: null, after: node })),
    ...file.links.map((link): Change => ({ table: 'links', id: link.id, before: null, after: link })),
  ]);
  if (fault !== null) return fault;
  const done = entries.slice(0, cursor);
  const undone = entries.slice(cursor);
  const steps = [
    ...done.toReversed().map(({ patch }) => invert(patch)),
    ...done.map(({ patch }) => patch),
    ...undone.map(({ patch }) => patch),
  ];
  for (const step of steps) {
    const found = walk.apply(step);
    if (found !== null) return found;
  }
  return null;
}

/** A document on its way through its history; a step costs what it changes. */
class Walk {
  #title: string;
  readonly #nodes = new Map<string, DocumentNode>();
  readonly #links = new Map<string, DocumentLink>();
  /** Ends of links, and members, by node. */
  readonly #ends = new Map<string, number>();
  readonly #members = new Map<string, number>();

  constructor(title: string) {
    this.#title = title;
  }

  /** What is wrong after the patch, or with it; null where the document is whole again. */
  apply(patch: Patch): string | null {
    for (const change of patch) {
      const now = change.table === 'title' ? this.#title : (this.#records(change.table).get(change.id) ?? null);
      if (!isDeepStrictEqual(now, change.before)) return `a step does not fit ${change.id} as it is then`;
      if (change.table === 'title') {
        this.#title = change.after;
        continue;
      }
      if (change.after !== null && change.after.id !== change.id) return `the record of ${change.id} has another id`;
      if (change.table === 'nodes') this.#setNode(change.id, change.after);
      else this.#setLink(change.id, change.after);
    }
    for (const change of patch) {
      const fault = change.table === 'nodes' ? this.#nodeFault(change.id) : this.#linkFault(change);
      if (fault !== null) return fault;
    }
    return null;
  }

  #records(table: 'nodes' | 'links'): ReadonlyMap<string, DocumentNode | DocumentLink> {
    return table === 'nodes' ? this.#nodes : this.#links;
  }

  #setNode(id: string, node: DocumentNode | null): void {
    const before = this.#nodes.get(id);
    if (before?.parent != null) count(this.#members, before.parent, -1);
    if (node?.parent != null) count(this.#members, node.parent, 1);
    if (node) this.#nodes.set(id, node);
    else this.#nodes.delete(id);
  }

  #setLink(id: string, link: DocumentLink | null): void {
    const before = this.#links.get(id);
    for (const end of before ? [before.from, before.to] : []) count(this.#ends, end.node, -1);
    for (const end of link ? [link.from, link.to] : []) count(this.#ends, end.node, 1);
    if (link) this.#links.set(id, link);
    else this.#links.delete(id);
  }

  #nodeFault(id: string): string | null {
    const node = this.#nodes.get(id);
    if (this.#members.has(id) && node?.type !== GROUP_TYPE) return `${id} has members but is not a group`;
    if (!node) return this.#ends.has(id) ? `a link ends at ${id}, which does not exist` : null;
    let at = node.parent;
    for (let depth = 0; at !== null; depth++) {
      const parent = this.#nodes.get(at);
      if (parent?.type !== GROUP_TYPE) return `${id} is in ${at}, which is not a group`;
      if (depth === DEEPEST) return `${id} is in a group that contains itself, or more than ${DEEPEST} groups deep`;
      at = parent.parent;
    }
    return null;
  }

  #linkFault({ table, id }: Change): string | null {
    const link = table === 'links' ? this.#links.get(id) : undefined;
    for (const end of link ? [link.from, link.to] : [])
      if (!this.#nodes.has(end.node)) return `link ${id} ends at ${end.node}, which does not exist`;
    return null;
  }
}

/** Those that nothing counts for are not in it. */
function count(counts: Map<string, number>, id: string, by: number): void {
  const now = (counts.get(id) ?? 0) + by;
  if (now === 0) counts.delete(id);
  else counts.set(id, now);
}
