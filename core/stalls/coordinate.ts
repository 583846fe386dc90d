/**
 * Depths one at a time, for networks too large to prove anything: from full speed down to what each FIFO can spare, and
 * from the least depths up along what gains most. Every point is simulated; none is proven to be the best.
 */
import type { Grid } from './grid.ts';
import type { Trial, Trials } from './trial.ts';

/** From `full` down, FIFO by FIFO, largest share of the total first, until no one can spare any. */
export function descend(
  trials: Trials,
  grid: Grid,
  full: Trial,
  weights: readonly number[],
  limit: number,
): readonly Trial[] {
  let best = full;
  const found = [full];
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    const order = [...grid.sized].sort((a, b) => best.depths[b]! * weights[b]! - best.depths[a]! * weights[a]!);
    for (const fifo of order) {
      if (trials.runs >= limit) return found;
      const depth = grid.search(fifo, grid.least(fifo), best.depths[fifo]!, (candidate) => {
        const trial = trials.at(best.depths.with(fifo, candidate));
        if (trial) found.push(trial);
        return trial && trial.makespan <= full.makespan;
      });
      if (depth === null) return found;
      if (depth >= best.depths[fifo]!) continue;
      const trial = trials.at(best.depths.with(fifo, depth));
      if (!trial) return found;
      best = trial;
      hasChanged = true;
    }
  }
  return found;
}

/** From `floor` up: of the FIFOs on the cut the one that gains most for its weight, all of them where none gains alone. */
export function climb(
  trials: Trials,
  grid: Grid,
  floor: readonly number[],
  full: Trial,
  weights: readonly number[],
  limit: number,
): readonly Trial[] {
  const found: Trial[] = [];
  let present = trials.at(floor);
  while (present && present.makespan > full.makespan && trials.runs < limit) {
    const { depths, makespan }: Trial = present;
    const cut = present.cut.filter((fifo) => grid.isSized(fifo));
    if (cut.length === 0) break;
    let next: Trial | null = null;
    let most = 0;
    for (const fifo of cut) {
      const depth = grid.next(fifo, depths[fifo]!);
      const trial = trials.at(depths.with(fifo, depth));
      if (!trial) return found;
      found.push(trial);
      if (trial.makespan >= makespan) continue;
      // From a deadlock anything that runs gains; the faster the better.
      const gain =
        (makespan === Number.POSITIVE_INFINITY ? 1 / trial.makespan : makespan - trial.makespan) /
        ((depth - depths[fifo]!) * weights[fifo]!);
      if (gain > most) [next, most] = [trial, gain];
    }
    if (!next) {
      const all = [...depths];
      for (const fifo of cut) all[fifo] = grid.next(fifo, depths[fifo]!);
      next = trials.at(all);
      if (!next) return found;
      found.push(next);
    }
    present = next;
  }
  return found.filter(({ makespan }) => makespan < Number.POSITIVE_INFINITY);
}
