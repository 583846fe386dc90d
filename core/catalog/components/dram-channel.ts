import { DRAM_KINDS, dramKind } from '#core/energy/dram.ts';
import type { ComponentType } from '../component-type.ts';
import { integerOf, textOf } from '../parameter.ts';

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
