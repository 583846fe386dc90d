/** How a search went: best found falling, bound rising, the gap between them shaded; seconds to the right. */
import { formatQuantity } from '#core/base/quantity.ts';
import type { ConvergenceSample } from '#core/run/convergence.ts';
import type { Ink } from '../palette.ts';
import { axisScale, ticks } from './axis.ts';
import { BOUND_HUE, OBJECTIVE_HUE } from './paint-curve.ts';
import type { Surface } from './surface.ts';

export interface ConvergenceStyle {
  readonly width: number;
  readonly height: number;
  readonly ink: Ink;
  /** Right end of the time axis: now, or when the search ended. */
  readonly seconds: number;
}

const LEFT = 64;
const RIGHT = 84;
const TOP = 18;
const BOTTOM = 34;

export function paintConvergence(
  surface: Surface,
  samples: readonly ConvergenceSample[],
  style: ConvergenceStyle,
): void {
  const { ink, width, height } = style;
  const [right, bottom] = [width - RIGHT, height - BOTTOM];
  if (right - LEFT < 20 || bottom - TOP < 20) return;
  const end = Math.max(style.seconds, samples.at(-1)?.seconds ?? 0, 1e-3);
  const most = Math.max(1, ...samples.map(({ incumbent, bound }) => Math.max(incumbent ?? 0, bound ?? 0))) * 1.06;
  const x = (seconds: number) => LEFT + (seconds / end) * (right - LEFT);
  const y = (bytes: number) => bottom - (bytes / most) * (bottom - TOP);

  const values = ticks(0, most, Math.max(2, (bottom - TOP) / 36), 'B');
  const scale = axisScale(values, 'B');
  for (const value of values) {
    surface.line(LEFT, y(value), right, y(value), ink.grid);
    surface.text(LEFT - 8, y(value) + 3.5, scale.label(value), { fill: ink.muted, size: 10, anchor: 'end' });
  }
  surface.text(4, TOP - 7, `${scale.unit} moved`, { fill: ink.muted, size: 10 });
  const times = ticks(0, end, Math.max(2, (right - LEFT) / 72), 's');
  const clock = axisScale(times, 's');
  for (const time of times) {
    surface.line(x(time), bottom, x(time), bottom + 4, ink.muted);
    surface.text(x(time), bottom + 15, clock.label(time), { fill: ink.muted, size: 10, anchor: 'middle' });
  }
  surface.text(right + 8, bottom + 15, clock.unit, { fill: ink.muted, size: 10 });

  samples.forEach(({ seconds, incumbent, bound }, index) => {
    if (incumbent === null) return;
    const until = samples[index + 1]?.seconds ?? end;
    const top = y(incumbent);
    const low = y(bound ?? 0);
    if (low > top)
      surface.rect(x(seconds), top, x(until) - x(seconds), low - top, ink.hue(OBJECTIVE_HUE), { opacity: 0.1 });
  });
  const bounds = staircase(samples, ({ bound }) => bound, end, x, y);
  if (bounds.length >= 4) surface.path(bounds, { stroke: ink.hue(BOUND_HUE), width: 1.5, dashed: true });
  const found = staircase(samples, ({ incumbent }) => incumbent, end, x, y);
  if (found.length >= 4) surface.path(found, { stroke: ink.hue(OBJECTIVE_HUE), width: 2 });
  paintEnds(surface, samples.at(-1), { ink, right, y });
  surface.line(LEFT, TOP, LEFT, bottom, ink.muted);
  surface.line(LEFT, bottom, right, bottom, ink.muted);
}

/** The last figures at the right of their lines, kept apart. */
function paintEnds(
  surface: Surface,
  last: ConvergenceSample | undefined,
  { ink, right, y }: { readonly ink: Ink; readonly right: number; readonly y: (bytes: number) => number },
): void {
  if (!last) return;
  const top = y(last.incumbent ?? 0) + 3.5;
  if (last.incumbent !== null)
    surface.text(right + 6, top, formatQuantity(last.incumbent, 'B'), { fill: ink.text, size: 10.5, bold: true });
  if (last.bound !== null && last.bound !== last.incumbent) {
    const low = last.incumbent === null ? y(last.bound) + 3.5 : Math.max(y(last.bound) + 3.5, top + 13);
    surface.text(right + 6, low, `≥ ${formatQuantity(last.bound, 'B')}`, { fill: ink.muted, size: 10 });
  }
}

function staircase(
  samples: readonly ConvergenceSample[],
  of: (sample: ConvergenceSample) => number | null,
  end: number,
  x: (seconds: number) => number,
  y: (bytes: number) => number,
): readonly number[] {
  const points: number[] = [];
  samples.forEach((sample, index) => {
    const value = of(sample);
    if (value === null) return;
    points.push(x(sample.seconds), y(value), x(samples[index + 1]?.seconds ?? end), y(value));
  });
  return points;
}
