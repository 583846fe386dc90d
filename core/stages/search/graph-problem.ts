/**
 * The stage problem of a task graph on a fabric: tasks on a cycle of streams are one, a stream that moves a whole tensor at
 * once is a barrier, a stage costs what the time model predicts with its own lanes. Prices leave out what depends on the
 * other stages: a core's first task needs no reconfiguration (the slack), tensors that go off chip come on top.
 */
import type { Fabric } from '#core/fabric/fabric.ts';
import type { SimulationSettings } from '#core/run/fabric/settings.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import { allocateWith, allowedCores } from '../allocate.ts';
import type { Design, Mode, Stage, Variant } from '../design.ts';
import { channelTicks, tensorBytes, totalBytes } from '../off-chip.ts';
import { components, followers } from '../order.ts';
import { spilledStreams } from '../spill.ts';
import { needsLanes, portsOf, reconfigurationTicks, usefulLanes } from '../ticks.ts';
import { computeTicks, predictDesign, predictStageWith, type TimeModel, timeModel } from '../time.ts';
import type { Cost, Floor, Pool, Precedence, StageProblem } from './stage-problem.ts';

export type Objective = SimulationSettings['objective'];

export interface GraphProblem {
  readonly problem: StageProblem;
  /** By task of the problem: tasks of the graph, ascending. */
  readonly units: readonly (readonly number[])[];
  /** Null where a stage does not fit, or the banks have no room and there is no channel. */
  designOf(stages: readonly (readonly number[])[], mode: Mode): Design | null;
}

export function graphProblem(graph: TaskGraph, fabric: Fabric, variant: Variant, objective: Objective): GraphProblem {
  const model = timeModel(graph, fabric, variant);
  const units = components(graph);
  const unitOf = new Map(units.flatMap((unit, index) => unit.map((task) => [task, index] as const)));
  const tasksOf = (set: readonly number[]) => set.flatMap((unit) => units[unit]!).sort((a, b) => a - b);

  const placed = new Map<string, Stage | null>();
  const stageOf = (set: readonly number[]): Stage | null => {
    const key = set.join();
    let stage = placed.get(key);
    if (stage === undefined) {
      const tasks = allocateWith(model, tasksOf(set));
      stage = tasks === null ? null : { tasks };
      placed.set(key, stage);
    }
    return stage;
  };
  const designOf = (sets: readonly (readonly number[])[], mode: Mode): Design | null => {
    const stages: Stage[] = [];
    for (const set of sets) {
      const stage = stageOf(set);
      if (stage === null) return null;
      stages.push(stage);
    }
    const spilled = spilledStreams(graph, fabric, stages);
    if (spilled.length > 0 && fabric.channels.length === 0) return null;
    return { mode, variant, stages, spilled };
  };

  const watts = fabric.cores.reduce((sum, { staticWatts }) => sum + staticWatts, 0);
  const idle = watts / fabric.clockHertz;
  const joules = { ...energies(model), idle };
  const price = (set: readonly number[]): Cost | null => {
    const stage = stageOf(set);
    if (stage === null) return null;
    const { cycles, offChipBytes } = predictStageWith(model, stage);
    if (objective === 'cycles') return { primary: cycles, cycles };
    if (objective === 'off-chip') return { primary: offChipBytes, cycles };
    return { primary: stageEnergy(model, stage, joules) + idle * cycles, cycles };
  };
  const complete = (sets: readonly (readonly number[])[]): Cost | null => {
    const design = designOf(sets, 'reconfigurable');
    if (design === null) return null;
    const { cycles, offChipBytes, energy } = predictDesign(graph, fabric, design);
    return { primary: { cycles, 'off-chip': offChipBytes, energy }[objective], cycles };
  };

  const cycles = cyclesFloor(model, units);
  const slack = firstTicks(model);
  return {
    problem: {
      tasks: units.length,
      precedences: precedencesOf(graph, unitOf),
      price,
      floor: {
        cycles,
        primary: objective === 'cycles' ? cycles : objectiveFloor(model, units, objective, idle, cycles),
      },
      classes: classesOf(model, units, unitOf),
      complete,
      slack: {
        cycles: slack,
        primary: { cycles: slack, 'off-chip': 0, energy: idle * slack + ROUNDING * joules.all }[objective],
      },
    },
    units,
    designOf,
  };
}

/**
 * Of every core the first task needs no reconfiguration: at most what designs save by it. A stage uses the first of the
 * cores that one of its tasks may use (the allocation begins there), so that a stage with none of these new saves at most by
 * how much another core takes longer; of cores that are loaded one after another each may save its own.
 */
