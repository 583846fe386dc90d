/**
 * Scheduling problems from files nobody vouches for: the exchange format of the command line (schedule/problem.ts).
 * Sizes are bounded here; ids, producers and precedence are `checkProblem`'s to judge.
 */
import { z } from 'zod';
import { notJson } from '#core/base/json-fault.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { shapeFault } from '#core/base/shape-fault.ts';
import type { LimitFigures } from '#core/schedule/curve.ts';
import type { ScheduleProblem } from '#core/schedule/problem.ts';

/** Characters of JSON; a problem of 100,000 operators takes a fifth of it. */
export const LONGEST_PROBLEM_FILE = 128 * 1024 * 1024;
const MANY = 200_000;

const text = z.string().max(4096);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const index = z.number().int().min(0).max(MANY);

const tensorShape = {
  id: index,
  name: text,
  shape: z.array(count).max(64),
  bytes: count,
  kind: z.enum(['input', 'act', 'output']),
};
const operatorShape = {
  id: index,
  name: text,
  type: text,
  inputs: z.array(index).max(MANY),
  outputs: z.array(index).max(MANY),
  weightBytes: count,
  inPlace: z.array(index).max(MANY).exactOptional(),
  aliases: z
    .array(z.strictObject({ operand: index, offset: count }))
    .max(MANY)
    .exactOptional(),
  streams: z.array(index).max(MANY).exactOptional(),
  streamsWeights: z.boolean().exactOptional(),
};
const head = { name: text, bytesPerElement: z.number().min(0).max(Number.MAX_SAFE_INTEGER) };

/** As written by this program: nothing but the format. */
export const ownScheduleProblemSchema: z.ZodType<ScheduleProblem> = z.strictObject({
  ...head,
  tensors: z.array(z.strictObject(tensorShape)).max(MANY),
  ops: z.array(z.strictObject(operatorShape)).max(MANY),
});

export const scheduleLimitsSchema: z.ZodType<LimitFigures> = z.strictObject({
  MR: count,
  MH: count,
  MP: count,
  isMPExact: z.boolean(),
});

/** As others write it: members beyond the format are ignored. */
const exchangedSchema: z.ZodType<ScheduleProblem> = z.object({
  ...head,
  tensors: z.array(z.object(tensorShape)).max(MANY),
  ops: z.array(z.object(operatorShape)).max(MANY),
});

/** Code `problem-file.*`; `facts.at` is the path inside the file. */
export function parseScheduleProblem(json: string): Result<ScheduleProblem, Problem> {
  if (json.length > LONGEST_PROBLEM_FILE) return err(tooLargeProblemFile(json.length));
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return err(notJson('problem-file.not-json', json, 'The file'));
  }
  const parsed = exchangedSchema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const { at, said } = shapeFault(parsed.error);
  return err(problem('problem-file.shape', `The file is not a scheduling problem ${said}`, { facts: { at } }));
}

export function tooLargeProblemFile(length: number): Problem {
  return problem('problem-file.too-large', 'The file is larger than any scheduling problem this version reads', {
    facts: { length, limit: LONGEST_PROBLEM_FILE },
  });
}
