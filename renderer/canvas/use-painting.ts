/**
 * Paints the canvas when something changed, once a frame, and decides which nodes Vue mounts. A crowded view, and one that is
 * panned, is put together from tiles, over which marks and dragged nodes are painted; others are painted directly.
 */
import { computed, onBeforeUnmount, onMounted, type Ref, shallowRef, watch } from 'vue';
import { usePixelRatio } from '../widgets/pixel-ratio.ts';
import { useTheme } from '../widgets/theme.ts';
import { useCanvases } from './canvases-store.ts';
import type { Drag } from './context.ts';
import type { Box } from './geometry.ts';
import { MOUNTS_A_FRAME, nextMounted, wantedNodes } from './mounting.ts';
import {
  type NodeLook,
  type Painting,
  paintGround,
  paintMargin,
  paintMarks,
  paintThings,
  readInks,
} from './painter.ts';
import type { SceneNode } from './scene.ts';
import { Tiles, type TileView } from './tiles.ts';
import type { Drawing } from './use-drawing.ts';
import type { DrawnLink, useLinks } from './use-links.ts';
import type { useViewport } from './use-viewport.ts';

interface Painted {
  readonly root: Readonly<Ref<HTMLElement | null>>;
  readonly surface: Readonly<Ref<HTMLCanvasElement | null>>;
  readonly drawing: Drawing;
  readonly links: ReturnType<typeof useLinks>;
  readonly camera: ReturnType<typeof useViewport>;
  readonly drag: () => Drag | null;
}

/** As many nodes in view are painted directly while the view rests or zooms, and as many marks over tiles. */
const FEW = 120;
/** Names below blocks only in drawings of so many nodes: in others they would be a carpet. */
const CAPTIONED = 120;
/** The view rests when it has not moved for so long, milliseconds. */
const REST_MS = 120;
const OVERVIEW_MS = 400;
const MANY_TOUCHED = 2000;

