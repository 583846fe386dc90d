/**
 * Cycles over the total depth of all FIFOs: the Pareto front as a staircase falling at each point, the drawing as it is, and
 * unbounded FIFOs below. Totals by factors where the range is wide.
 */
import { axisScale, ticks } from '#core/report/figures/axis.ts';
import { type Surface, textWidth } from '#core/report/figures/surface.ts';
import type { Hue, Ink } from '#core/report/palette.ts';
import type { FrontPoint, Total } from '#core/run/fabric/fifo-depths.ts';

export interface DepthsPlot {
  readonly points: readonly FrontPoint[];
  readonly total: Total;
  readonly fullSpeed: number | null;
  /** The drawing the run was of; cycles null where it deadlocks. */
  readonly drawn: { readonly total: number; readonly cycles: number | null };
}

export interface DepthsPlotStyle {
  readonly width: number;
  readonly height: number;
  readonly ink: Ink;
  readonly selected: number | null;
}

export const FRONT_HUE: Hue = 'stream';
export const DRAWN_HUE: Hue = 'off-chip';
const LEFT = 66;
const RIGHT = 18;
const TOP = 30;
const BOTTOM = 38;
/** Largest ÷ smallest total from which equal factors take equal room. */
const WIDE = 20;
const REACH = 9;

interface Frame {
  readonly x: (total: number) => number;
  readonly y: (cycles: number) => number;
  readonly across: readonly number[];
  readonly up: readonly number[];
}

function frameOf({ points, total, drawn, fullSpeed }: DepthsPlot, width: number, height: number): Frame {
  const totals = [...points.map((point) => point[total]), drawn.total];
  const cycles = [...points.map((point) => point.cycles), drawn.cycles, fullSpeed].filter((value) => value !== null);
  const [from, to] = [Math.min(...totals), Math.max(...totals)];
  const isLog = from > 0 && to / from >= WIDE;
  const [least, most] = [Math.min(...cycles), Math.max(...cycles)];
  // The axis begins where the best is; a little room keeps marks off the edges.
  const spare = Math.max(1, (most - least) * 0.08);
  const [low, high] = [Math.max(0, least - spare), most + spare];
  const pad = isLog ? (to / from) ** 0.04 : Math.max(1, (to - from) * 0.04);
  const [first, last] = isLog ? [from / pad, to * pad] : [Math.max(0, from - pad), to + pad];
  const share = (value: number) =>
    isLog ? Math.log(Math.max(value, first) / first) / Math.log(last / first) : (value - first) / (last - first);
  return {
    x: (value) => LEFT + share(value) * (width - LEFT - RIGHT),
    y: (value) => height - BOTTOM - ((value - low) / (high - low)) * (height - TOP - BOTTOM),
    across: isLog ? powers(first, last) : ticks(first, last, Math.max(2, width / 110), ''),
    up: ticks(low, high, Math.max(2, (height - TOP - BOTTOM) / 44), 'cycles'),
  };
}

function powers(from: number, to: number): readonly number[] {
  const found: number[] = [];
  const by = to / from > 1e4 ? 10 : 2;
  for (let value = by ** Math.ceil(Math.log(from) / Math.log(by)); value <= to; value *= by) found.push(value);
  return found;
}

export function paintDepths(
  surface: Surface,
  plot: DepthsPlot,
  { width, height, ink, selected }: DepthsPlotStyle,
): void {
  if (width < LEFT + RIGHT + 60 || height < TOP + BOTTOM + 40) return;
  const frame = frameOf(plot, width, height);
  const { points, total, drawn, fullSpeed } = plot;
  const [bottom, right] = [height - BOTTOM, width - RIGHT];
  const scale = axisScale(frame.up, 'cycles');
  for (const value of frame.up) {
    surface.line(LEFT, frame.y(value), right, frame.y(value), ink.grid);
    surface.text(LEFT - 8, frame.y(value) + 3.5, scale.label(value), { fill: ink.muted, size: 10, anchor: 'end' });
  }
  let free = Number.NEGATIVE_INFINITY;
  for (const value of frame.across) {
    const at = frame.x(value);
    surface.line(at, TOP, at, bottom, ink.grid);
    const label = value.toLocaleString('en-GB');
    const half = textWidth(label, 10) / 2;
    if (at - half < free) continue;
    surface.text(at, bottom + 14, label, { fill: ink.muted, size: 10, anchor: 'middle' });
    free = at + half + 10;
  }
  surface.text(8, 14, `Cycles over total depth (${scale.unit})`, { fill: ink.text, size: 11, bold: true });
  surface.text(right, bottom + 30, `${total} in all FIFOs`, { fill: ink.muted, size: 10, anchor: 'end' });
  if (fullSpeed !== null) {
    surface.line(LEFT, frame.y(fullSpeed), right, frame.y(fullSpeed), ink.muted, { dashed: true });
    surface.text(LEFT + 6, frame.y(fullSpeed) + 12, 'unbounded FIFOs', { fill: ink.muted, size: 10 });
  }
  const stairs = points.flatMap((point, index) => {
    const next = points[index + 1];
    const y = frame.y(point.cycles);
    return [frame.x(point[total]), y, next ? frame.x(next[total]) : right, y];
  });
  if (stairs.length > 0) surface.path(stairs, { stroke: ink.hue(FRONT_HUE), width: 1.5 });
  const disc = (x: number, y: number, across: number, fill: string) =>
    surface.rect(x - across / 2, y - across / 2, across, across, fill, { radius: across / 2 });
  if (drawn.cycles !== null) {
    const [x, y] = [frame.x(drawn.total), frame.y(drawn.cycles)];
    surface.rect(x - 5, y - 5, 10, 10, ink.hue(DRAWN_HUE));
    surface.rect(x - 3, y - 3, 6, 6, ink.ground);
  }
  points.forEach((point, index) => {
    const [x, y] = [frame.x(point[total]), frame.y(point.cycles)];
    if (index === selected) {
      surface.line(x, TOP, x, bottom, ink.accent);
      disc(x, y, 13, ink.accent);
    }
    disc(x, y, 9, ink.ground);
    disc(x, y, 7, ink.hue(FRONT_HUE));
  });
}

/** The nearest point under a place of the figure; null when none is near. */
export function depthsHit(plot: DepthsPlot, width: number, height: number, x: number, y: number): number | null {
  const frame = frameOf(plot, width, height);
  let best: number | null = null;
  let nearest = REACH;
  plot.points.forEach((point, index) => {
    const away = Math.hypot(frame.x(point[plot.total]) - x, frame.y(point.cycles) - y);
    if (away > nearest) return;
    nearest = away;
    best = index;
  });
  return best;
}
