/** How long runs of a pair took, stage by stage and without waiting: the best guess at those of a study. */
import type { RunView } from '#core/contract/views.ts';

const RECENT = 5;

/** Seconds, the mean of the last few; null where none of the pair is done. */
export function meanRunSeconds(
  runs: readonly RunView[],
  model: string | null,
  architecture: string | null,
): number | null {
  const times = runs.flatMap((run) => {
    if (run.state !== 'done' || run.model.document !== model || run.architecture.document !== architecture) return [];
    const total = Object.values(run.stageMilliseconds).reduce((sum, each) => sum + each, 0);
    return total > 0 ? [total / 1000] : [];
  });
  const recent = times.slice(-RECENT);
  return recent.length === 0 ? null : recent.reduce((sum, each) => sum + each, 0) / recent.length;
}
