/**
 * Points of a study in the plane of two metrics. Others are small squares, one a pixel cell however many fall into it; those on
 * the front are discs, joined by a staircase where the front is one in this plane. Pure; the report's is core/report's.
 */
import type { Surface } from '#core/report/figures/surface.ts';
import type { Ink } from '#core/report/palette.ts';
import type { MetricColumn } from './columns.ts';
import { placeOn, type Scale, ticksOf } from './scale.ts';

export interface ScatterAxis {
  readonly column: MetricColumn;
  readonly scale: Scale;
  /** By point; not finite where there is none. */
  readonly numbers: Float64Array;
}

export interface Scatter {
  readonly x: ScatterAxis;
  readonly y: ScatterAxis;
  readonly front: ReadonlySet<number>;
  /** Points that a brush keeps; null keeps all. */
  readonly kept: Uint8Array | null;
}

export interface ScatterFrame {
  readonly width: number;
  readonly height: number;
}

const LEFT = 56;
const RIGHT = 16;
const TOP = 26;
const BOTTOM = 40;
const DOT = 3;
const FRONT_DOT = 8;

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Pixels of a point; null where it lacks a figure. */
export function scatterPlace({ x, y }: Scatter, { width, height }: ScatterFrame, point: number): Place | null {
  const across = placeOn(x.scale, x.numbers[point] ?? Number.NaN);
  const up = placeOn(y.scale, y.numbers[point] ?? Number.NaN);
  if (!Number.isFinite(across) || !Number.isFinite(up)) return null;
  return { x: LEFT + across * (width - RIGHT - LEFT), y: height - BOTTOM - up * (height - BOTTOM - TOP) };
}

/** The nearest point within `reach` pixels; of those equally near, one on the front. */
export function scatterHit(scatter: Scatter, frame: ScatterFrame, at: Place, reach = 14): number | null {
  let best: number | null = null;
  let least = reach * reach;
  for (let point = 0; point < scatter.x.numbers.length; point++) {
    if (scatter.kept?.[point] === 0) continue;
    const place = scatterPlace(scatter, frame, point);
    if (!place) continue;
    const distance = (place.x - at.x) ** 2 + (place.y - at.y) ** 2;
    if (distance < least || (distance === least && scatter.front.has(point))) {
      best = point;
      least = distance;
    }
  }
  return best;
}

/** Points in the order keys go through them: those on the front, or all that are kept, by x. */
export function scatterOrder({ x, y, front, kept }: Scatter, isFrontOnly: boolean): readonly number[] {
  const all = isFrontOnly ? [...front] : Array.from(x.numbers, (_, point) => point);
  return all
    .filter((point) => kept?.[point] !== 0 && Number.isFinite(x.numbers[point]) && Number.isFinite(y.numbers[point]))
    .sort((a, b) => x.numbers[a]! - x.numbers[b]! || y.numbers[a]! - y.numbers[b]!);
}

export function paintScatter(surface: Surface, scatter: Scatter, frame: ScatterFrame, ink: Ink): void {
  paintAxes(surface, scatter, frame, ink);
  const { width, height } = frame;
  const { front, kept } = scatter;
  const taken = new Uint8Array(Math.max(1, Math.ceil(width / 2) * Math.ceil(height / 2)));
  const across = Math.ceil(width / 2);
  const dot = (point: number, fill: string, opacity: number) => {
    const place = scatterPlace(scatter, frame, point);
    if (!place) return;
    const cell = (place.y >> 1) * across + (place.x >> 1);
    if (taken[cell] === 1) return;
    taken[cell] = 1;
    surface.rect(place.x - DOT / 2, place.y - DOT / 2, DOT, DOT, fill, { opacity });
  };
  const count = scatter.x.numbers.length;
  // What is kept first: it holds its cells against what is not.
  for (let point = 0; point < count; point++) if (kept?.[point] !== 0 && !front.has(point)) dot(point, ink.muted, 0.55);
  if (kept) for (let point = 0; point < count; point++) if (kept[point] === 0) dot(point, ink.muted, 0.14);
  const order = scatterOrder({ ...scatter, kept: null }, true);
  if (isStaircase(order, scatter)) paintStaircase(surface, order, scatter, frame, ink);
  for (const point of order) {
    const place = scatterPlace(scatter, frame, point);
    if (!place) continue;
    const opacity = kept?.[point] === 0 ? 0.3 : 1;
    const rim = FRONT_DOT + 2;
    surface.rect(place.x - rim / 2, place.y - rim / 2, rim, rim, ink.ground, { radius: rim / 2, opacity });
    surface.rect(place.x - FRONT_DOT / 2, place.y - FRONT_DOT / 2, FRONT_DOT, FRONT_DOT, ink.accent, {
      radius: FRONT_DOT / 2,
      opacity,
    });
  }
}

function paintAxes(surface: Surface, { x, y }: Scatter, { width, height }: ScatterFrame, ink: Ink): void {
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  const across = ticksOf(x.scale, Math.max(2, (right - LEFT) / 90), x.column.unit);
  const up = ticksOf(y.scale, Math.max(2, (bottom - TOP) / 44), y.column.unit);
  for (const { value, label } of across.ticks) {
    const at = LEFT + placeOn(x.scale, value) * (right - LEFT);
    surface.line(at, TOP, at, bottom, ink.grid);
    surface.text(at, bottom + 14, label, { fill: ink.muted, size: 10, anchor: 'middle' });
  }
  for (const { value, label } of up.ticks) {
    const at = bottom - placeOn(y.scale, value) * (bottom - TOP);
    surface.line(LEFT, at, right, at, ink.grid);
    surface.text(LEFT - 6, at + 3.5, label, { fill: ink.muted, size: 10, anchor: 'end' });
  }
  surface.line(LEFT, bottom, right, bottom, ink.muted);
  surface.line(LEFT, TOP, LEFT, bottom, ink.muted);
  surface.text(right, bottom + 31, titleOf(x, across.unit), { fill: ink.text, size: 11, anchor: 'end' });
  surface.text(8, 14, titleOf(y, up.unit), { fill: ink.text, size: 11 });
}

function titleOf({ column, scale }: ScatterAxis, unit: string): string {
  const parts = [unit, scale.isLog ? 'log' : ''].filter(Boolean).join(', ');
  return `${column.title}${parts === '' ? '' : ` (${parts})`} · ${column.better} is better`;
}

/** By x, ascending: y only ever gets better as x gets worse. */
function isStaircase(order: readonly number[], { x, y }: Scatter): boolean {
  const falls = x.column.better === y.column.better;
  return order.every((point, at) => {
    if (at === 0) return true;
    const [before, now] = [y.numbers[order[at - 1]!]!, y.numbers[point]!];
    return falls ? now <= before : now >= before;
  });
}

function paintStaircase(
  surface: Surface,
  order: readonly number[],
  scatter: Scatter,
  frame: ScatterFrame,
  ink: Ink,
): void {
  const corners: number[] = [];
  let before: Place | null = null;
  for (const point of order) {
    const place = scatterPlace(scatter, frame, point);
    if (!place) continue;
    if (before) corners.push(...(scatter.x.column.better === 'less' ? [place.x, before.y] : [before.x, place.y]));
    corners.push(place.x, place.y);
    before = place;
  }
  if (corners.length > 2) surface.path(corners, { stroke: ink.accent, width: 1.5 });
}
