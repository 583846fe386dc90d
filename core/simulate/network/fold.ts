/**
 * Folding: when the whole network is again in a state it was in, it will go on as it did then, so the stretch between
 * is multiplied by how often it fits before a loop ends. Self-timed networks get there after a transient (Ghamarian et
 * al., ACSD 2006, section 4). States are compared between ticks, where loops repeat, against one remembered state a
 * loop, renewed at powers of two (Brent, BIT 20, 1980); looking is paid from a fixed share of the work of playing.
 */
import { BLOCKING, type Code, LOAD, STORE } from './code.ts';
import type { Recorder } from './recorder.ts';
import type { Drift } from './run.ts';
import { Snapshot } from './snapshot.ts';
import { COMPLETE, type Playing, type ProcessState, RESUME, RUNNING } from './state.ts';
import type { Tally } from './tally.ts';

/** A loop, or the transfers of a process: where states are compared. */
interface Site {
  snapshot: Snapshot | null;
  /** Visits since it was remembered, and at how many the next state is remembered. */
  visits: number;
  renewAt: number;
  /** Visits in the stretch that was folded last: the next is mostly as long, so a state is kept for so many. */
  period: number;
  /** States remembered in vain. */
  misses: number;
  /** Whether it was passed in this tick; the process that differed last time it was compared. */
  isPassed: boolean;
  witness: number;
}

/** What is multiplied: the sums at its end, what FIFOs gain in it, how often, and up to when it was played. */
interface Stretch {
  readonly after: Float64Array;
  readonly drift: readonly Drift[];
  readonly times: number;
  readonly tick: number;
}

/** Repetitions still to come below which a loop is not looked at. */
const WORTH = 8;
/** Numbers copied or compared that an event pays for, and how many events may be saved up. */
const SHARE = 6;
const SAVED = 2 ** 18;
/** States remembered at once, over all loops. */
const REMEMBERED = 64;

export class Folder {
  readonly #player: Playing;
  readonly #tally: Tally;
  readonly #recorder: Recorder | null;
  /** By process: one site a loop, and one for its transfers. */
  readonly #sites: readonly Site[];
  readonly #first: Int32Array;
  /** Where the counters of each process begin in a snapshot; at the end how many there are. */
  readonly #firstCounter: Int32Array;
  readonly #passed: Site[] = [];
  readonly #remembered: Site[] = [];
  /** Columns of states nobody remembers any more. */
  readonly #unused: Snapshot[] = [];
  readonly #after: Float64Array;
  readonly #scratch: number[] = [];
  readonly #cost: number;
  #credit = 0;
  #paidUpTo = 0;

