/**
 * Plays a network on the event kernel, to the tick. A process runs until it takes time or has to wait; who waits is woken
 * by the one it waits for. Stretches that repeat are not played but multiplied (fold.ts): exact, because what
 * follows depends on the state alone.
 */
import { EventKernel } from '../kernel.ts';
import {
  ACQUIRE,
  ASYNC,
  AWAIT,
  BARRIER,
  BLOCKING,
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
  type ChannelState,
  COMPLETE,
  DONE,
  ON_BARRIER,
  ON_GET,
  ON_LOAD,
  ON_LOCK,
  ON_PUT,
  ON_STORE,
  type Playing,
  type ProcessState,
  RESUME,
  type Request,
  RUNNING,
  SERVE,
} from './state.ts';
import { Tally } from './tally.ts';

export interface PlayOptions {
  /** Multiply what repeats; default true. Results are equal to the tick either way. */
  readonly fold?: boolean;
  /** Record intervals, transfers and occupancies; default false. */
  readonly trace?: boolean;
  /** Asked every 4,096 events; true ends the run. */
  readonly cancelled?: () => boolean;
}

/** Null when cancelled. Throws RangeError where `network` is not a network (indices, whole numbers, one reader a FIFO). */
export function play(network: Network, options: PlayOptions = {}): NetworkRun | null {
  return new Player(network, options).run();
}

class Player implements Playing {
  readonly network: Network;
  readonly kernel = new EventKernel();
  readonly processes: readonly ProcessState[];
  readonly channels: readonly ChannelState[];
  readonly occupancy: Float64Array;
  readonly held: Float64Array;
  readonly holders: readonly number[][];
  readonly lockQueues: readonly number[][];
  readonly arrived: readonly number[][];
  readonly ends: Ends;
  readonly #tally: Tally;
  readonly #recorder: Recorder | null;
  readonly #folder: Folder | null;
  readonly #stop: () => boolean;
  readonly #capacity: Float64Array;
  #finished = 0;

