/**
 * Mode search above what the downsets allow: a set-partition programme. A column is a convex set with its price, a row says
 * that a task is in exactly one. Convex sets may still need each other in a circle, and memory depends on their order; both
 * are cut off when a solution shows them (logic-based Benders: Hooker and Ottosson, doi 10.1007/s10107-003-0375-9).
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { type MipColumn, type MipRow, type MipSolver, withoutMip } from '#core/solver/mip.ts';
import { type ConvexSet, convexSets } from './convex-sets.ts';
import { bestOrder } from './orders.ts';
import { type Best, floorOf, inOrder, NOTHING, type StageProblem } from './stage-problem.ts';

export interface ProgrammeOptions {
  readonly mip: MipSolver;
  /** Columns. */
  readonly columnLimit: number;
  /** Branch-and-bound nodes of one solution. */
  readonly nodeLimit: number;
  /** Solutions that may be cut off. */
  readonly roundLimit: number;
  readonly control?: Control;
}

export interface ProgrammeOutcome {
  /** No design's objective is below it. */
  readonly bound: number;
  readonly isProven: boolean;
  readonly columns: number;
  readonly nodes: number;
  readonly isCancelled: boolean;
}

/** Objectives are brought to this magnitude, so that the solver's tolerances mean the same for cycles and joules. */
const MAGNITUDE = 1e6;
/** In parts of an objective. */
const TOLERANCE = 1e-9;
const ORDERS = 720;

type Measure = 'primary' | 'cycles';

/**
 * Designs it finds go to `best`, which must hold one to begin from. The objective is minimised, then cycles among designs
 * of the least objective. Proven only where every convex set is a column.
 */
export function searchProgramme(problem: StageProblem, best: Best, options: ProgrammeOptions): ProgrammeOutcome {
  const { control = uncontrolled } = options;
  const everything = Array.from({ length: problem.tasks }, (_, task) => task);
  const floor = floorOf(problem.floor.primary, everything) - (problem.slack ?? NOTHING).primary;
  const start = best.first;
  if (start === undefined || options.mip.id === withoutMip.id)
    return { bound: floor, isProven: false, columns: 0, nodes: 0, isCancelled: control.cancelled() };

  const { sets, isWhole } = convexSets(
    problem,
    options.columnLimit,
    best.partitions.map((partition) => partition.stages),
  );
  const programme = new Programme(problem, sets, best, options);
  const first = programme.minimise('primary', []);
  let isProven = isWhole && first.isExact && isReached(best.first!.cost.primary, first.bound);
  if (isProven && sets.some(({ cost }) => cost.primary !== cost.cycles)) {
    const most = best.first!.cost.primary;
    const limit = { lower: -Infinity, upper: most * (1 + TOLERANCE), measure: 'primary' as const };
    const second = programme.minimise('cycles', [limit]);
    isProven = second.isExact && isReached(best.first!.cost.cycles, second.bound);
  }
  return {
    bound: isWhole ? Math.max(floor, Math.min(first.bound, best.first!.cost.primary)) : floor,
    isProven,
    columns: sets.length,
    nodes: programme.nodes,
    isCancelled: control.cancelled(),
  };
}

function isReached(objective: number, bound: number): boolean {
  return bound >= objective * (1 - TOLERANCE);
}

class Programme {
  nodes = 0;
  readonly #problem: StageProblem;
  readonly #sets: readonly ConvexSet[];
  readonly #best: Best;
  readonly #options: ProgrammeOptions;
  readonly #cover: readonly MipRow[];
  /** Circles, found so far; they hold for either measure. */
  readonly #circles: MipRow[] = [];

  constructor(problem: StageProblem, sets: readonly ConvexSet[], best: Best, options: ProgrammeOptions) {
    this.#problem = problem;
    this.#sets = sets;
    this.#best = best;
    this.#options = options;
    const containing: number[][] = Array.from({ length: problem.tasks }, () => []);
    sets.forEach(({ tasks }, column) => {
      for (const task of tasks) containing[task]!.push(column);
    });
    this.#cover = containing.map((columns) => ({ lower: 1, upper: 1, columns, values: columns.map(() => 1) }));
  }

