/**
 * Paints a scene on a 2D canvas under Vue Flow's viewport: links, frames and nodes at every zoom, text where it can
 * be read. The ground is what seldom changes and may be kept as tiles; marks and what is under way go over it each
 * frame. Mounted nodes lie opaque on top of their picture, so nothing flickers while they come and go.
 */
import type { Severity } from '#core/base/problem.ts';
import { noteLines, noteOf } from '#core/catalog/note.ts';
import { NOTE_PAPERS, type Theme } from '../widgets/palette.ts';
import { type Box, curveReach, FRAME_HEADER, type Point } from './geometry.ts';
import type { SceneNode } from './scene.ts';

export interface Viewport extends Point {
  readonly zoom: number;
}

export interface Inks {
  readonly theme: Theme;
  readonly canvas: string;
  readonly dot: string;
  readonly surface: string;
  readonly border: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly link: string;
  readonly accent: string;
  readonly error: string;
  readonly warning: string;
  readonly font: string;
}

export interface Painting {
  /** Device pixels a scene pixel, and where the scene's origin lies on the canvas in device pixels. */
  readonly scale: number;
  readonly origin: Point;
  /** Device pixels. */
  readonly width: number;
  readonly height: number;
  /** CSS pixels a scene pixel: decides what can be read. */
  readonly zoom: number;
  readonly inks: Inks;
  /** In drawing order, frames first. */
  readonly nodes: readonly SceneNode[];
  readonly links: readonly { readonly from: Point; readonly to: Point }[];
  readonly look: (node: SceneNode) => NodeLook;
  /** Where the node is now: moved while dragged. */
  readonly place: (node: SceneNode) => Point;
  /** Names under blocks: only where there are few. */
  readonly hasCaptions: boolean;
}

export interface NodeLook {
  readonly isSelected: boolean;
  readonly isHighlighted: boolean;
  readonly isFound: boolean;
  /** The keyboard is here. */
  readonly isCursor: boolean;
  readonly severity: Severity | null;
  /** Colour of the metric overlay. */
  readonly metric: string | null;
  /** An overlay is shown and has nothing to say of this node. */
  readonly isMuted: boolean;
  readonly detail: string;
}

export function readInks(root: HTMLElement, theme: Theme): Inks {
  const style = getComputedStyle(root);
  const token = (name: string) => style.getPropertyValue(name).trim();
  return {
    theme,
    canvas: token('--canvas'),
    dot: token('--canvas-dot'),
    surface: token('--surface'),
    border: token('--border-strong'),
    ink: token('--ink'),
    inkSoft: token('--ink-soft'),
    link: token('--link'),
    accent: token('--accent'),
    error: token('--error'),
    warning: token('--warning'),
    font: token('--font'),
  };
}

/** Below this zoom nodes are plain blocks in their category's colour; in a small drawing with their names below. */
const BLOCK_ZOOM = 0.36;
const CAPTION_ZOOM = 0.22;
/** Below this zoom names are written larger than drawn, so that they stay legible, and cut to fit. */
const TEXT_ZOOM = 0.5;
const SMALLEST_TEXT = 9;
const RADIUS = 6;
const DOT_PITCH = 24;
/** Links of one stroke: a path of thousands takes the rasteriser more than linear time. */
const LINKS_A_STROKE = 400;

/** How far from its box anything of a node is painted, scene pixels: stack edges, marks, captions. */
export function paintMargin(zoom: number): number {
  return Math.max(8, (SMALLEST_TEXT * 1.6) / zoom);
}

/** Background, frames, links and nodes: opaque. */
export function paintGround(context: CanvasRenderingContext2D, painting: Painting): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = painting.inks.canvas;
  context.fillRect(0, 0, painting.width, painting.height);
  paintDots(context, painting);
  paintThings(context, painting);
}

/** Frames, links and nodes over what is there already. */
export function paintThings(context: CanvasRenderingContext2D, painting: Painting): void {
  toScene(context, painting);
  for (const node of painting.nodes) if (node.shape === 'frame') paintFrame(context, painting, node);
  strokeLinks(context, painting, painting.inks.link, 1);
  if (painting.zoom < BLOCK_ZOOM) paintBlocks(context, painting);
  else
    for (const node of painting.nodes) {
      if (node.shape === 'note') paintNote(context, painting, node);
      else if (node.shape !== 'frame') paintNode(context, painting, node);
    }
}

