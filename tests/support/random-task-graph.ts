/**
 * Task graphs and fabrics for tests: by hand from defaults, and at random. Random graphs are connected and consistent by
 * construction (tokens in = tokens out on every stream): chains, forks and joins, rates that differ, streams of firings,
 * blocks and whole runs, tensors off chip with every access.
 */
import type { Rng } from '#core/base/rng.ts';
import type { Bank, Core, Fabric, OffChipChannel } from '#core/fabric/fabric.ts';
import type {
  Granularity,
  LoopNest,
  OffChipEnd,
  OffChipTensor,
  Stream,
  StreamEnd,
  Task,
  TaskGraph,
} from '#core/taskgraph/task-graph.ts';

export const FLAT: LoopNest = { isFlattened: true, interval: 1, depth: 0, exit: 0, starts: 1, overhead: 0 };

export function aTask(name: string, task: Partial<Task> = {}): Task {
  return {
    node: name,
    name,
    operation: 'mac',
    format: 'int16',
    blocks: 1,
    firings: 1,
    work: 0,
    nest: FLAT,
    times: [],
    unroll: 0,
    cores: [],
    stage: 0,
    ...task,
  };
}

export function anEnd(task: number, per: Granularity = 'firing', rates: readonly number[] = [1]): StreamEnd {
  return { task, per, rates };
}

export function aStream(from: StreamEnd, to: StreamEnd, stream: Partial<Stream> = {}): Stream {
  const name = `${from.task}-${to.task}`;
  return { node: `s${name}`, name, from, to, depth: 2, bits: 16, initial: 0, ...stream };
}

export function aTensor(
  name: string,
  bytes: number,
  ...ends: readonly (Partial<OffChipEnd> & Pick<OffChipEnd, 'task' | 'direction'>)[]
): OffChipTensor {
  return {
    node: name,
    name,
    bytes,
    ends: ends.map((end) => ({ passes: 1, per: 'firing', access: 'burst', beatBytes: 64, channel: '', ...end })),
  };
}

export function aGraph(tasks: readonly Task[], graph: Partial<TaskGraph> = {}): TaskGraph {
  return { title: 'graph', tasks, streams: [], tensors: [], note: null, ...graph };
}

export function aCore(name: string, lanes: number, core: Partial<Core> = {}): Core {
  return {
    node: name,
    name,
    operation: 'mac',
    lanes: { int16: lanes },
    ticksPerCycle: 1,
    reconfiguration: { kind: 'mux', ticks: 0 },
    joulesPerOperation: {},
    staticWatts: 0,
    ...core,
  };
}

export function aChannel(name: string, channel: Partial<OffChipChannel> = {}): OffChipChannel {
  return {
    node: name,
    name,
    bytesPerTick: 64,
    latencyTicks: 0,
    responseTicks: 0,
    outstanding: 64,
    arbitration: 'first-come',
    joulesPerByte: 0,
    ...channel,
  };
}

export function aBank(name: string, capacityBytes: number, bank: Partial<Bank> = {}): Bank {
  return { node: name, name, kind: 'sram', capacityBytes, ports: 2, bytesPerTick: 64, joulesPerByte: 0, ...bank };
}

export function aFabric(cores: readonly Core[], fabric: Partial<Fabric> = {}): Fabric {
  return { title: 'fabric', clockHertz: 300e6, cores, banks: [], channels: [], device: null, ...fabric };
}

