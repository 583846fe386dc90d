/**
 * Points of a study in the plane of two of its metrics, those on the Pareto front joined by the staircase below which no
 * point lies: everything up and right of it (for metrics of which less is better) is beaten.
 */
import { formatQuantity, type Unit } from '#core/base/quantity.ts';
import type { Ink } from '../palette.ts';
import { axisScale, ticks } from './axis.ts';
import type { Surface } from './surface.ts';

export interface FrontAxis {
  readonly title: string;
  readonly unit: Unit;
  readonly better: 'less' | 'more';
}

export interface FrontPlot {
  readonly x: FrontAxis;
  readonly y: FrontAxis;
  readonly points: readonly {
    readonly x: number;
    readonly y: number;
    readonly title: string;
    readonly isOnFront: boolean;
  }[];
}

export interface FrontStyle {
  readonly width: number;
  readonly height: number;
  readonly ink: Ink;
}

const LEFT = 64;
const RIGHT = 20;
const TOP = 26;
const BOTTOM = 42;
const POINT = 5;
const FRONT_POINT = 8;

export function paintFront(surface: Surface, { x, y, points }: FrontPlot, { width, height, ink }: FrontStyle): void {
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  const across = spanOf(points.map((point) => point.x));
  const up = spanOf(points.map((point) => point.y));
  const toX = (value: number) => LEFT + ((value - across.from) / (across.to - across.from)) * (right - LEFT);
  const toY = (value: number) => bottom - ((value - up.from) / (up.to - up.from)) * (bottom - TOP);
  const xTicks = ticks(across.from, across.to, (right - LEFT) / 90, x.unit);
  const yTicks = ticks(up.from, up.to, (bottom - TOP) / 44, y.unit);
  const [xScale, yScale] = [axisScale(xTicks, x.unit), axisScale(yTicks, y.unit)];
  for (const value of xTicks) {
    surface.line(toX(value), TOP, toX(value), bottom, ink.grid);
    surface.text(toX(value), bottom + 14, xScale.label(value), { fill: ink.muted, size: 10, anchor: 'middle' });
  }
  for (const value of yTicks) {
    surface.line(LEFT, toY(value), right, toY(value), ink.grid);
    surface.text(LEFT - 8, toY(value) + 3.5, yScale.label(value), { fill: ink.muted, size: 10, anchor: 'end' });
  }
  surface.line(LEFT, bottom, right, bottom, ink.muted);
  surface.line(LEFT, TOP, LEFT, bottom, ink.muted);
  surface.text(right, bottom + 32, axisTitle(x, xScale.unit), { fill: ink.muted, size: 10, anchor: 'end' });
  surface.text(8, 14, axisTitle(y, yScale.unit), { fill: ink.muted, size: 10 });

  const front = points.filter(({ isOnFront }) => isOnFront).sort((a, b) => a.x - b.x || a.y - b.y);
  // A front of more than two metrics is no staircase in this plane; then its points stand alone.
  if (isStaircase(front, x, y)) paintStaircase(surface, front, toX, toY, x.better, ink);
  for (const point of points) if (!point.isOnFront) disc(point, POINT, ink.muted, 0.45);
  for (const point of front) disc(point, FRONT_POINT, ink.accent, 1);

  function disc(point: FrontPlot['points'][number], size: number, fill: string, opacity: number): void {
    const title = `${point.title}: ${formatQuantity(point.x, x.unit)}, ${formatQuantity(point.y, y.unit)}`;
    const style = { radius: size / 2, opacity, title };
    surface.rect(toX(point.x) - size / 2, toY(point.y) - size / 2, size, size, fill, style);
  }
}

/** With a margin on both sides; never empty. */
function spanOf(values: readonly number[]): { readonly from: number; readonly to: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (!(least <= most)) return { from: 0, to: 1 };
  const margin = (most - least || Math.abs(most) || 1) * 0.06;
  return { from: least >= 0 ? Math.max(0, least - margin) : least - margin, to: most + margin };
}

function axisTitle({ title, better }: FrontAxis, unit: string): string {
  return `${title}${unit === '' ? '' : `, ${unit}`} (${better} is better)`;
}

/** By x, ascending: y only ever gets better as x gets worse. */
function isStaircase(front: FrontPlot['points'], x: FrontAxis, y: FrontAxis): boolean {
  const falls = x.better === y.better;
  return front.every((point, at) => at === 0 || (falls ? point.y <= front[at - 1]!.y : point.y >= front[at - 1]!.y));
}

function paintStaircase(
  surface: Surface,
  front: FrontPlot['points'],
  toX: (value: number) => number,
  toY: (value: number) => number,
  better: FrontAxis['better'],
  ink: Ink,
): void {
  const corners = front.flatMap((point, at) => {
    const before = front[at - 1];
    if (!before) return [toX(point.x), toY(point.y)];
    const corner = better === 'less' ? [toX(point.x), toY(before.y)] : [toX(before.x), toY(point.y)];
    return [...corner, toX(point.x), toY(point.y)];
  });
  if (corners.length > 2) surface.path(corners, { stroke: ink.accent, width: 1.5 });
}
