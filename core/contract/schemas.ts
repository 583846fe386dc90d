/** zod schemas of what crosses a boundary (renderer → host, file → app); everything is bounded. */
import { z } from 'zod';
import { LONGEST_CANDIDATE, MOST_CANDIDATES } from '#core/candidate/candidate.ts';
import type { Command } from '#core/document/command.ts';
import { DOCUMENT_KINDS, type DocumentFile, type DocumentLink, type DocumentNode } from '#core/document/document.ts';
import type { Operation } from '#core/document/history.ts';
import { CROSSOVER_GRIDS } from '#core/run/fabric/crossover.ts';
import {
  MOST_RESIMULATED,
  SIMULATION_MODES,
  SIMULATION_OBJECTIVES,
  type SimulationSettings,
} from '#core/run/fabric/settings.ts';
import { LARGEST_SEED, MAPPING_OBJECTIVES, RUN_FORMATS, type RunSettings, VALUE_CHECKS } from '#core/run/settings.ts';
import { CURVE_SPACINGS, type CurveRange } from '#core/schedule/curve.ts';
import { SCHEDULE_MODES } from '#core/schedule/problem.ts';
import { VARIANTS } from '#core/stages/design.ts';

export const idSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w.:-]+$/u);
const text = z.string().max(4096);
const coordinate = z.number().min(-1e7).max(1e7);
const LIMIT = 200_000;

export const parameterValueSchema = z.union([z.number(), text, z.boolean(), z.array(z.number()).max(65_536)]);
const parameterIdSchema = z.string().min(1).max(128);
export const parameterValuesSchema = z.record(z.string().max(128), parameterValueSchema);

export const nodeSchema: z.ZodType<DocumentNode> = z.strictObject({
  id: idSchema,
  type: z.string().min(1).max(128),
  name: text,
  x: coordinate,
  y: coordinate,
  parent: idSchema.nullable(),
  parameters: parameterValuesSchema,
  own: z.array(parameterIdSchema).min(1).max(1000).exactOptional(),
});

const endpointSchema = z.strictObject({ node: idSchema, port: z.string().min(1).max(64) });
export const linkSchema: z.ZodType<DocumentLink> = z.strictObject({
  id: idSchema,
  from: endpointSchema,
  to: endpointSchema,
});

export const documentKindSchema = z.enum(DOCUMENT_KINDS);

export const documentFileSchema: z.ZodType<DocumentFile> = z.strictObject({
  format: z.literal('weft-document/1'),
  id: idSchema,
  kind: documentKindSchema,
  title: text,
  nodes: z.array(nodeSchema).max(LIMIT),
  links: z.array(linkSchema).max(LIMIT),
});

const simpleCommands = [
  z.strictObject({
    type: z.literal('nodes.insert'),
    nodes: z.array(nodeSchema).max(LIMIT),
    links: z.array(linkSchema).max(LIMIT),
  }),
  z.strictObject({ type: z.literal('nodes.remove'), nodes: z.array(idSchema).max(LIMIT) }),
  z.strictObject({
    type: z.literal('nodes.move'),
    positions: z.array(z.strictObject({ node: idSchema, x: coordinate, y: coordinate })).max(LIMIT),
  }),
  z.strictObject({ type: z.literal('node.rename'), node: idSchema, name: text }),
  z.strictObject({
    type: z.literal('node.set-parameter'),
    node: idSchema,
    parameter: parameterIdSchema,
    value: parameterValueSchema,
  }),
  z.strictObject({
    type: z.literal('node.set-own'),
    node: idSchema,
    parameter: parameterIdSchema,
    own: z.boolean(),
  }),
  z.strictObject({ type: z.literal('nodes.group'), group: nodeSchema, members: z.array(idSchema).max(LIMIT) }),
  z.strictObject({ type: z.literal('nodes.ungroup'), group: idSchema }),
  z.strictObject({
    type: z.literal('nodes.reparent'),
    nodes: z.array(idSchema).max(LIMIT),
    parent: idSchema.nullable(),
  }),
  z.strictObject({ type: z.literal('links.insert'), links: z.array(linkSchema).max(LIMIT) }),
  z.strictObject({ type: z.literal('links.remove'), links: z.array(idSchema).max(LIMIT) }),
  z.strictObject({ type: z.literal('document.rename'), title: text }),
] as const;

/** A batch holds simple commands only: depth is bounded by construction. */
export const commandSchema: z.ZodType<Command> = z.discriminatedUnion('type', [
  ...simpleCommands,
  z.strictObject({
    type: z.literal('document.restore'),
    label: text,
    title: text,
    nodes: z.array(nodeSchema).max(LIMIT),
    links: z.array(linkSchema).max(LIMIT),
  }),
  z.strictObject({
    type: z.literal('batch'),
    label: text,
    commands: z.array(z.discriminatedUnion('type', simpleCommands)).max(LIMIT),
  }),
]);

export const operationSchema: z.ZodType<Operation> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('do'),
    command: commandSchema,
    gesture: z.string().max(128).optional(),
  }) as z.ZodType<Extract<Operation, { type: 'do' }>> & z.core.$ZodTypeDiscriminable,
  z.strictObject({ type: z.literal('undo') }),
  z.strictObject({ type: z.literal('redo') }),
]);

export const scheduleModeSchema = z.enum(SCHEDULE_MODES);

export const bytesSchema = z
  .number()
  .int()
  .min(1)
  .max(2 ** 50);

/** Shapes or values of graph inputs, by name. */
export const inputListsSchema: z.ZodType<Readonly<Record<string, readonly number[]>>> = z.record(
  z.string().max(256),
  z
    .array(
      z
        .number()
        .int()
        .min(1)
        .max(2 ** 31),
    )
    .max(16),
);

export const curveRangeSchema: z.ZodType<CurveRange> = z
  .strictObject({
    from: bytesSchema,
    to: bytesSchema,
    steps: z.number().int().min(2).max(200),
    spacing: z.enum(CURVE_SPACINGS),
  })
  .refine(({ from, to }) => from <= to, 'The range ends before it begins');

export const candidateTextSchema = z.string().max(LONGEST_CANDIDATE);

export const simulationSettingsSchema: z.ZodType<SimulationSettings> = z.strictObject({
  mode: z.enum(SIMULATION_MODES),
  variant: z.enum(VARIANTS),
  objective: z.enum(SIMULATION_OBJECTIVES),
  resimulate: z.number().int().min(1).max(MOST_RESIMULATED),
});

/** The pair of documents, and the variant, that a crossover map is of. */
export const crossoverSiteSchema = z.strictObject({ tasks: idSchema, fabric: idSchema, variant: z.enum(VARIANTS) });
export const crossoverGridSchema = z.enum(CROSSOVER_GRIDS);

export const runSettingsSchema: z.ZodType<RunSettings> = z.strictObject({
  format: z.enum(RUN_FORMATS),
  scratchpadBytes: z
    .number()
    .int()
    .min(0)
    .max(2 ** 50)
    .nullable(),
  objective: z.enum(MAPPING_OBJECTIVES),
  split: z.boolean().exactOptional(),
  values: z.enum(VALUE_CHECKS).exactOptional(),
  seed: z.number().int().min(0).max(LARGEST_SEED).exactOptional(),
  candidates: z
    .record(idSchema, candidateTextSchema)
    .refine((texts) => Object.keys(texts).length <= MOST_CANDIDATES, `A run has at most ${MOST_CANDIDATES} candidates`)
    .exactOptional(),
  scheduler: z.strictObject({ id: z.string().min(1).max(128), parameters: parameterValuesSchema }),
});
