import type { ComponentType } from '../component-type.ts';
import { integerOf } from '../parameter.ts';
import { bufferParameter, clockParameter, integerParameter, technologyParameter } from './common.ts';

export const vectorUnit: ComponentType = {
  id: 'vector-unit',
  title: 'Vector unit',
  category: 'compute',
  summary:
    'Lanes that each finish one simple operation a cycle: additions, comparisons, scaling, pooling, multiply-accumulates.',
  source: 'Hennessy & Patterson, Computer Architecture, 6th ed., section 4.2 (lanes)',
  keywords: ['simd', 'alu', 'elementwise', 'lanes'],
  ports: [{ id: 'operands', title: 'operands', kind: 'operand', side: 'input' }],
  parameters: [
    integerParameter('lanes', 'Lanes', '', [1, 65_536], 32, 'Simple operations finished a cycle.'),
    integerParameter(
      'depth',
      'Pipeline depth',
      'cycles',
      [0, 1024],
      8,
      'Cycles from the first element in to the first result out, once a tile.',
    ),
    clockParameter,
    bufferParameter(
      'bufferBytes',
      'Buffer',
      32_768,
      'Operands and results that stream through from off chip; double-buffered.',
    ),
    technologyParameter,
  ],
  badge: (p) => `${integerOf(p, 'lanes', 32)} lanes`,
};
