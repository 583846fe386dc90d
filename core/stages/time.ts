/**
 * The analytic model of a stage and of a design: what the event simulation takes, without playing it. A stage takes the
 * longer of its slowest task and its busiest channel, the fill of its pipeline, and the reconfiguration before it
 * (InTAR, arXiv 2502.08807; README.md has the equations). `compute` and `offChip` are lower bounds of any run.
 */
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Granularity, Stream, TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { Design, PlacedTask, Stage, Variant } from './design.ts';
import { designEnergy } from './energy.ts';
import {
  asRequested,
  channelTicks,
  leastTicks,
  type OffChipAccess,
  spillAccesses,
  tensorAccesses,
  totalBytes,
  waitedTicks,
} from './off-chip.ts';
import { cyclicSum, tokensAt, totalTokens, unitsOf } from './rates.ts';
import { firingTicks, lanesOf, reconfigureTogether, type Supply, startTicks } from './ticks.ts';

export { firingTicks, lanesOf, transferTicks } from './ticks.ts';

export interface StagePrediction {
  /** max(compute, offChip) + fill + reconfigure. */
  readonly cycles: number;
  /** Of the slowest task by itself: computing, moving tokens, waiting for its own transfers. */
  readonly compute: number;
  /** Of the busiest channel. */
  readonly offChip: number;
  /** How much longer the chain of tasks takes than its slowest: pipelines filling, barriers, FIFOs that are too short. */
  readonly fill: number;
  readonly reconfigure: number;
  readonly offChipBytes: number;
  /** Who decides. */
  readonly limit: { readonly kind: 'task' | 'channel'; readonly index: number };
}

export interface DesignPrediction {
  readonly cycles: number;
  readonly stages: readonly StagePrediction[];
  readonly offChipBytes: number;
  readonly energy: number;
}

export interface StageContext {
  /** Streams that are off chip where their other end is in another stage. Default: none. */
  readonly spilled?: ReadonlySet<number>;
  /** Cores that had a task before; default: all, so that every core of the stage is reconfigured. */
  readonly usedCores?: ReadonlySet<number>;
}

/** What does not depend on a stage, worked out once; for asking about many stages. */
export interface TimeModel {
  readonly graph: TaskGraph;
  readonly fabric: Fabric;
  readonly variant: Variant;
  /** Accesses of the drawn tensors by task. */
  readonly accesses: readonly (readonly OffChipAccess[])[];
  /** Streams a task reads, writes. */
  readonly reads: readonly (readonly number[])[];
  readonly writes: readonly (readonly number[])[];
  /** Ticks a task waits for its own transfers (drawn tensors), whatever its lanes. */
  readonly waited: readonly number[];
  /** Ticks its transfers take at least beside which it computes. */
  readonly cadence: readonly number[];
  readonly tokens: readonly { readonly written: number; readonly read: number }[];
}

export function timeModel(graph: TaskGraph, fabric: Fabric, variant: Variant): TimeModel {
  const drawn: OffChipAccess[][] = graph.tasks.map(() => []);
  for (const access of tensorAccesses(graph, fabric, variant)) drawn[access.task]!.push(access);
  const accesses = drawn.map((own, task) => asRequested(own, graph.tasks[task]!));
  const reads: number[][] = graph.tasks.map(() => []);
  const writes: number[][] = graph.tasks.map(() => []);
  graph.streams.forEach(({ from, to }, stream) => {
    writes[from.task]!.push(stream);
    reads[to.task]!.push(stream);
  });
  const waits = accesses.map((own) => waitsOf(own, fabric, variant));
  return {
    graph,
    fabric,
    variant,
    accesses,
    reads,
    writes,
    waited: waits.map(({ waited }) => waited),
    cadence: waits.map(({ cadence }) => cadence),
    tokens: graph.streams.map(({ from, to }) => ({
      written: totalTokens(from, graph.tasks),
      read: totalTokens(to, graph.tasks),
    })),
  };
}

interface Waits {
  /** Ticks that add to what a task computes. */
  readonly waited: number;
  /** Ticks it cannot compute faster than: with one unit requested ahead, a request a unit, one after the other. */
  readonly cadence: number;
}

/**
 * What a task waits for its own transfers. One after the other where it waits for each; of those requested ahead for the
 * first load and the last store, and what is on its way together is waited for together (the order of program.ts).
 */
