/**
 * The typed API between renderer and host, both hosts alike. Bulk data stays off it: files go up by
 * `POST /upload?name=…` (→ `{upload}`) and come down by `GET /blob/<id>`; a run's result by `GET /runs/<id>/result`.
 * Failures a user can act on are ORPCError 'PROBLEM' with the Problem as data.
 */
import { eventIterator, type } from '@orpc/contract';
import { z } from 'zod';
import type { ConvergenceSample } from '#core/run/convergence.ts';
import { base } from './base.ts';
import { checkpoints } from './checkpoints.ts';
import { queue } from './queue.ts';
import { reports } from './reports.ts';
import {
  bytesSchema,
  candidateTextSchema,
  crossoverGridSchema,
  crossoverSiteSchema,
  curveRangeSchema,
  documentKindSchema,
  idSchema,
  inputListsSchema,
  operationSchema,
  runSettingsSchema,
  simulationSettingsSchema,
} from './schemas.ts';
import { studies } from './studies.ts';
import type {
  CandidateTextView,
  CandidateView,
  CrossoverView,
  CurveView,
  DocumentSummary,
  DocumentView,
  ExampleView,
  ExportView,
  HostEvent,
  HostView,
  ImportView,
  ProgramView,
  ProjectView,
  RecentProject,
  RunView,
  SourceFileView,
} from './views.ts';

const path = z.string().min(1).max(4096);

const candidateSite = { model: idSchema, architecture: idSchema, settings: runSettingsSchema, node: idSchema };

/** Model files up to this size are kept in the project unless the user says otherwise. */
export const KEEP_UNASKED_BYTES = 64 * 2 ** 20;

/** Lines of a program in one answer. */
export const MOST_PROGRAM_LINES = 2000;

