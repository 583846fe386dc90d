/** The shape of a run from a file: every member bounded. What members say of one another is for parse.ts to check. */
import { z } from 'zod';
import type { EncodedColumn } from '#core/base/columns.ts';
import { type Unit, unitOf } from '#core/base/quantity.ts';
import { ownScheduleProblemSchema, scheduleLimitsSchema } from '#core/contract/schedule-file.ts';
import { documentFileSchema, runSettingsSchema } from '#core/contract/schemas.ts';
import { ENERGY_LEVELS, type OperatorFigures } from '#core/run/result.ts';
import { SCHEDULE_MODES, SCHEDULE_STOPS } from '#core/schedule/problem.ts';
import { PLAY_ORDERS } from '#core/simulate/functional/certificate.ts';

const MANY = 200_000;
const INTERVALS = 8_000_000;

const text = z.string().max(4096);
const long = z.string().max(65_536);
const id = z.string().min(1).max(256);
const finite = z.number();
const amount = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const index = z.number().int().min(0).max(MANY);
const shape = z.array(count).max(64);
const unit = z.custom<Unit>((value) => typeof value === 'string' && unitOf(value) === value, 'Unknown unit');
const badge = z.enum(['estimate', 'simulated', 'proven', 'counted', 'measured']);
const techniqueRef = { id, version: z.string().min(1).max(64) };

const metric = z.strictObject({
  id,
  title: text,
  value: finite,
  unit,
  badge,
  provenance: z.strictObject({
    formula: long,
    inputs: z.array(z.strictObject({ name: text, value: z.union([finite, text]), unit })).max(256),
    source: long,
    technique: z.strictObject(techniqueRef),
  }),
});

const FIGURES = [
  'macs',
  'estimateCycles',
  'startCycle',
  'endCycle',
  'busyCycles',
  'utilisation',
  'weightBytes',
  'outputBytes',
  'compulsoryBytes',
  'spillBytes',
  'refetchBytes',
  'energy',
] as const satisfies readonly (keyof OperatorFigures)[];

const operator = z.strictObject({
  index,
  name: text,
  type: text,
  nodes: z.array(id).max(MANY),
  unit: id.nullable(),
  mapping: text,
  limit: z.enum(['compute', 'off-chip', 'dependency', 'none']),
  macs: amount,
  estimateCycles: amount,
  startCycle: amount,
  endCycle: amount,
  busyCycles: amount,
  utilisation: amount,
  weightBytes: amount,
  outputBytes: amount,
  compulsoryBytes: amount,
  spillBytes: amount,
  refetchBytes: amount,
  energy: amount,
});

const column = z.strictObject({ id: z.enum(FIGURES), title: text, unit, badge, formula: long, source: long });

const tensorList = z.array(z.strictObject({ name: text, shape, elementType: text })).max(MANY);

const schedule = z.strictObject({
  problem: ownScheduleProblemSchema,
  answer: z.strictObject({
    mode: z.enum(SCHEDULE_MODES),
    S: count,
    objective: amount,
    bound: amount,
    optimal: z.boolean(),
    stop: z.enum(SCHEDULE_STOPS).exactOptional(),
    split: count.exactOptional(),
    flags: z
      .strictObject({
        inPlace: z.boolean(),
        aliasConcat: z.boolean(),
        doubleBuffer: z.boolean(),
        pinned: z.array(index).max(MANY),
      })
      .exactOptional(),
    compulsory: amount,
    order: z.array(index).max(MANY),
    intervals: z.array(z.strictObject({ t: index, from: index, to: index, addr: count })).max(MANY * 4),
    baselines: z.record(z.string().max(256), amount),
    proof: long,
    solver: z.strictObject(techniqueRef),
  }),
  limits: scheduleLimitsSchema.exactOptional(),
});

/** By a search for what does not belong there: a pattern of groups of four runs out of stack on a column of a million. */
function isBase64(text: string): boolean {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.slice(0, text.length - padding));
}

function encoded<Type extends EncodedColumn['type']>(type: Type) {
  return z.strictObject({
    type: z.literal(type),
    length: z.number().int().min(0).max(INTERVALS),
    base64: z.string().refine(isBase64, 'Not base64'),
  });
}

const timeline = z.strictObject({
  lanes: z
    .array(z.strictObject({ component: id, title: text, kind: z.enum(['compute', 'dma', 'channel', 'link']) }))
    .max(65_535),
  makespanCycles: amount,
  clockHertz: z.number().positive(),
  lane: encoded('u16'),
  start: encoded('f64'),
  end: encoded('f64'),
  operator: encoded('i32'),
  kind: encoded('u8'),
  command: encoded('i32').exactOptional(),
  bytes: encoded('f64').exactOptional(),
});

const parameterValue = z.union([finite, text, z.boolean(), z.array(finite).max(65_536)]);
const finding = z.strictObject({
  code: id,
  severity: z.enum(['error', 'warning', 'info']),
  message: long,
  where: z.strictObject({
    document: id.exactOptional(),
    node: id.exactOptional(),
    link: id.exactOptional(),
    parameter: id.exactOptional(),
    file: text.exactOptional(),
    byteOffset: count.exactOptional(),
  }),
  facts: z.record(z.string().max(256), z.union([finite, text])),
  fixes: z
    .array(
      z.strictObject({
        title: text,
        edits: z
          .array(
            z.discriminatedUnion('type', [
              z.strictObject({ type: z.literal('set-parameter'), node: id, parameter: id, value: parameterValue }),
              z.strictObject({ type: z.literal('remove-node'), node: id }),
              z.strictObject({ type: z.literal('remove-link'), link: id }),
            ]),
          )
          .max(MANY),
      }),
    )
    .max(256),
});

