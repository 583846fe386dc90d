import { formatQuantity } from '#core/base/quantity.ts';
import type { ComponentType } from '../component-type.ts';
import { integerOf } from '../parameter.ts';
import { integerParameter, technologyParameter } from './common.ts';

export const scratchpad: ComponentType = {
  id: 'scratchpad',
  title: 'Scratchpad',
  category: 'memory',
  summary: 'On-chip memory the schedule fills: whole tensors live here between the operators that make and use them.',
  source: 'Banakar et al., Scratchpad memory, CODES 2002',
  keywords: ['spm', 'sram', 'global buffer', 'unified buffer', 'memory', 'bram', 'uram'],
  ports: [
    { id: 'memory', title: 'from DMA', kind: 'memory', side: 'input', many: true },
    { id: 'units', title: 'to units', kind: 'operand', side: 'output', many: true },
  ],
  parameters: [
    integerParameter('capacityBytes', 'Capacity', 'B', [64, 2 ** 40], 524_288, 'Bytes the scheduler may fill.'),
    integerParameter('alignmentBytes', 'Alignment', 'B', [1, 65_536], 64, 'Tensors start at multiples of this.'),
    integerParameter(
      'bytesPerCycle',
      'Port width',
      'B/cycle',
      [1, 1_048_576],
      64,
      'Bytes a unit reads and writes here a cycle; a tile takes at least its scratchpad bytes divided by this.',
    ),
    technologyParameter,
  ],
  badge: (p) => formatQuantity(integerOf(p, 'capacityBytes', 524_288), 'B'),
};
