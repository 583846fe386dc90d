/**
 * Exact mode search: f(D) = min over convex tops S of D of f(D∖S) + price(S), D a downset (order ideal) of the task graph
 * (Tarnawski et al., NeurIPS 2020, section 4, for device placement). Tops are looked for among the sets that cost little
 * more than the prices of their tasks (task-prices.ts): by how much the stages of a design are dearer adds up to how much it
 * is dearer than the bound, so that dearer sets are in no design below a threshold (reduced-cost fixing).
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { cheapSets } from './cheap-sets.ts';
import { type Masks, MOST_TASKS, masksOf, tasksOf } from './masks.ts';
import { PriceTable } from './price-table.ts';
import { type Cost, cheaper, compareCosts, type StageProblem, UNBOUNDED } from './stage-problem.ts';
import { type TaskPrices, taskPrices } from './task-prices.ts';

export interface DownsetBudget {
  /** Pairs of downset and stage, and nodes of the search for stages. */
  readonly stepLimit: number;
  readonly priceLimit: number;
  readonly control?: Control;
}

export interface DownsetOptions extends DownsetBudget {
  /** Ways kept of each downset; the same stages in another order are the same way. */
  readonly count: number;
  /** Designs not cheaper are of no use. */
  readonly threshold: Cost;
  /** Nor are those that cost this much more than the bound. */
  readonly within: number;
}

export interface DownsetOutcome {
  /** Cheapest first, by sums of prices. */
  readonly ways: readonly { readonly stages: readonly (readonly number[])[]; readonly cost: Cost }[];
  /** No design that is not among the ways, and no way that is dropped, has a smaller sum of prices. */
  readonly bound: Cost;
  /** Nothing was left out for want of budget. */
  readonly isComplete: boolean;
  /** `within` kept designs out that are cheaper than the threshold. */
  readonly isNarrow: boolean;
  readonly states: number;
  readonly steps: number;
  readonly isCancelled: boolean;
}

/** A way to a downset: its last stage and the way before it. */
interface Way {
  readonly primary: number;
  readonly cycles: number;
  readonly before: Way | null;
  readonly stage: number;
  /** Equal for equal stages, in whatever order. */
  readonly print: number;
}

interface Downset {
  readonly set: number;
  readonly ways: Way[];
  /** At least what is missing costs. */
  readonly primaryRest: number;
  readonly cyclesRest: number;
}

/** A set that may be a stage. */
interface Column {
  readonly set: number;
  /** Tasks outside that it needs. */
  readonly needs: number;
  /** How much it costs more than the prices of its tasks, at least. */
  readonly reduced: number;
}

const START: Way = { primary: 0, cycles: 0, before: null, stage: 0, print: 0 };
const POLL = 16_384;
const MOST_COLUMNS = 200_000;

export class DownsetSearch {
  readonly #problem: StageProblem;
  readonly #masks: Masks;
  readonly #table: PriceTable;
  /** The part of costs that task prices bound: cycles where the other is decided. */
  #measure: 'primary' | 'cycles' = 'primary';
  #relaxation: TaskPrices;

  /** @throws on more than 30 tasks: masks are of 31 bits. */
  constructor(problem: StageProblem) {
    if (problem.tasks > MOST_TASKS) throw new RangeError(`at most ${MOST_TASKS} tasks`);
    this.#problem = problem;
    this.#masks = masksOf(problem);
    this.#table = new PriceTable(problem);
    this.#relaxation = { prices: new Float64Array(problem.tasks), total: 0, steps: 0 };
  }

  /** `total` is what `within` is counted from: no design has a smaller sum of prices, of the part that is not decided. */
  get relaxation(): TaskPrices {
    return this.#relaxation;
  }

  /** Works out prices of tasks, for designs below the threshold; false where a task alone does not fit. */
  relax(threshold: Cost, seeds: readonly (readonly number[])[], budget: DownsetBudget): boolean {
    const { tasks, floor } = this.#problem;
    const masks = this.#masks;
    const table = this.#table;
    for (let task = 0; task < tasks; task++) if (table.primary[table.ask(1 << task)] === Infinity) return false;
    // Where no design can have a smaller primary part, cycles decide.
    this.#measure = threshold.primary <= masks.primaryRest(masks.all) ? 'cycles' : 'primary';
    this.#relaxation = taskPrices({
      masks,
      floor: floor[this.#measure],
      bounds: masks[this.#measure],
      cost: (set) => this.#atLeast(set),
      ask: (set) => table[this.#measure][table.ask(set)]!,
      seeds: seeds.map((stage) => stage.reduce((set, task) => set | (1 << task), 0)),
      stepLimit: budget.stepLimit,
      isCancelled: () => budget.control?.cancelled() ?? false,
    });
    return true;
  }

  #atLeast(set: number): number {
    const known = this.#table.known(set);
    return known < 0 ? this.#masks[this.#measure].stage(set) : this.#table[this.#measure][known]!;
  }

