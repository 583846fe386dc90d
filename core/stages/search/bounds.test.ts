/** Bounds the exact search rests on, each against every set and every partition of small problems. */
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { loadHighs } from '#core/solver/highs.ts';
import { everyPartition } from '../../../tests/property/modes-oracle.ts';
import { cases } from '../../../tests/support/cases.ts';
import { cheapSets } from './cheap-sets.ts';
import { masksOf, tasksOf } from './masks.ts';
import { Master } from './master.ts';
import { searchPartitions } from './partitions.ts';
import { stageFloor } from './stage-floor.ts';
import { type Cost, type Precedence, type StageProblem, UNBOUNDED } from './stage-problem.ts';
import { taskPrices } from './task-prices.ts';

/**
 * Tasks share lanes: with l of them a task takes ⌈work ÷ l⌉. A stage costs a switch, what each of its tasks costs anyway, the
 * longer of the time that lanes allow and its bytes, and up to `noise` more. `isAdditive`: the objective is a sum over tasks,
 * and cycles decide.
 */
function randomPooled(rng: Rng, most: number, isAdditive = false): StageProblem {
  const tasks = 1 + rng.below(most);
  const draw = (below: number) => Array.from({ length: tasks }, () => rng.below(below));
  const lanes = 2 + rng.below(7);
  const unroll = draw(lanes).map((value) => value + 1);
  const work = draw(60).map((value) => value + 1);
  const base = draw(5);
  const bytes = draw(20);
  const perStage = rng.below(6);
  const noise = 1 + rng.below(8);
  const seed = rng.below(1 << 30);
  const density = rng.below(50);
  const precedences: Precedence[] = [];
  for (let from = 0; from < tasks; from++)
    for (let to = from + 1; to < tasks; to++)
      if (rng.below(100) < density) precedences.push({ from, to, isBarrier: rng.below(3) === 0 });
  const fewest = (task: number, time: number): number => {
    for (let own = 1; own <= unroll[task]!; own++) if (Math.ceil(work[task]! / own) <= time) return own;
    return Infinity;
  };
  const sum = (set: readonly number[], values: readonly number[]) => set.reduce((all, task) => all + values[task]!, 0);
  const price = (set: readonly number[]): Cost | null => {
    if (set.length > lanes) return null;
    let time = 0;
    while (set.reduce((all, task) => all + fewest(task, time), 0) > lanes) time++;
    const hash = set.reduce((all, task) => Math.imul(all ^ (task + 1), 0x9e3779b1) >>> 0, seed) % 1_000_003;
    const cycles = perStage + sum(set, base) + Math.max(time, sum(set, bytes)) + (hash % noise);
    return { primary: isAdditive ? sum(set, bytes) : cycles, cycles };
  };
  const alone = work.map((value, task) => Math.max(Math.ceil(value / unroll[task]!), bytes[task]!));
  const steps = work.map((value, task) =>
    Array.from({ length: unroll[task]! }, (_, at) => ({
      time: Math.ceil(value / (unroll[task]! - at)),
      lanes: unroll[task]! - at,
    })).filter((step, at, all) => at === all.length - 1 || all[at + 1]!.time > step.time),
  );
  const cycles = { perStage, base, alone, rows: [bytes], pools: [{ lanes, steps }] };
  const primary = isAdditive ? { perStage: 0, base: bytes, alone: bytes.map(() => 0), rows: [] } : cycles;
  return { tasks, precedences, price, floor: { primary, cycles }, classes: work.map((_, task) => task) };
}

/** Sets no path leaves and enters again, without a barrier inside, from the definition. */
function isStage({ tasks, precedences }: StageProblem, set: number): boolean {
  if (precedences.some(({ from, to, isBarrier }) => isBarrier && (set >> from) & 1 && (set >> to) & 1)) return false;
  let outside = 0;
  for (let task = 0; task < tasks; task++)
    for (const { from, to } of precedences)
      if (to === task && ((set >> from) & 1 || (outside >> from) & 1)) {
        if (((set >> from) & 1 && !((set >> to) & 1)) || (outside >> from) & 1) outside |= 1 << to;
      }
  return (outside & set) === 0;
}

