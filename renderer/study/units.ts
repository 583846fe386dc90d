/** Units of studies travel as text; the figures' formats know them as the field's symbols. */
import type { Unit } from '#core/base/quantity.ts';
import { formatQuantity } from '#core/base/quantity.ts';
import type { ParameterValue } from '#core/base/value.ts';

const UNITS: Readonly<Record<Unit, true>> = {
  B: true,
  cycles: true,
  s: true,
  ms: true,
  J: true,
  pJ: true,
  W: true,
  Hz: true,
  MHz: true,
  'GB/s': true,
  ns: true,
  'B/s': true,
  'B/cycle': true,
  MAC: true,
  'MAC/cycle': true,
  op: true,
  'op/cycle': true,
  element: true,
  px: true,
  nm: true,
  'mm²': true,
  '1': true,
  '%': true,
  '': true,
};

const isUnit = (text: string): text is Unit => Object.hasOwn(UNITS, text);

/** What is no unit of ours is none. */
export function unitOf(text: string): Unit {
  return isUnit(text) ? text : '';
}

/** `64 KiB`, `3×3`, `dataflow`; a bare number stays as it is. */
export function valueText(value: ParameterValue, unit: string): string {
  if (typeof value === 'object') return value.join('×') || 'empty';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  const known = unitOf(unit);
  return known === '' || known === '1' || known === 'element' ? String(value) : formatQuantity(value, known);
}
