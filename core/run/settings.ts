/** What a run is asked for besides its two documents. All of it is in the run key. */

import type { ParameterValue, ParameterValues } from '#core/base/value.ts';
import { type ParameterSpec, parameterFault } from '#core/catalog/parameter.ts';

export const RUN_FORMATS = ['int8', 'int16', 'fp16', 'fp32', 'model'] as const;

export const MAPPING_OBJECTIVES = ['cycles', 'off-chip'] as const;
/** Whether the program is played on numbers: where that takes some seconds at most, in any case, or not at all. */
export const VALUE_CHECKS = ['automatic', 'always', 'never'] as const;
/**
 * Playing a program takes about 10 ns a multiply-accumulate, an element of a tensor or moved off chip as long as 12 of
 * them, a command as long as 1,000 (measured on networks from 3 million to 6 thousand million MACs).
 */
export const WORK_AN_ELEMENT = 12;
export const WORK_A_COMMAND = 1000;
/** What is played without being asked: about five seconds. */
export const AUTOMATIC_WORK = 512e6;
export const DEFAULT_SEED = 1;
export const LARGEST_SEED = 2 ** 31 - 1;

export interface RunSettings {
  /** How tensors are stored and computed: the number format's id, or 'model' for the element types of the file. */
  readonly format: (typeof RUN_FORMATS)[number];
  /** Overrides the drawn scratchpad's capacity, bytes; null takes what is drawn. */
  readonly scratchpadBytes: number | null;
  /** What the mapping of an operator to a unit minimises. */
  readonly objective: (typeof MAPPING_OBJECTIVES)[number];
  /** Whether operators that do not fit the scratchpad in strict modes are worked on piece by piece; absent is true. */
  readonly split?: boolean;
  /** Whether values are verified; absent is 'automatic'. */
  readonly values?: (typeof VALUE_CHECKS)[number];
  /** Of random inputs and weights; absent is DEFAULT_SEED. */
  readonly seed?: number;
  /** Candidates by operator (a document node of it): texts that take the place of the compiler's lowering. Absent: none. */
  readonly candidates?: Readonly<Record<string, string>>;
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
  {
    id: 'values',
    title: 'Verify values',
    kind: 'choice',
    default: 'automatic',
    choices: [
      { value: 'automatic', title: 'Where it is quick' },
      { value: 'always', title: 'Always' },
      { value: 'never', title: 'Never' },
    ],
    help: 'Plays the program on numbers and compares every output with a plain execution of the model. Where it is quick: up to 512 million MACs, an element stored or moved counting as 12 and a command as 1,000; that takes about five seconds.',
  },
  {
    id: 'seed',
    title: 'Seed',
    kind: 'integer',
    unit: '',
    minimum: 0,
    maximum: LARGEST_SEED,
    default: DEFAULT_SEED,
    help: 'Of the random numbers values are verified with: inputs, and weights no file has.',
    advanced: true,
  },
];

/** The value a parameter of RUN_PARAMETERS has in `settings`. */
export function runSetting(settings: RunSettings, { id, default: otherwise }: ParameterSpec): ParameterValue {
  const { format, objective, split, values, seed } = settings;
  const set: Readonly<Record<string, ParameterValue | undefined>> = { format, objective, split, values, seed };
  return set[id] ?? otherwise;
}

/**
 * The settings with one parameter of RUN_PARAMETERS set. Defaults of those that may be absent are left out, so that
 * equal settings have equal keys. A value the parameter does not take changes nothing.
 */
export function withRunSetting(settings: RunSettings, spec: ParameterSpec, value: ParameterValue): RunSettings {
  const { split, values, seed, ...rest } = settings;
  const kept = {
    ...rest,
    ...(spec.id !== 'split' && split !== undefined && { split }),
    ...(spec.id !== 'values' && values !== undefined && { values }),
    ...(spec.id !== 'seed' && seed !== undefined && { seed }),
  };
  if (parameterFault(spec, value) !== null) return settings;
  const format = RUN_FORMATS.find((one) => one === value);
  const objective = MAPPING_OBJECTIVES.find((one) => one === value);
  const check = VALUE_CHECKS.find((one) => one === value);
  switch (spec.id) {
    case 'format':
      return format ? { ...kept, format } : settings;
    case 'objective':
      return objective ? { ...kept, objective } : settings;
    case 'split':
      return value === false ? { ...kept, split: false } : kept;
    case 'values':
      return check === undefined || check === spec.default ? kept : { ...kept, values: check };
    case 'seed':
      return typeof value !== 'number' || value === spec.default ? kept : { ...kept, seed: value };
    default:
      return settings;
  }
}

export const DEFAULT_SETTINGS: RunSettings = {
  format: 'int8',
  scratchpadBytes: null,
  objective: 'cycles',
  scheduler: { id: 'scheduler/portfolio', parameters: {} },
};
