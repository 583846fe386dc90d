/**
 * Convex sets that cost little more than the prices of their tasks: all sets S with cost(S) − Σ π(t) < limit, by depth-first
 * search. A stage of less than T leaves each task a least share of every resource, so that what its other tasks can be worth
 * is a knapsack; knapsacks of the last tasks, for a grid of times, say which branches hold no such set (completion bounds).
 */
import type { Masks } from './masks.ts';
import type { StageFloor } from './stage-floor.ts';
import type { Floor } from './stage-problem.ts';

export interface CheapSetsOptions {
  readonly masks: Masks;
  readonly floor: Floor;
  readonly bounds: StageFloor;
  readonly prices: Float64Array;
  /** Sets of this or more are of no use; `found` may lower it. */
  readonly limit: number;
  /** At least what a stage costs, at least its floor; Infinity where neither it nor a larger set fits. */
  readonly cost: (set: number) => number;
  /** Nodes of the search. */
  readonly stepLimit: number;
  /** @returns the limit from here on. */
  readonly found: (set: number, reduced: number) => number;
}

export interface CheapSetsOutcome {
  readonly steps: number;
  /** Every such set was found. */
  readonly isComplete: boolean;
}

const GRID = 192;
/** A resource is cut into so many cells at most. */
const CELLS = 64;
/** Resources with a knapsack of their own: pools, then the largest rows. */
const MOST_RESOURCES = 4;

interface Resource {
  readonly cells: number;
  /** By time of the grid and task: cells it takes at least, more than there are where it has no room. */
  readonly weights: Uint8Array;
  /** By time, first task that may still join, cells that are free: the most its tasks are worth. */
  readonly worth: Float64Array;
}

export function cheapSets(options: CheapSetsOptions): CheapSetsOutcome {
  const { masks, floor, prices, cost, stepLimit, found } = options;
  const tasks = floor.alone.length;
  const { after, barriers } = masks;
  const net = Float64Array.from(prices, (price, task) => price - (floor.base?.[task] ?? 0));
  let { limit } = options;
  const grid = gridOf(options, net);
  const resources = resourcesOf(options, grid, net);
  const kinds = resources.length;
  const points = grid.length - 1;

  // By depth: times of the grid at which there may still be such a set, and what is free of each resource then.
  const alive = Array.from({ length: tasks + 1 }, () => new Int16Array(points));
  const free = Array.from({ length: tasks + 1 }, () => new Uint8Array(points * kinds));
  let steps = 0;
  let isComplete = true;

  const grow = (
    depth: number,
    count: number,
    set: number,
    worth: number,
    below: number,
    shut: number,
    from: number,
  ) => {
    const times = alive[depth]!;
    const room = free[depth]!;
    const nextTimes = alive[depth + 1]!;
    const nextRoom = free[depth + 1]!;
    let closed = shut;
    for (let task = from; task < tasks; task++) {
      const bit = 1 << task;
      if ((closed & bit) === 0 && (barriers[task]! & set) === 0) {
        if (++steps > stepLimit) {
          isComplete = false;
          return;
        }
        const value = worth + net[task]!;
        const least = floor.perStage - value;
        let kept = 0;
        for (let at = 0; at < count; at++) {
          const time = times[at]!;
          let more = Infinity;
          for (let kind = 0; kind < kinds; kind++) {
            const resource = resources[kind]!;
            const left = room[at * kinds + kind]! - resource.weights[time * tasks + task]!;
            if (left < 0) {
              more = -Infinity;
              break;
            }
            nextRoom[kept * kinds + kind] = left;
            const most = resource.worth[(time * (tasks + 1) + task + 1) * (resource.cells + 1) + left]!;
            if (most < more) more = most;
          }
          if (least + grid[time]! - more < limit) nextTimes[kept++] = time;
        }
        if (kept > 0) {
          const next = set | bit;
          let isOpen = true;
          if (least + grid[nextTimes[0]!]! < limit) {
            const whole = cost(next);
            isOpen = whole !== Infinity;
            // As a sum over its tasks in order, so that the same set has the same value.
            const reduced = whole - worthOf(prices, next);
            if (reduced < limit) limit = found(next, reduced);
          }
          if (isOpen) grow(depth + 1, kept, next, value, below | after[task]!, closed, task + 1);
          if (!isComplete) return;
        }
      }
      // Left out: what needs it cannot join what it needs.
      if ((below & bit) !== 0) closed |= after[task]!;
    }
  };
  for (let time = 0; time < points; time++) {
    alive[0]![time] = time;
    resources.forEach(({ cells }, kind) => {
      free[0]![time * kinds + kind] = cells;
    });
  }
  grow(0, points, 0, 0, 0, 0, 0);
  return { steps, isComplete };
}

