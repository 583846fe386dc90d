/**
 * What differs between two documents of one kind: nodes added, removed, changed (parameters, name, group), moved only,
 * and links added and removed. Nodes are matched first (match.ts), links by where they end. Deterministic, near-linear;
 * diff(a, a) is empty and diff(b, a) is diff(a, b) read backwards.
 */
import { isSameValue } from '#core/base/value.ts';
import type { Document, DocumentKind, DocumentLink, DocumentNode, Endpoint } from '#core/document/document.ts';
import { type Matching, matchNodes } from './match.ts';
import { type ParameterChange, parameterChanges } from './parameters.ts';

export interface NodePair {
  readonly from: DocumentNode;
  readonly to: DocumentNode;
}

export interface ChangedNode extends NodePair {
  readonly parameters: readonly ParameterChange[];
  readonly isRenamed: boolean;
  /** In another group, or in one where it was in none. */
  readonly isRegrouped: boolean;
}

export interface LinkPair {
  readonly from: DocumentLink;
  readonly to: DocumentLink;
}

export interface DocumentDiff {
  readonly kind: DocumentKind;
  readonly title: { readonly from: string; readonly to: string } | null;
  /** Nodes of the second document, in its order. */
  readonly added: readonly DocumentNode[];
  /** Nodes of the first document, in its order. */
  readonly removed: readonly DocumentNode[];
  /** Pairs that differ in what counts, in the second document's order; so are the next two. */
  readonly changed: readonly ChangedNode[];
  /** Pairs that only stand elsewhere on the drawing. */
  readonly moved: readonly NodePair[];
  /** Pairs that differ only in how they are written: a default spelt out, a group closed, a value kept to a use. */
  readonly rewritten: readonly NodePair[];
  readonly linksAdded: readonly DocumentLink[];
  readonly linksRemoved: readonly DocumentLink[];
  /** Links between the same ports under another id. */
  readonly linksRenewed: readonly LinkPair[];
  readonly matching: Matching;
}

/** The documents are of one kind; of two kinds nothing corresponds, and all is removed and added. */
export function diffDocuments(a: Document, b: Document): DocumentDiff {
  const matching = matchNodes(a, b);
  const { pairs } = matching;
  const backwards = new Map([...pairs].map(([from, to]) => [to, from]));
  const added: DocumentNode[] = [];
  const changed: ChangedNode[] = [];
  const moved: NodePair[] = [];
  const rewritten: NodePair[] = [];
  for (const to of b.nodes.values()) {
    const from = a.nodes.get(backwards.get(to.id) ?? '');
    if (!from) {
      added.push(to);
      continue;
    }
    if (from === to) continue;
    const parameters = parameterChanges(a.kind, from, to);
    const isRenamed = from.name !== to.name;
    const isRegrouped = (from.parent === null ? null : pairs.get(from.parent)) !== to.parent;
    if (parameters.length > 0 || isRenamed || isRegrouped)
      changed.push({ from, to, parameters, isRenamed, isRegrouped });
    else if (from.x !== to.x || from.y !== to.y) moved.push({ from, to });
    else if (from.id === to.id && !isWrittenAlike(from, to)) rewritten.push({ from, to });
  }
  return {
    kind: a.kind,
    title: a.title === b.title ? null : { from: a.title, to: b.title },
    added,
    removed: [...a.nodes.values()].filter(({ id }) => !pairs.has(id)),
    changed,
    moved,
    rewritten,
    ...diffLinks(a, b, pairs),
    matching,
  };
}

function isWrittenAlike(a: DocumentNode, b: DocumentNode): boolean {
  const ids = Object.keys(a.parameters);
  return (
    a.own?.join() === b.own?.join() &&
    ids.length === Object.keys(b.parameters).length &&
    ids.every((id) => isSameValue(a.parameters[id], b.parameters[id]))
  );
}

function diffLinks(
  a: Document,
  b: Document,
  pairs: ReadonlyMap<string, string>,
): Pick<DocumentDiff, 'linksAdded' | 'linksRemoved' | 'linksRenewed'> {
  const keyOf = (from: Endpoint, to: Endpoint) => `${from.node}\n${from.port}\n${to.node}\n${to.port}`;
  const inB = (end: Endpoint): Endpoint | null => {
    // An end that is not there, in a file gone wrong, corresponds to itself.
    const node = pairs.get(end.node) ?? (a.nodes.has(end.node) && b.nodes.has(end.node) ? undefined : end.node);
    return node === undefined ? null : { node, port: end.port };
  };
  // Ports may carry the same link twice: a wrong drawing, but one that can be compared.
  const waiting = new Map<string, DocumentLink[]>();
  const linksRemoved: DocumentLink[] = [];
  for (const link of a.links.values()) {
    const from = inB(link.from);
    const to = inB(link.to);
    if (!from || !to) {
      linksRemoved.push(link);
      continue;
    }
    const key = keyOf(from, to);
    const same = waiting.get(key);
    if (same) same.push(link);
    else waiting.set(key, [link]);
  }
  const linksAdded: DocumentLink[] = [];
  const linksRenewed: LinkPair[] = [];
  for (const link of b.links.values()) {
    const same = waiting.get(keyOf(link.from, link.to));
    const own = same?.findIndex(({ id }) => id === link.id) ?? -1;
    const [found] = same?.splice(Math.max(0, own), 1) ?? [];
    if (!found) linksAdded.push(link);
    else if (a.id === b.id && found.id !== link.id) linksRenewed.push({ from: found, to: link });
  }
  const left = new Set([...waiting.values()].flat());
  for (const link of a.links.values()) if (left.has(link)) linksRemoved.push(link);
  return { linksAdded, linksRemoved, linksRenewed };
}

/** True when both say the same; they may be drawn differently. */
export function isEmpty(diff: DocumentDiff): boolean {
  return countChanges(diff) === 0;
}

/** Nodes and links that differ in what counts, and the title. */
export function countChanges({ added, removed, changed, linksAdded, linksRemoved, title }: DocumentDiff): number {
  return added.length + removed.length + changed.length + linksAdded.length + linksRemoved.length + (title ? 1 : 0);
}
