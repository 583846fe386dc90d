/**
 * Pareto dominance, and the front of points that none dominates. Objectives are minimised; points equal in all of them do
 * not dominate one another, so all of them are on the front.
 */
import type { StudyMetric, StudyPoint } from './study.ts';

/** Whether `a` is nowhere worse than `b` and somewhere better. Equally long. */
export function dominates(a: readonly number[], b: readonly number[]): boolean {
  let isBetter = false;
  for (let i = 0; i < a.length; i++) {
    if (a[i]! > b[i]!) return false;
    if (a[i]! < b[i]!) isBetter = true;
  }
  return isBetter;
}

/** A front that points are added to as they come; a point costs the length of the front. */
export class ParetoFront<T> {
  #members: { readonly objectives: readonly number[]; readonly item: T }[] = [];

  /** False where it is dominated by what is there; what it dominates leaves. */
  add(objectives: readonly number[], item: T): boolean {
    for (const member of this.#members) if (dominates(member.objectives, objectives)) return false;
    this.#members = this.#members.filter((member) => !dominates(objectives, member.objectives));
    this.#members.push({ objectives, item });
    return true;
  }

  /** In the order they came. */
  items(): readonly T[] {
    return this.#members.map(({ item }) => item);
  }
}

/** A point's figures as they are minimised; null where it failed or lacks one. */
export function objectivesOf(
  { metrics }: Pick<StudyPoint, 'metrics'>,
  objectives: readonly StudyMetric[],
): readonly number[] | null {
  const values: number[] = [];
  for (const { id, better } of objectives) {
    const value = metrics[id];
    if (value === undefined || !Number.isFinite(value)) return null;
    values.push(better === 'less' ? value : -value);
  }
  return values;
}

/** Of points of a study, those on its front, by index. */
export function frontOf(points: Iterable<StudyPoint>, objectives: readonly StudyMetric[]): ReadonlySet<number> {
  const front = new ParetoFront<number>();
  for (const point of points) {
    const values = objectivesOf(point, objectives);
    if (values !== null) front.add(values, point.index);
  }
  return new Set(front.items());
}

/** The metrics a study's objectives name, in their order. */
export function objectiveMetrics(
  metrics: readonly StudyMetric[],
  objectives: readonly string[],
): readonly StudyMetric[] {
  return objectives.flatMap((id) => metrics.find((metric) => metric.id === id) ?? []);
}
