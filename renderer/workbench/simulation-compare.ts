/** Two simulations side by side: tasks and streams of the same node, else of the same name; what changed most first. */
import type { SimulationResult, StreamFigures, TaskFigures } from '#core/run/fabric/result.ts';

/** The same thing in both runs; null where one does not have it. */
export interface Pair<T> {
  readonly name: string;
  readonly a: T | null;
  readonly b: T | null;
  /** b − a of the figure that orders the list. */
  readonly delta: number;
}

export interface SimulationComparison {
  /** By ticks it was stalled. */
  readonly tasks: readonly Pair<TaskFigures>[];
  /** By ticks waited for it. */
  readonly streams: readonly Pair<StreamFigures>[];
}

export const stallOf = ({ stallIn, stallOut }: TaskFigures) => stallIn + stallOut;
export const waitsOf = ({ readerWaits, writerWaits }: StreamFigures) => readerWaits + writerWaits;

export function compareSimulations(a: SimulationResult, b: SimulationResult): SimulationComparison {
  return {
    tasks: pairs(a.tasks, b.tasks, stallOf),
    streams: pairs(a.streams, b.streams, waitsOf),
  };
}

function pairs<T extends { readonly node: string; readonly name: string }>(
  ours: readonly T[],
  theirs: readonly T[],
  figure: (one: T) => number,
): readonly Pair<T>[] {
  const byNode = new Map(theirs.map((one) => [one.node, one]));
  const others = ours.map(({ node }) => byNode.get(node) ?? null);
  const left = new Set(theirs);
  for (const other of others) if (other) left.delete(other);
  // A name is matched only where no node is.
  const byName = Map.groupBy(left, ({ name }) => name);
  const found = ours.map((one, at): Pair<T> => {
    const other = others[at] ?? byName.get(one.name)?.shift() ?? null;
    if (other) left.delete(other);
    return { name: one.name, a: one, b: other, delta: (other ? figure(other) : 0) - figure(one) };
  });
  const added = [...left].map((one): Pair<T> => ({ name: one.name, a: null, b: one, delta: figure(one) }));
  return [...found, ...added].sort((x, y) => Math.abs(y.delta) - Math.abs(x.delta));
}
