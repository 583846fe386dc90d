import { formatQuantity } from '#core/base/quantity.ts';
import { SRAM_SOURCE } from '#core/energy/sram.ts';
import type { ComponentType } from '../component-type.ts';
import { integerParameter, technologyParameter } from '../components/common.ts';
import { integerOf, textOf } from '../parameter.ts';
import { NOT_GIVEN } from './common.ts';

const KINDS = [
  { value: 'bram', title: 'BRAM' },
  { value: 'uram', title: 'URAM' },
  { value: 'sram', title: 'SRAM' },
] as const;

export const memoryBank: ComponentType = {
  id: 'memory-bank',
  title: 'Memory bank',
  category: 'memory',
  summary: 'On-chip memory that keeps tensors between stages; what does not fit goes off chip.',
  source: 'AMD UG573, UltraScale memory resources',
  keywords: ['bram', 'uram', 'sram', 'scratchpad', 'buffer', 'on-chip'],
  ports: [
    { id: 'channels', title: 'channels', kind: 'data', side: 'input', many: true, optional: true },
    { id: 'cores', title: 'cores', kind: 'data', side: 'output', many: true, optional: true },
  ],
  parameters: [
    {
      id: 'kind',
      title: 'Type',
      kind: 'choice',
      default: 'bram',
      choices: KINDS,
      help: 'Block RAM (18 kbit blocks), UltraRAM (288 kbit blocks) or SRAM of an ASIC.',
      source: 'AMD UG573',
    },
    integerParameter('capacityBytes', 'Capacity', 'B', [0, 2 ** 40], 2 ** 20, 'Bytes it holds.'),
    integerParameter('ports', 'Ports', '', [1, 65_536], 2, 'Accesses it serves in one cycle.'),
    {
      id: 'bytesPerCycle',
      title: 'Port width',
      kind: 'number',
      unit: 'B/cycle',
      minimum: 1e-6,
      maximum: 1e6,
      default: 32,
      help: 'Bytes a port moves a cycle.',
    },
    {
      id: 'energyPerByte',
      title: 'Energy a byte',
      kind: 'number',
      unit: 'pJ',
      minimum: NOT_GIVEN,
      maximum: 1e6,
      default: NOT_GIVEN,
      help: 'Of a byte read or written. −1: the mean of reading and writing an SRAM of its capacity.',
      source: SRAM_SOURCE,
      advanced: true,
    },
    technologyParameter,
  ],
  badge: (p) => {
    const kind = KINDS.find(({ value }) => value === textOf(p, 'kind', 'bram'))?.title ?? '';
    const ports = integerOf(p, 'ports', 2);
    return `${kind} · ${formatQuantity(integerOf(p, 'capacityBytes', 2 ** 20), 'B')} · ${ports} port${ports === 1 ? '' : 's'}`;
  },
};
