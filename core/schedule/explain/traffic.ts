/**
 * Where a schedule's traffic comes from: tensor by tensor the bytes written, read back and read again, at which steps,
 * and what else was on chip at the fullest step over which the tensor was not kept. Counted from the answer alone.
 */
import type { ScheduleAnswer, ScheduleProblem } from '../problem.ts';

/** One read that a schedule with more room would not need. */
export interface Reread {
  /** Step of the event before, and of the use that reads from off chip. */
  readonly from: number;
  readonly to: number;
  readonly bytes: number;
  /** Where the scratchpad is fullest meanwhile, and what lies there, by bytes. */
  readonly tightest: { readonly step: number; readonly occupied: number; readonly tensors: readonly number[] };
}

export interface TensorTraffic {
  readonly tensor: number;
  readonly name: string;
  /** The one write of an intermediate that is read back. */
  readonly spill: number;
  /** Reads of what was made on chip, and of a graph input after its first. */
  readonly refills: number;
  readonly rereads: number;
  readonly bytes: number;
  readonly gaps: readonly Reread[];
}

/**
 * Largest first; the bytes of all add up to the answer's objective.
 * @param most tensors, since who lies beside them is costly to tell.
 */
export function explainTraffic(
  problem: ScheduleProblem,
  answer: ScheduleAnswer,
  most = Infinity,
): readonly TensorTraffic[] {
  if (answer.objective === 0) return [];
  const steps = answer.order.length;
  const change = new Float64Array(steps + 1);
  const held: (typeof answer.intervals)[number][][] = problem.tensors.map(() => []);
  for (const interval of answer.intervals) {
    held[interval.t]!.push(interval);
    change[interval.from]! += problem.tensors[interval.t]!.bytes;
    change[interval.to]! -= problem.tensors[interval.t]!.bytes;
  }
  const load = new Float64Array(steps);
  let running = 0;
  for (let step = 0; step < steps; step++) {
    running += change[step]!;
    load[step] = running;
  }
  const events: number[][] = problem.tensors.map(() => []);
  const isMade = problem.tensors.map(() => false);
  answer.order.forEach((op, step) => {
    const { inputs, outputs } = problem.ops[op]!;
    for (const tensor of new Set([...inputs, ...outputs])) events[tensor]!.push(step);
    for (const tensor of outputs) isMade[tensor] = true;
  });
  return problem.tensors
    .flatMap(({ id, name, bytes, kind }) => {
      const missed = events[id]!.flatMap((to, index) => {
        const from = events[id]![index - 1];
        if (from === undefined || held[id]!.some((one) => one.from < to && to < one.to)) return [];
        return [{ from, to }];
      });
      if (missed.length === 0 || bytes === 0) return [];
      const spill = isMade[id] && kind === 'act' ? bytes : 0;
      const reads = missed.length * bytes;
      const [refills, rereads] = isMade[id] ? [reads, 0] : [0, reads];
      return [{ tensor: id, name, spill, refills, rereads, bytes: spill + reads, missed, each: bytes }];
    })
    .sort((a, b) => b.bytes - a.bytes || a.tensor - b.tensor)
    .slice(0, most)
    .map(({ missed, each, ...traffic }): TensorTraffic => {
      const { tensor } = traffic;
      return {
        ...traffic,
        gaps: missed.map(({ from, to }) => ({ from, to, bytes: each, tightest: tightestOf(tensor, from, to) })),
      };
    });

  function tightestOf(tensor: number, from: number, to: number): Reread['tightest'] {
    let step = Math.min(from + 1, to);
    for (let at = step; at < Math.max(to, from + 2) && at < steps; at++) if (load[at]! > load[step]!) step = at;
    const tensors = answer.intervals
      .filter((one) => one.t !== tensor && one.from <= step && step < one.to)
      .map((one) => one.t)
      .sort((a, b) => problem.tensors[b]!.bytes - problem.tensors[a]!.bytes || a - b);
    return { step, occupied: load[step]!, tensors };
  }
}
