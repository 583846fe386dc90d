/**
 * Views of a trace: what every process and FIFO is at a tick, and levels and bandwidth over time. Folds are not written
 * out: a tick in a repetition is looked up in the recorded period, and totals of whole periods are multiplied, so the work
 * is of what was recorded and of the points asked for, not of the length of the run.
 */
import type { Fold, Trace } from './run.ts';

/** State as an index into STATES; −1: it has ended (or does nothing). In true time. */
export interface ProcessAt {
  readonly state: number;
  readonly on: number;
  readonly start: number;
  readonly end: number;
}

export interface StateAt {
  readonly processes: readonly ProcessAt[];
  /** Tokens by FIFO. */
  readonly levels: readonly number[];
}

/** By point: [k, k + 1) · makespan ÷ points. */
export interface LevelSeries {
  readonly maximum: Float64Array;
  readonly mean: Float64Array;
}

/** Rows of one process or channel, by start; those that reach beyond a fold once more, where its last copy begins. */
interface Column {
  readonly rows: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A value from a tick on. */
interface Steps {
  readonly ticks: readonly number[];
  readonly values: readonly number[];
}

export class TraceView {
  readonly makespan: number;
  readonly #trace: Trace;
  readonly #processes: readonly Column[];
  readonly #levels: readonly Steps[];
  /** Bytes per tick by channel. */
  readonly #rates: readonly Steps[];

  /** `processes`, `fifos`, `channels`: how many the network has. */
  constructor(trace: Trace, makespan: number, processes: number, fifos: number, channels: number) {
    this.makespan = makespan;
    this.#trace = trace;
    const { intervals, transfers, levels, folds } = trace;
    this.#processes = columns(intervals.process, intervals.start, intervals.end, processes, folds);
    this.#levels = columns(levels.fifo, levels.tick, levels.tick, fifos, []).map(({ rows, starts }) => ({
      ticks: starts,
      values: rows.map((row) => levels.tokens[row]!),
    }));
    this.#rates = columns(transfers.channel, transfers.start, transfers.end, channels, folds).map((column) =>
      ratesOf(column, (row) => transfers.bytes[row]! / (transfers.end[row]! - transfers.start[row]!)),
    );
  }

  /** Of every process and FIFO in [tick, tick + 1). O(log n) each. */
  stateAt(tick: number): StateAt {
    return {
      processes: this.#processes.map((_, process) => this.processAt(process, tick)),
      levels: this.#levels.map((_, fifo) => this.levelAt(fifo, tick)),
    };
  }

  processAt(process: number, tick: number): ProcessAt {
    const { rows, starts, ends } = this.#processes[process]!;
    const { state, on } = this.#trace.intervals;
    for (let shift = 0; ; ) {
      const at = lastAt(starts, tick - shift);
      if (at >= 0 && ends[at]! > tick - shift) {
        const row = rows[at]!;
        return { state: state[row]!, on: on[row]!, start: starts[at]! + shift, end: ends[at]! + shift };
      }
      const fold = foldAt(this.#trace.folds, tick - shift);
      if (fold === null) return { state: -1, on: -1, start: tick, end: this.makespan };
      shift += Math.floor((tick - shift - fold.from) / fold.period) * fold.period;
    }
  }

  levelAt(fifo: number, tick: number): number {
    const { folds } = this.#trace;
    let at = tick;
    let gained = 0;
    for (let fold = foldAt(folds, at); fold !== null; fold = foldAt(folds, at)) {
      const copy = Math.floor((at - fold.from) / fold.period);
      at -= copy * fold.period;
      gained += copy * driftOf(fold, fifo);
    }
    const { ticks, values } = this.#levels[fifo]!;
    return (values[lastAt(ticks, at)] ?? 0) + gained;
  }

  /** Maximum and mean tokens of a FIFO over `points` equal stretches of the run. */
  levels(fifo: number, points: number): LevelSeries {
    const totals = this.#totals(this.#levels[fifo]!, points, (fold) => driftOf(fold, fifo));
    const width = this.makespan / points;
    return {
      maximum: Float64Array.from(totals, ({ maximum }) => maximum),
      mean: Float64Array.from(totals, ({ sum }) => (width > 0 ? sum / width : 0)),
    };
  }

  /** Bytes a channel moved in each of `points` equal stretches of the run; a transfer moves its bytes evenly. */
  bytes(channel: number, points: number): Float64Array {
    return Float64Array.from(
      this.#totals(this.#rates[channel]!, points, () => 0),
      ({ sum }) => sum,
    );
  }

  #totals({ ticks, values }: Steps, points: number, drift: (fold: Fold) => number): readonly Total[] {
    const total = totalsOf(this.#trace.folds, drift, (from, until) => {
      let sum = 0;
      let maximum = 0;
      for (let at = Math.max(0, lastAt(ticks, from)); at < ticks.length && ticks[at]! < until; at++) {
        const end = Math.min(until, ticks[at + 1] ?? until);
        sum += values[at]! * (end - Math.max(from, ticks[at]!));
        maximum = Math.max(maximum, values[at]!);
      }
      return { sum, maximum };
    });
    const edge = (point: number) => (point * this.makespan) / points;
    return Array.from({ length: points }, (_, point) => total(edge(point), edge(point + 1)));
  }
}

