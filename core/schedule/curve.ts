/**
 * The curve bytes(S): non-compulsory bytes over scratchpad sizes, each point helped by its neighbours. No schedule
 * for less room is below a bound for more, and a schedule for less room fits in more; so bounds are handed down
 * from large S to small and schedules up from small to large. Monotone by construction.
 */
import type { Control } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import { formatExact } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { baselines } from './baselines.ts';
import { targetOf } from './flags.ts';
import { gapView } from './gaps.ts';
import { orderByName } from './orders.ts';
import type { ScheduleAnswer, ScheduleMode, ScheduleProblem, ScheduleStop } from './problem.ts';
import { type Scheduler, scheduleAndVerify } from './scheduler.ts';
import type { ScheduleLimits } from './search/limits.ts';
import { hasStreams } from './streams.ts';
import { verifySchedule } from './verify.ts';

export const CURVE_SPACINGS = ['linear', 'geometric'] as const;

/** The limits as they are told and stored, bytes. */
export type LimitFigures = Pick<ScheduleLimits, 'MR' | 'MH' | 'MP' | 'isMPExact'>;

export function limitFigures({ MR, MH, MP, isMPExact }: LimitFigures): LimitFigures {
  return { MR, MH, MP, isMPExact };
}

export interface CurveRange {
  /** Smallest and largest scratchpad, bytes. */
  readonly from: number;
  readonly to: number;
  /** Points, both ends included; M_R, M_H and M_P come on top. */
  readonly steps: number;
  readonly spacing: (typeof CURVE_SPACINGS)[number];
}

export interface CurvePoint {
  /** Scratchpad, bytes. */
  readonly S: number;
  /** Non-compulsory bytes of the best schedule known; null where there is none. */
  readonly objective: number | null;
  /** Bytes below which no schedule is; null where none exists. */
  readonly bound: number | null;
  readonly optimal: boolean;
  readonly stop: ScheduleStop | 'infeasible';
  /** Bytes of simpler policies at this S, by the answer's keys. */
  readonly baselines: Readonly<Record<string, number>>;
  /** Measured where the caller lent a clock. */
  readonly seconds?: number;
}

export interface ScheduleCurve {
  readonly format: 'weft-curve/1';
  readonly name: string;
  readonly mode: ScheduleMode;
  readonly technique: { readonly id: string; readonly version: string };
  readonly limits: LimitFigures;
  /** By S, ascending; the objective never rises, nor, where no operator is split, the bound. */
  readonly points: readonly CurvePoint[];
}

export interface CurveOptions {
  readonly scheduler: Scheduler;
  readonly mode: ScheduleMode;
  readonly parameters: ParameterValues;
  readonly mip: MipSolver;
  readonly control: Control;
  readonly limits: LimitFigures;
  /** Scratchpads, bytes, ascending and distinct: {@link curveCapacities}. */
  readonly capacities: readonly number[];
  /** Seconds since any moment; only to be able to say how long a point took. */
  readonly clock?: () => number;
}

/** Both the curve and, at the same index, the schedule of each point; null where there is none. */
export interface CurveStudy {
  readonly curve: ScheduleCurve;
  readonly answers: readonly (ScheduleAnswer | null)[];
}

/** From here on the sizes between the ends are whole KiB. */
const ROUND_FROM = 16_384;

/**
 * The sizes to look at: the range, and within it M_R, M_H, M_P and the sizes in `also`. Whole bytes, ascending,
 * distinct.
 */
export function curveCapacities(
  { from, to, steps, spacing }: CurveRange,
  limits: LimitFigures,
  also: readonly number[] = [],
): readonly number[] {
  const sizes = Array.from({ length: Math.max(1, steps) }, (_, step) => {
    const share = steps > 1 ? step / (steps - 1) : 0;
    const size = spacing === 'linear' || from === 0 ? from + (to - from) * share : from * (to / from) ** share;
    const isEnd = step === 0 || step === steps - 1;
    return isEnd || size < ROUND_FROM ? Math.round(size) : Math.round(size / 1024) * 1024;
  });
  const marks = [limits.MR, limits.MH, limits.MP, ...also].map(Math.ceil);
  return [...new Set([...sizes, ...marks])].filter((size) => size >= from && size <= to).sort((a, b) => a - b);
}

interface Point {
  readonly S: number;
  answer: ScheduleAnswer | null;
  bound: number;
  isInfeasible: boolean;
  seconds: number;
}

/**
 * Solves every point. Deterministic for a node budget; once cancelled the points not reached take what their
 * neighbours know, or say `cancelled`.
 * @returns the study, or why a point that has room could not be solved.
 */
