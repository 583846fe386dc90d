/**
 * An explorer in its worker thread: one exploration at a time, which stays from turn to turn. What it asks for is looked
 * through here, so that the host takes in nothing that is no choice of the study.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Json, ParameterValues } from '#core/base/value.ts';
import { explorers } from '#core/study/start.ts';
import type { Choice, Exploration, Explored, Explorer, ExplorerSpace } from '#core/technique/explorer.ts';

export interface ExplorerPlan {
  /** Technique of kind explorer. */
  readonly explorer: string;
  /** All it declares. */
  readonly parameters: ParameterValues;
  readonly space: ExplorerSpace;
}

export interface ExplorerTurn {
  /** Of the first turn: what begins, and from where. */
  readonly begin: (ExplorerPlan & { readonly state: Json }) | null;
  /** What came of the next of the choices it asked for. */
  readonly told: readonly Explored[];
  /** Choices wanted, at most. */
  readonly most: number;
  /** States of long searches are large: they are made when they are written. */
  readonly wantsState: boolean;
}

export interface ExplorerAnswer {
  readonly choices: readonly Choice[];
  readonly isDone: boolean;
  /** After what it was told; absent unless wanted. */
  readonly state?: Json;
}

interface Session {
  readonly exploration: Exploration;
  readonly levels: readonly number[];
  readonly title: string;
}

let session: Session | null = null;

export function explorerPlan({ explorer, parameters, space }: ExplorerPlan): Result<number, Problem> {
  const found = explorerOf(explorer);
  const points = found.planned(space, parameters);
  if (points >= 0) return ok(points);
  return err(problem('study.explorer-invalid', `${found.manifest.title} plans ${points} points`));
}

/** Code `study.explorer-invalid` for an explorer that asks for what is no choice, or for more than it may. */
export function explorerTurn({ begin, told, most, wantsState }: ExplorerTurn): Result<ExplorerAnswer, Problem> {
  if (begin) {
    const { explorer, parameters, space, state } = begin;
    const found = explorerOf(explorer);
    session = {
      exploration: found.explore(space, parameters, state),
      levels: space.levels,
      title: found.manifest.title,
    };
  }
  if (!session) throw new Error('no exploration has begun in this thread');
  const { exploration, levels, title } = session;
  if (told.length > 0) exploration.tell(told);
  const choices = most > 0 ? exploration.ask(most) : [];
  const fault = choicesFault(choices, levels, most);
  if (fault !== null) return err(problem('study.explorer-invalid', `${title} asked for ${fault}`));
  const isDone = exploration.isDone();
  return ok({ choices, isDone, ...(wantsState && { state: exploration.state() }) });
}

function explorerOf(id: string): Explorer {
  const found = explorers.find(({ manifest }) => manifest.id === id);
  if (!found) throw new Error(`there is no explorer ${id}`);
  return found;
}

/** What is wrong with them, in words; null where nothing is. */
export function choicesFault(choices: readonly Choice[], levels: readonly number[], most: number): string | null {
  if (choices.length > most) return `${choices.length} points where at most ${most} were wanted`;
  const isChoice = (choice: Choice) =>
    choice.length === levels.length &&
    levels.every((count, axis) => {
      const value = choice[axis];
      return value !== undefined && Number.isInteger(value) && value >= 0 && value < count;
    });
  const wrong = choices.find((choice) => !isChoice(choice));
  return wrong ? `a point that is none of the study’s: ${wrong.join(', ').slice(0, 100)}` : null;
}
