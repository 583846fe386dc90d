/**
 * Folding: when the whole network is again in a state it was in, it will go on as it did then, so the stretch between
 * is multiplied by how often it fits before a loop ends. Self-timed networks get there after a transient (Ghamarian et
 * al., ACSD 2006, section 4). States are compared where loops repeat, against one remembered state a loop, renewed at
 * powers of two (Brent, BIT 20, 1980), so that memory is constant and the period is found within three times itself.
 */
import { BLOCKING, type Code, LOAD, STORE } from './code.ts';
import type { Recorder } from './recorder.ts';
import { DONE, type Playing, type ProcessState, RESUME, type Request, RUNNING } from './state.ts';
import type { Tally } from './tally.ts';

interface Site {
  /** State when it was remembered; null before the first. */
  state: Float64Array | null;
  counters: readonly Float64Array[];
  wakes: Float64Array;
  sums: Float64Array | null;
  time: number;
  /** Visits since it was remembered, and at how many the next state is remembered. */
  visits: number;
  renewAt: number;
}

/** Tokens or beats of one operation beyond which it is looked at as a loop. */
const LONG_TRANSFER = 8;

export class Folder {
  readonly #player: Playing;
  readonly #tally: Tally;
  readonly #recorder: Recorder | null;
  /** By process: one site a loop, and one for the transfer it is in. */
  readonly #sites: readonly Site[][];
  /** State being compared: written in place. */
  #scratch = new Float64Array(256);

  constructor(player: Playing, tally: Tally, recorder: Recorder | null) {
    this.#player = player;
    this.#tally = tally;
    this.#recorder = recorder;
    this.#sites = player.processes.map(({ code }) => Array.from({ length: code.counters + 1 }, emptySite));
  }

  /** A loop of `p` goes round again. */
  iteration(p: ProcessState, counter: number): void {
    const site = this.#sites[p.index]![counter]!;
    if (p.counters[counter] === 1) forget(site);
    this.#visit(site);
  }

  /** A token or beat of the operation `p` is in has passed. */
  transfer(p: ProcessState): void {
    if (lengthOf(p.code, p.pc) < LONG_TRANSFER) return;
    const site = this.#sites[p.index]!.at(-1)!;
    if (p.progress === 1) forget(site);
    this.#visit(site);
  }

