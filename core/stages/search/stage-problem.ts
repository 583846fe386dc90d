/**
 * Mode search without hardware: a task graph to be cut into stages that run one after another, tasks of a stage together.
 * Stages must be convex and in an order that respects the graph, so a solution is a chain of downsets ∅ ⊂ D₁ ⊂ … ⊂ all, a
 * stage being the difference of two neighbours. What a stage costs is a function that is asked, never looked into.
 */

/** Compared as a pair: the objective, then cycles. */
export interface Cost {
  readonly primary: number;
  readonly cycles: number;
}

/** `to` needs what `from` makes; a barrier may not lie inside a stage, for the whole tensor is needed at once. */
export interface Precedence {
  readonly from: number;
  readonly to: number;
  readonly isBarrier: boolean;
}

/**
 * What every stage costs at least: price(S) ≥ perStage + Σ base[t] + max(Σ row[t] of each row, each alone[t], least time of
 * each pool), t ∈ S. A row is a resource: ticks of all lanes, ticks of a memory channel; `alone` is what a task takes with
 * all it could have. All are ≥ 0.
 */
export interface Floor {
  readonly perStage: number;
  readonly base?: readonly number[];
  readonly alone: readonly number[];
  readonly rows: readonly (readonly number[])[];
  readonly pools?: readonly Pool[];
}

/** Lanes tasks share: a stage takes no less than the time T at which Σ fewest lanes that meet T is no more than there are. */
export interface Pool {
  /** Whole, ≤ 65,534; no stage has more tasks that need one. */
  readonly lanes: number;
  /** By task, times rising and lanes falling: with so many lanes it takes that time. Empty: it needs none. */
  readonly steps: readonly (readonly { readonly time: number; readonly lanes: number }[])[];
}

export interface StageProblem {
  /** Tasks are 0 … tasks − 1; every precedence goes from a lower to a higher one. */
  readonly tasks: number;
  readonly precedences: readonly Precedence[];
  /**
   * Of a convex set without inner barriers, ascending; both parts ≥ 0. Null where it does not fit the hardware, and then no
   * set that contains it may fit.
   */
  price(tasks: readonly number[]): Cost | null;
  readonly floor: { readonly primary: Floor; readonly cycles: Floor };
  /** Tasks of one class cost the same in any stage; those with the same neighbours as well may change places. */
  readonly classes: readonly number[];
  /**
   * What stages cost in this order, memory between them included: at least Σ price − slack in both parts. Null where there
   * is no room at all. Absent where it is Σ price.
   */
  readonly complete?: (stages: readonly (readonly number[])[]) => Cost | null;
  /** Default nothing. */
  readonly slack?: Cost;
}

export interface Partition {
  /** In order; tasks of a stage ascending. */
  readonly stages: readonly (readonly number[])[];
  readonly cost: Cost;
}

export interface PartitionSearch {
  /** Different ones, cheapest first; empty where no design fits. */
  readonly partitions: readonly Partition[];
  /** No design's objective is below it. */
  readonly bound: number;
  /** The first partition is a best one: nothing is cheaper. */
  readonly isProven: boolean;
  readonly method: 'downsets' | 'integer-programme' | 'merging';
  /** Work done: downsets (or columns), pairs of downset and stage (or nodes), and sets priced. */
  readonly counts: { readonly states: number; readonly steps: number; readonly prices: number };
  readonly isCancelled: boolean;
}

export const NOTHING: Cost = { primary: 0, cycles: 0 };
export const UNBOUNDED: Cost = { primary: Infinity, cycles: Infinity };

/** < 0: `a` is cheaper. */
export function compareCosts(a: Cost, b: Cost): number {
  // Not a difference: ∞ − ∞ is no number.
  if (a.primary !== b.primary) return a.primary < b.primary ? -1 : 1;
  if (a.cycles !== b.cycles) return a.cycles < b.cycles ? -1 : 1;
  return 0;
}

export function cheaper(a: Cost, b: Cost): Cost {
  return compareCosts(b, a) < 0 ? b : a;
}

export function addCosts(a: Cost, b: Cost): Cost {
  return { primary: a.primary + b.primary, cycles: a.cycles + b.cycles };
}

export function minusSlack({ slack = NOTHING }: StageProblem, cost: Cost): Cost {
  return { primary: cost.primary - slack.primary, cycles: cost.cycles - slack.cycles };
}

