/**
 * A SimulationResult made ready to draw: columns decoded, intervals by row of the stage view and by task, series by node,
 * and what every task and stream does at any tick. Pure function of the result.
 */
import { type Column, decodeColumn } from '#core/base/columns.ts';
import type { Series, SimulationResult } from '#core/run/fabric/result.ts';
import { TASK_STATES } from '#core/run/fabric/timeline.ts';
import type { Hue } from '../palette.ts';
import { decodeTimeline, firstEndingAfter, runningColumns, type TimelineData } from '../run-data.ts';

/** A row of the stage view: a core, or a part of one where tasks run on it at the same time. */
export interface StageRow {
  /** Into the timeline's lanes. */
  readonly lane: number;
  readonly tasks: readonly number[];
}

export interface StageSpan {
  /** From 1. */
  readonly stage: number;
  readonly start: number;
  readonly end: number;
}

/** Values of equal stretches of time. */
export interface DecodedSeries {
  readonly bucket: number;
  readonly values: Column;
}

/** What the timeline says of an interval; `mixed` where it holds several states in turn. */
export type PlayedState = (typeof TASK_STATES)[number];

/** What a task is doing; `on` is the stream (get, put) or channel (load, store) it waits for, null where not known. */
export interface TaskState {
  readonly state: PlayedState | 'before' | 'after' | 'unknown';
  readonly on: number | null;
}

export interface SimulationData {
  readonly result: SimulationResult;
  readonly makespan: number;
  readonly rows: readonly StageRow[];
  /** Intervals by row, in place of lanes: `laneFirst` is of rows. */
  readonly intervals: TimelineData;
  /** Interval → stream or channel it waits for, −1 for none. */
  readonly waitsOn: Int32Array;
  readonly stages: readonly StageSpan[];
  /** Colour of each task. */
  readonly hues: readonly Hue[];
  readonly taskOfNode: ReadonlyMap<string, number>;
  readonly streamOfNode: ReadonlyMap<string, number>;
  /** By document node. */
  readonly occupancy: ReadonlyMap<string, DecodedSeries>;
  readonly bandwidth: ReadonlyMap<string, DecodedSeries>;
}

/** Told apart by colour-blind readers too; tasks take them in turn, their names stand beside them. */
const TASK_HUES: readonly Hue[] = [
  'linear',
  'activation',
  'elementwise',
  'normalisation',
  'quantisation',
  'attention',
  'pooling',
  'reduction',
  'convolution',
  'layout',
  'recurrent',
];

function taskHue(task: number): Hue {
  return TASK_HUES[task % TASK_HUES.length]!;
}

export function toSimulationData(result: SimulationResult): SimulationData {
  const lanes = decodeTimeline(result.timeline);
  const waitsOn = decodeColumn(result.waitsOn);
  const rows = stageRows(result, lanes);
  const { intervals, order } = byRow(result, rows, lanes);
  return {
    result,
    makespan: lanes.makespanCycles,
    rows,
    intervals,
    waitsOn: order.map((at) => waitsOn[at]!),
    stages: stageSpans(result),
    hues: result.tasks.map((_, task) => taskHue(task)),
    taskOfNode: new Map(result.tasks.map(({ node }, at) => [node, at])),
    streamOfNode: new Map(result.streams.map(({ node }, at) => [node, at])),
    occupancy: seriesByNode(result.occupancy),
    bandwidth: seriesByNode(result.bandwidth),
  };
}

/** A core's tasks share a row where one ends before the next starts; at the same time, each has its own. */
function stageRows(result: SimulationResult, lanes: TimelineData): readonly StageRow[] {
  return lanes.lanes.flatMap((_, lane): StageRow[] => {
    const present = new Set(lanes.operator.subarray(lanes.laneFirst[lane]!, lanes.laneFirst[lane + 1]!));
    const tasks = [...present]
      .filter((task) => result.tasks[task])
      .sort((a, b) => result.tasks[a]!.start - result.tasks[b]!.start || a - b);
    const rows: { tasks: number[]; end: number }[] = [];
    for (const task of tasks) {
      const { start, end } = result.tasks[task]!;
      const free = rows.find((row) => row.end <= start);
      if (free) {
        free.tasks.push(task);
        free.end = end;
      } else rows.push({ tasks: [task], end });
    }
    return rows.length === 0 ? [{ lane, tasks: [] }] : rows.map((row) => ({ lane, tasks: row.tasks }));
  });
}

