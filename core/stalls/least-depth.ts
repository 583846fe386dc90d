/**
 * The least depth of one FIFO that gives all that its depth alone can give. Makespans mostly fall evenly with depth, as far
 * as a FIFO evens out what its two ends do, and then no more: so the line through two of them says where to look first,
 * and what is left between a depth that is too small and one that is enough is halved. Every answer is simulated.
 */
import type { Grid } from './grid.ts';
import type { Trial, Trials } from './trial.ts';

export interface LeastDepth {
  /** The least depth that was found to be enough, and the makespan with it. */
  readonly depth: number;
  readonly makespan: number;
  /** The next smaller depth was simulated and is not enough. */
  readonly isLeast: boolean;
}

/** How much further from the guess each time, until a depth of the other kind is met. */
const STRIDE = 8;

/**
 * Of `fifo`, with the others as in `from`. Null: it gains nothing by being deeper, or cancelled. `isSpent` ends the search
 * with what it has.
 */
export function leastDepth(
  trials: Trials,
  grid: Grid,
  from: Trial,
  fifo: number,
  isSpent: () => boolean,
): LeastDepth | null {
  const at = (depth: number) => trials.at(from.depths.with(fifo, depth));
  const enough = at(grid.most(fifo));
  if (!enough || enough.makespan >= from.makespan) return null;
  const { makespan } = enough;
  const quantum = grid.quantum(fifo);
  // Whole quanta; what is between two is as the lower one.
  let low = Math.floor(from.depths[fifo]! / quantum);
  let high = Math.ceil(grid.most(fifo) / quantum);
  let slow = from.makespan;
  let slope = 0;
  /** Whether `steps` is enough; null: cancelled. */
  const tried = (steps: number): boolean | null => {
    const trial = at(steps * quantum);
    if (!trial) return null;
    if (trial.makespan <= makespan) {
      high = steps;
      return true;
    }
    slope = (slow - trial.makespan) / (steps - low);
    [low, slow] = [steps, trial.makespan];
    return false;
  };
  const isOpen = () => high - low > 1 && !isSpent();
  const inside = (steps: number) => Math.min(high - 1, Math.max(low + 1, steps));

  if (isOpen() && tried(inside(2 * low)) === null) return null;
  if (isOpen() && slope > 0 && slope < Number.POSITIVE_INFINITY) {
    const first = tried(inside(low + Math.ceil((slow - makespan) / slope)));
    if (first === null) return null;
    for (let stride = 1; isOpen(); stride *= STRIDE) {
      const is = tried(inside(first ? high - stride : low + stride));
      if (is === null) return null;
      if (is !== first) break;
    }
  }
  while (isOpen()) if (tried((low + high) >> 1) === null) return null;
  return { depth: high * quantum, makespan, isLeast: high - low <= 1 };
}
