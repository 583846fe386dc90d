/**
 * The interface of techniques of kind `explorer`: which points of a study to look at. Asked for choices and told what came of
 * them, in the order asked; all that decides is in parameters and state, so that the same study goes the same way anywhere.
 */
import type { Json, ParameterValues } from '#core/base/value.ts';
import type { ParameterSpec } from '#core/catalog/parameter.ts';
import type { Manifest } from './technique.ts';

/** Into the values of each axis. */
export type Choice = readonly number[];

export interface ExplorerSpace {
  /** How many values each axis has, ≥ 1; at least one axis. */
  readonly levels: readonly number[];
}

/** A choice that was asked for, and what came of it. */
export interface Explored {
  readonly choice: Choice;
  /** All to be minimised, always as many; null where the point failed. */
  readonly objectives: readonly number[] | null;
}

export interface Exploration {
  /**
   * The next choices, none twice, at most so many. Empty at the end, and while what was asked for before has to be told
   * first. How many are asked for at once changes nothing about which they are.
   */
  ask(most: number): readonly Choice[];
  /** What came of the next of the choices asked for. */
  tell(explored: readonly Explored[]): void;
  /** Whether no more will be asked for. */
  isDone(): boolean;
  /** To go on from: what was asked for and not told will be asked for again. */
  state(): Json;
}

export interface Explorer {
  readonly manifest: Manifest<'explorer'>;
  /** How many points it will ask for. */
  planned(space: ExplorerSpace, parameters: ParameterValues): number;
  /** @param state of an exploration of the same space with the same parameters; null or what is none of its: from the start. */
  explore(space: ExplorerSpace, parameters: ParameterValues, state: Json): Exploration;
}

/** Every explorer that draws has it. */
export const SEED_PARAMETER: ParameterSpec = {
  id: 'seed',
  title: 'Seed',
  kind: 'integer',
  unit: '',
  minimum: 0,
  maximum: 2 ** 31 - 1,
  default: 1,
  help: 'Of the random numbers; the same seed asks for the same points.',
};

/** Points an explorer that draws can be asked for. */
export const MOST_DRAWN = 100_000;

/** Points of the whole space; inexact beyond 2^53. */
export function spaceSize({ levels }: ExplorerSpace): number {
  return levels.reduce((product, count) => product * count, 1);
}

/** The choice at a place of the grid, 0 … size − 1; the last axis goes fastest. */
export function choiceAt({ levels }: ExplorerSpace, place: number): Choice {
  const choice = new Array<number>(levels.length);
  let rest = place;
  for (let axis = levels.length - 1; axis >= 0; axis--) {
    const count = levels[axis]!;
    choice[axis] = rest % count;
    rest = Math.floor(rest / count);
  }
  return choice;
}

/** Equal for equal choices alone. */
export const choiceKey = (choice: Choice): string => choice.join('.');

/**
 * An exploration of a list known from the start: it learns nothing, and its state is how many were told.
 * @param at the choice at a place of the list.
 */
export function listed(count: number, at: (place: number) => Choice, state: Json): Exploration {
  const isPlace = typeof state === 'number' && Number.isSafeInteger(state) && state >= 0 && state <= count;
  let told = isPlace ? state : 0;
  let asked = told;
  return {
    ask: (most) => {
      const until = Math.min(count, asked + most);
      const choices: Choice[] = [];
      while (asked < until) choices.push(at(asked++));
      return choices;
    },
    tell: (explored) => {
      told += explored.length;
    },
    isDone: () => asked === count,
    state: () => told,
  };
}
