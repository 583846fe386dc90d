/**
 * Residency by eviction while the operators run in order: least recently used, or Belady's furthest next use
 * (IBM Syst. J. 5(2), 1966), carried over to whole tensors. A victim is a gap not kept. What an operator needs in
 * strict mode is never a victim; in stream mode a result that loses at once is written straight off chip.
 */
import { toggle } from './flagged.ts';
import { type FlagRules, type GapView, isKept } from './gap-view.ts';
import { occupancy } from './gaps.ts';

export type EvictionPolicy = 'lru' | 'belady';

/**
 * @returns for each gap whether it is kept; within capacity at every step.
 */
export function evict(view: GapView, policy: EvictionPolicy, capacity = view.capacity): readonly boolean[] {
  const kept = view.gaps.map(() => true);
  if (view.rules) return relieve(view, view.rules, kept, policy, capacity);
  const load = occupancy(view, kept);
  const startingAt: number[][] = view.order.map(() => []);
  view.gaps.forEach((gap, index) => {
    if (gap.first <= gap.last) startingAt[gap.first]!.push(index);
  });
  const isWorse = worseBy(view, policy);
  let active: number[] = [];
  for (let step = 0; step < view.order.length; step++) {
    active = active.filter((index) => view.gaps[index]!.last >= step);
    active.push(...startingAt[step]!);
    while (load[step]! > capacity && active.length > 0) {
      const victim = active.reduce((worst, index) => (isWorse(index, worst) ? index : worst));
      active = active.filter((index) => index !== victim);
      drop(view, kept, load, victim);
    }
  }
  return kept;
}

/**
 * LRU: the oldest last event goes first; of one step's tensors the lower id, operands having been touched before
 * results. Belady: the furthest next use, then the larger tensor.
 */
function worseBy(view: GapView, policy: EvictionPolicy): (a: number, b: number) => boolean {
  return (a, b) => {
    const one = view.gaps[a]!;
    const other = view.gaps[b]!;
    if (policy === 'lru') return one.from !== other.from ? one.from < other.from : one.tensor < other.tensor;
    if (one.to !== other.to) return one.to > other.to;
    const difference = view.sizes[one.tensor]! - view.sizes[other.tensor]!;
    return difference !== 0 ? difference > 0 : a > b;
  };
}

/**
 * Gives up gaps, step by step, until every step fits or has nothing left to give up. Under flags a gap weighs on the
 * step before it (fetched ahead) and at its own ends (an operand kept cannot share its place), too.
 */
export function relieve(
  view: GapView,
  rules: FlagRules,
  start: readonly boolean[],
  policy: EvictionPolicy,
  capacity = view.capacity,
): readonly boolean[] {
  const kept = [...start];
  const isWorse = worseBy(view, policy);
  const startingAt: number[][] = view.order.map(() => []);
  view.gaps.forEach(({ from }, gap) => {
    if (isKept(view, kept, gap) && !rules.forced[gap]) startingAt[Math.max(0, from - 1)]!.push(gap);
  });
  const load = occupancy(view, kept);
  // Giving up a gap between two that are kept may move a fetch into a step already seen: go round until nothing is left.
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    let touching: readonly number[] = [];
    for (let step = 0; step < load.length; step++) {
      touching = [...touching, ...startingAt[step]!].filter((gap) => kept[gap] && view.gaps[gap]!.to >= step);
      if (load[step]! <= capacity) continue;
      const active = touching.toSorted((a, b) => (isWorse(a, b) ? 1 : -1));
      for (let victim = active.pop(); load[step]! > capacity && victim !== undefined; victim = active.pop()) {
        const before = load[step]!;
        toggle(view, rules, kept, load, victim);
        if (load[step]! >= before && active.length > 0) toggle(view, rules, kept, load, victim);
        else isChanged = true;
      }
    }
  }
  return kept;
}

/** Stops keeping a gap and takes its bytes off the load, save where a neighbour of the same tensor shares the step. Knows no flags. */
export function drop(view: GapView, kept: boolean[], load: Float64Array, index: number): void {
  const gap = view.gaps[index]!;
  kept[index] = false;
  // Gaps of one tensor follow each other in the list, so only the two beside this one can share a step, and only its ends.
  const isShared = (other: number, step: number): boolean => {
    const beside = view.gaps[other];
    return !!kept[other] && beside?.tensor === gap.tensor && beside.first <= step && step <= beside.last;
  };
  for (let step = gap.first; step <= gap.last; step++)
    if (!isShared(index - 1, step) && !isShared(index + 1, step)) load[step]! -= view.sizes[gap.tensor]!;
}
