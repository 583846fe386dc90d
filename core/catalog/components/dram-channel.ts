import type { ComponentType } from '../component-type.ts';
import { integerOf, textOf } from '../parameter.ts';

export interface DramKind {
  readonly id: string;
  readonly title: string;
  /** Picojoules a bit, whole access path of the device. */
  readonly picojoulesPerBit: number;
  readonly source: string;
}

/** Off-chip memory types and their access energy. */
export const DRAM_KINDS: readonly DramKind[] = [
  { id: 'lpddr4', title: 'LPDDR4', picojoulesPerBit: 8, source: 'Accelergy CACTI plug-in, DRAM type table (LPDDR4)' },
  {
    id: 'ddr4',
    title: 'DDR3 / DDR4',
    picojoulesPerBit: 70,
    source: 'Accelergy CACTI plug-in, DRAM type table (DDR3, after Chatterjee et al., MICRO 2017)',
  },
  { id: 'gddr5', title: 'GDDR5', picojoulesPerBit: 14, source: 'Accelergy CACTI plug-in, DRAM type table (GDDR5)' },
  {
    id: 'gddr6',
    title: 'GDDR6',
    picojoulesPerBit: 7.5,
    source: 'Micron, ultra-bandwidth solutions (average device power)',
  },
  {
    id: 'hbm2',
    title: 'HBM2',
    picojoulesPerBit: 3.9,
    source: "O'Connor et al., Fine-grained DRAM, MICRO 2017; Accelergy CACTI plug-in",
  },
];

export function dramKind(id: string): DramKind {
  return DRAM_KINDS.find((kind) => kind.id === id) ?? DRAM_KINDS[0]!;
}

export const dramChannel: ComponentType = {
  id: 'dram-channel',
  title: 'DRAM / HBM channel',
  category: 'off-chip',
  summary:
    'Off-chip memory behind one channel: bandwidth, latency, energy a bit. Requests are served first come, first served.',
  source: 'JEDEC data sheets for bandwidth; energy by type with its source',
  keywords: ['dram', 'hbm', 'ddr', 'lpddr', 'off-chip', 'memory'],
  ports: [{ id: 'bus', title: 'bus', kind: 'bus', side: 'output', many: true }],
  parameters: [
    {
      id: 'kind',
      title: 'Type',
      kind: 'choice',
      default: 'lpddr4',
      choices: DRAM_KINDS.map(({ id, title }) => ({ value: id, title })),
      help: 'Sets the energy a bit.',
      source: 'see the energy figures of a run',
    },
    {
      id: 'gigabytesPerSecond',
      title: 'Bandwidth',
      kind: 'number',
      unit: 'GB/s',
      minimum: 0.001,
      maximum: 100_000,
      default: 16,
      help: 'Sustained bandwidth, 10⁹ bytes a second.',
    },
    {
      id: 'latencyNanoseconds',
      title: 'Latency',
      kind: 'number',
      unit: 'ns',
      minimum: 0,
      maximum: 100_000,
      default: 100,
      help: 'From the request to the first byte; hidden between transfers that overlap.',
    },
  ],
  badge: (p) => `${dramKind(textOf(p, 'kind', 'lpddr4')).title} · ${integerOf(p, 'gigabytesPerSecond', 16)} GB/s`,
};
