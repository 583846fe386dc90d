/** Access energy of off-chip memory by type, whole path of the device, picojoules a bit. */
import { type Figure, figure } from './figure.ts';

export interface DramKind {
  readonly id: string;
  readonly title: string;
  readonly energy: Figure;
}

const ACCELERGY = 'Accelergy CACTI plug-in, DRAM type table';
const MICRON = 'Micron, ultra-bandwidth solutions (average device power)';

const kind = (id: string, title: string, picojoulesPerBit: number, source: string): DramKind => ({
  id,
  title,
  energy: figure(`dram.${id}`, picojoulesPerBit, 'pJ', 'a bit', '', source),
});

/** The first is the default. */
export const DRAM_KINDS: readonly DramKind[] = [
  kind('lpddr4', 'LPDDR4', 8, `${ACCELERGY} (LPDDR4)`),
  kind('lpddr', 'LPDDR', 40, `${ACCELERGY} (LPDDR, after Malladi et al., ISCA 2012)`),
  kind('ddr4', 'DDR3 / DDR4', 70, `${ACCELERGY} (DDR3, after Chatterjee et al., MICRO 2017)`),
  kind('gddr5', 'GDDR5', 14, `${ACCELERGY} (GDDR5)`),
  kind('gddr6', 'GDDR6', 7.5, MICRON),
  kind('gddr6x', 'GDDR6X', 7.25, MICRON),
  kind('hbm2', 'HBM2', 3.9, `O'Connor et al., Fine-grained DRAM, MICRO 2017; ${ACCELERGY}`),
  kind('hbm2e', 'HBM2E', 6, MICRON),
];

export function dramKind(id: string): DramKind {
  return DRAM_KINDS.find((each) => each.id === id) ?? DRAM_KINDS[0]!;
}

export function dramJoulesPerByte({ energy }: DramKind): number {
  return energy.value * 8e-12;
}
