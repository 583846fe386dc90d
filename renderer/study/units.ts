/** Values of axes in words; their units travel as text. */
import { formatQuantity, unitOf } from '#core/base/quantity.ts';
import type { ParameterValue } from '#core/base/value.ts';

/** `64 KiB`, `3×3`, `dataflow`; a bare number stays as it is. */
export function valueText(value: ParameterValue, unit: string): string {
  if (typeof value === 'object') return value.join('×') || 'empty';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  const known = unitOf(unit);
  return known === '' || known === '1' || known === 'element' ? String(value) : formatQuantity(value, known);
}
