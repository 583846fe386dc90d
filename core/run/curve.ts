/** The curve bytes(S) of a finished run: its own problem, scheduler and settings, at other scratchpad capacities. */
import { resolveMachine } from '#core/architecture/machine.ts';
import type { Control } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { fromFile } from '#core/document/document.ts';
import { type CurveRange, curveCapacities, type ScheduleCurve, scheduleCurve } from '#core/schedule/curve.ts';
import { scheduleLimits } from '#core/schedule/search/limits.ts';
import type { MipSolver } from '#core/solver/mip.ts';
import type { RunResult } from './result.ts';
import { LIMIT_NODES, scheduleRequestOf } from './schedule-request.ts';

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
  const { scheduler, mode, parameters, granule } = request.value;
  const limits =
    schedule.limits ?? scheduleLimits(schedule.problem, mode, { granule, nodeLimit: LIMIT_NODES, control });
  const capacities = curveCapacities(range, limits, [schedule.answer.S]);
  const study = scheduleCurve(schedule.problem, {
    scheduler,
    mode,
    parameters,
    mip,
    control,
    limits,
    capacities,
    ...(clock && { clock }),
  });
  return study.ok ? ok(study.value.curve) : err(study.error[0]!);
}