export const EXPORT_FORMATS = ['html', 'pdf', 'markdown', 'json', 'csv', 'tables', 'schedule', 'perfetto'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const contract = {
  host: {
    info: base.output(type<HostView>()),
    /** Live events; the first is the current project. */
    events: base.output(eventIterator(type<HostEvent>())),
  },
  projects: {
    recent: base.output(type<readonly RecentProject[]>()),
    forget: base.input(z.strictObject({ path })).output(type<readonly RecentProject[]>()),
    examples: base.output(type<readonly ExampleView[]>()),
    current: base.output(type<ProjectView | null>()),
    /** A new project in the user's project folder (a free name is found); closes the open one. */
    create: base.input(z.strictObject({ title: z.string().min(1).max(200) })).output(type<ProjectView>()),
    open: base.input(z.strictObject({ path })).output(type<ProjectView>()),
    /** A copy of a shipped example in the user's project folder, opened. */
    openExample: base.input(z.strictObject({ slug: idSchema })).output(type<ProjectView>()),
    /** Host dialog (Electron); null when dismissed. */
    pick: base.output(type<ProjectView | null>()),
    rename: base.input(z.strictObject({ title: z.string().min(1).max(200) })).output(type<ProjectView>()),
    close: base.output(type<null>()),
    /** The open project as one file to hand on; fetch it from `/blob/<blob>`. */
    exportBundle: base.output(type<ExportView>()),
    /** An uploaded bundle, checked whole, or project file: a project of its own in the user's folder, opened. */
    importBundle: base.input(z.strictObject({ upload: idSchema })).output(type<ProjectView>()),
  },
  documents: {
    get: base.input(z.strictObject({ document: idSchema })).output(type<DocumentView>()),
    create: base
      .input(
        z.strictObject({ kind: documentKindSchema, title: z.string().min(1).max(200), preset: idSchema.optional() }),
      )
      .output(type<DocumentSummary>()),
    /** The document as it is, under another title and without its history; its candidates and its model file go with it. */
    copy: base.input(z.strictObject({ document: idSchema })).output(type<DocumentSummary>()),
    /** Out of sight, with all that is its own; gone when the project is closed. */
    remove: base.input(z.strictObject({ document: idSchema })).output(type<null>()),
    /** Brings back one that was removed since the project was opened, with its history. */
    restore: base.input(z.strictObject({ document: idSchema })).output(type<DocumentSummary>()),
    /** One operation on revision `base`; acknowledged means: on disk. A different base is the problem `document.conflict`. */
    step: base
      .input(z.strictObject({ document: idSchema, base: z.number().int().min(0), operation: operationSchema }))
      .output(type<{ readonly revision: number; readonly savedAt: string }>()),
    /**
     * Imports an uploaded file (or, with Electron, a picked path) as a new document. `keepFile`: whether the project keeps
     * a copy of a model file for its weights; unless said, of files up to KEEP_UNASKED_BYTES.
     */
    import: base
      .input(
        z.strictObject({ upload: idSchema, shapes: inputListsSchema.optional(), keepFile: z.boolean().optional() }),
      )
      .output(type<ImportView>()),
    /** The file the document came from, as far as it is known; null for what was drawn here. */
    file: base.input(z.strictObject({ document: idSchema })).output(type<SourceFileView | null>()),
    /** Keeps a copy of the uploaded file for its weights, in place of the one there is; they bind by node. */
    keepFile: base.input(z.strictObject({ document: idSchema, upload: idSchema })).output(type<SourceFileView>()),
    /** Removes the copy; name and size stay known. */
    forgetFile: base.input(z.strictObject({ document: idSchema })).output(type<SourceFileView | null>()),
  },
  runs: {
    list: base.output(type<readonly RunView[]>()),
    /** Freezes both documents at their acknowledged revisions and queues the run. */
    start: base
      .input(z.strictObject({ model: idSchema, architecture: idSchema, settings: runSettingsSchema }))
      .output(type<RunView>()),
    /** Freezes a task graph and a fabric and queues their simulation. */
    simulate: base
      .input(z.strictObject({ tasks: idSchema, fabric: idSchema, settings: simulationSettingsSchema }))
      .output(type<RunView>()),
    /**
     * The run's own frozen inputs with another scratchpad: a finished run with that key where there is one, else a new
     * one, queued.
     */
    startAt: base.input(z.strictObject({ run: idSchema, scratchpadBytes: bytesSchema })).output(type<RunView>()),
    /** The run's own frozen inputs again, with values verified however long that takes: found by key as with `startAt`, or queued. */
    verify: base.input(z.strictObject({ run: idSchema })).output(type<RunView>()),
    /** How the search for the run's schedule went; so far, while it is under way. */
    convergence: base.input(z.strictObject({ run: idSchema })).output(type<readonly ConvergenceSample[]>()),
    curve: base.input(z.strictObject({ run: idSchema })).output(type<CurveView>()),
    /** Studies bytes(S) of a finished run; `curve.changed` tells how far it is and when it is done. */
    startCurve: base.input(z.strictObject({ run: idSchema, range: curveRangeSchema })).output(type<CurveView>()),
    /** Ends soon with the points there are. */
    cancelCurve: base.input(z.strictObject({ run: idSchema })).output(type<CurveView>()),
    /**
     * The text of a finished run's program, a page of it: compiled and emitted again from the stored schedule. With
     * `find`, from the first line at or after `from` that has it, whatever the case.
     */
    program: base
      .input(
        z.strictObject({
          run: idSchema,
          from: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
          count: z.number().int().min(0).max(MOST_PROGRAM_LINES),
          find: z.string().min(1).max(200).optional(),
        }),
      )
      .output(type<ProgramView>()),
    /** Ends soon with the best so far. */
    cancel: base.input(z.strictObject({ run: idSchema })).output(type<RunView>()),
    /** Out of sight; gone when the project is closed. */
    remove: base.input(z.strictObject({ run: idSchema })).output(type<null>()),
    /** Brings back one that was removed since the project was opened; it waits again if it did. */
    restore: base.input(z.strictObject({ run: idSchema })).output(type<RunView>()),
    ...queue,
    /** A `run.json` of this or another machine, as a finished run. */
    import: base.input(z.strictObject({ upload: idSchema })).output(type<RunView>()),
    /**
     * Makes the file; fetch it from `/blob/<blob>`. `sections`: ids of the report's sections, in their order; all unless
     * said. Title and appendix are always there; what the report does not have is passed over.
     */
    export: base
      .input(
        z.strictObject({
          run: idSchema,
          format: z.enum(EXPORT_FORMATS),
          sections: z.array(idSchema).max(100).optional(),
        }),
      )
      .output(type<ExportView>()),
  },
  /** Maps of the best mode over memory and bandwidth, kept with their documents. */
  crossovers: {
    get: base.input(crossoverSiteSchema).output(type<CrossoverView>()),
    /** Freezes both documents; `crossover.changed` tells how far it is and when it is done. */
    start: base.input(crossoverSiteSchema.extend({ grid: crossoverGridSchema })).output(type<CrossoverView>()),
    /** Ends soon with the points there are. */
    cancel: base.input(crossoverSiteSchema).output(type<CrossoverView>()),
  },
  checkpoints,
  /** Lowerings of operators that are given as text; `settings.candidates` of a run uses them. */
  candidates: {
    /** Of a model, with what their checks said; without texts. */
    list: base.input(z.strictObject({ model: idSchema })).output(type<readonly CandidateView[]>()),
    get: base.input(z.strictObject({ candidate: idSchema })).output(type<CandidateTextView>()),
    /** The compiler's own lowering of the operator a node belongs to, to begin from. */
    template: base.input(z.strictObject(candidateSite)).output(type<{ readonly text: string }>()),
    /** Checks a text and keeps it with the report, right or wrong. One at a time; it takes seconds. */
    check: base
      .input(z.strictObject({ ...candidateSite, title: z.string().min(1).max(200), text: candidateTextSchema }))
      .output(type<CandidateView>()),
    /** Stops the check under way; its candidate is not kept. */
    cancel: base.output(type<null>()),
    remove: base.input(z.strictObject({ candidate: idSchema })).output(type<null>()),
  },
  /** Sweeps over parameters of drawings and settings. */
  studies,
  reports,
} as const;

export type Contract = typeof contract;
