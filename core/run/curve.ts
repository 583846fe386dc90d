/** The curve bytes(S) of a finished run: its own problem, scheduler and settings, at other scratchpad capacities. */
import { resolveMachine } from '#core/architecture/machine.ts';
import type { Control } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fromFile } from '#core/document/document.ts';
import { type CurveRange, curveCapacities, type ScheduleCurve, scheduleCurve } from '#core/schedule/curve.ts';
import { targetOf } from '#core/schedule/flags.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import { limitsOf } from './limits.ts';
import type { RunResult } from './result.ts';
import { scheduleRequestOf } from './schedule-request.ts';

export interface CurveServices {
  readonly mip: MipSolver;
  readonly control: Control;
  /** Seconds since any moment. */
  readonly clock?: () => number;
}

export function curveOfRun(
  { inputs, schedule }: RunResult,
  range: CurveRange,
  { mip, control, clock }: CurveServices,
): Result<ScheduleCurve, Problem> {
  const { machine } = resolveMachine(fromFile(inputs.architecture));
  if (machine === null)
    return err(
      problem('curve.architecture', `The architecture ${inputs.architecture.title} of the run cannot be read`),
    );
  const request = scheduleRequestOf(inputs.settings, machine);
  if (!request.ok) return request;
  const { scheduler, mode, parameters } = request.value;
  const { problem: instance, answer } = schedule;
  const target = targetOf(instance, { mode, S: answer.S, parameters });
  const limits = schedule.limits ?? limitsOf(instance, target, control);
  const study = scheduleCurve(instance, {
    scheduler,
    mode,
    parameters,
    mip,
    control,
    limits,
    capacities: curveCapacities(range, limits, [answer.S]),
    ...(clock && { clock }),
  });
  return study.ok ? ok(study.value.curve) : err(study.error[0]!);
}
