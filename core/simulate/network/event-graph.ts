/**
 * A run as a graph of events, so that it can be timed again without being played (idea: Sarkar and Hao, LightningSimV2,
 * FCCM 2024). A node is a token got or put, a transfer, or another operation. Edges are implicit in the columns:
 * program order (node − 1), data (put i → get i), room (get i → put i + depth), and the recorded orders in which channels,
 * locks and barriers took those who came.
 */
import {
  ACQUIRE,
  ASYNC,
  AWAIT,
  BARRIER,
  type Code,
  checkedEnds,
  codeOf,
  END,
  type Ends,
  GET,
  LOAD,
  LOOP,
  PUT,
  RELEASE,
  REPEAT,
  STORE,
} from './code.ts';
import type { Network } from './network.ts';
import { play } from './player.ts';
import type { NetworkRun } from './run.ts';

export interface EventGraph {
  readonly network: Network;
  /** The run that was recorded. */
  readonly run: NetworkRun;
  readonly codes: readonly Code[];
  readonly ends: Ends;
  /** Operations of all processes in one list: where those of each process begin. */
  readonly firstOperation: Int32Array;
  /** By process: its nodes are [firstNode[p], firstNode[p + 1]). */
  readonly firstNode: Int32Array;
  /** By node: its operation. */
  readonly operation: Int32Array;
  /**
   * By node: get, put: number of the token, the initial ones counted for get · load, store, acquire, release, barrier: place
   * in the recorded order, −1 where it was never reached · await: asynchronous transfers that must have been answered.
   */
  readonly place: Int32Array;
  /** By node: whether it is the last beat of a load or store. */
  readonly isLastBeat: Uint8Array;
  /** Nodes in order: by FIFO of its puts and gets, by channel as served, by lock as granted and released, by barrier as come. */
  readonly puts: readonly Int32Array[];
  readonly gets: readonly Int32Array[];
  readonly served: readonly Int32Array[];
  /** By channel: whose those it served are. */
  readonly servedFor: readonly Int32Array[];
  readonly granted: readonly Int32Array[];
  readonly released: readonly Int32Array[];
  readonly arrived: readonly Int32Array[];
  /** By process: its asynchronous transfers; and how many it had issued at each await, by node of the await. */
  readonly asyncs: readonly Int32Array[];
  readonly issued: ReadonlyMap<number, number>;
  /** By channel and by barrier: how many processes name it. */
  readonly channelUsers: readonly number[];
  readonly barrierUsers: readonly number[];
}

/** Plays `network` whole and records it; null where it has more than `limit` nodes. Throws as `play` does. */
export function recordEvents(network: Network, limit = 2_000_000): EventGraph | null {
  const codes = network.processes.map(codeOf);
  const ends = checkedEnds(network, codes);
  const counts = codes.map(nodesOf);
  const count = counts.reduce((sum, nodes) => sum + nodes, 0);
  if (count > limit) return null;

  const orders = {
    served: network.channels.map((): number[] => []),
    granted: network.locks.map((): number[] => []),
    released: network.locks.map((): number[] => []),
    arrived: network.barriers.map((): number[] => []),
  };
  const run = play(network, {
    fold: false,
    orders: {
      served: (channel, process) => orders.served[channel]!.push(process),
      granted: (lock, process) => orders.granted[lock]!.push(process),
      released: (lock, process) => orders.released[lock]!.push(process),
      arrived: (barrier, process) => orders.arrived[barrier]!.push(process),
    },
  });
  if (run === null) throw new Error('a run that nobody cancels ends');

  const nodes = new Nodes(network, codes, count);
  codes.forEach((code, process) => {
    nodes.unroll(code, process);
  });
  return {
    network,
    run,
    codes,
    ends,
    firstOperation: nodes.firstOperation,
    firstNode: nodes.firstNode,
    operation: nodes.operation,
    place: nodes.place,
    isLastBeat: nodes.isLastBeat,
    puts: nodes.puts.map((list) => Int32Array.from(list)),
    gets: nodes.gets.map((list) => Int32Array.from(list)),
    served: nodes.inOrder(orders.served, nodes.requests),
    servedFor: orders.served.map((order) => Int32Array.from(order)),
    granted: nodes.inOrder(orders.granted, nodes.acquires),
    released: nodes.inOrder(orders.released, nodes.releases),
    arrived: nodes.inOrder(orders.arrived, nodes.barriers),
    asyncs: nodes.asyncs.map((list) => Int32Array.from(list)),
    issued: nodes.issued,
    channelUsers: nodes.requests.map((lists) => lists.filter((list) => list.length > 0).length),
    barrierUsers: nodes.barriers.map((lists) => lists.filter((list) => list.length > 0).length),
  };
}

