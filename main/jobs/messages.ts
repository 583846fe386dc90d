/** What host and worker say to each other: one typed job at a time, progress, one answer. */
import type { Progress } from '#core/base/control.ts';
import type { Metric } from '#core/base/metric.ts';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { CandidateCheck } from '#core/candidate/check.ts';
import type { CandidateReport } from '#core/candidate/report.ts';
import type { DocumentFile } from '#core/document/document.ts';
import type { ModelFacts } from '#core/model/facts.ts';
import type { ReportFormat } from '#core/report/render.ts';
import type { ConvergenceSample } from '#core/run/convergence.ts';
import type { CrossoverInputs, CrossoverStudy } from '#core/run/fabric/crossover.ts';
import type { Page, ProgramPage } from '#core/run/program-text.ts';
import type { RunInputs } from '#core/run/result.ts';
import type { CurveRange, ScheduleCurve } from '#core/schedule/curve.ts';
import type { PointOutcome } from '#core/study/driver.ts';
import type { BundleContents } from '#projects/bundle.ts';
import type { RunSort } from '#projects/run-store.ts';
import type { Shapes } from '../files/import-file.ts';
import type { SharedFile } from '../files/remote-source.ts';
import type { ReportPieces } from '../files/rendered.ts';
import type { DerivedReport } from './derived-reports.ts';
import type { ExplorerAnswer, ExplorerPlan, ExplorerTurn } from './explorer-session.ts';
import type { StudyPointsInput } from './study-points.ts';

/** A finished run as the project keeps it: the bulk packed, the figures beside it. */
export interface RunOutput {
  /** Gzip JSON of the RunResult. */
  readonly result: Uint8Array;
  readonly key: string;
  readonly title: string;
  readonly totals: readonly Pick<Metric, 'id' | 'title' | 'value' | 'unit' | 'badge'>[];
  readonly stoppedEarly: boolean;
  readonly stageMilliseconds: Readonly<Record<string, number>>;
  /** How the schedule's search went; empty for a run from elsewhere. */
  readonly convergence: readonly ConvergenceSample[];
}

export interface ImportOutput {
  readonly document: DocumentFile;
  readonly problems: readonly Problem[];
  readonly facts: ModelFacts | null;
  /** Whether its weights can be read from the file. */
  readonly hasWeights: boolean;
}

/** Input and output of every kind of job. */
export interface Jobs {
  /** Answers once the thread has started. */
  ready: { readonly input: null; readonly output: null };
  /** Loads the solver, so that the first run does not wait for it. */
  warm: { readonly input: null; readonly output: null };
  /** The job's file is the one `inputs.weights` names. */
  run: { readonly input: { readonly inputs: Uint8Array; readonly appVersion: string }; readonly output: RunOutput };
  import: {
    readonly input: {
      readonly path: string;
      readonly name: string;
      readonly shapes: Shapes;
    };
    readonly output: ImportOutput;
  };
  'import-run': {
    readonly input: { readonly path: string; readonly appVersion: string };
    readonly output: RunOutput & {
      readonly family: string;
      readonly model: string;
      readonly architecture: string;
      readonly sort: RunSort;
    };
  };
  /** A bundle, checked whole; nothing is made of it. */
  'read-bundle': {
    readonly input: { readonly path: string; readonly appVersion: string };
    readonly output: BundleContents;
  };
  /** bytes(S) of a finished run. */
  curve: {
    readonly input: { readonly result: Uint8Array; readonly range: CurveRange };
    readonly output: ScheduleCurve;
  };
  crossover: { readonly input: CrossoverInputs; readonly output: CrossoverStudy };
  /** Analytic points of a study, in the order of the choices; fewer where it was stopped. */
  'study-points': { readonly input: StudyPointsInput; readonly output: readonly PointOutcome[] };
  /** How many points an explorer will ask for. */
  'explorer-plan': { readonly input: ExplorerPlan; readonly output: number };
  /** The exploration that begins with it, or that began before in this thread. */
  'explorer-turn': { readonly input: ExplorerTurn; readonly output: ExplorerAnswer };
  /** A page of a finished run's program; the last few programs stay at hand. */
  program: {
    readonly input: { readonly run: string; readonly result: Uint8Array; readonly page: Page };
    readonly output: ProgramPage;
  };
  'candidate-template': {
    readonly input: { readonly inputs: RunInputs; readonly node: string };
    readonly output: { readonly text: string };
  };
  'candidate-check': { readonly input: CandidateCheck; readonly output: CandidateReport };
  report: {
    readonly input: {
      readonly result: Uint8Array;
      readonly format: ReportFormat;
      readonly curve: ScheduleCurve | null;
      /** Ids in their order; null for all. */
      readonly sections: readonly string[] | null;
    };
    readonly output: ReportPieces;
  };
  /** Of two runs, or of a study. */
  'derived-report': { readonly input: DerivedReport; readonly output: ReportPieces };
}
export type JobKind = keyof Jobs;

export interface JobRequest<K extends JobKind = JobKind> {
  readonly job: number;
  readonly kind: K;
  readonly input: Jobs[K]['input'];
  /** One Int32: 1 once the user asked to stop. */
  readonly cancel: SharedArrayBuffer;
  /** A file the host reads for it. */
  readonly file: SharedFile | null;
}

export type WorkerMessage =
  | { readonly type: 'progress'; readonly job: number; readonly progress: Progress }
  /** Wants the window of its file from an offset on, and waits for it. */
  | { readonly type: 'read'; readonly job: number; readonly offset: number }
  | { readonly type: 'answer'; readonly job: number; readonly answer: Result<unknown, Problem> }
  | { readonly type: 'threw'; readonly job: number; readonly message: string };