function firstTicks({ graph, fabric }: TimeModel): number {
  const allowed = graph.tasks.flatMap((task) => (needsLanes(task) ? [allowedCores(task, fabric)] : []));
  const used = [...new Set(allowed.flat())];
  const ticks = (core: number): number => reconfigurationTicks(fabric.cores[core]!, fabric.clockHertz);
  if (used.some((core) => fabric.cores[core]!.reconfiguration.kind === 'partial'))
    return used.reduce((sum, core) => sum + ticks(core), 0);
  const heads = [...new Set(allowed.flatMap((cores) => cores.slice(0, 1)))];
  const least = Math.min(...heads.map(ticks));
  return used.reduce(
    (sum, core) => sum + Math.max(0, ticks(core) - least),
    heads.length === 0 ? 0 : heads.length * least,
  );
}

/** Energies are summed in another order by stage than by design. */
const ROUNDING = 1e-9;

function precedencesOf(graph: TaskGraph, unitOf: ReadonlyMap<number, number>): readonly Precedence[] {
  const links = new Map<string, Precedence>();
  const add = (from: number, to: number, isBarrier: boolean): void => {
    if (from === to) return;
    const key = `${from} ${to}`;
    links.set(key, { from, to, isBarrier: isBarrier || (links.get(key)?.isBarrier ?? false) });
  };
  followers(graph).forEach((after, task) => {
    for (const follower of after) add(unitOf.get(task)!, unitOf.get(follower)!, false);
  });
  for (const { from, to } of graph.streams)
    if (links.has(`${unitOf.get(from.task)} ${unitOf.get(to.task)}`))
      add(unitOf.get(from.task)!, unitOf.get(to.task)!, from.per === 'task' || to.per === 'task');
  return [...links.values()];
}

/**
 * Lane-ticks a task takes at least, of all lanes there are: for a stage of T ticks gives every task l lanes for all of T,
 * and T ≥ its time with l lanes. Then the data of each channel.
 */
function cyclesFloor(model: TimeModel, units: readonly (readonly number[])[]): Floor {
  const { graph, fabric } = model;
  const compute = (operation: 'mac' | 'special'): number[] => {
    const lanesOf = (format: (typeof graph.tasks)[number]['format']) =>
      fabric.cores.reduce((sum, core) => sum + (core.operation === operation ? (core.lanes[format] ?? 0) : 0), 0);
    const formats = [...new Set(graph.tasks.map(({ format }) => format))].filter((format) => lanesOf(format) > 0);
    // A core may be better at one format than the others are; then shares of lanes sum to more than 1.
    const excess = fabric.cores.reduce(
      (sum, core) =>
        core.operation === operation
          ? sum + Math.max(0, ...formats.map((format) => (core.lanes[format] ?? 0) / lanesOf(format)))
          : sum,
      0,
    );
    return graph.tasks.map((task, index) => {
      const all = lanesOf(task.format);
      if (task.operation !== operation || !needsLanes(task) || all < 1) return 0;
      return (
        leastLaneTicks(model, index, usefulLanes(task, Math.floor(all), model.variant)) / (all * Math.max(1, excess))
      );
    });
  };
  const channels = fabric.channels.map((_, channel) =>
    model.accesses.map((own) =>
      own.reduce((sum, access) => sum + (access.channel === channel ? channelTicks(access, fabric).data : 0), 0),
    ),
  );
  const rows = [compute('mac'), compute('special'), ...channels].filter((row) => row.some((ticks) => ticks > 0));
  const changes = fabric.cores.map((core) => reconfigurationTicks(core, fabric.clockHertz));
  return {
    perStage: graph.tasks.every(needsLanes) && changes.length > 0 ? Math.min(...changes) : 0,
    alone: units.map((unit) => Math.max(...unit.map((task) => ticksAlone(model, task)))),
    rows: rows.map((row) => sumByUnit(row, units)),
    pools: poolsOf(model, units),
  };
}

/** With all the lanes it could have, on the fastest clock. */
function ticksAlone(model: TimeModel, task: number): number {
  const { graph, fabric, variant } = model;
  const drawn = graph.tasks[task]!;
  const lanes = fabric.cores.reduce(
    (sum, core) => sum + (core.operation === drawn.operation ? Math.floor(core.lanes[drawn.format] ?? 0) : 0),
    0,
  );
  if (needsLanes(drawn) && lanes < 1) return 0;
  const ticksPerCycle = Math.min(1, ...fabric.cores.map((core) => core.ticksPerCycle));
  const supply = { lanes: usefulLanes(drawn, lanes, variant), ticksPerCycle, ports: portsOf(fabric) };
  return computeTicks(model, task, supply) + model.waited[task]!;
}

