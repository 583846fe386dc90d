import type { ComponentType } from '../component-type.ts';
import { defaultParameters } from '../parameter.ts';
import { coreBadge, coreParameters } from './common.ts';

const PARAMETERS = coreParameters({ int8: 1, int16: 1, fp16: 1, fp32: 1 }, 'Evaluations');

export const specialUnit: ComponentType = {
  id: 'special-unit',
  title: 'Special-function core',
  category: 'compute',
  summary: 'Pipelines for exponentials, roots and divisions between compute cores: softmax, SiLU, latent sampling.',
  source: 'InTAR, arXiv:2502.08807 (special-function units between cores)',
  keywords: ['sfu', 'exp', 'softmax', 'silu', 'gelu', 'transcendental'],
  ports: [{ id: 'memory', title: 'memory', kind: 'data', side: 'input', many: true, optional: true }],
  parameters: PARAMETERS,
  badge: (p) => coreBadge({ ...defaultParameters(PARAMETERS), ...p }),
};