interface Total {
  readonly sum: number;
  readonly maximum: number;
}
type Totals = (from: number, until: number) => Total;

/** Totals over stretches of true time, from those over recorded ones: copies of a fold are whole periods and two ends. */
function totalsOf(folds: readonly Fold[], drift: (fold: Fold) => number, recorded: Totals): Totals {
  const none = { sum: 0, maximum: 0 };
  const add = (one: Total, other: Total): Total => ({
    sum: one.sum + other.sum,
    maximum: Math.max(one.maximum, other.maximum),
  });
  /** Of the folds before `last` (they may lie in the period of that one). */
  const total = (from: number, until: number, last: number): Total => {
    let sum: Total = none;
    let end = until;
    for (let at = last; end > from; at--) {
      const fold = folds[at];
      if (fold === undefined) return add(sum, recorded(from, end));
      const begin = fold.from + fold.period;
      const stop = begin + fold.times * fold.period;
      if (begin >= end) continue;
      if (stop < end) sum = add(sum, stop > from ? recorded(stop, end) : recorded(from, end));
      const [first, until] = [Math.max(from, begin), Math.min(end, stop)];
      if (first < until) sum = add(sum, copied(fold, first, until, at - 1));
      end = Math.min(end, begin);
    }
    return sum;
  };
  const periods = new Map<Fold, Total>();
  const copied = (fold: Fold, from: number, until: number, last: number): Total => {
    const { from: origin, period } = fold;
    const [first, final] = [Math.floor((from - origin) / period), Math.floor((until - origin) / period)];
    const gain = drift(fold);
    /** Of copy `number`, from and until given in true time: as recorded, but for what was gained by then. */
    const inCopy = (number: number, start: number, end: number): Total => {
      const one = total(start - number * period, end - number * period, last);
      return { sum: one.sum + number * gain * (end - start), maximum: one.maximum + number * gain };
    };
    if (first === final) return inCopy(first, from, until);
    let sum = inCopy(first, from, origin + (first + 1) * period);
    const lastCopy = origin + final * period;
    if (until > lastCopy) sum = add(sum, inCopy(final, lastCopy, until));
    const whole = final - first - 1;
    if (whole <= 0) return sum;
    const one = periods.get(fold) ?? total(origin, origin + period, last);
    periods.set(fold, one);
    const copies = (whole * (first + final)) / 2;
    return add(sum, {
      sum: whole * one.sum + copies * gain * period,
      maximum: one.maximum + gain * (gain > 0 ? final - 1 : first + 1),
    });
  };
  return (from, until) => total(from, until, folds.length - 1);
}

function driftOf({ drift = [] }: Fold, fifo: number): number {
  return drift.find((each) => each.fifo === fifo)?.tokens ?? 0;
}

/** The fold in whose copies `tick` lies. */
function foldAt(folds: readonly Fold[], tick: number): Fold | null {
  let low = -1;
  for (let high = folds.length - 1; low < high; ) {
    const middle = (low + high + 1) >> 1;
    if (folds[middle]!.from + folds[middle]!.period <= tick) low = middle;
    else high = middle - 1;
  }
  const fold = folds[low];
  return fold && tick < fold.from + (fold.times + 1) * fold.period ? fold : null;
}

function columns(
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

/**
 * Rows by start. One that began in the last period of a fold and ends after it did so in every copy: cut where the copies
 * begin, and there again with its end where the last copy ends.
 */
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
    ends[last] = until;
  }
  while (next < mine.length) add(mine[next++]!, 0);
  return { rows, starts, ends };
}

/** The rate while one moves, 0 between. */
function ratesOf({ rows, starts, ends }: Column, rate: (row: number) => number): Steps {
  const ticks: number[] = [];
  const values: number[] = [];
  rows.forEach((row, at) => {
    ticks.push(starts[at]!);
    values.push(rate(row));
    if (ends[at] !== starts[at + 1]) {
      ticks.push(ends[at]!);
      values.push(0);
    }
  });
  return { ticks, values };
}

/** Last index with starts ≤ tick; −1: none. */
function lastAt(starts: readonly number[], tick: number): number {
  let low = -1;
  for (let high = starts.length - 1; low < high; ) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= tick) low = middle;
    else high = middle - 1;
  }
  return low;
}
