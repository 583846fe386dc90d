/** A failed Result as the contract's error 'PROBLEM', whose data is the Problem. */
import { ORPCError } from '@orpc/server';
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';

export function answer<T>(result: Result<T, Problem>): T {
  if (result.ok) return result.value;
  throw new ORPCError('PROBLEM', { status: 422, message: result.error.message, data: result.error });
}
