/**
 * Times of a graph of events by longest paths: every process goes on as far as what it needs is known, in no order of
 * time; channels serve in the recorded order (order.ts says whether it stands).
 */
import { ACQUIRE, AWAIT, BARRIER, COMPUTE, GET, LOAD, PUT, RECONFIGURE, RELEASE, STORE } from './code.ts';
import type { EventGraph } from './event-graph.ts';
import type { Network } from './network.ts';
import { Operations } from './operations.ts';
import { type ProcessAccount, STATES, type Wait } from './run.ts';
import { accountOf } from './tally.ts';

export interface Retimed {
  readonly makespan: number;
  readonly processes: readonly ProcessAccount[];
}

const FREE = -1;
const DONE = -2;

export class Timing {
  readonly graph: EventGraph;
  readonly network: Network;
  readonly operations: Operations;
  /** By node: when it happens (a request, acquire or barrier: when it comes); −1: not known. */
  readonly time: Float64Array;
  /** By node: when a request is answered, a lock granted, a barrier passed. */
  readonly done: Float64Array;
  /** By node: whether a request found its channel taken or too many under way; whether an await had to wait. */
  readonly waited: Uint8Array;
  readonly end: Float64Array;
  readonly #cursor: Int32Array;
  readonly #clock: Float64Array;
  /** FIFO, channel … each process waits at, as one number; FREE: it can go on. */
  readonly #blocked: Int32Array;
  readonly #awaited: Int32Array;
  /** By channel: how many it has served. */
  readonly next: Int32Array;
  readonly #free: Float64Array;
  /** Answers under way by channel, in order of time. */
  readonly #answers: readonly number[][];
  readonly #capacity: Float64Array;
  readonly #waits: readonly Float64Array[];
  readonly #busy: Float64Array;
  readonly #reconfigure: Float64Array;
  readonly #start: Float64Array;
  readonly #stack: number[] = [];
  #isBroken = false;

  constructor(graph: EventGraph, network: Network) {
    this.graph = graph;
    this.network = network;
    const { codes, firstNode, operation } = graph;
    this.operations = new Operations(graph, network);
    this.time = new Float64Array(operation.length).fill(-1);
    this.done = new Float64Array(operation.length).fill(-1);
    this.waited = new Uint8Array(operation.length);
    this.end = new Float64Array(codes.length);
    this.#cursor = firstNode.slice(0, codes.length);
    this.#clock = new Float64Array(codes.length);
    this.#blocked = new Int32Array(codes.length).fill(FREE);
    this.#awaited = new Int32Array(codes.length);
    this.next = new Int32Array(network.channels.length);
    this.#free = new Float64Array(network.channels.length);
    this.#answers = network.channels.map(() => []);
    this.#capacity = Float64Array.from(network.fifos, ({ capacity }) => capacity);
    this.#waits = codes.map(({ waits }) => new Float64Array(2 * waits.length));
    this.#busy = new Float64Array(codes.length);
    this.#reconfigure = new Float64Array(codes.length);
    this.#start = new Float64Array(codes.length).fill(-1);
  }

