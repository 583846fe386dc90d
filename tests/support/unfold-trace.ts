/** A trace with its folds written out: as long as the run. What series.ts sums without writing anything out is held against it. */
import type { Fold, Trace } from '#core/simulate/network/run.ts';

/** The trace of the unfolded run, but for waits that are cut where a state was remembered. Rows in no order of time. */
export function unfold(trace: Trace): Trace {
  const { intervals, transfers, levels } = trace;
  const intervalRows = copies(intervals.start, trace.folds);
  const transferRows = copies(transfers.start, trace.folds);
  const levelRows = copies(levels.tick, trace.folds, levels.fifo);
  return {
    intervals: {
      process: Int32Array.from(intervalRows.rows, (row) => intervals.process[row]!),
      state: Uint8Array.from(intervalRows.rows, (row) => intervals.state[row]!),
      on: Int32Array.from(intervalRows.rows, (row) => intervals.on[row]!),
      start: Float64Array.from(intervalRows.rows, (row, at) => intervals.start[row]! + intervalRows.shifts[at]!),
      end: Float64Array.from(intervalRows.rows, (row, at) => intervals.end[row]! + intervalRows.shifts[at]!),
    },
    transfers: {
      channel: Int32Array.from(transferRows.rows, (row) => transfers.channel[row]!),
      process: Int32Array.from(transferRows.rows, (row) => transfers.process[row]!),
      isStore: Uint8Array.from(transferRows.rows, (row) => transfers.isStore[row]!),
      bytes: Float64Array.from(transferRows.rows, (row) => transfers.bytes[row]!),
      start: Float64Array.from(transferRows.rows, (row, at) => transfers.start[row]! + transferRows.shifts[at]!),
      end: Float64Array.from(transferRows.rows, (row, at) => transfers.end[row]! + transferRows.shifts[at]!),
    },
    levels: {
      fifo: Int32Array.from(levelRows.rows, (row) => levels.fifo[row]!),
      tick: Float64Array.from(levelRows.rows, (row, at) => levels.tick[row]! + levelRows.shifts[at]!),
      tokens: Float64Array.from(levelRows.rows, (row, at) => levels.tokens[row]! + levelRows.gained[at]!),
      most: Float64Array.from(levelRows.rows, (row, at) => levels.most[row]! + levelRows.gained[at]!),
    },
    folds: [],
  };
}

interface Copies {
  readonly rows: number[];
  readonly shifts: number[];
  /** Tokens more than recorded, of levels. */
  readonly gained: number[];
}

/** Every row, and it again for every fold it lies in: inner folds first, so that outer ones repeat their copies, too. */
function copies(starts: Float64Array, folds: readonly Fold[], fifos?: Int32Array): Copies {
  const rows = Array.from(starts, (_, row) => row);
  const shifts = rows.map(() => 0);
  const gained = rows.map(() => 0);
  for (const { from, period, times, drift = [] } of folds) {
    const gain = new Map(drift.map(({ fifo, tokens }) => [fifo, tokens]));
    for (let at = 0, count = rows.length; at < count; at++) {
      const start = starts[rows[at]!]! + shifts[at]!;
      if (start < from || start >= from + period) continue;
      for (let time = 1; time <= times; time++) {
        rows.push(rows[at]!);
        shifts.push(shifts[at]! + time * period);
        gained.push(gained[at]! + time * (gain.get(fifos?.[rows[at]!] ?? -1) ?? 0));
      }
    }
  }
  return { rows, shifts, gained };
}
