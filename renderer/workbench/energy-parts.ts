/** Energy and area of a run as parts of a whole with a colour each, the same in bars, tables and legends. */
import type { Unit } from '#core/base/quantity.ts';
import type { Figure } from '#core/energy/figure.ts';
import type { Hue } from '#core/report/palette.ts';
import type { AreaPart, EnergyLevelId, RunResult } from '#core/run/result.ts';

export interface Part {
  readonly id: string;
  readonly title: string;
  readonly hue: Hue;
  readonly value: number;
  /** Of the whole, 0…1. */
  readonly share: number;
  readonly figures: readonly Figure[];
}

export interface Whole {
  readonly title: string;
  readonly unit: Unit;
  readonly parts: readonly Part[];
  readonly total: number;
}

const LEVEL_HUES: Readonly<Record<EnergyLevelId, Hue>> = {
  macs: 'compute',
  lanes: 'pooling',
  registers: 'convolution',
  buffers: 'quantisation',
  scratchpad: 'memory',
  'off-chip': 'off-chip',
};
const AREA_HUES: Readonly<Record<AreaPart['id'], Hue>> = {
  cells: 'compute',
  lanes: 'pooling',
  buffers: 'quantisation',
  scratchpad: 'memory',
};

export function energyOf({ energy }: RunResult): Whole | null {
  if (!energy) return null;
  const parts = energy.levels.map(({ id, title, joules, share, figures }) => ({
    id,
    title,
    hue: LEVEL_HUES[id],
    value: joules,
    share,
    figures,
  }));
  return { title: 'Energy by level', unit: 'J', parts, total: parts.reduce((sum, { value }) => sum + value, 0) };
}

export function areaOf({ area }: RunResult): Whole | null {
  if (!area || area.length === 0) return null;
  const parts = area.map(({ id, title, squareMillimetres, share, figures }) => ({
    id,
    title,
    hue: AREA_HUES[id],
    value: squareMillimetres,
    share,
    figures,
  }));
  return { title: 'Area', unit: 'mm²', parts, total: parts.reduce((sum, { value }) => sum + value, 0) };
}
