/** What would help, and what decides: in words a result can hold. */
import type { ParameterValue } from '#core/base/value.ts';

/** A change that would help: an edit of a drawing, and what it is predicted to give. */
export interface Lever {
  readonly id: string;
  readonly title: string;
  /** What is changed: a document's parameter. */
  readonly document: string;
  readonly node: string;
  readonly parameter: string;
  readonly value: ParameterValue;
  readonly predictedCycles: number;
  /** `exact`: predicted by simulating it. `estimate`: from the critical path and the time model. */
  readonly basis: 'exact' | 'estimate';
  /** How it was predicted, a sentence. */
  readonly method: string;
  /** Once it was simulated; null before. */
  readonly simulatedCycles: number | null;
}

/** A span of a task that decides the makespan. */
export interface PathSpan {
  readonly task: number;
  readonly state: string;
  readonly start: number;
  readonly end: number;
}
