import type { ParameterValues } from '#core/base/value.ts';
import type { ComponentType } from '../component-type.ts';
import { integerOf, integersOf, textOf } from '../parameter.ts';
import { countParameter, FORMAT_CHOICES, ticksParameter } from './common.ts';

export const task: ComponentType = {
  id: 'task',
  title: 'Task',
  category: 'task',
  summary: 'Work that fires again and again: takes tokens from streams, computes, gives tokens to streams.',
  source: 'Bilsen, Engels, Lauwereins, Peperstraete, Cyclo-static dataflow, IEEE TSP 44(2), 1996',
  keywords: ['actor', 'kernel', 'process', 'csdf', 'sdf', 'compute'],
  ports: [
    { id: 'reads', title: 'reads', kind: 'read', side: 'input', many: true, optional: true },
    { id: 'loads', title: 'loads', kind: 'transfer', side: 'input', many: true, optional: true },
    { id: 'writes', title: 'writes', kind: 'write', side: 'output', many: true, optional: true },
    { id: 'stores', title: 'stores', kind: 'transfer', side: 'output', many: true, optional: true },
  ],
  parameters: [
    {
      id: 'operation',
      title: 'Operation',
      kind: 'choice',
      default: 'mac',
      choices: [
        { value: 'mac', title: 'Multiply-accumulate' },
        { value: 'special', title: 'Special function' },
      ],
      help: 'Multiply-accumulates run on compute cores, exponentials, roots and the like on special-function units.',
    },
    {
      id: 'format',
      title: 'Number format',
      kind: 'choice',
      default: 'int16',
      choices: FORMAT_CHOICES,
      help: 'Format of its operands; how many operations a cycle a core does in it, and the energy of one, depend on it.',
    },
    countParameter('blocks', 'Blocks', 1, 1, 'The outer loop: rows, heads, bands. A run fires blocks × firings times.'),
    countParameter('firings', 'Firings', 1, 64, 'Firings of one block.'),
    countParameter(
      'work',
      'Work',
      0,
      64,
      'Operations of one firing: multiply-accumulates, or evaluations of a function.',
    ),
    {
      id: 'flattened',
      title: 'Flattened loops',
      kind: 'boolean',
      default: true,
      help: 'Flattened: firings follow each other every interval, the pipeline fills once. Not flattened: it fills and is left at every start of the inner loop.',
      source: 'AMD UG1399, Vitis HLS user guide, loop pipelining and flattening',
    },
    ticksParameter('interval', 'Initiation interval', 1, 1, 'Cycles from one iteration of the inner loop to the next.'),
    ticksParameter(
      'depth',
      'Pipeline depth',
      0,
      8,
      'Cycles from the start of an iteration to its result. An int16 multiply-accumulate takes about 8, an exponential 20 to 30.',
    ),
    ticksParameter('exit', 'Loop exit', 0, 1, 'Cycles to leave the inner loop; counts where loops are not flattened.'),
    countParameter('starts', 'Inner loops', 1, 1, 'How often a firing enters its inner loop.'),
    ticksParameter('overhead', 'Overhead', 0, 0, 'Cycles of control added to every firing.'),
    countParameter(
      'unroll',
      'Unrolling',
      0,
      0,
      'Most operations a cycle it can use as it is built, however many a core offers; 0 is no limit.',
    ),
    {
      ...countParameter(
        'bankAccesses',
        'Bank accesses',
        0,
        0,
        'Words an iteration reads from and writes to on-chip banks. As built, iterations follow each other at least ⌈accesses ÷ ports of all banks⌉ cycles apart; 0 is no limit.',
      ),
      source: 'AMD UG1399, Vitis HLS user guide, initiation interval and memory ports',
      advanced: true,
    },
    {
      id: 'cores',
      title: 'Cores',
      kind: 'text',
      default: '',
      help: 'Names of the cores it may run on, separated by commas; empty is any core of its operation.',
    },
    {
      id: 'stage',
      title: 'Stage',
      kind: 'integer',
      unit: '',
      minimum: 0,
      maximum: 10_000,
      default: 0,
      help: 'The stage it is put in by hand, from 1; 0 leaves it to the mode.',
    },
    {
      id: 'times',
      title: 'Explicit times',
      kind: 'integers',
      unit: 'cycles',
      minimum: 0,
      maximum: 1e12,
      default: [],
      help: 'Cycles of its firings, repeated in turn, in place of work and loops; empty where they follow from work.',
      source: 'Lee & Messerschmitt, Synchronous data flow, Proc. IEEE 75(9), 1987',
      advanced: true,
    },
  ],
  badge,
};

function badge(p: ParameterValues): string {
  const firings = (integerOf(p, 'blocks', 1) * integerOf(p, 'firings', 64)).toLocaleString('en-GB');
  const times = integersOf(p, 'times');
  if (times.length > 0) return `${firings} × ${times.slice(0, 3).join(', ')}${times.length > 3 ? ', …' : ''} cycles`;
  const noun = textOf(p, 'operation', 'mac') === 'special' ? 'evaluations' : 'MAC';
  return `${firings} × ${integerOf(p, 'work', 64).toLocaleString('en-GB')} ${noun} · ${textOf(p, 'format', 'int16')}`;
}
