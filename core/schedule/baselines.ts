/** What simpler policies cost at the same scratchpad: the figures an answer is compared with. Before addresses. */
import { evict } from './eviction.ts';
import type { GapSolution } from './gap-model.ts';
import type { GapView } from './gap-view.ts';
import { gapObjective } from './gaps.ts';
import { onlineArena } from './online-arena.ts';
import { noReuseTraffic } from './traffic.ts';

/**
 * Non-compulsory bytes by policy. `fileOrder+optimalResidency` is there only when proven.
 * @param view the problem in file order.
 */
export function baselines(view: GapView, fileOrder: GapSolution | null): Readonly<Record<string, number>> {
  const costs = {
    noReuse: noReuseTraffic(view.problem),
    'fileOrder+lru': gapObjective(view, evict(view, 'lru')),
    'fileOrder+belady': gapObjective(view, evict(view, 'belady')),
    'fileOrder+greedy': onlineArena(view),
    ...(fileOrder && fileOrder.bound === fileOrder.objective && { 'fileOrder+optimalResidency': fileOrder.objective }),
  };
  // Under flags the file order, or the arena, may have no room at all: then there is nothing to compare with.
  return Object.fromEntries(Object.entries(costs).filter(([, bytes]) => Number.isFinite(bytes)));
}
