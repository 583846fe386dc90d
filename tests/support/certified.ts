/** A model through the whole pipeline, then played on numbers. */
import { uncontrolled } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import { type Document, toFile } from '#core/document/document.ts';
import type { ValueSource } from '#core/reference/values.ts';
import { type CertifyOptions, certify } from '#core/run/certify.ts';
import { type ProgramRun, programRun } from '#core/run/program-run.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '#core/run/settings.ts';
import type { ScheduleMode } from '#core/schedule/problem.ts';
import type { FunctionalCertificate } from '#core/simulate/functional/certificate.ts';
import type { MipSolver } from '#core/solver/mip.ts';

export interface Asked {
  readonly mode?: ScheduleMode;
  readonly S?: number | null;
  readonly format?: RunSettings['format'];
  readonly objective?: RunSettings['objective'];
  /** Of the scheduler, beside the mode. */
  readonly parameters?: ParameterValues;
}

export function ranProgram(
  model: Document,
  architecture: Document,
  { mode = 'stream', S = null, format = 'model', objective = 'cycles', parameters = {} }: Asked,
  mip: MipSolver,
): Result<ProgramRun, Problem> {
  return programRun(
    {
      model: toFile(model),
      architecture: toFile(architecture),
      settings: {
        format,
        objective,
        scratchpadBytes: S,
        scheduler: { ...DEFAULT_SETTINGS.scheduler, parameters: { ...parameters, mode } },
      },
    },
    { mip, control: uncontrolled },
  );
}

export function certified(
  run: ProgramRun,
  source: ValueSource,
  { candidate, reference, format = 'model' }: Partial<CertifyOptions> = {},
): Result<FunctionalCertificate, Problem> {
  return certify(run, source, { format, ...(candidate && { candidate }), ...(reference && { reference }) });
}
