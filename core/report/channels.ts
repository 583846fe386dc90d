/**
 * Off-chip channels of a program's run: bytes from the transfers of its result, so that they add up to what the run counted.
 * Within a transfer bytes are spread evenly over the cycles it occupies its channel.
 */
import { resolveMachine } from '#core/architecture/machine.ts';
import { decodeColumn } from '#core/base/columns.ts';
import { fromFile } from '#core/document/document.ts';
import { INTERVAL_KINDS } from '#core/run/result.ts';
import { firstStartingFrom, laneBusyCycles, type RunData } from './run-data.ts';

export interface ChannelUse {
  /** Into the timeline's lanes. */
  readonly lane: number;
  readonly node: string;
  readonly name: string;
  /** Bytes a cycle of the run's clock: what it can. */
  readonly peak: number;
  readonly busyCycles: number;
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

const knownUses = new WeakMap<RunData, readonly ChannelUse[]>();
const knownBytes = new WeakMap<RunData, Float64Array>();
const knownSums = new WeakMap<RunData, Float64Array>();

/** In the order of the lanes; none where the architecture cannot be read any more. Worked out once a result. */
export function channelUses(data: RunData): readonly ChannelUse[] {
  const uses = knownUses.get(data) ?? usesOf(data);
  knownUses.set(data, uses);
  return uses;
}

function usesOf(data: RunData): readonly ChannelUse[] {
  const { machine } = resolveMachine(fromFile(data.result.inputs.architecture));
  const { timeline } = data;
  const bytes = intervalBytes(data);
  return timeline.lanes.flatMap(({ kind, component }, lane): ChannelUse[] => {
    const channel = kind === 'channel' ? machine?.channels.find(({ node }) => node === component) : undefined;
    if (!channel) return [];
    let [loadedBytes, storedBytes] = [0, 0];
    for (let at = timeline.laneFirst[lane]!; at < timeline.laneFirst[lane + 1]!; at++) {
      if (timeline.kind[at] === LOAD) loadedBytes += bytes[at]!;
      if (timeline.kind[at] === STORE) storedBytes += bytes[at]!;
    }
    const { node, name, bytesPerTick } = channel;
    const busyCycles = laneBusyCycles(timeline, lane);
    return [{ lane, node, name, peak: bytesPerTick, busyCycles, loadedBytes, storedBytes }];
  });
}

/** Bytes every interval of the timeline moves. */
export function intervalBytes(data: RunData): Float64Array {
  const { bytes } = data.result.timeline;
  const found = knownBytes.get(data) ?? (bytes ? Float64Array.from(decodeColumn(bytes)) : spreadBytes(data));
  knownBytes.set(data, found);
  return found;
}

/** Of a run made before transfers kept theirs: each operator's bytes by the cycles channels move data for it. */
function spreadBytes({ result, timeline }: RunData): Float64Array {
  const bytes = new Float64Array(timeline.start.length);
  const cycles = new Float64Array(result.operators.length);
  const eachTransfer = (visit: (at: number, operator: number) => void) =>
    timeline.lanes.forEach(({ kind }, lane) => {
      if (kind !== 'channel') return;
      for (let at = timeline.laneFirst[lane]!; at < timeline.laneFirst[lane + 1]!; at++)
        if (timeline.operator[at]! >= 0) visit(at, timeline.operator[at]!);
    });
  eachTransfer((at, operator) => {
    cycles[operator]! += timeline.end[at]! - timeline.start[at]!;
  });
  eachTransfer((at, operator) => {
    const { compulsoryBytes, spillBytes, refetchBytes } = result.operators[operator]!;
    const share = cycles[operator]! > 0 ? (timeline.end[at]! - timeline.start[at]!) / cycles[operator]! : 0;
    bytes[at] = (compulsoryBytes + spillBytes + refetchBytes) * share;
  });
  return bytes;
}

/** Bytes a lane moved before `cycle`. O(log n), and as many steps more as transfers overlap there. */
export function bytesBefore(data: RunData, lane: number, cycle: number): number {
  const { timeline } = data;
  const bytes = intervalBytes(data);
  const sums = knownSums.get(data) ?? runningSums(bytes);
  knownSums.set(data, sums);
  const first = timeline.laneFirst[lane]!;
  const last = firstStartingFrom(timeline, lane, first, cycle) - 1;
  if (last < first) return 0;
  let found = sums[last + 1]! - sums[first]!;
  for (let at = last; at >= first && timeline.latestEnd[at]! > cycle; at--) {
    const [start, end] = [timeline.start[at]!, timeline.end[at]!];
    if (end > cycle) found -= bytes[at]! * ((end - cycle) / (end - start));
  }
  return found;
}

/** Of all before each, and of all at the end. */
function runningSums(bytes: Float64Array): Float64Array {
  const sums = new Float64Array(bytes.length + 1);
  for (const [at, each] of bytes.entries()) sums[at + 1] = sums[at]! + each;
  return sums;
}

/** A transfer counts in every bucket for the cycles it is in it. */
export function bandwidthOf(data: RunData, { lane }: Pick<ChannelUse, 'lane'>, buckets: number): BandwidthSeries {
  const { timeline } = data;
  const bytes = intervalBytes(data);
  const bucket = Math.max(1, timeline.makespanCycles / buckets);
  const values = new Float64Array(Math.max(1, Math.ceil(timeline.makespanCycles / bucket)));
  for (let at = timeline.laneFirst[lane]!; at < timeline.laneFirst[lane + 1]!; at++) {
    const [start, end] = [timeline.start[at]!, timeline.end[at]!];
    if (end === start) continue;
    const rate = bytes[at]! / (end - start);
    for (let slot = Math.floor(start / bucket); slot < values.length && slot * bucket < end; slot++) {
      values[slot]! += rate * (Math.min(end, (slot + 1) * bucket) - Math.max(start, slot * bucket));
    }
  }
  return { bucket, values };
}
