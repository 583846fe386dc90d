/** A difference as a list to read: one entry a node or link, in words, with where it is in either document. */
import { operatorType } from '#core/catalog/operators.ts';
import { componentTypeIn } from '#core/document/components.ts';
import {
  type Document,
  type DocumentKind,
  type DocumentLink,
  type DocumentNode,
  GROUP_TYPE,
  NOTE_TYPE,
} from '#core/document/document.ts';
import type { ChangedNode, DocumentDiff, NodePair } from './diff.ts';

export const CHANGE_KINDS = ['added', 'removed', 'changed', 'moved'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface Change {
  readonly id: string;
  readonly kind: ChangeKind;
  readonly subject: 'node' | 'link' | 'title';
  readonly title: string;
  /** What about it, in a few words; empty where the kind says it all. */
  readonly detail: string;
  /** Nodes to show of either document: the node, or both ends of a link. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** The pair behind a change. */
  readonly pair: ChangedNode | null;
}

/** In the order of CHANGE_KINDS; nodes before links, each in its document's order. */
export function changesOf(diff: DocumentDiff, a: Document, b: Document): readonly Change[] {
  const { added, removed, changed, moved, linksAdded, linksRemoved, title } = diff;
  return [
    ...added.map((node) => nodeChange('added', null, node, b.kind)),
    ...linksAdded.map((link) => linkChange('added', link, b)),
    ...removed.map((node) => nodeChange('removed', node, null, a.kind)),
    ...linksRemoved.map((link) => linkChange('removed', link, a)),
    ...(title ? [titleChange(title)] : []),
    ...changed.map((pair) => pairChange(pair, a, b)),
    ...moved.map(moveChange),
  ];
}

const nameOf = (node: DocumentNode | undefined) => node?.name || node?.type || '?';

function nodeChange(
  kind: 'added' | 'removed',
  from: DocumentNode | null,
  to: DocumentNode | null,
  of: DocumentKind,
): Change {
  const node = to ?? from;
  return {
    id: `${kind}:${node?.id}`,
    kind,
    subject: 'node',
    title: nameOf(node ?? undefined),
    detail: node ? typeTitle(of, node.type) : '',
    from: from ? [from.id] : [],
    to: to ? [to.id] : [],
    pair: null,
  };
}

function typeTitle(kind: DocumentKind, type: string): string {
  if (type === GROUP_TYPE) return 'Group';
  if (type === NOTE_TYPE) return 'Note';
  return (kind === 'model' ? operatorType(type)?.title : componentTypeIn(kind, type)?.title) ?? type;
}

function linkChange(kind: 'added' | 'removed', link: DocumentLink, { nodes }: Document): Change {
  const ends = [link.from.node, link.to.node];
  return {
    id: `link-${kind}:${link.id}`,
    kind,
    subject: 'link',
    title: `${nameOf(nodes.get(link.from.node))} → ${nameOf(nodes.get(link.to.node))}`,
    detail: `${link.from.port} → ${link.to.port}`,
    from: kind === 'removed' ? ends : [],
    to: kind === 'added' ? ends : [],
    pair: null,
  };
}

function titleChange({ from, to }: NonNullable<DocumentDiff['title']>): Change {
  return {
    id: 'title',
    kind: 'changed',
    subject: 'title',
    title: 'Title',
    detail: `${from} → ${to}`,
    from: [],
    to: [],
    pair: null,
  };
}

function pairChange(pair: ChangedNode, a: Document, b: Document): Change {
  const { from, to, parameters } = pair;
  const about = [
    ...(pair.isRenamed ? [`was ${nameOf(from)}`] : []),
    ...(pair.isRegrouped ? [regroupedWords(pair, a, b)] : []),
    ...parameters.map((change) => `${change.title} ${change.from ?? 'unset'} → ${change.to ?? 'unset'}`),
  ];
  return {
    id: `changed:${to.id}`,
    kind: 'changed',
    subject: 'node',
    title: nameOf(to),
    detail: about.join(' · '),
    from: [from.id],
    to: [to.id],
    pair,
  };
}

/** `out of Encoder`, `into Decoder`, `from Encoder to Decoder`. */
export function regroupedWords({ from, to }: NodePair, a: Document, b: Document): string {
  const before = from.parent === null ? null : nameOf(a.nodes.get(from.parent));
  const after = to.parent === null ? null : nameOf(b.nodes.get(to.parent));
  if (before === null) return `into ${after}`;
  return after === null ? `out of ${before}` : `from ${before} to ${after}`;
}

function moveChange({ from, to }: NodePair): Change {
  return {
    id: `moved:${to.id}`,
    kind: 'moved',
    subject: 'node',
    title: nameOf(to),
    detail: 'on the drawing only',
    from: [from.id],
    to: [to.id],
    pair: null,
  };
}

/** `2 operators added, 1 removed, 3 changed; 4 links added`; 'No difference' where there is none. */
export function diffWords(diff: DocumentDiff): string {
  const noun = diff.kind === 'model' ? 'operator' : diff.kind === 'tasks' ? 'node' : 'component';
  const parts = [
    ...listed(noun, [
      [diff.added.length, 'added'],
      [diff.removed.length, 'removed'],
      [diff.changed.length, 'changed'],
    ]),
    ...listed('link', [
      [diff.linksAdded.length, 'added'],
      [diff.linksRemoved.length, 'removed'],
    ]),
    ...(diff.title ? ['title changed'] : []),
  ];
  const { length } = diff.moved;
  if (parts.length === 0) return length === 0 ? 'No difference' : `No difference but in layout: ${length} moved`;
  return [...parts, ...(length > 0 ? [`${length} moved`] : [])].join('; ');
}

function listed(noun: string, counts: readonly (readonly [number, string])[]): readonly string[] {
  const some = counts.filter(([count]) => count > 0);
  if (some.length === 0) return [];
  const words = some.map(([count, what], at) => {
    const n = count.toLocaleString('en-GB');
    return at > 0 ? `${n} ${what}` : `${n} ${noun}${count === 1 ? '' : 's'} ${what}`;
  });
  return [words.join(', ')];
}
