/**
 * Lanes of the cores for the tasks of a stage: whole lanes that make the slowest task as fast as can be. A task's time falls
 * with its lanes, so the least time of the slowest is found by bisection over times; a time can be met when the fewest lanes
 * that meet it can be assigned to cores, which augmenting paths decide (Ford & Fulkerson 1956). Exact where a core has
 * as many lanes for one task's format as for another's; elsewhere rounding may leave some unused.
 */
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Task, TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { PlacedTask, Variant } from './design.ts';
import { needsLanes, portsOf, usefulLanes } from './ticks.ts';
import { computeTicks, type TimeModel, timeModel } from './time.ts';

/**
 * Cores a task may run on: of its operation and format, among those it names, all of one clock (the clock that gives it
 * most). Empty: none.
 */
export function allowedCores({ operation, format, cores }: Task, fabric: Fabric): readonly number[] {
  const speeds = new Map<number, number>();
  fabric.cores.forEach((core) => {
    if (core.operation !== operation || (cores.length > 0 && !cores.includes(core.name))) return;
    const { ticksPerCycle } = core;
    const lanes = core.lanes[format] ?? 0;
    if (lanes >= 1) speeds.set(ticksPerCycle, (speeds.get(ticksPerCycle) ?? 0) + lanes / ticksPerCycle);
  });
  let clock = 0;
  for (const [ticksPerCycle, speed] of speeds) if (clock === 0 || speed > speeds.get(clock)!) clock = ticksPerCycle;
  return fabric.cores.flatMap((core, index) =>
    core.ticksPerCycle === clock &&
    core.operation === operation &&
    (core.lanes[format] ?? 0) >= 1 &&
    (cores.length === 0 || cores.includes(core.name))
      ? [index]
      : [],
  );
}

/** Null where not every task gets a lane. Tasks without work, or with times of their own, need none and get none. */
export function allocate(
  graph: TaskGraph,
  fabric: Fabric,
  tasks: readonly number[],
  variant: Variant,
): readonly PlacedTask[] | null {
  return allocateWith(timeModel(graph, fabric, variant), tasks);
}

interface Demand {
  readonly task: number;
  readonly cores: readonly number[];
  /** Lanes it could use if it were alone. */
  readonly most: number;
  readonly ticks: (lanes: number) => number;
}

export function allocateWith(model: TimeModel, tasks: readonly number[]): readonly PlacedTask[] | null {
  const demands = tasks.flatMap((task) => knownDemand(model, task) ?? []);
  const assigned = lanesFor(model, demands);
  if (assigned === null) return null;
  const rows = new Map(demands.map(({ task }, index) => [task, assigned[index]!]));
  return tasks.map((task) => ({
    task,
    shares: [...(rows.get(task) ?? [])].flatMap((lanes, core) => (lanes > 0 ? [{ core, lanes }] : [])),
  }));
}

/** A search asks for thousands of stages of the same tasks. */
const known = new WeakMap<TimeModel, Map<number, Demand | null>>();

function knownDemand(model: TimeModel, task: number): Demand | null {
  const demands = known.get(model) ?? new Map<number, Demand | null>();
  known.set(model, demands);
  let demand = demands.get(task);
  if (demand === undefined) {
    demand = demandOf(model, task);
    demands.set(task, demand);
  }
  return demand;
}

function demandOf(model: TimeModel, task: number): Demand | null {
  const { graph, fabric, variant } = model;
  const drawn = graph.tasks[task]!;
  if (!needsLanes(drawn)) return null;
  const cores = allowedCores(drawn, fabric);
  const all = cores.reduce((sum, core) => sum + Math.floor(fabric.cores[core]!.lanes[drawn.format]!), 0);
  const ticksPerCycle = fabric.cores[cores[0] ?? 0]?.ticksPerCycle ?? 1;
  const ports = portsOf(fabric);
  const ticks = new Map<number, number>();
  return {
    task,
    cores,
    most: usefulLanes(drawn, all, variant),
    ticks: (lanes) => {
      const before = ticks.get(lanes);
      if (before !== undefined) return before;
      const fresh = computeTicks(model, task, { lanes, ticksPerCycle, ports }) + model.waited[task]!;
      ticks.set(lanes, fresh);
      return fresh;
    },
  };
}

/** By demand: lanes of each core. */
function lanesFor(model: TimeModel, demands: readonly Demand[]): readonly Float64Array[] | null {
  if (demands.some(({ most }) => most < 1)) return null;
  const [only] = demands;
  if (only && demands.length === 1) return assign(model, demands, [only.most]);
  let low = Math.max(0, ...demands.map(({ most, ticks }) => ticks(most)));
  let high = Math.max(0, ...demands.map(({ ticks }) => ticks(1)));
  const within = (time: number) =>
    assign(
      model,
      demands,
      demands.map((demand) => fewestLanes(demand, time)),
    );
  let best = within(high);
  if (best === null) return null;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const found = within(middle);
    if (found === null) low = middle + 1;
    else {
      best = found;
      // The slowest may be faster than asked.
      high = Math.min(middle, slowest(demands, found));
    }
  }
  return giveRest(model, demands, best);
}

