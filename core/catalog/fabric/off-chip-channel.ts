import { DRAM_KINDS } from '#core/energy/dram.ts';
import type { ComponentType } from '../component-type.ts';
import { integerParameter } from '../components/common.ts';
import { integerOf, textOf } from '../parameter.ts';

/** The DRAM kind whose energy is set by hand. */
export const OTHER_KIND = 'other';

export const offChipChannel: ComponentType = {
  id: 'off-chip-channel',
  title: 'Off-chip channel',
  category: 'off-chip',
  summary: 'One channel to DRAM or HBM: bandwidth, latency, write response, requests under way, arbitration.',
  source: 'AMD DS963, Alveo U280: HBM2, 460 GB/s over 32 pseudo-channels',
  keywords: ['dram', 'hbm', 'ddr', 'axi', 'bandwidth', 'off-chip'],
  ports: [{ id: 'data', title: 'data', kind: 'data', side: 'output', many: true, optional: true }],
  parameters: [
    {
      id: 'kind',
      title: 'Type',
      kind: 'choice',
      default: 'hbm2',
      choices: [...DRAM_KINDS.map(({ id, title }) => ({ value: id, title })), { value: OTHER_KIND, title: 'Other' }],
      help: 'Sets the energy a byte, unless it is ‘Other’.',
      source: 'see the energy figures of a run',
    },
    {
      id: 'gigabytesPerSecond',
      title: 'Bandwidth',
      kind: 'number',
      unit: 'GB/s',
      minimum: 1e-6,
      maximum: 1e6,
      default: 14.4,
      help: 'Sustained bandwidth, 10⁹ bytes a second.',
      source: 'AMD DS963: 460.8 GB/s over 32 pseudo-channels of HBM2',
    },
    integerParameter('latencyCycles', 'Latency', 'cycles', [0, 1e6], 64, 'From a request to its first byte.'),
    integerParameter(
      'responseCycles',
      'Write response',
      'cycles',
      [0, 1e6],
      64,
      'From the last byte of a store to its response; a blocking store waits for it beat by beat.',
    ),
    {
      ...integerParameter('outstanding', 'Outstanding requests', '', [1, 65_536], 16, 'Requests under way at once.'),
      source: 'AMD UG1399, m_axi interface: num_read_outstanding, num_write_outstanding',
    },
    {
      id: 'arbitration',
      title: 'Arbitration',
      kind: 'choice',
      default: 'first-come',
      choices: [
        { value: 'first-come', title: 'First come, first served' },
        { value: 'round-robin', title: 'Round robin' },
      ],
      help: 'Who goes first where several tasks wait.',
    },
    {
      id: 'energyPerByte',
      title: 'Energy a byte',
      kind: 'number',
      unit: 'pJ',
      minimum: 0,
      maximum: 1e9,
      default: 0,
      help: 'Of a byte moved; counts for the type ‘Other’ only.',
      advanced: true,
    },
  ],
  badge: (p) => {
    const kind = DRAM_KINDS.find(({ id }) => id === textOf(p, 'kind', 'hbm2'))?.title;
    const latency = integerOf(p, 'latencyCycles', 64).toLocaleString('en-GB');
    return `${kind === undefined ? '' : `${kind} · `}${integerOf(p, 'gigabytesPerSecond', 14.4)} GB/s · ${latency} cycles`;
  },
};
