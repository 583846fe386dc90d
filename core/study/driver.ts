/**
 * Keeps the points of a study in the order they were asked for, whoever is done first, and gives out those whose inputs are
 * new. Pure, and knows no explorer: what one asks for goes in, what it is to be told comes out with the points.
 */
import type { Choice, Explored } from '#core/technique/explorer.ts';
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

/** Points that follow those kept before, what the explorer is to be told of them, and how many were reused up to them. */
export interface KeptPoints {
  readonly points: readonly StudyPoint[];
  readonly explored: readonly Explored[];
  readonly reused: number;
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
  readonly objectives: readonly StudyMetric[];
  /** Equal for choices whose inputs come to the same. */
  readonly keyOf: (choice: Choice) => string;
  /** Points there are, in order, and how many were reused. */
  readonly known?: readonly StudyPoint[];
  readonly reused?: number;
}

export class StudyDriver {
  readonly #objectives: readonly StudyMetric[];
  readonly #keyOf: (choice: Choice) => string;
  readonly #byKey = new Map<string, Shared>();
  readonly #choices = new Set<string>();
  /** In the order asked; `#first` is the ticket of the first. */
  #pending: Asked[] = [];
  #first = 0;
  #count: number;
  #reused: number;

  constructor({ objectives, keyOf, known = [], reused = 0 }: DriverOptions) {
    this.#objectives = objectives;
    this.#keyOf = keyOf;
    this.#count = known.length;
    this.#reused = reused;
    for (const { choice, metrics, failure, run } of known) {
      this.#choices.add(choiceKey(choice));
      this.#byKey.set(keyOf(choice), { outcome: { metrics, failure, run } });
    }
  }

  /** Choices asked for that the explorer has not been told of. */
  get pending(): number {
    return this.#pending.length;
  }

  /** @returns the tasks among them, to be done now; the others come to what is known or under way. */
  add(choices: readonly Choice[]): readonly StudyTask[] {
    const tasks: StudyTask[] = [];
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
    return tasks;
  }

  /** @param isReused whether it was known already, as a run of the project is. */
  tell({ ticket }: StudyTask, outcome: PointOutcome, isReused = false): void {
    const asked = this.#pending[ticket - this.#first];
    if (!asked || asked.result.outcome !== null) return;
    asked.result.outcome = outcome;
    asked.isReused = isReused;
  }

  /** As far as they are known; the explorer has to be told of them before it is asked for more. */
  kept(): KeptPoints {
    let end = 0;
    while (end < this.#pending.length && this.#pending[end]!.result.outcome !== null) end++;
    const ready = this.#pending.splice(0, end);
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
    return { points, explored, reused: this.#reused };
  }
}
