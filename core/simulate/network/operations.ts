/** What the nodes of a graph of events are of: operations of all processes as columns, with the ticks each node takes. */
import type { Change } from './change.ts';
import { transferTicks } from './channel.ts';
import { ASYNC, COMPUTE, GET, LOAD, PUT, RECONFIGURE, STORE } from './code.ts';
import type { EventGraph } from './event-graph.ts';
import type { Network } from './network.ts';

export class Operations {
  readonly kind: Uint8Array;
  readonly target: Int32Array;
  readonly ticks: Float64Array;
  /** Of a load or store: ticks of its last beat; those of the others are in `ticks`. */
  readonly lastTicks: Float64Array;
  readonly isAsync: Uint8Array;
  /** What it waits for, among the waits of its process. */
  readonly wait: Int32Array;
  readonly #graph: EventGraph;
  readonly #network: Network;

  constructor(graph: EventGraph, network: Network) {
    const { codes, firstOperation } = graph;
    const operations = firstOperation[codes.length]!;
    this.#graph = graph;
    this.#network = network;
    this.kind = new Uint8Array(operations);
    this.target = new Int32Array(operations);
    this.ticks = new Float64Array(operations);
    this.lastTicks = new Float64Array(operations);
    this.isAsync = new Uint8Array(operations);
    this.wait = new Int32Array(operations);
    codes.forEach((code, process) => {
      const at = firstOperation[process]!;
      this.kind.set(code.kind, at);
      this.target.set(code.target, at);
      this.wait.set(code.wait, at);
      for (let pc = 0; pc < code.kind.length; pc++) {
        const kind = code.kind[pc]!;
        if (kind === COMPUTE || kind === RECONFIGURE) this.ticks[at + pc] = code.amount[pc]!;
        if (kind === GET || kind === PUT) this.ticks[at + pc] = code.step[pc]!;
        if (kind !== LOAD && kind !== STORE) continue;
        const [bytes, beat] = [code.amount[pc]!, code.step[pc]!];
        const channel = network.channels[code.target[pc]!]!;
        this.ticks[at + pc] = transferTicks(channel, Math.min(bytes, beat));
        this.lastTicks[at + pc] = transferTicks(channel, bytes - (Math.max(1, Math.ceil(bytes / beat)) - 1) * beat);
        this.isAsync[at + pc] = code.access[pc] === ASYNC ? 1 : 0;
      }
    });
  }

  /** Takes over changed ticks; false where an operation has no nodes, because it took no time when recorded. */
  takes(changes: readonly Change[]): boolean {
    const { codes, firstOperation } = this.#graph;
    for (const change of changes) {
      if (change.kind === 'capacity') {
        const { initial } = this.#network.fifos[change.fifo]!;
        if (!(change.capacity >= initial)) throw new RangeError(`capacity ${change.capacity} is below ${initial}`);
      }
      if (change.kind !== 'ticks') continue;
      const pc = codes[change.process]!.operation.indexOf(change.operation);
      if (pc === -1) {
        if (change.ticks > 0) return false;
        continue;
      }
      this.ticks[firstOperation[change.process]! + pc] = change.ticks;
    }
    return true;
  }
}
