/**
 * A run from a file nobody vouches for: size, shape, every index and every number are checked before anything
 * reads it. What passes is a RunResult all views and reports can draw without a further check.
 */
import { z } from 'zod';
import { decodeColumn, type EncodedColumn } from '#core/base/columns.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import type { Unit } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { ownScheduleProblemSchema, scheduleLimitsSchema } from '#core/contract/schedule-file.ts';
import { documentFileSchema, runSettingsSchema } from '#core/contract/schemas.ts';
import { INTERVAL_KINDS, type OperatorFigures, type RunResult } from '#core/run/result.ts';
import { SCHEDULE_MODES, SCHEDULE_STOPS } from '#core/schedule/problem.ts';

/** Characters of JSON; a run with a million intervals takes a third of it. */
export const LONGEST_RUN_FILE = 256 * 1024 * 1024;
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
/** A record, so that a unit added to the type has to be added here. */
const UNITS: Readonly<Record<Unit, true>> = {
  B: true,
  cycles: true,
  s: true,
  ms: true,
  ns: true,
  J: true,
  pJ: true,
  W: true,
  Hz: true,
  MHz: true,
  'GB/s': true,
  'B/s': true,
  'B/cycle': true,
  MAC: true,
  'MAC/cycle': true,
  op: true,
  'op/cycle': true,
  element: true,
  px: true,
  nm: true,
  'mm²': true,
  '1': true,
  '%': true,
  '': true,
};
const unit = z.custom<Unit>((value) => typeof value === 'string' && Object.hasOwn(UNITS, value), 'Unknown unit');
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

