/**
 * Drives a study: asks its explorer for choices, gives out those whose inputs are new, and keeps what comes back in the order
 * it was asked for, whoever is done first. Pure; what it holds after a point is all that is needed to go on from it.
 */
import type { Json } from '#core/base/value.ts';
import type { Choice, Exploration, Explored } from '#core/technique/explorer.ts';
import { choiceKey } from '#core/technique/explorer.ts';
import { objectivesOf } from './pareto.ts';
import type { StudyMetric, StudyPoint } from './study.ts';

/** What came of a point: figures, or why there are none. */
export type PointOutcome = Pick<StudyPoint, 'metrics' | 'failure' | 'run'>;

/** A point to be looked at. */
export interface StudyTask {
  /** Names it when it is told. */
  readonly ticket: number;
  readonly choice: Choice;
}

interface Asked {
  readonly choice: Choice;
  /** The same choice again, which is no point of its own. */
  readonly isAgain: boolean;
  isReused: boolean;
  readonly result: Shared;
}

/** One for all points whose inputs are the same. */
interface Shared {
  outcome: PointOutcome | null;
}

export interface DriverOptions {
  readonly exploration: Exploration;
  readonly objectives: readonly StudyMetric[];
  /** Equal for choices whose inputs come to the same. */
  readonly keyOf: (choice: Choice) => string;
  /** Points there are, in order, and how many were reused. */
  readonly known?: readonly StudyPoint[];
  readonly reused?: number;
}

export class StudyDriver {
  readonly #exploration: Exploration;
  readonly #objectives: readonly StudyMetric[];
  readonly #keyOf: (choice: Choice) => string;
  readonly #byKey = new Map<string, Shared>();
  readonly #choices = new Set<string>();
  /** In the order asked; `#first` is the ticket of the first. */
  #pending: Asked[] = [];
  #first = 0;
  #count: number;
  #reused: number;

  constructor({ exploration, objectives, keyOf, known = [], reused = 0 }: DriverOptions) {
    this.#exploration = exploration;
    this.#objectives = objectives;
    this.#keyOf = keyOf;
    this.#count = known.length;
    this.#reused = reused;
    for (const { choice, metrics, failure, run } of known) {
      this.#choices.add(choiceKey(choice));
      this.#byKey.set(keyOf(choice), { outcome: { metrics, failure, run } });
    }
  }

  get reused(): number {
    return this.#reused;
  }

  /** No point is left to be asked for or waited for. */
  isDone(): boolean {
    return this.#pending.length === 0 && this.#exploration.isDone();
  }

  state(): Json {
    return this.#exploration.state();
  }

  /** Tasks to be done now, at most so many; none while the explorer waits for what is under way. Call `kept` after it. */
  ask(most: number): readonly StudyTask[] {
    const tasks: StudyTask[] = [];
    while (tasks.length < most) {
      const choices = this.#exploration.ask(most - tasks.length);
      if (choices.length === 0) break;
      for (const choice of choices) {
        const ticket = this.#first + this.#pending.length;
        const text = choiceKey(choice);
        const isAgain = this.#choices.has(text);
        this.#choices.add(text);
        const key = this.#keyOf(choice);
        const shared = this.#byKey.get(key);
        const result = shared ?? { outcome: null };
        if (!shared) {
          this.#byKey.set(key, result);
          tasks.push({ ticket, choice });
        }
        this.#pending.push({ choice, isAgain, isReused: shared !== undefined, result });
      }
    }
    return tasks;
  }

  /** @param isReused whether it was known already, as a run of the project is. */
  tell({ ticket }: StudyTask, outcome: PointOutcome, isReused = false): void {
    const asked = this.#pending[ticket - this.#first];
    if (!asked || asked.result.outcome !== null) return;
    asked.result.outcome = outcome;
    asked.isReused = isReused;
  }

  /** The points that follow those kept before, as far as they are known; the explorer is told of them. */
  kept(): readonly StudyPoint[] {
    let end = 0;
    while (end < this.#pending.length && this.#pending[end]!.result.outcome !== null) end++;
    if (end === 0) return [];
    const ready = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end);
    this.#first += end;
    const points: StudyPoint[] = [];
    const explored: Explored[] = [];
    for (const { choice, isAgain, isReused, result } of ready) {
      if (isReused) this.#reused++;
      const outcome = result.outcome!;
      const objectives = outcome.failure === null ? objectivesOf(outcome, this.#objectives) : null;
      explored.push({ choice, objectives });
      if (!isAgain) points.push({ index: this.#count++, choice, ...outcome });
    }
    this.#exploration.tell(explored);
    return points;
  }
}
