/** Random networks of processes with everything a network has: streams, feedback, channels, locks, barriers, nested loops. */
import type { Rng } from '#core/base/rng.ts';
import type { Fifo, MemoryChannel, Network, Operation, Statement } from '#core/simulate/network/network.ts';

export interface ProcessNetworkOptions {
  readonly firings?: number;
  readonly locks?: boolean;
  readonly barriers?: boolean;
  /** Channels are shared; else every process has its own. */
  readonly isShared?: boolean;
}

/** Most of them do not deadlock. */
export function randomProcessNetwork(rng: Rng, options: ProcessNetworkOptions = {}): Network {
  const { firings: most = 200, locks = true, barriers = true, isShared = true } = options;
  const count = 1 + rng.below(5);
  const fifos: Fifo[] = [];
  const blocks = 1 + rng.below(4);
  const firings = 1 + rng.below(most);
  const gets: Operation[][] = Array.from({ length: count }, () => []);
  const puts: Operation[][] = Array.from({ length: count }, () => []);
  for (let to = 1; to < count; to++) {
    const from = rng.below(to);
    const tokens = 1 + rng.below(3);
    // Some never fill in a stretch that repeats, some never at all: levels drift.
    const capacity = [1 + rng.below(6), 50 + rng.below(200), Number.POSITIVE_INFINITY][Math.max(0, rng.below(5) - 2)]!;
    fifos.push({ name: `f${fifos.length}`, capacity, initial: 0 });
    gets[to]!.push({ kind: 'get', fifo: fifos.length - 1, tokens, interval: rng.below(3) });
    puts[from]!.push({ kind: 'put', fifo: fifos.length - 1, tokens, interval: rng.below(3) });
    if (rng.below(4) > 0) continue;
    fifos.push({ name: `b${fifos.length}`, capacity: 8, initial: 1 + rng.below(3) });
    puts[to]!.push({ kind: 'put', fifo: fifos.length - 1, tokens: 1, interval: 0 });
    gets[from]!.push({ kind: 'get', fifo: fifos.length - 1, tokens: 1, interval: 0 });
  }
  const hasBarrier = barriers && rng.below(3) === 0;
  const access = ['blocking', 'burst', 'async'] as const;
  const bodies = gets.map((mine, p): readonly Statement[] => {
    const inner: Statement[] = [...mine, { kind: 'compute', ticks: rng.below(12) }];
    if (rng.below(2) === 0) {
      const how = access[rng.below(3)]!;
      const channel = isShared ? rng.below(2) : p;
      const bytes = 1 + rng.below(100);
      inner.push({ kind: rng.below(2) === 0 ? 'load' : 'store', channel, bytes, access: how, beatBytes: 8 });
      if (how === 'async') inner.push({ kind: 'await', pending: rng.below(3) });
    }
    if (locks && rng.below(4) === 0)
      inner.push(
        { kind: 'acquire', lock: 0 },
        { kind: 'compute', ticks: 1 + rng.below(3) },
        { kind: 'release', lock: 0 },
      );
    inner.push(...puts[p]!);
    const start: Statement[] = rng.below(3) === 0 ? [{ kind: 'reconfigure', ticks: rng.below(500) }] : [];
    const between: Statement[] = rng.below(3) === 0 ? [{ kind: 'compute', ticks: rng.below(2000) }] : [];
    if (hasBarrier) between.push({ kind: 'barrier', barrier: 0 });
    const body: readonly Statement[] = [{ kind: 'loop', repeat: firings, body: inner }, ...between];
    return [...start, { kind: 'loop', repeat: blocks, body }];
  });
  const channel = (index: number): MemoryChannel => ({
    name: `c${index}`,
    bytesPerTick: 1 + rng.below(16),
    latencyTicks: rng.below(20),
    responseTicks: rng.below(30),
    outstanding: 1 + rng.below(4),
    arbitration: index % 2 === 0 ? 'first-come' : 'round-robin',
  });
  return {
    processes: bodies.map((body, index) => ({ name: `p${index}`, body })),
    fifos,
    channels: Array.from({ length: isShared ? 2 : count }, (_, index) => channel(index)),
    locks: [{ name: 'l', count: 1 + rng.below(2) }],
    barriers: [{ name: 'b', parties: count }],
  };
}
