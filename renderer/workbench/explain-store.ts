/** Where a term of a figure leads: the shell shows nodes, the workbench its own totals. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';

export interface NodePlace {
  readonly document: string;
  readonly node: string;
}

export const useExplained = defineStore('explained', () => {
  /** A node asked for; a new object each time. */
  const asked = shallowRef<NodePlace | null>(null);
  function reveal(document: string, node: string): void {
    asked.value = { document, node };
  }
  return { asked, reveal };
});
