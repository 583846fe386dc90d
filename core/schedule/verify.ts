/**
 * The last of check → solve → verify: a schedule is believed only after every certificate has been recounted from
 * the answer's order and intervals alone. Shares no code with whatever made the answer; reads problem.ts only.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { ResidencyInterval, ScheduleAnswer, ScheduleProblem } from './problem.ts';

/** Everything the answer gets wrong; empty for an answer that may be used. One problem a kind of fault and place. */
export function verifySchedule(instance: ScheduleProblem, answer: ScheduleAnswer): readonly Problem[] {
  const faults: Problem[] = [];
  const fault: Fault = (code, message, facts = {}) => {
    faults.push(problem(`schedule.${code}`, message, { facts }));
  };
  const stepOf = verifyOrder(instance, answer.order, fault);
  // Without a proper order the steps of the intervals mean nothing.
  if (!stepOf) return faults;
  const intervals = verifyIntervals(instance, answer, fault);
  if (!intervals) return faults;
  verifyCapacity(instance, answer, fault);
  verifyAddresses(instance, answer, fault);
  const counted = verifyTensors(instance, answer, stepOf, intervals, fault);
  verifyClaims(answer, counted, fault);
  return faults;
}

type Fault = (code: string, message: string, facts?: Readonly<Record<string, number | string>>) => void;

function verifyOrder(instance: ScheduleProblem, order: readonly number[], fault: Fault): readonly number[] | null {
  const stepOf = new Array<number>(instance.ops.length).fill(-1);
  let isPermutation = order.length === instance.ops.length;
  order.forEach((op, step) => {
    if (stepOf[op] !== -1) isPermutation = false;
    stepOf[op] = step;
  });
  if (!isPermutation || stepOf.length !== instance.ops.length) {
    fault('order', `The order is not a permutation of the ${instance.ops.length} operators`);
    return null;
  }
  const madeAt = new Map(instance.ops.flatMap((op) => op.outputs.map((tensor) => [tensor, stepOf[op.id]!] as const)));
  let isCausal = true;
  for (const op of instance.ops) {
    for (const tensor of op.inputs) {
      const made = madeAt.get(tensor);
      if (made === undefined || made < stepOf[op.id]!) continue;
      fault('precedence', `${op.name} runs before its operand ${instance.tensors[tensor]!.name} is made`);
      isCausal = false;
    }
  }
  return isCausal ? stepOf : null;
}

/** Intervals of each tensor in the order of time, or null when one is not an interval at all. */
function verifyIntervals(
  instance: ScheduleProblem,
  { intervals, order }: ScheduleAnswer,
  fault: Fault,
): readonly (readonly ResidencyInterval[])[] | null {
  const ofTensor: ResidencyInterval[][] = instance.tensors.map(() => []);
  for (const interval of intervals) {
    const { t, from, to } = interval;
    const isWhole = Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from < to && to <= order.length;
    if (!isWhole || !ofTensor[t]) {
      fault('interval', `There is no interval of tensor ${t} from step ${from} to ${to}`);
      return null;
    }
    ofTensor[t].push(interval);
  }
  for (const list of ofTensor) list.sort((a, b) => a.from - b.from);
  return ofTensor;
}

function verifyCapacity(instance: ScheduleProblem, { S, mode, order, intervals }: ScheduleAnswer, fault: Fault): void {
  const load = order.map((op) => (mode === 'strict+weights' ? instance.ops[op]!.weightBytes : 0));
  for (const { t, from, to } of intervals)
    for (let step = from; step < to; step++) load[step]! += instance.tensors[t]!.bytes;
  load.forEach((bytes, step) => {
    if (bytes > S)
      fault('capacity', `Step ${step} (${instance.ops[order[step]!]!.name}) holds ${bytes} B in ${S} B`, {
        step,
        demand: bytes,
        bound: S,
        unit: 'B',
      });
  });
}

