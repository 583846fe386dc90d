/** Linear and logarithmic scales with round ticks, for the figures of a study. Pure. */
import { formatQuantity, type Unit } from '#core/base/quantity.ts';
import { axisScale, ticks } from '#core/report/figures/axis.ts';

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly isLog: boolean;
}

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Largest ÷ smallest from which a range is told better in logarithms. */
const LOG_FROM = 20;
const MARGIN = 0.05;

/** Smallest and largest finite number; null where there is none. */
export function extentOf(values: Float64Array): readonly [least: number, most: number] | null {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return least <= most ? [least, most] : null;
}

export function asksForLog(extent: readonly [number, number] | null): boolean {
  return extent !== null && extent[0] > 0 && extent[1] / extent[0] >= LOG_FROM;
}

/** With a margin at both ends; logarithms only where all is above zero. */
export function scaleOf(extent: readonly [number, number] | null, wantsLog: boolean, margin = MARGIN): Scale {
  const [least, most] = extent ?? [0, 1];
  if (wantsLog && least > 0) {
    const by = (most / least) ** margin;
    const room = least === most ? 2 : by;
    return { from: least / room, to: most * room, isLog: true };
  }
  const room = (most - least || Math.abs(most) || 1) * margin;
  return { from: least >= 0 ? Math.max(0, least - room) : least - room, to: most + room, isLog: false };
}

/** 0 at `from`, 1 at `to`. */
export function placeOn({ from, to, isLog }: Scale, value: number): number {
  if (isLog) return Math.log(value / from) / Math.log(to / from);
  return to > from ? (value - from) / (to - from) : 0.5;
}

export function valueAt({ from, to, isLog }: Scale, place: number): number {
  return isLog ? from * (to / from) ** place : from + place * (to - from);
}

export interface ScaleTicks {
  readonly ticks: readonly Tick[];
  /** Beside the title: `kcycles`, `MiB`, `%`; empty where labels tell it themselves. */
  readonly unit: string;
}

export function ticksOf(scale: Scale, count: number, unit: Unit): ScaleTicks {
  if (scale.isLog) {
    const values = logTicks(scale, count, unit);
    return { ticks: values.map((value) => ({ value, label: bareQuantity(value, unit) })), unit: plainUnit(unit) };
  }
  const values = ticks(scale.from, scale.to, count, unit);
  const axis = axisScale(values, unit);
  return { ticks: values.map((value) => ({ value, label: axis.label(value) })), unit: axis.unit };
}

const plainUnit = (unit: Unit): string => (unit === '1' ? '%' : unit);

/** Powers of ten (of two for bytes) in the range, with 2 and 5 between where they are few; no more than wanted. */
function logTicks({ from, to }: Scale, count: number, unit: Unit): readonly number[] {
  const base = unit === 'B' ? 2 : 10;
  const first = Math.ceil(Math.log(from) / Math.log(base) - 1e-9);
  const last = Math.floor(Math.log(to) / Math.log(base) + 1e-9);
  const powers = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => base ** (first + at));
  if (powers.length > count) {
    const every = Math.ceil(powers.length / Math.max(1, count));
    return powers.filter((_, at) => at % every === 0);
  }
  if (base === 2 || powers.length * 3 > count + 2) return powers;
  const finer: number[] = [];
  for (let power = first - 1; power <= last; power++)
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** power;
      if (value >= from && value <= to) finer.push(value);
    }
  return finer;
}

/** `2 M`, `64 Ki`, `5 m`: the unit stands in the title. */
function bareQuantity(value: number, unit: Unit): string {
  const text = formatQuantity(value, unit);
  const symbol =
    unit === 'MHz' ? 'Hz' : unit === 'ns' || unit === 'ms' ? 's' : unit === 'pJ' ? 'J' : unit === '1' ? '%' : unit;
  const bare = symbol !== '' && text.endsWith(symbol) ? text.slice(0, -symbol.length).trim() : text;
  const [digits = '', ...prefix] = bare.split(' ');
  return [String(Number(digits)), ...prefix].join(' ');
}
