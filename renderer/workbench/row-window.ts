/** Rows of equal height in a scrolled element: which of them are in view, and how one is brought into it. */
import { computed, onBeforeUnmount, onMounted, type Ref, ref, useTemplateRef, watch } from 'vue';

const OVERSCAN = 8;

export interface RowWindowOptions {
  /** Pixels. */
  readonly rowHeight: number;
  readonly count: () => number;
  /** Pixels of the view that heads and feet lie over. */
  readonly covered?: () => number;
}

export interface RowWindow {
  /** The element with ref="scroll" in the template. */
  readonly scroll: Readonly<Ref<HTMLElement | null>>;
  /** Rows first … last − 1 are mounted. */
  readonly first: Readonly<Ref<number>>;
  readonly last: Readonly<Ref<number>>;
  readonly viewHeight: Readonly<Ref<number>>;
  readonly onScroll: () => void;
  /** A row just outside comes to the rim, one further away to the middle. */
  readonly show: (row: number) => void;
}

export function useRowWindow({ rowHeight, count, covered = () => 0 }: RowWindowOptions): RowWindow {
  const scroll = useTemplateRef<HTMLElement>('scroll');
  const scrollTop = ref(0);
  const viewHeight = ref(400);
  const first = computed(() => Math.max(0, Math.min(count(), Math.floor(scrollTop.value / rowHeight)) - OVERSCAN));
  const last = computed(() =>
    Math.min(count(), Math.ceil((scrollTop.value + viewHeight.value) / rowHeight) + OVERSCAN),
  );
  let observer: ResizeObserver | null = null;

  onMounted(() => {
    observer = new ResizeObserver(([entry]) => {
      if (entry) viewHeight.value = entry.contentRect.height;
    });
    watch(
      scroll,
      (element, before) => {
        if (before) observer?.unobserve(before);
        if (element) observer?.observe(element);
        // One that comes anew begins at its top, wherever the one before it was.
        onScroll();
      },
      { immediate: true },
    );
  });
  onBeforeUnmount(() => observer?.disconnect());

  function onScroll(): void {
    scrollTop.value = scroll.value?.scrollTop ?? 0;
  }

  function show(row: number): void {
    if (!scroll.value) return;
    const top = row * rowHeight;
    const room = viewHeight.value - rowHeight - covered();
    const from = scroll.value.scrollTop;
    if (top >= from && top <= from + room) return;
    const isFar = top < from - room || top > from + 2 * room;
    scroll.value.scrollTop = Math.max(0, isFar ? top - room / 2 : top < from ? top : top - room);
    onScroll();
  }

  return { scroll, first, last, viewHeight, onScroll, show };
}