function encoded<Type extends EncodedColumn['type']>(type: Type) {
  return z.strictObject({
    type: z.literal(type),
    length: z.number().int().min(0).max(INTERVALS),
    base64: z.string().regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
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
});

const parameterValue = z.union([finite, text, z.boolean(), z.array(finite).max(65_536)]);
const finding = z.strictObject({
  code: id,
  severity: z.enum(['error', 'warning', 'info']),
  message: long,
  where: z.strictObject({
    document: id.optional(),
    node: id.optional(),
    link: id.optional(),
    parameter: id.optional(),
    file: text.optional(),
    byteOffset: count.optional(),
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

const runSchema = z.strictObject({
  format: z.literal('weft-run/1'),
  key: z.string().regex(/^[0-9a-f]{64}$/),
  appVersion: z.string().min(1).max(64),
  title: text,
  inputs: z.strictObject({ model: documentFileSchema, architecture: documentFileSchema, settings: runSettingsSchema }),
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
  findings: z.array(finding).max(10_000),
  techniques: z.array(z.strictObject({ ...techniqueRef, title: text, role: text })).max(256),
  stoppedEarly: z.boolean(),
});

/** Code `run-file.*`; `facts.at` is the path inside the file, `where.byteOffset` is set where JSON itself breaks. */
export function parseRun(json: string): Result<RunResult, Problem> {
  if (json.length > LONGEST_RUN_FILE)
    return fault('too-large', 'The file is larger than any run this version reads', {
      length: json.length,
      limit: LONGEST_RUN_FILE,
    });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return fault('not-json', 'The file is not JSON, or it is cut off', { length: json.length });
  }
  const parsed = runSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.path.join('.') ?? '';
    return fault('shape', `The file is not a run of format weft-run/1: ${issue?.message ?? 'wrong shape'}`, { at });
  }
  const run = withoutUndefined(parsed.data);
  const inconsistency = inconsistencyOf(run);
  return inconsistency ? fault('inconsistent', inconsistency.message, { at: inconsistency.at }) : ok(run);
}

/** zod types an absent optional as `| undefined`; JSON has no undefined, so the shapes are the same. */
function withoutUndefined(parsed: z.infer<typeof runSchema>): RunResult {
  return {
    ...parsed,
    findings: parsed.findings.map(({ where, ...rest }) => ({
      ...rest,
      where: {
        ...(where.document === undefined ? {} : { document: where.document }),
        ...(where.node === undefined ? {} : { node: where.node }),
        ...(where.link === undefined ? {} : { link: where.link }),
        ...(where.parameter === undefined ? {} : { parameter: where.parameter }),
        ...(where.file === undefined ? {} : { file: where.file }),
        ...(where.byteOffset === undefined ? {} : { byteOffset: where.byteOffset }),
      },
    })),
  };
}

function fault(
  code: string,
  message: string,
  facts: Readonly<Record<string, number | string>>,
): { readonly ok: false; readonly error: Problem } {
  return err(problem(`run-file.${code}`, message, { facts }));
}

interface Inconsistency {
  readonly at: string;
  readonly message: string;
}

function inconsistencyOf(run: RunResult): Inconsistency | null {
  if (run.inputs.model.kind !== 'model') return { at: 'inputs.model.kind', message: 'The model is not a model' };
  if (run.inputs.architecture.kind !== 'architecture')
    return { at: 'inputs.architecture.kind', message: 'The architecture is not an architecture' };
  const displaced = run.operators.findIndex((one, position) => one.index !== position);
  if (displaced >= 0) return { at: `operators.${displaced}.index`, message: 'Operators are not numbered in order' };
  return scheduleInconsistency(run) ?? timelineInconsistency(run);
}

function scheduleInconsistency({ schedule: { problem: asked, answer } }: RunResult): Inconsistency | null {
  const at = (place: string, message: string): Inconsistency => ({ at: `schedule.${place}`, message });
  const tensor = asked.tensors.findIndex((one, position) => one.id !== position);
  if (tensor >= 0) return at(`problem.tensors.${tensor}.id`, 'Tensors are not numbered in order');
  for (const [position, op] of asked.ops.entries()) {
    if (op.id !== position)
      return at(`problem.ops.${position}.id`, 'Operators of the schedule are not numbered in order');
    for (const one of [...op.inputs, ...op.outputs])
      if (one >= asked.tensors.length) return at(`problem.ops.${position}`, `There is no tensor ${one}`);
  }
  const seen = new Set(answer.order);
  if (answer.order.length !== asked.ops.length || seen.size !== asked.ops.length)
    return at('answer.order', 'The order does not name every operator once');
  for (const op of seen) if (op >= asked.ops.length) return at('answer.order', `There is no operator ${op}`);
  for (const [position, { t, from, to, addr }] of answer.intervals.entries()) {
    const held = asked.tensors[t];
    if (!held) return at(`answer.intervals.${position}.t`, `There is no tensor ${t}`);
    if (from >= to || to > answer.order.length)
      return at(`answer.intervals.${position}`, `Steps ${from} to ${to} are not within the schedule`);
    if (addr + held.bytes > answer.S)
      return at(`answer.intervals.${position}.addr`, `Tensor ${held.name} reaches beyond the scratchpad`);
  }
  if (answer.bound > answer.objective) return at('answer.bound', 'The lower bound is above the objective');
  if (answer.optimal && answer.bound !== answer.objective)
    return at('answer.optimal', 'Called optimal, but bound and objective differ');
  return null;
}

function timelineInconsistency({ timeline: data, operators }: RunResult): Inconsistency | null {
  const at = (place: string, message: string): Inconsistency => ({ at: `timeline.${place}`, message });
  const columns = [data.lane, data.start, data.end, data.operator, data.kind] as const;
  const names = ['lane', 'start', 'end', 'operator', 'kind'];
  const width = { f64: 8, i32: 4, u16: 2, u8: 1 } as const;
  for (const [position, one] of columns.entries()) {
    if (one.length !== data.lane.length) return at(names[position]!, 'The columns differ in length');
    if (one.base64.length !== Math.ceil((one.length * width[one.type]) / 3) * 4)
      return at(names[position]!, 'The column does not hold as many values as it says');
  }
  try {
    const [lane, start, end, operator, kind] = columns.map(decodeColumn);
    if (!lane || !start || !end || !operator || !kind) return at('lane', 'A column is missing');
    for (let row = 0; row < lane.length; row++) {
      if (lane[row]! >= data.lanes.length) return at('lane', `Interval ${row} is on a lane that is not there`);
      if (kind[row]! >= INTERVAL_KINDS.length) return at('kind', `Interval ${row} is of an unknown kind`);
      // −1 marks what belongs to no operator.
      if (operator[row]! < -1 || operator[row]! >= operators.length)
        return at('operator', `Interval ${row} belongs to an operator that is not there`);
      if (!(start[row]! >= 0 && end[row]! >= start[row]! && end[row]! <= data.makespanCycles))
        return at('start', `Interval ${row} is not within the run`);
      const isSorted =
        row === 0 || lane[row - 1]! < lane[row]! || (lane[row - 1] === lane[row] && start[row - 1]! <= start[row]!);
      if (!isSorted) return at('start', `Interval ${row} is out of order`);
    }
  } catch {
    return at('lane', 'A column cannot be decoded');
  }
  return null;
}
