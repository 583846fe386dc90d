/** What checking a candidate says: one row of the table of an operator's candidates, JSON throughout. */
import type { Problem } from '#core/base/problem.ts';

/** What is checked, in this order; a candidate fails at the first that is not right. */
export const CANDIDATE_STAGES = ['text', 'order', 'values', 'schedule'] as const;
export type CandidateStage = (typeof CANDIDATE_STAGES)[number];

export interface CandidateReport {
  readonly format: 'weft-candidate-report/1';
  /** Main document node and name of the operator. */
  readonly node: string;
  readonly operator: string;
  readonly isAccepted: boolean;
  /** Where it failed; null when accepted. */
  readonly failedAt: CandidateStage | null;
  /** Why; with `line` and `column` among the facts where there is one. Empty when accepted. */
  readonly problems: readonly Problem[];
  readonly commands: number;
  /** The mapping its tiling makes, in words; null where the text was not understood. */
  readonly mapping: string | null;
  readonly values: {
    readonly played: readonly PlayedCase[];
    /** Cases there are; fewer are played of large operators. */
    readonly of: number;
    readonly firstWrong: CandidateWrong | null;
  } | null;
  /** The operator alone, from cold. Null unless it is right. */
  readonly alone: CandidateComparison | null;
  /** The whole run with and without it. Null unless it is right. */
  readonly run: CandidateComparison | null;
}

/** NaN and infinities are null. */
export interface PlayedCase {
  readonly name: string;
  readonly seed: number;
  readonly elements: number;
  readonly relativeError: number | null;
  readonly isRight: boolean;
}

export interface CandidateWrong {
  /** Name of the case. */
  readonly case: string;
  readonly tensor: string;
  /** Row-major. */
  readonly index: number;
  readonly expected: number | null;
  readonly got: number | null;
  /** Line and text of the command that wrote it; null where none did. */
  readonly line: number | null;
  readonly command: string | null;
}

export interface CandidateComparison {
  readonly candidate: CandidateCost;
  readonly compiler: CandidateCost;
  /** Cycles of the compiler's ÷ cycles of the candidate's: above 1 it is faster. */
  readonly speedup: number;
}

export interface CandidateCost {
  readonly cycles: number;
  readonly offChipBytes: number;
  readonly commands: number;
}
