/** What a bundle holds besides runs, as zod schemas: the manifest, and records that no other file has. */
import { z } from 'zod';
import type { Problem } from '#core/base/problem.ts';
import { CANDIDATE_STAGES, type CandidateReport } from '#core/candidate/report.ts';
import {
  candidateTextSchema,
  crossoverGridSchema,
  crossoverSiteSchema,
  documentFileSchema,
  idSchema,
  inputListsSchema,
  linkSchema,
  nodeSchema,
  runSettingsSchema,
} from '#core/contract/schemas.ts';
import { studySpecSchema } from '#core/contract/studies.ts';
import type { CrossoverSite, KeptCrossover } from '#core/contract/views.ts';
import { HISTORY_LIMIT } from '#core/document/history.ts';
import type { Change } from '#core/document/patch.ts';
import type { ScheduleCurve } from '#core/schedule/curve.ts';
import { SCHEDULE_MODES, SCHEDULE_STOPS } from '#core/schedule/problem.ts';
import { MODES, VARIANTS } from '#core/stages/design.ts';
import type { DocumentHistory } from './bundle-history.ts';

const text = z.string().max(4096);
const title = z.string().min(1).max(200);
const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const bytes = whole;
const at = z.strictObject({ document: idSchema, revision: whole });
const file = z.string().min(1).max(200);
const MANY = 10_000;

export const manifestSchema = z.strictObject({
  format: z.literal('weft-bundle/1'),
  title,
  madeWith: text,
  documents: z.array(z.strictObject({ file, revision: whole })).max(MANY),
  checkpoints: z.array(z.strictObject({ file, document: idSchema, revision: whole, title })).max(MANY),
  /** `curve`: the file of its scratchpad curve, or null. */
  runs: z.array(z.strictObject({ file, title: text, model: at, architecture: at, curve: file.nullable() })).max(MANY),
  /** Copies of model files, byte for byte. */
  files: z
    .array(
      z.strictObject({
        file,
        document: idSchema,
        name: z.string().min(1).max(1024),
        shapes: inputListsSchema.optional(),
        values: inputListsSchema.optional(),
      }),
    )
    .max(MANY),
  candidates: z.array(z.strictObject({ file })).max(MANY),
  studies: z.array(z.strictObject({ file })).max(MANY),
  /** Of documents of which something was done; a bundle of before has none. */
  histories: z
    .array(z.strictObject({ file, document: idSchema }))
    .max(MANY)
    .default([]),
  crossovers: z.array(z.strictObject({ file })).max(MANY).default([]),
});
export type BundleManifest = z.infer<typeof manifestSchema>;

const problemSchema: z.ZodType<Problem> = z.strictObject({
  code: text,
  severity: z.enum(['error', 'warning', 'info']),
  message: text,
  where: z.strictObject({
    node: text.exactOptional(),
    parameter: text.exactOptional(),
    link: text.exactOptional(),
    file: text.exactOptional(),
    line: whole.exactOptional(),
  }),
  facts: z.record(z.string().max(256), z.union([z.number(), text])),
  fixes: z.array(z.never()).max(0),
});

const cost = z.strictObject({ cycles: z.number(), offChipBytes: z.number(), commands: z.number() });
const comparison = z.strictObject({ candidate: cost, compiler: cost, speedup: z.number() });
const orNull = z.number().nullable();
const candidateReportSchema: z.ZodType<CandidateReport> = z.strictObject({
  format: z.literal('weft-candidate-report/1'),
  node: text,
  operator: text,
  isAccepted: z.boolean(),
  failedAt: z.enum(CANDIDATE_STAGES).nullable(),
  problems: z.array(problemSchema).max(MANY),
  commands: whole,
  mapping: text.nullable(),
  values: z
    .strictObject({
      played: z
        .array(
          z.strictObject({
            name: text,
            seed: z.number(),
            elements: whole,
            relativeError: orNull,
            isRight: z.boolean(),
          }),
        )
        .max(MANY),
      of: whole,
      firstWrong: z
        .strictObject({
          case: text,
          tensor: text,
          index: whole,
          expected: orNull,
          got: orNull,
          line: orNull,
          command: text.nullable(),
        })
        .nullable(),
    })
    .nullable(),
  alone: comparison.nullable(),
  run: comparison.nullable(),
});

