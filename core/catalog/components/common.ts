/** Parameters several component types share, declared once. */
import type { ParameterSpec } from '../parameter.ts';

export const clockParameter: ParameterSpec = {
  id: 'clockMegahertz',
  title: 'Clock',
  kind: 'number',
  unit: 'MHz',
  minimum: 1,
  maximum: 10_000,
  default: 1000,
  help: 'Clock of this unit in MHz. The simulation counts in cycles of the fastest clock drawn.',
};

/** Bytes of a buffer private to one unit. */
export function bufferParameter(id: string, title: string, bytes: number, help: string): ParameterSpec {
  return { id, title, kind: 'integer', unit: 'B', minimum: 16, maximum: 2 ** 34, default: bytes, help };
}

export function integerParameter(
  id: string,
  title: string,
  unit: 'B' | 'B/cycle' | 'cycles' | 'op/cycle' | '',
  range: readonly [minimum: number, maximum: number],
  standard: number,
  help: string,
): ParameterSpec {
  return { id, title, kind: 'integer', unit, minimum: range[0], maximum: range[1], default: standard, help };
}