  /** `isExact`: what was found is within the solver's bound of the best of these columns. */
  minimise(
    measure: Measure,
    limits: readonly { readonly lower: number; readonly upper: number; readonly measure: Measure }[],
  ): { readonly bound: number; readonly isExact: boolean } {
    const { mip, nodeLimit, roundLimit, control = uncontrolled } = this.#options;
    const sets = this.#sets;
    const unit = Math.max(this.#best.first!.cost[measure], Number.MIN_VALUE) / MAGNITUDE;
    const extra = sets.length;
    const columns: MipColumn[] = sets.map(({ cost }) => ({
      cost: cost[measure] / unit,
      lower: 0,
      upper: 1,
      integer: true,
    }));
    // What memory adds to the sum of prices.
    const slack = this.#problem.complete === undefined ? 0 : (this.#problem.slack ?? NOTHING)[measure];
    columns.push({
      cost: 1,
      lower: -slack / unit,
      upper: this.#problem.complete === undefined ? 0 : Infinity,
      integer: false,
    });
    const limiting = limits.map(({ lower, upper, measure: of }) => ({
      lower: lower / (upper / MAGNITUDE || 1),
      upper: upper / (upper / MAGNITUDE || 1),
      columns: sets.map((_, column) => column),
      values: sets.map(({ cost }) => cost[of] / (upper / MAGNITUDE || 1)),
    }));
    const memory: MipRow[] = [];
    let bound = 0;
    let isExact = true;
    for (let round = 0; round < roundLimit && !control.cancelled(); round++) {
      const rows = [...this.#cover, ...limiting, ...this.#circles, ...memory];
      const start = this.#pointOf();
      const solution = mip.solve({ columns, rows, offset: 0 }, { nodeLimit, absoluteGap: 1e-3, control, ...start });
      this.nodes += solution.nodes;
      bound = Math.max(bound, solution.bound * unit);
      control.report({
        phase: 'modes.programme',
        fraction: Math.min(1, (round + 1) / roundLimit),
        message: `set partition, ${rows.length} rows`,
        figures: { incumbent: this.#best.first!.cost[measure], bound, nodes: this.nodes },
      });
      if (solution.status === 'infeasible') return { bound: Infinity, isExact };
      if (solution.values === null || solution.status !== 'optimal') return { bound, isExact: false };
      const chosen = sets.flatMap((_, column) => (solution.values![column]! > 0.5 ? [column] : []));
      const circle = this.#circleOf(chosen);
      if (circle !== null) {
        this.#circles.push(circle);
        continue;
      }
      const stages = chosen.map((column) => sets[column]!.tasks);
      const order = bestOrder(this.#problem, stages, ORDERS)!;
      if (order.cost !== null) this.#best.offer(order.stages, order.cost);
      const sum = chosen.reduce((total, column) => total + sets[column]!.cost[measure], 0);
      const added = order.cost === null ? null : order.cost[measure] - sum;
      const told = solution.values[extra]! * unit;
      if (added !== null && added <= told + TOLERANCE * Math.abs(sum)) return { bound, isExact };
      if (!order.isExact) isExact = false;
      memory.push(
        added === null
          ? { lower: -Infinity, upper: chosen.length - 1, columns: chosen, values: chosen.map(() => 1) }
          : {
              // As much where all of these are chosen; where one is not, no more than holds anyway.
              lower: (-slack - (chosen.length - 1) * (added + slack)) / unit,
              upper: Infinity,
              columns: [extra, ...chosen],
              values: [1, ...chosen.map(() => -(added + slack) / unit)],
            },
      );
    }
    return { bound, isExact: false };
  }

  /** The incumbent as a point, where its stages are columns and nothing is added to their prices. */
  #pointOf(): { readonly start?: Float64Array } {
    const stages = this.#best.first!.stages;
    const wanted = new Set(stages.map((stage) => stage.join()));
    const start = new Float64Array(this.#sets.length + 1);
    let found = 0;
    this.#sets.forEach(({ tasks }, column) => {
      if (!wanted.has(tasks.join())) return;
      start[column] = 1;
      found++;
    });
    return found === wanted.size && this.#problem.complete === undefined ? { start } : {};
  }

  /**
   * Stages in a circle, each with the task that is needed and the task that needs: of all sets like the first, like the
   * second, … (with its two tasks and without the others') not one of each may be chosen.
   */
  #circleOf(chosen: readonly number[]): MipRow | null {
    const stages = chosen.map((column) => this.#sets[column]!.tasks);
    if (inOrder(this.#problem, stages) !== null) return null;
    const circle = shortestCircle(this.#problem, stages);
    const ends = circle.map(({ enters, leaves }) => new Set([enters, leaves]));
    const columns: number[] = [];
    this.#sets.forEach(({ tasks }, column) => {
      const members = new Set(tasks);
      const isLike = (index: number): boolean =>
        ends.every((pair, other) => [...pair].every((task) => members.has(task) === (other === index)));
      if (ends.some((_, index) => isLike(index))) columns.push(column);
    });
    return { lower: -Infinity, upper: circle.length - 1, columns, values: columns.map(() => 1) };
  }
}

interface Link {
  /** Task of the stage that needs one of the stage before. */
  readonly enters: number;
  /** Task of the stage that the stage after needs. */
  readonly leaves: number;
}

/** Breadth first from every stage; there must be a circle. */
function shortestCircle(problem: StageProblem, stages: readonly (readonly number[])[]): readonly Link[] {
  const stageOf = new Int32Array(problem.tasks);
  stages.forEach((stage, index) => {
    for (const task of stage) stageOf[task] = index;
  });
  const between = problem.precedences.filter(({ from, to }) => stageOf[from] !== stageOf[to]);
  let best: { from: number; to: number }[] | null = null;
  for (let start = 0; start < stages.length; start++) {
    const reachedBy = new Map<number, { from: number; to: number }>();
    const queue = [start];
    for (let head = 0; head < queue.length && !reachedBy.has(start); head++)
      for (const link of between) {
        if (stageOf[link.from] !== queue[head] || reachedBy.has(stageOf[link.to]!)) continue;
        reachedBy.set(stageOf[link.to]!, link);
        queue.push(stageOf[link.to]!);
      }
    if (!reachedBy.has(start)) continue;
    const links: { from: number; to: number }[] = [];
    let at = start;
    do {
      const link = reachedBy.get(at)!;
      links.unshift(link);
      at = stageOf[link.from]!;
    } while (at !== start);
    if (best === null || links.length < best.length) best = links;
  }
  if (best === null) throw new Error('stages in an order have no circle');
  return best.map((link, index) => ({
    enters: link.to,
    leaves: best[(index + 1) % best.length]!.from,
  }));
}