/** The intervals ordered by row, without the waits before a task's first and after its last operation. */
function byRow(
  { tasks: figures }: SimulationResult,
  rows: readonly StageRow[],
  lanes: TimelineData,
): { intervals: TimelineData; order: Int32Array } {
  const isOwn = (at: number) => {
    const task = figures[lanes.operator[at]!];
    const isSetUp = TASK_STATES[lanes.kind[at]!] === 'reconfigure';
    return task !== undefined && (isSetUp || (lanes.end[at]! > task.start && lanes.start[at]! < task.end));
  };
  const order: number[] = [];
  const laneFirst = new Int32Array(rows.length + 1);
  rows.forEach(({ lane, tasks }, row) => {
    laneFirst[row] = order.length;
    const own = new Set(tasks);
    for (let at = lanes.laneFirst[lane]!; at < lanes.laneFirst[lane + 1]!; at++)
      if (own.has(lanes.operator[at]!) && isOwn(at)) order.push(at);
  });
  laneFirst[rows.length] = order.length;
  const pick = (from: Float64Array) => Float64Array.from(order, (at) => from[at]!);
  const [start, end] = [pick(lanes.start), pick(lanes.end)];
  return {
    order: Int32Array.from(order),
    intervals: {
      ...lanes,
      laneFirst,
      start,
      end,
      ...runningColumns(laneFirst, start, end),
      operator: Int32Array.from(order, (at) => lanes.operator[at]!),
      kind: Uint8Array.from(order, (at) => lanes.kind[at]!),
    },
  };
}

function stageSpans({ tasks }: SimulationResult): readonly StageSpan[] {
  const spans = new Map<number, StageSpan>();
  for (const { stage, start, end } of tasks) {
    const known = spans.get(stage) ?? { stage, start, end };
    spans.set(stage, { stage, start: Math.min(known.start, start), end: Math.max(known.end, end) });
  }
  return [...spans.values()].sort((a, b) => a.stage - b.stage);
}

function seriesByNode(series: readonly Series[]): ReadonlyMap<string, DecodedSeries> {
  return new Map(series.map(({ node, bucket, values }) => [node, { bucket, values: decodeColumn(values) }]));
}

export function stateOf(data: SimulationData, interval: number): PlayedState {
  return TASK_STATES[data.intervals.kind[interval]!] ?? 'mixed';
}

/** O(log n) where the task's intervals do not overlap. */
export function taskStateAt(data: SimulationData, task: number, tick: number): TaskState {
  const figures = data.result.tasks[task];
  if (!figures || tick < figures.start) return { state: 'before', on: null };
  if (tick >= figures.end) return { state: 'after', on: null };
  const row = data.rows.findIndex(({ tasks }) => tasks.includes(task));
  if (row < 0) return { state: 'unknown', on: null };
  const last = data.intervals.laneFirst[row + 1]!;
  for (let at = firstEndingAfter(data.intervals, row, tick); at < last && data.intervals.start[at]! <= tick; at++)
    if (data.intervals.operator[at] === task && data.intervals.end[at]! > tick) {
      const on = data.waitsOn[at]!;
      return { state: stateOf(data, at), on: on < 0 ? null : on };
    }
  return { state: 'unknown', on: null };
}

/** The value at a tick; null where there is no series, or none so late. */
export function valueAt(series: DecodedSeries | undefined, tick: number): number | null {
  return series?.values[Math.floor(tick / series.bucket)] ?? null;
}

/** The nearest tick after (before) `tick` at which some task goes over to something else; where none is, the end (start). */
export function nextChange({ intervals, rows, makespan }: SimulationData, tick: number, by: 1 | -1): number {
  let best = by > 0 ? makespan : 0;
  for (let row = 0; row < rows.length; row++) {
    const first = intervals.laneFirst[row]!;
    const last = intervals.laneFirst[row + 1]!;
    let [low, high] = [first, last];
    // First interval that starts after the tick (by > 0), or at it or after (by < 0).
    while (low < high) {
      const middle = (low + high) >> 1;
      const isPast = by > 0 ? intervals.start[middle]! > tick : intervals.start[middle]! >= tick;
      if (isPast) high = middle;
      else low = middle + 1;
    }
    if (by > 0 && low < last) best = Math.min(best, intervals.start[low]!);
    if (by < 0 && low > first) best = Math.max(best, intervals.start[low - 1]!);
  }
  return best;
}

/** How a state is drawn and accounted for. */
export type StateGroup = 'busy' | 'in' | 'out' | 'reconfigure' | 'mixed' | 'idle';

export function groupOf(state: TaskState['state']): StateGroup {
  switch (state) {
    case 'busy':
      return 'busy';
    case 'get':
    case 'load':
    case 'lock':
    case 'barrier':
      return 'in';
    case 'put':
    case 'store':
      return 'out';
    case 'reconfigure':
    case 'mixed':
      return state;
    case 'before':
    case 'after':
    case 'unknown':
      return 'idle';
  }
}