  /** Null: all times are known; whether they stand says order.ts. `stuck`: by tokens or barriers. */
  run(): 'order-changed' | 'stuck' | null {
    const { codes } = this.graph;
    for (let process = codes.length - 1; process >= 0; process--) this.#stack.push(process);
    for (let process = this.#stack.pop(); process !== undefined; process = this.#stack.pop()) {
      this.#advance(process);
      if (this.#isBroken) return 'order-changed';
    }
    let isStuck = false;
    for (let process = 0; process < codes.length; process++) {
      if (this.#blocked[process] === DONE) continue;
      isStuck = true;
      // Only tokens and barriers hold up for good; anything else is held up by the recorded order.
      const kind = this.operations.kind[this.graph.operation[this.#cursor[process]!]!]!;
      if (kind !== GET && kind !== PUT && kind !== BARRIER) return 'order-changed';
    }
    return isStuck ? 'stuck' : null;
  }

  result(): Retimed {
    let makespan = 0;
    for (const end of this.end) makespan = Math.max(makespan, end);
    const processes = this.graph.codes.map(({ waits }, process) =>
      accountOf(makespan, {
        busy: this.#busy[process]!,
        reconfigure: this.#reconfigure[process]!,
        start: Math.max(0, this.#start[process]!),
        end: this.end[process]!,
        waits: waits.map(({ state, on }, wait) => ({
          state: STATES[state] as Wait['state'],
          on,
          ticks: this.#waits[process]![2 * wait]!,
          times: this.#waits[process]![2 * wait + 1]!,
        })),
      }),
    );
    return { makespan, processes };
  }

  /** Goes on with a process until it needs what is not known yet. */
  #advance(process: number): void {
    const { operation, place, firstNode, puts, gets, ends } = this.graph;
    const { time } = this;
    const { kind, target, isAsync } = this.operations;
    const last = firstNode[process + 1]!;
    let node = this.#cursor[process]!;
    let clock = this.#clock[process]!;
    this.#blocked[process] = FREE;
    run: for (; node < last; node++) {
      const op = operation[node]!;
      const on = target[op]!;
      switch (kind[op]) {
        case COMPUTE:
        case RECONFIGURE:
          time[node] = clock;
          clock = this.#works(process, op, clock);
          break;
        case GET: {
          const source = place[node]! - this.network.fifos[on]!.initial;
          if (source >= 0) {
            const put = puts[on]![source];
            const known = put === undefined ? -1 : time[put]!;
            if (known < 0) {
              this.#blocked[process] = 2 * on;
              break run;
            }
            if (known > clock) {
              this.#counts(process, op, known - clock);
              clock = known;
            }
          }
          time[node] = clock;
          clock = this.#works(process, op, clock);
          this.#wake(ends.writer[on]!, 2 * on + 1);
          break;
        }
        case PUT: {
          const source = place[node]! - this.#capacity[on]!;
          if (source >= 0) {
            const got = gets[on]![source];
            const known = got === undefined ? -1 : time[got]!;
            if (known < 0) {
              this.#blocked[process] = 2 * on + 1;
              break run;
            }
            if (known > clock) {
              this.#counts(process, op, known - clock);
              clock = known;
            }
          }
          time[node] = clock;
          clock = this.#works(process, op, clock);
          this.#wake(ends.reader[on]!, 2 * on);
          break;
        }
        case LOAD:
        case STORE: {
          if (time[node]! < 0) {
            time[node] = clock;
            this.#serve(on);
          }
          if (isAsync[op] === 1) break;
          const answered = this.done[node]!;
          if (answered < 0) {
            this.#blocked[process] = this.#memory;
            break run;
          }
          this.#counts(process, op, answered - clock);
          clock = answered;
          break;
        }
        case AWAIT: {
          const asyncs = this.graph.asyncs[process]!;
          let until = clock;
          for (let at = this.#awaited[process]!; at < place[node]!; at++) {
            const answered = this.done[asyncs[at]!]!;
            if (answered < 0) {
              this.#blocked[process] = this.#memory;
              break run;
            }
            until = Math.max(until, answered);
          }
          this.#awaited[process] = Math.max(this.#awaited[process]!, place[node]!);
          if (until > clock) {
            this.waited[node] = 1;
            this.#counts(process, op, until - clock);
          }
          clock = until;
          time[node] = clock;
          break;
        }
        case ACQUIRE: {
          if (time[node]! < 0) time[node] = clock;
          if (!this.#grants(on, node)) {
            this.#blocked[process] = this.#lock;
            break run;
          }
          if (this.done[node]! > clock) this.#counts(process, op, this.done[node]! - clock);
          clock = this.done[node]!;
          this.#wakeAll(this.#lock);
          break;
        }
        case RELEASE:
          time[node] = clock;
          this.#wakeAll(this.#lock);
          break;
        case BARRIER: {
          if (time[node]! < 0) {
            time[node] = clock;
            this.#meets(on, node);
          }
          if (this.done[node]! < 0) {
            this.#blocked[process] = this.#meeting;
            break run;
          }
          if (this.done[node]! > clock) this.#counts(process, op, this.done[node]! - clock);
          clock = this.done[node]!;
          break;
        }
      }
    }
    this.#cursor[process] = node;
    this.#clock[process] = clock;
    if (node === last) {
      this.#blocked[process] = DONE;
      this.end[process] = clock;
    }
  }

  get #memory(): number {
    return 2 * this.network.fifos.length;
  }

  get #lock(): number {
    return this.#memory + 1;
  }

  get #meeting(): number {
    return this.#memory + 2;
  }

  #works(process: number, op: number, now: number): number {
    const ticks = this.operations.ticks[op]!;
    if (ticks === 0) return now;
    if (this.#start[process] === -1) this.#start[process] = now;
    if (this.operations.kind[op] === RECONFIGURE) this.#reconfigure[process]! += ticks;
    else this.#busy[process]! += ticks;
    return now + ticks;
  }

  #counts(process: number, op: number, ticks: number): void {
    const waits = this.#waits[process]!;
    const at = 2 * this.operations.wait[op]!;
    waits[at]! += ticks;
    waits[at + 1]!++;
  }

