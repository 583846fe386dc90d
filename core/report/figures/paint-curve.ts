/**
 * The curve bytes(S): scratchpad to the right (by factors, where the range is wide), bytes moved beyond the compulsory
 * upwards. What is known holds between points too: a schedule for less room fits in more, so the best found is a
 * staircase falling at each point; a bound for more room holds for less, so the bound rises before it. The truth
 * lies in the band between.
 */
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import type { CurvePoint, ScheduleCurve } from '#core/schedule/curve.ts';
import type { Hue, Ink } from '../palette.ts';
import { axisScale, ticks } from './axis.ts';
import { type Surface, textWidth } from './surface.ts';

export interface CurveStyle {
  readonly width: number;
  readonly height: number;
  readonly ink: Ink;
  /** Scratchpad of the run on screen, bytes. */
  readonly present?: number | null;
  /** Index of the point that stands out. */
  readonly focused?: number | null;
  readonly titles?: boolean;
}

export const CURVE_GUTTER = 64;
const TOP = 30;
const BOTTOM = 38;
const RIGHT = 16;
/** A ratio of largest to smallest scratchpad from which equal factors take equal room. */
const WIDE = 4;
/** Baselines further above the curve than this are cut off. */
const HEADROOM = 2.2;

export const OBJECTIVE_HUE: Hue = 'linear';
export const BOUND_HUE: Hue = 'interface';
const BASELINE_HUES: readonly (readonly [string, Hue])[] = [
  ['noReuse', 'reconfigure'],
  ['fileOrder+lru', 'spill'],
  ['fileOrder+belady', 'quantisation'],
  ['fileOrder+greedy', 'recurrent'],
  ['fileOrder+optimalResidency', 'elementwise'],
];

/** The colour of a baseline, the same wherever a curve is drawn. */
export function baselineHue(id: string): Hue {
  return BASELINE_HUES.find(([known]) => known === id)?.[1] ?? 'opaque';
}

/** Baselines the curve has figures for, in the order of the legend. */
export function curveBaselines(curve: ScheduleCurve): readonly string[] {
  const there = new Set(curve.points.flatMap(({ baselines }) => Object.keys(baselines)));
  const known = BASELINE_HUES.map(([id]) => id).filter((id) => there.has(id));
  return [...known, ...[...there].filter((id) => !known.includes(id)).sort()];
}

/** Baselines drawn at least in part: those not above the plot everywhere. */
export function visibleBaselines(curve: ScheduleCurve): readonly string[] {
  const top = topOf(curve.points);
  return curveBaselines(curve).filter((id) => curve.points.some(({ baselines }) => (baselines[id] ?? Infinity) <= top));
}

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
  readonly isLog: boolean;
  readonly from: number;
  readonly to: number;
  readonly x: (S: number) => number;
  readonly y: (bytes: number) => number;
}

function topOf(points: readonly CurvePoint[]): number {
  const most = Math.max(0, ...points.map(({ objective }) => objective ?? 0));
  const others = points.flatMap(({ baselines }) => Object.values(baselines));
  if (most === 0) return Math.max(1, ...others) * 1.06;
  return Math.max(most, ...others.filter((bytes) => bytes <= most * HEADROOM)) * 1.06;
}

function frameOf({ points }: ScheduleCurve, width: number, height: number): Frame {
  const from = points[0]?.S ?? 0;
  const to = Math.max(from + 1, points.at(-1)?.S ?? 1);
  const isLog = from > 0 && to / from >= WIDE;
  const [left, right, bottom] = [CURVE_GUTTER, width - RIGHT, height - BOTTOM];
  const share = (S: number) => (isLog ? Math.log(S / from) / Math.log(to / from) : (S - from) / (to - from));
  const high = topOf(points);
  return {
    left,
    right,
    bottom,
    top: TOP,
    isLog,
    from,
    to,
    x: (S) => left + share(S) * (right - left),
    y: (bytes) => bottom - (bytes / high) * (bottom - TOP),
  };
}

