/** Modes and what their search proves, in the same words in reports, in the studio and on the command line. */
import { formatExact, formatQuantity } from '#core/base/quantity.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import type { SimulationSettings } from '#core/run/fabric/settings.ts';
import type { Mode } from '#core/stages/design.ts';

export const MODE_TITLES: Readonly<Record<Mode, string>> = {
  sequential: 'Sequential',
  dataflow: 'Dataflow',
  reconfigurable: 'Reconfigurable',
};

type Search = NonNullable<SimulationResult['search']>;

const METHODS: Readonly<Record<Search['method'], string>> = {
  downsets: 'a dynamic programme over downsets',
  'integer-programme': 'a set-partition integer programme',
  merging: 'merging of stages',
};
const UNITS = { cycles: 'cycles', energy: 'J', 'off-chip': 'B' } as const;

/** By which method, how much was looked at, and the bound: of the time model, not of the simulation. */
export function searchText(
  { bound, isProven, method, counts }: Search,
  { objective }: Pick<SimulationSettings, 'objective'>,
): string {
  const work = `${formatExact(counts.states, '')} states, ${formatExact(counts.prices, '')} stages priced`;
  const proof = `${isProven ? 'proven' : 'not proven'}: no design is predicted below ${formatQuantity(bound, UNITS[objective])}`;
  return `Searched by ${METHODS[method]} (${work}); ${proof}.`;
}
