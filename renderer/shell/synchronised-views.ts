/**
 * Two drawings of one kind side by side look at the same place of the page: whichever is moved takes the other along.
 * What is kept equal is the point in the middle and the zoom, so that panes of different size agree.
 */
import { computed, watch } from 'vue';
import { type CanvasController, canvasIn, useCanvases } from '../canvas/canvases-store.ts';
import type { Viewport } from '../canvas/painter.ts';
import { useProject } from '../client/project-store.ts';
import { paneOf } from './panes.ts';
import { useWorkspace } from './workspace-store.ts';

type Size = ReturnType<CanvasController['size']>;

/** The scene point in the middle of the canvas, and the zoom. */
export function lookOf({ x, y, zoom }: Viewport, { width, height }: Size): Viewport {
  return { x: (width / 2 - x) / zoom, y: (height / 2 - y) / zoom, zoom };
}

/** The viewport that has that look in a canvas of that size. */
export function viewportOf({ x, y, zoom }: Viewport, { width, height }: Size): Viewport {
  return { x: width / 2 - x * zoom, y: height / 2 - y * zoom, zoom };
}

/** To a thousandth of a pixel: the way there and back is not exact in floating point. */
const isSame = (a: Viewport, b: Viewport) =>
  Math.abs(a.zoom - b.zoom) < 1e-9 && Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) * a.zoom < 1e-3;

/** The two documents in front, where both panes show drawings of one kind. */
export function drawnPair(): readonly [string, string] | null {
  const { panes } = useWorkspace();
  const { documents } = useProject();
  const kindOf = (id: string) => documents.find((document) => document.id === id)?.kind;
  const [first, second] = [paneOf(panes, 'first').active, paneOf(panes, 'second').active];
  if (first?.kind !== 'document' || second?.kind !== 'document') return null;
  return kindOf(first.id) === kindOf(second.id) ? [first.id, second.id] : null;
}

/** While the centre is on screen. */
export function useSynchronisedViews(): void {
  const workspace = useWorkspace();
  const canvases = useCanvases();
  const controllers = computed(() => {
    const pair = workspace.isSynchronised ? drawnPair() : null;
    const first = pair && canvases.mounted.get(canvasIn('first', pair[0]));
    const second = pair && canvases.mounted.get(canvasIn('second', pair[1]));
    return first && second ? ([first, second] as const) : null;
  });
  const looks = computed(() => controllers.value?.map((each) => lookOf(each.viewport(), each.size())) ?? null);
  watch([looks, controllers], ([now, pair], [before, pairBefore]) => {
    const [first, second] = now ?? [];
    if (!pair || !first || !second || isSame(first, second)) return;
    const [firstBefore, secondBefore] = pair === pairBefore ? (before ?? []) : [];
    const isMoved = [!firstBefore || !isSame(first, firstBefore), !secondBefore || !isSame(second, secondBefore)];
    // Where both changed, as when the divider moves, the focused one leads.
    const leads = isMoved[0] === isMoved[1] ? workspace.panes.focused === 'first' : isMoved[0];
    const follower = pair[leads ? 1 : 0];
    if (follower.size().width > 0) follower.setView(viewportOf(leads ? first : second, follower.size()));
  });
}
