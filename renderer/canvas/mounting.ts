/**
 * Which nodes Vue mounts: those in view (and a margin) above a zoom threshold, at most a budget; a crowded view is
 * left to the painter. They come and go a few a frame, and none come while the view moves: the painter shows them meanwhile.
 */
import type { BoxIndex } from './box-index.ts';
import type { Box } from './geometry.ts';
import type { Viewport } from './painter.ts';
import type { SceneNode } from './scene.ts';

export const MOUNT_ZOOM = 0.5;
export const MOUNT_BUDGET = 100;
/** One that comes takes a millisecond or two of script, style and layout; one that goes, far less. */
export const MOUNTS_A_FRAME = 4;
export const UNMOUNTS_A_FRAME = 16;
const MARGIN = 150;

/** The part of the scene on screen, with `margin` screen pixels around. */
export function visibleBox(viewport: Viewport, width: number, height: number, margin = 0): Box {
  return {
    x: (-viewport.x - margin) / viewport.zoom,
    y: (-viewport.y - margin) / viewport.zoom,
    width: (width + 2 * margin) / viewport.zoom,
    height: (height + 2 * margin) / viewport.zoom,
  };
}

/** Ids to be mounted in the end; empty below the threshold or over budget. */
export function wantedNodes(
  index: BoxIndex<SceneNode>,
  viewport: Viewport,
  width: number,
  height: number,
): ReadonlySet<string> {
  if (viewport.zoom < MOUNT_ZOOM || width === 0) return new Set();
  const near = index.within(visibleBox(viewport, width, height, MARGIN), MOUNT_BUDGET * 2);
  const nodes = near.filter((node) => node.shape !== 'frame');
  if (nodes.length <= MOUNT_BUDGET) return new Set(nodes.map((node) => node.id));
  const inView = index
    .within(visibleBox(viewport, width, height), MOUNT_BUDGET * 2)
    .filter((node) => node.shape !== 'frame');
  return inView.length <= MOUNT_BUDGET ? new Set(inView.map((node) => node.id)) : new Set();
}

/** One frame's step from what is mounted to what is wanted: at most `mounts` come. */
export function nextMounted(
  mounted: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
  mounts = MOUNTS_A_FRAME,
): ReadonlySet<string> {
  const next = new Set(mounted);
  let leave = UNMOUNTS_A_FRAME;
  for (const id of mounted) {
    if (leave === 0) break;
    if (!wanted.has(id) && next.delete(id)) leave--;
  }
  let come = mounts;
  for (const id of wanted) {
    if (come === 0) break;
    if (next.has(id)) continue;
    next.add(id);
    come--;
  }
  return next.size === mounted.size && [...next].every((id) => mounted.has(id)) ? mounted : next;
}