const priceOf = (problem: StageProblem, set: number) => (problem.price(tasksOf(set)) ?? UNBOUNDED).cycles;
const sumOver = (values: ArrayLike<number>, set: number) => tasksOf(set).reduce((all, task) => all + values[task]!, 0);

function relaxed(problem: StageProblem, stepLimit = Infinity) {
  const masks = masksOf(problem);
  const asked = new Map<number, number>();
  return taskPrices({
    masks,
    floor: problem.floor.cycles,
    bounds: masks.cycles,
    cost: (set) => asked.get(set) ?? masks.cycles.stage(set),
    ask: (set) => {
      asked.set(set, priceOf(problem, set));
      return asked.get(set)!;
    },
    seeds: [],
    stepLimit,
    isCancelled: () => false,
  });
}

describe('floor of a stage', () => {
  it('is below the price of every set, and finds the time lanes allow', () => {
    for (let trial = 0; trial < cases(500, 20_000); trial++) {
      const problem = randomPooled(createRng(trial), 6);
      const floor = stageFloor(problem.floor.cycles);
      const [pool] = problem.floor.cycles.pools!;
      for (let set = 1; set < 2 ** problem.tasks; set++) {
        expect(floor.stage(set)).toBeLessThanOrEqual(priceOf(problem, set));
        const least = stageFloor({ perStage: 0, alone: pool!.steps.map(() => 0), rows: [], pools: [pool!] }).stage(set);
        const lanes = (time: number) =>
          tasksOf(set).reduce(
            (all, task) => all + (pool!.steps[task]!.findLast((step) => step.time <= time)?.lanes ?? Infinity),
            0,
          );
        if (least === Infinity) expect(tasksOf(set).length).toBeGreaterThan(pool!.lanes);
        else {
          expect(lanes(least)).toBeLessThanOrEqual(pool!.lanes);
          expect(lanes(least - 1)).toBeGreaterThan(pool!.lanes);
        }
      }
    }
  });
});

describe('cheap sets', () => {
  it('are all that cost less than the limit more than their tasks, none twice', () => {
    for (let trial = 0; trial < cases(500, 20_000); trial++) {
      const rng = createRng(10_000 + trial);
      const problem = randomPooled(rng, 7);
      const masks = masksOf(problem);
      const prices = Float64Array.from({ length: problem.tasks }, () => rng.below(60) - 10);
      const limit = trial % 7 === 0 ? Infinity : rng.below(40) - 5;
      const expected: number[] = [];
      for (let set = 1; set < 2 ** problem.tasks; set++)
        if (isStage(problem, set) && priceOf(problem, set) - sumOver(prices, set) < limit) expected.push(set);
      const sets: number[] = [];
      const { isComplete } = cheapSets({
        masks,
        floor: problem.floor.cycles,
        bounds: masks.cycles,
        prices,
        limit,
        cost: (set) => priceOf(problem, set),
        stepLimit: Infinity,
        found: (set) => {
          sets.push(set);
          return limit;
        },
      });
      expect(isComplete).toBe(true);
      expect(
        sets.sort((a, b) => a - b),
        `trial ${trial}`,
      ).toEqual(expected);
    }
  });
});

