/**
 * The points of a study as they come, in order, with the front kept up point by point. What a view holds stays what it was:
 * `points` only ever grows, and each batch makes a new view.
 */
import { objectivesOf, ParetoFront } from '#core/study/pareto.ts';
import type { StudyMetric, StudyPoint } from '#core/study/study.ts';

export interface PointsView {
  /** By index; grows in place, so look at the first `count`. */
  readonly points: readonly StudyPoint[];
  readonly count: number;
  readonly front: ReadonlySet<number>;
  /** How many failed, by reason, most frequent first. */
  readonly failures: readonly (readonly [reason: string, count: number])[];
  readonly failed: number;
}

export const NO_POINTS: PointsView = { points: [], count: 0, front: new Set(), failures: [], failed: 0 };

export class StudyPoints {
  readonly #objectives: readonly StudyMetric[];
  readonly #points: StudyPoint[] = [];
  readonly #front = new ParetoFront<number>();
  readonly #failures = new Map<string, number>();
  #failed = 0;

  /** @param objectives the metrics the front is of. */
  constructor(objectives: readonly StudyMetric[]) {
    this.#objectives = objectives;
  }

  get count(): number {
    return this.#points.length;
  }

  /** Points that follow those there are; what is known already is passed over. */
  add(points: readonly StudyPoint[]): void {
    for (const point of points) {
      if (point.index !== this.#points.length) continue;
      this.#points.push(point);
      if (point.failure !== null) {
        this.#failed++;
        this.#failures.set(point.failure, (this.#failures.get(point.failure) ?? 0) + 1);
        continue;
      }
      const values = objectivesOf(point, this.#objectives);
      if (values !== null) this.#front.add(values, point.index);
    }
  }

  view(): PointsView {
    return {
      points: this.#points,
      count: this.#points.length,
      front: new Set(this.#front.items()),
      failures: [...this.#failures].sort(([, a], [, b]) => b - a),
      failed: this.#failed,
    };
  }
}
