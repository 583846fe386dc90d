/**
 * Parallel coordinates: one upright axis a column, one line a point. The front is always drawn whole and over the others, of
 * which at most so many are drawn, evenly taken. Pure.
 */
import { formatQuantity } from '#core/base/quantity.ts';
import { fitText, type Surface } from '#core/report/figures/surface.ts';
import type { Ink } from '#core/report/palette.ts';
import { type BrushedColumn, type Brushes, placeIn } from './brush.ts';
import { type Scale, valueAt } from './scale.ts';

export interface Parallel {
  readonly columns: readonly BrushedColumn[];
  readonly brushes: Brushes;
  readonly front: ReadonlySet<number>;
  readonly kept: Uint8Array | null;
  readonly count: number;
  /** Of a line, by point. */
  readonly colour: (point: number) => string;
  /** Column the keys act on; null where they act elsewhere. */
  readonly at: number | null;
}

export interface ParallelFrame {
  readonly width: number;
  readonly height: number;
}

/** Lines besides the front. */
const MOST_LINES = 1500;
const SIDE = 44;
const TOP = 34;
const BOTTOM = 20;
const BRUSH = 12;

function columnX(count: number, { width }: ParallelFrame, column: number): number {
  return count > 1 ? SIDE + (column / (count - 1)) * (width - 2 * SIDE) : width / 2;
}

function placeY({ height }: ParallelFrame, place: number): number {
  return height - BOTTOM - place * (height - BOTTOM - TOP);
}

/** 0 … 1 up an axis at these pixels. */
export function placeAtY({ height }: ParallelFrame, y: number): number {
  return Math.min(1, Math.max(0, (height - BOTTOM - y) / Math.max(1, height - BOTTOM - TOP)));
}

/** The column nearest to these pixels. */
export function columnAt(count: number, frame: ParallelFrame, x: number): number {
  if (count < 2) return 0;
  const pitch = (frame.width - 2 * SIDE) / (count - 1);
  return Math.min(count - 1, Math.max(0, Math.round((x - SIDE) / Math.max(1, pitch))));
}

/** x0, y0, x1, y1 … of a point; columns it has no figure in are passed over. */
export function lineOf(columns: readonly BrushedColumn[], frame: ParallelFrame, point: number): readonly number[] {
  const line: number[] = [];
  for (const [at, { column, scale, numbers }] of columns.entries()) {
    const place = placeIn(column, scale, numbers[point] ?? Number.NaN);
    if (Number.isFinite(place)) line.push(columnX(columns.length, frame, at), placeY(frame, place));
  }
  return line;
}

/** The point whose line is nearest at these pixels; null where none is near. */
export function parallelHit(parallel: Parallel, frame: ParallelFrame, x: number, y: number, reach = 8): number | null {
  const { columns } = parallel;
  const pitch = columns.length > 1 ? (frame.width - 2 * SIDE) / (columns.length - 1) : 1;
  const left = Math.min(columns.length - 2, Math.max(0, Math.floor((x - SIDE) / pitch)));
  const [from, to] = [columns[left], columns[left + 1]];
  if (!from || !to) return null;
  const share = (x - SIDE) / pitch - left;
  let best: number | null = null;
  let least = reach;
  for (const point of linesOf(parallel)) {
    const a = placeY(frame, placeIn(from.column, from.scale, from.numbers[point] ?? Number.NaN));
    const b = placeY(frame, placeIn(to.column, to.scale, to.numbers[point] ?? Number.NaN));
    const distance = Math.abs(a + (b - a) * share - y);
    // Later lines lie above earlier ones.
    if (distance <= least) {
      best = point;
      least = distance;
    }
  }
  return best;
}

/** Points that are drawn, in the order they are: of the others evenly many, then the front. */
export function linesOf({ front, kept, count }: Parallel): readonly number[] {
  const others: number[] = [];
  for (let point = 0; point < count; point++) if (kept?.[point] !== 0 && !front.has(point)) others.push(point);
  const every = Math.max(1, Math.ceil(others.length / MOST_LINES));
  const drawn = others.filter((_, at) => at % every === 0);
  return [...drawn, ...[...front].filter((point) => kept?.[point] !== 0)];
}

export function paintParallel(surface: Surface, parallel: Parallel, frame: ParallelFrame, ink: Ink): void {
  const { columns, brushes, front, at } = parallel;
  const drawn = linesOf(parallel);
  for (const point of drawn) {
    const line = lineOf(columns, frame, point);
    if (line.length > 2) surface.path(line, { stroke: parallel.colour(point), width: front.has(point) ? 1.75 : 0.75 });
  }
  const pitch =
    columns.length > 1 ? columnX(columns.length, frame, 1) - columnX(columns.length, frame, 0) : frame.width;
  for (const [index, { column, scale, numbers }] of columns.entries()) {
    const x = columnX(columns.length, frame, index);
    const [foot, head] = [placeY(frame, 0), placeY(frame, 1)];
    surface.line(x, head, x, foot, index === at ? ink.accent : ink.muted, { width: index === at ? 2 : 1 });
    const brush = brushes.get(column.id);
    if (brush) {
      const [low, high] = [placeY(frame, brush.low), placeY(frame, brush.high)];
      surface.rect(x - BRUSH / 2, high - 2, BRUSH, Math.max(4, low - high + 4), ink.accent, { opacity: 0.3 });
      surface.line(x - BRUSH / 2, high - 2, x + BRUSH / 2, high - 2, ink.accent, { width: 2 });
      surface.line(x - BRUSH / 2, low + 2, x + BRUSH / 2, low + 2, ink.accent, { width: 2 });
    }
    const room = index === 0 || index === columns.length - 1 ? Math.min(pitch, 2 * SIDE) : pitch;
    const isMarked = column.kind === 'axis' || column.isObjective;
    const arrow = column.kind === 'metric' ? (column.better === 'less' ? ' ↓' : ' ↑') : '';
    const title = fitText(column.title, (room - 10) * (isMarked ? 0.88 : 1) - arrow.length * 6, 11) + arrow;
    surface.text(x, 12, title, { fill: isMarked ? ink.text : ink.muted, size: 11, anchor: 'middle', bold: isMarked });
    const [bottom, top] = endsOf(column, scale, numbers);
    surface.text(x, TOP - 8, fitText(top, room - 4, 10), { fill: ink.muted, size: 10, anchor: 'middle' });
    surface.text(x, frame.height - 6, fitText(bottom, room - 4, 10), { fill: ink.muted, size: 10, anchor: 'middle' });
  }
}

/** Words at the foot and the head of an axis. */
function endsOf(column: BrushedColumn['column'], scale: Scale, numbers: Float64Array): readonly [string, string] {
  if (column.kind === 'axis') return [column.levels[0] ?? '', column.levels.at(-1) ?? ''];
  if (numbers.length === 0) return ['', ''];
  return [formatQuantity(valueAt(scale, 0), column.unit), formatQuantity(valueAt(scale, 1), column.unit)];
}
