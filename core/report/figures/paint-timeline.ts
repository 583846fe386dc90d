/**
 * Gantt chart: one lane a resource, cycles to the right. Intervals wider than a pixel are drawn each; narrower
 * ones are merged a pixel at a time, shaded by the share of the pixel that was busy, found by binary search.
 * So a lane costs at most two rectangles a pixel however many intervals it has.
 */
import { formatQuantity } from '#core/base/quantity.ts';
import { INTERVAL_KINDS } from '#core/run/result.ts';
import type { Hue, Ink } from '../palette.ts';
import {
  firstEndingAfter,
  firstStartingFrom,
  intervalAt,
  laneBusyCycles,
  type RunData,
  type TimelineData,
} from '../run-data.ts';
import { fitName, sharedStartOf } from './short-names.ts';
import { fitText, type Surface } from './surface.ts';
import { paintTimeAxis, type TimeView } from './time-axis.ts';

export interface TimelineStyle {
  readonly width: number;
  readonly ink: Ink;
  readonly axis: 'cycles' | 's';
  /** Operator whose intervals stand out while the others fade; null for none. */
  readonly selected?: number | null;
  /** Where no operator is selected: what stands out while the rest fades; null for all. */
  readonly lit?: Lit | null;
  readonly laneHeight?: number;
}

export interface Lit {
  /** By operator: 1 for those that stand out. */
  readonly operators: Uint8Array;
  /** Lanes whose every interval does. */
  readonly lanes: ReadonlySet<number>;
}

export const TIMELINE_GUTTER = 168;
const TIMELINE_AXIS = 34;
const LANE = 24;
const GAP = 4;
const FADED = 0.28;

export function timelineHeight(lanes: number, laneHeight = LANE): number {
  return TIMELINE_AXIS + lanes * (laneHeight + GAP) + GAP;
}

export function wholeTimeline(timeline: TimelineData): TimeView {
  return { from: 0, to: Math.max(1, timeline.makespanCycles) };
}

export function paintTimeline(surface: Surface, data: RunData, view: TimeView, style: TimelineStyle): void {
  const { timeline } = data;
  const { ink, width } = style;
  const laneHeight = style.laneHeight ?? LANE;
  const height = timelineHeight(timeline.lanes.length, laneHeight);
  const plot = width - TIMELINE_GUTTER;
  const frame = { left: TIMELINE_GUTTER, right: width, top: TIMELINE_AXIS, bottom: height, baseline: 22, ink };
  paintTimeAxis(surface, view, frame, style.axis === 's' ? timeline.clockHertz : null);
  timeline.lanes.forEach((lane, index) => {
    const y = laneTop(index, laneHeight);
    const share = timeline.makespanCycles > 0 ? laneBusyCycles(timeline, index) / timeline.makespanCycles : 0;
    const busy = formatQuantity(share, '1');
    surface.text(8, y + laneHeight / 2 + 4, fitText(lane.title, TIMELINE_GUTTER - 60, 11), {
      fill: ink.text,
      size: 11,
    });
    surface.text(TIMELINE_GUTTER - 8, y + laneHeight / 2 + 4, busy, { fill: ink.muted, size: 10, anchor: 'end' });
    surface.line(TIMELINE_GUTTER, y + laneHeight + GAP / 2, width, y + laneHeight + GAP / 2, ink.grid);
  });
  surface.clip(TIMELINE_GUTTER, 0, plot, height, () => {
    timeline.lanes.forEach((_, index) => {
      paintLane(surface, data, index, view, style, laneTop(index, laneHeight), laneHeight);
    });
  });
}

function laneTop(index: number, laneHeight: number): number {
  return TIMELINE_AXIS + GAP + index * (laneHeight + GAP);
}

