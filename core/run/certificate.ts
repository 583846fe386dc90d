/**
 * The functional certificate of a run: its program played on numbers and compared with the plain reference. Weights are
 * those of the model file where the host has it, random ones elsewhere; the statement says which. No clock: what is too
 * long to play is told by counts, so that equal inputs give equal certificates.
 */
import type { FunctionalCertificate, WrongElement } from '#core/simulate/functional/certificate.ts';

/** As JSON has it: null where a number is not finite. */
type Finite<T> = {
  readonly [K in keyof T]: T[K] extends number ? number | null : T[K];
};

export interface PlayedCertificate
  extends Omit<FunctionalCertificate, 'outputs' | 'maximumError' | 'relativeError' | 'firstWrong'> {
  readonly outputs: readonly (Omit<FunctionalCertificate['outputs'][number], 'maximumError' | 'relativeError'> & {
    readonly maximumError: number | null;
    readonly relativeError: number | null;
  })[];
  /** Null where an output has no number at all where the reference has one. */
  readonly maximumError: number | null;
  readonly relativeError: number | null;
  /** `expected` and `got` are null where they are no finite number. */
  readonly firstWrong: (Omit<WrongElement, 'expected' | 'got'> & Finite<Pick<WrongElement, 'expected' | 'got'>>) | null;
  readonly numbers: CertificateNumbers;
}

/** Where the numbers came from. */
export interface CertificateNumbers {
  /** Name of the file weights were read from; null where all are random. */
  readonly file: string | null;
  /** Operators that have weights, and those whose weights the file has not (drawn or edited since): these are random. */
  readonly operators: number;
  readonly random: number;
  /** Of random inputs and weights. */
  readonly seed: number;
}

export interface SkippedCertificate {
  /** Why values were not verified, a sentence. */
  readonly skipped: string;
}

export type RunCertificate = PlayedCertificate | SkippedCertificate;

export function isPlayed(certificate: RunCertificate): certificate is PlayedCertificate {
  return !('skipped' in certificate);
}
