/**
 * Gantt of a simulation: one row a core (or a part of one), what a task does in its colour, waiting hatched one way for
 * what comes in and the other for what goes out, being reconfigured dark. Stages are told by lines, the playhead is one.
 * Intervals narrower than a pixel are merged, a pixel at a time, as strong as the share of it that is busy.
 */
import { formatQuantity } from '#core/base/quantity.ts';
import { fitName, sharedStartOf } from '../figures/short-names.ts';
import { fitText, type Surface, textWidth } from '../figures/surface.ts';
import { paintTimeAxis, type TimeView } from '../figures/time-axis.ts';
import type { Ink } from '../palette.ts';
import { firstEndingAfter, firstStartingFrom, intervalAt } from '../run-data.ts';
import { groupOf, type SimulationData, stateOf } from './data.ts';

export interface StagePainting {
  readonly width: number;
  readonly ink: Ink;
  /** The task that stands out; null for none. */
  readonly selected: number | null;
  /** Ticks; null where there is none. */
  readonly playhead: number | null;
}

export const STAGE_GUTTER = 168;
const AXIS = 34;
const ROW = 22;
const GAP = 4;
const FADED = 0.3;
/** Pixels between two strokes of a hatching. */
const HATCH = 6;
/** Entries looked at where intervals are merged: a shade, not a count. */
const SAMPLES = 64;

export function stageHeight(rows: number): number {
  return AXIS + rows * (ROW + GAP) + GAP;
}

export function paintStages(surface: Surface, data: SimulationData, view: TimeView, painting: StagePainting): void {
  const { ink, width, playhead } = painting;
  const height = stageHeight(data.rows.length);
  const perPixel = (view.to - view.from) / (width - STAGE_GUTTER);
  const xOf = (tick: number) => STAGE_GUTTER + (tick - view.from) / perPixel;
  paintTimeAxis(surface, view, { left: STAGE_GUTTER, right: width, top: AXIS, bottom: height, ink });
  data.rows.forEach((_, row) => {
    const y = rowTop(row);
    const share = data.makespan > 0 ? busyTicks(data, row) / data.makespan : 0;
    surface.text(8, y + ROW / 2 + 4, fitText(rowTitle(data, row), STAGE_GUTTER - 60, 11), { fill: ink.text, size: 11 });
    surface.text(STAGE_GUTTER - 8, y + ROW / 2 + 4, formatQuantity(share, '1'), {
      fill: ink.muted,
      size: 10,
      anchor: 'end',
    });
    surface.line(STAGE_GUTTER, y + ROW + GAP / 2, width, y + ROW + GAP / 2, ink.grid);
  });
  surface.clip(STAGE_GUTTER, 0, width - STAGE_GUTTER, height, () => {
    data.rows.forEach((_, row) => {
      paintRow(surface, data, row, view, painting);
    });
    const stages = data.stages.length < 2 ? [] : data.stages;
    let free = Number.NEGATIVE_INFINITY;
    for (const { stage, start } of stages) {
      const x = xOf(start);
      surface.line(x, AXIS - 8, x, height, ink.text, { dashed: true });
      const title = `stage ${stage}`;
      // A stage too short for its title is told by its line alone.
      if (x < free) continue;
      surface.text(x + 3, AXIS - 2, title, { fill: ink.text, size: 9 });
      free = x + 6 + textWidth(title, 9);
    }
    if (playhead !== null) {
      surface.line(xOf(playhead), 0, xOf(playhead), height, ink.ground, { width: 4 });
      surface.line(xOf(playhead), 0, xOf(playhead), height, ink.accent, { width: 2 });
    }
  });
}

/** A core's name; with the task's where the core's tasks run at the same time. */
export function rowTitle({ rows, intervals, result }: SimulationData, row: number): string {
  const { lane, tasks } = rows[row]!;
  const core = intervals.lanes[lane]!.title;
  const isShared = rows.filter((other) => other.lane === lane).length > 1;
  const names = tasks.map((task) => result.tasks[task]!.name).join(', ');
  return isShared ? `${core} · ${names}` : core;
}

function busyTicks({ rows, result }: SimulationData, row: number): number {
  return rows[row]!.tasks.reduce((sum, task) => sum + result.tasks[task]!.busy, 0);
}

function rowTop(row: number): number {
  return AXIS + GAP + row * (ROW + GAP);
}