/** Up to `most` tasks; every stream carries the same number of tokens in and out, so that without bound none deadlocks. */
export function randomTaskGraph(rng: Rng, most = 6): TaskGraph {
  const between = (least: number, last: number) => least + rng.below(last - least + 1);
  const count = between(1, most);
  const tasks = Array.from({ length: count }, (_, index) =>
    aTask(`t${index}`, {
      blocks: between(1, 4),
      firings: between(1, 24),
      work: between(1, 400),
      nest: {
        isFlattened: rng.below(2) === 0,
        interval: between(1, 2),
        depth: between(0, 12),
        exit: between(0, 3),
        starts: between(1, 3),
        overhead: rng.below(3) === 0 ? between(1, 5) : 0,
      },
      times: rng.below(8) === 0 ? Array.from({ length: between(1, 3) }, () => between(0, 30)) : [],
      unroll: rng.below(3) === 0 ? between(1, 12) : 0,
    }),
  );
  const streams: Stream[] = [];
  for (let to = 1; to < count; to++)
    for (let link = rng.below(4) === 0 ? 2 : 1; link > 0; link--) {
      const from = rng.below(to);
      streams.push(randomStream(rng, tasks, from, to, streams.length));
    }
  const tensors = Array.from({ length: rng.below(4) }, (_, index) =>
    aTensor(
      `m${index}`,
      between(1, 4000),
      ...Array.from({ length: between(1, 2) }, () => ({
        task: rng.below(count),
        direction: rng.below(2) === 0 ? ('load' as const) : ('store' as const),
        passes: between(1, 3),
        per: (['firing', 'block', 'task'] as const)[rng.below(3)]!,
        access: (['blocking', 'burst', 'async'] as const)[rng.below(3)]!,
        beatBytes: between(1, 64),
        channel: rng.below(2) === 0 ? '' : `c${rng.below(2)}`,
      })),
    ),
  );
  return aGraph(tasks, { streams, tensors });
}

function randomStream(rng: Rng, tasks: readonly Task[], from: number, to: number, index: number): Stream {
  const units = (task: number, per: Granularity) => {
    const { blocks, firings } = tasks[task]!;
    return per === 'task' ? 1 : per === 'block' ? blocks : blocks * firings;
  };
  const per = (): Granularity => (['firing', 'firing', 'firing', 'block', 'task'] as const)[rng.below(5)]!;
  const [writes, reads] = [per(), per()];
  const [given, taken] = [units(from, writes), units(to, reads)];
  const common = (given / gcd(given, taken)) * taken;
  const cycle = (units: number, tokens: number): readonly number[] => {
    // Rates that differ in turn, of the same mean, where the units allow.
    if (units % 2 === 0 && rng.below(3) === 0) {
      const shift = rng.below(tokens + 1);
      return [tokens - shift, tokens + shift];
    }
    return [tokens];
  };
  return aStream(anEnd(from, writes, cycle(given, common / given)), anEnd(to, reads, cycle(taken, common / taken)), {
    node: `s${index}`,
    name: `s${index}`,
    depth: rng.below(4) === 0 ? 0 : 1 + rng.below(8),
    bits: 8 * (1 + rng.below(4)),
  });
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Two or three cores with room for every task at once, two channels, at times banks. */
export function randomFabric(rng: Rng, tasks: number): Fabric {
  const between = (least: number, last: number) => least + rng.below(last - least + 1);
  const reconfigurations = [
    { kind: 'mux', ticks: between(0, 6) },
    { kind: 'context', bytes: between(0, 500), bytesPerTick: between(1, 8) },
    { kind: 'partial', bytes: between(0, 1000), bytesPerSecond: 400e6 },
  ] as const;
  const channel = (name: string) =>
    aChannel(name, {
      bytesPerTick: between(1, 32),
      latencyTicks: between(0, 60),
      responseTicks: between(0, 60),
      outstanding: between(1, 8),
      arbitration: rng.below(2) === 0 ? 'first-come' : 'round-robin',
    });
  return aFabric(
    Array.from({ length: between(2, 3) }, (_, index) =>
      aCore(`core${index}`, tasks + between(0, 16), {
        ticksPerCycle: rng.below(6) === 0 ? 2 : 1,
        reconfiguration: reconfigurations[rng.below(3)]!,
      }),
    ),
    {
      channels: [channel('c0'), channel('c1')],
      banks: rng.below(2) === 0 ? [aBank('bank', between(0, 4000))] : [],
    },
  );
}

/** Without the nodes of accesses drawn between: which ends have one is the drawing's to say. */
export function withoutAccessNodes(graph: TaskGraph): TaskGraph {
  const tensors = graph.tensors.map((tensor) => ({ ...tensor, ends: tensor.ends.map(({ by: _, ...end }) => end) }));
  return { ...graph, tensors };
}