  constructor(player: Playing, tally: Tally, recorder: Recorder | null) {
    this.#player = player;
    this.#tally = tally;
    this.#recorder = recorder;
    let sites = 0;
    let counters = 0;
    this.#first = new Int32Array(player.processes.length);
    this.#firstCounter = new Int32Array(player.processes.length + 1);
    for (const { index, code } of player.processes) {
      this.#first[index] = sites;
      sites += code.counters + 1;
      counters += code.counters;
      this.#firstCounter[index + 1] = counters;
    }
    this.#sites = Array.from({ length: sites }, () => ({
      snapshot: null,
      visits: 0,
      renewAt: 1,
      period: 0,
      misses: 0,
      isPassed: false,
      witness: 0,
    }));
    this.#after = new Float64Array(tally.size + 1);
    const { processes, occupancy, channels } = player;
    this.#cost = 16 * processes.length + 4 * occupancy.length + 32 * channels.length + counters + 2 * tally.size + 64;
    this.#credit = 4 * this.#cost;
  }

  /** A loop of `p` goes round again. */
  iteration(p: ProcessState, counter: number): void {
    const site = this.#sites[this.#first[p.index]! + counter]!;
    const done = p.counters[counter]!;
    if (done === 1) this.#forget(site);
    this.#pass(site, p.code.repeats[counter]! - done < WORTH);
  }

  /** A token or beat of the operation `p` is in has passed. */
  transfer(p: ProcessState): void {
    const site = this.#sites[this.#first[p.index]! + p.code.counters]!;
    if (p.progress === 1) this.#forget(site);
    this.#pass(site, lengthOf(p.code, p.pc) - p.progress < WORTH);
  }

  #pass(site: Site, isNearEnd: boolean): void {
    if (site.isPassed || (isNearEnd && site.snapshot === null)) return;
    site.isPassed = true;
    this.#passed.push(site);
  }

  /** Everything of this tick has happened: compares where loops went round. */
  settled(): void {
    if (this.#passed.length === 0) return;
    const { events } = this.#player;
    this.#credit = Math.min(SAVED * SHARE, this.#credit + SHARE * (events - this.#paidUpTo));
    this.#paidUpTo = events;
    let hasFolded = false;
    for (const site of this.#passed) {
      site.isPassed = false;
      if (!hasFolded) hasFolded = this.#visit(site);
    }
    this.#passed.length = 0;
  }

  /** Whether a stretch was folded. */
  #visit(site: Site): boolean {
    const tick = this.#player.kernel.now + 1;
    site.visits++;
    const { snapshot } = site;
    if (snapshot !== null && this.#matches(site, snapshot, tick)) {
      const after = this.#after;
      this.#tally.copySums(this.#player, tick, after);
      const drift = this.#drift(snapshot);
      const most = Math.min(this.#times(snapshot, tick), this.#timesOfDrift(snapshot, after, drift));
      // The last stretch is played where one fills: its highest level is then.
      const times = drift.some(({ tokens }) => tokens > 0) ? most - 1 : most;
      if (times > 0) {
        this.#skip(snapshot, { after, drift, times, tick });
        site.misses = 0;
        site.period = site.visits;
        // What was found saves more than looking costs: loops around this one are to be looked at too.
        this.#credit = Math.min(SAVED * SHARE, this.#credit + 3 * this.#cost);
      }
      this.#forget(site);
      return times > 0;
    }
    // Loops that led to nothing wait until more is saved up than those that have not been tried.
    if (site.visits < site.renewAt || this.#credit < this.#cost * Math.min(8, 1 + site.misses)) return false;
    this.#credit -= this.#cost;
    site.misses++;
    this.#remember(site, tick);
    site.visits = 0;
    site.renewAt = Math.max(site.period + 1, Math.min(2 * site.renewAt, 2 ** 30));
    return false;
  }

  /** The columns of `site`, of one that has forgotten, or new ones. */
  #columns(site: Site): Snapshot {
    if (!this.#remembered.includes(site)) this.#remembered.push(site);
    if (this.#remembered.length > REMEMBERED) this.#release(this.#remembered.shift()!);
    return site.snapshot ?? this.#unused.pop() ?? new Snapshot(this.#player, this.#tally, this.#firstCounter);
  }

  #remember(site: Site, tick: number): void {
    const snapshot = this.#columns(site);
    snapshot.take(this.#player, this.#tally, tick);
    site.snapshot = snapshot;
  }

  #release(site: Site): void {
    if (site.snapshot !== null) this.#unused.push(site.snapshot);
    site.snapshot = null;
  }

  #forget(site: Site): void {
    this.#release(site);
    site.visits = 0;
    site.renewAt = 1;
  }

  #matches(site: Site, then: Snapshot, tick: number): boolean {
    const { processes } = this.#player;
    const count = processes.length;
    // Who differed last time mostly differs again.
    if (then.differs(processes[site.witness]!, tick)) return false;
    for (let index = 0; index < count; index++) {
      if (then.differs(processes[index]!, tick)) {
        site.witness = index;
        this.#credit -= index;
        return false;
      }
    }
    this.#credit -= count;
    if (then.channelDiffers(this.#player, tick)) return false;
    // Compared in vain it has cost something, but not the chance to remember another state.
    this.#credit = Math.max(-this.#cost, this.#credit - this.#cost);
    return then.isRestEqual(this.#player, tick, this.#scratch);
  }

  /** How often the stretch fits before a loop ends or somebody asleep wakes; 0 where it does not repeat. */
  #times(then: Snapshot, tick: number): number {
    const { progress: transferred, wakes, versions, tick: from } = then;
    const { processes, channels } = this.#player;
    let times = Number.MAX_SAFE_INTEGER;
    const period = tick - from;
    const until = (end: number) => {
      times = Math.min(times, Math.floor((end - tick) / period));
    };
    for (const process of processes) {
      const { index, code, pc, counters: present, progress, wake } = process;
      let moved = false;
      for (const counter of code.nesting[pc]!) {
        const step = then.stepOf(process, counter);
        if (step === 0) continue;
        if (moved || step < 0) return 0;
        moved = true;
        times = Math.min(times, Math.floor((code.repeats[counter]! - 1 - present[counter]!) / step));
      }
      const step = progress - transferred[index]!;
      if (step !== 0) {
        if (moved || step < 0) return 0;
        times = Math.min(times, Math.floor((lengthOf(code, pc) - 1 - progress) / step));
      }
      if (wake !== -1 && wake === wakes[index]) until(wake);
    }
    for (let channel = 0; channel < channels.length; channel++) {
      const { version, nextEvent, free } = channels[channel]!;
      if (version !== versions[channel]) continue;
      // Nothing happens here, but data that move through all the stretch must do so in its copies.
      if (free > from && free <= tick) return 0;
      if (free > tick) until(free);
      if (nextEvent !== Number.POSITIVE_INFINITY) until(nextEvent);
    }
    return times === Number.MAX_SAFE_INTEGER ? 0 : times;
  }

  /** FIFOs that do not hold what they held then. */
  #drift({ levels }: Snapshot): readonly Drift[] {
    const { occupancy } = this.#player;
    const drift: Drift[] = [];
    for (let fifo = 0; fifo < levels.length; fifo++)
      if (occupancy[fifo] !== levels[fifo]) drift.push({ fifo, tokens: occupancy[fifo]! - levels[fifo]! });
    return drift;
  }

  /**
   * How often the stretch repeats although FIFOs fill or empty: as long as nobody would notice, for whatever is got in a stretch
   * is there at its beginning, and there is room for whatever is put.
   */
  #timesOfDrift({ sums, levels }: Snapshot, after: Float64Array, drift: readonly Drift[]): number {
    const { network, occupancy } = this.#player;
    let times = Number.POSITIVE_INFINITY;
    for (const { fifo, tokens } of drift) {
      const { put, got } = this.#tally.moved(fifo, sums, after);
      const { capacity } = network.fifos[fifo]!;
      const [then, now] = [levels[fifo]!, occupancy[fifo]!];
      if (Math.min(then, now) < got || Math.max(then, now) + put > capacity) return 0;
      const left = tokens < 0 ? (now - got) / -tokens : (capacity - put - now) / tokens - 1;
      times = Math.min(times, Math.floor(left));
    }
    return times;
  }

  #skip(then: Snapshot, { after, drift, times, tick }: Stretch): void {
    const { sums, tick: from, wakes, progress, versions } = then;
    const player = this.#player;
    const period = tick - from;
    const ticks = times * period;
    this.#tally.multiply(sums, after, { times, ticks, drift });
    this.#recorder?.fold(from, period, times, drift);
    for (const { fifo, tokens } of drift) {
      player.occupancy[fifo]! += times * tokens;
      this.#recorder?.level(fifo, tick + ticks, player.occupancy[fifo]!);
    }
    const sleeps = (p: ProcessState) => p.wake !== -1 && p.wake === wakes[p.index];
    const rests = (channel: number) => player.channels[channel]!.version === versions[channel];
    player.kernel.skip(ticks, (code, argument) => {
      if (code === RESUME) return sleeps(player.processes[argument]!);
      return rests(code === COMPLETE ? argument % player.channels.length : argument);
    });
    for (const p of player.processes) {
      for (const counter of p.code.nesting[p.pc]!) p.counters[counter]! += times * then.stepOf(p, counter);
      p.progress += times * (p.progress - progress[p.index]!);
      if (p.status !== RUNNING) {
        // A wait that was open all the time began when it did.
        if (p.began >= from) p.began += ticks;
        p.since += ticks;
      }
      if (p.wake !== -1 && !sleeps(p)) p.wake += ticks;
    }
    for (let channel = 0; channel < player.channels.length; channel++)
      if (!rests(channel)) player.channels[channel]!.skip(ticks);
  }
}

/** Tokens or whole beats of an operation; the last beat may be shorter and is not like the others. */
function lengthOf(code: Code, pc: number): number {
  const kind = code.kind[pc];
  if (kind !== LOAD && kind !== STORE) return code.amount[pc]!;
  return code.access[pc] === BLOCKING ? Math.floor(code.amount[pc]! / code.step[pc]!) : 1;
}
