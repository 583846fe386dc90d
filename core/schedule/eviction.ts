/**
 * Residency by eviction while the operators run in order: least recently used, or Belady's furthest next use
 * (IBM Syst. J. 5(2), 1966), carried over to whole tensors. A victim is a gap not kept. What an operator needs in
 * strict mode is never a victim; in stream mode a result that loses at once is written straight off chip.
 */
import { type GapView, occupancy } from './gaps.ts';

export type EvictionPolicy = 'lru' | 'belady';

/**
 * @returns for each gap whether it is kept; within capacity at every step.
 */
export function evict(view: GapView, policy: EvictionPolicy, capacity = view.capacity): readonly boolean[] {
  const kept = view.gaps.map(() => true);
  const load = occupancy(view, kept);
  const startingAt: number[][] = view.order.map(() => []);
  view.gaps.forEach((gap, index) => {
    if (gap.first <= gap.last) startingAt[gap.first]!.push(index);
  });
  // LRU: the oldest last event goes first; of one step's tensors the lower id, operands having been touched before
  // results. Belady: the furthest next use, then the larger tensor.
  const isWorse = (a: number, b: number): boolean => {
    const one = view.gaps[a]!;
    const other = view.gaps[b]!;
    if (policy === 'lru') return one.from !== other.from ? one.from < other.from : one.tensor < other.tensor;
    if (one.to !== other.to) return one.to > other.to;
    const difference = view.sizes[one.tensor]! - view.sizes[other.tensor]!;
    return difference !== 0 ? difference > 0 : a > b;
  };
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

/** Stops keeping a gap and takes its bytes off the load, save where a neighbour of the same tensor shares the step. */
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
