/** Paints the canvas when something changed, once a frame, and decides which nodes Vue mounts. */
import { computed, onBeforeUnmount, onMounted, type Ref, shallowRef, watch } from 'vue';
import { useTheme } from '../widgets/theme.ts';
import { useCanvases } from './canvases-store.ts';
import type { Drag } from './context.ts';
import { overlaps } from './geometry.ts';
import { nextMounted, wantedNodes } from './mounting.ts';
import { paint, readInks } from './painter.ts';
import type { Drawing } from './use-drawing.ts';
import type { useLinks } from './use-links.ts';
import type { useViewport } from './use-viewport.ts';

interface Painted {
  readonly root: Readonly<Ref<HTMLElement | null>>;
  readonly surface: Readonly<Ref<HTMLCanvasElement | null>>;
  readonly drawing: Drawing;
  readonly links: ReturnType<typeof useLinks>;
  readonly camera: ReturnType<typeof useViewport>;
  readonly drag: () => Drag | null;
}

/** Nodes for Vue Flow: those mounted now. */
export function usePainting({ root, surface, drawing, links, camera, drag }: Painted) {
  const { documentId, scene, index, ordered, look, selected, highlighted, found, problems, metrics, moments } = drawing;
  const { drawnLinks, strongLinks, movedEnds, moved } = links;
  const { viewport, size, view, setView, firstView } = camera;
  const canvases = useCanvases();
  const { theme } = useTheme();

  const mounted = shallowRef<ReadonlySet<string>>(new Set());
  const flowNodes = computed(() =>
    [...mounted.value].flatMap((id) => {
      const node = scene.value.byId.get(id);
      return node ? [{ id, type: 'weft', position: { x: node.x, y: node.y } }] : [];
    }),
  );
  const inks = computed(() => (root.value ? readInks(window.document.documentElement, theme.value) : null));
  let frame = 0;

  function requestPaint(): void {
    if (frame === 0) frame = requestAnimationFrame(onFrame);
  }
  function onFrame(): void {
    frame = 0;
    const context = surface.value?.getContext('2d');
    if (!context || !inks.value || size.value.width === 0) return;
    const seen = view.value;
    const by = drag();
    const nodes = new Set(index.value.within(seen));
    for (const id of by?.nodes ?? []) {
      const dragged = scene.value.byId.get(id);
      if (dragged) nodes.add(dragged);
    }
    paint(context, {
      viewport: viewport.value,
      ...size.value,
      pixelRatio: window.devicePixelRatio,
      inks: inks.value,
      nodes: ordered(nodes),
      links: drawnLinks.value
        .filter((link) => overlaps(link, seen) || by?.nodes.has(link.ends[0]) || by?.nodes.has(link.ends[1]))
        .map((link) => ({ ...movedEnds(link), isStrong: strongLinks.value.has(link.id) })),
      look,
      place: (node) => moved(node, node.id),
    });
    const wanted = wantedNodes(index.value, viewport.value, size.value.width, size.value.height);
    const next = nextMounted(mounted.value, wanted);
    if (next !== mounted.value) {
      mounted.value = next;
      if (next.size < wanted.size) requestPaint();
    }
  }
  watch(
    [
      scene,
      viewport,
      size,
      drag,
      theme,
      selected,
      highlighted,
      found,
      problems,
      metrics,
      moments,
      strongLinks,
      drawnLinks,
    ],
    requestPaint,
    { deep: false, flush: 'post' },
  );

  function resize(): void {
    const box = root.value?.getBoundingClientRect();
    if (!box || !surface.value) return;
    const isFirst = size.value.width === 0 && box.width > 0;
    size.value = { width: box.width, height: box.height };
    surface.value.width = Math.round(box.width * window.devicePixelRatio);
    surface.value.height = Math.round(box.height * window.devicePixelRatio);
    if (isFirst) {
      const kept = canvases.viewports.get(documentId);
      if (kept) setView(kept);
      else firstView();
    }
    onFrame();
  }
  const observer = new ResizeObserver(resize);

  onMounted(() => {
    if (root.value) observer.observe(root.value);
    void window.document.fonts.ready.then(requestPaint);
  });
  onBeforeUnmount(() => {
    canvases.viewports.set(documentId, viewport.value);
    observer.disconnect();
    cancelAnimationFrame(frame);
  });

  return { flowNodes };
}
