import type { ComponentType } from '../component-type.ts';
import { integerOf } from '../parameter.ts';
import { integerParameter } from './common.ts';

export const dma: ComponentType = {
  id: 'dma',
  title: 'DMA engine',
  category: 'link',
  summary:
    'Moves tensors and tiles between off-chip memory and the chip, one transfer after the other, while units compute.',
  source: 'definition',
  keywords: ['copy', 'mvin', 'mvout', 'transfer', 'mover'],
  ports: [
    { id: 'bus', title: 'off chip', kind: 'bus', side: 'input' },
    { id: 'memory', title: 'scratchpad', kind: 'memory', side: 'output' },
  ],
  parameters: [
    integerParameter('bytesPerCycle', 'Width', 'B/cycle', [1, 65_536], 64, 'Bytes moved a cycle at best.'),
    integerParameter(
      'setupCycles',
      'Set-up',
      'cycles',
      [0, 100_000],
      4,
      'Cycles from a command to its first request, once a transfer.',
    ),
  ],
  badge: (p) => `${integerOf(p, 'bytesPerCycle', 64)} B/cycle`,
};
