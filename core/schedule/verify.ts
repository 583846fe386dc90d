/**
 * The last of check → solve → verify: a schedule is believed only after every certificate has been recounted from
 * the answer's order and intervals alone. Shares no code with whatever made the answer; of this folder it reads
 * the statement of the problem (problem.ts, sharing.ts) and nothing else. Flags are those the answer carries.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import type { ResidencyInterval, ScheduleAnswer, ScheduleProblem } from './problem.ts';
import { type Share, sharesOf } from './sharing.ts';

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
  const rooms = roomsOf(instance, answer, stepOf);
  const isShared = sharedPairs(instance, answer);
  verifyCapacity(instance, answer, rooms, isShared, fault);
  verifyAddresses(instance, answer, rooms, isShared, fault);
  verifyPinned(instance, answer, stepOf, intervals, fault);
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

/** An interval with the steps during which its bytes are taken. */
interface Room {
  readonly interval: ResidencyInterval;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/** Under double buffering what does not begin with its making is fetched, and has its room one step earlier. */
function roomsOf(instance: ScheduleProblem, answer: ScheduleAnswer, stepOf: readonly number[]): readonly Room[] {
  const madeAt = new Map(instance.ops.flatMap((op) => op.outputs.map((id) => [id, stepOf[op.id]!] as const)));
  return answer.intervals.map((interval) => {
    const isAhead = answer.flags?.doubleBuffer && interval.from > 0 && madeAt.get(interval.t) !== interval.from;
    const from = isAhead ? interval.from - 1 : interval.from;
    return { interval, bytes: instance.tensors[interval.t]!.bytes, from, to: interval.to };
  });
}

/** Whether `earlier`, the last step of an operand, and `later`, its operator's result, lie as the flags allow. */
type SharedPairs = (earlier: ResidencyInterval, later: ResidencyInterval) => boolean;

function sharedPairs(instance: ScheduleProblem, { flags, order }: ScheduleAnswer): SharedPairs {
  if (!flags?.inPlace && !flags?.aliasConcat) return () => false;
  const shares: (readonly Share[])[] = order.map((op) => sharesOf(instance, instance.ops[op]!, flags));
  return (earlier, later) =>
    earlier.to === later.from + 1 &&
    shares[later.from]!.some(
      ({ operand, result, offset }) =>
        operand === earlier.t && result === later.t && earlier.addr === later.addr + offset,
    );
}

function verifyCapacity(
  instance: ScheduleProblem,
  { S, mode, order, flags }: ScheduleAnswer,
  rooms: readonly Room[],
  isShared: SharedPairs,
  fault: Fault,
): void {
  const load = new Array<number>(order.length).fill(0);
  const change = new Array<number>(order.length + 1).fill(0);
  if (mode === 'strict+weights')
    order.forEach((op, step) => {
      const { weightBytes, streamsWeights } = instance.ops[op]!;
      if (streamsWeights) return;
      load[step]! += weightBytes;
      if (flags?.doubleBuffer && step > 0) load[step - 1]! += weightBytes;
    });
  for (const { bytes, from, to } of rooms) {
    change[from]! += bytes;
    change[to]! -= bytes;
  }
  // What an operand shares with the result at its operator's step is there once.
  if (flags?.inPlace || flags?.aliasConcat) {
    const ending: Room[][] = order.map(() => []);
    for (const room of rooms) ending[room.to - 1]!.push(room);
    for (const later of rooms)
      for (const earlier of ending[later.interval.from]!)
        if (earlier !== later && isShared(earlier.interval, later.interval))
          load[later.interval.from]! -= Math.min(earlier.bytes, later.bytes);
  }
  let present = 0;
  load.forEach((others, step) => {
    present += change[step]!;
    const bytes = present + others;
    if (bytes > S)
      fault('capacity', `Step ${step} (${instance.ops[order[step]!]!.name}) holds ${bytes} B in ${S} B`, {
        step,
        demand: bytes,
        bound: S,
        unit: 'B',
      });
  });
}

function verifyAddresses(
  instance: ScheduleProblem,
  { S }: ScheduleAnswer,
  rooms: readonly Room[],
  isShared: SharedPairs,
  fault: Fault,
): void {
  const nameOf = ({ interval }: Room): string => instance.tensors[interval.t]!.name;
  for (const room of rooms) {
    const { addr } = room.interval;
    if (!Number.isSafeInteger(addr) || addr < 0 || addr + room.bytes > S)
      fault('address', `${nameOf(room)} at ${addr} does not lie within the ${S} B of the scratchpad`);
  }
  const byStart = [...rooms].sort((a, b) => a.from - b.from);
  let alive: Room[] = [];
  for (const next of byStart) {
    alive = alive.filter((one) => one.to > next.from);
    for (const one of alive) {
      const areApart =
        one.interval.addr >= next.interval.addr + next.bytes || next.interval.addr >= one.interval.addr + one.bytes;
      if (areApart || isShared(one.interval, next.interval) || isShared(next.interval, one.interval)) continue;
      fault('overlap', `${nameOf(one)} and ${nameOf(next)} share addresses at step ${next.from}`);
    }
    alive.push(next);
  }
}

/** A pinned tensor is on chip without a break from its making, or first use, to its last use. */
function verifyPinned(
  instance: ScheduleProblem,
  { flags, mode }: ScheduleAnswer,
  stepOf: readonly number[],
  intervals: readonly (readonly ResidencyInterval[])[],
  fault: Fault,
): void {
  for (const tensor of flags?.pinned ?? []) {
    const events = instance.ops
      .filter((op) => op.inputs.includes(tensor) || op.outputs.includes(tensor))
      .map((op) => stepOf[op.id]!);
    if (events.length === 0 || (mode === 'stream' && events.length === 1)) continue;
    const first = Math.min(...events);
    const last = Math.max(...events);
    if (intervals[tensor]?.some(({ from, to }) => from <= first && last < to)) continue;
    const name = instance.tensors[tensor]?.name ?? String(tensor);
    fault('pinned', `${name} is pinned, but not on chip from step ${first} to step ${last}`);
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
  /** Steps at which the operator streams the tensor: it need not be on chip. */
  const streamedAt: Set<number>[] = instance.tensors.map(() => new Set());
  const madeAt = instance.tensors.map(() => -1);
  for (const op of instance.ops) {
    for (const tensor of op.inputs) usesOf[tensor]!.add(stepOf[op.id]!);
    for (const tensor of op.outputs) madeAt[tensor] = stepOf[op.id]!;
    for (const tensor of op.streams ?? []) streamedAt[tensor]!.add(stepOf[op.id]!);
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
    const holding = (step: number) => lastBefore(own, step);
    if (mode !== 'stream') {
      for (const step of uses)
        if (!holding(step) && !streamedAt[id]!.has(step))
          fault('operand-absent', `${name} is not on chip at step ${step}, where it is used`);
      if (made >= 0 && !holding(made) && !streamedAt[id]!.has(made))
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

/** The interval that holds a step, by halving: intervals are in the order of time. */
function lastBefore(own: readonly ResidencyInterval[], step: number): ResidencyInterval | undefined {
  let low = 0;
  let high = own.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (own[middle]!.from <= step) low = middle + 1;
    else high = middle;
  }
  const found = own[low - 1];
  return found && step < found.to ? found : undefined;
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
