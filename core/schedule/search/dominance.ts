/**
 * Which of two states of one downset is as good as the other: the one that costs no more even once it has dropped what only
 * it holds and written what only it has dirty (README, "States and costs"). Twins and branches that have got equally far
 * are put in one order first, so that states that differ by their names alone compare.
 */
import { CLEAN, conversionCost, DIRTY, OFF, type SearchInstance } from './instance.ts';
import type { Downset, Layer } from './layer.ts';

/** States of a downset that a new one is compared with. */
const COMPARISONS = 96;

/** Writes the statuses at `at` in canonical order. */
export function canonicalise({ twins, live, ties }: Downset, { status, canonical }: Layer, at: number): void {
  for (let i = 0; i < live.length; i++) canonical[at + i] = status[at + i]!;
  for (const positions of twins) {
    // Counting sort: there are three statuses.
    let dirty = 0;
    let clean = 0;
    for (const position of positions) {
      if (status[at + position] === DIRTY) dirty++;
      else if (status[at + position] === CLEAN) clean++;
    }
    positions.forEach((position, index) => {
      canonical[at + position] = index < dirty ? DIRTY : index < dirty + clean ? CLEAN : OFF;
    });
  }
  for (const run of ties) sortTied(run, canonical, at);
}

/** Compares a new state with those of its downset; takes the ones it beats out of the layer. */
export function survives(
  instance: SearchInstance,
  downset: Downset,
  layer: Layer,
  at: number,
  cost: number,
  exposed: number,
): boolean {
  const { live } = downset;
  const { canonical, next, statusAt, isAlive } = layer;
  let previous = -1;
  let compared = 0;
  for (let other = downset.head; other >= 0 && compared < COMPARISONS; other = next[other]!, compared++) {
    const otherAt = statusAt[other]!;
    const dearer = cost - layer.cost[other]!;
    // Converting costs no less than the difference of all that could be dropped: most pairs are settled by that.
    const heavier = layer.exposed[other]! - exposed;
    if (dearer >= 0 && heavier <= dearer) {
      if (conversionCost(instance, live, canonical, otherAt, canonical, at, dearer) <= dearer) return false;
    }
    if (dearer <= 0 && heavier >= dearer) {
      if (conversionCost(instance, live, canonical, at, canonical, otherAt, -dearer) <= -dearer) {
        isAlive[other] = 0;
        if (previous < 0) downset.head = next[other]!;
        else next[previous] = next[other]!;
        continue;
      }
    }
    previous = other;
  }
  return true;
}

/** Puts branches that have got equally far in falling order of their statuses. */
function sortTied(run: readonly Int32Array[], status: Uint8Array, at: number): void {
  for (let i = 1; i < run.length; i++)
    for (let j = i; j > 0 && isTiedBefore(run[j]!, run[j - 1]!, status, at); j--)
      for (let k = 0; k < run[j]!.length; k++) {
        const one = at + run[j]![k]!;
        const other = at + run[j - 1]![k]!;
        const kept = status[one]!;
        status[one] = status[other]!;
        status[other] = kept;
      }
}

function isTiedBefore(one: Int32Array, other: Int32Array, status: Uint8Array, at: number): boolean {
  for (let k = 0; k < one.length; k++) {
    const difference = status[at + one[k]!]! - status[at + other[k]!]!;
    if (difference !== 0) return difference > 0;
  }
  return false;
}
