/** What the host tells the renderer: plain JSON views of its state. */
import type { Progress } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import type { CandidateReport } from '#core/candidate/report.ts';
import type { DocumentFile, DocumentKind } from '#core/document/document.ts';
import type { LoggedOperation } from '#core/document/history.ts';
import type { SectionOutline } from '#core/report/blocks.ts';
import type { CrossoverStudy } from '#core/run/fabric/crossover.ts';
import type { ProgramPage } from '#core/run/program-text.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import type { Variant } from '#core/stages/design.ts';
import type { StudyView } from '#core/study/study.ts';
import type { QueueView } from './queue.ts';

export interface HostView {
  readonly kind: 'electron' | 'local';
  readonly appVersion: string;
  readonly platform: string;
  /** What this host can do beyond the common part. */
  readonly can: { readonly printPdf: boolean; readonly pickFiles: boolean; readonly revealFiles: boolean };
}

export interface RecentProject {
  readonly path: string;
  readonly title: string;
  /** ISO 8601. */
  readonly openedAt: string;
  /** False when the file is gone. */
  readonly exists: boolean;
}

export interface ExampleView {
  readonly slug: string;
  readonly title: string;
  readonly summary: string;
}

export interface DocumentSummary {
  readonly id: string;
  readonly kind: DocumentKind;
  readonly title: string;
  readonly revision: number;
  readonly nodes: number;
  /** The file it came from, where it has weights. */
  readonly file?: SourceFileView;
}

/** A candidate of an operator as it was checked; its report may be of earlier revisions than there are now. */
export interface CandidateView {
  readonly id: string;
  /** Main document node of the operator. */
  readonly node: string;
  readonly title: string;
  readonly model: RunView['model'];
  readonly architecture: RunView['architecture'];
  readonly settings: RunSettings;
  readonly report: CandidateReport;
  readonly createdAt: string;
}

export interface CandidateTextView extends CandidateView {
  readonly text: string;
}

/** The model file a document came from. */
export interface SourceFileView {
  readonly name: string;
  readonly bytes: number;
  /** Whether the project keeps a copy of it. */
  readonly kept: boolean;
}

export interface ProjectView {
  readonly path: string;
  readonly title: string;
  readonly readOnly: boolean;
  readonly documents: readonly DocumentSummary[];
  readonly runs: readonly RunView[];
  /** Set when something was recovered, migrated or is damaged: what happened and what was lost. */
  readonly notice: Problem | null;
}

/** A document with its undo history, as last acknowledged. Rows rebuild the history with `replay`. */
export interface DocumentView {
  readonly file: DocumentFile;
  readonly revision: number;
  readonly log: readonly LoggedOperation[];
}

export type RunState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** `program`: a model on an architecture. `simulation`: a task graph (as `model`) on a fabric (as `architecture`). */
export type RunKind = 'program' | 'simulation';

export interface RunView {
  readonly id: string;
  readonly kind: RunKind;
  /** 1, 2, 3 … within the project. */
  readonly number: number;
  readonly title: string;
  readonly state: RunState;
  readonly key: string;
  readonly model: { readonly document: string; readonly revision: number };
  readonly architecture: { readonly document: string; readonly revision: number };
  /** ISO 8601. */
  readonly createdAt: string;
  readonly finishedAt: string | null;
  readonly progress: Progress | null;
  readonly failure: Problem | null;
  /** Headline figures of a finished run, by metric id. */
  readonly headline: Readonly<Record<string, number>>;
  /** Wall-clock milliseconds by stage, measured on this machine; not part of the result. */
  readonly stageMilliseconds: Readonly<Record<string, number>>;
  readonly imported: boolean;
}

/** The study of a family of runs over scratchpad capacities: what there is, and what is under way. */
export interface CurveView {
  /** The runs whose scratchpad it is about: they differ in its capacity alone. */
  readonly runs: readonly string[];
  readonly isRunning: boolean;
  readonly progress: Progress | null;
  /** Why the last study brought nothing. */
  readonly failure: Problem | null;
  readonly curve: ScheduleCurve | null;
}

/** What a crossover map is of: drawn documents, and a variant. */
export interface CrossoverSite {
  readonly tasks: string;
  readonly fabric: string;
  readonly variant: Variant;
}

/** The crossover map of a task graph on a fabric: what there is, and what is under way. */
export interface CrossoverView extends CrossoverSite {
  readonly isRunning: boolean;
  readonly progress: Progress | null;
  /** Why the last one brought nothing. */
  readonly failure: Problem | null;
  readonly found: KeptCrossover | null;
}

/** A map, and what the documents were when it was made. */
export interface KeptCrossover {
  readonly study: CrossoverStudy;
  readonly revisions: { readonly tasks: number; readonly fabric: number };
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Pushed to every open window. */
export type HostEvent =
  | { readonly type: 'project.changed'; readonly project: ProjectView | null }
  | { readonly type: 'run.changed'; readonly run: RunView }
  | { readonly type: 'run.removed'; readonly run: string }
  | { readonly type: 'queue.changed'; readonly queue: QueueView }
  | { readonly type: 'curve.changed'; readonly curve: CurveView }
  | { readonly type: 'crossover.changed'; readonly crossover: CrossoverView }
  | { readonly type: 'study.changed'; readonly study: StudyView }
  | { readonly type: 'study.removed'; readonly study: string };

/** A page of a program's text. */
export type ProgramView = ProgramPage;

/** A file made for the user, fetched from `/blob/<blob>`. */
export interface ExportView {
  readonly blob: string;
  readonly name: string;
  readonly mediaType: string;
  /** Of a report: every section there is, whatever was chosen, in the order it has by itself; else empty. */
  readonly sections: readonly SectionOutline[];
}

export interface ImportView {
  readonly document: DocumentSummary;
  readonly problems: readonly Problem[];
}