function waitsOf(accesses: readonly OffChipAccess[], fabric: Fabric, variant: Variant): Waits {
  const begin = { waited: 0, ahead: 0 };
  const end = { waited: 0, ahead: 0 };
  let firstLoad = 0;
  let between = 0;
  let cadence = 0;
  for (const access of accesses) {
    const ticks = waitedTicks(access, fabric);
    const side = access.direction === 'store' ? end : begin;
    if (access.access === 'async') {
      if (access.direction === 'load' && access.per !== 'task') firstLoad = Math.max(firstLoad, ticks);
      else side.ahead = Math.max(side.ahead, ticks);
      // Of the units but the first, and of stores the last two, which may be under way together.
      const units = access.bytes.units - (access.direction === 'load' ? 1 : 2);
      if (access.per === 'block' || (access.per === 'firing' && variant === 'as-built'))
        cadence = Math.max(cadence, units * leastTicks(access, fabric));
    } else if (access.per === 'task') side.waited += ticks;
    else between += ticks;
  }
  return {
    waited: Math.max(begin.waited, begin.ahead) + firstLoad + between + Math.max(end.waited, end.ahead),
    cadence: Math.max(0, cadence - between),
  };
}

/** Ticks a task computes in a run, with these lanes. */
export function computeTicks({ graph, variant }: TimeModel, task: number, supply: Supply): number {
  const drawn = graph.tasks[task]!;
  return (
    cyclicSum(firingTicks(drawn, supply, variant), drawn.blocks * drawn.firings) + startTicks(drawn, supply, variant)
  );
}

/**
 * Tokens of a block (of the run) that do not fit the FIFO go through it one a cycle; what fits, and the tokens of a firing,
 * change hands at once.
 */
export function transferInterval(
  { depth }: Pick<Stream, 'depth'>,
  per: Granularity,
  tokens: number,
  ticksPerCycle: number,
): number {
  return per !== 'firing' && depth > 0 && tokens > depth ? ticksPerCycle : 0;
}

/** Ticks a task spends on moving tokens one by one over one end of a stream inside its stage. */
function movingTicks({ graph }: TimeModel, stream: number, side: 'from' | 'to', supply: Supply): number {
  const drawn = graph.streams[stream]!;
  const end = drawn[side];
  if (end.per === 'firing' || drawn.depth === 0) return 0;
  const units = unitsOf(end.per, graph.tasks[end.task]!);
  const moved = end.rates.map((tokens) =>
    transferInterval(drawn, end.per, tokens, supply.ticksPerCycle) > 0 ? tokens * supply.ticksPerCycle : 0,
  );
  return cyclicSum(moved, units);
}

export function predictStageWith(model: TimeModel, stage: Stage, context: StageContext = {}): StagePrediction {
  const { graph, fabric, variant } = model;
  const { spilled, usedCores } = context;
  const at = new Map(stage.tasks.map(({ task }, index) => [task, index]));
  const own: number[] = [];
  const clocks: number[] = [];
  const channels = fabric.channels.map(() => ({ data: 0, places: 0 }));
  let offChipBytes = 0;
  let reconfigure = 0;
  for (const placed of stage.tasks) {
    const { task } = placed;
    const supply = lanesOf(fabric, placed.shares);
    let ticks = computeTicks(model, task, supply);
    clocks.push(supply.ticksPerCycle);
    for (const stream of model.reads[task]!)
      if (at.has(graph.streams[stream]!.from.task)) ticks += movingTicks(model, stream, 'to', supply);
    for (const stream of model.writes[task]!)
      if (at.has(graph.streams[stream]!.to.task)) ticks += movingTicks(model, stream, 'from', supply);
    let accesses = model.accesses[task]!;
    for (const stream of spilled === undefined ? [] : [...model.reads[task]!, ...model.writes[task]!]) {
      const { from, to } = graph.streams[stream]!;
      if (!spilled!.has(stream) || (at.has(from.task) && at.has(to.task))) continue;
      for (const access of spillAccesses(graph, fabric, variant, stream))
        if (access.task === task) accesses = [...accesses, access];
    }
    if (accesses !== model.accesses[task]) accesses = asRequested(accesses, graph.tasks[task]!);
    const { waited, cadence } =
      accesses === model.accesses[task]
        ? { waited: model.waited[task]!, cadence: model.cadence[task]! }
        : waitsOf(accesses, fabric, variant);
    own.push(waited + Math.max(ticks, cadence));
    for (const access of accesses) {
      offChipBytes += totalBytes(access);
      const { data, places } = channelTicks(access, fabric);
      const sums = channels[access.channel];
      if (!sums) continue;
      sums.data += data;
      sums.places += places;
    }
    reconfigure = Math.max(reconfigure, reconfigureTogether(changing(placed, usedCores), fabric));
  }

  const slowest = indexOfLargest(own);
  const compute = own[slowest] ?? 0;
  const bounds = channels.map(({ data, places }, c) =>
    Math.max(data, Math.ceil(places / fabric.channels[c]!.outstanding)),
  );
  const busiest = indexOfLargest(bounds);
  const offChip = bounds[busiest] ?? 0;
  const fill = Math.max(0, chained(model, stage, own, clocks, at) - compute);
  return {
    cycles: Math.max(compute, offChip) + fill + reconfigure,
    compute,
    offChip,
    fill,
    reconfigure,
    offChipBytes,
    limit:
      offChip > compute + fill
        ? { kind: 'channel', index: busiest }
        : { kind: 'task', index: stage.tasks[slowest]?.task ?? -1 },
  };
}

