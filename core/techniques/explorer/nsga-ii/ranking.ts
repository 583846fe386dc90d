/**
 * What NSGA-II orders a population by: fast non-dominated sort and crowding distance (Deb, Pratap, Agarwal and Meyarivan
 * 2002, sections III-A and III-B); a point that failed is infeasible, and dominated by any that did not (VI-A).
 */
import { dominates } from '#core/study/pareto.ts';
import type { Explored } from '#core/technique/explorer.ts';

export interface Ranked extends Explored {
  /** 0 is the front that nothing dominates. */
  readonly rank: number;
  /** Infinite at the ends of its front. */
  readonly crowding: number;
}

/** Constrained domination; how badly a point failed is not known, so none that failed dominates another. */
function precedes(a: Explored, b: Explored): boolean {
  if (a.objectives === null) return false;
  return b.objectives === null || dominates(a.objectives, b.objectives);
}

/** Into the population, front by front. */
export function sortFronts(population: readonly Explored[]): readonly (readonly number[])[] {
  const dominated: number[][] = population.map(() => []);
  const by = new Int32Array(population.length);
  for (let a = 0; a < population.length; a++)
    for (let b = a + 1; b < population.length; b++) {
      const isAbove = precedes(population[a]!, population[b]!);
      if (!isAbove && !precedes(population[b]!, population[a]!)) continue;
      const [better, worse] = isAbove ? [a, b] : [b, a];
      dominated[better]!.push(worse);
      by[worse]!++;
    }
  const fronts: number[][] = [];
  let front = population.flatMap((_, index) => (by[index] === 0 ? [index] : []));
  while (front.length > 0) {
    fronts.push(front);
    front = front.flatMap((index) =>
      dominated[index]!.filter((other) => {
        by[other]!--;
        return by[other] === 0;
      }),
    );
  }
  return fronts;
}

/** Of the members of one front, in its order: Σ over objectives of the gap between its neighbours ÷ the front's range. */
export function crowdingOf(front: readonly Explored[]): readonly number[] {
  const distance = new Array<number>(front.length).fill(0);
  const count = front[0]?.objectives?.length ?? 0;
  for (let objective = 0; objective < count; objective++) {
    const value = (index: number) => front[index]!.objectives?.[objective] ?? 0;
    const order = front.map((_, index) => index).sort((a, b) => value(a) - value(b) || a - b);
    const [first, last] = [order[0]!, order[order.length - 1]!];
    const range = value(last) - value(first);
    distance[first] = Number.POSITIVE_INFINITY;
    distance[last] = Number.POSITIVE_INFINITY;
    if (range === 0) continue;
    for (let i = 1; i < order.length - 1; i++)
      distance[order[i]!]! += (value(order[i + 1]!) - value(order[i - 1]!)) / range;
  }
  return distance;
}

/** The best `size` of a population, best first: by front, and within one the least crowded first. */
export function survivors(population: readonly Explored[], size: number): readonly Ranked[] {
  const kept: Ranked[] = [];
  for (const [rank, members] of sortFronts(population).entries()) {
    if (kept.length >= size) break;
    const front = members.map((index) => population[index]!);
    const crowding = crowdingOf(front);
    kept.push(
      ...front
        .map(({ choice, objectives }, index) => ({ choice, objectives, rank, crowding: crowding[index]! }))
        .sort((a, b) => (a.crowding === b.crowding ? 0 : b.crowding - a.crowding)),
    );
  }
  return kept.slice(0, size);
}
