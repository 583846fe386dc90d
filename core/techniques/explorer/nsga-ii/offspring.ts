/** Children of a population over integer-coded choices: tournaments, uniform crossover, mutation by random reset; none seen before. */
import type { Rng } from '#core/base/rng.ts';
import { type Choice, choiceAt, choiceKey, type ExplorerSpace, spaceSize } from '#core/technique/explorer.ts';
import type { Ranked } from './ranking.ts';

export interface Variation {
  /** Probabilities, 0 … 1: that a pair is crossed, and that an axis is reset. */
  readonly crossover: number;
  readonly mutation: number;
}

/** Tries before a child that is known already is replaced by a point drawn at random. */
const TRIES = 8;

export function randomChoices(space: ExplorerSpace, count: number, seen: Set<string>, rng: Rng): readonly Choice[] {
  const made: Choice[] = [];
  while (made.length < count) {
    const choice = unseen(space, seen, rng);
    if (choice === null) break;
    seen.add(choiceKey(choice));
    made.push(choice);
  }
  return made;
}

/** As many as wanted, or as there are left; they are added to `seen`. */
export function offspring(
  parents: readonly Ranked[],
  space: ExplorerSpace,
  { crossover, mutation }: Variation,
  count: number,
  seen: Set<string>,
  rng: Rng,
): readonly Choice[] {
  const children: Choice[] = [];
  const keep = (choice: Choice): void => {
    seen.add(choiceKey(choice));
    children.push(choice);
  };
  const mutated = (choice: Choice): Choice =>
    choice.map((value, axis) => {
      const levels = space.levels[axis]!;
      // Another value than it has.
      return levels > 1 && rng.next() < mutation ? (value + 1 + rng.below(levels - 1)) % levels : value;
    });
  while (children.length < count) {
    let pair: readonly Choice[] = [];
    for (let tries = 0; tries < TRIES; tries++) {
      const [a, b] = [tournament(parents, rng).choice, tournament(parents, rng).choice];
      const swaps = rng.next() < crossover ? a.map(() => rng.next() < 0.5) : a.map(() => false);
      pair = [
        a.map((value, axis) => (swaps[axis] ? b[axis]! : value)),
        b.map((value, axis) => (swaps[axis] ? a[axis]! : value)),
      ]
        .map(mutated)
        .filter((child) => !seen.has(choiceKey(child)));
      if (pair.length > 0) break;
    }
    for (const child of pair) if (children.length < count && !seen.has(choiceKey(child))) keep(child);
    if (pair.length > 0) continue;
    const other = unseen(space, seen, rng);
    if (other === null) break;
    keep(other);
  }
  return children;
}

/** The better of two by front, then by crowding; the first of equals. */
function tournament(parents: readonly Ranked[], rng: Rng): Ranked {
  const a = parents[rng.below(parents.length)]!;
  const b = parents[rng.below(parents.length)]!;
  return b.rank < a.rank || (b.rank === a.rank && b.crowding > a.crowding) ? b : a;
}

/** A point not seen before, each equally likely; null where there is none. */
function unseen(space: ExplorerSpace, seen: ReadonlySet<string>, rng: Rng): Choice | null {
  const size = spaceSize(space);
  if (seen.size >= size) return null;
  if (seen.size * 2 > size) {
    const left: Choice[] = [];
    for (let place = 0; place < size; place++) {
      const choice = choiceAt(space, place);
      if (!seen.has(choiceKey(choice))) left.push(choice);
    }
    return left[rng.below(left.length)] ?? null;
  }
  for (;;) {
    const choice = space.levels.map((levels) => rng.below(levels));
    if (!seen.has(choiceKey(choice))) return choice;
  }
}