function worthOf(prices: Float64Array, set: number): number {
  let worth = 0;
  for (let left = set; left !== 0; left &= left - 1) worth += prices[31 - Math.clz32(left & -left)]!;
  return worth;
}

/** Ends of intervals of time; a stage longer than the last cannot be cheap. */
function gridOf({ floor, limit, bounds }: CheapSetsOptions, net: Float64Array): Float64Array {
  let most = limit - floor.perStage;
  let least = Infinity;
  for (let task = 0; task < net.length; task++) {
    most += Math.max(0, net[task]!);
    least = Math.min(least, bounds.stage(1 << task) - floor.perStage - (floor.base?.[task] ?? 0));
  }
  if (!Number.isFinite(most) || !(least > 0) || most <= least) return Float64Array.of(0, Infinity);
  const ratio = (most / least) ** (1 / GRID);
  // The last end holds what rounding leaves beyond it.
  return Float64Array.from({ length: GRID + 1 }, (_, at) => (at === GRID ? most * 2 : least * ratio ** at));
}

function resourcesOf({ floor, bounds }: CheapSetsOptions, grid: Float64Array, net: Float64Array): readonly Resource[] {
  const total = (row: readonly number[]): number => row.reduce((sum, value) => sum + value, 0);
  const rows = [...floor.rows].sort((a, b) => total(b) - total(a));
  const pools = bounds.pools.slice(0, MOST_RESOURCES).map((pool) => {
    const cells = Math.min(CELLS, pool.lanes);
    return resource(cells, grid, net, (task, _, end) => {
      const fewest = pool.fewest[task];
      if (!fewest) return 0;
      const lanes = fewest[lastAtMost(pool.times, end)] ?? pool.lanes + 1;
      return lanes > pool.lanes ? cells + 1 : Math.floor((lanes * cells) / pool.lanes);
    });
  });
  const others = rows.slice(0, MOST_RESOURCES - pools.length).map((row) =>
    resource(CELLS, grid, net, (task, alone, end) => {
      if (alone > end || row[task]! > end) return CELLS + 1;
      return end === Infinity ? 0 : Math.floor((row[task]! * CELLS * (1 - 1e-12)) / end);
    }),
  );
  const all = [...pools, ...others];
  // Without any, what is left is worth the sum of what is worth anything.
  return all.length > 0 ? all : [resource(1, grid, net, () => 0)];

  function resource(
    cells: number,
    ends: Float64Array,
    worths: Float64Array,
    weightOf: (task: number, alone: number, end: number) => number,
  ): Resource {
    const tasks = worths.length;
    const points = ends.length - 1;
    const weights = new Uint8Array(points * tasks);
    const worth = new Float64Array(points * (tasks + 1) * (cells + 1));
    for (let time = 0; time < points; time++)
      for (let task = tasks - 1; task >= 0; task--) {
        const weight = weightOf(task, floor.alone[task]!, ends[time + 1]!);
        weights[time * tasks + task] = weight;
        const own = worths[task]!;
        const at = (time * (tasks + 1) + task) * (cells + 1);
        for (let room = 0; room <= cells; room++) {
          const without = worth[at + cells + 1 + room]!;
          worth[at + room] =
            own > 0 && weight <= room ? Math.max(without, own + worth[at + cells + 1 + room - weight]!) : without;
        }
      }
    return { cells, weights, worth };
  }
}

/** Index of the last time that is no later; −1 where all are later. */
function lastAtMost(times: Float64Array, end: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= end) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
