/** The axis of ticks that a simulation's figures share, along their top. */
import type { Ink } from '../palette.ts';
import { axisScale, ticks } from './axis.ts';
import type { TimeView } from './paint-timeline.ts';
import type { Surface } from './surface.ts';

export interface AxisFrame {
  /** Pixels of the plot; the axis' line is at its top. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly ink: Ink;
}

export function paintTimeAxis(surface: Surface, view: TimeView, { left, right, top, bottom, ink }: AxisFrame): void {
  const values = ticks(view.from, view.to, Math.max(2, (right - left) / 90), 'cycles');
  const scale = axisScale(values, 'cycles');
  surface.text(left - 8, top - 18, scale.unit, { fill: ink.muted, size: 10, anchor: 'end' });
  for (const value of values) {
    const x = left + ((value - view.from) / (view.to - view.from)) * (right - left);
    surface.line(x, top - 6, x, bottom, ink.grid);
    const anchor = x > right - 30 ? 'end' : x < left + 20 ? 'start' : 'middle';
    surface.text(x, top - 18, scale.label(value), { fill: ink.muted, size: 10, anchor });
  }
  surface.line(left, top, right, top, ink.muted);
}
