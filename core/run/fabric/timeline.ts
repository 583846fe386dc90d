/**
 * The trace of a simulation as intervals by core. What the simulator multiplied instead of playing is put in again: interval by
 * interval while there is room, else as one interval of the state it was in, or `mixed` where it changed.
 */
import { encodeColumn } from '#core/base/columns.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Timeline } from '#core/run/result.ts';
import { STATES, type Trace } from '#core/simulate/network/run.ts';
import type { Design } from '#core/stages/design.ts';

/** Kinds of the timeline's intervals: what a task does, or that it does several things in turn. */
export const TASK_STATES = [...STATES, 'mixed'] as const;
const MIXED = STATES.length;

/** Intervals of a timeline, at most about. */
const MOST_INTERVALS = 200_000;

interface Interval {
  readonly state: number;
  readonly start: number;
  readonly end: number;
}

/** @param taskOf process → task. */
export function simulatedTimeline(
  trace: Trace,
  makespan: number,
  design: Design,
  fabric: Fabric,
  taskOf: readonly number[],
): Timeline {
  const byProcess = intervalsByProcess(trace, taskOf.length);
  fillFolds(byProcess, trace);
  const coresOf = new Map(
    design.stages.flatMap(({ tasks }) =>
      tasks.map(({ task, shares }) => [task, shares.map(({ core }) => core)] as const),
    ),
  );
  const rows = byProcess.flatMap((intervals, process) => {
    const task = taskOf[process]!;
    return (coresOf.get(task) ?? []).flatMap((lane) =>
      merged(intervals).map(({ state, start, end }) => ({ lane, task, state, start, end })),
    );
  });
  rows.sort((a, b) => a.lane - b.lane || a.start - b.start || a.task - b.task);
  return {
    lanes: fabric.cores.map(({ node, name }) => ({ component: node, title: name, kind: 'compute' })),
    makespanCycles: makespan,
    clockHertz: fabric.clockHertz,
    lane: encodeColumn(Uint16Array.from(rows, ({ lane }) => lane)),
    start: encodeColumn(Float64Array.from(rows, ({ start }) => start)),
    end: encodeColumn(Float64Array.from(rows, ({ end }) => end)),
    operator: encodeColumn(Int32Array.from(rows, ({ task }) => task)),
    kind: encodeColumn(Uint8Array.from(rows, ({ state }) => state)),
  };
}

function intervalsByProcess({ intervals }: Trace, processes: number): Interval[][] {
  const rows: Interval[][] = Array.from({ length: processes }, () => []);
  for (let i = 0; i < intervals.process.length; i++) {
    const [start, end] = [intervals.start[i]!, intervals.end[i]!];
    if (end > start) rows[intervals.process[i]!]!.push({ state: intervals.state[i]!, start, end });
  }
  for (const row of rows) row.sort((a, b) => a.start - b.start);
  return rows;
}

/** Puts the repetitions of each fold behind its recorded stretch; inner folds come first, so outer ones repeat them too. */
function fillFolds(rows: Interval[][], { folds }: Trace): void {
  let room = MOST_INTERVALS - rows.reduce((sum, row) => sum + row.length, 0);
  for (const { from, period, times } of folds) {
    if (period === 0) continue;
    const gap = { start: from + period, end: from + period * (times + 1) };
    const stretches = rows.map((row) => within(row, from, from + period));
    const inside = stretches.reduce((sum, stretch) => sum + stretch.length, 0);
    const isPutIn = inside * times <= room;
    if (isPutIn) room -= inside * times;
    stretches.forEach((stretch, process) => {
      const row = rows[process]!;
      // Busy with one long operation all the while: that interval is there already.
      if (row.some(({ start, end }) => start < gap.start && end >= gap.end)) return;
      const filling: Interval[] = [];
      if (isPutIn)
        for (let time = 1; time <= times; time++)
          for (const { state, start, end } of stretch)
            filling.push({ state, start: start + time * period, end: end + time * period });
      else if (stretch.length > 0) {
        const states = new Set(stretch.map(({ state }) => state));
        const covered = stretch.reduce((sum, { start, end }) => sum + end - start, 0);
        const isAlike = states.size === 1 && covered >= period;
        filling.push({ ...gap, state: isAlike ? stretch[0]!.state : MIXED });
      }
      row.push(...filling);
      row.sort((a, b) => a.start - b.start);
    });
  }
}

/** Intervals that begin in [from, to). */
function within(row: readonly Interval[], from: number, to: number): readonly Interval[] {
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (row[middle]!.start < from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < row.length && row[end]!.start < to) end++;
  return row.slice(low, end);
}

/** Neighbours of the same state as one. */
function merged(row: readonly Interval[]): readonly Interval[] {
  const all: Interval[] = [];
  for (const next of row) {
    const last = all.at(-1);
    if (last && last.state === next.state && last.end >= next.start)
      all[all.length - 1] = { ...last, end: Math.max(last.end, next.end) };
    else all.push(next);
  }
  return all;
}
