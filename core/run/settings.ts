/** What a run is asked for besides its two documents. All of it is in the run key. */

import type { ParameterValues } from '#core/base/value.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';

export const RUN_FORMATS = ['int8', 'int16', 'fp16', 'fp32', 'model'] as const;

export interface RunSettings {
  /** How tensors are stored and computed: the number format's id, or 'model' for the element types of the file. */
  readonly format: (typeof RUN_FORMATS)[number];
  /** Overrides the drawn scratchpad's capacity, bytes; null takes what is drawn. */
  readonly scratchpadBytes: number | null;
  /** What the mapping of an operator to a unit minimises. */
  readonly objective: 'cycles' | 'off-chip';
  /** Whether operators that do not fit the scratchpad in strict modes are worked on piece by piece; absent is true. */
  readonly split?: boolean;
  readonly scheduler: { readonly id: string; readonly parameters: ParameterValues };
}

export const RUN_PARAMETERS: readonly ParameterSpec[] = [
  {
    id: 'format',
    title: 'Number format',
    kind: 'choice',
    default: 'int8',
    choices: [
      { value: 'int8', title: '8-bit integer' },
      { value: 'int16', title: '16-bit integer' },
      { value: 'fp16', title: '16-bit float' },
      { value: 'fp32', title: '32-bit float' },
      { value: 'model', title: 'As in the model' },
    ],
    help: 'Bytes an element takes on chip and off chip, and the energy of an operation. Accumulators are 32 bits wide.',
    source: '8-bit data as in COSMA, arXiv 2311.18246, section 5',
  },
  {
    id: 'objective',
    title: 'Mapping objective',
    kind: 'choice',
    default: 'cycles',
    choices: [
      { value: 'cycles', title: 'Fewest cycles' },
      { value: 'off-chip', title: 'Fewest off-chip bytes' },
    ],
    help: 'What decides between dataflows and tilings of an operator; the other breaks ties.',
  },
  {
    id: 'split',
    title: 'Split what does not fit',
    kind: 'boolean',
    default: true,
    help: 'In strict modes an operator larger than the scratchpad streams what has no room, piece by piece. Off: the run stops and says so.',
  },
];

export const DEFAULT_SETTINGS: RunSettings = {
  format: 'int8',
  scratchpadBytes: null,
  objective: 'cycles',
  scheduler: { id: 'scheduler/portfolio', parameters: {} },
};
