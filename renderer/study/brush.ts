/** Brushes of parallel coordinates: by column, the part of its axis that is kept, 0 at the foot and 1 at the top. Pure. */
import type { StudyColumn } from './columns.ts';
import { placeOn, type Scale } from './scale.ts';

export interface Brush {
  readonly low: number;
  readonly high: number;
}

/** By column id. */
export type Brushes = ReadonlyMap<string, Brush>;

export const NO_BRUSHES: Brushes = new Map();

/** Rounding at the rims keeps what stands on them. */
const SLACK = 1e-9;

/** Place of a value on its axis; levels are spread evenly, a single one stands in the middle. */
export function placeIn(column: StudyColumn, scale: Scale, value: number): number {
  if (column.kind === 'metric') return placeOn(scale, value);
  return column.levels.length > 1 ? value / (column.levels.length - 1) : 0.5;
}

/** With one brush set, or taken away where it keeps everything. */
export function withBrush(brushes: Brushes, column: string, brush: Brush | null): Brushes {
  const next = new Map(brushes);
  if (brush === null || (brush.low <= 0 && brush.high >= 1)) next.delete(column);
  else next.set(column, { low: Math.max(0, brush.low), high: Math.min(1, brush.high) });
  return next;
}

const METRIC_STEP = 0.05;

/** What one key press moves a rim by: a level, or a twentieth. */
export function brushStep(column: StudyColumn): number {
  return column.kind === 'axis' && column.levels.length > 1 ? 1 / (column.levels.length - 1) : METRIC_STEP;
}

/** A rim moved by so many steps; rims never pass each other. */
export function stepBrush(column: StudyColumn, brush: Brush | undefined, rim: 'low' | 'high', by: number): Brush {
  const { low, high } = brush ?? { low: 0, high: 1 };
  const step = brushStep(column);
  // Whole steps: as many presses back lead back.
  const moved = Math.round((rim === 'low' ? low : high) / step + by) * step;
  const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));
  return rim === 'low' ? { low: clamp(moved, 0, high), high } : { low, high: clamp(moved, low, 1) };
}

export interface BrushedColumn {
  readonly column: StudyColumn;
  readonly scale: Scale;
  readonly numbers: Float64Array;
}

/** 1 for points inside every brush; null where there is no brush. A point without the figure is outside. */
export function brushed(columns: readonly BrushedColumn[], brushes: Brushes, count: number): Uint8Array | null {
  if (brushes.size === 0) return null;
  const kept = new Uint8Array(count).fill(1);
  for (const { column, scale, numbers } of columns) {
    const brush = brushes.get(column.id);
    if (!brush) continue;
    for (let at = 0; at < count; at++) {
      const place = placeIn(column, scale, numbers[at] ?? Number.NaN);
      if (!(place >= brush.low - SLACK && place <= brush.high + SLACK)) kept[at] = 0;
    }
  }
  return kept;
}
