/** What a simulation of a task graph on a fabric is asked for besides its two documents. All of it is in the run key. */
import type { Variant } from '#core/stages/design.ts';

export const SIMULATION_MODES = ['drawn', 'sequential', 'dataflow', 'reconfigurable', 'best'] as const;
export const SIMULATION_OBJECTIVES = ['cycles', 'energy', 'off-chip'] as const;

export interface SimulationSettings {
  /** 'drawn' takes the mode of the drawing's design note, 'reconfigurable' where it leaves it open. 'best' compares all. */
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
