/** A change that would make a run of a program shorter: of the architecture, or of the run's settings. */
import type { ParameterValue } from '#core/base/value.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { Cause } from './attribution.ts';

export interface ParameterEdit {
  readonly node: string;
  readonly parameter: string;
  readonly value: ParameterValue;
}

export interface ProgramLever {
  readonly id: string;
  readonly title: string;
  /** What it works against. */
  readonly cause: Cause;
  /** Of the architecture; empty where settings are changed. */
  readonly edits: readonly ParameterEdit[];
  /** What of the settings is changed; null where the architecture is. */
  readonly settings: Partial<RunSettings> | null;
  readonly predictedCycles: number;
  /** `estimate`: from the analytic estimate of every operator. `bound`: it cannot gain more. */
  readonly basis: 'estimate' | 'bound';
  /** How it was predicted, a sentence. */
  readonly method: string;
}
