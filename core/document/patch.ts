/**
 * A patch is a list of record changes, each with its value before and after: applying is mechanical, inverting
 * is swapping, and squashing keeps the first 'before' and the last 'after' of a record (after tldraw's record diffs).
 */
import type { Document, DocumentLink, DocumentNode } from './document.ts';

export type Change =
  | {
      readonly table: 'nodes';
      readonly id: string;
      readonly before: DocumentNode | null;
      readonly after: DocumentNode | null;
    }
  | {
      readonly table: 'links';
      readonly id: string;
      readonly before: DocumentLink | null;
      readonly after: DocumentLink | null;
    }
  | { readonly table: 'title'; readonly id: 'title'; readonly before: string; readonly after: string };

export type Patch = readonly Change[];

export function invert(patch: Patch): Patch {
  return patch.map((change) => ({ ...change, before: change.after, after: change.before }) as Change).reverse();
}

/** Applies changes without checking `before`; the caller holds the document the patch was made on. */
export function applyPatch(document: Document, patch: Patch): Document {
  let nodes: Map<string, DocumentNode> | null = null;
  let links: Map<string, DocumentLink> | null = null;
  let title = document.title;
  for (const change of patch) {
    switch (change.table) {
      case 'nodes':
        nodes ??= new Map(document.nodes);
        if (change.after === null) nodes.delete(change.id);
        else nodes.set(change.id, change.after);
        break;
      case 'links':
        links ??= new Map(document.links);
        if (change.after === null) links.delete(change.id);
        else links.set(change.id, change.after);
        break;
      case 'title':
        title = change.after;
        break;
    }
  }
  return { ...document, title, nodes: nodes ?? document.nodes, links: links ?? document.links };
}

/** One patch with the effect of `first` then `second`; records that end as they began drop out. */
export function squash(first: Patch, second: Patch): Patch {
  const merged = new Map<string, Change>();
  for (const change of [...first, ...second]) {
    const key = `${change.table}:${change.id}`;
    const earlier = merged.get(key);
    merged.set(key, earlier ? ({ ...change, before: earlier.before } as Change) : change);
  }
  return [...merged.values()].filter((change) => change.before !== change.after);
}
