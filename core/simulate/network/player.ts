/**
 * Plays a network on the event kernel, to the tick. A process runs until it takes time or has to wait; who waits is woken
 * by the one it waits for. When a tick is settled, locks and channels are given to those who have come, by tick and
 * index. Stretches that repeat are not played but multiplied (fold.ts): exact, because what follows depends on the state alone.
 */
import { EventKernel } from '../kernel.ts';
import { Channel } from './channel.ts';
import {
  ACQUIRE,
  ASYNC,
  AWAIT,
  BARRIER,
  COMPUTE,
  checkedEnds,
  codeOf,
  END,
  type Ends,
  GET,
  LOAD,
  LOOP,
  PUT,
  RECONFIGURE,
  RELEASE,
  REPEAT,
  STORE,
} from './code.ts';
import { deadlockOf } from './deadlock.ts';
import { Folder } from './fold.ts';
import type { Network } from './network.ts';
import { Recorder } from './recorder.ts';
import type { NetworkRun } from './run.ts';
import {
  COMPLETE,
  DONE,
  ON_BARRIER,
  ON_GET,
  ON_LOAD,
  ON_LOCK,
  ON_PUT,
  type Playing,
  type ProcessState,
  RECONFIGURING,
  RESUME,
  RUNNING,
  SERVE,
} from './state.ts';
import { Tally } from './tally.ts';

export interface PlayOptions {
  /** Multiply what repeats; default true. Results are equal to the tick either way. */
  readonly fold?: boolean;
  /** Record intervals, transfers and occupancies; default false. */
  readonly trace?: boolean;
  /** Told who is served by each channel and granted each lock, in order; only sensible without folding. */
  readonly orders?: Orders;
  /** Asked every 4,096 events; true ends the run. */
  readonly cancelled?: () => boolean;
}

export interface Orders {
  served(channel: number, process: number): void;
  granted(lock: number, process: number): void;
  released(lock: number, process: number): void;
  arrived(barrier: number, process: number): void;
}

/** Null when cancelled. Throws RangeError where `network` is not a network (indices, whole numbers, one reader a FIFO). */
export function play(network: Network, options: PlayOptions = {}): NetworkRun | null {
  return new Player(network, options).run();
}

class Player implements Playing {
  readonly network: Network;
  readonly kernel = new EventKernel();
  readonly processes: readonly ProcessState[];
  readonly channels: readonly Channel[];
  readonly occupancy: Float64Array;
  readonly holders: readonly number[][];
  readonly lockQueues: readonly number[][];
  readonly arrived: readonly number[][];
  readonly ends: Ends;
  events = 0;
  readonly #tally: Tally;
  readonly #recorder: Recorder | null;
  readonly #folder: Folder | null;
  readonly #orders: Orders | null;
  readonly #stop: () => boolean;
  readonly #capacity: Float64Array;
  /** Processes that go on in this tick, in order of waking: a ring, as each is in it at most once. */
  readonly #ready: Int32Array;
  readonly #mask: number;
  #readyHead = 0;
  #readyTail = 0;
  /** Channels and locks to be looked at when the tick is settled. */
  readonly #openChannels: number[] = [];
  readonly #openLocks: number[] = [];
  #finished = 0;

  constructor(network: Network, { fold = true, trace = false, orders, cancelled = () => false }: PlayOptions) {
    this.network = network;
    const codes = network.processes.map(codeOf);
    this.ends = checkedEnds(network, codes);
    this.processes = codes.map((code, index) => ({
      index,
      code,
      pc: 0,
      progress: 0,
      phase: 0,
      counters: new Float64Array(code.counters),
      status: RUNNING,
      on: -1,
      wait: -1,
      began: 0,
      since: 0,
      wake: -1,
      pending: 0,
    }));
    this.channels = network.channels.map((channel) => new Channel(channel));
    this.#capacity = Float64Array.from(network.fifos, ({ capacity }) => capacity);
    this.occupancy = Float64Array.from(network.fifos, ({ initial }) => initial);
    this.holders = network.locks.map(() => []);
    this.lockQueues = network.locks.map(() => []);
    this.arrived = network.barriers.map(() => []);
    this.#tally = new Tally(network, codes);
    this.#recorder = trace ? new Recorder() : null;
    network.fifos.forEach(({ initial }, fifo) => {
      this.#recorder?.level(fifo, 0, initial);
    });
    this.#folder = fold ? new Folder(this, this.#tally, this.#recorder) : null;
    this.#orders = orders ?? null;
    this.#stop = cancelled;
    this.#ready = new Int32Array(2 ** Math.ceil(Math.log2(codes.length + 1)));
    this.#mask = this.#ready.length - 1;
  }

