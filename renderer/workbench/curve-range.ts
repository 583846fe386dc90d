/** The range a curve begins with: wide enough to show where it falls, and the run's own scratchpad within it. */
import type { RunResult } from '#core/run/result.ts';

const LEAST = 1024;
/** In stream mode any size runs; below this share of M_P nearly everything passes by. */
const SMALL = 32;
/** Where there is a least scratchpad the curve begins below it, to show that nothing runs there. */
const BELOW = 0.8;
/** A scratchpad far beyond M_P says nothing more. */
const LARGE = 2;

export function defaultCurveRange({ answer, limits }: RunResult['schedule']): {
  readonly from: number;
  readonly to: number;
} {
  const [least, enough] = [limits?.MR ?? 0, limits?.MP ?? answer.S];
  const low =
    least > 0
      ? Math.max(1, Math.floor((least * BELOW) / LEAST) * LEAST)
      : Math.max(LEAST, 2 ** Math.floor(Math.log2(Math.max(1, enough / SMALL))));
  const high = Math.max(low + 1, Math.ceil(enough * 1.25));
  const isNear = answer.S <= enough * LARGE;
  return { from: Math.min(low, Math.max(1, answer.S)), to: isNear ? Math.max(high, answer.S) : high };
}
