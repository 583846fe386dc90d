/**
 * A study: parameters of the drawings and of the settings swept over given values, each choice of values a point that is
 * estimated or run; those no other point beats in every objective are the Pareto front.
 */
import type { Problem } from '#core/base/problem.ts';
import type { ParameterValue, ParameterValues } from '#core/base/value.ts';
import type { SimulationSettings } from '#core/run/fabric/settings.ts';
import type { RunSettings } from '#core/run/settings.ts';

export interface StudyAxis {
  /** `model` is the task graph, `architecture` the fabric in studies of simulations. */
  readonly of: 'model' | 'architecture' | 'settings';
  /** Document nodes that take the value, all of them the same; empty for settings. */
  readonly nodes: readonly string[];
  readonly parameter: string;
  readonly title: string;
  readonly unit: string;
  /** Distinct, in the order they are shown, ≥ 1. */
  readonly values: readonly ParameterValue[];
}

/** What points are judged by; which of them there are depends on kind and fidelity. */
export interface StudyMetric {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly better: 'less' | 'more';
}

export interface StudySpec {
  readonly title: string;
  readonly kind: 'program' | 'simulation';
  /** Documents of the project. */
  readonly model: string;
  readonly architecture: string;
  readonly settings: RunSettings | SimulationSettings;
  readonly axes: readonly StudyAxis[];
  /** Technique of kind explorer. */
  readonly explorer: { readonly id: string; readonly parameters: ParameterValues };
  /** `estimate`: analytic, many a second. `run`: the whole pipeline; a point equal to a run of the project is that run. */
  readonly fidelity: 'estimate' | 'run';
  /** Ids of metrics the front is of, 2 … 4; an explorer that is led by anything is led by them. */
  readonly objectives: readonly string[];
}

export interface StudyPoint {
  /** In the order they were asked for. */
  readonly index: number;
  /** Into the values of each axis. */
  readonly choice: readonly number[];
  /** By metric id; empty where it failed. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Why there is no figure. */
  readonly failure: string | null;
  /** Run of the project it is, where it was run. */
  readonly run: string | null;
}

export type StudyState = 'running' | 'stopped' | 'done' | 'failed';

export interface StudyView {
  readonly id: string;
  /** 1, 2, 3 … within the project. */
  readonly number: number;
  readonly spec: StudySpec;
  readonly metrics: readonly StudyMetric[];
  readonly state: StudyState;
  /** Why it failed as a whole: its explorer (codes `study.explorer-…`), or a full disk (`study.broke`). */
  readonly failure: Problem | null;
  /** Points there are; how many there will be, where that is known. */
  readonly done: number;
  readonly planned: number | null;
  /** Points that were known already: asked for twice, or runs of the project. */
  readonly reused: number;
  /** ISO 8601. */
  readonly createdAt: string;
}
