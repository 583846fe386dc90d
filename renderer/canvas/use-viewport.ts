/** Where the canvas looks: Vue Flow's viewport, and the ways to move it. */
import { useVueFlow } from '@vue-flow/core';
import { computed, nextTick, type Ref, shallowRef } from 'vue';
import { groupsAround } from '#core/document/block-uses.ts';
import { useExpansion } from './expansion-store.ts';
import { type Box, overlaps, type Point } from './geometry.ts';
import { visibleBox } from './mounting.ts';
import type { Viewport } from './painter.ts';
import type { Drawing } from './use-drawing.ts';

export const SMALLEST_ZOOM = 0.004;
export const LARGEST_ZOOM = 4;

export function useViewport(flowId: string, root: Readonly<Ref<HTMLElement | null>>, drawing: Drawing) {
  const { document, canvasId, scene } = drawing;
  const expansion = useExpansion();
  const flow = useVueFlow(flowId);
  const size = shallowRef({ width: 0, height: 0 });
  const viewport = computed<Viewport>(() => {
    const { x, y, zoom } = flow.viewport.value;
    return { x, y, zoom };
  });

  /** Screen (client) to scene pixels. */
  function toScene(event: { readonly clientX: number; readonly clientY: number }): Point {
    const box = root.value?.getBoundingClientRect();
    const { x, y, zoom } = viewport.value;
    return { x: (event.clientX - (box?.left ?? 0) - x) / zoom, y: (event.clientY - (box?.top ?? 0) - y) / zoom };
  }

  function centre(): Point {
    return {
      x: (size.value.width / 2 - viewport.value.x) / viewport.value.zoom,
      y: (size.value.height / 2 - viewport.value.y) / viewport.value.zoom,
    };
  }
  const view = computed(() => visibleBox(viewport.value, size.value.width, size.value.height));

  /** The overview is of use only while much is out of sight. */
  const isPartlyHidden = computed(() => {
    const all = scene.value.bounds;
    const seen = view.value;
    // A low canvas has no corner to spare.
    if (!all || scene.value.nodes.length < 2 || size.value.height < 360) return false;
    const width = Math.min(all.x + all.width, seen.x + seen.width) - Math.max(all.x, seen.x);
    const height = Math.min(all.y + all.height, seen.y + seen.height) - Math.max(all.y, seen.y);
    return width < all.width * 0.6 || height < all.height * 0.6;
  });

  function setView(next: Viewport): void {
    void flow.setViewport(next);
  }
  function fitBox(box: Box | null, largest = 1.25): void {
    const { width, height } = size.value;
    if (!box || width === 0) return;
    const zoom = Math.min(largest, (width - 96) / Math.max(box.width, 1), (height - 96) / Math.max(box.height, 1));
    const clamped = Math.max(SMALLEST_ZOOM, zoom);
    setView({
      x: width / 2 - (box.x + box.width / 2) * clamped,
      y: height / 2 - (box.y + box.height / 2) * clamped,
      zoom: clamped,
    });
  }
  /** First sight: everything if its names can be read, else the beginning at a readable size. */
  function firstView(): void {
    const box = scene.value.bounds;
    const { width, height } = size.value;
    if (!box) {
      setView({ x: width / 4, y: height / 3, zoom: 1 });
      return;
    }
    const zoom = Math.min((width - 96) / box.width, (height - 96) / box.height);
    if (zoom >= 0.45) {
      fitBox(box, 1);
      return;
    }
    const first = scene.value.nodes.reduce((best, node) => (node.x < best.x ? node : best));
    const isWhole = box.height * 0.75 <= height - 96;
    const middle = isWhole ? box.y + box.height / 2 : first.y + first.height / 2;
    // No more room above the drawing than the tools take.
    const y = isWhole ? height / 2 - middle * 0.75 : Math.min(height / 2 - middle * 0.75, 64 - box.y * 0.75);
    setView({ x: 64 - first.x * 0.75, y, zoom: 0.75 });
  }
  function goTo(point: Point): void {
    const { zoom } = viewport.value;
    setView({ x: size.value.width / 2 - point.x * zoom, y: size.value.height / 2 - point.y * zoom, zoom });
  }

  async function reveal(id: string): Promise<void> {
    const { nodes } = document.value;
    const closed = groupsAround(nodes, nodes.get(id)).filter(
      (group) => !scene.value.byId.has(group) || scene.value.byId.get(group)?.shape === 'group',
    );
    if (closed.length > 0) {
      expansion.set(canvasId, closed, true);
      await nextTick();
    }
    const node = scene.value.byId.get(id);
    if (!node) return;
    const inView = overlaps(
      { x: node.x, y: node.y, width: node.width, height: node.height },
      { ...view.value, x: view.value.x + 40 / viewport.value.zoom, width: view.value.width - 80 / viewport.value.zoom },
    );
    if (inView && viewport.value.zoom >= 0.3) return;
    const zoom = Math.max(viewport.value.zoom, 0.75);
    setView({
      x: size.value.width / 2 - (node.x + Math.min(node.width, 400) / 2) * zoom,
      y: size.value.height / 2 - (node.y + Math.min(node.height, 200) / 2) * zoom,
      zoom,
    });
  }

  function zoomBy(factor: number): void {
    const { x, y, zoom } = viewport.value;
    const next = Math.min(LARGEST_ZOOM, Math.max(SMALLEST_ZOOM, zoom * factor));
    const { width, height } = size.value;
    setView({
      x: width / 2 - ((width / 2 - x) * next) / zoom,
      y: height / 2 - ((height / 2 - y) * next) / zoom,
      zoom: next,
    });
  }

  function panBy(dx: number, dy: number): void {
    setView({ ...viewport.value, x: viewport.value.x + dx, y: viewport.value.y + dy });
  }

  return {
    size,
    viewport,
    view,
    isPartlyHidden,
    toScene,
    centre,
    setView,
    fitBox,
    firstView,
    goTo,
    reveal,
    zoomBy,
    panBy,
  };
}
