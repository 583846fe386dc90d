/** The link being drawn: where it may end, its curve, and why the port under the pointer will not do. */
import { computed, type Ref, watch } from 'vue';
import type { Endpoint } from '#core/document/document.ts';
import type { Connecting } from './context.ts';
import { linkPath } from './geometry.ts';
import type { GestureHost } from './use-gestures.ts';
import type { useViewport } from './use-viewport.ts';

export function useLinkUnderWay(
  connecting: Readonly<Ref<Connecting | null>>,
  canConnect: GestureHost['canConnect'],
  { viewport }: ReturnType<typeof useViewport>,
) {
  /** Where the link under way starts: one value from press to release. */
  const connectStart = computed<Pick<Connecting, 'start' | 'end'> | null>((before) => {
    const now = connecting.value;
    if (!now) return null;
    return before?.start === now.start ? before : { start: now.start, end: now.end };
  });
  /** Whether the link under way may end there; asked once a port while it is drawn. */
  const accepted = new Map<string, boolean>();
  watch(connectStart, () => accepted.clear(), { flush: 'sync' });
  function accepts(end: Endpoint): boolean {
    const start = connectStart.value;
    if (!start) return false;
    const key = `${end.node}/${end.port}`;
    const known =
      accepted.get(key) ?? (start.end === 'from' ? canConnect(start.start, end) : canConnect(end, start.start)).ok;
    accepted.set(key, known);
    return known;
  }

  const pending = computed(() => {
    const now = connecting.value;
    if (!now) return null;
    return now.end === 'from' ? linkPath(now.origin, now.pointer) : linkPath(now.pointer, now.origin);
  });
  const reasonAt = computed(() => {
    const now = connecting.value;
    const { x, y, zoom } = viewport.value;
    return now?.reason
      ? { text: now.reason, left: now.pointer.x * zoom + x + 14, top: now.pointer.y * zoom + y + 14 }
      : null;
  });

  return { connectStart, accepts, pending, reasonAt };
}
