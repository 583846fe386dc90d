/** Networks to test on: random ones and small ones built by hand. */
import type { Rng } from '#core/base/rng.ts';
import type { Fifo, MemoryChannel, Network, Operation, Process, Statement } from '#core/simulate/network/network.ts';

export const get = (fifo: number, tokens = 1, interval = 0): Operation => ({ kind: 'get', fifo, tokens, interval });
export const put = (fifo: number, tokens = 1, interval = 0): Operation => ({ kind: 'put', fifo, tokens, interval });
export const compute = (ticks: number): Operation => ({ kind: 'compute', ticks });
export const loop = (repeat: number, ...body: readonly Statement[]): Statement => ({ kind: 'loop', repeat, body });
export const process = (name: string, ...body: readonly Statement[]): Process => ({ name, body });
export const fifo = (name: string, capacity: number, initial = 0): Fifo => ({ name, capacity, initial });

export function networkOf(
  processes: readonly Process[],
  fifos: readonly Fifo[],
  rest: Partial<Pick<Network, 'channels' | 'locks' | 'barriers'>> = {},
): Network {
  return { processes, fifos, channels: [], locks: [], barriers: [], ...rest };
}

export const channel = (name: string, rest: Partial<MemoryChannel> = {}): MemoryChannel => ({
  name,
  bytesPerTick: 4,
  latencyTicks: 5,
  responseTicks: 7,
  outstanding: 2,
  arbitration: 'first-come',
  ...rest,
});

export interface RandomOptions {
  /** Processes at most, ≥ 2. */
  readonly processes?: number;
  /** Repetitions at most. */
  readonly firings?: number;
  /** Whether processes have channels of their own, share them, or have none. */
  readonly memory?: 'none' | 'own' | 'shared';
  /** Transfers move tokens one after the other now and then. */
  readonly intervals?: boolean;
}

/**
 * A tree of streams with reconvergent ones and feedback, rates that balance, bursts, depths from 1: some deadlock.
 */
export function randomNetwork(rng: Rng, options: RandomOptions = {}): Network {
  const { processes = 5, firings = 30, memory = 'none', intervals = true } = options;
  const count = 2 + rng.below(processes - 1);
  const inBlock = 1 + rng.below(4);
  const blocks = 1 + rng.below(Math.max(1, Math.floor(firings / inBlock)));
  const fifos: Fifo[] = [];
  const gets: Operation[][] = Array.from({ length: count }, () => []);
  const puts: Operation[][] = Array.from({ length: count }, () => []);
  const interval = () => (intervals && rng.below(3) === 0 ? rng.below(3) : 0);
  const join = (from: number, to: number) => {
    const tokens = 1 + rng.below(4);
    // Now and then at twice the grain at one end.
    const halves = tokens % 2 === 0 && rng.below(2) === 0 ? 2 : 1;
    for (let half = 0; half < halves; half++) gets[to]!.push(get(fifos.length, tokens / halves, interval()));
    puts[from]!.push(put(fifos.length, tokens, interval()));
    fifos.push(fifo(`f${fifos.length}`, 1 + rng.below(5)));
  };
  for (let to = 1; to < count; to++) {
    join(rng.below(to), to);
    if (rng.below(2) === 0) join(rng.below(to), to);
    if (rng.below(5) === 0) {
      const from = rng.below(to);
      const initial = 1 + rng.below(3);
      gets[from]!.push(get(fifos.length));
      puts[to]!.push(put(fifos.length));
      fifos.push(fifo(`b${fifos.length}`, initial + rng.below(3), initial));
    }
  }
  const access = ['blocking', 'burst', 'async'] as const;
  const bodies = gets.map((mine, index) => {
    const inner: Statement[] = [...mine, compute(rng.below(12))];
    if (memory !== 'none' && rng.below(2) === 0) {
      const how = access[rng.below(3)]!;
      const kind = rng.below(2) === 0 ? 'load' : 'store';
      const on = memory === 'own' ? index : rng.below(2);
      inner.push({ kind, channel: on, bytes: 1 + rng.below(40), access: how, beatBytes: 8 });
      if (how === 'async') inner.push({ kind: 'await', pending: rng.below(3) });
    }
    if (rng.below(3) === 0) inner.push({ kind: 'loop', repeat: 1 + rng.below(3), body: [compute(1 + rng.below(3))] });
    // Now and then the order of writing crosses the order of reading.
    const out = rng.below(3) === 0 ? [...puts[index]!].reverse() : puts[index]!;
    const start: Statement[] = rng.below(4) === 0 ? [{ kind: 'reconfigure', ticks: rng.below(40) }] : [];
    const between = rng.below(2) === 0 ? [compute(rng.below(60))] : [];
    return [...start, loop(blocks, ...between, loop(inBlock, ...inner, ...out))];
  });
  return networkOf(
    bodies.map((body, index) => process(`p${index}`, ...body)),
    fifos,
    {
      channels: Array.from({ length: memory === 'none' ? 0 : Math.max(2, count) }, (_, index) =>
        channel(`c${index}`, {
          bytesPerTick: 1 + rng.below(8),
          latencyTicks: rng.below(10),
          outstanding: 1 + rng.below(3),
        }),
      ),
    },
  );
}
