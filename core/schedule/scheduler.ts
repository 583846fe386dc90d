/**
 * What a scheduler technique is, and the only way to run one: check → solve → verify. Whoever wrote the solver,
 * its answer is used only after every certificate has been recounted.
 */
import type { Control } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { Manifest } from '#core/technique/technique.ts';
import { checkProblem, checkSchedule } from './check.ts';
import { flagsOf, targetOf } from './flags.ts';
import type { Residency, ScheduleAnswer, ScheduleMode, ScheduleProblem } from './problem.ts';
import { hasStreams, withoutStreams } from './streams.ts';
import { verifySchedule } from './verify.ts';

export interface SchedulerOptions {
  readonly mode: ScheduleMode;
  /** Scratchpad capacity, bytes. */
  readonly S: number;
  /**
   * Of the technique's manifest. Those of `SCHEDULE_PARAMETERS` (flags.ts) are read by `targetOf` alone, for check,
   * solver and verification.
   */
  readonly parameters: ParameterValues;
  readonly mip: MipSolver;
  readonly control: Control;
  readonly known?: KnownSchedules;
}

/**
 * What is already known of the problem at this mode and S: from a neighbouring point of the curve bytes(S), or from a run
 * before. A scheduler may use it or not; what it says must be true.
 */
export interface KnownSchedules {
  /** Non-compulsory bytes below which no schedule is, e.g. the bound at a larger scratchpad. */
  readonly bound: number;
  /** Schedules that fit, e.g. those found for a smaller scratchpad. */
  readonly residencies: readonly Residency[];
}

export interface Scheduler {
  readonly manifest: Manifest<'scheduler'>;
  /**
   * Solves a checked, feasible problem. Deterministic; once cancelled it returns the best so far, soon.
   * The answer is complete: addresses, bound and proof included.
   */
  solve(problem: ScheduleProblem, options: SchedulerOptions): Result<ScheduleAnswer, Problem>;
}

/**
 * Runs a scheduler between check and verify.
 * @returns the answer, or why there is none: what `check` found, the solver's own problem, or `schedule.rejected`
 * with what `verify` found behind it.
 */
export function scheduleAndVerify(
  scheduler: Scheduler,
  instance: ScheduleProblem,
  options: SchedulerOptions,
): Result<ScheduleAnswer, readonly Problem[]> {
  const { mode, S } = options;
  const malformed = checkProblem(instance);
  if (malformed.length > 0) return err(malformed);
  const flags = flagsOf(instance, options.parameters);
  if (!flags.ok) return err([flags.error]);
  const target = targetOf(instance, options);
  const solved = hasStreams(instance, mode)
    ? solveStreamed(scheduler, instance, options, flags.value.pinned)
    : checkAndSolve(scheduler, instance, options);
  if (!solved.ok) return solved;
  // What was asked for is what is verified, whatever the technique made of it.
  const answer = target.flags ? { ...solved.value, flags: target.flags } : solved.value;
  const rejections = [
    ...(answer.mode === mode && answer.S === S
      ? []
      : [
          problem('schedule.target', `The answer is for ${answer.mode} mode and ${answer.S} B, not ${mode} and ${S} B`),
        ]),
    ...verifySchedule(instance, answer),
  ];
  if (rejections.length === 0) return ok(answer);
  const { id, version } = scheduler.manifest;
  return err([
    problem('schedule.rejected', `The schedule of ${id} ${version} failed verification: ${rejections[0]!.message}`, {
      facts: { technique: id, faults: rejections.length },
    }),
    ...rejections,
  ]);
}

function checkAndSolve(
  scheduler: Scheduler,
  instance: ScheduleProblem,
  options: SchedulerOptions,
): Result<ScheduleAnswer, readonly Problem[]> {
  const faults = checkSchedule(instance, targetOf(instance, options));
  if (faults.length > 0) return err(faults);
  const solved = scheduler.solve(instance, options);
  return solved.ok ? solved : err([solved.error]);
}

/** Through the problem in which nobody streams. What is known of other problems says nothing of that one. */
function solveStreamed(
  scheduler: Scheduler,
  instance: ScheduleProblem,
  { known: _known, ...options }: SchedulerOptions,
  pinned: readonly number[],
): Result<ScheduleAnswer, readonly Problem[]> {
  const { problem: relaxed, idOf, restore } = withoutStreams(instance);
  const homeless = pinned.find((id) => idOf[id]! < 0);
  if (homeless !== undefined) {
    const { name, bytes } = instance.tensors[homeless]!;
    const message = `${name} cannot be pinned: every operator that touches it streams it, since it does not fit beside the rest`;
    return err([
      problem('schedule.pinned-streamed', message, {
        facts: { tensor: name, demand: bytes, bound: options.S, unit: 'B' },
      }),
    ]);
  }
  const parameters =
    pinned.length > 0 ? { ...options.parameters, pinned: pinned.map((id) => idOf[id]!).join(',') } : options.parameters;
  const solved = checkAndSolve(scheduler, relaxed, { ...options, parameters });
  return solved.ok ? ok(restore(solved.value)) : solved;
}
