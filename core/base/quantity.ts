/**
 * Units and how figures are shown: SI prefixes with three significant digits (binary prefixes for bytes),
 * exact value on demand. A unit is the field's symbol; '1' is a ratio, shown in per cent.
 */
const UNITS = [
  'B',
  'cycles',
  's',
  'ms',
  'J',
  'pJ',
  'W',
  'Hz',
  'MHz',
  'GB/s',
  'ns',
  'B/s',
  'B/cycle',
  'MAC',
  'MAC/cycle',
  'op',
  'op/cycle',
  'element',
  'px',
  'nm',
  'mm²',
  '1',
  '%',
  '',
] as const;
export type Unit = (typeof UNITS)[number];

/** The unit a text names; '' where it is none of these. */
export function unitOf(text: string): Unit {
  return UNITS.find((unit) => unit === text) ?? '';
}

/** Largest first, the plain unit among them. */
export const SI_PREFIXES: readonly (readonly [scale: number, prefix: string])[] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
  [1e-12, 'p'],
];
export const BINARY_PREFIXES: typeof SI_PREFIXES = [
  [2 ** 40, 'Ti'],
  [2 ** 30, 'Gi'],
  [2 ** 20, 'Mi'],
  [2 ** 10, 'Ki'],
  [1, ''],
];

/** Units that are another one with a prefix of its own. */
const BASE_UNIT: Partial<Record<Unit, readonly [factor: number, symbol: Unit]>> = {
  pJ: [1e-12, 'J'],
  ms: [1e-3, 's'],
  ns: [1e-9, 's'],
  MHz: [1e6, 'Hz'],
};

/** Shown as they are: a prefix would not be the field's way to write them. */
const UNPREFIXED: ReadonlySet<Unit> = new Set<Unit>(['%', 'px', 'nm', 'mm²', 'GB/s', '']);

function significant(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toPrecision(3);
}

/** `formatQuantity(2408448, 'B')` → `2.30 MiB`; `formatQuantity(0.417, '1')` → `41.7 %`. */
export function formatQuantity(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : 'n/a';
  if (unit === '1') return `${significant(value * 100)} %`;
  if (UNPREFIXED.has(unit)) return `${significant(value)}${unit === '' ? '' : ` ${unit}`}`;
  const [factor, symbol] = BASE_UNIT[unit] ?? [1, unit];
  const base = value * factor;
  if (base === 0) return `0 ${symbol}`;
  const table = symbol === 'B' || symbol === 'B/s' || symbol === 'B/cycle' ? BINARY_PREFIXES : SI_PREFIXES;
  const counted = symbol === 'cycles' || symbol === 'MAC' || symbol === 'op' || symbol === 'element';
  const magnitude = Math.abs(base);
  for (const [scale, prefix] of table) {
    if (magnitude >= scale * 0.9995 || (counted && scale === 1))
      return `${significant(base / scale)} ${prefix}${symbol}`;
  }
  const [scale, prefix] = table[table.length - 1]!;
  return `${significant(base / scale)} ${prefix}${symbol}`;
}

/** The exact value with thousands separators and its unit, for hover and copy. */
export function formatExact(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return formatQuantity(value, unit);
  const [whole = '0', fraction] = String(value).split('.');
  const grouped = /e/i.test(String(value))
    ? String(value)
    : whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',') + (fraction ? `.${fraction}` : '');
  return unit === '1' || unit === '' ? grouped : `${grouped} ${unit}`;
}
