/** Colours of what a run waits for, from the palette all figures share. */
import type { Cause } from '#core/explain/attribution.ts';
import type { Hue } from '#core/report/palette.ts';

export const CAUSE_HUES: Readonly<Record<Cause, Hue>> = {
  array: 'compute',
  vector: 'memory',
  bandwidth: 'off-chip',
  capacity: 'spill',
  buffers: 'refetch',
  latency: 'opaque',
};