/** Links that are chosen or under the pointer, and the edges of marked nodes. */
export function paintMarks(context: CanvasRenderingContext2D, painting: Painting): void {
  toScene(context, painting);
  strokeLinks(context, painting, painting.inks.accent, 1.6);
  const { zoom } = painting;
  const isBlock = zoom < BLOCK_ZOOM;
  const gap = isBlock ? 2 / zoom : 0;
  context.lineWidth = isBlock ? 2 / zoom : 2;
  for (const node of painting.nodes) {
    const look = painting.look(node);
    const colour = markOf(look, painting.inks);
    const { x, y } = painting.place(node);
    const ring = (out: number, radius: number) => {
      context.beginPath();
      context.roundRect(x - out, y - out, node.width + 2 * out, node.height + 2 * out, radius);
      context.stroke();
    };
    if (colour) {
      context.strokeStyle = colour;
      ring(gap, isBlock ? 0 : RADIUS);
    }
    if (!look.isCursor) continue;
    // Around the mounted node too, which covers its own box.
    const dash = 4 / Math.min(1, zoom);
    context.strokeStyle = painting.inks.ink;
    context.setLineDash([dash, dash]);
    ring(gap + dash, RADIUS + dash);
    context.setLineDash([]);
  }
}

function toScene(context: CanvasRenderingContext2D, { scale, origin }: Painting): void {
  context.setTransform(scale, 0, 0, scale, origin.x, origin.y);
}

function paintDots(context: CanvasRenderingContext2D, { scale, zoom, origin, width, height, inks }: Painting): void {
  let pitch = DOT_PITCH;
  while (pitch * zoom < 16) pitch *= 2;
  const step = pitch * scale;
  const size = (1.25 * scale) / zoom;
  context.fillStyle = inks.dot;
  for (let x = ((origin.x % step) + step) % step; x < width; x += step)
    for (let y = ((origin.y % step) + step) % step; y < height; y += step) context.fillRect(x, y, size, size);
}

function strokeLinks(
  context: CanvasRenderingContext2D,
  { zoom, links }: Painting,
  colour: string,
  weight: number,
): void {
  if (links.length === 0) return;
  context.strokeStyle = colour;
  // Never thinner than two thirds of a screen pixel, or dense graphs turn to mist.
  context.lineWidth = Math.max(1.25, 0.67 / zoom) * weight;
  for (let start = 0; start < links.length; start += LINKS_A_STROKE) {
    context.beginPath();
    for (const { from, to } of links.slice(start, start + LINKS_A_STROKE)) {
      context.moveTo(from.x, from.y);
      if (zoom < 0.15) context.lineTo(to.x, to.y);
      else {
        const reach = curveReach(from, to);
        context.bezierCurveTo(from.x + reach, from.y, to.x - reach, to.y, to.x, to.y);
      }
    }
    context.stroke();
  }
}

/** One fill a colour: 10,000 blocks are a dozen fills. */
function paintBlocks(context: CanvasRenderingContext2D, painting: Painting): void {
  const { inks, zoom } = painting;
  const byColour = new Map<string, Box[]>();
  const marks: { readonly box: Box; readonly colour: string }[] = [];
  for (const node of painting.nodes) {
    if (node.shape === 'frame') continue;
    const look = painting.look(node);
    const colour = look.metric ?? (look.isMuted ? inks.border : node.colour[inks.theme]);
    const box = { ...painting.place(node), width: node.width, height: node.height };
    const same = byColour.get(colour);
    if (same) same.push(box);
    else byColour.set(colour, [box]);
    const mark = markOf(look, inks);
    if (mark) marks.push({ box, colour: mark });
  }
  for (const [colour, boxes] of byColour) {
    context.fillStyle = colour;
    context.beginPath();
    for (const box of boxes) context.rect(box.x, box.y, box.width, box.height);
    context.fill();
  }
  if (painting.hasCaptions && zoom >= CAPTION_ZOOM) paintCaptions(context, painting);
  context.lineWidth = 2 / zoom;
  const gap = 2 / zoom;
  for (const { box, colour } of marks) {
    context.strokeStyle = colour;
    context.strokeRect(box.x - gap, box.y - gap, box.width + 2 * gap, box.height + 2 * gap);
  }
}

function paintCaptions(context: CanvasRenderingContext2D, painting: Painting): void {
  const { inks, zoom } = painting;
  const pixels = SMALLEST_TEXT / zoom;
  context.textBaseline = 'top';
  context.textAlign = 'center';
  context.font = `${pixels}px ${inks.font}`;
  context.fillStyle = inks.inkSoft;
  for (const node of painting.nodes) {
    if (node.shape === 'frame') continue;
    const { x, y } = painting.place(node);
    // Nodes stand at least a third of their width apart.
    const text = shortened(node.title, node.width * 1.3, pixels);
    if (text) context.fillText(text, x + node.width / 2, y + node.height + pixels / 3);
  }
  context.textAlign = 'start';
}

/** The title cut to `room`, by the mean width of a letter; empty when three letters do not fit. */
function shortened(title: string, room: number, pixels: number): string {
  const letters = Math.floor(room / (pixels * 0.56));
  if (letters < 4) return '';
  return title.length <= letters ? title : `${title.slice(0, letters - 1)}…`;
}

function markOf(look: NodeLook, inks: Inks): string | null {
  if (look.isSelected || look.isHighlighted || look.isFound) return inks.accent;
  if (look.severity === 'error') return inks.error;
  return look.severity === 'warning' ? inks.warning : null;
}

