/**
 * The trace of a simulation as intervals by core. What the simulator multiplied instead of playing is put in again: interval by
 * interval while there is room, else as one interval of the state it was in, or `mixed` where it changed.
 */
import { type EncodedColumn, encodeColumn } from '#core/base/columns.ts';
import type { Timeline } from '#core/run/result.ts';
import { type Deadlock, STATES, type State, type Trace } from '#core/simulate/network/run.ts';
import type { BuiltNetwork } from '#core/stages/build.ts';
import type { Simulated } from './accounts.ts';

/** Kinds of the timeline's intervals: what a task does, or that it does several things in turn. */
export const TASK_STATES = [...STATES, 'mixed'] as const;
const MIXED = STATES.length;

/** Intervals of a timeline, at most about. */
const MOST_INTERVALS = 200_000;

interface Interval {
  readonly state: number;
  /** FIFO or channel of the network, −1 for neither. */
  readonly on: number;
  readonly start: number;
  readonly end: number;
}

export interface SimulatedTimeline {
  readonly timeline: Timeline;
  /** i32: stream or channel each interval waits for, as drawn; −1 for none. */
  readonly waitsOn: EncodedColumn;
}

export function simulatedTimeline(
  trace: Trace,
  makespan: number,
  { graph, fabric, design, built }: Pick<Simulated, 'graph' | 'fabric' | 'design' | 'built'>,
): SimulatedTimeline {
  const { taskOf } = built;
  const rowsOf = withRepetitions(intervalsByProcess(trace, taskOf.length), trace).map(merged);
  const count = rowsOf.reduce((sum, row) => sum + row.length, 0);
  const grain = count > MOST_INTERVALS ? makespan / (MOST_INTERVALS / taskOf.length) : 0;
  const coresOf = new Map(
    design.stages.flatMap(({ tasks }) =>
      tasks.map(({ task, shares }) => [task, shares.map(({ core }) => core)] as const),
    ),
  );
  // Tasks of given times take no core: each has a lane of its own.
  const alone = taskOf.filter((task) => (coresOf.get(task) ?? []).length === 0);
  alone.forEach((task, index) => {
    coresOf.set(task, [fabric.cores.length + index]);
  });
  const rows = rowsOf.flatMap((row, process) => {
    const task = taskOf[process]!;
    const shown = grain > 0 ? coarse(row, grain) : row;
    return (coresOf.get(task) ?? []).flatMap((lane) => shown.map((interval) => ({ lane, task, ...interval })));
  });
  rows.sort((a, b) => a.lane - b.lane || a.start - b.start || a.task - b.task);
  return {
    timeline: {
      lanes: [...fabric.cores, ...alone.map((task) => graph.tasks[task]!)].map(({ node, name }) => ({
        component: node,
        title: name,
        kind: 'compute',
      })),
      makespanCycles: makespan,
      clockHertz: fabric.clockHertz,
      lane: encodeColumn(Uint16Array.from(rows, ({ lane }) => lane)),
      start: encodeColumn(Float64Array.from(rows, ({ start }) => start)),
      end: encodeColumn(Float64Array.from(rows, ({ end }) => end)),
      operator: encodeColumn(Int32Array.from(rows, ({ task }) => task)),
      kind: encodeColumn(Uint8Array.from(rows, ({ state }) => state)),
    },
    waitsOn: encodeColumn(Int32Array.from(rows, ({ state, on }) => drawnPlace(STATES[state], on, built))),
  };
}

/** The stream or channel, as drawn, that a FIFO or channel of the network stands for; −1 for none. */
function drawnPlace(state: State | undefined, on: number, { streamOf, channelOf }: BuiltNetwork): number {
  if (state === 'get' || state === 'put') return streamOf[on] ?? -1;
  return state === 'load' || state === 'store' ? (channelOf[on] ?? -1) : -1;
}

