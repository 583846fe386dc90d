import type { ComponentType } from '../component-type.ts';
import { integerOf, textOf } from '../parameter.ts';
import { countParameter } from './common.ts';

const MODES = [
  { value: 'any', title: 'Left to the run' },
  { value: 'sequential', title: 'Sequential' },
  { value: 'dataflow', title: 'Dataflow' },
  { value: 'reconfigurable', title: 'Reconfigurable' },
] as const;

export const designNote: ComponentType = {
  id: 'design-note',
  title: 'Design note',
  category: 'note',
  summary: 'Which design this drawing is, and what is known of it from outside: cycles measured on hardware, a claim.',
  source: 'InTAR, arXiv:2502.08807 (modes)',
  keywords: ['note', 'measured', 'claim', 'mode', 'calibration', 'source'],
  ports: [],
  parameters: [
    {
      id: 'mode',
      title: 'Drawn for',
      kind: 'choice',
      default: 'any',
      choices: MODES,
      help: 'The mode a run takes unless it is asked for another: all cores on one task after the other, all tasks at once, or stages.',
      source: 'InTAR, arXiv:2502.08807',
    },
    {
      id: 'fabric',
      title: 'Drawn for the fabric',
      kind: 'text',
      default: '',
      help: 'Title of the fabric it is drawn for; empty: any.',
    },
    countParameter(
      'measuredCycles',
      'Measured cycles',
      0,
      0,
      'Cycles measured on hardware, to hold the simulation against; 0: none.',
    ),
    {
      id: 'measuredSource',
      title: 'Measured by',
      kind: 'text',
      default: '',
      help: 'Where the measured figure is from.',
    },
    {
      id: 'claim',
      title: 'Claim',
      kind: 'text',
      default: '',
      help: 'What the authors of the design claim, in a sentence.',
    },
    {
      id: 'calibration',
      title: 'Calibration',
      kind: 'choice',
      default: 'none',
      choices: [
        { value: 'none', title: 'Nothing was fitted' },
        { value: 'fitted', title: 'Constants were fitted to it' },
        { value: 'held-aside', title: 'Held aside to test' },
      ],
      help: 'Whether constants of this drawing were fitted to the measured cycles, or the figure was held aside to test them.',
    },
  ],
  badge: (p) => {
    const cycles = integerOf(p, 'measuredCycles');
    const mode = MODES.find(({ value }) => value === textOf(p, 'mode', 'any'))?.title ?? '';
    return cycles > 0 ? `${mode} · ${cycles.toLocaleString('en-GB')} cycles measured` : mode;
  },
};