export function scheduleCurve(
  instance: ScheduleProblem,
  options: CurveOptions,
): Result<CurveStudy, readonly Problem[]> {
  const { mode, parameters, mip, control, limits, clock = () => 0 } = options;
  const points = options.capacities.map((S): Point => ({ S, answer: null, bound: 0, isInfeasible: false, seconds: 0 }));
  // With operators split a bound is of schedules that stream; a smaller scratchpad may hold what they were to stream.
  const isBoundForAll = !hasStreams(instance, mode);
  let solved = 0;

  function solve(point: Point, donor: ScheduleAnswer | null): readonly Problem[] {
    const began = clock();
    const result = scheduleAndVerify(options.scheduler, instance, {
      mode,
      S: point.S,
      parameters,
      mip,
      control: ofPoint(control, point.S, solved / (points.length + 1)),
      known: { bound: point.bound, residencies: donor ? [donor] : [] },
    });
    point.seconds += clock() - began;
    if (result.ok) {
      const isBetter = point.answer === null || result.value.objective < point.answer.objective;
      if (isBetter) point.answer = result.value;
      point.bound = Math.max(point.bound, result.value.bound);
      return [];
    }
    point.isInfeasible = result.error.some(({ code }) => code === 'schedule.infeasible');
    return point.isInfeasible ? [] : result.error;
  }

  /** A neighbour's schedule in this scratchpad, or null when it does not fit. */
  function moved(answer: ScheduleAnswer, { S, bound: proven, answer: own }: Point): ScheduleAnswer | null {
    // It moves less than any that streams: no bound is known.
    const bound = isBoundForAll || answer.objective >= proven ? proven : 0;
    const optimal = bound >= answer.objective;
    const copy: ScheduleAnswer = {
      ...answer,
      S,
      bound: Math.min(bound, answer.objective),
      optimal,
      // What ended the search for the neighbour, a proof perhaps, says nothing of this point.
      stop: optimal ? 'proven' : control.cancelled() ? 'cancelled' : 'nodes',
      baselines:
        own?.baselines ??
        baselines(gapView(instance, targetOf(instance, { mode, S, parameters }), orderByName(instance, 'file')), null),
      proof:
        `The schedule found for ${formatExact(answer.S, 'B')} of scratchpad, which fits in ${formatExact(S, 'B')} too. ` +
        (optimal ? 'No schedule moves less.' : `No schedule moves less than ${formatExact(bound, 'B')}.`),
    };
    return verifySchedule(instance, copy).length === 0 ? copy : null;
  }

  function visit(point: Point, neighbour: Point | undefined): readonly Problem[] {
    const isLarger = neighbour !== undefined && neighbour.S > point.S;
    if (isLarger && isBoundForAll) point.bound = neighbour.bound;
    if (isLarger && neighbour.isInfeasible) point.isInfeasible = true;
    else if (neighbour?.answer && neighbour.answer.objective <= point.bound)
      point.answer = moved(neighbour.answer, point);
    const isOpen = point.answer === null && !point.isInfeasible && !control.cancelled();
    const faults = isOpen ? solve(point, null) : [];
    solved++;
    return faults;
  }

  // With room for the smallest peak nothing need move, and one schedule serves all sizes from there on.
  const split = points.findIndex(({ S }) => S >= limits.MP);
  const roomy = split < 0 ? [] : points.slice(split);
  const tight = points.slice(0, split < 0 ? points.length : split).reverse();
  for (const [index, point] of roomy.entries()) {
    const faults = visit(point, roomy[index - 1]);
    if (faults.length > 0) return err(faults);
  }
  for (const [index, point] of tight.entries()) {
    const faults = visit(point, tight[index - 1] ?? roomy[0]);
    if (faults.length > 0) return err(faults);
  }

  let below: ScheduleAnswer | null = null;
  for (const point of points) {
    if (point.isInfeasible) continue;
    if (below && (point.answer === null || below.objective < point.answer.objective)) {
      if (!control.cancelled() && point.bound < below.objective) {
        const faults = solve(point, below);
        if (faults.length > 0) return err(faults);
      }
      if (point.answer === null || below.objective < point.answer.objective) point.answer = moved(below, point);
    }
    below = point.answer ?? below;
  }
  let bound = 0;
  for (const point of [...points].reverse()) {
    bound = isBoundForAll ? Math.max(bound, point.bound) : point.bound;
    point.bound = bound;
    if (point.answer) point.answer = bounded(point.answer, bound);
  }

  const { id, version } = options.scheduler.manifest;
  return ok({
    curve: {
      format: 'weft-curve/1',
      name: instance.name,
      mode,
      technique: { id, version },
      limits: limitFigures(limits),
      points: points.map((point) => pointOf(point, options.clock !== undefined)),
    },
    answers: points.map(({ answer }) => answer),
  });
}

/** With a bound that a larger scratchpad has proven. */
function bounded(answer: ScheduleAnswer, bound: number): ScheduleAnswer {
  if (bound <= answer.bound) return answer;
  const optimal = bound >= answer.objective;
  return {
    ...answer,
    bound: Math.min(bound, answer.objective),
    optimal,
    ...(optimal && { stop: 'proven' }),
    proof: `${answer.proof} A larger scratchpad has the bound ${formatExact(bound, 'B')}, which holds here too.`,
  };
}

function pointOf({ S, answer, bound, isInfeasible, seconds }: Point, isTimed: boolean): CurvePoint {
  const took = isTimed ? { seconds } : {};
  if (isInfeasible)
    return { S, objective: null, bound: null, optimal: false, stop: 'infeasible', baselines: {}, ...took };
  if (!answer) return { S, objective: null, bound, optimal: false, stop: 'cancelled', baselines: {}, ...took };
  const { objective, optimal, stop, baselines } = answer;
  return {
    S,
    objective,
    bound: answer.bound,
    optimal,
    stop: optimal ? 'proven' : (stop ?? 'nodes'),
    baselines,
    ...took,
  };
}

function ofPoint(control: Control, S: number, from: number): Control {
  return {
    cancelled: control.cancelled,
    report: ({ phase, message, figures }) =>
      control.report({
        phase: `curve.${phase}`,
        fraction: from,
        message: `${formatExact(S, 'B')}: ${message}`,
        figures: { ...figures, S },
      }),
  };
}

/** Bytes saved by the next larger size of the curve, and a KiB of it; null at the end and where a side has no schedule. */
export function marginalSaving(
  { points }: ScheduleCurve,
  S: number,
): { readonly to: number; readonly bytes: number; readonly perKibibyte: number } | null {
  const index = points.findLastIndex((point) => point.S <= S);
  const here = points[index];
  const next = points[index + 1];
  if (!here || !next || here.objective === null || next.objective === null) return null;
  const bytes = here.objective - next.objective;
  return { to: next.S, bytes, perKibibyte: (bytes * 1024) / (next.S - here.S) };
}
