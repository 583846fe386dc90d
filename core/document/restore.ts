/** The patch that makes a document equal to another state of itself, record by record, order included. */
import { isSameValue } from '#core/base/value.ts';
import type { Document, DocumentLink, DocumentNode } from './document.ts';
import type { Change, Patch } from './patch.ts';

export function restoration(document: Document, to: Pick<Document, 'title' | 'nodes' | 'links'>): Patch {
  return [
    ...(document.title === to.title
      ? []
      : [{ table: 'title', id: 'title', before: document.title, after: to.title } as const]),
    ...changes(document.links, to.links, isSameLink).map((change): Change => ({ table: 'links', ...change })),
    ...changes(document.nodes, to.nodes, isSameNode).map((change): Change => ({ table: 'nodes', ...change })),
  ];
}

interface RecordChange<T> {
  readonly id: string;
  readonly before: T | null;
  readonly after: T | null;
  readonly at?: number;
}

function changes<T>(
  now: ReadonlyMap<string, T>,
  then: ReadonlyMap<string, T>,
  isSame: (a: T, b: T) => boolean,
): readonly RecordChange<T>[] {
  const found: RecordChange<T>[] = [];
  let at = 0;
  for (const [id, before] of now) {
    const after = then.get(id);
    if (after === undefined) found.push({ id, before, after: null, at });
    else if (!isSame(before, after)) found.push({ id, before, after });
    at++;
  }
  at = 0;
  for (const [id, after] of then) {
    if (!now.has(id)) found.push({ id, before: null, after, at });
    at++;
  }
  return found;
}

function isSameLink(a: DocumentLink, b: DocumentLink): boolean {
  return (
    a === b ||
    (a.from.node === b.from.node && a.from.port === b.from.port && a.to.node === b.to.node && a.to.port === b.to.port)
  );
}

function isSameNode(a: DocumentNode, b: DocumentNode): boolean {
  if (a === b) return true;
  if (a.type !== b.type || a.name !== b.name || a.x !== b.x || a.y !== b.y || a.parent !== b.parent) return false;
  if (a.own?.join() !== b.own?.join()) return false;
  const ids = Object.keys(a.parameters);
  return (
    ids.length === Object.keys(b.parameters).length &&
    ids.every((id) => isSameValue(a.parameters[id], b.parameters[id]))
  );
}
