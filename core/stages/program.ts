/**
 * The program of one task: blocks × firings as nested loops. What differs from firing to firing (cyclic rates, a byte
 * more or less, the first filling of the pipeline, what is requested ahead) is cut into stretches that do not, and a stretch is
 * loops over one period, so a program is short however long it runs.
 */
import { gcd } from '#core/base/gcd.ts';
import type { Operation, Statement } from '#core/simulate/network/network.ts';
import type { Granularity, Task } from '#core/taskgraph/task-graph.ts';
import { lcm, type Spread, spreadAt } from './rates.ts';

/** One end of a FIFO as its task sees it. */
export interface FifoEnd {
  readonly fifo: number;
  readonly kind: 'get' | 'put';
  readonly per: Granularity;
  /** Cyclic over units. */
  readonly tokens: readonly number[];
  /** Ticks between tokens, by the same cycle. */
  readonly intervals: readonly number[];
}

export interface ChannelEnd {
  readonly channel: number;
  readonly kind: 'load' | 'store';
  readonly per: Granularity;
  readonly bytes: Spread;
  readonly access: 'blocking' | 'burst' | 'async';
  readonly beatBytes: number;
}

export interface TaskProgram {
  readonly task: Pick<Task, 'blocks' | 'firings'>;
  /** Ticks of firings, cyclic over the run. */
  readonly ticks: readonly number[];
  /** Added to the first. */
  readonly startTicks: number;
  readonly fifos: readonly FifoEnd[];
  readonly channels: readonly ChannelEnd[];
  /** How many firings ahead asynchronous loads of firings are requested, ≥ 1. */
  readonly ahead: number;
}

/** Statements a program may have; a period longer than that is no loop. */
export const LONGEST_PROGRAM = 200_000;

/** Null where the cyclic rates have a common period too long to be written out. */
export function programOf(program: TaskProgram): readonly Statement[] | null {
  const writer = new Writer(program);
  return writer.isTooLong ? null : writer.write();
}

class Writer {
  readonly #p: TaskProgram;
  readonly #total: number;
  readonly #ahead: number;
  /** Firings, blocks after which everything repeats. */
  readonly #firingPeriod: number;
  readonly #blockPeriod: number;

  constructor(program: TaskProgram) {
    this.#p = program;
    const { blocks, firings } = program.task;
    this.#total = blocks * firings;
    this.#ahead = Math.min(program.ahead, this.#total);
    const length = (per: Granularity) =>
      program.fifos.filter((end) => end.per === per).reduce((all, { tokens }) => lcm(all, tokens.length || 1), 1);
    this.#firingPeriod = lcm(length('firing'), program.ticks.length || 1);
    this.#blockPeriod = lcm(length('block'), this.#firingPeriod / gcd(firings, this.#firingPeriod));
  }

