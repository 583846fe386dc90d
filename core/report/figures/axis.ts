/** Axes: round tick values and labels that differ from each other however far one has zoomed in. */
import { BINARY_PREFIXES, SI_PREFIXES, type Unit } from '#core/base/quantity.ts';

/** What is counted: there is nothing between two whole numbers of it. */
const COUNTED: ReadonlySet<Unit> = new Set<Unit>(['B', 'cycles', 'MAC', 'op', 'element', 'px', '']);

/**
 * About `count` round values in [from, to]; bytes step in powers of two, everything else in 1, 2, 5 × 10ⁿ. What is counted is
 * not divided.
 */
export function ticks(from: number, to: number, count: number, unit: Unit): readonly number[] {
  const range = to - from;
  if (!(range > 0) || !Number.isFinite(range)) return [from];
  const step = stepOf(range / Math.max(1, count), unit);
  const values: number[] = [];
  for (let index = Math.ceil(from / step); index * step <= to && values.length < 1000; index++)
    values.push(index * step);
  return values;
}

function stepOf(rough: number, unit: Unit): number {
  if (unit === 'B') return Math.max(1, 2 ** Math.ceil(Math.log2(rough)));
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = rough / power;
  const step = power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
  return COUNTED.has(unit) ? Math.max(1, step) : step;
}

/** Told as they are: a prefix before them is not how the field writes them. A ratio is told in per cent. */
const UNPREFIXED: ReadonlySet<Unit> = new Set<Unit>(['', '%', 'px', 'nm', 'mm²', 'GB/s', 'ms', 'ns', 'pJ', 'MHz']);
const PLAIN = [[1, '']] as const;
const PERCENT = [[0.01, '']] as const;

export interface AxisScale {
  /** Unit with prefix, for the axis title: `kcycles`, `µs`, `KiB`. */
  readonly unit: string;
  readonly label: (value: number) => string;
}

/** One prefix for the whole axis, and as many decimals as tell neighbouring ticks apart. */
export function axisScale(values: readonly number[], unit: Unit): AxisScale {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const table = unit === '1' ? PERCENT : UNPREFIXED.has(unit) ? PLAIN : unit === 'B' ? BINARY_PREFIXES : SI_PREFIXES;
  const fits = (candidate: number) => largest >= candidate && !(COUNTED.has(unit) && candidate < 1);
  const [scale, prefix] = table.find(([candidate]) => table.length === 1 || fits(candidate)) ?? [1, ''];
  let decimals = 0;
  if (values.length > 1) {
    const step = Math.abs(values[1]! - values[0]!) / scale;
    while (decimals < 9 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6) decimals++;
  }
  const label = (value: number) => {
    const [whole = '0', fraction] = (value / scale).toFixed(decimals).split('.');
    return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',') + (fraction ? `.${fraction}` : '');
  };
  return { unit: unit === '1' ? '%' : `${prefix}${unit}`, label };
}
