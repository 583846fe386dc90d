/**
 * A run from a file nobody vouches for: size, shape, every index and every number are checked before anything
 * reads it, and its schedule is verified again. What passes is a RunResult all views and reports can draw without a further check.
 */
import { decodeColumn } from '#core/base/columns.ts';
import { notJson } from '#core/base/json-fault.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { shapeFault } from '#core/base/shape-fault.ts';
import { ENERGY_LEVELS, INTERVAL_KINDS, type RunResult } from '#core/run/result.ts';
import { verifySchedule } from '#core/schedule/verify.ts';
import { runSchema } from './run-schema.ts';

/** Characters of JSON; a run with a million intervals takes a third of it. */
export const LONGEST_RUN_FILE = 256 * 1024 * 1024;

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
    return err(notJson('run-file.not-json', json, 'The file'));
  }
  const parsed = runSchema.safeParse(value);
  if (!parsed.success) {
    const { at, said } = shapeFault(parsed.error);
    return fault('shape', `The file is not a run of format weft-run/1 ${said}`, { at });
  }
  const run: RunResult = parsed.data;
  const inconsistency = inconsistencyOf(run);
  if (inconsistency) return fault('inconsistent', inconsistency.message, { at: inconsistency.at });
  // No schedule is shown that was not verified here, whoever says that it was.
  const [wrong] = verifySchedule(run.schedule.problem, run.schedule.answer);
  if (!wrong) return ok(run);
  return fault('schedule', `The schedule of the file does not hold: ${wrong.message}`, { at: 'schedule.answer' });
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
  return scheduleInconsistency(run) ?? timelineInconsistency(run) ?? accountInconsistency(run);
}

function accountInconsistency({ operators, arrayModels = [], energy, program }: RunResult): Inconsistency | null {
  for (const [position, model] of arrayModels.entries()) {
    const stray = model.operators.findIndex(({ operator: at }) => at >= operators.length);
    if (stray >= 0) return { at: `arrayModels.${position}.operators.${stray}`, message: 'There is no such operator' };
  }
  if (energy && energy.operators.length !== operators.length)
    return { at: 'energy.operators', message: 'Energy is not told of every operator' };
  const level = energy?.levels.findIndex(({ id: name }, position) => name !== ENERGY_LEVELS[position]) ?? -1;
  if (level >= 0) return { at: `energy.levels.${level}`, message: 'Levels of energy are not in order' };
  if (program && program.commandsHead.length > program.commands)
    return { at: 'program.commandsHead', message: 'More commands are shown than there are' };
  return null;
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

function timelineInconsistency({ timeline: data, operators, program }: RunResult): Inconsistency | null {
  const at = (place: string, message: string): Inconsistency => ({ at: `timeline.${place}`, message });
  const { command = data.operator, bytes = data.kind } = data;
  const columns = [data.lane, data.start, data.end, data.operator, data.kind, command, bytes] as const;
  const names = ['lane', 'start', 'end', 'operator', 'kind', 'command', 'bytes'];
  const width = { f64: 8, i32: 4, u16: 2, u8: 1 } as const;
  for (const [position, one] of columns.entries()) {
    if (one.length !== data.lane.length) return at(names[position]!, 'The columns differ in length');
    if (one.base64.length !== Math.ceil((one.length * width[one.type]) / 3) * 4)
      return at(names[position]!, 'The column does not hold as many values as it says');
  }
  try {
    const [lane, start, end, operator, kind, commandOf, moved] = columns.map(decodeColumn);
    if (!lane || !start || !end || !operator || !kind || !commandOf || !moved) return at('lane', 'A column is missing');
    const commands = data.command && program ? program.commands : Number.POSITIVE_INFINITY;
    for (let row = 0; row < lane.length; row++) {
      if (lane[row]! >= data.lanes.length) return at('lane', `Interval ${row} is on a lane that is not there`);
      if (kind[row]! >= INTERVAL_KINDS.length) return at('kind', `Interval ${row} is of an unknown kind`);
      // −1 marks what belongs to no operator.
      if (operator[row]! < -1 || operator[row]! >= operators.length)
        return at('operator', `Interval ${row} belongs to an operator that is not there`);
      if (data.command && !(commandOf[row]! >= 0 && commandOf[row]! < commands))
        return at('command', `Interval ${row} is of a command that is not there`);
      if (!(moved[row]! >= 0 && moved[row]! < Number.POSITIVE_INFINITY))
        return at('bytes', `Interval ${row} does not move a number of bytes`);
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
