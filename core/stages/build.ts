/**
 * A design as a network of processes, one a task. Inside a stage streams are FIFOs. Between stages they are buffers of the
 * whole tensor, in banks or off chip, and their reader waits until the writer has ended; a task starts on a core when those
 * the stage before had there have ended, and the core has been reconfigured.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Fifo, Network, Process, Statement } from '#core/simulate/network/network.ts';
import type { TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { Design } from './design.ts';
import { asRequested, type OffChipAccess, spillAccesses, tensorAccesses } from './off-chip.ts';
import { type ChannelEnd, type FifoEnd, programOf } from './program.ts';
import { totalTokens } from './rates.ts';
import { stagesOfTasks } from './spill.ts';
import { firingTicks, lanesOf, reconfigureTogether, type Supply, startTicks } from './ticks.ts';
import { transferInterval } from './time.ts';
import { verifyDesign } from './verify.ts';

/**
 * `fifo`: a stream inside a stage. `bank`: the tensor of a stream between stages. `tensor`: one token, that the tensor of
 * a stream is whole. `core`: one token, that a core is free.
 */
export type FifoKind = 'fifo' | 'bank' | 'tensor' | 'core';

export interface BuiltNetwork {
  readonly network: Network;
  /** By process, into the graph's tasks; and back. */
  readonly taskOf: readonly number[];
  readonly processOf: readonly number[];
  /** By task. */
  readonly stageOf: readonly number[];
  readonly supplyOf: readonly Supply[];
  /** By FIFO of the network. */
  readonly fifoKind: readonly FifoKind[];
  /** By FIFO, into the graph's streams; −1 for a core handed over. */
  readonly streamOf: readonly number[];
  /** By stream: the FIFO of its tokens; −1 where it goes off chip. */
  readonly fifoOf: readonly number[];
  readonly streamKind: readonly ('fifo' | 'bank' | 'off-chip')[];
  /** By channel of the network, into the fabric's channels. */
  readonly channelOf: readonly number[];
  /** By task: what it has with the channels. */
  readonly accesses: readonly (readonly OffChipAccess[])[];
}

export function buildNetwork(graph: TaskGraph, fabric: Fabric, design: Design): Result<BuiltNetwork, Problem> {
  const [wrong] = verifyDesign(graph, fabric, design);
  if (wrong) return err(wrong);
  const stageOf = stagesOfTasks(graph, design.stages);
  const supplyOf: Supply[] = graph.tasks.map(() => lanesOf(fabric, []));
  for (const { tasks } of design.stages) for (const { task, shares } of tasks) supplyOf[task] = lanesOf(fabric, shares);
  const accesses = accessesOf(graph, fabric, design, stageOf);
  const fifos = new Fifos(graph, design, stageOf, supplyOf);
  const cores = handOver(graph, fabric, design, fifos);

  const processes: Process[] = [];
  for (let task = 0; task < graph.tasks.length; task++) {
    const drawn = graph.tasks[task]!;
    const supply = supplyOf[task]!;
    const ticks = firingTicks(drawn, supply, design.variant);
    const channels = accesses[task]!.map(
      ({ channel, direction, per, bytes, access, beatBytes }): ChannelEnd => ({
        channel,
        kind: direction,
        per,
        bytes,
        access,
        beatBytes,
      }),
    );
    const body = programOf({
      task: drawn,
      ticks,
      startTicks: startTicks(drawn, supply, design.variant),
      fifos: fifos.endsOf[task]!,
      channels,
      ahead: design.variant === 'ideal' ? firingsAhead(fabric, channels, ticks) : 1,
    });
    if (body === null)
      return err(
        problem(
          'stages.period-too-long',
          `The rates of “${drawn.name}” have a common period that is too long to be written out`,
          { where: { node: drawn.node } },
        ),
      );
    processes.push({ name: drawn.name, body: [...cores.before[task]!, ...body, ...cores.after[task]!] });
  }
  const network: Network = {
    processes,
    fifos: fifos.all,
    channels: fabric.channels.map(({ name, bytesPerTick, latencyTicks, responseTicks, outstanding, arbitration }) => ({
      name,
      bytesPerTick,
      latencyTicks,
      responseTicks,
      outstanding,
      arbitration,
    })),
    locks: cores.hasBitstreams ? [{ name: 'configuration port', count: 1 }] : [],
    barriers: [],
  };
  const everyTask = graph.tasks.map((_, task) => task);
  return ok({
    network,
    taskOf: everyTask,
    processOf: everyTask,
    stageOf,
    supplyOf,
    fifoKind: fifos.kind,
    streamOf: fifos.streamOf,
    fifoOf: fifos.fifoOf,
    streamKind: fifos.streamKind,
    channelOf: fabric.channels.map((_, channel) => channel),
    accesses,
  });
}

function accessesOf(
  graph: TaskGraph,
  fabric: Fabric,
  { variant, spilled }: Design,
  stageOf: readonly number[],
): readonly (readonly OffChipAccess[])[] {
  const accesses: OffChipAccess[][] = graph.tasks.map(() => []);
  for (const access of tensorAccesses(graph, fabric, variant)) accesses[access.task]!.push(access);
  for (const stream of spilled) {
    const { from, to } = graph.streams[stream]!;
    if (stageOf[from.task] === stageOf[to.task]) continue;
    for (const access of spillAccesses(graph, fabric, variant, stream)) accesses[access.task]!.push(access);
  }
  return accesses.map((own, task) => asRequested(own, graph.tasks[task]!));
}

