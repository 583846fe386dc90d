import type { ComponentType } from '../component-type.ts';
import { integerOf } from '../parameter.ts';
import { bufferParameter, clockParameter, integerParameter, technologyParameter } from './common.ts';

export const specialFunctionUnit: ComponentType = {
  id: 'special-function-unit',
  title: 'Special-function unit',
  category: 'compute',
  summary: 'Pipelines for exponentials, square roots, divisions and the like: softmax, GELU, normalisation.',
  source: 'Oberman & Siu, A high-performance area-efficient multifunction interpolator, ARITH 2005',
  keywords: ['sfu', 'exp', 'softmax', 'gelu', 'transcendental', 'activation'],
  ports: [{ id: 'operands', title: 'operands', kind: 'operand', side: 'input' }],
  parameters: [
    integerParameter(
      'lanes',
      'Lanes',
      '',
      [1, 65_536],
      8,
      'Function evaluations, or simple operations beside them, finished a cycle.',
    ),
    integerParameter(
      'depth',
      'Pipeline depth',
      'cycles',
      [0, 1024],
      24,
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
  badge: (p) => `${integerOf(p, 'lanes', 8)} lanes`,
};
