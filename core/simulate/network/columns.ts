/** Rows of a trace by what they belong to, and where its folds repeat them. */
import type { Fold } from './run.ts';

/** Rows of one process or channel, by start; those that reach beyond a fold once more, where its last copy begins. */
export interface Column {
  readonly rows: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** The fold in whose copies `tick` lies. */
export function foldAt(folds: readonly Fold[], tick: number): Fold | null {
  let low = -1;
  for (let high = folds.length - 1; low < high; ) {
    const middle = (low + high + 1) >> 1;
    if (folds[middle]!.from + folds[middle]!.period <= tick) low = middle;
    else high = middle - 1;
  }
  const fold = folds[low];
  return fold && tick < fold.from + (fold.times + 1) * fold.period ? fold : null;
}

/** By owner 0 … `count` − 1, which are recorded in order of time each. */
export function columns(
  owner: Int32Array,
  start: Float64Array,
  end: Float64Array,
  count: number,
  folds: readonly Fold[],
): readonly Column[] {
  const rows: number[][] = Array.from({ length: count }, () => []);
  owner.forEach((which, row) => {
    rows[which]?.push(row);
  });
  return rows.map((mine) => carried(mine, start, end, folds));
}

/** Rows by start. One that began in the recorded period of a fold and ends after it did so in every copy: there again in the last. */
function carried(mine: readonly number[], start: Float64Array, end: Float64Array, folds: readonly Fold[]): Column {
  const rows: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const add = (row: number, by: number): void => {
    rows.push(row);
    starts.push(start[row]! + by);
    ends.push(end[row]! + by);
  };
  let next = 0;
  for (const { from, period, times } of folds) {
    const until = from + period;
    while (next < mine.length && start[mine[next]!]! < until) add(mine[next++]!, 0);
    const last = rows.length - 1;
    if (last < 0 || starts[last]! < from || ends[last]! <= until) continue;
    add(rows[last]!, starts[last]! - start[rows[last]!]! + times * period);
  }
  while (next < mine.length) add(mine[next++]!, 0);
  return { rows, starts, ends };
}

/** Last index with starts ≤ tick; −1: none. */
export function lastAt(starts: readonly number[], tick: number): number {
  let low = -1;
  for (let high = starts.length - 1; low < high; ) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= tick) low = middle;
    else high = middle - 1;
  }
  return low;
}
