/**
 * Levels and bandwidth over the time of a trace. Folds are not written out: totals of whole periods are multiplied, so the
 * work is of what was recorded and of the points asked for, not of the length of the run.
 */
import { type Column, columns, lastAt } from './columns.ts';
import type { Fold, Trace } from './run.ts';

/** By point: [k, k + 1) · makespan ÷ points. */
export interface LevelSeries {
  /** At any moment, within a tick too: what is put and got in the same tick needed its place. */
  readonly maximum: Float64Array;
  /** Over time: what is put and got in the same tick adds nothing. */
  readonly mean: Float64Array;
}

/** A value from a tick on, and the highest within that tick. */
interface Steps {
  readonly ticks: readonly number[];
  readonly values: readonly number[];
  readonly peaks: readonly number[];
}

export class TraceSeries {
  readonly makespan: number;
  readonly #trace: Trace;
  readonly #levels: readonly Steps[];
  /** Bytes per tick by channel. */
  readonly #rates: readonly Steps[];

  /** `fifos`, `channels`: how many the network has. */
  constructor(trace: Trace, makespan: number, fifos: number, channels: number) {
    this.makespan = makespan;
    this.#trace = trace;
    const { transfers, levels, folds } = trace;
    this.#levels = columns(levels.fifo, levels.tick, levels.tick, fifos, []).map(({ rows, starts }) => ({
      ticks: starts,
      values: rows.map((row) => levels.tokens[row]!),
      peaks: rows.map((row) => levels.most[row]!),
    }));
    this.#rates = columns(transfers.channel, transfers.start, transfers.end, channels, folds).map((column) =>
      ratesOf(column, (row) => transfers.bytes[row]! / (transfers.end[row]! - transfers.start[row]!)),
    );
  }

  /** Maximum and mean tokens of a FIFO over `points` equal stretches of the run. */
  levels(fifo: number, points: number): LevelSeries {
    const steps = this.#levels[fifo]!;
    const totals = this.#totals(steps, points, (fold) => driftOf(fold, fifo));
    const maximum = Float64Array.from(totals, (total) => total.maximum);
    // What comes in the very end belongs to the last stretch.
    if (steps.ticks.at(-1) === this.makespan) maximum[points - 1] = Math.max(maximum[points - 1]!, steps.peaks.at(-1)!);
    const width = this.makespan / points;
    return { maximum, mean: Float64Array.from(totals, ({ sum }) => (width > 0 ? sum / width : 0)) };
  }

  /** Bytes a channel moved in each of `points` equal stretches of the run; a transfer moves its bytes evenly. */
  bytes(channel: number, points: number): Float64Array {
    return Float64Array.from(
      this.#totals(this.#rates[channel]!, points, () => 0),
      ({ sum }) => sum,
    );
  }

  #totals({ ticks, values, peaks }: Steps, points: number, drift: (fold: Fold) => number): readonly Total[] {
    const total = totalsOf(this.#trace.folds, drift, (from, until) => {
      let sum = 0;
      let maximum = 0;
      for (let at = Math.max(0, lastAt(ticks, from)); at < ticks.length && ticks[at]! < until; at++) {
        const end = Math.min(until, ticks[at + 1] ?? until);
        sum += values[at]! * (end - Math.max(from, ticks[at]!));
        maximum = Math.max(maximum, ticks[at]! < from ? values[at]! : peaks[at]!);
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
  return { ticks, values, peaks: values };
}
