/** Paints a side of a comparison: the drawing as on the canvas, muted where nothing differs, and the marks over it. */
import type { ChangeKind } from '#core/diff/changes.ts';
import { type Box, curveReach, overlaps } from '../canvas/geometry.ts';
import { type Inks, type NodeLook, type Painting, paintGround, paintMargin, type Viewport } from '../canvas/painter.ts';
import type { SceneNode } from '../canvas/scene.ts';
import { CHANGE_LOOKS } from './change-looks.ts';
import type { DiffScene } from './diff-scene.ts';

export interface DiffPainting {
  readonly drawn: DiffScene;
  readonly viewport: Viewport;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
  readonly inks: Inks;
  readonly markInks: Readonly<Record<ChangeKind, string>>;
  /** Scene nodes of the chosen change. */
  readonly selected: ReadonlySet<string>;
}

const OUTLINE = 2.5;
const SIGN = 16;
/** Narrower boxes, in screen pixels, have no room for a sign. */
const SIGNED_WIDTH = 20;

export function paintDiff(context: CanvasRenderingContext2D, painting: DiffPainting): void {
  const { drawn, viewport, width, height, pixelRatio, inks } = painting;
  const { zoom } = viewport;
  const margin = paintMargin(zoom) + SIGN / zoom;
  const seen: Box = {
    x: -viewport.x / zoom - margin,
    y: -viewport.y / zoom - margin,
    width: width / zoom + 2 * margin,
    height: height / zoom + 2 * margin,
  };
  const nodes = [...drawn.index.within(seen)].sort((a, b) => drawn.order.get(a.id)! - drawn.order.get(b.id)!);
  const links = drawn.links.within(seen);
  const ground: Painting = {
    scale: zoom * pixelRatio,
    origin: { x: viewport.x * pixelRatio, y: viewport.y * pixelRatio },
    width: width * pixelRatio,
    height: height * pixelRatio,
    zoom,
    inks,
    nodes,
    links: links.filter(({ mark }) => mark === null),
    look: (node) => lookOf(node, !drawn.marks.has(node.id)),
    place: (node) => node,
    hasCaptions: drawn.scene.nodes.length <= 120,
  };
  paintGround(context, ground);
  const scale = zoom * pixelRatio;
  context.setTransform(scale, 0, 0, scale, viewport.x * pixelRatio, viewport.y * pixelRatio);
  for (const link of links) {
    if (link.mark === null) continue;
    const reach = curveReach(link.from, link.to);
    stroke(context, link.mark, painting, () => {
      context.moveTo(link.from.x, link.from.y);
      context.bezierCurveTo(link.from.x + reach, link.from.y, link.to.x - reach, link.to.y, link.to.x, link.to.y);
    });
  }
  for (const node of nodes) {
    const kind = drawn.marks.get(node.id);
    if (painting.selected.has(node.id)) paintChosen(context, node, painting);
    if (kind) paintMark(context, node, kind, painting, seen);
  }
}

function lookOf(node: SceneNode, isMuted: boolean): NodeLook {
  return {
    isSelected: false,
    isHighlighted: false,
    isFound: false,
    isCursor: false,
    severity: null,
    metric: null,
    isMuted,
    detail: node.detail,
  };
}

function stroke(
  context: CanvasRenderingContext2D,
  kind: ChangeKind,
  { viewport, markInks }: DiffPainting,
  path: () => void,
): void {
  const pixel = 1 / viewport.zoom;
  context.strokeStyle = markInks[kind];
  context.lineWidth = OUTLINE * pixel;
  context.setLineDash(CHANGE_LOOKS[kind].dash.map((length) => length * pixel));
  context.beginPath();
  path();
  context.stroke();
  context.setLineDash([]);
}

function paintMark(
  context: CanvasRenderingContext2D,
  node: SceneNode,
  kind: ChangeKind,
  painting: DiffPainting,
  seen: Box,
): void {
  const pixel = 1 / painting.viewport.zoom;
  stroke(context, kind, painting, () => context.roundRect(node.x, node.y, node.width, node.height, 6));
  if (node.width * painting.viewport.zoom < SIGNED_WIDTH || !overlaps(node, seen)) return;
  const size = SIGN * pixel;
  const x = node.x + node.width - size / 2;
  const y = node.y - size / 2;
  context.fillStyle = painting.markInks[kind];
  context.beginPath();
  context.roundRect(x, y, size, size, kind === 'added' ? size / 2 : 3 * pixel);
  context.fill();
  context.fillStyle = painting.inks.surface;
  context.font = `700 ${13 * pixel}px ${painting.inks.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(CHANGE_LOOKS[kind].sign, x + size / 2, y + size / 2 + 0.5 * pixel);
  context.textAlign = 'start';
}

function paintChosen(context: CanvasRenderingContext2D, node: SceneNode, { viewport, inks }: DiffPainting): void {
  const gap = 5 / viewport.zoom;
  context.strokeStyle = inks.accent;
  context.lineWidth = 2 / viewport.zoom;
  context.beginPath();
  context.roundRect(node.x - gap, node.y - gap, node.width + 2 * gap, node.height + 2 * gap, 6 + gap);
  context.stroke();
}
