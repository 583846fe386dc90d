import type { ComponentType } from '../component-type.ts';
import { defaultParameters } from '../parameter.ts';
import { coreBadge, coreParameters } from './common.ts';

const PARAMETERS = coreParameters({ int8: 16, int16: 16 }, 'Multiply-accumulates');

export const computeCore: ComponentType = {
  id: 'compute-core',
  title: 'Compute core',
  category: 'compute',
  summary:
    'Array of multiply-accumulate lanes with its own data movement; runs one task at a time, or shares its lanes among tasks of a stage.',
  source: 'InTAR, arXiv:2502.08807 (architecture template)',
  keywords: ['pe', 'mac', 'lanes', 'dsp', 'cc', 'processing'],
  ports: [{ id: 'memory', title: 'memory', kind: 'data', side: 'input', many: true, optional: true }],
  parameters: PARAMETERS,
  badge: (p) => coreBadge({ ...defaultParameters(PARAMETERS), ...p }),
};
