/**
 * Lower bounds on the price of a stage, on masks: sums of resources from tables, and the least time in which the fewest lanes
 * of each task fit a pool. A pool's times are the steps of its tasks, so that least time is a bisection over their indices.
 */
import type { Floor, Pool } from './stage-problem.ts';

export interface StageFloor {
  /** Of a stage: perStage + base + max(alone, rows, pools); Infinity where a pool is too small whatever the time. */
  stage(set: number): number;
  /** The same without pools, and without perStage: of tasks however they are cut. */
  sums(set: number): number;
  readonly pools: readonly PoolTimes[];
}

export interface PoolTimes {
  readonly lanes: number;
  /** Ascending. */
  readonly times: Float64Array;
  /** By task: fewest lanes that meet each time, lanes + 1 where none do; null for a task that takes none. */
  readonly fewest: readonly (Uint16Array | null)[];
}

/** Tasks are as many as `floor.alone`, up to 30. */
export function stageFloor(floor: Floor): StageFloor {
  const tasks = floor.alone.length;
  const sums = subsetSums(floor, tasks);
  const pools = (floor.pools ?? []).map(poolTimes);
  return {
    sums,
    pools,
    stage: (set) => {
      let least = sums(set);
      if (pools.length > 0) {
        let base = 0;
        if (floor.base !== undefined)
          for (let left = set; left !== 0; left &= left - 1) base += floor.base[31 - Math.clz32(left & -left)]!;
        for (const pool of pools) least = Math.max(least, base + leastTime(pool, set));
      }
      return floor.perStage + least;
    },
  };
}

function poolTimes({ lanes, steps }: Pool): PoolTimes {
  const times = Float64Array.from(new Set(steps.flatMap((own) => own.map(({ time }) => time)))).sort();
  return {
    lanes,
    times,
    fewest: steps.map((own) => {
      if (own.length === 0) return null;
      const row = new Uint16Array(times.length);
      let at = -1;
      for (let index = 0; index < times.length; index++) {
        while (at + 1 < own.length && own[at + 1]!.time <= times[index]!) at++;
        row[index] = at < 0 ? lanes + 1 : Math.min(own[at]!.lanes, lanes + 1);
      }
      return row;
    }),
  };
}

function leastTime({ lanes, times, fewest }: PoolTimes, set: number): number {
  let low = 0;
  let high = times.length;
  let hasAny = false;
  while (low < high) {
    const middle = (low + high) >> 1;
    let sum = 0;
    for (let left = set; left !== 0 && sum <= lanes; left &= left - 1) {
      const row = fewest[31 - Math.clz32(left & -left)];
      if (row) {
        sum += row[middle]!;
        hasAny = true;
      }
    }
    if (!hasAny) return 0;
    if (sum <= lanes) high = middle;
    else low = middle + 1;
  }
  return low === times.length ? (times.length === 0 ? 0 : Infinity) : times[low]!;
}

/** Base and largest of rows and tasks alone, from tables of half the bits each. */
function subsetSums({ rows, base, alone }: Floor, tasks: number): (set: number) => number {
  const low = Math.min(15, tasks);
  const lowBits = (1 << low) - 1;
  const tablesOf = (row: readonly number[]) => ({ low: table(row.slice(0, low)), high: table(row.slice(low)) });
  const sums = rows.map(tablesOf);
  const added = base === undefined ? null : tablesOf(base);
  const lowAlone = table(alone.slice(0, low), Math.max);
  const highAlone = table(alone.slice(low), Math.max);
  return (set) => {
    const first = set & lowBits;
    const second = set >>> low;
    let most = Math.max(lowAlone[first]!, highAlone[second]!);
    for (const row of sums) {
      const sum = row.low[first]! + row.high[second]!;
      if (sum > most) most = sum;
    }
    return added === null ? most : most + added.low[first]! + added.high[second]!;
  };
}

function table(row: readonly number[], join = (a: number, b: number): number => a + b): Float64Array {
  const joined = new Float64Array(1 << row.length);
  for (let set = 1; set < joined.length; set++)
    joined[set] = join(joined[set & (set - 1)]!, row[31 - Math.clz32(set & -set)]!);
  return joined;
}
