/** Prices of sets, each asked once; a set that does not fit costs ∞. Dense up to 20 tasks. */
import { tasksOf } from './masks.ts';
import { type StageProblem, UNBOUNDED } from './stage-problem.ts';

const DENSE_TASKS = 20;

export class PriceTable {
  readonly #problem: StageProblem;
  readonly #at: Int32Array | Map<number, number>;
  readonly primary: number[] = [];
  readonly cycles: number[] = [];

  constructor(problem: StageProblem) {
    this.#problem = problem;
    this.#at = problem.tasks <= DENSE_TASKS ? new Int32Array(2 ** problem.tasks) : new Map();
  }

  get count(): number {
    return this.primary.length;
  }

  /** Into `primary` and `cycles`; −1 where it was not asked. */
  known(set: number): number {
    return (this.#at instanceof Map ? (this.#at.get(set) ?? 0) : this.#at[set]!) - 1;
  }

  ask(set: number): number {
    const known = this.known(set);
    if (known >= 0) return known;
    const { primary, cycles } = this.#problem.price(tasksOf(set)) ?? UNBOUNDED;
    const at = this.primary.push(primary);
    this.cycles.push(cycles);
    if (this.#at instanceof Map) this.#at.set(set, at);
    else this.#at[set] = at;
    return at - 1;
  }
}