export const candidateSchema = z.strictObject({
  node: idSchema,
  title,
  text: candidateTextSchema,
  model: at,
  architecture: at,
  settings: runSettingsSchema,
  report: candidateReportSchema,
});

export const curveSchema: z.ZodType<ScheduleCurve> = z.strictObject({
  format: z.literal('weft-curve/1'),
  name: text,
  mode: z.enum(SCHEDULE_MODES),
  technique: z.strictObject({ id: text, version: text }),
  limits: z.strictObject({ MR: z.number(), MH: z.number(), MP: z.number(), isMPExact: z.boolean() }),
  points: z
    .array(
      z.strictObject({
        S: bytes,
        objective: bytes.nullable(),
        bound: z.number().min(0).nullable(),
        optimal: z.boolean(),
        stop: z.enum([...SCHEDULE_STOPS, 'infeasible']),
        baselines: z.record(z.string().max(256), z.number()),
        seconds: z.number().exactOptional(),
      }),
    )
    .max(MANY),
});

const metrics = z.record(z.string().max(100), z.number());
export const studyFileSchema = z.strictObject({
  spec: studySpecSchema,
  revisions: z.strictObject({ model: whole, architecture: whole }),
  model: documentFileSchema,
  architecture: documentFileSchema,
  planned: whole.nullable(),
  reused: whole,
  points: z
    .array(
      z.strictObject({
        index: whole,
        choice: z.array(whole).max(100),
        metrics,
        failure: text.nullable(),
        run: z.null(),
      }),
    )
    .max(1_000_000),
});

const place = whole.exactOptional();
const changeSchema: z.ZodType<Change> = z.union([
  z.strictObject({
    table: z.literal('nodes'),
    id: idSchema,
    before: nodeSchema.nullable(),
    after: nodeSchema.nullable(),
    at: place,
  }),
  z.strictObject({
    table: z.literal('links'),
    id: idSchema,
    before: linkSchema.nullable(),
    after: linkSchema.nullable(),
    at: place,
  }),
  z.strictObject({ table: z.literal('title'), id: z.literal('title'), before: text, after: text }),
]);

/** The shape alone; whether it can be walked is said by `historyFault`. */
export const historySchema: z.ZodType<DocumentHistory> = z.strictObject({
  entries: z
    .array(
      z.strictObject({
        label: text,
        patch: z.array(changeSchema).max(1_000_000),
        gesture: text.exactOptional(),
        at: text.exactOptional(),
      }),
    )
    .max(HISTORY_LIMIT),
  cursor: whole,
});

const positive = z.number().positive();
const notNegative = z.number().min(0);

/** Points are those of the grid, in its order, as many as were decided. */
export const crossoverFileSchema: z.ZodType<CrossoverSite & KeptCrossover> = crossoverSiteSchema.extend({
  revisions: z.strictObject({ tasks: whole, fabric: whole }),
  createdAt: z.iso.datetime(),
  study: z
    .strictObject({
      format: z.literal('weft-crossover/1'),
      tasks: text,
      fabric: text,
      variant: z.enum(VARIANTS),
      grid: crossoverGridSchema,
      memoryBytes: z.array(positive).min(1).max(100),
      efficiencies: z.array(positive.max(1)).min(1).max(100),
      drawn: z.strictObject({ memoryBytes: notNegative, bytesPerTick: notNegative }),
      points: z
        .array(
          z.strictObject({
            memoryBytes: positive,
            efficiency: positive,
            modes: z
              .array(
                z.strictObject({
                  mode: z.enum(MODES),
                  title: text,
                  predicted: notNegative,
                  simulated: notNegative.nullable(),
                  offChipBytes: notNegative,
                }),
              )
              .max(100),
            margin: notNegative.nullable(),
            isSimulated: z.boolean(),
          }),
        )
        .max(MANY),
      corrected: whole,
      stoppedEarly: z.boolean(),
    })
    .refine(({ memoryBytes, efficiencies, points }) => {
      const grid = memoryBytes.flatMap((memory) => efficiencies.map((efficiency) => [memory, efficiency] as const));
      return (
        points.length <= grid.length &&
        points.every((point, index) => point.memoryBytes === grid[index]?.[0] && point.efficiency === grid[index]?.[1])
      );
    }, 'Its points are not those of its grid'),
});
