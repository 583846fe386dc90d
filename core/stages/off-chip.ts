/**
 * What crosses the off-chip channels, task by task: the ends of off-chip tensors, and both ends of every stream between
 * stages that was spilled. As built they wait as they are drawn (a spilled stream in bursts); ideally all of them are
 * requested ahead.
 */
import type { Fabric } from '#core/fabric/fabric.ts';
import type { Access, Granularity, Stream, Task, TaskGraph } from '#core/taskgraph/task-graph.ts';
import type { Variant } from './design.ts';
import { type Spread, spread, totalTokens, unitsOf } from './rates.ts';
import { occupancyTicks, transferTicks } from './ticks.ts';

export interface OffChipAccess {
  /** Into the graph's tensors or its streams; −1 the other. */
  readonly tensor: number;
  readonly stream: number;
  /** Into the tensor's ends; −1 for a stream. */
  readonly end: number;
  readonly task: number;
  readonly direction: 'load' | 'store';
  readonly per: Granularity;
  /** Bytes of the run over its firings, blocks, or all at once. */
  readonly bytes: Spread;
  readonly access: Access;
  readonly beatBytes: number;
  /** Into the fabric's channels; −1 where it has none of that name. */
  readonly channel: number;
}

/** Bytes of a stream's tokens, those it begins with included: what a buffer of the whole tensor holds. */
export function tensorBytes(stream: Stream, graph: TaskGraph): number {
  return Math.ceil(((totalTokens(stream.from, graph.tasks) + stream.initial) * stream.bits) / 8);
}

/** Of the drawn tensors; ends without a channel's name take turns over the channels, in order. */
export function tensorAccesses(graph: TaskGraph, fabric: Fabric, variant: Variant): readonly OffChipAccess[] {
  let turn = 0;
  return graph.tensors.flatMap(({ bytes, ends }, tensor) =>
    ends.map(({ task, direction, passes, per, access, beatBytes, channel }, end) => ({
      tensor,
      stream: -1,
      end,
      task,
      direction,
      per,
      bytes: spread(bytes * passes, unitsOf(per, graph.tasks[task]!)),
      access: variant === 'ideal' ? 'async' : access,
      beatBytes,
      channel:
        channel !== ''
          ? fabric.channels.findIndex(({ name }) => name === channel)
          : fabric.channels.length === 0
            ? -1
            : turn++ % fabric.channels.length,
    })),
  );
}

/** Both ends of a spilled stream: stored as it is written, loaded as it is read. */
export function spillAccesses(
  graph: TaskGraph,
  fabric: Fabric,
  variant: Variant,
  stream: number,
): readonly OffChipAccess[] {
  const { from, to, bits } = graph.streams[stream]!;
  const bytes = (tokens: number) => Math.ceil((tokens * bits) / 8);
  const common = {
    tensor: -1,
    stream,
    end: -1,
    access: variant === 'ideal' ? ('async' as const) : ('burst' as const),
    beatBytes: 1,
    channel: fabric.channels.length === 0 ? -1 : stream % fabric.channels.length,
  };
  const written = bytes(totalTokens(from, graph.tasks));
  const read = bytes(totalTokens(to, graph.tasks));
  return [
    {
      ...common,
      task: from.task,
      direction: 'store',
      per: from.per,
      bytes: spread(written, unitsOf(from.per, graph.tasks[from.task]!)),
    },
    {
      ...common,
      task: to.task,
      direction: 'load',
      per: to.per,
      bytes: spread(read, unitsOf(to.per, graph.tasks[to.task]!)),
    },
  ];
}

/**
 * The accesses of one task as it makes them. One that requests ahead for firings and for blocks requests all by firings: the
 * next block's bytes come bit by bit while this block is worked on.
 */
export function asRequested(accesses: readonly OffChipAccess[], { blocks, firings }: Task): readonly OffChipAccess[] {
  const isAhead = (granularity: Granularity) =>
    accesses.some(({ access, per }) => access === 'async' && per === granularity);
  if (!isAhead('firing') || !isAhead('block')) return accesses;
  return accesses.map((one) =>
    one.access === 'async' && one.per === 'block'
      ? { ...one, per: 'firing', bytes: spread(totalBytes(one), blocks * firings) }
      : one,
  );
}

export function totalBytes({ bytes: { units, each, extra } }: OffChipAccess): number {
  return units * each + extra;
}

/** Ticks its task waits for all of it, alone on the channel; asynchronous: for the first load or the last store. */
export function waitedTicks(access: OffChipAccess, fabric: Fabric): number {
  const channel = fabric.channels[access.channel];
  if (!channel) return 0;
  const { bytes, direction, beatBytes } = access;
  const { units, each, extra } = bytes;
  const ticks = (amount: number) => transferTicks(channel, direction, amount, access.access, beatBytes);
  if (access.access !== 'async') return extra * ticks(each + 1) + (units - extra) * ticks(each);
  return ticks(direction === 'load' && extra > 0 ? each + 1 : each);
}

/** Ticks of one of its requests, alone on the channel; of the shorter ones. */
export function leastTicks({ channel, direction, bytes, access, beatBytes }: OffChipAccess, fabric: Fabric): number {
  const on = fabric.channels[channel];
  return on ? transferTicks(on, direction, bytes.each, access, beatBytes) : 0;
}

/** Ticks it moves data on its channel, and ticks × places it takes among the requests under way. */
export function channelTicks(
  access: OffChipAccess,
  fabric: Fabric,
): { readonly data: number; readonly places: number } {
  const channel = fabric.channels[access.channel];
  if (!channel) return { data: 0, places: 0 };
  const { bytes, direction, beatBytes } = access;
  const { units, each, extra } = bytes;
  const sum = (ticks: (amount: number) => number) => extra * ticks(each + 1) + (units - extra) * ticks(each);
  return {
    data: sum((amount) => occupancyTicks(channel, amount, access.access, beatBytes)),
    places: sum((amount) => transferTicks(channel, direction, amount, access.access, beatBytes)),
  };
}
