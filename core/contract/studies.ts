/** Studies of the open project. `study.changed` tells of points as they come; they are fetched by page. */
import { type } from '@orpc/contract';
import { z } from 'zod';
import type { ParameterValues } from '#core/base/value.ts';
import type { StudyPoint, StudySpec, StudyView } from '#core/study/study.ts';
import { base } from './base.ts';
import {
  idSchema,
  parameterValueSchema,
  parameterValuesSchema,
  runSettingsSchema,
  simulationSettingsSchema,
} from './schemas.ts';
import type { DocumentSummary, RunView } from './views.ts';

/** Points in one answer. */
export const MOST_STUDY_POINTS = 5000;
const MOST_AXES = 12;
const MOST_VALUES = 256;
const MOST_NODES = 1000;

const study = z.strictObject({ study: idSchema });
const point = study.extend({ index: z.number().int().min(0) });
const short = z.string().max(200);

export const studySpecSchema: z.ZodType<StudySpec> = z.strictObject({
  title: z.string().min(1).max(200),
  kind: z.enum(['program', 'simulation']),
  model: idSchema,
  architecture: idSchema,
  settings: z.union([runSettingsSchema, simulationSettingsSchema]),
  axes: z
    .array(
      z.strictObject({
        of: z.enum(['model', 'architecture', 'settings']),
        nodes: z.array(idSchema).max(MOST_NODES),
        parameter: z.string().min(1).max(100),
        title: short,
        unit: short,
        values: z.array(parameterValueSchema).min(1).max(MOST_VALUES),
      }),
    )
    .min(1)
    .max(MOST_AXES),
  explorer: z.strictObject({ id: z.string().min(1).max(100), parameters: parameterValuesSchema }),
  fidelity: z.enum(['estimate', 'run']),
  objectives: z.array(z.string().min(1).max(100)).min(2).max(4),
});

export const studies = {
  list: base.output(type<readonly StudyView[]>()),
  /** Checks the specification whole (the problem names the axis), freezes both documents, starts. */
  start: base.input(z.strictObject({ spec: studySpecSchema })).output(type<StudyView>()),
  /** Points from the `from`-th on, in order. */
  points: base
    .input(z.strictObject({ study: idSchema, from: z.number().int().min(0) }))
    .output(type<readonly StudyPoint[]>()),
  /** Ends soon; what there is stays. */
  stop: base.input(study).output(type<StudyView>()),
  /** Goes on where it was stopped, also after a restart. */
  resume: base.input(study).output(type<StudyView>()),
  /** Stopped and out of sight; gone when the project is closed. */
  remove: base.input(study).output(type<null>()),
  /** Brings back one that was removed since the project was opened. */
  restore: base.input(study).output(type<StudyView>()),
  /** The point's parameters by document, to be applied as one undoable step. */
  changes: base.input(point).output(
    type<{
      readonly model: Readonly<Record<string, ParameterValues>>;
      readonly architecture: Readonly<Record<string, ParameterValues>>;
      readonly settings: StudySpec['settings'];
    }>(),
  ),
  /** The drawings that the point changes, as documents of their own with its values. */
  copy: base.input(point).output(type<readonly DocumentSummary[]>()),
  /** The point as a run of its own: found by key, or queued. */
  run: base.input(point).output(type<RunView>()),
} as const;