  get isTooLong(): boolean {
    const { blocks, firings } = this.#p.task;
    const cuts = this.#cuts();
    // A stretch is at most a period and what is left over, twice nested.
    const period = 2 * Math.min(firings, this.#firingPeriod) * (2 + Math.min(blocks, this.#blockPeriod));
    let longest = 0;
    for (let at = 0; at + 1 < cuts.length; at++) longest += Math.min(cuts[at + 1]! - cuts[at]!, period);
    return longest * (4 + this.#p.fifos.length + 2 * this.#p.channels.length) > LONGEST_PROGRAM;
  }

  write(): readonly Statement[] {
    const task = this.#channels('task');
    const body: Statement[] = [];
    body.push(...task.flatMap((end) => this.#transfer(end, 'load', 0)));
    if (task.some(({ kind, access }) => kind === 'load' && access === 'async'))
      body.push({ kind: 'await', pending: 0 });
    body.push(...this.#moves('task', 'get', 0));
    body.push(...this.#requestFirst());
    const cuts = this.#cuts();
    for (let at = 0; at + 1 < cuts.length; at++) body.push(...this.#stretch(cuts[at]!, cuts[at + 1]!));
    body.push(...this.#moves('task', 'put', 0));
    body.push(...this.#async('firing', 'store', this.#total - 1));
    body.push(...this.#async('block', 'store', this.#p.task.blocks - 1));
    body.push(...task.flatMap((end) => this.#transfer(end, 'store', 0)));
    if (this.#p.channels.some(({ access }) => access === 'async')) body.push({ kind: 'await', pending: 0 });
    return body;
  }

  /** Firings at which something changes for good, from 0 to the end. */
  #cuts(): readonly number[] {
    const { blocks, firings } = this.#p.task;
    const total = this.#total;
    const cuts = new Set([0, total]);
    const cut = (firing: number): void => {
      if (firing > 0 && firing < total) cuts.add(firing);
    };
    if (this.#p.startTicks > 0) cut(1);
    for (const { per, bytes, access, kind } of this.#p.channels) {
      if (per === 'task') continue;
      const unit = per === 'firing' ? 1 : firings;
      const units = per === 'firing' ? total : blocks;
      // Stores are requested a unit later, loads `ahead` units earlier.
      const shift = access !== 'async' ? 0 : kind === 'store' ? 1 : per === 'firing' ? -this.#ahead : -1;
      if (bytes.extra > 0) cut((bytes.extra + shift) * unit);
      if (access !== 'async') continue;
      cut(unit);
      cut((units + Math.min(0, shift)) * unit);
      // The window closes with the last load.
      if (per === 'firing' && kind === 'load') for (let left = 1; left < this.#ahead; left++) cut(total - left);
    }
    return [...cuts].sort((a, b) => a - b);
  }

  /** Firings from `start` to `end`, between two cuts: the rest of a block, whole blocks, the beginning of a block. */
  #stretch(start: number, end: number): readonly Statement[] {
    const { firings } = this.#p.task;
    const body: Statement[] = [];
    let at = start;
    if (at % firings !== 0) {
      const stop = Math.min(end, (Math.floor(at / firings) + 1) * firings);
      body.push(...this.#within(at, stop));
      at = stop;
    }
    const whole = Math.floor((end - at) / firings);
    const firstBlock = at / firings;
    if (whole > 0)
      body.push(
        ...cyclic(whole, this.#blockPeriod, (block) => {
          const from = (firstBlock + block) * firings;
          return this.#within(from, from + firings);
        }),
      );
    at += whole * firings;
    if (at < end) body.push(...this.#within(at, end));
    return body;
  }

  /** Firings of one block; with what its first and last bring with them. */
  #within(start: number, end: number): readonly Statement[] {
    const { firings } = this.#p.task;
    const block = Math.floor(start / firings);
    return [
      ...(start % firings === 0 ? this.#blockStart(block) : []),
      ...cyclic(end - start, this.#firingPeriod, (firing) => this.#firing(start + firing)),
      ...(end % firings === 0 ? this.#blockEnd(block) : []),
    ];
  }

  #blockStart(block: number): readonly Statement[] {
    const body: Statement[] = [];
    if (this.#hasAsync('block')) {
      if (block > 0) body.push({ kind: 'await', pending: 0 }, ...this.#async('block', 'store', block - 1));
      body.push(...this.#async('block', 'load', block + 1));
    }
    body.push(...this.#waited('block', 'load', block));
    body.push(...this.#moves('block', 'get', block));
    return body;
  }

  #blockEnd(block: number): readonly Statement[] {
    return [...this.#moves('block', 'put', block), ...this.#waited('block', 'store', block)];
  }

  #firing(firing: number): readonly Statement[] {
    const body: Statement[] = [];
    if (this.#hasAsync('firing')) {
      if (firing > 0)
        body.push({ kind: 'await', pending: this.#mayPend(firing) }, ...this.#async('firing', 'store', firing - 1));
      body.push(...this.#async('firing', 'load', firing + this.#ahead));
    }
    const { ticks, startTicks } = this.#p;
    body.push(...this.#waited('firing', 'load', firing));
    body.push(...this.#moves('firing', 'get', firing));
    const busy = (ticks.length === 0 ? 0 : ticks[firing % ticks.length]!) + (firing === 0 ? startTicks : 0);
    if (busy > 0) body.push({ kind: 'compute', ticks: busy });
    body.push(...this.#moves('firing', 'put', firing));
    body.push(...this.#waited('firing', 'store', firing));
    return body;
  }

  /** Loads of the first units: the very first are waited for, the others are on their way. */
  #requestFirst(): readonly Statement[] {
    const first = [...this.#async('block', 'load', 0), ...this.#async('firing', 'load', 0)];
    if (first.length === 0) return [];
    const others: Operation[] = [];
    for (let firing = 1; firing < this.#ahead; firing++) others.push(...this.#async('firing', 'load', firing));
    // Alone on its channel the first is also the first to come; of several, others might be.
    if (first.length === 1) return [...first, ...others, { kind: 'await', pending: others.length }];
    return [...first, { kind: 'await', pending: 0 }, ...others];
  }

  /**
   * Transfers that may be under way when a firing begins: loads of the firings after it. A window counts transfers, so stores under way narrow it for loads; data are never used before they are there.
   */
  #mayPend(firing: number): number {
    const count = (per: Granularity, kind: 'load' | 'store') =>
      this.#channels(per).filter(
        (end) => end.kind === kind && end.access === 'async' && end.bytes.each + end.bytes.extra > 0,
      ).length;
    const loads = count('firing', 'load');
    const ahead =
      loads > 0
        ? loads * Math.min(this.#ahead - 1, this.#total - 1 - firing)
        : count('firing', 'store') * (this.#ahead - 1);
    return ahead;
  }

  #channels(per: Granularity): readonly ChannelEnd[] {
    return this.#p.channels.filter((end) => end.per === per);
  }

  #hasAsync(per: Granularity): boolean {
    return this.#channels(per).some(({ access }) => access === 'async');
  }

  #async(per: Granularity, kind: 'load' | 'store', unit: number): readonly Operation[] {
    return this.#channels(per)
      .filter(({ access }) => access === 'async')
      .flatMap((end) => this.#transfer(end, kind, unit));
  }

  #waited(per: Granularity, kind: 'load' | 'store', unit: number): readonly Operation[] {
    return this.#channels(per)
      .filter(({ access }) => access !== 'async')
      .flatMap((end) => this.#transfer(end, kind, unit));
  }

  #transfer(end: ChannelEnd, kind: 'load' | 'store', unit: number): readonly Operation[] {
    if (end.kind !== kind || unit >= end.bytes.units) return [];
    const bytes = spreadAt(end.bytes, unit);
    const { channel, access, beatBytes } = end;
    return bytes > 0 ? [{ kind, channel, bytes, access, beatBytes }] : [];
  }

  #moves(per: Granularity, kind: 'get' | 'put', unit: number): readonly Operation[] {
    return this.#p.fifos.flatMap((end) => {
      if (end.per !== per || end.kind !== kind || end.tokens.length === 0) return [];
      const phase = unit % end.tokens.length;
      const tokens = end.tokens[phase]!;
      return tokens > 0 ? [{ kind, fifo: end.fifo, tokens, interval: end.intervals[phase]! }] : [];
    });
  }
}

/** `count` bodies that repeat every `period`: a loop over one period, and what is left over. */
function cyclic(count: number, period: number, bodyOf: (index: number) => readonly Statement[]): readonly Statement[] {
  const bodies = (from: number, to: number): Statement[] => {
    const all: Statement[] = [];
    for (let index = from; index < to; index++) all.push(...bodyOf(index));
    return all;
  };
  const repeat = Math.floor(count / period);
  if (repeat < 2) return bodies(0, count);
  const body = bodies(0, period);
  return [...(body.length > 0 ? [{ kind: 'loop' as const, repeat, body }] : []), ...bodies(repeat * period, count)];
}