function paintNode(context: CanvasRenderingContext2D, painting: Painting, node: SceneNode): void {
  const { inks, zoom } = painting;
  const look = painting.look(node);
  const { x, y } = painting.place(node);
  const { width, height } = node;
  if (node.shape === 'group') {
    // Two edges behind: a stack.
    context.fillStyle = inks.surface;
    context.strokeStyle = inks.border;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(x + 4, y + 4, width, height, RADIUS);
    context.fill();
    context.stroke();
  }
  context.fillStyle = inks.surface;
  context.beginPath();
  context.roundRect(x, y, width, height, RADIUS);
  context.fill();
  context.save();
  context.clip();
  context.fillStyle = node.colour[inks.theme];
  context.fillRect(x, y, 4, height);
  if (look.metric) {
    context.fillStyle = look.metric;
    context.fillRect(x + 4, y + height - 6, width - 4, 6);
  }
  if (zoom >= TEXT_ZOOM) {
    context.textBaseline = 'alphabetic';
    context.font = `600 12px ${inks.font}`;
    context.fillStyle = inks.ink;
    context.fillText(node.title, x + 34, y + 21, width - 42);
    context.font = `11px ${inks.font}`;
    context.fillStyle = inks.inkSoft;
    context.fillText(look.detail, x + 34, y + 38, width - 42);
  } else {
    const pixels = SMALLEST_TEXT / zoom;
    context.textBaseline = 'middle';
    context.font = `600 ${pixels}px ${inks.font}`;
    context.fillStyle = inks.ink;
    context.fillText(shortened(node.title, width - 20, pixels), x + 12, y + height / 2);
  }
  context.restore();
  const mark = markOf(look, inks);
  context.strokeStyle = mark ?? inks.border;
  context.lineWidth = mark ? 2 : 1;
  context.beginPath();
  context.roundRect(x, y, width, height, RADIUS);
  context.stroke();
}

/** Lines of text that fit the width, by the mean width of a letter; the last one cut where there are more. */
function wrapped(lines: readonly string[], letters: number, most: number): readonly string[] {
  const made: string[] = [];
  for (const line of lines) {
    let now = '';
    for (const word of line.split(/\s+/)) {
      if (now !== '' && now.length + 1 + word.length > letters) {
        made.push(now);
        now = word;
      } else now = now === '' ? word : `${now} ${word}`;
    }
    made.push(now);
    if (made.length > most) break;
  }
  return made.length > most ? [...made.slice(0, most - 1), `${made[most - 1]?.slice(0, letters - 1) ?? ''}…`] : made;
}

/** Paper with its words; Vue's own card, which shows more, lies over it where nodes are mounted. */
function paintNote(context: CanvasRenderingContext2D, painting: Painting, node: SceneNode): void {
  const { inks, zoom } = painting;
  const { x, y } = painting.place(node);
  const { text, colour } = noteOf(node.node.parameters);
  const { ground, edge } = NOTE_PAPERS[colour];
  context.fillStyle = ground[inks.theme];
  context.strokeStyle = markOf(painting.look(node), inks) ?? edge[inks.theme];
  context.lineWidth = 1;
  context.beginPath();
  context.roundRect(x, y, node.width, node.height, 2);
  context.fill();
  context.stroke();
  const pixels = Math.max(12, SMALLEST_TEXT / zoom);
  const pitch = pixels * 1.34;
  const letters = Math.floor((node.width - 16) / (pixels * 0.56));
  const most = Math.floor((node.height - 12) / pitch);
  if (letters < 4 || most < 1) return;
  context.font = `${pixels}px ${inks.font}`;
  context.fillStyle = inks.ink;
  context.textBaseline = 'top';
  wrapped(noteLines(text), letters, most).forEach((line, at) => {
    context.fillText(line, x + 8, y + 8 + at * pitch, node.width - 16);
  });
}

function paintFrame(context: CanvasRenderingContext2D, painting: Painting, node: SceneNode): void {
  const { inks, zoom } = painting;
  const look = painting.look(node);
  const { x, y } = painting.place(node);
  context.beginPath();
  context.roundRect(x, y, node.width, node.height, 8);
  context.globalAlpha = inks.theme === 'light' ? 0.06 : 0.1;
  context.fillStyle = node.colour[inks.theme];
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = markOf(look, inks) ?? inks.border;
  context.lineWidth = Math.max(look.isSelected ? 2 : 1, 0.67 / zoom);
  context.stroke();
  if (zoom * 12 < 5) return;
  context.save();
  context.beginPath();
  context.rect(x, y, node.width, FRAME_HEADER);
  context.clip();
  context.font = `600 12px ${inks.font}`;
  context.fillStyle = inks.inkSoft;
  context.textBaseline = 'alphabetic';
  context.fillText(`▾ ${node.title}${node.repeats > 1 ? `  ×${node.repeats}` : ''}`, x + 12, y + 19);
  context.restore();
}
