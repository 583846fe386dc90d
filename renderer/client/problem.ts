/** Problems as they come out of calls: an ORPCError 'PROBLEM' carries one, anything else becomes one. */
import { ORPCError } from '@orpc/client';
import { type Problem, problem } from '#core/base/problem.ts';

/** A Problem on its way through code that throws. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(cause: Problem) {
    super(cause.message);
    this.name = 'ProblemError';
    this.problem = cause;
  }
}

export function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    typeof value.code === 'string' &&
    'message' in value &&
    typeof value.message === 'string' &&
    'fixes' in value &&
    Array.isArray(value.fixes)
  );
}

/** The Problem inside whatever a call threw. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  if (error instanceof ORPCError && isProblem(error.data)) return error.data;
  const message = error instanceof Error ? error.message : String(error);
  return problem('host.call-failed', `The host did not do it: ${message}`);
}

/** True when the host answered with a reason; false when the answer was lost on the way. */
export function isAnswer(error: unknown): boolean {
  return (
    error instanceof ORPCError && error.status >= 400 && error.status < 500 && error.code !== 'CLIENT_CLOSED_REQUEST'
  );
}