export function paintCurve(surface: Surface, curve: ScheduleCurve, style: CurveStyle): void {
  const frame = frameOf(curve, style.width, style.height);
  if (frame.right - frame.left < 20 || frame.bottom - frame.top < 20) return;
  const points = curve.points.filter(isSolved);
  paintAxes(surface, curve, frame, style);
  surface.clip(frame.left, frame.top - 4, frame.right - frame.left, frame.bottom - frame.top + 8, () => {
    paintInfeasible(surface, curve, frame, style);
    for (const id of curveBaselines(curve)) paintBaseline(surface, points, id, frame, style.ink);
    paintBand(surface, points, frame, style.ink);
  });
  paintMarks(surface, curve, frame, style);
  curve.points.forEach((point, index) => {
    if (isSolved(point)) paintPoint(surface, point, frame, style, style.focused === index);
  });
}

type SolvedPoint = CurvePoint & { readonly objective: number; readonly bound: number };

function isSolved(point: CurvePoint): point is SolvedPoint {
  return point.objective !== null && point.bound !== null;
}

function paintBand(surface: Surface, points: readonly SolvedPoint[], frame: Frame, ink: Ink): void {
  const above: number[] = [];
  const below: number[] = [];
  points.forEach((point, index) => {
    const next = points[index + 1];
    const [x, y] = [frame.x(point.S), frame.y(point.objective)];
    above.push(x, y);
    below.push(x, frame.y(point.bound));
    if (!next) return;
    const right = frame.x(next.S);
    above.push(right, y);
    below.push(x, frame.y(next.bound));
    const low = frame.y(next.bound);
    if (low > y) surface.rect(x, y, right - x, low - y, ink.hue(OBJECTIVE_HUE), { opacity: 0.1 });
  });
  if (below.length >= 4) surface.path(below, { stroke: ink.hue(BOUND_HUE), width: 1.25, dashed: true });
  if (above.length >= 4) surface.path(above, { stroke: ink.hue(OBJECTIVE_HUE), width: 2 });
}

function paintBaseline(surface: Surface, points: readonly SolvedPoint[], id: string, frame: Frame, ink: Ink): void {
  let line: number[] = [];
  const stroke = (): void => {
    if (line.length >= 4) surface.path(line, { stroke: ink.hue(baselineHue(id)), width: 1.25 });
    line = [];
  };
  points.forEach(({ S, baselines }, index) => {
    const bytes = baselines[id];
    // A baseline that is not known at a point is not drawn there.
    if (bytes === undefined) stroke();
    else line.push(frame.x(S), frame.y(bytes), frame.x(points[index + 1]?.S ?? S), frame.y(bytes));
  });
  stroke();
}

function paintPoint(
  surface: Surface,
  point: SolvedPoint,
  frame: Frame,
  { ink, titles }: CurveStyle,
  isFocused: boolean,
): void {
  const [x, y] = [frame.x(point.S), frame.y(point.objective)];
  const size = isFocused ? 11 : 7;
  if (isFocused) surface.line(x, frame.top, x, frame.bottom, ink.accent, { width: 1 });
  // A ring where the gap is open, a disc where it is closed.
  surface.rect(x - size / 2, y - size / 2, size, size, ink.hue(OBJECTIVE_HUE), {
    radius: size / 2,
    ...(titles && { title: pointTitle(point) }),
  });
  if (!point.optimal)
    surface.rect(x - size / 2 + 2, y - size / 2 + 2, size - 4, size - 4, ink.ground, { radius: size / 2 - 2 });
}

function pointTitle({ S, objective, bound, optimal }: SolvedPoint): string {
  const proof = optimal ? 'proven optimal' : `bound ${formatExact(bound, 'B')}`;
  return `${formatExact(S, 'B')}: ${formatExact(objective, 'B')}, ${proof}`;
}

/** Below M_R nothing runs: shaded up to the first point that does. */
function paintInfeasible(surface: Surface, { points }: ScheduleCurve, frame: Frame, { ink }: CurveStyle): void {
  const last = points.findLastIndex(({ stop }) => stop === 'infeasible');
  if (last < 0) return;
  const right = frame.x(points[last + 1]?.S ?? points[last]!.S);
  surface.rect(frame.left, frame.top, right - frame.left, frame.bottom - frame.top, ink.danger, { opacity: 0.08 });
  const text = 'does not run';
  if (right - frame.left > textWidth(text, 10) + 12)
    surface.text((frame.left + right) / 2, frame.bottom - 8, text, { fill: ink.danger, size: 10, anchor: 'middle' });
}

