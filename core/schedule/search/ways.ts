/**
 * The two ways into a segment, with what comes from the one before on chip or off: where a search of each starts, and what
 * each tells of the other.
 */
import { Ends, type Settled } from './ends.ts';
import { Exchanges } from './exchange.ts';
import type { Step } from './history.ts';
import { type Boundary, OFF, positionOf, type SearchInstance } from './instance.ts';
import type { Region } from './region.ts';
import { takesRoomFor } from './replay.ts';
import { residentStatus, type Segment } from './segments.ts';
import { exchangeSets, waitingLists } from './symmetry.ts';

/** What both passes over a segment start from. */
export interface Way {
  readonly region: Region & Required<Pick<Region, 'waitsFor'>>;
  readonly entry: Boundary;
  readonly live: Int32Array;
}

export function wayInto(instance: SearchInstance, segment: Segment, isEntryOn: boolean): Way {
  const entry: Boundary = {
    live: segment.entry,
    status: Uint8Array.from(segment.entry, (tensor) => (isEntryOn ? residentStatus(instance, tensor) : OFF)),
  };
  const usesLeft = Int32Array.from(instance.consumers, (list) => list.length);
  return {
    entry,
    region: {
      ops: segment.ops,
      entry,
      usesLeft,
      waitsFor: waitingLists(instance, segment.ops),
      exchanges: new Exchanges(exchangeSets(instance, segment.ops)),
    },
    live: exitOf(instance, segment),
  };
}

/** Used results of the segment's last operator. */
function exitOf(instance: SearchInstance, { ops }: Segment): Int32Array {
  return instance.results[ops.at(-1)!]!.filter((tensor) => instance.consumers[tensor]!.length > 0);
}

export interface BothWays {
  readonly on: Settled;
  readonly off: Settled;
}

/**
 * What each way into a segment tells of the other. Off chip the first read is paid already: the same steps cost no more.
 * On chip the entry can be dropped at once: that costs its drop more, at most.
 */
export function informed(instance: SearchInstance, segment: Segment, { on, off }: BothWays): BothWays {
  const ways = { on: wayInto(instance, segment, true), off: wayInto(instance, segment, false) };
  const entry = new Set(segment.entry);
  const saved = ways.on.entry.live.reduce(
    (sum, tensor, i) => sum + instance.bytes[tensor]! * ways.on.entry.status[i]!,
    0,
  );
  const { usesLeft } = ways.on.region;
  const offEnds = new Ends(instance, ways.off.live);
  const onEnds = new Ends(instance, ways.on.live);
  for (const end of off.ends) {
    offEnds.put(end);
    const [first, ...rest] = end.steps();
    const dropped = [...entry].filter((tensor) => !takesRoomFor(instance, usesLeft, first!.op, tensor));
    const steps = [{ op: first!.op, dropped: [...new Set([...first!.dropped, ...dropped])] }, ...rest];
    onEnds.addSteps(ways.on.entry, usesLeft, steps);
  }
  for (const end of on.ends) {
    onEnds.put(end);
    const untouched = new Set(entry);
    const steps = end.steps().map(({ op, dropped }): Step => {
      // Dropped before its first use it was never there.
      const left = dropped.filter(
        (tensor) => !untouched.has(tensor) || positionOf(instance.operands[op]!, tensor) >= 0,
      );
      for (const tensor of instance.operands[op]!) untouched.delete(tensor);
      return { op, dropped: left };
    });
    offEnds.addSteps(ways.off.entry, ways.off.region.usesLeft, steps);
  }
  const least = (settled: Settled): number => Math.min(settled.bound, settled.ends[0]!.cost);
  const better = (ends: Ends, own: Settled, bound: number, offBound: number): Settled => {
    const settled = ends.settled(Math.max(own.bound, bound), own.nodes);
    return { ...settled, offBound: Math.max(settled.offBound, own.offBound, offBound) };
  };
  return {
    on: better(onEnds, on, least(off), Number.isFinite(off.offBound) ? off.offBound : 0),
    off: better(offEnds, off, least(on) - saved, Number.isFinite(on.offBound) ? on.offBound - saved : 0),
  };
}