/** The deadlock of a network by tasks, streams and channels as drawn. */
export function drawnDeadlock({ tick, kind, cycle, waits }: Deadlock, built: BuiltNetwork): Deadlock {
  const task = (process: number) => built.taskOf[process]!;
  return {
    tick,
    kind,
    cycle: cycle.map(task),
    waits: waits.map(({ process, state, on }) => ({ process: task(process), state, on: drawnPlace(state, on, built) })),
  };
}

function intervalsByProcess({ intervals }: Trace, processes: number): Interval[][] {
  const rows: Interval[][] = Array.from({ length: processes }, () => []);
  for (let i = 0; i < intervals.process.length; i++) {
    const [start, end] = [intervals.start[i]!, intervals.end[i]!];
    if (end > start)
      rows[intervals.process[i]!]!.push({ state: intervals.state[i]!, on: intervals.on[i]!, start, end });
  }
  for (const row of rows) row.sort((a, b) => a.start - b.start);
  return rows;
}

/**
 * The rows in time with the repetitions of each fold behind its recorded stretch. Folds come in the order of their ends, inner
 * ones first, so rows are only ever appended to, and outer folds repeat what inner ones put in.
 */
function withRepetitions(recorded: readonly (readonly Interval[])[], { folds }: Trace): readonly Interval[][] {
  const rows: Interval[][] = recorded.map(() => []);
  const taken = recorded.map(() => 0);
  let room = MOST_INTERVALS - recorded.reduce((sum, row) => sum + row.length, 0);
  const takeUntil = (process: number, tick: number): void => {
    const from = recorded[process]!;
    while (taken[process]! < from.length && from[taken[process]!]!.start < tick)
      rows[process]!.push(from[taken[process]!++]!);
  };
  for (const { from, period, times } of folds) {
    if (period === 0) continue;
    const gap = { start: from + period, end: from + period * (times + 1) };
    const stretches = rows.map((row, process) => {
      takeUntil(process, gap.start);
      return row.slice(firstFrom(row, from));
    });
    const inside = stretches.reduce((sum, stretch) => sum + stretch.length, 0);
    const isPutIn = inside * times <= room;
    if (isPutIn) room -= inside * times;
    stretches.forEach((stretch, process) => {
      const row = rows[process]!;
      // Busy with one long operation all the while: that interval is there already.
      if ((row.at(-1)?.end ?? 0) >= gap.end || stretch.length === 0) return;
      if (isPutIn) {
        for (let time = 1; time <= times; time++)
          for (const { state, on, start, end } of stretch)
            row.push({ state, on, start: start + time * period, end: end + time * period });
        return;
      }
      const states = new Set(stretch.map(({ state, on }) => `${state} ${on}`));
      const covered = stretch.reduce((sum, { start, end }) => sum + end - start, 0);
      const isAlike = states.size === 1 && covered >= period;
      const { state, on } = stretch[0]!;
      row.push({ ...gap, ...(isAlike ? { state, on } : { state: MIXED, on: -1 }) });
    });
  }
  recorded.forEach((_, process) => {
    takeUntil(process, Infinity);
  });
  return rows;
}

/** Index of the first interval that begins at `tick` or later. */
function firstFrom(row: readonly Interval[], tick: number): number {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (row[middle]!.start < tick) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where there are too many intervals to be seen: those shorter than a grain become one with their neighbours. */
function coarse(row: readonly Interval[], grain: number): readonly Interval[] {
  const all: Interval[] = [];
  for (const next of row) {
    const last = all.at(-1);
    if (last && next.end - last.start <= grain && next.start <= last.end)
      all[all.length - 1] = {
        ...(last.state === next.state && last.on === next.on
          ? { state: last.state, on: last.on }
          : { state: MIXED, on: -1 }),
        start: last.start,
        end: Math.max(last.end, next.end),
      };
    else all.push(next);
  }
  return all;
}

/** Neighbours of the same state as one. */
function merged(row: readonly Interval[]): readonly Interval[] {
  const all: Interval[] = [];
  for (const next of row) {
    const last = all.at(-1);
    if (last && last.state === next.state && last.on === next.on && last.end >= next.start)
      all[all.length - 1] = { ...last, end: Math.max(last.end, next.end) };
    else all.push(next);
  }
  return all;
}
