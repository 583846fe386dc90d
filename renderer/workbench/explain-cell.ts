/** Of a table with many figures: which of them is taken apart, so that one card serves all cells. */
import { type ShallowRef, shallowRef } from 'vue';
import type { ExplainedFigure } from '#core/explain/number/explained.ts';

export interface OpenedCell {
  readonly anchor: HTMLElement;
  readonly explain: () => ExplainedFigure;
}

export interface ExplainCells {
  readonly opened: ShallowRef<OpenedCell | null>;
  /** Of a press on a cell's button; a second one closes it. */
  press(event: Event, explain: () => ExplainedFigure): void;
  close(): void;
}

export function useExplainCells(): ExplainCells {
  const opened = shallowRef<OpenedCell | null>(null);
  return {
    opened,
    press({ currentTarget }, explain) {
      if (!(currentTarget instanceof HTMLElement)) return;
      opened.value = opened.value?.anchor === currentTarget ? null : { anchor: currentTarget, explain };
    },
    close() {
      opened.value = null;
    },
  };
}
