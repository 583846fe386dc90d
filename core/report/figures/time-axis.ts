/** The axis of time that timelines and a simulation's figures share, along their top. */
import type { Ink } from '../palette.ts';
import { axisScale, ticks } from './axis.ts';
import type { Surface } from './surface.ts';

/** Cycles in view. */
export interface TimeView {
  readonly from: number;
  readonly to: number;
}

export interface AxisFrame {
  /** Pixels of the plot; the axis' line is at its top. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Of the labels; 18 above the line where it is absent. */
  readonly baseline?: number;
  readonly ink: Ink;
}

/** @param clockHertz to label seconds, not cycles. */
export function paintTimeAxis(
  surface: Surface,
  view: TimeView,
  { left, right, top, bottom, baseline = top - 18, ink }: AxisFrame,
  clockHertz: number | null = null,
): void {
  const [unit, perUnit] = clockHertz === null ? (['cycles', 1] as const) : (['s', 1 / clockHertz] as const);
  const values = ticks(view.from * perUnit, view.to * perUnit, Math.max(2, (right - left) / 90), unit);
  const scale = axisScale(values, unit);
  surface.text(left - 8, baseline, scale.unit, { fill: ink.muted, size: 10, anchor: 'end' });
  for (const value of values) {
    const x = left + ((value / perUnit - view.from) / (view.to - view.from)) * (right - left);
    surface.line(x, top - 6, x, bottom, ink.grid);
    const anchor = x > right - 30 ? 'end' : x < left + 20 ? 'start' : 'middle';
    surface.text(x, baseline, scale.label(value), { fill: ink.muted, size: 10, anchor });
  }
  surface.line(left, top, right, top, ink.muted);
}
