/**
 * Exact mode search: f(D) = min over convex tops S of D of f(D∖S) + price(S), D a downset (order ideal) of the task graph
 * (Tarnawski et al., NeurIPS 2020, section 4, for device placement). Downsets are met in order of size, each with its
 * `count` best ways there; a pair is priced only if its lower bound could still be among the best. With a budget of pairs
 * and prices: what it runs out on is a proven bound and a gap.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';
import { MOST_TASKS, masksOf, tasksOf } from './masks.ts';
import { type Cost, cheaper, compareCosts, type StageProblem, UNBOUNDED } from './stage-problem.ts';

export interface DownsetOptions {
  /** Ways kept of each downset; the same stages in another order are the same way. */
  readonly count: number;
  /** Designs not cheaper are of no use. */
  readonly threshold: Cost;
  readonly stepLimit: number;
  readonly priceLimit: number;
  readonly control?: Control;
}

export interface DownsetOutcome {
  /** Cheapest first, by sums of prices. */
  readonly ways: readonly { readonly stages: readonly (readonly number[])[]; readonly cost: Cost }[];
  /** No design that is not among the ways, and no way that is dropped, has a smaller sum of prices. */
  readonly bound: Cost;
  /** Nothing was left out for want of budget. */
  readonly isComplete: boolean;
  readonly states: number;
  readonly steps: number;
  readonly prices: number;
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

const START: Way = { primary: 0, cycles: 0, before: null, stage: 0, print: 0 };
const POLL = 16_384;

/** @throws on more than 30 tasks: masks are of 31 bits. */
export function searchDownsets(problem: StageProblem, options: DownsetOptions): DownsetOutcome {
  if (problem.tasks > MOST_TASKS) throw new RangeError(`at most ${MOST_TASKS} tasks`);
  const { count, stepLimit, priceLimit, control = uncontrolled } = options;
  const masks = masksOf(problem);
  const { all, needs, barriers, followers } = masks;
  const prices = new PriceTable(problem);
  const downsets = new Map<number, Downset>();
  const bySize: Downset[][] = Array.from({ length: problem.tasks + 1 }, () => []);
  let { threshold } = options;
  let steps = 0;
  let asked = 0;
  let isStopped = false;
  let isCancelled = false;

  const enter = (set: number, size: number): Downset => {
    const rest = all & ~set;
    const downset = { set, ways: [], primaryRest: masks.primaryRest(rest), cyclesRest: masks.cyclesRest(rest) };
    downsets.set(set, downset);
    bySize[size]!.push(downset);
    return downset;
  };
  const isUseless = (primary: number, cycles: number): boolean =>
    primary > threshold.primary || (primary === threshold.primary && cycles >= threshold.cycles);

  const step = (from: Downset, stage: number, size: number): boolean => {
    steps++;
    if (++asked % POLL === 0 && control.cancelled()) isCancelled = true;
    if (steps > stepLimit || isCancelled) {
      isStopped = true;
      return false;
    }
    const known = prices.known(stage);
    if (known !== undefined && prices.primary[known] === Infinity) return false;
    const set = from.set | stage;
    let to = downsets.get(set);
    const first = from.ways[0]!;
    if (known === undefined) {
      const primary = first.primary + masks.primaryFloor(stage);
      const cycles = first.cycles + masks.cyclesFloor(stage);
      const last = to?.ways[count - 1];
      if (last !== undefined && !isLess(primary, cycles, last)) return true;
      const rest = to ?? { primaryRest: masks.primaryRest(all & ~set), cyclesRest: masks.cyclesRest(all & ~set) };
      if (isUseless(primary + rest.primaryRest, cycles + rest.cyclesRest)) return true;
      const screen = prices.screen(stage);
      if (screen !== null) {
        const atLeast = { primary: first.primary + screen.primary, cycles: first.cycles + screen.cycles };
        if (last !== undefined && !isLess(atLeast.primary, atLeast.cycles, last)) return true;
        if (isUseless(atLeast.primary + rest.primaryRest, atLeast.cycles + rest.cyclesRest)) return true;
      }
      if (prices.count >= priceLimit) {
        isStopped = true;
        return false;
      }
    }
    const at = known ?? prices.ask(stage);
    const primary = prices.primary[at]!;
    const cycles = prices.cycles[at]!;
    if (primary === Infinity) return false;
    const mixed = mix(stage);
    steps += from.ways.length - 1;
    for (const way of from.ways) {
      const candidate = { primary: way.primary + primary, cycles: way.cycles + cycles };
      to ??= enter(set, size);
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
    return true;
  };

  /** Every top once: `open` are the tasks that may join `stage`; a task passed over is left out for good. */
  const grow = (from: Downset, stage: number, open: number, size: number): void => {
    for (let left = open; left !== 0 && !isStopped; ) {
      const bit = left & -left;
      left ^= bit;
      const next = stage | bit;
      if (!step(from, next, size)) continue;
      const inside = from.set | next;
      let opened = left;
      for (let some = followers[31 - Math.clz32(bit)]!; some !== 0; some &= some - 1) {
        const follower = 31 - Math.clz32(some & -some);
        if ((needs[follower]! & ~inside) === 0 && (barriers[follower]! & next) === 0) opened |= some & -some;
      }
      if (opened !== 0) grow(from, next, opened, size + 1);
    }
  };

  const start = enter(0, 0);
  start.ways.push(START);
  let bound = UNBOUNDED;
  for (let size = 0; size < problem.tasks; size++) {
    for (const downset of bySize[size]!) {
      const first = downset.ways[0];
      if (first === undefined) continue;
      const least = {
        primary: first.primary + downset.primaryRest,
        cycles: first.cycles + downset.cyclesRest,
      };
      if (isUseless(least.primary, least.cycles)) continue;
      if (!isStopped) {
        let open = 0;
        for (let left = all & ~downset.set; left !== 0; left &= left - 1) {
          const task = 31 - Math.clz32(left & -left);
          if ((needs[task]! & ~downset.set) === 0) open |= left & -left;
        }
        grow(downset, 0, open, size + 1);
      }
      if (isStopped) bound = cheaper(bound, least);
    }
    control.report({
      phase: 'modes.downsets',
      fraction: (size + 1) / problem.tasks,
      message: `downsets of ${size + 1} tasks`,
      figures: { downsets: downsets.size, steps, prices: prices.count },
    });
  }
  const ways = downsets.get(all)?.ways ?? [];
  return {
    ways: ways.map((way) => ({ stages: stagesOf(way), cost: { primary: way.primary, cycles: way.cycles } })),
    bound: cheaper(bound, threshold),
    isComplete: !isStopped,
    states: downsets.size,
    steps,
    prices: prices.count,
    isCancelled,
  };
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

/** Prices by set; a set that does not fit costs ∞. Dense up to 20 tasks. */
class PriceTable {
  readonly #problem: StageProblem;
  readonly #at: Int32Array | Map<number, number>;
  readonly #screened = new Map<number, Cost>();
  readonly primary: number[] = [];
  readonly cycles: number[] = [];

  constructor(problem: StageProblem) {
    this.#problem = problem;
    this.#at = problem.tasks <= 20 ? new Int32Array(2 ** problem.tasks) : new Map();
  }

  get count(): number {
    return this.primary.length;
  }

  known(set: number): number | undefined {
    const at = this.#at instanceof Map ? (this.#at.get(set) ?? 0) : this.#at[set]!;
    return at === 0 ? undefined : at - 1;
  }

  screen(set: number): Cost | null {
    if (this.#problem.screen === undefined) return null;
    let screened = this.#screened.get(set);
    if (screened === undefined) {
      screened = this.#problem.screen(tasksOf(set));
      this.#screened.set(set, screened);
    }
    return screened;
  }

  ask(set: number): number {
    const { primary, cycles } = this.#problem.price(tasksOf(set)) ?? UNBOUNDED;
    this.primary.push(primary);
    this.cycles.push(cycles);
    const at = this.primary.length;
    if (this.#at instanceof Map) this.#at.set(set, at);
    else this.#at[set] = at;
    return at - 1;
  }
}
