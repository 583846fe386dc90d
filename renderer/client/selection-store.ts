/** What is selected in each document, nodes and links; never in history. One listener a change: cross-probing. */
import { defineStore } from 'pinia';
import { shallowReactive } from 'vue';

export interface Selection {
  readonly nodes: ReadonlySet<string>;
  readonly links: ReadonlySet<string>;
}

const NOTHING: Selection = { nodes: new Set(), links: new Set() };

export const useSelection = defineStore('selection', () => {
  const byDocument = shallowReactive(new Map<string, Selection>());

  function of(document: string | null): Selection {
    return document === null ? NOTHING : (byDocument.get(document) ?? NOTHING);
  }

  function set(document: string, nodes: Iterable<string>, links: Iterable<string> = []): void {
    byDocument.set(document, { nodes: new Set(nodes), links: new Set(links) });
  }

  function toggle(document: string, node: string): void {
    const nodes = new Set(of(document).nodes);
    if (!nodes.delete(node)) nodes.add(node);
    set(document, nodes, of(document).links);
  }

  function add(document: string, nodes: Iterable<string>): void {
    set(document, [...of(document).nodes, ...nodes], of(document).links);
  }

  function clear(document: string): void {
    byDocument.set(document, NOTHING);
  }

  return { of, set, toggle, add, clear };
});
