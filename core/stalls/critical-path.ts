/**
 * The critical path of a run: a chain of events, each of which the next one had to wait for, back from the last
 * tick to the first. Time passes only in its spans (computing, reconfiguration, off-chip access); they tile the
 * makespan. Where it waits for a token or for room, the chain goes on at the process that gave it, at the same tick.
 * Stretches of a folded run are walked once: the walk is periodic there too.
 */
import { type Interval, Intervals, type Region } from '#core/simulate/network/intervals.ts';
import type { Network } from '#core/simulate/network/network.ts';
import type { NetworkRun, State } from '#core/simulate/network/run.ts';
import { endsOf, usersOf } from './subject.ts';

/** What a process gave at the end of a span, on which another one went on at the same tick. */
export interface Hop {
  readonly kind: 'data' | 'room' | 'lock' | 'barrier';
  /** FIFO, lock or barrier. */
  readonly on: number;
  /** The process that waited for it. */
  readonly to: number;
}

export interface Span {
  readonly process: number;
  /** `busy`, `reconfigure`, `load`, `store`; `lock` and `barrier` where it is not known who held it up. */
  readonly state: State;
  /** Channel, lock or barrier of the state; −1: none. */
  readonly on: number;
  /** Ticks. Of a repetition, those of its first time. */
  readonly start: number;
  readonly end: number;
  /** How the next span follows: empty in the same process, else from process to process. */
  readonly next: readonly Hop[];
}

/** Items, `times` times one after the other, `period` ticks each. */
export interface Repeat {
  readonly times: number;
  readonly start: number;
  readonly period: number;
  readonly items: readonly PathItem[];
}

export type PathItem = Span | Repeat;

export interface CriticalPath {
  readonly makespan: number;
  /** In order of time, one after the other without gaps from 0 to the makespan. */
  readonly items: readonly PathItem[];
}

interface Mark {
  /** Items found when it was passed, and the tick. */
  readonly items: number;
  readonly tick: number;
}

/**
 * `run` of `network` with a trace, folded or not. Null where it deadlocked or nothing takes time.
 * Throws RangeError where the run has no trace.
 */
export function criticalPathOf(network: Network, run: NetworkRun): CriticalPath | null {
  if (!run.trace) throw new RangeError('a critical path needs the trace of a run');
  if (run.deadlock || run.makespan === 0) return null;
  return new Walk(network, run, new Intervals(run.trace, network.processes.length)).walk();
}

class Walk {
  readonly #run: NetworkRun;
  readonly #intervals: Intervals;
  readonly #ends: ReturnType<typeof endsOf>;
  readonly #users: ReturnType<typeof usersOf>;
  /** Found so far, latest first: the walk goes back in time. */
  readonly #items: PathItem[] = [];
  /** Regions the walk is in, outermost first, with what it passed there. */
  #regions: { readonly region: Region; readonly seen: Map<string, Mark> }[] = [];

  constructor(network: Network, run: NetworkRun, intervals: Intervals) {
    this.#run = run;
    this.#intervals = intervals;
    this.#ends = endsOf(network);
    this.#users = usersOf(network);
  }