  #wake(process: number, at: number): void {
    if (process < 0 || this.#blocked[process] !== at) return;
    this.#blocked[process] = FREE;
    this.#stack.push(process);
  }

  #wakeAll(at: number): void {
    for (let process = 0; process < this.#blocked.length; process++) this.#wake(process, at);
  }

  processOf(node: number): number {
    const { firstNode } = this.graph;
    let low = 0;
    for (let high = firstNode.length - 2; low < high; ) {
      const middle = (low + high + 1) >> 1;
      if (firstNode[middle]! <= node) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Ticks a request moves data. */
  transferTicks(node: number): number {
    const op = this.graph.operation[node]!;
    return this.graph.isLastBeat[node] === 1 ? this.operations.lastTicks[op]! : this.operations.ticks[op]!;
  }

  /** Serves requests in the recorded order as far as they have come. */
  #serve(channel: number): void {
    const { served, servedFor, operation, channelUsers } = this.graph;
    const order = served[channel]!;
    const owners = servedFor[channel]!;
    const { latencyTicks, responseTicks, outstanding, arbitration } = this.network.channels[channel]!;
    const isShared = channelUsers[channel]! > 1;
    const answers = this.#answers[channel]!;
    for (let at = this.next[channel]!; at < order.length; at++) {
      const node = order[at]!;
      const came = this.time[node]!;
      if (came < 0) break;
      const process = owners[at]!;
      if (at > 0 && isShared && arbitration === 'first-come') {
        const before = this.time[order[at - 1]!]!;
        if (before > came || (before === came && owners[at - 1]! > process)) {
          this.#isBroken = true;
          return;
        }
      }
      let begin = came;
      if (at > 0 && this.#free[channel]! > begin) {
        begin = this.#free[channel]!;
        this.waited[node] = 1;
      }
      while (answers.length > 0 && answers[0]! <= begin) answers.shift();
      if (answers.length >= outstanding) {
        begin = answers.shift()!;
        this.waited[node] = 1;
      }
      const free = begin + this.transferTicks(node);
      const answer = free + (this.operations.kind[operation[node]!] === STORE ? responseTicks : latencyTicks);
      this.#free[channel] = free;
      this.done[node] = answer;
      if (outstanding !== Number.POSITIVE_INFINITY) {
        let slot = answers.push(answer) - 1;
        for (; slot > 0 && answers[slot - 1]! > answer; slot--) answers[slot] = answers[slot - 1]!;
        answers[slot] = answer;
      }
      this.next[channel] = at + 1;
      this.#wake(process, this.#memory);
    }
  }

  /** When a request begins to move data. */
  begin(node: number): number {
    const op = this.graph.operation[node]!;
    const { latencyTicks, responseTicks } = this.network.channels[this.operations.target[op]!]!;
    return (
      this.done[node]! - (this.operations.kind[op] === STORE ? responseTicks : latencyTicks) - this.transferTicks(node)
    );
  }

  /** Whether the lock has been granted: in the recorded order, and when one holder less than it admits is left. */
  #grants(lock: number, node: number): boolean {
    const { granted, released, place } = this.graph;
    const at = place[node]!;
    if (at < 0) return false;
    if (this.done[node]! >= 0) return true;
    let when = this.time[node]!;
    if (at > 0) {
      const before = granted[lock]![at - 1]!;
      if (this.done[before]! < 0) return false;
      when = Math.max(when, this.done[before]!);
    }
    const freed = at - this.network.locks[lock]!.count;
    if (freed >= 0) {
      const release = released[lock]![freed];
      if (release === undefined || this.time[release]! < 0) return false;
      when = Math.max(when, this.time[release]!);
    }
    this.done[node] = when;
    return true;
  }

  /** The barrier opens when all of a group have come. */
  #meets(barrier: number, node: number): void {
    const { arrived, place } = this.graph;
    const { parties } = this.network.barriers[barrier]!;
    if (place[node]! < 0) return;
    const first = place[node]! - (place[node]! % parties);
    if (first + parties > arrived[barrier]!.length) return;
    const members = arrived[barrier]!.subarray(first, first + parties);
    let opens = 0;
    for (const member of members) {
      if (this.time[member]! < 0) return;
      opens = Math.max(opens, this.time[member]!);
    }
    for (const member of members) this.done[member] = opens;
    this.#wakeAll(this.#meeting);
  }
}
