/** Tabs, or tools, of a strip that is too narrow for all of them: which stand in it, and which wait in the menu beside it. */
import { computed, onBeforeUnmount, onMounted, type Ref, shallowRef, watch } from 'vue';

/** What the button of the menu takes, pixels. */
export const MENU_WIDTH = 44;

/**
 * Places of the tabs that stand in the strip: as many from the first on as have room, and always the selected one.
 * @param widths of all tabs in order, pixels @param selected its place, or -1 @param menu width of its button, pixels
 */
export function tabsThatFit(
  widths: readonly number[],
  selected: number,
  room: number,
  menu: number,
): ReadonlySet<number> {
  const all = widths.map((_, at) => at);
  if (widths.reduce((sum, width) => sum + width, 0) <= room) return new Set(all);
  let left = room - menu - (widths[selected] ?? 0);
  const shown = new Set(selected in widths ? [selected] : []);
  for (const at of all) {
    if (at === selected) continue;
    left -= widths[at]!;
    if (left < 0) break;
    shown.add(at);
  }
  return shown;
}

interface Strip {
  /** The element the tabs and the button of the menu share. */
  readonly bar: Readonly<Ref<HTMLElement | null>>;
  /** Place of the selected tab, or -1. */
  readonly selected: () => number;
  /** Changes with what decides the widths. */
  readonly content: () => unknown;
  /** Width of a tab that can shrink, pixels; else each takes its own. */
  readonly least?: number;
  /** Selects what stands in the strip, where it is not tabs. */
  readonly items?: string;
}

/** @returns the places of the tabs that stand in the strip; all of them until they have been measured. */
export function useTabOverflow({
  bar,
  selected,
  content,
  least,
  items = '[role="tab"]',
}: Strip): Readonly<Ref<ReadonlySet<number>>> {
  const widths = shallowRef<readonly number[]>([]);
  const room = shallowRef(Number.POSITIVE_INFINITY);
  function measure(): void {
    const tabs = [...(bar.value?.querySelectorAll<HTMLElement>(items) ?? [])];
    widths.value = tabs.map((tab) => least ?? tab.offsetWidth);
    room.value = bar.value?.clientWidth ?? Number.POSITIVE_INFINITY;
  }
  const observer = new ResizeObserver(measure);
  onMounted(() => {
    measure();
    if (bar.value) observer.observe(bar.value);
    // Letters of another font have other widths.
    void document.fonts?.ready.then(measure);
  });
  onBeforeUnmount(() => observer.disconnect());
  watch(content, measure, { flush: 'post' });
  return computed(() => tabsThatFit(widths.value, selected(), room.value, MENU_WIDTH));
}
