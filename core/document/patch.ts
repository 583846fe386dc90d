/**
 * A patch is a list of record changes, each with its value before and after: applying is mechanical, inverting
 * is swapping, and squashing keeps the first 'before' and the last 'after' of a record (after tldraw's record diffs).
 */
import type { Document, DocumentLink, DocumentNode } from './document.ts';

/** `at`: where in document order a removed record stood, so that undoing puts it back there. */
export type Change =
  | {
      readonly table: 'nodes';
      readonly id: string;
      readonly before: DocumentNode | null;
      readonly after: DocumentNode | null;
      readonly at?: number;
    }
  | {
      readonly table: 'links';
      readonly id: string;
      readonly before: DocumentLink | null;
      readonly after: DocumentLink | null;
      readonly at?: number;
    }
  | { readonly table: 'title'; readonly id: 'title'; readonly before: string; readonly after: string };

export type Patch = readonly Change[];

export function invert(patch: Patch): Patch {
  return patch.map((change) => ({ ...change, before: change.after, after: change.before }) as Change).reverse();
}

/** Applies changes without checking `before`; the caller holds the document the patch was made on. */
export function applyPatch(document: Document, patch: Patch): Document {
  return applyPatches(document, [patch]);
}

/** Several patches one after the other, copying the document once. */
export function applyPatches(document: Document, patches: readonly Patch[]): Document {
  const draft = new Draft(document);
  for (const patch of patches) draft.apply(patch);
  return draft.document;
}

/** A document being changed by patch after patch: a copy from the first change on, the same tables from then. */
export class Draft {
  readonly #start: Document;
  readonly #nodes: Records<DocumentNode>;
  readonly #links: Records<DocumentLink>;
  #title: string;

  constructor(document: Document) {
    this.#start = document;
    this.#nodes = new Records(document.nodes);
    this.#links = new Records(document.links);
    this.#title = document.title;
  }

  /** As it is now; what is read from it changes with the next patch. */
  get document(): Document {
    return { ...this.#start, title: this.#title, nodes: this.#nodes.current(), links: this.#links.current() };
  }

  apply(patch: Patch): void {
    for (const change of patch) {
      switch (change.table) {
        case 'nodes':
          this.#nodes.set(change.id, change.after, change.at);
          break;
        case 'links':
          this.#links.set(change.id, change.after, change.at);
          break;
        case 'title':
          this.#title = change.after;
          break;
      }
    }
    this.#nodes.restore();
    this.#links.restore();
  }
}

/** A table being changed: copied at the first change; removed records go back to their places when a patch ends. */
class Records<T> {
  readonly #original: ReadonlyMap<string, T>;
  #changed: Map<string, T> | null = null;
  #restored: { readonly at: number; readonly id: string; readonly record: T }[] = [];

  constructor(original: ReadonlyMap<string, T>) {
    this.#original = original;
  }

  current(): ReadonlyMap<string, T> {
    return this.#changed ?? this.#original;
  }

  set(id: string, record: T | null, at: number | undefined): void {
    this.#changed ??= new Map(this.#original);
    if (record === null) this.#changed.delete(id);
    else if (at !== undefined && !this.#changed.has(id)) this.#restored.push({ at, id, record });
    else this.#changed.set(id, record);
  }

  restore(): void {
    if (this.#restored.length === 0) return;
    const rest = [...this.current()];
    const rows: [string, T][] = [];
    let next = 0;
    for (const { at, id, record } of this.#restored.sort((a, b) => a.at - b.at)) {
      while (rows.length < at && next < rest.length) rows.push(rest[next++]!);
      rows.push([id, record]);
    }
    this.#changed = new Map([...rows, ...rest.slice(next)]);
    this.#restored = [];
  }
}

/** One patch with the effect of `first` then `second`; records that end as they began drop out. */
export function squash(first: Patch, second: Patch): Patch {
  const squashed = new Squashed();
  squashed.add(first);
  squashed.add(second);
  return squashed.patch();
}

/** Patches squashed one after the other, in time linear in what each changes. */
export class Squashed {
  readonly #merged = new Map<string, Change>();

  add(patch: Patch): void {
    const places = patch.some((change) => change.table !== 'title' && change.at !== undefined) ? this.#places() : null;
    for (const each of patch) {
      const change = places ? placedBefore(places, each) : each;
      const key = `${change.table}:${change.id}`;
      const earlier = this.#merged.get(key);
      const merged = earlier ? ({ ...change, before: earlier.before } as Change) : change;
      if (merged.before === merged.after) this.#merged.delete(key);
      else this.#merged.set(key, merged);
    }
  }

  patch(): Patch {
    return [...this.#merged.values()];
  }

  /** Where records stood that were removed so far. */
  #places(): Record<'nodes' | 'links', readonly number[]> {
    const places: Record<'nodes' | 'links', number[]> = { nodes: [], links: [] };
    for (const change of this.#merged.values())
      if (change.table !== 'title' && change.after === null && change.at !== undefined)
        places[change.table].push(change.at);
    places.nodes.sort((a, b) => a - b);
    places.links.sort((a, b) => a - b);
    return places;
  }
}

/** A place counted after other records were removed, as it was before. */
function placedBefore(removed: Record<'nodes' | 'links', readonly number[]>, change: Change): Change {
  if (change.table === 'title' || change.at === undefined) return change;
  let { at } = change;
  for (const place of removed[change.table]) if (place <= at) at++;
  return { ...change, at };
}
