/** What a simulation of a task graph on a fabric is asked for besides its two documents. All of it is in the run key. */

import type { ParameterValue } from '#core/base/value.ts';
import { type ParameterSpec, parameterFault } from '#core/catalog/parameter.ts';
import { VARIANTS, type Variant } from '#core/stages/design.ts';

export const SIMULATION_MODES = ['drawn', 'sequential', 'dataflow', 'reconfigurable', 'best'] as const;
export const SIMULATION_OBJECTIVES = ['cycles', 'energy', 'off-chip'] as const;

/** Designs simulated at most. */
export const MOST_RESIMULATED = 64;

export interface SimulationSettings {
  /** 'drawn' takes stages and cores as drawn, in the mode of the drawing's design note. 'best' compares all. */
  readonly mode: (typeof SIMULATION_MODES)[number];
  readonly variant: Variant;
  readonly objective: (typeof SIMULATION_OBJECTIVES)[number];
  /** How many of the search's designs are simulated, best predictions first. */
  readonly resimulate: number;
}

export const DEFAULT_SIMULATION: SimulationSettings = {
  mode: 'drawn',
  variant: 'as-built',
  objective: 'cycles',
  resimulate: 4,
};

export const SIMULATION_PARAMETERS: readonly ParameterSpec[] = [
  {
    id: 'mode',
    title: 'Mode',
    kind: 'choice',
    default: DEFAULT_SIMULATION.mode,
    choices: [
      { value: 'drawn', title: 'As drawn' },
      { value: 'sequential', title: 'Sequential: one task after the other, on all cores' },
      { value: 'dataflow', title: 'Dataflow: all tasks at once, streaming' },
      { value: 'reconfigurable', title: 'Reconfigurable: stages, found by search' },
      { value: 'best', title: 'The best of all' },
    ],
    help: 'Which tasks run at the same time, and when cores are given other tasks.',
    source: 'InTAR, arXiv 2502.08807',
  },
  {
    id: 'variant',
    title: 'Variant',
    kind: 'choice',
    default: DEFAULT_SIMULATION.variant,
    choices: [
      { value: 'as-built', title: 'As built' },
      { value: 'ideal', title: 'Ideal' },
    ],
    help: 'As built: loops and off-chip accesses as drawn. Ideal: loops flattened, off-chip accesses double buffered.',
  },
  {
    id: 'objective',
    title: 'Objective',
    kind: 'choice',
    default: DEFAULT_SIMULATION.objective,
    choices: [
      { value: 'cycles', title: 'Fewest cycles' },
      { value: 'energy', title: 'Least energy' },
      { value: 'off-chip', title: 'Fewest off-chip bytes' },
    ],
    help: 'What the search for stages minimises.',
  },
  {
    id: 'resimulate',
    title: 'Designs simulated',
    kind: 'integer',
    unit: '',
    minimum: 1,
    maximum: MOST_RESIMULATED,
    default: DEFAULT_SIMULATION.resimulate,
    help: 'The best predictions of the search that are simulated; the best of these is taken.',
    advanced: true,
  },
];

/** The value a parameter of SIMULATION_PARAMETERS has in `settings`. */
export function simulationSetting(
  settings: SimulationSettings,
  { id, default: otherwise }: ParameterSpec,
): ParameterValue {
  const { mode, variant, objective, resimulate } = settings;
  const set: Readonly<Record<string, ParameterValue | undefined>> = { mode, variant, objective, resimulate };
  return set[id] ?? otherwise;
}

/** The settings with one parameter set; a value the parameter does not take changes nothing. */
export function withSimulationSetting(
  settings: SimulationSettings,
  spec: ParameterSpec,
  value: ParameterValue,
): SimulationSettings {
  if (parameterFault(spec, value) !== null) return settings;
  const mode = SIMULATION_MODES.find((one) => one === value);
  const variant = VARIANTS.find((one) => one === value);
  const objective = SIMULATION_OBJECTIVES.find((one) => one === value);
  if (spec.id === 'mode' && mode) return { ...settings, mode };
  if (spec.id === 'variant' && variant) return { ...settings, variant };
  if (spec.id === 'objective' && objective) return { ...settings, objective };
  if (spec.id === 'resimulate' && typeof value === 'number') return { ...settings, resimulate: value };
  return settings;
}
