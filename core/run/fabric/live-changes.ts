/** Two networks compared: the numbers a recorded run can be timed again after, or that they are not of one shape. */
import type { Change } from '#core/simulate/network/change.ts';
import type { Network, Operation, Statement } from '#core/simulate/network/network.ts';

/** What turns `before` into `after`; null where processes do other things or in another order. */
export function changesBetween(before: Network, after: Network): readonly Change[] | null {
  const isOneShape =
    before.processes.length === after.processes.length &&
    before.fifos.length === after.fifos.length &&
    before.channels.length === after.channels.length &&
    same(before.locks, after.locks) &&
    same(before.barriers, after.barriers);
  if (!isOneShape) return null;
  const changes: Change[] = [];
  for (const [fifo, { capacity, initial }] of after.fifos.entries()) {
    const old = before.fifos[fifo]!;
    if (old.initial !== initial) return null;
    if (old.capacity !== capacity) changes.push({ kind: 'capacity', fifo, capacity });
  }
  for (const [
    channel,
    { bytesPerTick, latencyTicks, responseTicks, outstanding, arbitration },
  ] of after.channels.entries()) {
    const old = before.channels[channel]!;
    if (old.arbitration !== arbitration) return null;
    const to = { bytesPerTick, latencyTicks, responseTicks, outstanding };
    const { bytesPerTick: bytes, latencyTicks: latency, responseTicks: response, outstanding: most } = old;
    const was = { bytesPerTick: bytes, latencyTicks: latency, responseTicks: response, outstanding: most };
    if (!same(was, to)) changes.push({ kind: 'channel', channel, to });
  }
  for (const [process, { body }] of after.processes.entries()) {
    const [old, now] = [flat(before.processes[process]!.body), flat(body)];
    if (old.shape !== now.shape) return null;
    now.ticks.forEach((ticks, operation) => {
      if (ticks !== null && ticks !== old.ticks[operation]) changes.push({ kind: 'ticks', process, operation, ticks });
    });
  }
  return changes;
}

/** A process without its ticks, as text; and the ticks of its operations in order, null where they have none. */
function flat(body: readonly Statement[]): { readonly shape: string; readonly ticks: readonly (number | null)[] } {
  const ticks: (number | null)[] = [];
  const walk = (statements: readonly Statement[]): readonly unknown[] =>
    statements.map((statement) => {
      if (statement.kind === 'loop') return ['loop', statement.repeat, walk(statement.body)];
      ticks.push(ticksOf(statement));
      return shapeOf(statement);
    });
  return { shape: JSON.stringify(walk(body)), ticks };
}

function ticksOf(operation: Operation): number | null {
  switch (operation.kind) {
    case 'compute':
    case 'reconfigure':
      return operation.ticks;
    case 'get':
    case 'put':
      return operation.interval;
    default:
      return null;
  }
}

/** Tokens at once and tokens one after the other are not of one shape. */
function shapeOf(operation: Operation): readonly unknown[] {
  switch (operation.kind) {
    case 'compute':
    case 'reconfigure':
      return [operation.kind];
    case 'get':
    case 'put':
      return [operation.kind, operation.fifo, operation.tokens, operation.interval === 0];
    case 'load':
    case 'store':
      return [operation.kind, operation.channel, operation.bytes, operation.access, operation.beatBytes];
    case 'await':
      return [operation.kind, operation.pending];
    case 'acquire':
    case 'release':
      return [operation.kind, operation.lock];
    case 'barrier':
      return [operation.kind, operation.barrier];
  }
}

/** Plain values; Infinity is told from null. */
function same(one: unknown, other: unknown): boolean {
  const text = (value: unknown) =>
    JSON.stringify(value, (_, inner: unknown) => (inner === Number.POSITIVE_INFINITY ? 'Infinity' : inner));
  return text(one) === text(other);
}
