/** How a search went: best found and bound over time. Kept short by dropping every second sample when full. */
import type { Progress } from '#core/base/control.ts';

export interface ConvergenceSample {
  /** Since the work began. */
  readonly seconds: number;
  /** Non-compulsory bytes of the best schedule so far; null before the first. */
  readonly incumbent: number | null;
  /** Proven lower bound, bytes; null before the first. */
  readonly bound: number | null;
}

export const MOST_SAMPLES = 600;

/** The samples and what a progress report adds; the same list when it says nothing new. */
export function withReport(
  samples: readonly ConvergenceSample[],
  { figures = {} }: Progress,
  seconds: number,
): readonly ConvergenceSample[] {
  const last = samples.at(-1) ?? { incumbent: null, bound: null };
  const incumbent = figures.incumbent ?? last.incumbent;
  const bound = figures.bound ?? last.bound;
  if (incumbent === last.incumbent && bound === last.bound) return samples;
  const kept = samples.length < MOST_SAMPLES ? samples : samples.filter((_, index) => index % 2 === 0);
  return [...kept, { seconds, incumbent, bound }];
}
