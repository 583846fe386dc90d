/** Differences in words: a sign always, a true minus, percent where there is something to take it of. */
import { formatExact, formatQuantity, type Unit } from '#core/base/quantity.ts';

export function deltaText(delta: number, unit: Unit): string {
  if (delta === 0) return '=';
  return `${delta > 0 ? '+' : '−'}${formatQuantity(Math.abs(delta), unit)}`;
}

export function deltaExact(delta: number, unit: Unit): string {
  return delta === 0 ? 'no difference' : `${delta > 0 ? '+' : '−'}${formatExact(Math.abs(delta), unit)}`;
}

/** Of what was saved against another, 0…1: less is minus, equal is plain zero. */
export function savedText(saved: number): string {
  return `${saved > 0 ? '−' : saved < 0 ? '+' : ''}${formatQuantity(Math.abs(saved), '1')}`;
}

/** `+12.3 %`; from 10 times on as a factor. */
export function relativeText(relative: number | null): string {
  if (relative === null) return '';
  if (relative === 0) return '=';
  if (relative >= 9) return `× ${(relative + 1).toPrecision(3)}`;
  return `${relative > 0 ? '+' : '−'}${(Math.abs(relative) * 100).toPrecision(3)} %`;
}