/** Null where a number is not finite. */
const error = amount.nullable();
const certificate = z.union([
  z.strictObject({ skipped: long }),
  z.strictObject({
    isVerified: z.boolean(),
    isExact: z.boolean(),
    outputs: z
      .array(
        z.strictObject({
          name: text,
          elements: count,
          maximumError: error,
          relativeError: error,
          isExact: z.boolean(),
        }),
      )
      .max(MANY),
    elements: count,
    maximumError: error,
    relativeError: error,
    tolerance: amount,
    commands: count,
    bytesMoved: amount,
    orders: z.array(z.enum(PLAY_ORDERS)).max(PLAY_ORDERS.length),
    reference: text,
    statement: long,
    fault: z.strictObject({ order: z.enum(PLAY_ORDERS), problem: finding }).nullable(),
    firstWrong: z
      .strictObject({
        tensor: text,
        index: count,
        expected: finite.nullable(),
        got: finite.nullable(),
        command: count.nullable(),
      })
      .nullable(),
    numbers: z.strictObject({ file: text.nullable(), owners: count, random: count, seed: count }),
  }),
]);

const counts = z.strictObject({ ifmapReads: amount, filterReads: amount, ofmapWrites: amount, ofmapReads: amount });
const countsOrNull = z.strictObject({
  ifmapReads: amount.nullable(),
  filterReads: amount.nullable(),
  ofmapWrites: amount.nullable(),
  ofmapReads: amount.nullable(),
});
const arrayModel = z.strictObject({
  ...techniqueRef,
  title: text,
  operators: z
    .array(
      z.strictObject({
        operator: index,
        unit: id,
        arrays: count,
        dataflow: z.enum(['os', 'ws', 'is']),
        estimate: z.strictObject({
          cycles: amount.nullable(),
          // A model that starts counting at cycle 0 may end a cycle before another's computation does.
          stallCycles: finite.nullable(),
          overallUtilisation: amount.nullable(),
          mappingEfficiency: amount,
          computeUtilisation: amount,
          sram: counts,
          dram: countsOrNull,
          limit: text.nullable(),
        }),
      }),
    )
    .max(MANY),
  totals: z.strictObject({
    cycles: amount.nullable(),
    stallCycles: finite.nullable(),
    overallUtilisation: amount.nullable(),
    sram: counts,
    dram: countsOrNull,
  }),
});

const figures = z
  .array(
    z.strictObject({
      id,
      value: amount,
      unit: z.enum(['pJ', 'µm²', 'mm²', '×']),
      per: text,
      technology: text,
      source: long,
      isChecked: z.boolean(),
    }),
  )
  .max(10_000);
const energy = z.strictObject({
  levels: z
    .array(
      z.strictObject({
        id: z.enum(ENERGY_LEVELS),
        title: text,
        joules: amount,
        share: z.number().min(0).max(1),
        figures,
      }),
    )
    .length(ENERGY_LEVELS.length),
  operators: z.array(z.array(amount).length(ENERGY_LEVELS.length)).max(MANY),
});
const areaPart = z.strictObject({
  id: z.enum(['cells', 'lanes', 'buffers', 'scratchpad']),
  title: text,
  squareMillimetres: amount,
  share: z.number().min(0).max(1),
  figures,
});

const lines = z.array(long).max(256);
const excerpt = z.strictObject({ commands: count, preamble: count, preambleHead: lines, commandsHead: lines });

const inputLists = z.record(z.string().max(256), z.array(finite).max(65_536)).exactOptional();
const weights = z.strictObject({
  name: text,
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  shapes: inputLists,
  values: inputLists,
});

export const runSchema = z.strictObject({
  format: z.literal('weft-run/1'),
  key: z.string().regex(/^[0-9a-f]{64}$/),
  appVersion: z.string().min(1).max(64),
  title: text,
  inputs: z.strictObject({
    model: documentFileSchema,
    architecture: documentFileSchema,
    settings: runSettingsSchema,
    weights: weights.exactOptional(),
  }),
  facts: z.strictObject({
    operators: count,
    tensors: count,
    parameters: count,
    macs: amount,
    inputs: tensorList,
    outputs: tensorList,
  }),
  totals: z.array(metric).max(1024),
  columns: z.array(column).max(FIGURES.length),
  operators: z.array(operator).max(MANY),
  schedule,
  timeline,
  certificate: certificate.exactOptional(),
  arrayModels: z.array(arrayModel).max(64).exactOptional(),
  energy: energy.exactOptional(),
  area: z.array(areaPart).max(4).exactOptional(),
  program: excerpt.exactOptional(),
  findings: z.array(finding).max(10_000),
  techniques: z.array(z.strictObject({ ...techniqueRef, title: text, role: text })).max(256),
  stoppedEarly: z.boolean(),
});
