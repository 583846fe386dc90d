/** Figures in the sentence that says what is proven of a schedule: what it moves, and the bound. */
import type { ExplainedFigure } from '#core/explain/number/explained.ts';
import { explainSchedule } from '#core/explain/number/schedule.ts';
import type { RunResult } from '#core/run/result.ts';

export function explainClaim(result: RunResult): (value: number) => (() => ExplainedFigure) | null {
  const { objective, bound } = result.schedule.answer;
  return (value) => {
    if (value === objective) return () => explainSchedule(result, 'objective');
    return value === bound ? () => explainSchedule(result, 'bound') : null;
  };
}