function verifyAddresses(instance: ScheduleProblem, { S, intervals }: ScheduleAnswer, fault: Fault): void {
  const sizeOf = (interval: ResidencyInterval): number => instance.tensors[interval.t]!.bytes;
  const nameOf = (interval: ResidencyInterval): string => instance.tensors[interval.t]!.name;
  for (const interval of intervals)
    if (!Number.isSafeInteger(interval.addr) || interval.addr < 0 || interval.addr + sizeOf(interval) > S)
      fault('address', `${nameOf(interval)} at ${interval.addr} does not lie within the ${S} B of the scratchpad`);
  const byStart = [...intervals].sort((a, b) => a.from - b.from);
  let alive: ResidencyInterval[] = [];
  for (const next of byStart) {
    alive = alive.filter((one) => one.to > next.from);
    for (const one of alive)
      if (one.addr < next.addr + sizeOf(next) && next.addr < one.addr + sizeOf(one))
        fault('overlap', `${nameOf(one)} and ${nameOf(next)} share addresses at step ${next.from}`);
    alive.push(next);
  }
}

interface Recount {
  readonly compulsory: number;
  readonly nonCompulsory: number;
}

/** Presence, residency and traffic, tensor by tensor. */
function verifyTensors(
  instance: ScheduleProblem,
  { mode }: ScheduleAnswer,
  stepOf: readonly number[],
  intervals: readonly (readonly ResidencyInterval[])[],
  fault: Fault,
): Recount {
  const usesOf: Set<number>[] = instance.tensors.map(() => new Set());
  const madeAt = instance.tensors.map(() => -1);
  for (const op of instance.ops) {
    for (const tensor of op.inputs) usesOf[tensor]!.add(stepOf[op.id]!);
    for (const tensor of op.outputs) madeAt[tensor] = stepOf[op.id]!;
  }
  let compulsory = 0;
  let nonCompulsory = 0;
  for (const { id, name, bytes, kind } of instance.tensors) {
    const own = intervals[id]!;
    const uses = usesOf[id]!;
    const made = madeAt[id]!;
    own.forEach((interval, index) => {
      if (index > 0 && interval.from < own[index - 1]!.to)
        fault('double-residency', `${name} is on chip twice at step ${interval.from}`);
      if (interval.from !== made && !uses.has(interval.from))
        fault('start', `${name} comes on chip at step ${interval.from}, where it is neither made nor used`);
    });
    const holding = (step: number) => own.find((interval) => interval.from <= step && step < interval.to);
    if (mode !== 'stream') {
      for (const step of uses)
        if (!holding(step)) fault('operand-absent', `${name} is not on chip at step ${step}, where it is used`);
      if (made >= 0 && !holding(made))
        fault('result-absent', `${name} is not on chip at step ${made}, where it is made`);
    }
    // A use is free when the tensor was on chip before the step began; any other use reads it once.
    let reads = 0;
    for (const step of uses) {
      const interval = holding(step);
      if (!interval || interval.from === step) reads++;
    }
    if (kind === 'input') {
      if (uses.size === 0) continue;
      compulsory += bytes;
      nonCompulsory += (reads - 1) * bytes;
    } else {
      nonCompulsory += reads * bytes;
      if (kind === 'output') compulsory += bytes;
      else if (reads > 0) nonCompulsory += bytes;
    }
  }
  return { compulsory, nonCompulsory };
}

function verifyClaims(answer: ScheduleAnswer, counted: Recount, fault: Fault): void {
  const { objective, bound, compulsory, optimal } = answer;
  if (objective !== counted.nonCompulsory)
    fault('objective', `The answer claims ${objective} non-compulsory bytes; recounted ${counted.nonCompulsory}`, {
      claimed: objective,
      recounted: counted.nonCompulsory,
      unit: 'B',
    });
  if (compulsory !== counted.compulsory)
    fault('compulsory', `The answer claims ${compulsory} compulsory bytes; recounted ${counted.compulsory}`, {
      claimed: compulsory,
      recounted: counted.compulsory,
      unit: 'B',
    });
  if (!(bound >= 0 && bound <= objective))
    fault('bound', `The bound ${bound} is not between 0 and the objective ${objective}`);
  if (optimal && bound !== objective)
    fault(
      'optimal',
      `The answer is called optimal with a gap between the objective ${objective} and the bound ${bound}`,
    );
}
