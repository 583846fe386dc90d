/** The functional certificate of a run's program: its values against a reference, on the numbers of `source`. */
import type { Control } from '#core/base/control.ts';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { Program } from '#core/program/program.ts';
import type { ValueSource } from '#core/reference/values.ts';
import {
  type CertificateInputs,
  type FunctionalCertificate,
  functionalCertificate,
} from '#core/simulate/functional/certificate.ts';
import type { Timing } from '#core/simulate/simulator.ts';
import type { ProgramRun } from './program-run.ts';
import type { RunSettings } from './settings.ts';

export interface CertifyOptions {
  readonly format: RunSettings['format'];
  readonly control?: Control;
  /** Outputs from elsewhere; without them the plain reference is run. */
  readonly reference?: CertificateInputs['reference'];
  /** Another program for the same kernels, with its times, instead of the compiled one. */
  readonly candidate?: { readonly program: Program; readonly timing: Timing };
}

/** Problems are those of the reference; a program that is wrong gives a certificate that says so. */
export function certify(
  run: ProgramRun,
  source: ValueSource,
  { format, control, reference, candidate }: CertifyOptions,
): Result<FunctionalCertificate, Problem> {
  const { compiled, bodies, pieces, problem, answer, program, timing } = run;
  return functionalCertificate({
    graph: compiled.graph,
    mapped: compiled.mapped,
    bodies,
    pieces,
    problem,
    capacity: answer.S,
    source,
    format,
    ...(candidate ?? { program, timing }),
    ...(control && { control }),
    ...(reference && { reference }),
  });
}