  run(): NetworkRun | null {
    const { kernel } = this;
    const count = this.processes.length;
    for (const { index } of this.processes) this.#ready[this.#readyTail++] = index;
    let nextAsked = 4096;
    for (;;) {
      while (this.#readyHead < this.#readyTail) {
        const process = this.processes[this.#ready[this.#readyHead++ & this.#mask]!]!;
        this.events++;
        this.#advance(process);
      }
      this.#readyHead = 0;
      this.#readyTail = 0;
      if (this.events >= nextAsked) {
        if (this.#stop()) return null;
        nextAsked = this.events + 4096;
      }
      const next = kernel.nextTime;
      if (next > kernel.now) {
        if (this.#openLocks.length > 0) {
          this.#grant();
          continue;
        }
        while (this.#openChannels.length > 0) this.#serve(this.#openChannels.pop()!);
        // Nothing more happens in this tick.
        if (this.#folder !== null && next !== Number.POSITIVE_INFINITY) this.#folder.settled();
      }
      if (!kernel.next()) break;
      this.events++;
      const argument = kernel.argument;
      if (kernel.code === RESUME) {
        const process = this.processes[argument]!;
        process.wake = -1;
        this.#advance(process);
      } else if (kernel.code === SERVE) {
        const channel = this.channels[argument]!;
        channel.isAwaited = false;
        channel.version++;
        this.#openChannels.push(argument);
      } else this.#complete(argument);
    }
    const deadlock = this.#finished === count ? null : deadlockOf(this);
    return this.#tally.result(this, deadlock, () => this.#recorder?.trace() ?? null);
  }

  /** Runs the process until it takes time, waits or ends. */
  #advance(p: ProcessState): void {
    const { kind, target, amount, step } = p.code;
    for (;;) {
      const pc = p.pc;
      switch (kind[pc]) {
        case COMPUTE:
          p.pc++;
          this.#takeTime(p, amount[pc]!, RUNNING);
          return;
        case RECONFIGURE:
          p.pc++;
          this.#takeTime(p, amount[pc]!, RECONFIGURING);
          return;
        case GET: {
          const fifo = target[pc]!;
          const tokens = amount[pc]!;
          const interval = step[pc]!;
          while (p.progress < tokens) {
            const there = this.occupancy[fifo]!;
            if (there === 0) {
              this.#wait(p, ON_GET, fifo);
              return;
            }
            const taken = interval > 0 ? 1 : Math.min(there, tokens - p.progress);
            this.#move(fifo, there, -taken);
            p.progress += taken;
            const writer = this.ends.writer[fifo]!;
            if (writer >= 0) this.#wakeIf(writer, ON_PUT, fifo);
            if (interval > 0) {
              this.#takeTime(p, interval, RUNNING);
              if (p.progress < tokens) this.#folder?.transfer(p);
              else this.#past(p);
              return;
            }
          }
          this.#past(p);
          break;
        }
        case PUT: {
          const fifo = target[pc]!;
          const tokens = amount[pc]!;
          const interval = step[pc]!;
          while (p.progress < tokens) {
            const there = this.occupancy[fifo]!;
            const room = this.#capacity[fifo]! - there;
            if (room <= 0) {
              this.#wait(p, ON_PUT, fifo);
              return;
            }
            const given = interval > 0 ? 1 : Math.min(room, tokens - p.progress);
            this.#move(fifo, there, given);
            p.progress += given;
            const reader = this.ends.reader[fifo]!;
            if (reader >= 0) this.#wakeIf(reader, ON_GET, fifo);
            if (interval > 0) {
              this.#takeTime(p, interval, RUNNING);
              if (p.progress < tokens) this.#folder?.transfer(p);
              else this.#past(p);
              return;
            }
          }
          this.#past(p);
          break;
        }
        case LOAD:
        case STORE: {
          const isStore = kind[pc] === STORE ? 1 : 0;
          const channel = target[pc]!;
          const bytes = amount[pc]!;
          if (p.code.access[pc] === ASYNC) {
            if (bytes > 0) {
              p.pending++;
              this.#request(channel, p.index, bytes, isStore + 2);
            }
            p.pc++;
            break;
          }
          const beat = step[pc]!;
          const left = bytes - p.progress * beat;
          if (left > 0) {
            this.#request(channel, p.index, Math.min(beat, left), isStore);
            this.#wait(p, ON_LOAD + isStore, channel);
            if (p.progress > 0) this.#folder?.transfer(p);
            return;
          }
          this.#past(p);
          break;
        }
        case AWAIT:
          if (p.pending > amount[pc]!) {
            this.#wait(p, ON_LOAD + p.code.access[pc]!, target[pc]!);
            return;
          }
          p.pc++;
          break;
        case ACQUIRE: {
          if (p.phase === 1) {
            p.phase = 0;
            p.pc++;
            break;
          }
          const lock = target[pc]!;
          this.lockQueues[lock]!.push(p.index);
          this.#openLock(lock);
          this.#wait(p, ON_LOCK, lock);
          return;
        }
        case RELEASE:
          this.#release(target[pc]!, p.index);
          p.pc++;
          break;
        case BARRIER: {
          if (p.phase === 1) {
            p.phase = 0;
            p.pc++;
            break;
          }
          const barrier = target[pc]!;
          const come = this.arrived[barrier]!;
          come.push(p.index);
          this.#orders?.arrived(barrier, p.index);
          if (come.length < this.network.barriers[barrier]!.parties) {
            this.#wait(p, ON_BARRIER, barrier);
            return;
          }
          for (const other of come) if (other !== p.index) this.#admit(other);
          come.length = 0;
          p.pc++;
          break;
        }
        case LOOP:
          p.counters[target[pc]!] = 0;
          p.pc = amount[pc]! > 0 ? pc + 1 : p.code.jump[pc]! + 1;
          break;
        case REPEAT: {
          const counter = target[pc]!;
          const done = ++p.counters[counter]!;
          if (done < amount[pc]!) {
            p.pc = p.code.jump[pc]!;
            this.#folder?.iteration(p, counter);
          } else p.pc++;
          break;
        }
        case END:
          p.status = DONE;
          this.#finished++;
          this.#tally.ended(p.index, this.kernel.now);
          return;
      }
    }
  }

  /** The transfer is complete. */
  #past(p: ProcessState): void {
    p.progress = 0;
    p.pc++;
  }

  #takeTime(p: ProcessState, ticks: number, state: number): void {
    const now = this.kernel.now;
    this.#tally.works(p.index, now, ticks, state === RECONFIGURING);
    if (this.#recorder !== null) this.#recorder.interval(p.index, state, -1, now, now + ticks);
    p.wake = now + ticks;
    this.kernel.schedule(p.wake, RESUME + p.index, RESUME, p.index);
  }

  #wait(p: ProcessState, status: number, on: number): void {
    p.status = status;
    p.on = on;
    p.wait = p.code.wait[p.pc]!;
    p.began = this.kernel.now;
    p.since = p.began;
  }

  /** Counts the wait up to now, and lets the process go on at this tick. */
  #wake(p: ProcessState): void {
    const now = this.kernel.now;
    if (now > p.began) {
      this.flush(p, now);
      this.#tally.waitedOnce(p.index, p.wait);
    }
    p.status = RUNNING;
    p.on = -1;
    this.#ready[this.#readyTail++ & this.#mask] = p.index;
  }

