/** What every namespace of the contract is made from. */
import { oc, type } from '@orpc/contract';
import type { Problem } from '#core/base/problem.ts';

export const base = oc.errors({ PROBLEM: { status: 422, data: type<Problem>() } });