/** Cores of `placed` that had another task before. */
function changing({ shares }: PlacedTask, usedCores: ReadonlySet<number> | undefined): readonly number[] {
  const cores = shares.map(({ core }) => core);
  return usedCores === undefined ? cores : cores.filter((core) => usedCores.has(core));
}

function indexOfLargest(values: readonly number[]): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  return best;
}

/**
 * When the last task of a stage ends: along every stream a reader starts once the tokens of its first unit (firing, block,
 * run) are there, and ends a unit's time after its writer's last tokens at the earliest. Where a FIFO is shorter than the
 * larger of both units, the ends take turns: while one works on its unit, the other gets no further than the FIFO is deep.
 */
function chained(
  { graph, reads, tokens }: TimeModel,
  stage: Stage,
  own: readonly number[],
  clocks: readonly number[],
  at: ReadonlyMap<number, number>,
): number {
  const start = own.map(() => 0);
  const end = [...own];
  const inside = (stream: number): boolean => {
    const { from, to, initial } = graph.streams[stream]!;
    return at.has(from.task) && from.task !== to.task && initial < tokens[stream]!.read;
  };
  const visited = new Uint8Array(own.length);
  const order: number[] = [];
  const visit = (index: number): void => {
    if (visited[index]) return;
    visited[index] = 1;
    for (const stream of reads[stage.tasks[index]!.task]!)
      if (inside(stream) && graph.streams[stream]!.initial === 0) visit(at.get(graph.streams[stream]!.from.task)!);
    order.push(index);
  };
  for (let index = 0; index < own.length; index++) visit(index);

  let last = 0;
  for (const v of order) {
    // Turns taken with a shallow FIFO make the reader's own time longer, one writer deciding.
    let working = own[v]!;
    for (const stream of reads[stage.tasks[v]!.task]!) {
      if (!inside(stream)) continue;
      const { from, to, initial, depth } = graph.streams[stream]!;
      if (initial > 0) continue;
      const u = at.get(from.task)!;
      const { written, read } = tokens[stream]!;
      if (written === 0 || read === 0) continue;
      const writerUnits = unitsOf(from.per, graph.tasks[from.task]!);
      const readerUnits = unitsOf(to.per, graph.tasks[to.task]!);
      const writerUnit = (end[u]! - start[u]!) / writerUnits;
      const readerUnit = own[v]! / readerUnits;
      const given = written / writerUnits;
      const taken = read / readerUnits;
      const first = tokensAt(to, 0);
      start[v] = Math.max(start[v]!, start[u]! + Math.min(writerUnits, Math.ceil(first / given)) * writerUnit);
      end[v] = Math.max(end[v]!, end[u]! + Math.min(readerUnits, Math.ceil(given / taken)) * readerUnit);
      const room = depth === 0 ? Infinity : depth;
      // What one end gets done while the other moves its unit token by token is no turn.
      const moving = (per: Granularity, tokens: number, clock: number) =>
        tokens * transferInterval({ depth }, per, tokens, clock);
      if (taken > given && readerUnits > 1) {
        const turn = (Math.max(0, taken - room - given) / given) * writerUnit - moving(to.per, taken, clocks[v]!);
        working = Math.max(working, own[v]! + (readerUnits - 1) * Math.max(0, turn));
      } else if (given > taken && writerUnits > 1) {
        const turn = (Math.max(0, given - room - taken) / taken) * readerUnit - moving(from.per, given, clocks[u]!);
        working = Math.max(working, end[u]! - start[u]! + (writerUnits - 1) * Math.max(0, turn));
      }
    }
    end[v] = Math.max(end[v]!, start[v]! + working);
    last = Math.max(last, end[v]!);
  }
  return Math.ceil(last);
}

/** Stages one after another; a core is reconfigured from its second task on. */
export function predictDesign(graph: TaskGraph, fabric: Fabric, design: Design): DesignPrediction {
  const model = timeModel(graph, fabric, design.variant);
  const spilled = new Set(design.spilled);
  const usedCores = new Set<number>();
  const stages = design.stages.map((stage) => {
    const prediction = predictStageWith(model, stage, { spilled, usedCores });
    for (const { shares } of stage.tasks) for (const { core } of shares) usedCores.add(core);
    return prediction;
  });
  const cycles = stages.reduce((sum, stage) => sum + stage.cycles, 0);
  return {
    cycles,
    stages,
    offChipBytes: stages.reduce((sum, stage) => sum + stage.offChipBytes, 0),
    energy: designEnergy(graph, fabric, design, cycles).total,
  };
}