/** Firings a load is requested ahead, so that latency and response of a channel that is not the limit are hidden. */
function firingsAhead(fabric: Fabric, channels: readonly ChannelEnd[], ticks: readonly number[]): number {
  let latency = 0;
  let response = 0;
  for (const { channel, kind } of channels)
    if (kind === 'load') latency = Math.max(latency, fabric.channels[channel]!.latencyTicks);
    else response = Math.max(response, fabric.channels[channel]!.responseTicks);
  const mean = ticks.reduce((sum, value) => sum + value, 0) / Math.max(1, ticks.length);
  return Math.min(MOST_AHEAD, 1 + Math.ceil((latency + response) / Math.max(1, mean)));
}

/** A window of requests no hardware would have more of. */
const MOST_AHEAD = 64;

/** The FIFOs of the network, and what each task does with them. */
class Fifos {
  readonly all: Fifo[] = [];
  readonly kind: FifoKind[] = [];
  readonly streamOf: number[] = [];
  readonly fifoOf: number[] = [];
  readonly streamKind: ('fifo' | 'bank' | 'off-chip')[] = [];
  readonly endsOf: FifoEnd[][];
  /** By task: FIFOs of one token it takes before it begins, and gives when it has ended. */
  readonly awaited: number[][];
  readonly announced: number[][];

  constructor(graph: TaskGraph, { spilled }: Design, stageOf: readonly number[], supplyOf: readonly Supply[]) {
    this.endsOf = graph.tasks.map(() => []);
    this.awaited = graph.tasks.map(() => []);
    this.announced = graph.tasks.map(() => []);
    const offChip = new Set(spilled);
    graph.streams.forEach((stream, index) => {
      const { from, to, name, depth, initial } = stream;
      const isInside = stageOf[from.task] === stageOf[to.task];
      const kind = isInside ? 'fifo' : offChip.has(index) ? 'off-chip' : 'bank';
      this.streamKind.push(kind);
      if (kind === 'off-chip') this.fifoOf.push(-1);
      else {
        const capacity = isInside && depth > 0 ? Math.max(depth, initial) : Infinity;
        const fifo = this.#add({ name, capacity, initial }, kind, index);
        this.fifoOf.push(fifo);
        for (const [end, what] of [
          [from, 'put'],
          [to, 'get'],
        ] as const) {
          const { ticksPerCycle } = supplyOf[end.task]!;
          this.endsOf[end.task]!.push({
            fifo,
            kind: what,
            per: end.per,
            tokens: end.rates,
            intervals: end.rates.map((tokens) =>
              isInside ? transferInterval(stream, end.per, tokens, ticksPerCycle) : 0,
            ),
          });
        }
      }
      if (!isInside && initial < totalTokens(to, graph.tasks))
        this.announce(`${name} is whole`, 'tensor', index, from.task, to.task);
    });
  }

  announce(name: string, kind: FifoKind, stream: number, from: number, to: number): number {
    const fifo = this.#add({ name, capacity: 1, initial: 0 }, kind, stream);
    this.announced[from]!.push(fifo);
    if (kind === 'tensor') this.awaited[to]!.push(fifo);
    return fifo;
  }

  #add(fifo: Fifo, kind: FifoKind, stream: number): number {
    this.kind.push(kind);
    this.streamOf.push(stream);
    return this.all.push(fifo) - 1;
  }
}

interface HandOver {
  /** Statements around a task's own. */
  readonly before: readonly (readonly Statement[])[];
  readonly after: readonly (readonly Statement[])[];
  readonly hasBitstreams: boolean;
}

/**
 * Cores from stage to stage: free when everyone the last stage that used it had there has ended, then reconfigured. A task
 * without a core waits for the whole stage before it, and the stage after it for the task.
 */
function handOver(graph: TaskGraph, fabric: Fabric, { stages }: Design, fifos: Fifos): HandOver {
  const before: Statement[][] = graph.tasks.map(() => []);
  const last: (readonly number[])[] = fabric.cores.map(() => []);
  const one = (kind: 'get' | 'put') => (fifo: number) => ({ kind, fifo, tokens: 1, interval: 0 });
  let hasBitstreams = false;
  for (const [index, { tasks }] of stages.entries()) {
    const earlier = stages[index - 1]?.tasks ?? [];
    const coreless = earlier.filter((placed) => placed.shares.length === 0);
    for (const { task, shares } of tasks) {
      const changing = shares.flatMap(({ core }) => (last[core]!.length > 0 ? [core] : []));
      const waitsFor = new Set(changing.flatMap((core) => last[core]!));
      for (const { task: previous } of shares.length === 0 ? earlier : coreless) waitsFor.add(previous);
      for (const previous of waitsFor) {
        const name = `${graph.tasks[previous]!.name} before ${graph.tasks[task]!.name}`;
        before[task]!.push(one('get')(fifos.announce(name, 'core', -1, previous, task)));
      }
      const ticks = reconfigureTogether(changing, fabric);
      const isBitstream = changing.some((core) => fabric.cores[core]!.reconfiguration.kind === 'partial');
      if (isBitstream) before[task]!.push({ kind: 'acquire', lock: 0 });
      if (ticks > 0) before[task]!.push({ kind: 'reconfigure', ticks });
      if (isBitstream) before[task]!.push({ kind: 'release', lock: 0 });
      hasBitstreams ||= isBitstream;
    }
    fabric.cores.forEach((_, core) => {
      const here = tasks.flatMap(({ task, shares }) => (shares.some((share) => share.core === core) ? [task] : []));
      if (here.length > 0) last[core] = here;
    });
  }
  graph.tasks.forEach((_, task) => {
    before[task]!.push(...fifos.awaited[task]!.map(one('get')));
  });
  return { before, after: graph.tasks.map((_, task) => fifos.announced[task]!.map(one('put'))), hasBitstreams };
}
