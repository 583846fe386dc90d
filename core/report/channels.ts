/**
 * Off-chip channels of a program's run, from the intervals of its result. While a transfer occupies its channel it moves at
 * the narrowest of channel, DMA engine and bus on its way (core/techniques/simulator/event-timing), a last tick partly.
 */
import { type Machine, resolveMachine } from '#core/architecture/machine.ts';
import { fromFile } from '#core/document/document.ts';
import { INTERVAL_KINDS } from '#core/run/result.ts';
import type { RunData } from './run-data.ts';

export interface ChannelUse {
  /** Into the timeline's lanes. */
  readonly lane: number;
  readonly node: string;
  readonly name: string;
  /** Bytes a cycle of the run's clock: what it can. */
  readonly peak: number;
  /** Bytes a cycle while it moves data: narrower where the engines before it are. */
  readonly rate: number;
  readonly busyCycles: number;
  /** Busy cycles × rate: each transfer's last cycle counts as a full one. */
  readonly loadedBytes: number;
  readonly storedBytes: number;
}

/** Bytes moved a cycle over the run, in equal buckets. */
export interface BandwidthSeries {
  /** Cycles a bucket. */
  readonly bucket: number;
  /** Bytes moved in each. */
  readonly values: Float64Array;
}

const LOAD = INTERVAL_KINDS.indexOf('load');
const STORE = INTERVAL_KINDS.indexOf('store');

const known = new WeakMap<RunData, readonly ChannelUse[]>();

/** In the order of the lanes; none where the architecture cannot be read any more. Worked out once a result. */
export function channelUses(data: RunData): readonly ChannelUse[] {
  const uses = known.get(data) ?? usesOf(data);
  known.set(data, uses);
  return uses;
}

function usesOf(data: RunData): readonly ChannelUse[] {
  const { machine } = resolveMachine(fromFile(data.result.inputs.architecture));
  const { timeline } = data;
  return timeline.lanes.flatMap((lane, index): ChannelUse[] => {
    const channel = lane.kind === 'channel' ? machine?.channels.findIndex(({ node }) => node === lane.component) : -1;
    if (!machine || channel === undefined || channel < 0) return [];
    const rate = rateOf(machine, channel);
    let [busy, loaded, stored] = [0, 0, 0];
    for (let at = timeline.laneFirst[index]!; at < timeline.laneFirst[index + 1]!; at++) {
      const cycles = timeline.end[at]! - timeline.start[at]!;
      busy += cycles;
      if (timeline.kind[at] === LOAD) loaded += cycles * rate;
      if (timeline.kind[at] === STORE) stored += cycles * rate;
    }
    const { node, name, bytesPerTick } = machine.channels[channel]!;
    return [
      { lane: index, node, name, peak: bytesPerTick, rate, busyCycles: busy, loadedBytes: loaded, storedBytes: stored },
    ];
  });
}

/** Of the widest engine that reaches the channel, its bus and the channel. */
function rateOf({ channels, engines }: Machine, channel: number): number {
  const ways = engines
    .filter((engine) => engine.channels.includes(channel))
    .map(({ bytesPerTick, bus }) => Math.min(bytesPerTick, bus?.bytesPerTick ?? Number.POSITIVE_INFINITY));
  return Math.min(channels[channel]!.bytesPerTick, ways.length > 0 ? Math.max(...ways) : Number.POSITIVE_INFINITY);
}

/** A transfer counts in every bucket for the cycles it is in it. */
export function bandwidthOf(data: RunData, { lane, rate }: ChannelUse, buckets: number): BandwidthSeries {
  const { timeline } = data;
  const bucket = Math.max(1, timeline.makespanCycles / buckets);
  const values = new Float64Array(Math.max(1, Math.ceil(timeline.makespanCycles / bucket)));
  for (let at = timeline.laneFirst[lane]!; at < timeline.laneFirst[lane + 1]!; at++) {
    const [start, end] = [timeline.start[at]!, timeline.end[at]!];
    for (let slot = Math.floor(start / bucket); slot < values.length && slot * bucket < end; slot++) {
      values[slot]! += rate * (Math.min(end, (slot + 1) * bucket) - Math.max(start, slot * bucket));
    }
  }
  return { bucket, values };
}
