/**
 * Convex sets of a task graph of any size, as columns of the set-partition programme. Every convex set is reached from each
 * of its tasks by adding one task of it at a time and what then lies between; so one that does not fit ends its line.
 */
import type { Cost, StageProblem } from './stage-problem.ts';

export interface ConvexSet {
  readonly tasks: readonly number[];
  readonly cost: Cost;
}

export interface ConvexSets {
  readonly sets: readonly ConvexSet[];
  /** Every convex set that fits is among them. */
  readonly isWhole: boolean;
}

/**
 * All convex sets without inner barriers that fit, where they are at most `limit`; else connected ones, small ones first,
 * and the stages of `seeds`.
 */
export function convexSets(
  problem: StageProblem,
  limit: number,
  seeds: readonly (readonly (readonly number[])[])[],
): ConvexSets {
  const whole = grow(problem, limit, () => true);
  if (whole.isWhole) return whole;
  const joined = new Set(
    problem.precedences.flatMap(({ from, to }) => [from * problem.tasks + to, to * problem.tasks + from]),
  );
  const found = grow(problem, limit, (a, b) => joined.has(a * problem.tasks + b));
  const known = new Map(found.sets.map((set) => [set.tasks.join(), set]));
  for (const stage of seeds.flat()) {
    const tasks = [...stage].sort((a, b) => a - b);
    const cost = problem.price(tasks);
    if (cost !== null) known.set(tasks.join(), { tasks, cost });
  }
  return { sets: [...known.values()], isWhole: false };
}

function grow(problem: StageProblem, limit: number, isNeighbour: (a: number, b: number) => boolean): ConvexSets {
  const { tasks } = problem;
  const { before, after, barriers } = closures(problem);
  const neighbours = Array.from({ length: tasks }, (_, a) => {
    let mask = 0n;
    for (let b = 0; b < tasks; b++) if (a !== b && isNeighbour(a, b)) mask |= 1n << BigInt(b);
    return mask;
  });
  const seen = new Set<bigint>();
  const sets: ConvexSet[] = [];
  const queue: bigint[] = Array.from({ length: tasks }, (_, task) => 1n << BigInt(task));
  for (const set of queue) seen.add(set);
  for (let head = 0; head < queue.length; head++) {
    const set = queue[head]!;
    const members = membersOf(set, tasks);
    if (members.some((task) => (barriers[task]! & set) !== 0n)) continue;
    const cost = problem.price(members);
    if (cost === null) continue;
    if (sets.length === limit) return { sets, isWhole: false };
    sets.push({ tasks: members, cost });
    let ancestors = 0n;
    let descendants = 0n;
    let around = 0n;
    for (const task of members) {
      ancestors |= before[task]!;
      descendants |= after[task]!;
      around |= neighbours[task]!;
    }
    for (const task of membersOf(around & ~set, tasks)) {
      const between = (ancestors | before[task]!) & (descendants | after[task]!);
      const next = set | (1n << BigInt(task)) | between;
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return { sets, isWhole: true };
}

/** By task, as masks: all it needs, all that need it, and what it needs over a barrier. */
function closures({ tasks, precedences }: StageProblem) {
  const before = Array.from({ length: tasks }, () => 0n);
  const after = Array.from({ length: tasks }, () => 0n);
  const barriers = Array.from({ length: tasks }, () => 0n);
  for (const { from, to, isBarrier } of [...precedences].sort((a, b) => a.to - b.to)) {
    before[to]! |= before[from]! | (1n << BigInt(from));
    if (isBarrier) barriers[to]! |= 1n << BigInt(from);
  }
  for (const { from, to } of [...precedences].sort((a, b) => b.from - a.from))
    after[from]! |= after[to]! | (1n << BigInt(to));
  return { before, after, barriers };
}

function membersOf(set: bigint, tasks: number): number[] {
  const members: number[] = [];
  for (let task = 0; task < tasks; task++) if (((set >> BigInt(task)) & 1n) === 1n) members.push(task);
  return members;
}