function leastLaneTicks(model: TimeModel, task: number, most: number): number {
  const ports = portsOf(model.fabric);
  // The fastest clock there is: no task is faster than on it.
  const ticksPerCycle = Math.min(...model.fabric.cores.map((core) => core.ticksPerCycle));
  let least = Infinity;
  // Work in l lanes falls in steps, and steps of powers of 2 bracket it: with 2^k ≤ l lanes it takes l·t(2^(k+1)) ≥ 2^k·t(2^(k+1)).
  const ticks = (lanes: number) => computeTicks(model, task, { lanes, ticksPerCycle, ports }) + model.waited[task]!;
  const exact = Math.min(most, EXACT_LANES);
  for (let lanes = 1; lanes <= exact; lanes++) least = Math.min(least, lanes * ticks(lanes));
  for (let lanes = exact + 1; lanes <= most; lanes = 2 * lanes) least = Math.min(least, lanes * ticks(2 * lanes));
  return least;
}

const EXACT_LANES = 64;

/** All lanes of an operation as one pool, where its tasks have one format; their steps by number of lanes. */
function poolsOf(model: TimeModel, units: readonly (readonly number[])[]): readonly Pool[] {
  const { graph, fabric, variant } = model;
  const ports = portsOf(fabric);
  const ticksPerCycle = Math.min(...fabric.cores.map((core) => core.ticksPerCycle));
  return (['mac', 'special'] as const).flatMap((operation) => {
    const needing = graph.tasks.flatMap((task, index) =>
      task.operation === operation && needsLanes(task) ? [index] : [],
    );
    const [format, ...others] = new Set(needing.map((index) => graph.tasks[index]!.format));
    if (format === undefined || others.length > 0) return [];
    const lanes = fabric.cores.reduce(
      (sum, core) => sum + (core.operation === operation ? Math.floor(core.lanes[format] ?? 0) : 0),
      0,
    );
    if (lanes < 1 || lanes > POOLED_LANES) return [];
    const stepsOf = (index: number): { time: number; lanes: number }[] => {
      const steps: { time: number; lanes: number }[] = [];
      for (let own = usefulLanes(graph.tasks[index]!, lanes, variant); own >= 1; own--) {
        const time = computeTicks(model, index, { lanes: own, ticksPerCycle, ports }) + model.waited[index]!;
        const last = steps.at(-1);
        if (last !== undefined && last.time >= time) last.lanes = own;
        else steps.push({ time, lanes: own });
      }
      return steps;
    };
    const byTask = new Map(needing.map((index) => [index, stepsOf(index)]));
    return [{ lanes, steps: units.map((unit) => together(unit.flatMap((task) => [byTask.get(task) ?? []]))) }];
  });
}

/** Steps of several tasks in one stage: at a time, the lanes of all of them. */
function together(
  tasks: readonly (readonly { readonly time: number; readonly lanes: number }[])[],
): readonly { readonly time: number; readonly lanes: number }[] {
  const needing = tasks.filter((steps) => steps.length > 0);
  if (needing.length <= 1) return needing[0] ?? [];
  const least = Math.max(...needing.map((steps) => steps[0]!.time));
  const times = [...new Set([least, ...needing.flat().map(({ time }) => time)])].filter((time) => time >= least);
  return times
    .sort((a, b) => a - b)
    .map((time) => ({
      time,
      lanes: needing.reduce((sum, steps) => sum + steps.findLast((step) => step.time <= time)!.lanes, 0),
    }));
}

const POOLED_LANES = 1024;