function paintMarks(surface: Surface, { limits }: ScheduleCurve, frame: Frame, { ink, present }: CurveStyle): void {
  const marks = new Map<number, string[]>();
  const mark = (S: number | null | undefined, title: string): void => {
    if (S && S >= frame.from && S <= frame.to) marks.set(S, [...(marks.get(S) ?? []), title]);
  };
  mark(limits.MR, 'M_R');
  mark(limits.MH, 'M_H');
  mark(limits.MP, limits.isMPExact ? 'M_P' : 'M_P ≤');
  mark(present, 'this run');
  const rows: number[] = [-Infinity, -Infinity];
  for (const [S, titles] of [...marks].sort(([a], [b]) => a - b)) {
    const x = frame.x(S);
    const title = titles.join(' = ');
    const colour = S === present ? ink.accent : ink.muted;
    surface.line(x, frame.top - 4, x, frame.bottom, colour, { width: 1, dashed: true });
    const width = textWidth(title, 10);
    const centre = Math.min(frame.right - width / 2, Math.max(frame.left + width / 2, x));
    // Two rows of names, so that neighbours do not overlap.
    const row = rows.findIndex((end) => centre - width / 2 > end + 4);
    if (row < 0) continue;
    rows[row] = centre + width / 2;
    surface.text(centre, frame.top - 9 - row * 11, title, { fill: colour, size: 10, anchor: 'middle' });
  }
}

function paintAxes(surface: Surface, curve: ScheduleCurve, frame: Frame, { ink }: CurveStyle): void {
  const { left, right, top, bottom } = frame;
  const high = topOf(curve.points);
  const values = ticks(0, high, Math.max(2, (bottom - top) / 44), 'B');
  const scale = axisScale(values, 'B');
  for (const value of values) {
    const y = frame.y(value);
    surface.line(left, y, right, y, ink.grid);
    surface.text(left - 8, y + 3.5, scale.label(value), { fill: ink.muted, size: 10, anchor: 'end' });
  }
  surface.text(4, top - 9, `${scale.unit} moved`, { fill: ink.muted, size: 10 });
  for (const S of sizesAlong(frame)) {
    const x = frame.x(S);
    surface.line(x, bottom, x, bottom + 4, ink.muted);
    surface.text(x, bottom + 16, formatQuantity(S, 'B'), { fill: ink.muted, size: 10, anchor: 'middle' });
  }
  surface.text((left + right) / 2, bottom + 31, 'Scratchpad', { fill: ink.muted, size: 10, anchor: 'middle' });
  surface.line(left, top, left, bottom, ink.muted);
  surface.line(left, bottom, right, bottom, ink.muted);
}

/** Round sizes with room for their names: powers of two by factors, equal steps otherwise. */
function sizesAlong({ isLog, from, to, left, right }: Frame): readonly number[] {
  const most = Math.max(2, (right - left) / 72);
  if (!isLog) return ticks(from, to, most, 'B');
  const first = Math.ceil(Math.log2(from) - 1e-9);
  const last = Math.floor(Math.log2(to) + 1e-9);
  const stride = Math.max(1, Math.ceil((last - first + 1) / most));
  const sizes: number[] = [];
  for (let power = first; power <= last; power += stride) sizes.push(2 ** power);
  return sizes;
}

/** Index of the point nearest to a place in the figure, by its scratchpad; null outside the plot and where no point is. */
export function curveHit(curve: ScheduleCurve, width: number, height: number, x: number, y: number): number | null {
  const frame = frameOf(curve, width, height);
  if (x < frame.left - 8 || x > frame.right + 8 || y < 0 || y > frame.bottom + 20) return null;
  let nearest: number | null = null;
  let least = Infinity;
  curve.points.forEach((point, index) => {
    const distance = Math.abs(frame.x(point.S) - x);
    if (distance < least) {
      least = distance;
      nearest = index;
    }
  });
  return nearest;
}

/** Where a point stands in the figure, for what is shown beside it. */
export function curvePlace(
  curve: ScheduleCurve,
  width: number,
  height: number,
  index: number,
): { readonly x: number; readonly y: number } {
  const frame = frameOf(curve, width, height);
  const point = curve.points[index];
  return { x: frame.x(point?.S ?? frame.from), y: frame.y(point?.objective ?? 0) };
}
