/** Changes a recorded run can be timed again after: numbers only, never what processes do in which order. */
import type { MemoryChannel, Network, Operation, Statement } from './network.ts';

export type Change =
  | { readonly kind: 'capacity'; readonly fifo: number; readonly capacity: number }
  | {
      readonly kind: 'channel';
      readonly channel: number;
      readonly to: Partial<Pick<MemoryChannel, 'bytesPerTick' | 'latencyTicks' | 'responseTicks' | 'outstanding'>>;
    }
  /**
   * Ticks of a compute or reconfigure, or the interval of a get or put: the operation by its place among those of its
   * process as written, loops not counted.
   */
  | { readonly kind: 'ticks'; readonly process: number; readonly operation: number; readonly ticks: number };

/** The network with the changes made. Throws RangeError where there is no such operation. */
export function changed(network: Network, changes: readonly Change[]): Network {
  return changes.reduce(changedOnce, network);
}

function changedOnce(before: Network, change: Change): Network {
  switch (change.kind) {
    case 'capacity': {
      const { fifo, capacity } = change;
      return { ...before, fifos: before.fifos.map((old, at) => (at === fifo ? { ...old, capacity } : old)) };
    }
    case 'channel': {
      const { channel, to } = change;
      return { ...before, channels: before.channels.map((old, at) => (at === channel ? { ...old, ...to } : old)) };
    }
    case 'ticks': {
      const { process, operation, ticks } = change;
      let next = 0;
      const walk = (body: readonly Statement[]): readonly Statement[] =>
        body.map((statement): Statement => {
          if (statement.kind === 'loop') return { ...statement, body: walk(statement.body) };
          return next++ === operation ? withTicks(statement, ticks) : statement;
        });
      const processes = before.processes.map((old, at) => (at === process ? { ...old, body: walk(old.body) } : old));
      if (operation >= next) throw new RangeError(`process ${process} has ${next} operations, not ${operation + 1}`);
      return { ...before, processes };
    }
  }
}

function withTicks(operation: Operation, ticks: number): Operation {
  switch (operation.kind) {
    case 'compute':
    case 'reconfigure':
      return { ...operation, ticks };
    case 'get':
    case 'put':
      return { ...operation, interval: ticks };
    default:
      throw new RangeError(`a ${operation.kind} has no ticks of its own`);
  }
}