  #visit(site: Site): void {
    site.visits++;
    const player = this.#player;
    if (site.state !== null && this.#matches(site)) {
      const times = this.#times(site);
      if (times > 0) this.#skip(site, times);
      forget(site);
      return;
    }
    if (site.visits < site.renewAt) return;
    site.sums = this.#tally.sums(player);
    site.state = this.#state().slice();
    site.counters = player.processes.map(({ counters, progress }) => Float64Array.of(...counters, progress));
    site.wakes = Float64Array.from(player.processes, ({ wake }) => wake);
    site.time = player.now;
    site.visits = 0;
    site.renewAt = Math.min(2 * site.renewAt, 2 ** 30);
  }

  /** Everything what follows depends on, but for counters and times that have not moved. */
  #state(): Float64Array {
    const { processes, occupancy, channels, held, holders, lockQueues, arrived, now } = this.#player;
    let at = 0;
    const write = (value: number) => {
      if (at === this.#scratch.length) {
        const larger = new Float64Array(2 * at);
        larger.set(this.#scratch);
        this.#scratch = larger;
      }
      this.#scratch[at++] = value;
    };
    const all = (values: readonly number[]) => {
      write(values.length);
      for (const value of values) write(value);
    };
    for (const { pc, status, on, phase, pending } of processes) {
      write(pc);
      write(status);
      write(on);
      write(phase);
      write(pending);
    }
    for (let fifo = 0; fifo < occupancy.length; fifo++) write(occupancy[fifo]!);
    for (const { queue, flying, answer, inFlight, free, isServing, lastServed } of channels) {
      write(Math.max(0, free - now));
      write(isServing ? 1 : 0);
      write(lastServed);
      write(inFlight);
      write(queue.length);
      for (const request of queue) this.#request(request, write);
      flying.forEach((request, slot) => {
        if (!request) return;
        this.#request(request, write);
        write(answer[slot]! - now);
      });
    }
    for (let lock = 0; lock < held.length; lock++) {
      all(holders[lock]!);
      all(lockQueues[lock]!);
    }
    for (const come of arrived) all(come);
    return this.#scratch.subarray(0, at);
  }

  #request({ process, bytes, isStore, isAsync }: Request, write: (value: number) => void): void {
    write(process);
    write(bytes);
    write((isStore ? 2 : 0) + (isAsync ? 1 : 0));
  }

  #matches({ state, wakes, time }: Site): boolean {
    const { processes, now } = this.#player;
    // The cheap part first: most visits differ in who goes on when.
    for (let index = 0; index < processes.length; index++) {
      const { pc, wake } = processes[index]!;
      if (state![5 * index] !== pc) return false;
      const then = wakes[index]!;
      if (wake === then) continue;
      if (wake === -1 || then === -1 || wake - now !== then - time) return false;
    }
    const present = this.#state();
    if (present.length !== state!.length) return false;
    for (let i = 0; i < present.length; i++) if (present[i] !== state![i]) return false;
    return true;
  }

  /** How often the stretch fits before a loop ends or somebody asleep wakes; 0 where it does not repeat. */
  #times({ counters, wakes, time }: Site): number {
    const { processes, now } = this.#player;
    let times = Number.MAX_SAFE_INTEGER;
    const period = now - time;
    for (const { index, code, pc, counters: present, progress, wake } of processes) {
      const then = counters[index]!;
      let moved = false;
      for (const counter of code.nesting[pc]!) {
        if (present[counter] === then[counter]) continue;
        if (moved) return 0;
        moved = true;
        const step = present[counter]! - then[counter]!;
        if (step < 0) return 0;
        times = Math.min(times, Math.floor((code.repeats[counter]! - 1 - present[counter]!) / step));
      }
      if (progress !== then[then.length - 1]) {
        const step = progress - then[then.length - 1]!;
        if (moved || step < 0) return 0;
        moved = true;
        times = Math.min(times, Math.floor((lengthOf(code, pc) - 1 - progress) / step));
      }
      // It sleeps through the whole stretch: the others may repeat until it wakes.
      if (!moved && wake !== -1 && wake === wakes[index]) {
        if (period > 0) times = Math.min(times, Math.ceil((wake - now) / period) - 1);
      }
    }
    return times === Number.MAX_SAFE_INTEGER ? 0 : times;
  }

  #skip({ sums, time, wakes, counters }: Site, times: number): void {
    const player = this.#player;
    const period = player.now - time;
    const ticks = times * period;
    this.#tally.multiply(player, sums!, times, ticks);
    this.#recorder?.fold(time, period, times);
    const asleep = new Set<number>();
    for (const p of player.processes) {
      const then = counters[p.index]!;
      for (const counter of p.code.nesting[p.pc]!)
        p.counters[counter]! += times * (p.counters[counter]! - then[counter]!);
      p.progress += times * (p.progress - then[then.length - 1]!);
      p.since += p.status === RUNNING || p.status === DONE ? 0 : ticks;
      if (p.wake === -1) continue;
      if (period > 0 && p.wake === wakes[p.index]) asleep.add(p.index);
      else p.wake += ticks;
    }
    for (const channel of player.channels) {
      channel.free += ticks;
      for (let slot = 0; slot < channel.answer.length; slot++) channel.answer[slot]! += ticks;
    }
    player.kernel.skip(ticks, (code, argument) => code === RESUME && asleep.has(argument));
  }
}

/** Tokens or whole beats of an operation; the last beat may be shorter and is not like the others. */
function lengthOf(code: Code, pc: number): number {
  const kind = code.kind[pc];
  if (kind !== LOAD && kind !== STORE) return code.b[pc]!;
  return code.c[pc] === BLOCKING ? Math.floor(code.b[pc]! / code.d[pc]!) : 1;
}

function emptySite(): Site {
  return { state: null, counters: [], wakes: new Float64Array(0), sums: null, time: 0, visits: 0, renewAt: 1 };
}

function forget(site: Site): void {
  site.state = null;
  site.sums = null;
  site.visits = 0;
  site.renewAt = 1;
}