function paintRow(surface: Surface, data: SimulationData, row: number, view: TimeView, painting: StagePainting): void {
  const { intervals, hues, result } = data;
  const { ink, selected, width } = painting;
  const shared = sharedStartOf(result, () => result.tasks.map(({ name }) => name));
  const y = rowTop(row);
  const perPixel = (view.to - view.from) / (width - STAGE_GUTTER);
  const xOf = (tick: number) => STAGE_GUTTER + (tick - view.from) / perPixel;
  const last = intervals.laneFirst[row + 1]!;
  let at = firstEndingAfter(intervals, row, view.from);
  while (at < last && intervals.start[at]! < view.to) {
    const [start, end, task] = [intervals.start[at]!, intervals.end[at]!, intervals.operator[at]!];
    const isFaded = selected !== null && task !== selected;
    const hue = hues[task]!;
    if (end - start >= perPixel) {
      const x = Math.max(xOf(start), STAGE_GUTTER - HATCH);
      const box = { x, y, width: Math.min(xOf(end), width + HATCH) - x, height: ROW };
      const opacity = isFaded ? FADED : 1;
      switch (groupOf(stateOf(data, at))) {
        case 'busy': {
          surface.rect(box.x, y, box.width, ROW, ink.hue(hue), { opacity });
          const label = box.width > 30 && !isFaded ? fitName(result.tasks[task]!.name, shared, box.width - 8, 10) : '';
          if (label)
            surface.text(Math.max(x, STAGE_GUTTER) + 4, y + ROW / 2 + 3.5, label, { fill: ink.onHue(hue), size: 10 });
          break;
        }
        case 'reconfigure':
          surface.rect(box.x, y, box.width, ROW, ink.hue('reconfigure'), { opacity });
          break;
        case 'in':
        case 'out':
          surface.rect(box.x, y, box.width, ROW, ink.hue(hue), { opacity: 0.22 * opacity });
          hatch(surface, box, groupOf(stateOf(data, at)) === 'in' ? 1 : -1, isFaded ? ink.grid : ink.muted);
          break;
        case 'mixed':
          surface.rect(box.x, y, box.width, ROW, ink.hue(hue), { opacity: 0.6 * opacity });
          break;
        case 'idle':
          break;
      }
      at++;
      continue;
    }
    const pixel = Math.max(0, Math.floor((start - view.from) / perPixel));
    const edge = view.from + (pixel + 1) * perPixel;
    const next = Math.max(at + 1, mergedUpTo(data, row, at, edge, perPixel));
    const share = busyShare(data, at, next);
    const isMine = selected === null || task === selected;
    surface.rect(STAGE_GUTTER + pixel, y, 1, ROW, ink.hue(hue), {
      opacity: (isMine ? 1 : FADED) * (0.22 + 0.78 * share),
    });
    at = next;
  }
}

/** Past the intervals that start in this pixel, but not past one wide enough to be drawn by itself. */
function mergedUpTo({ intervals }: SimulationData, row: number, at: number, edge: number, perPixel: number): number {
  const next = firstStartingFrom(intervals, row, at + 1, edge);
  const lastInside = next - 1;
  return lastInside > at && intervals.end[lastInside]! - intervals.start[lastInside]! >= perPixel ? lastInside : next;
}

/** Of the time of intervals from … to − 1. */
function busyShare(data: SimulationData, from: number, to: number): number {
  const step = Math.max(1, Math.floor((to - from) / SAMPLES));
  let [busy, whole] = [0, 0];
  for (let at = from; at < to; at += step) {
    const ticks = data.intervals.end[at]! - data.intervals.start[at]!;
    whole += ticks;
    if (stateOf(data, at) === 'busy') busy += ticks;
  }
  return whole > 0 ? busy / whole : 0;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Strokes to the upper right (1) or the lower right (−1). */
function hatch(surface: Surface, box: Box, slope: 1 | -1, stroke: string): void {
  if (box.width < 3) return;
  surface.clip(box.x, box.y, box.width, box.height, () => {
    const first = Math.floor((box.x - box.height) / HATCH) * HATCH;
    for (let x = first; x < box.x + box.width; x += HATCH) {
      const [low, high] = [box.y + box.height, box.y];
      surface.line(x, slope > 0 ? low : high, x + box.height, slope > 0 ? high : low, stroke);
    }
  });
}

export interface StageHit {
  readonly row: number;
  /** −1 where nothing is drawn. */
  readonly interval: number;
  readonly tick: number;
}

/** What is drawn at a point; null outside the rows. */
export function stageHit(data: SimulationData, view: TimeView, width: number, x: number, y: number): StageHit | null {
  const row = Math.floor((y - AXIS - GAP) / (ROW + GAP));
  if (x < STAGE_GUTTER || x > width || row < 0 || row >= data.rows.length) return null;
  const tick = tickAt(view, width, x);
  return { row, interval: intervalAt(data.intervals, row, tick), tick };
}

export function tickAt(view: TimeView, width: number, x: number): number {
  return view.from + ((x - STAGE_GUTTER) / (width - STAGE_GUTTER)) * (view.to - view.from);
}