  /** By lowest task, least reduced cost first: sets in designs that cost less than `within` more than the bound. */
  #columns(within: number, stepLimit: number) {
    const { needs, after } = this.#masks;
    const { prices } = this.#relaxation;
    const columns: Column[][] = Array.from(prices, () => []);
    let count = 0;
    let isFull = false;
    const outcome = cheapSets({
      masks: this.#masks,
      floor: this.#problem.floor[this.#measure],
      bounds: this.#masks[this.#measure],
      prices,
      limit: within,
      cost: (set) => this.#atLeast(set),
      stepLimit,
      found: (set, reduced) => {
        let needed = 0;
        for (let left = set; left !== 0; left &= left - 1) needed |= needs[31 - Math.clz32(left & -left)]!;
        columns[31 - Math.clz32(set & -set)]!.push({ set, needs: needed & ~set, reduced });
        if (++count < MOST_COLUMNS) return within;
        isFull = true;
        return -Infinity;
      },
    });
    for (const own of columns) own.sort((a, b) => a.reduced - b.reduced || a.set - b.set);
    // With a task after it that is not its own: only such a stage may have to come before that of the lowest task.
    const leading = columns.map((own) =>
      own.filter(({ set }) => tasksOf(set).some((task) => (after[task]! & ~set) !== 0)),
    );
    return { columns, leading, steps: outcome.steps, isComplete: outcome.isComplete && !isFull };
  }

  search({ count, threshold: given, within, ...budget }: DownsetOptions): DownsetOutcome {
    const { tasks } = this.#problem;
    const { stepLimit, priceLimit, control = uncontrolled } = budget;
    const masks = this.#masks;
    const { all } = masks;
    const { prices: worth, total } = this.#relaxation;
    const measure = this.#measure;
    const table = this.#table;
    const narrow: Cost =
      measure === 'primary'
        ? { primary: total + within, cycles: 0 }
        : { primary: given.primary, cycles: total + within };
    const isNarrow = within < Infinity && compareCosts(narrow, given) < 0;
    let threshold = isNarrow ? narrow : given;
    // Equals are sorted out by their other part.
    const margin = (Math.abs(total) + 1) * 1e-9;
    const gap = threshold[measure] - total + margin;

    const found = this.#columns(gap, stepLimit);
    let { steps } = found;
    let asked = 0;
    let isStopped = false;
    let isCancelled = false;
    const downsets = new Map<number, Downset>();
    const bySize: Downset[][] = Array.from({ length: tasks + 1 }, () => []);
    const worthOf = (set: number): number => {
      let sum = 0;
      for (let left = set; left !== 0; left &= left - 1) sum += worth[31 - Math.clz32(left & -left)]!;
      return sum;
    };
    const restOf = (set: number): Pick<Downset, 'primaryRest' | 'cyclesRest'> => {
      const rest = all & ~set;
      const own = worthOf(rest);
      const primaryRest = masks.primaryRest(rest);
      const cyclesRest = masks.cyclesRest(rest);
      return {
        primaryRest: measure === 'primary' ? Math.max(primaryRest, own) : primaryRest,
        cyclesRest: measure === 'cycles' ? Math.max(cyclesRest, own) : cyclesRest,
      };
    };
    const enter = (set: number): Downset => {
      const downset = { set, ways: [], ...restOf(set) };
      downsets.set(set, downset);
      bySize[countOf(set)]!.push(downset);
      return downset;
    };
    const isUseless = (primary: number, cycles: number): boolean =>
      primary > threshold.primary || (primary === threshold.primary && cycles >= threshold.cycles);

    const step = (from: Downset, stage: number): void => {
      const known = table.known(stage);
      const set = from.set | stage;
      let to = downsets.get(set);
      const first = from.ways[0]!;
      if (known < 0) {
        const primary = first.primary + masks.primary.stage(stage);
        const cycles = first.cycles + masks.cycles.stage(stage);
        const last = to?.ways[count - 1];
        if (last !== undefined && !isLess(primary, cycles, last)) return;
        const rest = to ?? restOf(set);
        if (isUseless(primary + rest.primaryRest, cycles + rest.cyclesRest)) return;
        if (table.count >= priceLimit) {
          isStopped = true;
          return;
        }
      }
      const at = known < 0 ? table.ask(stage) : known;
      const primary = table.primary[at]!;
      const cycles = table.cycles[at]!;
      if (primary === Infinity) return;
      const mixed = mix(stage);
      steps += from.ways.length - 1;
      for (const way of from.ways) {
        const candidate = { primary: way.primary + primary, cycles: way.cycles + cycles };
        to ??= enter(set);
        const last = to.ways[count - 1];
        if (last !== undefined && !isLess(candidate.primary, candidate.cycles, last)) break;
        if (isUseless(candidate.primary + to.primaryRest, candidate.cycles + to.cyclesRest)) break;
        const print = (way.print + mixed) | 0;
        insert(to.ways, { ...candidate, before: way, stage, print }, count);
        if (set === all && to.ways.length === count) {
          const worst = to.ways[count - 1]!;
          if (isLess(worst.primary, worst.cycles, threshold)) threshold = worst;
        }
      }
    };

    /** Stages that may come next: of those that may change places, the one with the lowest task first. */
    const expand = (from: Downset): void => {
      const room = gap - (from.ways[0]![measure] - worthOf(from.set));
      let isLowest = true;
      for (let left = all & ~from.set; left !== 0; left &= left - 1) {
        const lowest = 31 - Math.clz32(left & -left);
        if ((masks.needs[lowest]! & ~from.set) !== 0) continue;
        for (const { set, needs, reduced } of (isLowest ? found.columns : found.leading)[lowest]!) {
          if (reduced >= room || isStopped) break;
          steps++;
          if (++asked % POLL === 0 && control.cancelled()) isCancelled = true;
          if (steps > stepLimit || isCancelled) isStopped = true;
          else if ((set & from.set) === 0 && (needs & ~from.set) === 0) step(from, set);
        }
        isLowest = false;
      }
    };

    enter(0).ways.push(START);
    let bound = UNBOUNDED;
    if (!found.isComplete) {
      isStopped = true;
      bound = { primary: restOf(0).primaryRest, cycles: restOf(0).cyclesRest };
    }
    for (let size = 0; size < tasks && found.isComplete; size++) {
      for (const downset of bySize[size]!) {
        const first = downset.ways[0];
        if (first === undefined) continue;
        const least = {
          primary: first.primary + downset.primaryRest,
          cycles: first.cycles + downset.cyclesRest,
        };
        if (isUseless(least.primary, least.cycles)) continue;
        if (!isStopped) expand(downset);
        if (isStopped) bound = cheaper(bound, least);
      }
      control.report({
        phase: 'modes.downsets',
        fraction: (size + 1) / tasks,
        message: `downsets of ${size + 1} tasks`,
        figures: { downsets: downsets.size, steps, prices: table.count },
      });
    }
    const ways = downsets.get(all)?.ways ?? [];
    return {
      ways: ways.map((way) => ({ stages: stagesOf(way), cost: { primary: way.primary, cycles: way.cycles } })),
      bound: cheaper(bound, threshold),
      isComplete: !isStopped,
      isNarrow: isNarrow && ways.length < count,
      states: downsets.size,
      steps,
      isCancelled,
    };
  }
}

function countOf(set: number): number {
  let count = 0;
  for (let left = set; left !== 0; left &= left - 1) count++;
  return count;
}

function stagesOf(way: Way): number[][] {
  const stages: number[][] = [];
  for (let at: Way | null = way; at !== null && at.stage !== 0; at = at.before) stages.unshift(tasksOf(at.stage));
  return stages;
}

function isLess(primary: number, cycles: number, than: Cost): boolean {
  return primary < than.primary || (primary === than.primary && cycles < than.cycles);
}

/** Keeps `ways` sorted, different and at most `count`; of equals the earlier stays. */
function insert(ways: Way[], way: Way, count: number): void {
  const same = ways.findIndex((other) => other.print === way.print);
  if (same >= 0) {
    if (compareCosts(way, ways[same]!) >= 0) return;
    ways.splice(same, 1);
  }
  let at = ways.length;
  while (at > 0 && isLess(way.primary, way.cycles, ways[at - 1]!)) at--;
  ways.splice(at, 0, way);
  if (ways.length > count) ways.length = count;
}

/** A finaliser of 32 bits (MurmurHash3): sums of mixed stages differ where the stages do, but for 1 pair in 2³². */
function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