function slowest(demands: readonly Demand[], assigned: readonly Float64Array[]): number {
  return Math.max(0, ...demands.map(({ ticks }, index) => ticks(sumOf(assigned[index]!))));
}

function fewestLanes({ most, ticks }: Demand, time: number): number {
  let low = 1;
  let high = most;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (ticks(middle) <= time) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What is left of the cores goes to the slowest it helps, in order: tasks that wait for each other end sooner. */
function giveRest(
  { graph, fabric }: TimeModel,
  demands: readonly Demand[],
  assigned: readonly Float64Array[],
): readonly Float64Array[] {
  const free = fabric.cores.map((core, index) => {
    let used = 0;
    demands.forEach(({ task }, row) => {
      used += assigned[row]![index]! / (core.lanes[graph.tasks[task]!.format] ?? Infinity);
    });
    return Math.max(0, 1 - used);
  });
  const given = assigned.map((row) => row.slice());
  const order = demands.map((demand, index) => ({ index, ticks: demand.ticks(sumOf(assigned[index]!)) }));
  order.sort((a, b) => b.ticks - a.ticks || a.index - b.index);
  for (const { index, ticks } of order) {
    const { task, cores, most, ticks: timeWith } = demands[index]!;
    const { format } = graph.tasks[task]!;
    const had = sumOf(given[index]!);
    const spare = cores.map((core) => Math.floor(free[core]! * fabric.cores[core]!.lanes[format]! + EPSILON));
    const reach = Math.min(
      most,
      spare.reduce((sum, lanes) => sum + lanes, had),
    );
    const best = timeWith(reach);
    if (best >= ticks) continue;
    let left = fewestLanes({ ...demands[index]!, most: reach }, best) - had;
    cores.forEach((core, at) => {
      const lanes = Math.min(left, spare[at]!);
      left -= lanes;
      given[index]![core]! += lanes;
      free[core]! -= lanes / fabric.cores[core]!.lanes[format]!;
    });
  }
  return given;
}

const EPSILON = 1e-9;

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** So many lanes for each, or null. Those with the fewest cores to choose from first; then lanes are moved to make room. */
function assign(
  { graph, fabric }: TimeModel,
  demands: readonly Demand[],
  wanted: readonly number[],
): readonly Float64Array[] | null {
  const given = demands.map(() => new Float64Array(fabric.cores.length));
  const free = fabric.cores.map(() => 1);
  const costs = demands.map(({ task }) => {
    const { format } = graph.tasks[task]!;
    return fabric.cores.map(({ lanes }) => 1 / (lanes[format] ?? 0));
  });
  const put = (row: number, core: number, lanes: number): void => {
    given[row]![core]! += lanes;
    free[core]! -= lanes * costs[row]![core]!;
  };
  const roomFor = (row: number, core: number): number => Math.floor(free[core]! / costs[row]![core]! + EPSILON);
  /** Makes room for one lane of `row` on `core` by moving lanes of others on, depth first. */
  const makeRoom = (row: number, core: number, seen: Set<number>): boolean => {
    seen.add(core);
    for (let other = 0; other < demands.length; other++) {
      if (other === row || given[other]![core]! === 0) continue;
      for (const elsewhere of demands[other]!.cores) {
        if (seen.has(elsewhere)) continue;
        if (roomFor(other, elsewhere) < 1 && !makeRoom(other, elsewhere, seen)) continue;
        const short = costs[row]![core]! - free[core]!;
        const lanes = Math.min(
          given[other]![core]!,
          roomFor(other, elsewhere),
          Math.max(1, Math.ceil(short / costs[other]![core]! - EPSILON)),
        );
        put(other, core, -lanes);
        put(other, elsewhere, lanes);
        if (roomFor(row, core) >= 1) return true;
      }
    }
    return false;
  };
  const order = demands.map((_, index) => index);
  order.sort((a, b) => demands[a]!.cores.length - demands[b]!.cores.length || wanted[b]! - wanted[a]! || a - b);
  for (const row of order) {
    let left = wanted[row]!;
    for (const core of demands[row]!.cores) {
      const lanes = Math.min(left, roomFor(row, core));
      put(row, core, lanes);
      left -= lanes;
    }
    while (left > 0) {
      const core = demands[row]!.cores.find((candidate) => makeRoom(row, candidate, new Set()));
      if (core === undefined) return null;
      const lanes = Math.min(left, roomFor(row, core));
      put(row, core, lanes);
      left -= lanes;
    }
  }
  return given;
}
