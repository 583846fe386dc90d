/**
 * Which groups are open in each canvas. The document's `collapsed` parameter is the default; what the user opens or
 * closes is view state, remembered on this machine, not a step of history.
 */
import { defineStore } from 'pinia';
import { shallowReactive } from 'vue';
import type { DocumentNode } from '#core/document/document.ts';
import { documentOf } from './canvases-store.ts';

type Choices = Readonly<Record<string, boolean>>;

export const useExpansion = defineStore('expansion', () => {
  const byCanvas = shallowReactive(new Map<string, Choices>());

  /** A second canvas of a document begins as the document's own is. */
  function choices(canvas: string): Choices {
    const known = byCanvas.get(canvas);
    if (known) return known;
    const document = documentOf(canvas);
    const stored = recall(canvas) ?? (document === canvas ? {} : choices(document));
    byCanvas.set(canvas, stored);
    return stored;
  }

  function isExpanded(canvas: string, group: DocumentNode): boolean {
    return choices(canvas)[group.id] ?? group.parameters.collapsed !== true;
  }

  function set(canvas: string, groups: Iterable<string>, expanded: boolean): void {
    const next = { ...choices(canvas) };
    for (const group of groups) next[group] = expanded;
    byCanvas.set(canvas, next);
    try {
      localStorage.setItem(keyOf(canvas), JSON.stringify(next));
    } catch {
      // Not remembered, but shown.
    }
  }

  return { isExpanded, set };
});

function keyOf(canvas: string): string {
  return `weft.expanded.${canvas}`;
}

function recall(canvas: string): Choices | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(canvas)) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return null;
    return Object.fromEntries(
      Object.entries(stored).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean'),
    );
  } catch {
    return null;
  }
}
