/** A drawn graph as boxes and arrows, scaled to a width; the same boxes, colours and places as on the canvas. */
import type { Ink } from '../palette.ts';
import { type DrawnLink, type GraphDrawing, NODE_HEIGHT, NODE_WIDTH } from './drawing.ts';
import { fitText, type Surface } from './surface.ts';

const STUB = 16;

/** Height in pixels of the drawing at that width; never larger than at its natural size. */
export function graphHeight(drawing: GraphDrawing, width: number): number {
  return drawing.height * scaleOf(drawing, width);
}

function scaleOf(drawing: GraphDrawing, width: number): number {
  return Math.min(0.8, width / Math.max(1, drawing.width));
}

export function paintGraph(surface: Surface, drawing: GraphDrawing, width: number, ink: Ink): void {
  const scale = scaleOf(drawing, width);
  const shift = (width - drawing.width * scale) / 2;
  const at = (index: number) => {
    const node = drawing.nodes[index]!;
    return { x: shift + node.x * scale, y: node.y * scale };
  };
  const boxWidth = NODE_WIDTH * scale;
  const boxHeight = NODE_HEIGHT * scale;
  for (const link of drawing.links) paintLink(surface, drawing, link, at, scale, ink);
  drawing.nodes.forEach((node, index) => {
    const { x, y } = at(index);
    surface.rect(x, y, boxWidth, boxHeight, ink.ground, {
      stroke: ink.muted,
      strokeWidth: 0.75,
      radius: 4 * scale,
      title: node.detail ? `${node.name}: ${node.detail}` : node.name,
    });
    surface.rect(x, y, 6 * scale, boxHeight, ink.hue(node.hue), { radius: 3 * scale });
    if (!drawing.isLabelled) return;
    const size = 13 * scale;
    const room = boxWidth - 16 * scale;
    const name = fitText(node.name, room, size);
    surface.text(x + 12 * scale, y + boxHeight * (node.detail ? 0.42 : 0.58), name, {
      fill: ink.text,
      size,
      bold: true,
    });
    if (node.detail)
      surface.text(x + 12 * scale, y + boxHeight * 0.78, fitText(node.detail, room, size * 0.85), {
        fill: ink.muted,
        size: size * 0.85,
      });
  });
}

function paintLink(
  surface: Surface,
  drawing: GraphDrawing,
  link: DrawnLink,
  at: (index: number) => { readonly x: number; readonly y: number },
  scale: number,
  ink: Ink,
): void {
  const from = at(link.from);
  const to = at(link.to);
  const [w, h] = [NODE_WIDTH * scale, NODE_HEIGHT * scale];
  const style = { stroke: ink.muted, width: Math.max(0.5, scale), arrow: true };
  const isSameStrip = drawing.strips[link.from] === drawing.strips[link.to];
  const stub = STUB * scale;
  if (drawing.isHorizontal) {
    const [x1, y1, x2, y2] = [from.x + w, from.y + h / 2, to.x, to.y + h / 2];
    if (!isSameStrip) {
      surface.path([x1, y1, x1 + stub, y1], { ...style, dashed: true });
      surface.path([x2 - stub, y2, x2, y2], { ...style, dashed: true });
    } else if (x2 > x1) {
      const middle = Math.abs(y1 - y2) < 0.5 ? [] : [(x1 + x2) / 2, y1, (x1 + x2) / 2, y2];
      surface.path([x1, y1, ...middle, x2, y2], style);
    } else surface.path([from.x + w / 2, from.y + h, to.x + w / 2, to.y], style);
  } else {
    const [x1, y1, x2, y2] = [from.x + w / 2, from.y + h, to.x + w / 2, to.y];
    if (!isSameStrip) {
      surface.path([x1, y1, x1, y1 + stub], { ...style, dashed: true });
      surface.path([x2, y2 - stub, x2, y2], { ...style, dashed: true });
    } else if (y2 > y1) {
      const middle = Math.abs(x1 - x2) < 0.5 ? [] : [x1, (y1 + y2) / 2, x2, (y1 + y2) / 2];
      surface.path([x1, y1, ...middle, x2, y2], style);
    } else surface.path([from.x + w, from.y + h / 2, to.x, to.y + h / 2], style);
  }
}
