/** Boxes, sizes of drawn nodes, port places and link curves; scene pixels at zoom 1. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export const NODE_WIDTH = 180;
export const NODE_HEIGHT = 52;
/** What is put somewhere by hand stands on. */
export const GRID = 4;
const PORT_PITCH = 16;
export const FRAME_PADDING = 20;
export const FRAME_HEADER = 28;

export function nodeHeight(inputs: number, outputs: number): number {
  return Math.max(NODE_HEIGHT, Math.min(12, Math.max(inputs, outputs)) * PORT_PITCH + 12);
}

/** Middle of port `index` of `count`, from the top of a node of that height. */
export function portOffset(index: number, count: number, height: number): number {
  return ((index + 1) * height) / (count + 1);
}

export function contains(box: Box, point: Point): boolean {
  return point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y && point.y <= box.y + box.height;
}

export function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** The smallest box around all; null when there is none. */
export function around(boxes: Iterable<Box>): Box | null {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width);
    bottom = Math.max(bottom, box.y + box.height);
  }
  return left > right ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

/** How far the curve's handles reach: half the way forwards, more for links that run back. */
export function curveReach(from: Point, to: Point): number {
  const forward = to.x - from.x;
  return forward >= 0 ? Math.max(24, Math.min(forward / 2, 120)) : Math.min(160, 48 - forward / 4);
}

/** A box the link's curve stays inside. */
export function linkBox(from: Point, to: Point): Box {
  // The curve lies within its handles; one that runs forwards reaches beyond neither end.
  const beyond = to.x - from.x >= 48 ? 0 : curveReach(from, to);
  return {
    x: Math.min(from.x, to.x) - beyond - 1,
    y: Math.min(from.y, to.y) - 1,
    width: Math.abs(to.x - from.x) + 2 * beyond + 2,
    height: Math.abs(to.y - from.y) + 2,
  };
}

export function linkPath(from: Point, to: Point): string {
  const reach = curveReach(from, to);
  return `M${from.x} ${from.y}C${from.x + reach} ${from.y} ${to.x - reach} ${to.y} ${to.x} ${to.y}`;
}

/** Distance from a point to the curve, by 16 chords: good to a pixel at drawn lengths. */
export function distanceToLink(from: Point, to: Point, point: Point): number {
  const reach = curveReach(from, to);
  let nearest = Number.POSITIVE_INFINITY;
  let previous = from;
  for (let i = 1; i <= 16; i++) {
    const t = i / 16;
    const s = 1 - t;
    const next = {
      x: s * s * s * from.x + 3 * s * s * t * (from.x + reach) + 3 * s * t * t * (to.x - reach) + t * t * t * to.x,
      y: (s * s * s + 3 * s * s * t) * from.y + (3 * s * t * t + t * t * t) * to.y,
    };
    nearest = Math.min(nearest, distanceToSegment(previous, next, point));
    previous = next;
  }
  return nearest;
}

function distanceToSegment(a: Point, b: Point, point: Point): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((point.x - a.x) * dx + (point.y - a.y) * dy) / length));
  return Math.hypot(point.x - a.x - t * dx, point.y - a.y - t * dy);
}
