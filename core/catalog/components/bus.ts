import type { ComponentType } from '../component-type.ts';
import { integerOf } from '../parameter.ts';
import { integerParameter } from './common.ts';

export const bus: ComponentType = {
  id: 'bus',
  title: 'Bus link',
  category: 'link',
  summary: 'Joins DMA engines and off-chip channels; carries one transfer at a time.',
  source: 'definition',
  keywords: ['axi', 'noc', 'interconnect', 'crossbar', 'link'],
  ports: [
    { id: 'channels', title: 'channels', kind: 'bus', side: 'input', many: true },
    { id: 'engines', title: 'engines', kind: 'bus', side: 'output', many: true },
  ],
  parameters: [
    integerParameter('bytesPerCycle', 'Width', 'B/cycle', [1, 65_536], 64, 'Bytes carried a cycle.'),
    integerParameter(
      'latencyCycles',
      'Latency',
      'cycles',
      [0, 100_000],
      8,
      'Cycles added to the first byte of every transfer.',
    ),
  ],
  badge: (p) => `${integerOf(p, 'bytesPerCycle', 64)} B/cycle`,
};