/** Nodes of one operation. */
function nodesAt({ kind, amount, step, access }: Code, pc: number): number {
  switch (kind[pc]) {
    case GET:
    case PUT:
      return amount[pc]!;
    case LOAD:
    case STORE:
      return access[pc] === ASYNC ? Math.min(1, amount[pc]!) : Math.ceil(amount[pc]! / step[pc]!);
    case LOOP:
    case REPEAT:
    case END:
      return 0;
    default:
      return 1;
  }
}

function nodesOf(code: Code): number {
  let nodes = 0;
  for (let pc = 0; pc < code.kind.length; pc++)
    nodes += code.nesting[pc]!.reduce((times, counter) => times * code.repeats[counter]!, nodesAt(code, pc));
  return nodes;
}

/** Nodes being unrolled, and lists of them by what they meet at and process. */
class Nodes {
  readonly firstOperation: Int32Array;
  readonly firstNode: Int32Array;
  readonly operation: Int32Array;
  readonly place: Int32Array;
  readonly isLastBeat: Uint8Array;
  readonly puts: readonly number[][];
  readonly gets: readonly number[][];
  readonly requests: readonly number[][][];
  readonly acquires: readonly number[][][];
  readonly releases: readonly number[][][];
  readonly barriers: readonly number[][][];
  readonly asyncs: readonly number[][];
  readonly issued = new Map<number, number>();
  readonly #network: Network;
  #node = 0;

  constructor(network: Network, codes: readonly Code[], count: number) {
    this.#network = network;
    const byProcess = () => network.processes.map((): number[] => []);
    this.firstOperation = new Int32Array(codes.length + 1);
    codes.forEach(({ kind }, process) => {
      this.firstOperation[process + 1] = this.firstOperation[process]! + kind.length;
    });
    this.firstNode = new Int32Array(codes.length + 1);
    this.operation = new Int32Array(count);
    this.place = new Int32Array(count).fill(-1);
    this.isLastBeat = new Uint8Array(count);
    this.puts = network.fifos.map(() => []);
    this.gets = network.fifos.map(() => []);
    this.requests = network.channels.map(byProcess);
    this.acquires = network.locks.map(byProcess);
    this.releases = network.locks.map(byProcess);
    this.barriers = network.barriers.map(byProcess);
    this.asyncs = byProcess();
  }

  unroll(code: Code, process: number): void {
    const { kind, target, amount, access, jump } = code;
    const base = this.firstOperation[process]!;
    const counters = new Float64Array(code.counters);
    const asyncs = this.asyncs[process]!;
    for (let pc = 0; kind[pc] !== END; ) {
      const on = target[pc]!;
      if (kind[pc] === LOOP) {
        counters[on] = 0;
        pc = amount[pc]! > 0 ? pc + 1 : jump[pc]! + 1;
        continue;
      }
      if (kind[pc] === REPEAT) {
        pc = ++counters[on]! < amount[pc]! ? jump[pc]! : pc + 1;
        continue;
      }
      for (let left = nodesAt(code, pc); left > 0; left--) {
        const node = this.#node++;
        this.operation[node] = base + pc;
        switch (kind[pc]) {
          case GET:
            this.place[node] = this.gets[on]!.push(node) - 1;
            break;
          case PUT:
            this.place[node] = this.#network.fifos[on]!.initial + this.puts[on]!.push(node) - 1;
            break;
          case LOAD:
          case STORE:
            this.requests[on]![process]!.push(node);
            this.isLastBeat[node] = left === 1 ? 1 : 0;
            if (access[pc] === ASYNC) asyncs.push(node);
            break;
          case AWAIT:
            this.place[node] = Math.max(0, asyncs.length - amount[pc]!);
            this.issued.set(node, asyncs.length);
            break;
          case ACQUIRE:
            this.acquires[on]![process]!.push(node);
            break;
          case RELEASE:
            this.releases[on]![process]!.push(node);
            break;
          case BARRIER:
            this.barriers[on]![process]!.push(node);
            break;
        }
      }
      pc++;
    }
    this.firstNode[process + 1] = this.#node;
  }

  /** Nodes in the order their processes were taken; each is told its place. */
  inOrder(orders: readonly (readonly number[])[], nodes: readonly number[][][]): readonly Int32Array[] {
    return orders.map((order, on) => {
      const taken = new Int32Array(this.#network.processes.length);
      return Int32Array.from(order, (process, place) => {
        const node = nodes[on]![process]![taken[process]!++]!;
        this.place[node] = place;
        return node;
      });
    });
  }
}
