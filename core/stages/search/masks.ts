/** A stage problem on bit masks: who is needed before whom, who may change places, and lower bounds of any set of tasks. */
import type { Floor, StageProblem } from './stage-problem.ts';

/** Bits of a signed 32-bit mask that stays positive. */
export const MOST_TASKS = 30;

export interface Masks {
  readonly all: number;
  /** By task: whom it needs in earlier stages or its own; the twin before it is among them. */
  readonly needs: Int32Array;
  /** By task: of those, whom it needs in earlier stages. */
  readonly barriers: Int32Array;
  /** By task: who needs it. */
  readonly followers: Int32Array;
  /** Lower bounds on the price of a stage with these tasks. */
  primaryFloor(set: number): number;
  cyclesFloor(set: number): number;
  /** Lower bounds on what all stages of these tasks cost, however they are cut; `set` is all but a downset. */
  primaryRest(set: number): number;
  cyclesRest(set: number): number;
}

export function masksOf(problem: StageProblem): Masks {
  const { tasks } = problem;
  const needs = new Int32Array(tasks);
  const barriers = new Int32Array(tasks);
  for (const { from, to, isBarrier } of problem.precedences) {
    needs[to]! |= 1 << from;
    if (isBarrier) barriers[to]! |= 1 << from;
  }
  orderTwins(problem, needs);
  const followers = new Int32Array(tasks);
  for (let task = 0; task < tasks; task++)
    for (let left = needs[task]!; left !== 0; left &= left - 1) followers[31 - Math.clz32(left & -left)]! |= 1 << task;

  const least = leastStages(problem);
  const primary = subsetSums(problem.floor.primary, tasks);
  const cycles = subsetSums(problem.floor.cycles, tasks);
  const stagesOf = (set: number): number => {
    let level = 0;
    while (level < least.length && (set & least[level]!) !== 0) level++;
    return level;
  };
  return {
    all: tasks === 0 ? 0 : (2 ** tasks - 1) | 0,
    needs,
    barriers,
    followers,
    primaryFloor: (set) => problem.floor.primary.perStage + primary(set),
    cyclesFloor: (set) => problem.floor.cycles.perStage + cycles(set),
    primaryRest: (set) => (set === 0 ? 0 : problem.floor.primary.perStage * stagesOf(set) + primary(set)),
    cyclesRest: (set) => (set === 0 ? 0 : problem.floor.cycles.perStage * stagesOf(set) + cycles(set)),
  };
}

export function tasksOf(set: number): number[] {
  const list: number[] = [];
  for (let left = set; left !== 0; left &= left - 1) list.push(31 - Math.clz32(left & -left));
  return list;
}

/**
 * Tasks of a class with the same neighbours may change places in any solution, so only those are looked at that take them
 * in order: the second in the first's stage or later. An antichain of n alike has n + 1 downsets then, not 2ⁿ.
 */
function orderTwins({ tasks, precedences, classes }: StageProblem, needs: Int32Array): void {
  const neighbours = Array.from({ length: tasks }, () => [] as string[]);
  for (const { from, to, isBarrier } of precedences) {
    neighbours[from]!.push(`>${to}${isBarrier ? '!' : ''}`);
    neighbours[to]!.push(`<${from}${isBarrier ? '!' : ''}`);
  }
  const last = new Map<string, number>();
  for (let task = 0; task < tasks; task++) {
    const kind = `${classes[task]} ${neighbours[task]!.sort().join()}`;
    const twin = last.get(kind);
    if (twin !== undefined) needs[task]! |= 1 << twin;
    last.set(kind, task);
  }
}

/** By i ≥ 0: the tasks that need more than i stages from their own on, by the barriers after them. */
function leastStages({ tasks, precedences }: StageProblem): number[] {
  const after = new Int32Array(tasks);
  for (const { from, to, isBarrier } of [...precedences].sort((a, b) => b.to - a.to || b.from - a.from))
    after[from] = Math.max(after[from]!, after[to]! + (isBarrier ? 1 : 0));
  const levels: number[] = [];
  for (let task = 0; task < tasks; task++)
    for (let level = 0; level <= after[task]!; level++) levels[level] = (levels[level] ?? 0) | (1 << task);
  return levels;
}

/** Largest row sum, and largest task alone, of a set, from two tables of half the bits each. */
function subsetSums(floor: Floor, tasks: number): (set: number) => number {
  const low = Math.min(15, tasks);
  const tables = floor.rows.map((row) => ({
    low: sums(row.slice(0, low)),
    high: sums(row.slice(low)),
  }));
  const lowBits = (1 << low) - 1;
  const lowAlone = sums(floor.alone.slice(0, low), Math.max);
  const highAlone = sums(floor.alone.slice(low), Math.max);
  return (set) => {
    let most = Math.max(lowAlone[set & lowBits]!, highAlone[set >>> low]!);
    for (const table of tables) {
      const sum = table.low[set & lowBits]! + table.high[set >>> low]!;
      if (sum > most) most = sum;
    }
    return most;
  };
}

function sums(row: readonly number[], join = (a: number, b: number): number => a + b): Float64Array {
  const table = new Float64Array(1 << row.length);
  for (let set = 1; set < table.length; set++)
    table[set] = join(table[set & (set - 1)]!, row[31 - Math.clz32(set & -set)]!);
  return table;
}