export function floorOf(floor: Floor, tasks: Iterable<number>): number {
  const list = [...tasks];
  if (list.length === 0) return 0;
  let most = Math.max(0, ...list.map((task) => floor.alone[task]!));
  for (const row of floor.rows)
    most = Math.max(
      most,
      list.reduce((sum, task) => sum + row[task]!, 0),
    );
  return floor.perStage + most + list.reduce((sum, task) => sum + (floor.base?.[task] ?? 0), 0);
}

/** Prices every set once. */
export function memoised(problem: StageProblem): { readonly problem: StageProblem; readonly prices: () => number } {
  const known = new Map<string, Cost | null>();
  const price = (tasks: readonly number[]): Cost | null => {
    const key = tasks.join();
    let cost = known.get(key);
    if (cost === undefined) {
      cost = problem.price(tasks);
      known.set(key, cost);
    }
    return cost;
  };
  return { problem: { ...problem, price }, prices: () => known.size };
}

/** The same partition has the same key, in whatever order its stages come. */
export function partitionKey(stages: readonly (readonly number[])[]): string {
  return stages
    .map((stage) => stage.join())
    .sort()
    .join(' ');
}

/** Stages in an order that respects the graph, of equals the one with the lowest task first; null where they go in circles. */
export function inOrder(problem: StageProblem, stages: readonly (readonly number[])[]): number[][] | null {
  const stageOf = new Int32Array(problem.tasks).fill(-1);
  stages.forEach((stage, index) => {
    for (const task of stage) stageOf[task] = index;
  });
  const followers = stages.map(() => new Set<number>());
  const missing = new Int32Array(stages.length);
  for (const { from, to } of problem.precedences) {
    const before = stageOf[from]!;
    const after = stageOf[to]!;
    if (before === after || followers[before]!.has(after)) continue;
    followers[before]!.add(after);
    missing[after]!++;
  }
  const order: number[][] = [];
  const isDone = new Uint8Array(stages.length);
  const lowest = stages.map((stage) => Math.min(...stage));
  while (order.length < stages.length) {
    let next = -1;
    for (let index = 0; index < stages.length; index++)
      if (!isDone[index] && missing[index] === 0 && (next < 0 || lowest[index]! < lowest[next]!)) next = index;
    if (next < 0) return null;
    isDone[next] = 1;
    order.push([...stages[next]!].sort((a, b) => a - b));
    for (const follower of followers[next]!) missing[follower]!--;
  }
  return order;
}

/** Σ price; null where a stage does not fit. */
export function sumOfPrices(problem: StageProblem, stages: readonly (readonly number[])[]): Cost | null {
  let cost = NOTHING;
  for (const stage of stages) {
    const price = problem.price(stage);
    if (price === null) return null;
    cost = addCosts(cost, price);
  }
  return cost;
}

/** Whole cost of stages in this order; null where one does not fit or there is no room between them. */
export function costOf(problem: StageProblem, stages: readonly (readonly number[])[]): Cost | null {
  const sum = sumOfPrices(problem, stages);
  return sum === null || problem.complete === undefined ? sum : problem.complete(stages);
}

/** The best `count` different partitions shown to it. */
export class Best {
  readonly #count: number;
  #kept: (Partition & { readonly key: string })[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  offer(stages: readonly (readonly number[])[], cost: Cost): void {
    if (compareCosts(cost, this.threshold) >= 0 && this.#kept.length >= this.#count) return;
    const key = partitionKey(stages);
    const same = this.#kept.findIndex((other) => other.key === key);
    if (same >= 0) {
      if (compareCosts(cost, this.#kept[same]!.cost) >= 0) return;
      this.#kept.splice(same, 1);
    }
    const at = this.#kept.findIndex((other) => compareCosts(cost, other.cost) < 0);
    this.#kept.splice(at < 0 ? this.#kept.length : at, 0, { stages: stages.map((stage) => [...stage]), cost, key });
    this.#kept.length = Math.min(this.#kept.length, this.#count);
  }

  /** What a partition has to cost less than to be kept. */
  get threshold(): Cost {
    return this.#kept.length < this.#count ? UNBOUNDED : this.#kept[this.#count - 1]!.cost;
  }

  get first(): Partition | undefined {
    return this.#kept[0];
  }

  get partitions(): readonly Partition[] {
    return this.#kept.map(({ stages, cost }) => ({ stages, cost }));
  }
}