  constructor(network: Network, { fold = true, trace = false, cancelled = () => false }: PlayOptions) {
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
      since: 0,
      wake: 0,
      pending: 0,
    }));
    this.channels = network.channels.map(() => ({
      queue: [],
      flying: [],
      answer: [],
      inFlight: 0,
      free: 0,
      isServing: false,
      lastServed: -1,
    }));
    this.#capacity = Float64Array.from(network.fifos, ({ capacity }) => capacity);
    this.occupancy = Float64Array.from(network.fifos, ({ initial }) => initial);
    this.held = new Float64Array(network.locks.length);
    this.holders = network.locks.map(() => []);
    this.lockQueues = network.locks.map(() => []);
    this.arrived = network.barriers.map(() => []);
    this.#tally = new Tally(network);
    this.#recorder = trace ? new Recorder() : null;
    this.#folder = fold ? new Folder(this, this.#tally, this.#recorder) : null;
    this.#stop = cancelled;
  }

  get now(): number {
    return this.kernel.now;
  }

  run(): NetworkRun | null {
    for (const { index } of this.processes) this.kernel.schedule(0, RESUME + index, RESUME, index);
    const ranDry = this.kernel.run(
      (code, argument) => {
        if (code === RESUME) {
          const process = this.processes[argument]!;
          process.wake = -1;
          this.#advance(process);
        } else if (code === SERVE) {
          this.channels[argument]!.isServing = false;
          this.#serve(argument);
        } else this.#complete(argument);
      },
      () => this.#stop(),
    );
    if (!ranDry) return null;
    const deadlock = this.#finished === this.processes.length ? null : deadlockOf(this);
    return this.#tally.result(this, deadlock, this.#recorder?.trace() ?? null);
  }

  /** Runs the process until it takes time, waits or ends. */
  #advance(p: ProcessState): void {
    const { kind, a, b, c, d } = p.code;
    for (;;) {
      const pc = p.pc;
      switch (kind[pc]) {
        case COMPUTE:
        case RECONFIGURE: {
          if (p.phase === 0 && a[pc]! > 0) {
            p.phase = 1;
            this.#takeTime(p, a[pc]!, kind[pc] === RECONFIGURE);
            return;
          }
          p.phase = 0;
          p.pc++;
          break;
        }
        case GET: {
          const fifo = a[pc]!;
          const tokens = b[pc]!;
          const interval = c[pc]!;
          while (p.progress < tokens) {
            if (this.occupancy[fifo]! === 0) {
              this.#wait(p, ON_GET, fifo);
              return;
            }
            const taken = interval > 0 ? 1 : Math.min(this.occupancy[fifo]!, tokens - p.progress);
            this.#move(fifo, -taken);
            p.progress += taken;
            this.#wakeWriter(fifo);
            if (interval > 0) {
              this.#takeTime(p, interval, false);
              this.#folder?.transfer(p);
              return;
            }
          }
          p.progress = 0;
          p.pc++;
          break;
        }
        case PUT: {
          const fifo = a[pc]!;
          const tokens = b[pc]!;
          const interval = c[pc]!;
          while (p.progress < tokens) {
            const room = this.#capacity[fifo]! - this.occupancy[fifo]!;
            if (room <= 0) {
              this.#tally.full(fifo, this.kernel.now);
              this.#wait(p, ON_PUT, fifo);
              return;
            }
            const given = interval > 0 ? 1 : Math.min(room, tokens - p.progress);
            this.#move(fifo, given);
            p.progress += given;
            this.#wakeReader(fifo);
            if (interval > 0) {
              this.#takeTime(p, interval, false);
              this.#folder?.transfer(p);
              return;
            }
          }
          p.progress = 0;
          p.pc++;
          break;
        }
        case LOAD:
        case STORE: {
          const isStore = kind[pc] === STORE;
          const channel = a[pc]!;
          const bytes = b[pc]!;
          const access = c[pc]!;
          if (access === ASYNC) {
            if (bytes > 0) {
              p.pending++;
              this.#request(channel, { process: p.index, bytes, isStore, isAsync: true });
            }
            p.pc++;
            break;
          }
          const beat = access === BLOCKING ? d[pc]! : Math.max(1, bytes);
          const beats = Math.ceil(bytes / beat);
          if (p.progress < beats) {
            const part = Math.min(beat, bytes - p.progress * beat);
            this.#request(channel, { process: p.index, bytes: part, isStore, isAsync: false });
            this.#wait(p, isStore ? ON_STORE : ON_LOAD, channel);
            if (p.progress > 0) this.#folder?.transfer(p);
            return;
          }
          p.progress = 0;
          p.pc++;
          break;
        }
        case AWAIT: {
          if (p.pending > a[pc]!) {
            this.#wait(p, ON_LOAD, this.#channelOf(p));
            return;
          }
          p.pc++;
          break;
        }
        case ACQUIRE: {
          const lock = a[pc]!;
          if (p.phase === 0 && this.held[lock]! >= this.network.locks[lock]!.count) {
            this.lockQueues[lock]!.push(p.index);
            this.#wait(p, ON_LOCK, lock);
            return;
          }
          // Handed over by the one that released it (phase 1), or free.
          if (p.phase === 0) this.#hold(lock, p.index);
          p.phase = 0;
          p.pc++;
          break;
        }
        case RELEASE: {
          this.#release(a[pc]!, p.index);
          p.pc++;
          break;
        }
        case BARRIER: {
          const barrier = a[pc]!;
          if (p.phase === 1) {
            p.phase = 0;
            p.pc++;
            break;
          }
          const come = this.arrived[barrier]!;
          come.push(p.index);
          if (come.length < this.network.barriers[barrier]!.parties) {
            this.#wait(p, ON_BARRIER, barrier);
            return;
          }
          for (const other of come.splice(0)) {
            const waiting = this.processes[other]!;
            if (waiting === p) continue;
            waiting.phase = 1;
            this.#wake(waiting);
          }
          p.pc++;
          break;
        }
        case LOOP:
          p.counters[b[pc]!] = 0;
          p.pc = a[pc]! > 0 ? pc + 1 : c[pc]! + 1;
          break;
        case REPEAT: {
          const counter = b[pc]!;
          const done = ++p.counters[counter]!;
          if (done < a[pc]!) {
            p.pc = c[pc]!;
            this.#folder?.iteration(p, counter);
          } else p.pc++;
          break;
        }
        case END:
          p.status = DONE;
          p.since = this.kernel.now;
          this.#finished++;
          this.#tally.ended(p.index, this.kernel.now);
          return;
      }
    }
  }

  #takeTime(p: ProcessState, ticks: number, isReconfiguration: boolean): void {
    const now = this.kernel.now;
    this.#tally.works(p.index, now, ticks, isReconfiguration);
    this.#recorder?.interval(p.index, isReconfiguration ? 7 : RUNNING, -1, now, now + ticks);
    p.wake = now + ticks;
    this.kernel.schedule(p.wake, RESUME + p.index, RESUME, p.index);
  }

  #wait(p: ProcessState, status: number, on: number): void {
    p.status = status;
    p.on = on;
    p.since = this.kernel.now;
    this.#tally.waits(p.index, status, on);
  }

  /** Counts the wait up to now, and lets the process go on at this tick. */
  #wake(p: ProcessState): void {
    this.flush(p);
    p.status = RUNNING;
    p.on = -1;
    p.wake = this.kernel.now;
    this.kernel.schedule(this.kernel.now, RESUME + p.index, RESUME, p.index);
  }

  flush(p: ProcessState): void {
    const now = this.kernel.now;
    if (p.status === RUNNING || p.status === DONE || now === p.since) return;
    this.#tally.waited(p.index, p.status, p.on, now - p.since);
    this.#recorder?.interval(p.index, p.status, p.on, p.since, now);
    p.since = now;
  }

  #move(fifo: number, tokens: number): void {
    const level = this.occupancy[fifo]! + tokens;
    this.#tally.moves(fifo, this.occupancy[fifo]!, tokens, this.kernel.now);
    this.occupancy[fifo] = level;
    this.#recorder?.level(fifo, this.kernel.now, level);
  }

  #wakeReader(fifo: number): void {
    const reader = this.processes[this.ends.reader[fifo]!];
    if (reader && reader.status === ON_GET && reader.on === fifo) this.#wake(reader);
  }

  #wakeWriter(fifo: number): void {
    const writer = this.processes[this.ends.writer[fifo]!];
    if (writer && writer.status === ON_PUT && writer.on === fifo) this.#wake(writer);
  }

  #hold(lock: number, process: number): void {
    this.held[lock]!++;
    this.holders[lock]!.push(process);
  }

  #release(lock: number, process: number): void {
    const holders = this.holders[lock]!;
    const at = holders.indexOf(process);
    if (at === -1)
      throw new RangeError(
        `${this.network.processes[process]!.name} releases ${this.network.locks[lock]!.name}, which it does not hold`,
      );
    holders.splice(at, 1);
    this.held[lock]!--;
    const next = this.lockQueues[lock]!.shift();
    if (next === undefined) return;
    this.#hold(lock, next);
    const waiting = this.processes[next]!;
    waiting.phase = 1;
    this.#wake(waiting);
  }

  /** The channel of an asynchronous transfer it waits for: the one answered next. */
  #channelOf(p: ProcessState): number {
    for (let index = 0; index < this.channels.length; index++) {
      const { flying, queue } = this.channels[index]!;
      if (flying.some((request) => request?.process === p.index) || queue.some(({ process }) => process === p.index))
        return index;
    }
    return -1;
  }

  #request(index: number, request: Request): void {
    this.channels[index]!.queue.push(request);
    this.#serve(index);
  }

  /** Begins what can begin: in order, one transfer at a time, so many under way. */
  #serve(index: number): void {
    const channel = this.channels[index]!;
    const { bytesPerTick, latencyTicks, responseTicks, outstanding, arbitration } = this.network.channels[index]!;
    const now = this.kernel.now;
    while (channel.queue.length > 0 && channel.inFlight < outstanding) {
      if (channel.free > now) {
        if (!channel.isServing) {
          channel.isServing = true;
          this.kernel.schedule(channel.free, SERVE, SERVE, index);
        }
        return;
      }
      const at = arbitration === 'round-robin' ? nextInTurn(channel) : 0;
      const request = channel.queue.splice(at, 1)[0]!;
      const ticks = Math.ceil(request.bytes / bytesPerTick);
      channel.lastServed = request.process;
      channel.free = now + ticks;
      channel.inFlight++;
      this.#tally.transfers(index, request.bytes, request.isStore, ticks);
      this.#recorder?.transfer(index, request.process, request.isStore, request.bytes, now, now + ticks);
      let slot = channel.flying.indexOf(null);
      if (slot === -1) slot = channel.flying.push(null) - 1;
      channel.flying[slot] = request;
      const answer = now + ticks + (request.isStore ? responseTicks : latencyTicks);
      channel.answer[slot] = answer;
      this.kernel.schedule(answer, COMPLETE, COMPLETE, slot * this.channels.length + index);
    }
  }

  #complete(argument: number): void {
    const index = argument % this.channels.length;
    const slot = (argument - index) / this.channels.length;
    const channel = this.channels[index]!;
    const { process, isAsync } = channel.flying[slot]!;
    channel.flying[slot] = null;
    channel.inFlight--;
    const p = this.processes[process]!;
    if (isAsync) {
      p.pending--;
      if (p.code.kind[p.pc] === AWAIT && p.status === ON_LOAD && p.pending <= p.code.a[p.pc]!) this.#wake(p);
    } else {
      p.progress++;
      this.#wake(p);
    }
    this.#serve(index);
  }
}

/** The request of the process after the one served last, in order of index. */
function nextInTurn({ queue, lastServed }: ChannelState): number {
  let best = 0;
  const turn = (process: number) => (process > lastServed ? process : process + 2 ** 30);
  for (let at = 1; at < queue.length; at++) if (turn(queue[at]!.process) < turn(queue[best]!.process)) best = at;
  return best;
}
