/** Parameters several component types share, declared once. */
import { LARGEST_NODE, SCALING_SOURCE, SMALLEST_NODE } from '#core/energy/scaling.ts';
import type { ParameterSpec } from '../parameter.ts';

/** The node of the published operation energies: no scaling stands between them and a run's. */
export const DEFAULT_NODE = 45;

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

/** Technology node of a part of the chip: sets the energy and area estimated for it, nothing else. */
export const technologyParameter: ParameterSpec = {
  id: 'nanometres',
  title: 'Technology',
  kind: 'number',
  unit: 'nm',
  minimum: SMALLEST_NODE,
  maximum: LARGEST_NODE,
  default: DEFAULT_NODE,
  help: 'Node of the process in nanometres. Energies and areas are those of 22–65 nm, scaled beyond.',
  source: SCALING_SOURCE,
  advanced: true,
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
