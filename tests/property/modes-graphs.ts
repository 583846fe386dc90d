/** Task graphs of InTAR's MLP and self-attention (arXiv 2502.08807), their cores, and fabrics to put them on. */
import type { Fabric, OffChipChannel } from '#core/fabric/fabric.ts';
import type { OffChipTensor, Stream, StreamEnd, Task, TaskGraph } from '#core/taskgraph/task-graph.ts';

export function task(name: string, rest: Partial<Task> & Pick<Task, 'firings' | 'work'>): Task {
  return {
    node: name,
    name,
    operation: 'mac',
    format: 'int16',
    blocks: 1,
    nest: { isFlattened: false, interval: 1, depth: 8, exit: 2, starts: 1, overhead: 0 },
    times: [],
    unroll: 0,
    cores: [],
    stage: 0,
    ...rest,
  };
}

export const per = (task: number, per: StreamEnd['per'], rate: number): StreamEnd => ({ task, per, rates: [rate] });

export function stream(name: string, from: StreamEnd, to: StreamEnd, depth = 2): Stream {
  return { node: name, name, from, to, depth, bits: 16, initial: 0 };
}

export function offChip(
  name: string,
  bytes: number,
  task: number,
  direction: 'load' | 'store',
  access: 'blocking' | 'burst' | 'async' = 'burst',
): OffChipTensor {
  const end = { task, direction, passes: 1, per: 'firing' as const, access, beatBytes: 64, channel: '' };
  return { node: name, name, bytes, ends: [end] };
}

export const CHANNEL: OffChipChannel = {
  node: 'hbm',
  name: 'hbm',
  bytesPerTick: 64,
  latencyTicks: 40,
  responseTicks: 61,
  outstanding: 16,
  arbitration: 'first-come',
  joulesPerByte: 30e-12,
};

/** Compute cores of so many lanes, a special-function unit, one bank and one channel. */
export function fabricOf(
  lanes: readonly number[],
  bankBytes: number,
  rest: { readonly reconfigure?: number; readonly channel?: Partial<OffChipChannel> } = {},
): Fabric {
  const core = (name: string, operation: 'mac' | 'special', count: number) => ({
    node: name,
    name,
    operation,
    lanes: { int16: count },
    ticksPerCycle: 1,
    reconfiguration: { kind: 'mux' as const, ticks: rest.reconfigure ?? 5 },
    joulesPerOperation: { int16: 1e-12 },
    staticWatts: 0.5,
  });
  return {
    title: 'fabric',
    clockHertz: 300e6,
    cores: [...lanes.map((count, index) => core(`CC${index}`, 'mac', count)), core('SFU', 'special', 1)],
    banks: [
      {
        node: 'bank',
        name: 'bank',
        kind: 'bram',
        capacityBytes: bankBytes,
        ports: 64,
        bytesPerTick: 64,
        joulesPerByte: 1e-12,
      },
    ],
    channels: [{ ...CHANNEL, ...rest.channel }],
    device: null,
  };
}

/** 256-1024-2048-256: F1 unrolled over both cores, F2 and F3 over one each. */
export function mlp(): TaskGraph {
  return {
    title: 'MLP',
    tasks: [
      task('F1', { firings: 1024, work: 256, unroll: 32 }),
      task('F2', { firings: 2048, work: 1024, unroll: 16 }),
      task('F3', { firings: 2048, work: 256, unroll: 16 }),
    ],
    streams: [
      stream('h1', per(0, 'firing', 1), per(1, 'task', 1024)),
      stream('h2', per(1, 'firing', 1), per(2, 'firing', 1)),
    ],
    tensors: [
      offChip('W1', 1024 * 256 * 2, 0, 'load', 'async'),
      offChip('W2', 2048 * 1024 * 2, 1, 'load', 'async'),
      offChip('W3', 2048 * 256 * 2, 2, 'load', 'async'),
    ],
    note: null,
  };
}

/** N = 256, D = 1024, one head. K goes row by row into QKᵀ, which makes a column of scores of each. */
export function attention(): TaskGraph {
  const [N, D] = [256, 1024];
  const projection = (name: string, unroll: number) => task(name, { firings: N, work: D * D, unroll });
  return {
    title: 'attention',
    tasks: [
      projection('Q', 32),
      projection('K', 16),
      task('QKt', { firings: N, work: N * D, unroll: 16 }),
      task('softmax', { operation: 'special', firings: N, work: N }),
      projection('V', 32),
      task('SV', { firings: N, work: N * D, unroll: 32 }),
    ],
    streams: [
      stream('q', per(0, 'firing', D), per(2, 'task', N * D)),
      stream('k', per(1, 'firing', D), per(2, 'firing', D), 2048),
      stream('s', per(2, 'firing', N), per(3, 'task', N * N)),
      stream('p', per(3, 'firing', N), per(5, 'firing', N), 512),
      stream('v', per(4, 'firing', D), per(5, 'task', N * D)),
    ],
    tensors: [
      ...(['Q', 'K', 'V'] as const).flatMap((name, index) => [
        offChip(`W${name}`, D * D * 2, [0, 1, 4][index]!, 'load', 'async'),
        offChip(`X${name}`, N * D * 2, [0, 1, 4][index]!, 'load', 'async'),
      ]),
      offChip('Y', N * D * 2, 5, 'store', 'async'),
    ],
    note: null,
  };
}