/** Nodes for Vue Flow: those mounted now; and whether the view is panned just now. */
export function usePainting({ root, surface, drawing, links, camera, drag }: Painted) {
  const { canvasId, scene, index, ordered, look, selected, highlighted, found, cursor, severities, metrics, moments } =
    drawing;
  const { drawnLinks, linkIndex, ofNode, strongLinks, movedEnds } = links;
  const { viewport, size, view, setView, firstView } = camera;
  const canvases = useCanvases();
  const { theme } = useTheme();
  const pixelRatio = usePixelRatio();

  const mounted = shallowRef<ReadonlySet<string>>(new Set());
  const flowNodes = computed(() =>
    [...mounted.value].flatMap((id) => {
      const node = scene.value.byId.get(id);
      return node ? [{ id, type: 'weft', position: { x: node.x, y: node.y } }] : [];
    }),
  );
  const inks = computed(() => (root.value ? readInks(window.document.documentElement, theme.value) : null));
  const tiles = new Tiles({
    makeCanvas: (width, height) => Object.assign(window.document.createElement('canvas'), { width, height }),
    now: () => performance.now(),
    paint: (context, shown) => {
      const ground = groundOf(shown);
      if (ground) paintGround(context, ground);
    },
    background: () => inks.value?.canvas ?? '',
  });
  let frame = 0;
  let rest: ReturnType<typeof setTimeout> | undefined;
  let overviewLater: ReturnType<typeof setTimeout> | undefined;
  let shownViewport = viewport.value;
  let isMoving = false;
  let isZooming = false;
  /** The view moves at one zoom. */
  const isPanned = shallowRef(false);

  /** Marked as selected, found or at the cursor. Many marks are part of the tiles, a few lie over them. */
  const marked = computed<ReadonlySet<string>>(() => {
    const ids = new Set([...selected.value.nodes, ...highlighted.value, ...(found.value ?? [])]);
    if (cursor.value !== null) ids.add(cursor.value);
    return ids;
  });
  const isCrowdMarked = () => marked.value.size > FEW;
  const bare = (node: SceneNode): NodeLook => ({
    ...look(node),
    isSelected: false,
    isHighlighted: false,
    isFound: false,
    isCursor: false,
  });

  /** What lies still in that part of the scene. */
  function groundOf({ scale, origin, width, height }: TileView): Painting | null {
    if (!inks.value) return null;
    const zoom = scale / pixelRatio.value;
    const margin = paintMargin(zoom);
    const box = {
      x: -origin.x / scale - margin,
      y: -origin.y / scale - margin,
      width: width / scale + 2 * margin,
      height: height / scale + 2 * margin,
    };
    const dragged = drag()?.nodes;
    const isStill = (node: string) => !dragged?.has(node);
    return {
      scale,
      origin,
      width,
      height,
      zoom,
      inks: inks.value,
      nodes: ordered(index.value.within(box).filter((node) => isStill(node.id))),
      links: linkIndex.value.index.within(box).filter(({ ends }) => isStill(ends[0]) && isStill(ends[1])),
      look: isCrowdMarked() ? look : bare,
      place: (node) => node,
      hasCaptions: scene.value.nodes.length <= CAPTIONED,
    };
  }

  const isCrowded = () => index.value.within(view.value, FEW).length > FEW;

  function requestPaint(): void {
    if (frame === 0) frame = requestAnimationFrame(onFrame);
  }
  function onFrame(): void {
    frame = 0;
    const context = surface.value?.getContext('2d', { alpha: false });
    if (!context || !surface.value || !inks.value || size.value.width === 0) return;
    const ratio = pixelRatio.value;
    const { x, y, zoom } = viewport.value;
    const shown: TileView = {
      scale: zoom * ratio,
      // Where tiles are, so that nothing shifts when they take turns.
      origin: { x: Math.round(x * ratio), y: Math.round(y * ratio) },
      width: surface.value.width,
      height: surface.value.height,
    };
    if (viewport.value !== shownViewport) {
      isZooming ||= viewport.value.zoom !== shownViewport.zoom;
      shownViewport = viewport.value;
      isMoving = true;
      clearTimeout(rest);
      rest = setTimeout(() => {
        isMoving = false;
        isZooming = false;
        requestPaint();
      }, REST_MS);
    }
    isPanned.value = isMoving && !isZooming;
    const isFew = !isCrowded();
    if (isFew && !isPanned.value) {
      const ground = groundOf(shown);
      if (ground) paintGround(context, ground);
    } else if (isFew) tiles.draw(context, shown, false, true);
    else {
      if (tiles.draw(context, shown, isMoving)) requestPaint();
      const { bounds } = scene.value;
      clearTimeout(overviewLater);
      overviewLater = setTimeout(() => bounds && tiles.refreshOverview(bounds), OVERVIEW_MS);
    }
    paintOver(context, shown);
    mount();
  }

  /** Dragged nodes with their links, strong links and marks. */
  function paintOver(context: CanvasRenderingContext2D, shown: TileView): void {
    if (!inks.value) return;
    const by = drag();
    const zoom = shown.scale / pixelRatio.value;
    const base = {
      ...shown,
      zoom,
      inks: inks.value,
      place: (node: SceneNode) => (by?.nodes.has(node.id) ? { x: node.x + by.by.x, y: node.y + by.by.y } : node),
      hasCaptions: scene.value.nodes.length <= CAPTIONED,
    };
    const nodesOf = (ids: Iterable<string>) => [...ids].flatMap((id) => scene.value.byId.get(id) ?? []);
    if (by) {
      const nodes = ordered(nodesOf(by.nodes));
      paintThings(context, { ...base, nodes, links: draggedLinks(by.nodes).map(movedEnds), look: bare });
    }
    const marks = isCrowdMarked() ? [] : nodesOf(marked.value);
    const into = by?.into == null ? undefined : scene.value.byId.get(by.into);
    if (into)
      paintMarks(context, {
        ...base,
        nodes: [into],
        links: [],
        look: (node) => ({ ...look(node), isHighlighted: true }),
      });
    if (marks.length + strongLinks.value.size > 0)
      paintMarks(context, { ...base, nodes: marks, links: [...strongLinks.value].map(movedEnds), look });
  }

  function draggedLinks(nodes: ReadonlySet<string>): readonly DrawnLink[] {
    return [...new Set([...nodes].flatMap((id) => ofNode.value.get(id) ?? []))];
  }

  function mount(): void {
    // While the view pans its elements stay as they are: then a frame only moves them.
    if (isPanned.value) return;
    const wanted = wantedNodes(index.value, viewport.value, size.value.width, size.value.height);
    const next = nextMounted(mounted.value, wanted, isZooming ? 0 : MOUNTS_A_FRAME);
    if (next === mounted.value) return;
    mounted.value = next;
    // Those that are to come now, and those that are to go.
    if (next.size !== wanted.size || [...next].some((id) => !wanted.has(id))) requestPaint();
  }

  // — What changes the ground: only the tiles it touches are painted again —
  const spread = (boxes: Iterable<Box>): readonly Box[] => {
    const margin = paintMargin(viewport.value.zoom);
    return [...boxes].map(({ x, y, width, height }) => ({
      x: x - margin,
      y: y - margin,
      width: width + 2 * margin,
      height: height + 2 * margin,
    }));
  };
  const around = (ids: Iterable<string>) => spread([...ids].flatMap((id) => scene.value.byId.get(id) ?? []));
  watch(
    [scene, drawnLinks],
    () => {
      const touched = [...index.value.takeTouched(), ...linkIndex.value.index.takeTouched()];
      // So many boxes are nearly all tiles, and comparing each with each is not worth it.
      tiles.invalidate(touched.length > MANY_TOUCHED ? null : spread(touched));
    },
    { flush: 'post', immediate: true },
  );
  watch(severities, (now, before) => tiles.invalidate(around(changedKeys(before, now))), { flush: 'post' });
  watch([metrics, moments], () => tiles.invalidate(null), { flush: 'post' });
  watch(
    theme,
    () => {
      // Tiles of the other theme are no stand-in: the overview is, at once.
      tiles.clear();
      const { bounds } = scene.value;
      if (bounds && isCrowded()) tiles.refreshOverview(bounds);
    },
    { flush: 'post' },
  );
  watch(
    marked,
    (now, before) => {
      if (now.size <= FEW && before.size <= FEW) return;
      // From over the tiles into them or back: all that is marked; else what came or went.
      const isSwitch = now.size > FEW !== before.size > FEW;
      tiles.invalidate(around(isSwitch ? [...now, ...before] : difference(now, before)));
    },
    { flush: 'post' },
  );
  watch(
    () => drag()?.nodes ?? null,
    (now, before) => {
      const links = [now, before].flatMap((nodes) => (nodes ? draggedLinks(nodes) : []));
      tiles.invalidate([...around([...(now ?? []), ...(before ?? [])]), ...spread(links)]);
    },
    { flush: 'post' },
  );
  watch(
    [scene, viewport, size, drag, theme, marked, severities, metrics, moments, strongLinks, drawnLinks],
    requestPaint,
    { flush: 'post' },
  );

  function resize(): void {
    const box = root.value?.getBoundingClientRect();
    if (!box || !surface.value) return;
    const isFirst = size.value.width === 0 && box.width > 0;
    size.value = { width: box.width, height: box.height };
    surface.value.width = Math.round(box.width * pixelRatio.value);
    surface.value.height = Math.round(box.height * pixelRatio.value);
    if (isFirst) {
      const kept = canvases.keptView(canvasId);
      if (kept) setView(kept);
      else firstView();
    }
    onFrame();
  }
  const observer = new ResizeObserver(resize);
  watch(pixelRatio, resize, { flush: 'post' });

  onMounted(() => {
    if (root.value) observer.observe(root.value);
    void window.document.fonts.ready.then(() => {
      tiles.invalidate(null);
      requestPaint();
    });
  });
  onBeforeUnmount(() => {
    canvases.viewports.set(canvasId, viewport.value);
    observer.disconnect();
    cancelAnimationFrame(frame);
    clearTimeout(rest);
    clearTimeout(overviewLater);
  });

  return { flowNodes, isPanned };
}

/** What is in one of the two only. */
function difference<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): readonly T[] {
  return [...a].filter((each) => !b.has(each)).concat([...b].filter((each) => !a.has(each)));
}

function changedKeys<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): readonly string[] {
  const changed = [...b].flatMap(([key, value]) => (a.get(key) === value ? [] : [key]));
  return changed.concat([...a.keys()].filter((key) => !b.has(key)));
}
