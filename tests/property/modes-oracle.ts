/** Random stage problems of every kind the search must cope with, and their optimum by trying every sequence of stages. */
import type { Rng } from '#core/base/rng.ts';
import { type Cost, compareCosts, partitionKey, type StageProblem } from '#core/stages/search/stage-problem.ts';

export interface Shape {
  readonly tasks: number;
  /** Of a hundred, chance of a precedence between two tasks, and of its being a barrier. */
  readonly density: number;
  readonly barriers: number;
  /** Objective apart from cycles. */
  readonly hasObjective: boolean;
  /** Tensors between stages cost what they are over a capacity. */
  readonly hasMemory: boolean;
  readonly hasTwins: boolean;
}

/**
 * Stages cost a switch, then the larger of a compute and a transfer sum, and up to `noise` more, another for every set. A
 * stage fits while its area does.
 */
export function randomStageProblem(rng: Rng, shape: Shape): StageProblem {
  const { tasks } = shape;
  const kinds = Array.from({ length: tasks }, (_, task) => (shape.hasTwins ? rng.below(2) : task));
  const draw = (below: number) => {
    const byKind = Array.from({ length: Math.max(2, tasks) }, () => rng.below(below));
    return kinds.map((kind) => byKind[kind]!);
  };
  const work = draw(20);
  const bytes = draw(20);
  const area = draw(10).map((value) => value + 1);
  const room = 10 + rng.below(5 * tasks);
  const hops = 1 + rng.below(8);
  const noise = 1 + rng.below(12);
  const seed = rng.below(1 << 30);
  const precedences: { from: number; to: number; isBarrier: boolean; bytes: number }[] = [];
  for (let from = 0; from < tasks; from++)
    for (let to = from + 1; to < tasks; to++)
      if (rng.below(100) < shape.density)
        precedences.push({ from, to, isBarrier: rng.below(100) < shape.barriers, bytes: 1 + rng.below(9) });

  const price = (set: readonly number[]): Cost | null => {
    if (set.reduce((sum, task) => sum + area[task]!, 0) > room) return null;
    const kind = set.map((task) => kinds[task]!).sort((a, b) => a - b);
    let hash = seed;
    for (const value of kind) hash = (Math.imul(hash ^ (value + 1), 0x9e3779b1) >>> 0) % 1_000_003;
    const compute = set.reduce((sum, task) => sum + work[task]!, 0);
    const moved = set.reduce((sum, task) => sum + bytes[task]!, 0);
    const cycles = hops + Math.max(compute, moved) + (hash % noise);
    return { cycles, primary: shape.hasObjective ? 2 + ((hash >> 4) % 3) : cycles };
  };
  const alone = work.map((value, task) => Math.max(value, bytes[task]!));
  const floor = { perStage: hops, alone, rows: [work, bytes] };
  const capacity = rng.below(15);
  const complete = (stages: readonly (readonly number[])[]): Cost | null => {
    let sum = { primary: 0, cycles: 0 };
    let most = 0;
    const done = new Set<number>();
    for (const stage of stages) {
      const cost = price(stage);
      if (cost === null) return null;
      for (const task of stage) done.add(task);
      const live = precedences.reduce(
        (all, link) => all + (done.has(link.from) && !done.has(link.to) ? link.bytes : 0),
        0,
      );
      const over = Math.max(0, live - capacity);
      most = Math.max(most, over);
      sum = { primary: sum.primary + cost.primary + over, cycles: sum.cycles + cost.cycles + over };
    }
    return most > 60 ? null : sum;
  };
  return {
    tasks,
    precedences,
    price,
    floor: {
      primary: shape.hasObjective ? { perStage: 2, alone: kinds.map(() => 0), rows: [] } : floor,
      cycles: floor,
    },
    classes: kinds,
    ...(shape.hasMemory ? { complete } : {}),
  };
}

/** Costs of all different partitions, each in its best order, cheapest first. */
export function everyPartition(problem: StageProblem): readonly Cost[] {
  const byKey = new Map<string, Cost>();
  const stages: number[][] = [];
  const isDone = new Array<boolean>(problem.tasks).fill(false);
  const visit = (): void => {
    const left = isDone.flatMap((done, task) => (done ? [] : [task]));
    if (left.length === 0) {
      let cost: Cost | null = { primary: 0, cycles: 0 };
      for (const stage of stages) {
        const price = problem.price(stage);
        if (price === null || cost === null) return;
        cost = { primary: cost.primary + price.primary, cycles: cost.cycles + price.cycles };
      }
      if (problem.complete !== undefined) cost = problem.complete(stages);
      if (cost === null) return;
      const key = partitionKey(stages);
      const known = byKey.get(key);
      if (known === undefined || compareCosts(cost, known) < 0) byKey.set(key, cost);
      return;
    }
    for (let choice = 1; choice < 2 ** left.length; choice++) {
      const stage = left.filter((_, index) => Math.floor(choice / 2 ** index) % 2 === 1);
      const isAllowed = problem.precedences.every(
        ({ from, to, isBarrier }) => !stage.includes(to) || isDone[from] || (stage.includes(from) && !isBarrier),
      );
      if (!isAllowed) continue;
      for (const task of stage) isDone[task] = true;
      stages.push(stage);
      visit();
      stages.pop();
      for (const task of stage) isDone[task] = false;
    }
  };
  visit();
  return [...byKey.values()].sort(compareCosts);
}
