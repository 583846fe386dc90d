/**
 * Where each operator finds its operands and puts its results under a schedule: in the scratchpad (at an
 * address, perhaps loaded there first) or off chip. Derived from the residency intervals once, for the emitter.
 */
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';

export interface OperandPlace {
  readonly tensor: number;
  /** Interval in force at this step, index into answer.intervals; −1: streamed from off chip. */
  readonly interval: number;
  /** The interval begins with this use: load it whole first. */
  readonly loadsFirst: boolean;
  /** This read is the first of a graph input. */
  readonly compulsory: boolean;
}

export interface ResultPlace {
  readonly tensor: number;
  readonly interval: number;
  /** Written off chip as it is made: a graph output (compulsory), or read off chip later (spill). */
  readonly stored: 'no' | 'compulsory' | 'spill';
}

export interface StepPlaces {
  readonly operator: number;
  readonly operands: readonly OperandPlace[];
  readonly results: readonly ResultPlace[];
}

/** One entry a step, in schedule order. */
export function placesOf(problem: ScheduleProblem, answer: ScheduleAnswer): readonly StepPlaces[] {
  const byTensor: number[][] = problem.tensors.map(() => []);
  answer.intervals.forEach((interval, index) => {
    byTensor[interval.t]!.push(index);
  });
  const intervalAt = (tensor: number, step: number) =>
    byTensor[tensor]!.find((index) => answer.intervals[index]!.from <= step && step < answer.intervals[index]!.to) ??
    -1;
  const read = new Uint8Array(problem.tensors.length);
  const operandsOf = answer.order.map((id, step) =>
    problem.ops[id]!.inputs.map((tensor): OperandPlace => {
      const interval = intervalAt(tensor, step);
      const loadsFirst = interval >= 0 && answer.intervals[interval]!.from === step;
      const offChip = interval < 0 || loadsFirst;
      const compulsory = offChip && problem.tensors[tensor]!.kind === 'input' && read[tensor] === 0;
      if (offChip) read[tensor] = 1;
      return { tensor, interval, loadsFirst, compulsory };
    }),
  );
  return answer.order.map((id, step) => ({
    operator: id,
    operands: operandsOf[step]!,
    results: problem.ops[id]!.outputs.map((tensor) => ({
      tensor,
      interval: intervalAt(tensor, step),
      stored: problem.tensors[tensor]!.kind === 'output' ? 'compulsory' : read[tensor] ? 'spill' : 'no',
    })),
  }));
}
