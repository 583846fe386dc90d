/** What a run asks its scheduler for: the technique, every parameter, mode and capacity, from settings and machine. */
import type { Machine } from '#core/architecture/machine.ts';
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { defaultParameters, textOf } from '#core/catalog/parameter.ts';
import { SCHEDULE_MODES, type ScheduleMode } from '#core/schedule/problem.ts';
import type { Scheduler } from '#core/schedule/scheduler.ts';
import { schedulerById } from '#core/technique/registry.ts';
import type { RunSettings } from './settings.ts';

export interface ScheduleRequest {
  readonly scheduler: Scheduler;
  readonly mode: ScheduleMode;
  readonly parameters: ParameterValues;
}

/** Parameters not set are the machine's where it has them, else the technique's defaults. */
export function scheduleRequestOf(settings: RunSettings, machine: Machine): Result<ScheduleRequest, Problem> {
  const scheduler = schedulerById(settings.scheduler.id);
  if (!scheduler.ok) return scheduler;
  const parameters = {
    ...defaultParameters(scheduler.value.manifest.parameters),
    alignment: machine.scratchpad.alignmentBytes,
    ...settings.scheduler.parameters,
  };
  const mode = textOf(parameters, 'mode', 'stream');
  return ok({
    scheduler: scheduler.value,
    mode: SCHEDULE_MODES.find((one) => one === mode) ?? 'stream',
    parameters,
  });
}
