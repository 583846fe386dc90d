import type { ParameterValues } from '#core/base/value.ts';
import type { ComponentType } from '../component-type.ts';
import { integerOf, integersOf, type ParameterSpec, textOf } from '../parameter.ts';
import { countParameter, granularityParameter, LARGEST_COUNT } from './common.ts';

export const stream: ComponentType = {
  id: 'stream',
  title: 'Stream',
  category: 'stream',
  summary:
    'First-in-first-out channel from one task to another: a FIFO where both run in one stage, else a buffer of the whole tensor.',
  source: 'Kahn, The semantics of a simple language for parallel programming, IFIP 1974; bounded as in hardware',
  keywords: ['fifo', 'channel', 'buffer', 'queue', 'edge', 'tokens'],
  ports: [
    { id: 'writer', title: 'writer', kind: 'write', side: 'input' },
    { id: 'reader', title: 'reader', kind: 'read', side: 'output' },
  ],
  parameters: [
    countParameter('depth', 'Depth', 0, 2, 'Tokens the FIFO holds; 0 is without bound.'),
    {
      id: 'bits',
      title: 'Width',
      kind: 'integer',
      unit: '',
      minimum: 1,
      maximum: 65_536,
      default: 16,
      help: 'Bits of a token.',
    },
    granularityParameter(
      'writePer',
      'Written',
      'firing',
      'When its writer gives tokens: after every firing, after the last of a block, or all at once when it has finished.',
    ),
    rates(
      'writeRates',
      'Tokens written',
      'Tokens given each time, repeated in turn: 1 is one every time, 1, 0 every other time.',
    ),
    granularityParameter(
      'readPer',
      'Read',
      'firing',
      'When its reader takes tokens: before every firing, before the first of a block, or all at once before it starts.',
    ),
    rates('readRates', 'Tokens read', 'Tokens taken each time, repeated in turn.'),
    countParameter(
      'initial',
      'Initial tokens',
      0,
      0,
      'Tokens in it before anything has run; a cycle of tasks needs some.',
    ),
  ],
  badge,
};

function rates(id: string, title: string, help: string): ParameterSpec {
  return {
    id,
    title,
    kind: 'integers',
    unit: '',
    minimum: 0,
    maximum: LARGEST_COUNT,
    default: [1],
    help,
    source: 'Bilsen et al., Cyclo-static dataflow, IEEE TSP 44(2), 1996',
  };
}

function badge(p: ParameterValues): string {
  const end = (rates: string, per: string) => {
    const list = integersOf(p, rates, [1]);
    const text = `${list.slice(0, 3).join(', ')}${list.length > 3 ? ', …' : ''}`;
    const granularity = textOf(p, per, 'firing');
    return granularity === 'firing' ? text : `${text} a ${granularity === 'task' ? 'run' : granularity}`;
  };
  const depth = integerOf(p, 'depth', 2);
  const initial = integerOf(p, 'initial');
  return [
    `${end('writeRates', 'writePer')} → ${end('readRates', 'readPer')}`,
    `${depth === 0 ? 'unbounded' : `depth ${depth.toLocaleString('en-GB')}`} × ${integerOf(p, 'bits', 16)} b`,
    ...(initial > 0 ? [`${initial.toLocaleString('en-GB')} initial`] : []),
  ].join(' · ');
}
