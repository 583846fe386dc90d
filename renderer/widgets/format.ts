/** Parameter values and shapes as shown in nodes, lists and forms. */
import { formatQuantity, type Unit } from '#core/base/quantity.ts';
import type { ParameterValue } from '#core/base/value.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';

/** `1×64×56×56`; a scalar reads 'scalar'. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? 'scalar' : shape.join('×');
}

export function formatValue(spec: ParameterSpec, value: ParameterValue): string {
  switch (spec.kind) {
    case 'integer':
    case 'number':
      return typeof value === 'number' ? formatNumber(value, spec.unit) : String(value);
    case 'choice':
      return spec.choices.find((choice) => choice.value === value)?.title ?? String(value);
    case 'boolean':
      return value === true ? 'yes' : 'no';
    case 'integers':
      return Array.isArray(value) ? value.join(', ') : String(value);
    case 'text':
      return String(value);
  }
}

function formatNumber(value: number, unit: Unit): string {
  return unit === '1' || unit === '' ? String(value) : formatQuantity(value, unit);
}

/** A bare count with an SI prefix: `4.23 M`. */
export function formatCount(count: number): string {
  return formatQuantity(count, 'element').replace(/ ?element$/, '');
}

/** A share of a whole, 0…1: `41.7 %`; one too small for its digits to say anything is `< 0.001 %`. */
export function formatShare(share: number): string {
  return share > 0 && share < 1e-5 ? '< 0.001 %' : formatQuantity(share, '1');
}

/** `3 nodes`, `1 node`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-GB')} ${noun}${count === 1 ? '' : 's'}`;
}

/** Of a use of a block, or of a part of one; '' where it has none. */
export function ownValuesText(count: number): string {
  return count === 0 ? '' : `${counted(count, 'value')} of its own`;
}

/** Local wall-clock `14:02:11`. */
export function clockTime(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