describe('prices of tasks', () => {
  it('sum to no more than any stage or partition costs, whole or cut short', () => {
    for (let trial = 0; trial < cases(250, 10_000); trial++) {
      const rng = createRng(20_000 + trial);
      const problem = randomPooled(rng, 5);
      const optimum = everyPartition(problem)[0]!.cycles;
      for (const stepLimit of [Infinity, rng.below(40)]) {
        const { prices, total } = relaxed(problem, stepLimit);
        for (let set = 1; set < 2 ** problem.tasks; set++)
          if (isStage(problem, set)) expect(sumOver(prices, set)).toBeLessThanOrEqual(priceOf(problem, set));
        expect(total, `trial ${trial}`).toBeLessThanOrEqual(optimum);
      }
    }
  });

  it('are the dual of the set partition’s relaxation over what sets cost at least (HiGHS)', async () => {
    const mip = await loadHighs();
    for (let trial = 0; trial < cases(60, 2000); trial++) {
      const problem = randomPooled(createRng(30_000 + trial), 8);
      const floor = stageFloor(problem.floor.cycles);
      const bounds = [0, 1].map((part) => {
        const rows: { lower: number; upper: number; columns: number[]; values: number[] }[] = [];
        for (let set = 1; set < 2 ** problem.tasks; set++) {
          const upper = part === 0 ? floor.stage(set) : priceOf(problem, set);
          if (!isStage(problem, set) || upper === Infinity) continue;
          const columns = tasksOf(set);
          rows.push({ lower: -Infinity, upper, columns, values: columns.map(() => 1) });
        }
        const columns = Array.from({ length: problem.tasks }, () => ({
          cost: -1,
          lower: -1e6,
          upper: 1e6,
          integer: false,
        }));
        return -mip.solve({ columns, rows, offset: 0 }).objective;
      });
      const { total } = relaxed(problem);
      // Sets in the dual’s basis are priced, so that it is between what floors and what prices give.
      expect(total, `trial ${trial}`).toBeGreaterThanOrEqual(bounds[0]! * (1 - 2e-6) - 1e-6);
      expect(total, `trial ${trial}`).toBeLessThanOrEqual(bounds[1]! * (1 + 1e-9));
    }
  });

  it('of a triangle of pairs: half of each pair a task (closed form)', () => {
    const master = new Master([10, 10, 10]);
    for (const pair of [0b011, 0b101, 0b110]) master.set(pair, 8);
    master.solve();
    expect([...master.prices].map((price) => Math.round(price * 1e9) / 1e9)).toEqual([4, 4, 4]);
  });
});

describe('downsets by prices of tasks', () => {
  for (const isAdditive of [false, true])
    it(`return the four best of every partition, objective ${isAdditive ? 'decided' : 'open'}`, () => {
      for (let trial = 0; trial < cases(60, 2000); trial++) {
        const problem = randomPooled(createRng(40_000 + trial), 5, isAdditive);
        const found = searchPartitions(problem, { count: 4, method: 'downsets' });
        expect(found.isProven, `trial ${trial}`).toBe(true);
        expect(
          found.partitions.map(({ cost }) => cost),
          `trial ${trial}`,
        ).toEqual(everyPartition(problem).slice(0, 4));
      }
    });

  it('prove twenty tasks that are all different, with no order between them, within a few thousand prices', () => {
    const rng = createRng(7);
    const tasks = 20;
    const lanes = 32;
    const work = Array.from({ length: tasks }, () => 1000 + rng.below(60_000));
    const steps = work.map((value) => [16, 8, 4, 2, 1].map((own) => ({ time: Math.ceil(value / own), lanes: own })));
    const floor = {
      perStage: 100,
      alone: work.map((value) => Math.ceil(value / 16)),
      rows: [],
      pools: [{ lanes, steps }],
    };
    const bound = stageFloor(floor);
    const price = (set: readonly number[]): Cost | null => {
      const cycles = bound.stage(set.reduce((mask, task) => mask | (1 << task), 0));
      return cycles === Infinity ? null : { primary: cycles, cycles };
    };
    const classes = work.map((_, task) => task);
    const problem = { tasks, precedences: [], price, floor: { primary: floor, cycles: floor }, classes };
    const { isProven, bound: proven, partitions, counts } = searchPartitions(problem, { count: 1 });
    expect(isProven).toBe(true);
    expect(partitions[0]!.cost.primary).toBe(proven);
    expect(counts.prices).toBeLessThan(10_000);
  });
});