  #wakeIf(index: number, status: number, on: number): void {
    const p = this.processes[index]!;
    if (p.status === status && p.on === on) this.#wake(p);
  }

  /** Wakes who has been given what it waits for. */
  #admit(index: number): void {
    const p = this.processes[index]!;
    p.phase = 1;
    this.#wake(p);
  }

  flush(p: ProcessState, tick: number): void {
    if (p.status === RUNNING || p.status === DONE || tick <= p.since) return;
    this.#tally.waited(p.index, p.wait, tick - p.since);
    if (this.#recorder !== null) this.#recorder.interval(p.index, p.status, p.on, p.since, tick);
    p.since = tick;
  }

  #move(fifo: number, level: number, tokens: number): void {
    const now = this.kernel.now;
    this.#tally.moves(fifo, level, tokens, now);
    this.occupancy[fifo] = level + tokens;
    if (this.#recorder !== null) this.#recorder.level(fifo, now, level + tokens);
  }

  #openLock(lock: number): void {
    if (!this.#openLocks.includes(lock)) this.#openLocks.push(lock);
  }

  #release(lock: number, process: number): void {
    const holders = this.holders[lock]!;
    const at = holders.indexOf(process);
    if (at === -1)
      throw new RangeError(
        `${this.network.processes[process]!.name} releases ${this.network.locks[lock]!.name}, which it does not hold`,
      );
    holders.splice(at, 1);
    this.#orders?.released(lock, process);
    if (this.lockQueues[lock]!.length > 0) this.#openLock(lock);
  }

  /** Gives the locks that are free to those who wait: by tick of coming, then by index. */
  #grant(): void {
    const now = this.kernel.now;
    for (const lock of this.#openLocks) {
      const { count } = this.network.locks[lock]!;
      const queue = this.lockQueues[lock]!;
      const holders = this.holders[lock]!;
      // Only those who came in this tick are not yet in order.
      let first = queue.length;
      while (first > 0 && this.processes[queue[first - 1]!]!.began === now) first--;
      if (queue.length - first > 1) queue.push(...queue.splice(first).sort((one, other) => one - other));
      while (queue.length > 0 && holders.length < count) {
        const next = queue.shift()!;
        holders.push(next);
        this.#orders?.granted(lock, next);
        this.#admit(next);
      }
    }
    this.#openLocks.length = 0;
  }

  #request(index: number, process: number, bytes: number, kind: number): void {
    this.channels[index]!.request(process, bytes, kind, this.kernel.now);
    this.#openChannels.push(index);
  }

  /** Begins what can begin at the end of this tick: one transfer at a time, so many under way. */
  #serve(index: number): void {
    const channel = this.channels[index]!;
    if (channel.waiting === 0 || channel.inFlight >= channel.model.outstanding) return;
    const now = this.kernel.now;
    if (channel.free <= now) {
      const slot = channel.begin(now);
      const process = channel.flyingProcess[slot]!;
      const bytes = channel.flyingBytes[slot]!;
      const isStore = (channel.flyingKind[slot]! & 1) === 1;
      this.#tally.transfers(index, bytes, isStore, channel.free - now);
      this.#orders?.served(index, process);
      if (this.#recorder !== null) this.#recorder.transfer(index, process, isStore, bytes, now, channel.free);
      this.kernel.schedule(channel.answer[slot]!, COMPLETE, COMPLETE, slot * this.channels.length + index);
      if (channel.waiting === 0 || channel.inFlight >= channel.model.outstanding) return;
    }
    if (channel.isAwaited) return;
    channel.isAwaited = true;
    this.kernel.schedule(channel.free, SERVE, SERVE, index);
  }

  #complete(argument: number): void {
    const index = argument % this.channels.length;
    const slot = (argument - index) / this.channels.length;
    const channel = this.channels[index]!;
    const p = this.processes[channel.flyingProcess[slot]!]!;
    const isAsync = channel.flyingKind[slot]! >= 2;
    channel.complete(slot);
    if (isAsync) {
      p.pending--;
      if (p.status !== RUNNING && p.code.kind[p.pc] === AWAIT && p.pending <= p.code.amount[p.pc]!) this.#wake(p);
    } else {
      p.progress++;
      this.#wake(p);
    }
    if (channel.waiting > 0) this.#openChannels.push(index);
  }
}