  walk(): CriticalPath {
    const { makespan, processes } = this.#run;
    let tick = makespan;
    let process = processes.findIndex(({ end }) => end === makespan);
    /** From here on to the span found last, no time passing. */
    let hops: readonly Hop[] = [];
    while (tick > 0) {
      const skipped = hops.length === 0 ? this.#repeat(process, tick) : 0;
      if (skipped > 0) {
        tick -= skipped;
        continue;
      }
      const interval = this.#intervals.at(process, tick - 1);
      if (!interval) throw new Error(`process ${process} does nothing before ${tick}`);
      // Whoever comes twice at one tick was not what held it up.
      const giver = hops.some(({ to }) => to === process) ? null : this.#giver(process, interval, tick);
      if (giver) {
        hops = [{ kind: giver.kind, on: interval.on, to: process }, ...hops];
        process = giver.process;
        continue;
      }
      const { state, on, start } = interval;
      this.#push({
        process,
        state,
        on: state === 'busy' || state === 'reconfigure' ? -1 : on,
        start,
        end: tick,
        next: hops,
      });
      tick = start;
      hops = [];
    }
    return { makespan, items: this.#items.reverse().map(forwards) };
  }

  /** One after another in the same process for the same reason is one span. */
  #push(span: Span): void {
    const later = this.#items.at(-1);
    const joins =
      later &&
      'process' in later &&
      this.#regions.length === 0 &&
      span.next.length === 0 &&
      later.process === span.process &&
      later.state === span.state &&
      later.on === span.on;
    if (joins) this.#items[this.#items.length - 1] = { ...later, start: span.start };
    else this.#items.push(span);
  }

  /** Who ended the wait of `process` at `tick`; null where it does not wait for a process. */
  #giver(process: number, { state, on }: Interval, tick: number) {
    if (state === 'get') return { process: this.#ends.writer[on]!, kind: 'data' as const };
    if (state === 'put') return { process: this.#ends.reader[on]!, kind: 'room' as const };
    if (state !== 'lock' && state !== 'barrier') return null;
    const users = state === 'lock' ? this.#users.locks[on]! : this.#users.barriers[on]!;
    const others = [...users].filter((other) => {
      if (other === process) return false;
      const before = this.#intervals.at(other, tick - 1);
      return before !== null && before.end === tick && !(before.state === state && before.on === on);
    });
    // Of several that did something at this tick one may be innocent: then the wait stays its own.
    return others.length === 1 ? { process: others[0]!, kind: state } : null;
  }

  /** Where the walk comes by again as it did one or more periods later: wraps it, and how many ticks that skips. */
  #repeat(process: number, tick: number): number {
    const regions = this.#intervals.regions(tick - 1);
    this.#regions = regions.map((region, depth) => {
      const known = this.#regions[depth];
      return known && known.region.start === region.start && known.region.period === region.period
        ? known
        : { region, seen: new Map<string, Mark>() };
    });
    for (const { region, seen } of this.#regions) {
      const key = `${process}/${(tick - region.start) % region.period}`;
      const mark = seen.get(key);
      if (!mark || mark.items >= this.#items.length) {
        seen.set(key, { items: this.#items.length, tick });
        continue;
      }
      const period = mark.tick - tick;
      const times = Math.floor((tick - region.start) / period);
      seen.clear();
      if (times === 0) continue;
      const body = this.#items.splice(mark.items);
      this.#items.push({ times: times + 1, start: tick - times * period, period, items: body });
      for (const other of this.#regions)
        for (const [at, { items }] of other.seen) if (items > mark.items) other.seen.delete(at);
      return times * period;
    }
    return 0;
  }
}

/** Items were found latest first; those of a repetition lie in its last time and are told in its first. */
function forwards(item: PathItem): PathItem {
  if ('process' in item) return item;
  return moved({ ...item, items: [...item.items].reverse().map(forwards) }, 0, item);
}

function moved(item: PathItem, by: number, outer: Repeat | null = null): PathItem {
  if ('process' in item) return by === 0 ? item : { ...item, start: item.start + by, end: item.end + by };
  const inner = outer ? -(outer.times - 1) * outer.period : by;
  return { ...item, start: item.start + by, items: item.items.map((part) => moved(part, inner)) };
}

/** Calls `visit` for every span with how often it comes. */
export function eachSpan(items: readonly PathItem[], visit: (span: Span, times: number) => void, times = 1): void {
  for (const item of items) {
    if ('process' in item) visit(item, times);
    else eachSpan(item.items, visit, times * item.times);
  }
}

/** FIFOs whose room the path waits for: only more of these can make the run shorter. */
export function roomsOf({ items }: CriticalPath): ReadonlySet<number> {
  const rooms = new Set<number>();
  eachSpan(items, ({ next }) => {
    for (const { kind, on } of next) if (kind === 'room') rooms.add(on);
  });
  return rooms;
}