function paintLane(
  surface: Surface,
  data: RunData,
  lane: number,
  view: TimeView,
  style: TimelineStyle,
  y: number,
  laneHeight: number,
): void {
  const { timeline } = data;
  const { ink } = style;
  const isLit = litBy(style, lane);
  const shared = sharedStartOf(data.result, () => data.result.operators.map(({ name }) => name));
  const perPixel = (view.to - view.from) / (style.width - TIMELINE_GUTTER);
  const xOf = (cycle: number) => TIMELINE_GUTTER + (cycle - view.from) / perPixel;
  const last = timeline.laneFirst[lane + 1]!;
  let index = firstEndingAfter(timeline, lane, view.from);
  while (index < last && timeline.start[index]! < view.to) {
    const start = timeline.start[index]!;
    const end = timeline.end[index]!;
    const operator = timeline.operator[index]!;
    if (end <= view.from) {
      index++;
      continue;
    }
    if (end - start >= perPixel) {
      const hue = intervalHue(data, index);
      const x = Math.max(xOf(start), TIMELINE_GUTTER - 2);
      const wide = Math.min(xOf(end), style.width + 2) - x;
      const faded = isLit !== null && !isLit(operator);
      surface.rect(x, y, wide, laneHeight, ink.hue(hue), {
        ...(faded ? { opacity: FADED } : {}),
        ...(wide > 4 ? { stroke: ink.ground, strokeWidth: 0.5 } : {}),
      });
      const label = wide > 34 ? fitName(data.result.operators[operator]?.name ?? '', shared, wide - 8, 10) : '';
      if (label && !faded) surface.text(x + 4, y + laneHeight / 2 + 3.5, label, { fill: ink.onHue(hue), size: 10 });
      index++;
      continue;
    }
    // Narrower than a pixel: everything that starts before the end of this pixel becomes one rectangle.
    const pixel = Math.max(0, Math.floor((start - view.from) / perPixel));
    const edge = view.from + (pixel + 1) * perPixel;
    const next = Math.max(index + 1, wideOrNext(timeline, lane, index, edge, perPixel));
    const before = index > timeline.laneFirst[lane]! ? timeline.covered[index - 1]! : 0;
    const share = Math.min(1, (timeline.covered[next - 1]! - before) / perPixel);
    const mine = isLit === null || holds(timeline.operator, index, next, isLit);
    surface.rect(TIMELINE_GUTTER + pixel, y, 1, laneHeight, ink.hue(intervalHue(data, index)), {
      opacity: (mine ? 1 : FADED) * (0.35 + 0.65 * share),
    });
    index = next;
  }
}

/** First interval after `index` that starts at or after `edge`, or, sooner, one wide enough to be drawn by itself. */
function wideOrNext(timeline: TimelineData, lane: number, index: number, edge: number, perPixel: number): number {
  const next = firstStartingFrom(timeline, lane, index + 1, edge);
  // Only the last interval that starts in this pixel can reach beyond it unless lanes overlap themselves.
  const lastInside = next - 1;
  const wide = lastInside > index && timeline.end[lastInside]! - timeline.start[lastInside]! >= perPixel;
  return wide ? lastInside : next;
}

/** Whether an operator's intervals stand out on a lane; null where all do. */
function litBy({ selected, lit }: TimelineStyle, lane: number): ((operator: number) => boolean) | null {
  if (selected !== null && selected !== undefined) return (operator) => operator === selected;
  return !lit || lit.lanes.has(lane) ? null : (operator) => lit.operators[operator] === 1;
}

/** Looks at no more than 64 entries: a marker, not a count. */
function holds(operators: Int32Array, from: number, to: number, isLit: (operator: number) => boolean): boolean {
  const step = Math.max(1, Math.floor((to - from) / 64));
  for (let index = from; index < to; index += step) if (isLit(operators[index]!)) return true;
  return false;
}

/** Work is coloured by its operator, traffic by its direction. */
export function intervalHue(data: RunData, index: number): Hue {
  const kind = INTERVAL_KINDS[data.timeline.kind[index]!] ?? 'execute';
  return kind === 'execute' ? (data.hues[data.timeline.operator[index]!] ?? 'opaque') : kind;
}

/** What is drawn at a point of the figure: the lane, and the interval there or −1. Null outside the lanes. */
export function timelineHit(
  timeline: TimelineData,
  view: TimeView,
  width: number,
  x: number,
  y: number,
  laneHeight = LANE,
): { readonly lane: number; readonly interval: number; readonly cycle: number } | null {
  const lane = Math.floor((y - TIMELINE_AXIS - GAP) / (laneHeight + GAP));
  if (x < TIMELINE_GUTTER || x > width || lane < 0 || lane >= timeline.lanes.length) return null;
  const perPixel = (view.to - view.from) / (width - TIMELINE_GUTTER);
  const cycle = view.from + (x - TIMELINE_GUTTER) * perPixel;
  let interval = intervalAt(timeline, lane, cycle);
  if (interval < 0) {
    const near = firstEndingAfter(timeline, lane, cycle - perPixel);
    if (near < timeline.laneFirst[lane + 1]! && timeline.start[near]! <= cycle + perPixel) interval = near;
  }
  return { lane, interval, cycle };
}