function objectiveFloor(
  model: TimeModel,
  units: readonly (readonly number[])[],
  objective: Exclude<Objective, 'cycles'>,
  idle: number,
  cycles: Floor,
): Floor {
  const { fabric } = model;
  if (objective === 'off-chip') {
    const bytes = model.accesses.map((own) => own.reduce((sum, access) => sum + totalBytes(access), 0));
    return { perStage: 0, base: sumByUnit(bytes, units), alone: units.map(() => 0), rows: [] };
  }
  const joules = energies(model);
  const own = sumByUnit(
    model.graph.tasks.map((_, task) => {
      const { work, blocks, firings, format, operation } = model.graph.tasks[task]!;
      const perOperation = fabric.cores
        .filter((core) => core.operation === operation && (core.lanes[format] ?? 0) >= 1)
        .map((core) => core.joulesPerOperation[format] ?? 0);
      return (
        work * blocks * firings * (perOperation.length === 0 ? 0 : Math.min(...perOperation)) + joules.offChip[task]!
      );
    }),
    units,
  );
  const scaled = (ticks: readonly number[]): number[] => ticks.map((value) => idle * value);
  return {
    perStage: idle * cycles.perStage,
    base: own,
    alone: scaled(cycles.alone),
    rows: cycles.rows.map(scaled),
    pools:
      idle === 0
        ? []
        : (cycles.pools ?? []).map(({ lanes, steps }) => ({
            lanes,
            steps: steps.map((own) => own.map((step) => ({ ...step, time: idle * step.time }))),
          })),
  };
}

/** By task: off-chip energy of its drawn tensors; by stream: energy between stages where it is cheapest. */
function energies({ graph, fabric, accesses }: TimeModel) {
  const cheapestBank = Math.min(...fabric.banks.map(({ joulesPerByte }) => joulesPerByte));
  const cheapestChannel = Math.min(...fabric.channels.map(({ joulesPerByte }) => joulesPerByte));
  const perByte = fabric.banks.length === 0 ? 0 : Math.min(cheapestBank, cheapestChannel);
  const offChip = accesses.map((own) =>
    own.reduce((sum, access) => sum + totalBytes(access) * (fabric.channels[access.channel]?.joulesPerByte ?? 0), 0),
  );
  const streams = graph.streams.map((stream) => 2 * tensorBytes(stream, graph) * perByte);
  const most = Math.max(0, ...fabric.cores.flatMap(({ joulesPerOperation }) => Object.values(joulesPerOperation)));
  const operations = graph.tasks.reduce((sum, { work, blocks, firings }) => sum + work * blocks * firings * most, 0);
  return { offChip, streams, all: operations + [...offChip, ...streams].reduce((sum, value) => sum + value, 0) };
}

/** Joules of a stage apart from static ones; tensors between stages are counted where they are made. */
function stageEnergy(
  { graph, fabric, writes }: TimeModel,
  stage: Stage,
  joules: { readonly offChip: readonly number[]; readonly streams: readonly number[] },
): number {
  const inside = new Set(stage.tasks.map(({ task }) => task));
  let sum = 0;
  for (const { task, shares } of stage.tasks) {
    const { work, blocks, firings, format } = graph.tasks[task]!;
    const lanes = shares.reduce((all, share) => all + share.lanes, 0);
    for (const share of shares)
      sum +=
        (work * blocks * firings * share.lanes * (fabric.cores[share.core]!.joulesPerOperation[format] ?? 0)) / lanes;
    sum += joules.offChip[task]!;
    for (const stream of writes[task]!) if (!inside.has(graph.streams[stream]!.to.task)) sum += joules.streams[stream]!;
  }
  return sum;
}

function sumByUnit(byTask: readonly number[], units: readonly (readonly number[])[]): number[] {
  return units.map((unit) => unit.reduce((sum, task) => sum + byTask[task]!, 0));
}

/** Equal for tasks that differ in their names alone, streams and off-chip accesses included. */
function classesOf(
  { graph, fabric, accesses, reads, writes }: TimeModel,
  units: readonly (readonly number[])[],
  unitOf: ReadonlyMap<number, number>,
): readonly number[] {
  const known = new Map<string, number>();
  const streamSign = (index: number, other: number): string => {
    const { node: _, name: __, from, to, ...rest } = graph.streams[index]!;
    const channel = fabric.channels.length === 0 ? 0 : index % fabric.channels.length;
    return JSON.stringify([other, channel, rest, from.per, from.rates, to.per, to.rates]);
  };
  return units.map((unit, index) => {
    const [task] = unit;
    if (task === undefined || unit.length > 1) return units.length + index;
    const { node: _, name: __, ...drawn } = graph.tasks[task]!;
    const sign = JSON.stringify([
      drawn,
      accesses[task]!.map(({ tensor: _tensor, stream: _stream, task: _task, ...access }) => access),
      reads[task]!.map((stream) => streamSign(stream, unitOf.get(graph.streams[stream]!.from.task)!)).sort(),
      writes[task]!.map((stream) => streamSign(stream, unitOf.get(graph.streams[stream]!.to.task)!)).sort(),
    ]);
    const same = known.get(sign);
    if (same !== undefined) return same;
    known.set(sign, index);
    return index;
  });
}
