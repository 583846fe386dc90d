/** A stage problem on bit masks: who is needed before whom, who may change places, and lower bounds of any set of tasks. */
import { type StageFloor, stageFloor } from './stage-floor.ts';
import type { StageProblem } from './stage-problem.ts';

/** Bits of a signed 32-bit mask that stays positive. */
export const MOST_TASKS = 30;

export interface Masks {
  readonly all: number;
  /** By task: whom it needs in earlier stages or its own; the twin before it is among them. */
  readonly needs: Int32Array;
  /** By task: of those, whom it needs in earlier stages. */
  readonly barriers: Int32Array;
  /** By task: who needs it, directly or not. */
  readonly after: Int32Array;
  /** Lower bounds on the price of a stage. */
  readonly primary: StageFloor;
  readonly cycles: StageFloor;
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

  const after = Int32Array.from(followers);
  for (let task = tasks - 1; task >= 0; task--)
    for (let left = followers[task]!; left !== 0; left &= left - 1)
      after[task]! |= after[31 - Math.clz32(left & -left)]!;

  const least = leastStages(problem);
  const { floor } = problem;
  const primary = stageFloor(floor.primary);
  const cycles = floor.cycles === floor.primary ? primary : stageFloor(floor.cycles);
  const stagesOf = (set: number): number => {
    let level = 0;
    while (level < least.length && (set & least[level]!) !== 0) level++;
    return level;
  };
  return {
    all: tasks === 0 ? 0 : (2 ** tasks - 1) | 0,
    needs,
    barriers,
    after,
    primary,
    cycles,
    primaryRest: (set) => (set === 0 ? 0 : floor.primary.perStage * stagesOf(set) + primary.sums(set)),
    cyclesRest: (set) => (set === 0 ? 0 : floor.cycles.perStage * stagesOf(set) + cycles.sums(set)),
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
