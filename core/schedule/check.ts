/**
 * The first of check → solve → verify: is this a well-formed scheduling problem, and can it run at all in the
 * scratchpad given? An infeasible one is told with operator, demand, bound, unit, tensors and levers.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { formatExact } from '#core/base/quantity.ts';
import { explainInfeasible } from './explain/infeasible.ts';
import type { ScheduleTarget } from './gaps.ts';
import { SCHEDULE_MODES, type ScheduleOperator, type ScheduleProblem } from './problem.ts';

/** Everything wrong with the problem and the target; empty when a schedule exists. */
export function checkSchedule(instance: ScheduleProblem, target: ScheduleTarget): readonly Problem[] {
  const faults = [...checkProblem(instance), ...checkTarget(target)];
  return faults.length > 0 ? faults : checkFeasible(instance, target);
}

function checkTarget({ mode, S, granule }: ScheduleTarget): readonly Problem[] {
  const faults: Problem[] = [];
  if (!SCHEDULE_MODES.includes(mode))
    faults.push(problem('schedule.mode', `There is no scheduling mode ${JSON.stringify(mode)}`));
  if (!isByteCount(S))
    faults.push(problem('schedule.capacity-invalid', `The scratchpad must be a whole number of bytes, not ${S}`));
  if (!isByteCount(granule) || granule === 0)
    faults.push(
      problem('schedule.granule', `The allocation granule must be a positive number of bytes, not ${granule}`),
    );
  return faults;
}

const isByteCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Well-formedness alone: ids, byte counts, one producer each, operators in topological order. */
export function checkProblem(instance: ScheduleProblem): readonly Problem[] {
  const faults: Problem[] = [];
  const fault = (code: string, message: string, node?: string): void => {
    faults.push(problem(`schedule.${code}`, message, node === undefined ? {} : { where: { node } }));
  };
  instance.tensors.forEach((tensor, index) => {
    if (tensor.id !== index) fault('tensor-id', `Tensor ${index} has the id ${tensor.id}; ids must equal positions`);
    if (!isByteCount(tensor.bytes)) fault('tensor-bytes', `Tensor ${tensor.name} has ${tensor.bytes} bytes`);
  });
  const maker = new Map<number, string>();
  const made = new Set(instance.tensors.filter((tensor) => tensor.kind === 'input').map((tensor) => tensor.id));
  instance.ops.forEach((op, index) => {
    if (op.id !== index)
      fault('operator-id', `Operator ${index} has the id ${op.id}; ids must equal positions`, op.name);
    if (!isByteCount(op.weightBytes))
      fault('weight-bytes', `${op.name} has ${op.weightBytes} bytes of weights`, op.name);
    for (const id of op.inputs) {
      const tensor = instance.tensors[id];
      if (!tensor) fault('unknown-tensor', `${op.name} uses tensor ${id}, which does not exist`, op.name);
      else if (!made.has(id))
        fault('precedence', `${op.name} uses ${tensor.name} before any operator has made it`, op.name);
    }
    for (const id of op.outputs) {
      const tensor = instance.tensors[id];
      if (!tensor) fault('unknown-tensor', `${op.name} makes tensor ${id}, which does not exist`, op.name);
      else if (tensor.kind === 'input') fault('input-made', `${op.name} makes the graph input ${tensor.name}`, op.name);
      else if (maker.has(id))
        fault('two-makers', `${tensor.name} is made by ${maker.get(id)} and by ${op.name}`, op.name);
      maker.set(id, op.name);
      made.add(id);
    }
  });
  for (const tensor of instance.tensors)
    if (tensor.kind !== 'input' && !maker.has(tensor.id)) fault('no-maker', `No operator makes ${tensor.name}`);
  for (const op of instance.ops) checkExtensions(instance, op, fault);
  return faults;
}

/** `inPlace`, `aliases` and `streams`, where an operator states them. */
function checkExtensions(
  { tensors }: ScheduleProblem,
  op: ScheduleOperator,
  fault: (code: string, message: string, node?: string) => void,
): void {
  for (const id of [...(op.inPlace ?? []), ...(op.aliases ?? []).map(({ operand }) => operand)])
    if (!op.inputs.includes(id)) fault('no-operand', `${op.name} does not use tensor ${id}`, op.name);
  for (const id of op.streams ?? [])
    if (!op.inputs.includes(id) && !op.outputs.includes(id))
      fault('streams', `${op.name} streams tensor ${id}, which it neither uses nor makes`, op.name);
  const result = tensors[op.outputs[0] ?? -1];
  const slots = [...(op.aliases ?? [])].sort((a, b) => a.offset - b.offset);
  let end = 0;
  for (const { operand, offset } of slots) {
    if (!isByteCount(offset) || offset < end)
      fault('slot', `The slot of tensor ${operand} in the result of ${op.name} overlaps another`, op.name);
    end = offset + (tensors[operand]?.bytes ?? 0);
  }
  if (slots.length > 0 && (op.outputs.length !== 1 || end > (result?.bytes ?? 0)))
    fault('slot', `The slots of ${op.name} do not lie within its one result`, op.name);
}

function checkFeasible(instance: ScheduleProblem, target: ScheduleTarget): readonly Problem[] {
  const found = explainInfeasible(instance, target);
  if (!found) return [];
  const { operator, demand, bound, tensors, weightBytes, levers, message } = found;
  const named = tensors.map(({ name, bytes }) => `${name} (${formatExact(bytes, 'B')})`);
  if (weightBytes > 0) named.push(`weights (${formatExact(weightBytes, 'B')})`);
  return [
    problem('schedule.infeasible', message, {
      where: { node: operator },
      facts: {
        operator,
        demand,
        bound,
        unit: 'B',
        tensors: named.join(', '),
        levers: levers.map(({ title }) => title).join('; '),
      },
    }),
  ];
}
