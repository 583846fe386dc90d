/** Tensors that lie off chip, and accesses that differ from the one set on the tensor. */

import { formatQuantity } from '#core/base/quantity.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { ComponentType } from '../component-type.ts';
import { integerOf, type ParameterSpec, textOf } from '../parameter.ts';
import { countParameter, GRANULARITY_TITLES, granularityParameter } from './common.ts';

const SOURCE = 'AMD UG1399, Vitis HLS user guide, AXI burst transfers';

const ACCESS: readonly ParameterSpec[] = [
  {
    id: 'access',
    title: 'Access',
    kind: 'choice',
    default: 'burst',
    choices: [
      { value: 'blocking', title: 'Blocking, beat by beat' },
      { value: 'burst', title: 'Burst, waited for' },
      { value: 'async', title: 'Asynchronous, double buffered' },
    ],
    help: 'Blocking: every beat waits for its response. Burst: one request for the bytes of a firing, block or run. Asynchronous: asked for one firing ahead; stores are not waited for.',
    source: SOURCE,
  },
  granularityParameter(
    'per',
    'Moved',
    'firing',
    'Whether its bytes are spread over firings or over blocks, or move at once.',
  ),
  countParameter('passes', 'Passes', 1, 1, 'How often the whole tensor crosses in a run.'),
  {
    id: 'beatBytes',
    title: 'Beat',
    kind: 'integer',
    unit: 'B',
    minimum: 1,
    maximum: 65_536,
    default: 64,
    help: 'Bytes of one beat of a blocking access.',
    source: SOURCE,
    advanced: true,
  },
  {
    id: 'channel',
    title: 'Channel',
    kind: 'text',
    default: '',
    help: 'Name of the off-chip channel of the fabric; empty: accesses take turns over the channels.',
  },
];

export const offChipTensor: ComponentType = {
  id: 'off-chip-tensor',
  title: 'Off-chip tensor',
  category: 'off-chip',
  summary:
    'Input, weights or result that lie in DRAM or HBM: joined to the tasks that load it, and from those that store it. Its access is that of every such link.',
  source: 'Williams, Waterman, Patterson, Roofline, CACM 52(4), 2009: off-chip bytes decide',
  keywords: ['dram', 'hbm', 'weights', 'load', 'store', 'global memory', 'input', 'output'],
  ports: [
    { id: 'stored', title: 'stored by', kind: 'transfer', side: 'input', many: true, optional: true },
    { id: 'loaded', title: 'loaded by', kind: 'transfer', side: 'output', many: true, optional: true },
  ],
  parameters: [
    {
      id: 'bytes',
      title: 'Size',
      kind: 'integer',
      unit: 'B',
      minimum: 0,
      maximum: 2 ** 50,
      default: 8192,
      help: 'Bytes of the tensor.',
    },
    ...ACCESS,
  ],
  badge: (p) => `${formatQuantity(integerOf(p, 'bytes', 8192), 'B')} · ${access(p)}`,
};

export const offChipAccess: ComponentType = {
  id: 'off-chip-access',
  title: 'Off-chip access',
  category: 'off-chip',
  summary: 'Stands between an off-chip tensor and one task whose access differs from the one set on the tensor.',
  source: SOURCE,
  keywords: ['load', 'store', 'dma', 'transfer', 'burst', 'axi'],
  ports: [
    { id: 'from', title: 'from', kind: 'transfer', side: 'input' },
    { id: 'to', title: 'to', kind: 'transfer', side: 'output' },
  ],
  parameters: ACCESS,
  badge: access,
};

function access(p: ParameterValues): string {
  const kind = textOf(p, 'access', 'burst');
  const passes = integerOf(p, 'passes', 1);
  const channel = textOf(p, 'channel');
  return [
    kind === 'blocking' ? `blocking ${integerOf(p, 'beatBytes', 64)} B` : kind,
    GRANULARITY_TITLES[textOf(p, 'per', 'firing')] ?? '',
    ...(passes > 1 ? [`${passes.toLocaleString('en-GB')} passes`] : []),
    ...(channel === '' ? [] : [channel]),
  ].join(' · ');
}
