/**
 * The functional certificate of a run: its program played on numbers and compared with the plain reference. What is too
 * long to play is told by counts, not by a clock, so that equal inputs give equal certificates.
 */
import type { Control } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { candidatesText } from '#core/candidate/use.ts';
import type { Program } from '#core/program/program.ts';
import {
  type FunctionalCertificate,
  functionalCertificate,
  type WrongElement,
} from '#core/simulate/functional/certificate.ts';
import type { ByteSource } from '#core/technique/importer.ts';
import { numbersOf, numbersText } from './numbers.ts';
import type { ProgramRun } from './program-run.ts';
import type { PlayedCertificate, RunCertificate, WeightsIdentity } from './result.ts';
import { AUTOMATIC_WORK, DEFAULT_SEED, type RunSettings, WORK_A_COMMAND, WORK_AN_ELEMENT } from './settings.ts';

export interface CertificateRequest {
  readonly run: ProgramRun;
  readonly settings: RunSettings;
  readonly weights: { readonly identity: WeightsIdentity; readonly source: ByteSource } | null;
  readonly control: Control;
}

export function certificateOf({ run, settings, weights, control }: CertificateRequest): RunCertificate {
  if (settings.values === 'never') return { skipped: 'The run was not asked to verify values.' };
  if (run.stoppedEarly) return { skipped: 'The run was stopped before its values were verified.' };
  const work = workOf(run);
  if ((settings.values ?? 'automatic') === 'automatic' && work > AUTOMATIC_WORK) {
    const times = (work / AUTOMATIC_WORK).toLocaleString('en', {
      maximumFractionDigits: work < 9 * AUTOMATIC_WORK ? 1 : 0,
    });
    return {
      skipped: `Larger than what is verified automatically: about ${times} times the work. Set 'Verify values' to 'Always' to do so in every run.`,
    };
  }
  const numbers = numbersOf(run.model, weights, settings.seed ?? DEFAULT_SEED);
  if (!numbers.ok) return { skipped: sentence(numbers.error) };
  const { source, from } = numbers.value;
  const { compiled, bodies, pieces, program, timing, answer } = run;
  const made = functionalCertificate({
    ...compiled,
    bodies,
    pieces,
    problem: run.problem,
    capacity: answer.S,
    program,
    timing,
    source,
    control,
    format: settings.format,
  });
  if (made.ok) return played(made.value, from, candidatesText(run.candidates, compiled.graph));
  return {
    skipped:
      made.error.code === 'run.cancelled'
        ? 'The run was stopped before its values were verified.'
        : sentence(made.error),
  };
}

/** What a certificate that fails is among the findings. */
export function certificateFinding(certificate: RunCertificate, run: ProgramRun): readonly Problem[] {
  if ('skipped' in certificate || !certificate.fault) return [];
  const { fault, firstWrong } = certificate;
  const command = firstWrong?.command ?? fault.problem.facts.command;
  const operator = typeof command === 'number' && command >= 0 ? run.program.operator[command] : undefined;
  const node = operator === undefined ? undefined : run.compiled.graph.operators[operator]?.nodes[0];
  return [
    problem('certificate.wrong', `The program does not compute the model: ${fault.problem.message}`, {
      where: node === undefined ? {} : { node },
      facts: {
        order: fault.order,
        ...(typeof command === 'number' && { command }),
        ...(firstWrong && { tensor: firstWrong.tensor, element: firstWrong.index }),
      },
    }),
  ];
}

/** How long playing takes, in multiply-accumulates: counted, not measured. */
function workOf({ model, compiled, program, problem: { bytesPerElement } }: ProgramRun): number {
  const macs = model.operators.reduce((sum, operator) => sum + operator.macs, 0);
  const elements = compiled.graph.tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
  return macs + WORK_AN_ELEMENT * (elements + bytesOf(program) / bytesPerElement) + WORK_A_COMMAND * program.length;
}

function bytesOf({ bytes }: Program): number {
  return bytes.reduce((sum, each) => sum + each, 0);
}

function played(
  certificate: FunctionalCertificate,
  numbers: PlayedCertificate['numbers'],
  candidates: string,
): PlayedCertificate {
  const { outputs, maximumError, relativeError, firstWrong } = certificate;
  return {
    ...certificate,
    outputs: outputs.map((each) => ({
      ...each,
      maximumError: finite(each.maximumError),
      relativeError: finite(each.relativeError),
    })),
    maximumError: finite(maximumError),
    relativeError: finite(relativeError),
    firstWrong: firstWrong && finiteElement(firstWrong),
    numbers,
    statement: `${certificate.statement} ${numbersText(numbers)}${candidates}`,
  };
}

function finiteElement({ expected, got, ...rest }: WrongElement): NonNullable<PlayedCertificate['firstWrong']> {
  return { ...rest, expected: finite(expected), got: finite(got) };
}

/** JSON has no other numbers; nor does it tell −0 from 0. */
const finite = (value: number) => (Number.isFinite(value) ? value + 0 : null);

function sentence({ message }: Problem): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
