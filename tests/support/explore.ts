/** Plays an explorer against a function, as a study does, and measures fronts. */
import type { Json, ParameterValues } from '#core/base/value.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { ParetoFront } from '#core/study/pareto.ts';
import type { Choice, Explored, Explorer, ExplorerSpace } from '#core/technique/explorer.ts';
import { choiceAt, spaceSize } from '#core/technique/explorer.ts';

export type Judge = (choice: Choice) => readonly number[] | null;

export interface Play {
  /** How many are asked for at once; from the number played so far. Default: 16. */
  readonly batch?: (played: number) => number;
  /** Ends after about so many points. */
  readonly until?: number;
  readonly state?: Json;
}

export interface Played {
  readonly explored: readonly Explored[];
  readonly state: Json;
  readonly isDone: boolean;
}

export function play(
  explorer: Explorer,
  space: ExplorerSpace,
  parameters: ParameterValues,
  judge: Judge,
  { batch = () => 16, until = Number.POSITIVE_INFINITY, state = null }: Play = {},
): Played {
  const given = { ...defaultParameters(explorer.manifest.parameters), ...parameters };
  const exploration = explorer.explore(space, given, state);
  const explored: Explored[] = [];
  while (explored.length < until) {
    const choices = exploration.ask(batch(explored.length));
    if (choices.length === 0) break;
    const told = choices.map((choice) => ({ choice, objectives: judge(choice) }));
    exploration.tell(told);
    explored.push(...told);
  }
  return { explored, state: exploration.state(), isDone: exploration.isDone() };
}

/** Of two minimised objectives: the area between the points' staircase and the corner `worst`, which all of them are within. */
export function hypervolume(points: readonly (readonly number[])[], [x, y]: readonly [number, number]): number {
  const front = new ParetoFront<readonly number[]>();
  for (const point of points) front.add(point, point);
  const sorted = front.items().toSorted((a, b) => a[0]! - b[0]!);
  let volume = 0;
  let below = y;
  for (const [first, second] of sorted) {
    volume += Math.max(0, x - first!) * Math.max(0, below - second!);
    below = Math.min(below, second!);
  }
  return volume;
}

export function everyChoice(space: ExplorerSpace): readonly Choice[] {
  return Array.from({ length: spaceSize(space) }, (_, place) => choiceAt(space, place));
}
