/**
 * Which groups are open in view. The document's `collapsed` parameter is the default; what the user opens or
 * closes is view state, remembered on this machine, not a step of history.
 */
import { defineStore } from 'pinia';
import { shallowReactive } from 'vue';
import type { DocumentNode } from '#core/document/document.ts';

type Choices = Readonly<Record<string, boolean>>;

export const useExpansion = defineStore('expansion', () => {
  const byDocument = shallowReactive(new Map<string, Choices>());

  function choices(document: string): Choices {
    const known = byDocument.get(document);
    if (known) return known;
    const stored = recall(document);
    byDocument.set(document, stored);
    return stored;
  }

  function isExpanded(document: string, group: DocumentNode): boolean {
    return choices(document)[group.id] ?? group.parameters.collapsed !== true;
  }

  function set(document: string, groups: Iterable<string>, expanded: boolean): void {
    const next = { ...choices(document) };
    for (const group of groups) next[group] = expanded;
    byDocument.set(document, next);
    try {
      localStorage.setItem(keyOf(document), JSON.stringify(next));
    } catch {
      // Not remembered, but shown.
    }
  }

  return { choices, isExpanded, set };
});

function keyOf(document: string): string {
  return `weft.expanded.${document}`;
}

function recall(document: string): Choices {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(document)) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    return Object.fromEntries(
      Object.entries(stored).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
    );
  } catch {
    return {};
  }
}
