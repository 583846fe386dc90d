/** Horizontal stacked bars: one row a thing, its total at the end, one prefix for the whole axis. */
import { formatExact, formatQuantity, type Unit } from '#core/base/quantity.ts';
import type { Hue, Ink } from '../palette.ts';
import { axisScale, ticks } from './axis.ts';
import { fitText, type Surface } from './surface.ts';

export interface BarRow {
  readonly label: string;
  readonly segments: readonly { readonly title: string; readonly value: number; readonly hue: Hue }[];
  /** Stands out, e.g. the answer beside its baselines. */
  readonly emphasis?: boolean;
}

export interface BarsStyle {
  readonly width: number;
  readonly ink: Ink;
  readonly unit: Unit;
  readonly labelWidth?: number;
}

const ROW = 22;
const BAR = 14;
const AXIS = 22;
const VALUE = 76;

export function barsHeight(rows: number): number {
  return rows * ROW + AXIS + 6;
}

export function paintBars(surface: Surface, rows: readonly BarRow[], style: BarsStyle): void {
  const { ink, unit, width } = style;
  const left = style.labelWidth ?? 184;
  const plot = width - left - VALUE;
  const totals = rows.map((row) => row.segments.reduce((sum, segment) => sum + segment.value, 0));
  const most = Math.max(...totals, Number.MIN_VALUE);
  const bottom = rows.length * ROW + 2;
  const values = ticks(0, most, Math.max(2, plot / 80), unit);
  const scale = axisScale(values, unit);
  for (const value of values) {
    const x = left + (value / most) * plot;
    surface.line(x, 0, x, bottom, ink.grid);
    surface.text(x, bottom + 14, scale.label(value), { fill: ink.muted, size: 10, anchor: 'middle' });
  }
  surface.text(left - 20, bottom + 14, scale.unit, { fill: ink.muted, size: 10, anchor: 'end' });
  rows.forEach((row, index) => {
    const y = index * ROW + (ROW - BAR) / 2;
    surface.text(left - 8, y + BAR - 3, fitText(row.label, left - 12, 11), {
      fill: ink.text,
      size: 11,
      anchor: 'end',
      bold: row.emphasis ?? false,
    });
    let x = left;
    for (const segment of row.segments) {
      const length = (segment.value / most) * plot;
      if (length > 0)
        surface.rect(x, y, length, BAR, ink.hue(segment.hue), {
          title: `${row.label}, ${segment.title}: ${formatExact(segment.value, unit)}`,
        });
      x += length;
    }
    surface.text(x + 6, y + BAR - 3, formatQuantity(totals[index]!, unit), {
      fill: ink.text,
      size: 10.5,
      bold: row.emphasis ?? false,
    });
  });
  surface.line(left, 0, left, bottom, ink.muted);
}
