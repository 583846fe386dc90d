/** What simpler policies cost at the same scratchpad: the figures an answer is compared with. Before addresses. */
import { evict } from './eviction.ts';
import type { GapSolution } from './gap-model.ts';
import { type GapView, gapObjective } from './gaps.ts';
import { noReuseTraffic } from './traffic.ts';

/**
 * Non-compulsory bytes by policy. `fileOrder+optimalResidency` is there only when proven.
 * @param view the problem in file order.
 */
export function baselines(view: GapView, fileOrder: GapSolution | null): Readonly<Record<string, number>> {
  return {
    noReuse: noReuseTraffic(view.problem),
    'fileOrder+lru': gapObjective(view, evict(view, 'lru')),
    'fileOrder+belady': gapObjective(view, evict(view, 'belady')),
    ...(fileOrder && fileOrder.bound === fileOrder.objective && { 'fileOrder+optimalResidency': fileOrder.objective }),
  };
}
