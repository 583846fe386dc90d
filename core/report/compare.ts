/**
 * Two schedules side by side: what becomes of each tensor in both, matched by name, and the totals' differences.
 * Bytes moved are recounted from the intervals: a use is free when the tensor was on chip before its step.
 */
import type { Metric } from '#core/base/metric.ts';
import type { RunResult } from '#core/run/result.ts';
import type { ScheduleAnswer, ScheduleProblem } from '#core/schedule/problem.ts';

/** What becomes of a tensor under a schedule. */
export interface TensorFate {
  readonly id: number;
  readonly bytes: number;
  /** Bytes moved for it beyond the compulsory. */
  readonly moved: number;
  /** Steps at which it is read from off chip beyond the compulsory. */
  readonly readAt: readonly number[];
  /** Steps it is on chip. */
  readonly steps: number;
  /** Step at which it is made, −1 for a graph input. */
  readonly madeAt: number;
  /** Operator of the schedule that makes it, −1 for a graph input. */
  readonly producer: number;
}

export interface TensorDifference {
  readonly name: string;
  readonly a: TensorFate | null;
  readonly b: TensorFate | null;
}

export interface TotalDifference {
  readonly metric: Pick<Metric, 'id' | 'title' | 'unit'>;
  readonly a: number;
  readonly b: number;
}

export interface ScheduleComparison {
  /** Only those that differ: most bytes first, then farthest moved in the order. */
  readonly tensors: readonly TensorDifference[];
  /** Tensors there are in both. */
  readonly common: number;
  /** Of the metrics both have. */
  readonly totals: readonly TotalDifference[];
}

type Schedule = { readonly problem: ScheduleProblem; readonly answer: ScheduleAnswer };

/** One entry a tensor, by id. */
export function tensorFates({ problem, answer }: Schedule): readonly TensorFate[] {
  const stepOf = new Map(answer.order.map((op, step) => [op, step]));
  const producer = problem.tensors.map(() => -1);
  const uses: number[][] = problem.tensors.map(() => []);
  for (const op of problem.ops) {
    for (const tensor of op.outputs) producer[tensor] = op.id;
    for (const tensor of new Set(op.inputs)) uses[tensor]!.push(stepOf.get(op.id)!);
  }
  const stays: { from: number; to: number }[][] = problem.tensors.map(() => []);
  for (const { t, from, to } of answer.intervals) stays[t]!.push({ from, to });
  return problem.tensors.map(({ id, bytes, kind }): TensorFate => {
    const isCarried = (step: number): boolean => stays[id]!.some(({ from, to }) => from < step && step < to);
    const misses = uses[id]!.filter((step) => !isCarried(step)).sort((a, b) => a - b);
    // The first load of a graph input is compulsory.
    const readAt = kind === 'input' ? misses.slice(1) : misses;
    const writes = kind === 'act' && readAt.length > 0 ? 1 : 0;
    return {
      id,
      bytes,
      moved: bytes * (readAt.length + writes),
      readAt,
      steps: stays[id]!.reduce((sum, { from, to }) => sum + to - from, 0),
      madeAt: producer[id] === -1 ? -1 : stepOf.get(producer[id]!)!,
      producer: producer[id]!,
    };
  });
}

export function compareSchedules(a: RunResult, b: RunResult): ScheduleComparison {
  const fates = (run: RunResult) =>
    new Map(tensorFates(run.schedule).map((fate) => [run.schedule.problem.tensors[fate.id]!.name, fate]));
  const [ofA, ofB] = [fates(a), fates(b)];
  const names = [...new Set([...ofA.keys(), ...ofB.keys()])];
  const tensors = names
    .map((name): TensorDifference => ({ name, a: ofA.get(name) ?? null, b: ofB.get(name) ?? null }))
    .filter((one) => differs(one))
    .sort((one, other) => weight(other) - weight(one) || distance(other) - distance(one));
  const metricsOfB = new Map(b.totals.map((metric) => [metric.id, metric.value]));
  return {
    tensors,
    common: names.filter((name) => ofA.has(name) && ofB.has(name)).length,
    totals: a.totals.flatMap(({ id, title, unit, value }) => {
      const other = metricsOfB.get(id);
      return other === undefined ? [] : [{ metric: { id, title, unit }, a: value, b: other }];
    }),
  };
}

function differs({ a, b }: TensorDifference): boolean {
  if (!a || !b) return true;
  return a.bytes !== b.bytes || a.moved !== b.moved || a.steps !== b.steps || a.madeAt !== b.madeAt;
}

const weight = ({ a, b }: TensorDifference): number => Math.abs((a?.moved ?? 0) - (b?.moved ?? 0));
const distance = ({ a, b }: TensorDifference): number => Math.abs((a?.madeAt ?? 0) - (b?.madeAt ?? 0));
