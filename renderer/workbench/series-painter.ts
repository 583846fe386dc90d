/**
 * Levels over the ticks of a simulation, one plot below the other on the same axis: title and unit, the series as a filled
 * staircase (the largest value of each pixel), a dashed line for the limit, the playhead.
 */
import { formatQuantity, type Unit } from '#core/base/quantity.ts';
import { fitText, type Surface } from '#core/report/figures/surface.ts';
import { paintTimeAxis } from '#core/report/figures/time-axis.ts';
import type { Hue, Ink } from '#core/report/palette.ts';
import type { DecodedSeries } from '#core/report/simulation/data.ts';
import type { Range } from './range.ts';

export interface SeriesPlot {
  readonly title: string;
  readonly unit: Unit;
  readonly series: DecodedSeries;
  /** A value of the series × this is in `unit`. */
  readonly scale: number;
  /** What it cannot go beyond, in `unit`. */
  readonly limit: { readonly value: number; readonly title: string } | null;
  readonly hue: Hue;
}

export interface SeriesFrame {
  readonly width: number;
  readonly height: number;
  readonly ink: Ink;
  readonly playhead: number | null;
}

export const SERIES_GUTTER = 84;
const LEAST_PLOT = 84;
const AXIS = 34;
const HEAD = 20;
const FOOT = 8;

export function seriesHeight(plots: number): number {
  return AXIS + plots * LEAST_PLOT;
}

export function paintSeries(surface: Surface, plots: readonly SeriesPlot[], view: Range, frame: SeriesFrame): void {
  const { width, height, ink, playhead } = frame;
  paintTimeAxis(surface, view, { left: SERIES_GUTTER, right: width, top: AXIS, bottom: height, ink });
  const each = (height - AXIS) / Math.max(1, plots.length);
  plots.forEach((plot, at) => {
    paintPlot(surface, plot, view, frame, { top: AXIS + at * each, height: each });
  });
  if (playhead === null || playhead < view.from || playhead > view.to) return;
  const x = SERIES_GUTTER + ((playhead - view.from) / (view.to - view.from)) * (width - SERIES_GUTTER);
  surface.line(x, 0, x, height, ink.accent, { width: 2 });
}

function paintPlot(
  surface: Surface,
  plot: SeriesPlot,
  view: Range,
  { width, ink }: SeriesFrame,
  place: { readonly top: number; readonly height: number },
): void {
  const { series, scale, limit, unit } = plot;
  const bottom = place.top + place.height - FOOT;
  const room = bottom - place.top - HEAD;
  const most = Math.max(limit?.value ?? 0, largest(series) * scale) || 1;
  const y = (value: number) => bottom - (value / most) * room;
  const say = (value: number) => formatQuantity(value, unit);
  surface.text(SERIES_GUTTER + 6, place.top + 14, fitText(plot.title, width - SERIES_GUTTER - 12, 11), {
    fill: ink.text,
    size: 11,
    bold: true,
  });
  surface.text(SERIES_GUTTER - 6, y(most) + 4, say(most), { fill: ink.muted, size: 10, anchor: 'end' });
  surface.text(SERIES_GUTTER - 6, bottom + 3, '0', { fill: ink.muted, size: 10, anchor: 'end' });
  surface.line(SERIES_GUTTER, bottom, width, bottom, ink.muted);
  surface.clip(SERIES_GUTTER, place.top, width - SERIES_GUTTER, place.height, () => {
    const perPixel = (view.to - view.from) / (width - SERIES_GUTTER);
    const points: number[] = [];
    for (let x = SERIES_GUTTER; x < width; x++) {
      const from = view.from + (x - SERIES_GUTTER) * perPixel;
      const value = largest(series, from, from + perPixel) * scale;
      const top = y(value);
      if (value > 0) surface.rect(x, top, 1, bottom - top, ink.hue(plot.hue), { opacity: 0.3 });
      if (points.length > 0 && points.at(-1) !== top) points.push(x, points.at(-1)!);
      points.push(x, top);
    }
    surface.path(points, { stroke: ink.hue(plot.hue), width: 1.5 });
  });
  if (!limit) return;
  surface.line(SERIES_GUTTER, y(limit.value), width, y(limit.value), ink.danger, { dashed: true });
  surface.text(width - 4, y(limit.value) - 3, limit.title, { fill: ink.danger, size: 10, anchor: 'end' });
}

/** Of the values that hold in [from, to) ticks; 0 where there are none. */
function largest({ bucket, values }: DecodedSeries, from = 0, to = Number.POSITIVE_INFINITY): number {
  const first = Math.max(0, Math.floor(from / bucket));
  const last = Math.min(values.length, Math.max(first + 1, Math.ceil(to / bucket)));
  let most = 0;
  for (let at = first; at < last; at++) most = Math.max(most, values[at]!);
  return most;
}
