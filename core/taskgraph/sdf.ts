/**
 * Task graphs as cyclo-static dataflow and back, for analysis (core/sdf) and for files of SDF graphs. One run of the
 * tasks is one iteration. Tasks fire one firing after another, which a channel from each to itself says.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { formatExact } from '#core/base/quantity.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { SdfActor, SdfChannel, SdfGraph } from '#core/sdf/graph.ts';
import { repetitionOf } from '#core/sdf/repetition.ts';
import type { Stream, StreamEnd, Task, TaskGraph } from './task-graph.ts';

/** Above this many phases an actor is not written out. */
export const MOST_PHASES = 65_536;

export interface TasksOfSdf {
  readonly graph: TaskGraph;
  /** False: tokens cannot balance; every task fires its phases once. */
  readonly isConsistent: boolean;
}

/** Actors as tasks of explicit times that fire as often as one iteration takes; channels as streams without bound. */
export function tasksOfSdf(sdf: SdfGraph): TasksOfSdf {
  const repetition = repetitionOf(sdf);
  const firings = (actor: number): number => {
    const counted = repetition.ok ? Number(repetition.value.firings[actor]) : Number.POSITIVE_INFINITY;
    return Number.isSafeInteger(counted) ? counted : sdf.actors[actor]!.times.length;
  };
  const end = (task: number, rates: readonly number[]): StreamEnd => ({ task, per: 'firing', rates: shortest(rates) });
  return {
    isConsistent: repetition.ok,
    graph: {
      title: sdf.name,
      tasks: sdf.actors.map(
        ({ name, times }, index): Task => ({
          node: `task${index + 1}`,
          name,
          operation: 'mac',
          format: 'int16',
          blocks: 1,
          firings: firings(index),
          work: 0,
          nest: { isFlattened: true, interval: 1, depth: 0, exit: 0, starts: 1, overhead: 0 },
          times: shortest(times),
          unroll: 0,
          cores: [],
          stage: 0,
        }),
      ),
      streams: sdf.channels.map(
        ({ name, from, to, produce, consume, tokens }, index): Stream => ({
          node: `stream${index + 1}`,
          name,
          from: end(from, produce),
          to: end(to, consume),
          depth: 0,
          bits: 32,
          initial: tokens,
        }),
      ),
      tensors: [],
      note: null,
    },
  };
}

export interface SdfOptions {
  /** Ticks of one firing of a task that has no explicit times. */
  readonly ticksOf: (task: Task) => number;
  /** Channels from tasks to themselves, so that firings do not overlap; default true. */
  readonly isSerial?: boolean;
  /** Channels back that bound a stream to its depth; default false. */
  readonly isBounded?: boolean;
}

/** Fails where a task moves tokens by blocks or runs of so many firings that its phases are too many to write out. */
export function sdfOfTasks(graph: TaskGraph, options: SdfOptions): Result<SdfGraph, Problem> {
  const phases = graph.tasks.map(({ times }) => Math.max(times.length, 1));
  for (const { from, to } of graph.streams)
    for (const end of [from, to]) phases[end.task] = leastCommonMultiple(phases[end.task]!, cycleOf(end, graph.tasks));
  const long = phases.findIndex((count) => count > MOST_PHASES);
  if (long >= 0) {
    const { node, name } = graph.tasks[long]!;
    return err(
      problem(
        'tasks.phases',
        `${name} has ${formatExact(phases[long]!, '')} phases until its rates repeat; at most ${formatExact(MOST_PHASES, '')} are analysed`,
        {
          where: { node },
          facts: { demand: phases[long]!, bound: MOST_PHASES },
        },
      ),
    );
  }
  const repeated = (list: readonly number[], task: number) =>
    Array.from({ length: phases[task]! }, (_, phase) => list[phase % list.length]!);
  const rates = (end: StreamEnd, isWritten: boolean) => repeated(ratesOfFirings(end, graph.tasks, isWritten), end.task);
  const actors = graph.tasks.map(
    (task, index): SdfActor => ({
      name: task.name,
      times: repeated(task.times.length > 0 ? task.times : [options.ticksOf(task)], index),
    }),
  );
  const channels = graph.streams.flatMap((stream): readonly SdfChannel[] => {
    const { name, from, to, initial, depth } = stream;
    const [produce, consume] = [rates(from, true), rates(to, false)];
    const forward = { name, from: from.task, to: to.task, produce, consume, tokens: initial };
    if (options.isBounded !== true || depth === 0) return [forward];
    const back = { from: to.task, to: from.task, produce: consume, consume: produce, tokens: depth - initial };
    return [forward, { name: `${name} room`, ...back }];
  });
  const serial = actors.map(({ name }, index): SdfChannel => {
    const ones = Array<number>(phases[index]!).fill(1);
    return { name: `${name} in order`, from: index, to: index, produce: ones, consume: ones, tokens: 1 };
  });
  return ok({
    name: graph.title === '' ? 'graph' : graph.title,
    actors,
    channels: options.isSerial === false ? channels : [...channels, ...serial],
  });
}

/** As SDF files are written: {name, kind, actors: [{id, time}], channels: [{id, src, dst, prod, cons, tokens}]}. */
export function sdfFile(graph: SdfGraph) {
  const idOf = distinct(graph.actors.map(({ name }) => name));
  const channelOf = distinct(graph.channels.map(({ name }) => name));
  return {
    name: graph.name,
    kind: graph.actors.some(({ times }) => times.length > 1) ? 'csdf' : 'sdf',
    actors: graph.actors.map(({ times }, index) => ({ id: idOf[index]!, time: times })),
    channels: graph.channels.map(({ from, to, produce, consume, tokens }, index) => ({
      id: channelOf[index]!,
      src: idOf[from]!,
      dst: idOf[to]!,
      prod: produce,
      cons: consume,
      tokens,
    })),
  };
}

/** Ids of a file are there once and not empty; names of drawings need not be. */
function distinct(names: readonly string[]): readonly string[] {
  const seen = new Set<string>(names);
  const taken = new Set<string>();
  return names.map((name) => {
    if (name !== '' && !taken.has(name)) {
      taken.add(name);
      return name;
    }
    let at = 2;
    while (seen.has(`${name}${at}`)) at++;
    seen.add(`${name}${at}`);
    return `${name}${at}`;
  });
}

/** Firings after which the rates of an end repeat. */
function cycleOf({ task, per, rates }: StreamEnd, tasks: readonly Task[]): number {
  const { blocks, firings } = tasks[task]!;
  return per === 'firing' ? rates.length : per === 'block' ? rates.length * firings : blocks * firings;
}

/** Tokens of each firing of one cycle: a block's are taken at its first firing, given at its last. */
function ratesOfFirings(end: StreamEnd, tasks: readonly Task[], isWritten: boolean): readonly number[] {
  if (end.per === 'firing') return end.rates;
  const { firings } = tasks[end.task]!;
  const length = cycleOf(end, tasks);
  const block = end.per === 'block' ? firings : length;
  const made = new Array<number>(length).fill(0);
  for (let start = 0, index = 0; start < length; start += block, index++)
    made[isWritten ? start + block - 1 : start] = end.rates[index % end.rates.length]!;
  return made;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}

/** The shortest list that repeats to this one. */
function shortest(list: readonly number[]): readonly number[] {
  for (let length = 1; length <= list.length / 2; length++)
    if (list.length % length === 0 && list.every((value, index) => value === list[index % length]))
      return list.slice(0, length);
  return list;
}
