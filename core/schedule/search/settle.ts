/**
 * One segment, from one way in: as cheap as can be found, and as much proven as the budget allows. In this order:
 * does an order exist that spills nothing; narrow exact passes; seeds (given orders with the best residency); windows
 * improved; a bound from groups of tensors; wide passes below the incumbent, bounded by the groups.
 */
import type { Control } from '#core/base/control.ts';
import { type Brackets, passFromAbove, raiseFromBelow } from './bracket.ts';
import { searchRegion } from './downset-search.ts';
import { Exchanges } from './exchange.ts';
import { type GroupBound, groupable, groupBound } from './groups.ts';
import { grownGroups } from './grow.ts';
import type { Step } from './history.ts';
import { improveSteps } from './improve.ts';
import { type Boundary, OFF, positionOf, type SearchInstance } from './instance.ts';
import { type LeastCosts, mergedGroups, totalOf } from './least.ts';
import { orderWithin } from './peak.ts';
import type { Region, RegionResult } from './region.ts';
import { replay } from './replay.ts';
import { residentStatus, type Segment } from './segments.ts';
import { exchangeSets, waitingLists } from './symmetry.ts';

export interface SettleOptions {
  /** Children of all searches; deterministic. */
  readonly nodeLimit: number;
  /** No search keeps more states in a layer; unlimited by default. */
  readonly widest?: number;
  /** Orders of the segment's operators to begin from. */
  readonly seeds?: readonly (readonly number[])[];
  readonly control: Control;
  /** Called when a schedule of the segment, or its bound, gets better. */
  readonly onImproved?: (settled: Settled) => void;
  /** Called with groups of tensors and what each moves at least in any schedule of the whole problem. */
  readonly onGroups?: (groups: LeastCosts) => void;
}

/** A way to end: what is on chip of the segment's results then, and the steps there. */
export interface End {
  readonly cost: number;
  readonly status: Uint8Array;
  readonly steps: () => readonly Step[];
}

export interface Settled {
  /** Tensors live after the segment, ascending. */
  readonly live: Int32Array;
  /** Cheapest first; with every way out, none missing that costs less than `bound`. */
  readonly ends: readonly End[];
  /** No schedule of the segment that is not among `ends` costs less. */
  readonly bound: number;
  /** The same for those that leave the results off chip: dropping them costs on top of all other traffic. */
  readonly offBound: number;
  readonly nodes: number;
}

/** Downsets looked at for an order that spills nothing, before costs are searched. */
const FREE_RUN_NODES = 20_000;
/** States kept in a layer by the passes before any bound is known. */
const NARROW_WIDTHS = [16, 128, 512];
/** A bound below this share of the best schedule is weak. */
const WEAK = 0.4;
/** Operators of the windows that are searched anew. */
const WINDOW_LENGTHS = [16, 40, 80, 120];

/** What both passes over a segment start from. */
interface Way {
  readonly region: Region;
  readonly entry: Boundary;
  readonly live: Int32Array;
}

function wayInto(instance: SearchInstance, segment: Segment, isEntryOn: boolean): Way {
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

/** In strict modes live bytes matter later as much as now; in stream mode a dropped tensor is often right. */
const exposureOf = (instance: SearchInstance): number => (instance.isStream ? 0.3 : 0.1);

/**
 * The quick pass: an order that spills nothing, else narrow searches; always ends with a schedule.
 * @param isEntryOn whether what comes from the segment before is on chip.
 */
export function settleQuickly(
  instance: SearchInstance,
  segment: Segment,
  isEntryOn: boolean,
  { nodeLimit, widest = Infinity, control }: SettleOptions,
): Settled {
  const { region, entry, live } = wayInto(instance, segment, isEntryOn);
  const free = isEntryOn ? freeRun(instance, segment, live, control) : null;
  if (free) return free;
  const found = new Ends(instance, live);
  let bound = 0;
  let nodes = 0;
  for (const wanted of NARROW_WIDTHS) {
    const width = Math.min(wanted, widest);
    if (bound >= found.below || control.cancelled() || nodes >= nodeLimit) break;
    const limit = nodeLimit - nodes;
    const exposure = exposureOf(instance);
    const result = searchRegion(instance, region, { width, below: found.below, exposure, nodeLimit: limit, control });
    nodes += result.nodes;
    if (!result.isComplete) break;
    found.add(result);
    bound = Math.max(bound, Math.min(result.cutBound, found.below));
  }
  if (found.cheapest === Infinity) found.addSteps(entry, region.usesLeft, inFileOrder(instance, region, control));
  return found.settled(bound, nodes);
}

/** The thorough pass over a segment that the quick one left open. Never worse than `start`. */
export function settleThoroughly(
  instance: SearchInstance,
  segment: Segment,
  isEntryOn: boolean,
  start: Settled,
  { nodeLimit, widest = Infinity, seeds, control, onImproved, onGroups }: SettleOptions,
): Settled {
  const { region, entry, live } = wayInto(instance, segment, isEntryOn);
  const { usesLeft, exchanges } = region;
  const found = new Ends(instance, live);
  for (const end of start.ends) found.put(end);
  let bound = start.bound;
  let nodes = 0;
  let least: LeastCosts | null = null;
  const settled = (): Settled => {
    const now = found.settled(bound, start.nodes + nodes, least ? totalOf(least) : 0);
    return { ...now, offBound: Math.max(now.offBound, start.offBound) };
  };
  const tell = (): void => onImproved?.(settled());
  const isOver = (share: number): boolean => bound >= found.below || control.cancelled() || nodes >= nodeLimit * share;

  for (const order of seeds ?? []) {
    if (isOver(0.2)) break;
    const result = searchRegion(
      instance,
      { ...region, order },
      { width: Math.min(256, widest), below: found.below, exposure: 1, nodeLimit: nodeLimit - nodes, control },
    );
    nodes += result.nodes;
    if (result.isComplete) found.add(result);
  }
  tell();

  // What comes in on chip may be grouped too: its traffic is all within the segment, and begins at the cut before.
  const cut = isEntryOn && segment.entry.length > 0 ? instance.producer[segment.entry[0]!]! : -1;
  const grouped =
    cut < 0
      ? { ops: segment.ops, except: [...segment.entry, ...live] }
      : { ops: Int32Array.of(cut, ...segment.ops), except: [...instance.operands[cut]!, ...live] };
  // Groups of tensors first bound the segment by themselves, then every state of the wide passes.
  const tensors = groupable(instance, grouped.ops, grouped.except);
  const take = (groups: GroupBound): void => {
    nodes += groups.nodes;
    onGroups?.(groups);
    if (least && groups.total <= totalOf(least)) return;
    least = groups;
    bound = Math.max(bound, Math.min(groups.total, found.below));
    tell();
  };
  const within = (share: number) => ({ widest, nodeLimit: nodeLimit * share - nodes, control });
  const group = (share: number, inner: LeastCosts | null, length = 24): void => {
    if (!isOver(share)) take(groupBound(instance, grouped.ops, grouped.except, inner, { length, ...within(share) }));
  };
  const grow = (share: number, ofTrial: number): void => {
    if (least && !isOver(share))
      take(grownGroups(instance, grouped.ops, tensors, least, { share: ofTrial, ...within(share) }));
  };
  const searched = (): LeastCosts | null => least && (exchanges ? mergedGroups(least, exchanges) : least);
  const brackets: Brackets = {
    found: (result) => found.add(result),
    below: () => found.below,
    raised: (better) => {
      bound = better;
      tell();
    },
  };
  const pass = (width: number): boolean => {
    const limits = {
      widest,
      least: searched(),
      control,
      width,
      exposure: exposureOf(instance),
      nodeLimit: nodeLimit - nodes,
    };
    const result = passFromAbove(instance, region, brackets, limits);
    nodes += result.nodes;
    bound = Math.max(bound, result.bound ?? 0);
    tell();
    return result.bound !== null;
  };
  const raise = (share: number): void => {
    if (isOver(share)) return;
    const limits = { widest, least: searched(), control, nodeLimit: nodeLimit * share - nodes };
    const result = raiseFromBelow(instance, region, brackets, bound, limits);
    nodes += result.nodes;
    bound = result.bound;
  };
  const improve = (width: number, share: number): void => {
    if (isOver(share)) return;
    const improved = improveSteps(instance, entry, usesLeft, found.best().steps(), {
      lengths: WINDOW_LENGTHS,
      width: Math.min(width, widest),
      exposure: 0.5,
      nodeLimit: nodeLimit * share - nodes,
      enough: bound,
      control,
      onImproved: (steps) => {
        found.addSteps(entry, usesLeft, steps);
        tell();
      },
    });
    nodes += improved.nodes;
    found.addSteps(entry, usesLeft, improved.steps);
    tell();
  };
  improve(24, 0.1);
  group(0.15, null);
  grow(0.25, 0.03);
  if (bound < WEAK * found.below) {
    // Longer groups, and more of the budget for raising.
    group(0.32, null, 36);
    grow(0.42, 0.05);
    improve(96, 0.45);
    group(0.5, least);
    raise(0.64);
  } else {
    improve(96, 0.4);
    group(0.55, least);
    grow(0.65, 0.1);
    raise(0.75);
  }
  if (!isOver(1)) pass(512);
  improve(1_024, 0.88);
  group(0.95, least);
  for (let width = 2_048; !isOver(1) && width < 4 * widest; width *= 4) if (!pass(width)) break;
  return settled();
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
  // Read for the last time from off chip it needs no room in stream mode, which it would where it lies on chip.
  const isReadAndKept = (tensor: number, op: number): boolean =>
    positionOf(instance.operands[op]!, tensor) >= 0 && !(instance.isStream && ways.on.region.usesLeft[tensor] === 1);
  const offEnds = new Ends(instance, ways.off.live);
  const onEnds = new Ends(instance, ways.on.live);
  for (const end of off.ends) {
    offEnds.put(end);
    const [first, ...rest] = end.steps();
    const dropped = [...entry].filter((tensor) => !isReadAndKept(tensor, first!.op));
    const steps = [{ op: first!.op, dropped: [...new Set([...first!.dropped, ...dropped])] }, ...rest];
    onEnds.addSteps(ways.on.entry, ways.on.region.usesLeft, steps);
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

/** Used results of the segment's last operator. */
function exitOf(instance: SearchInstance, { ops }: Segment): Int32Array {
  return instance.results[ops.at(-1)!]!.filter((tensor) => instance.consumers[tensor]!.length > 0);
}

/** The segment without any spill, where an order for that exists: no search finds better. */
function freeRun(instance: SearchInstance, segment: Segment, live: Int32Array, control: Control): Settled | null {
  const { order, nodes } = orderWithin(instance, segment, instance.capacity, { nodeLimit: FREE_RUN_NODES, control });
  if (!order) return null;
  const steps = order.map((op): Step => ({ op, dropped: [] }));
  const found = new Ends(instance, live);
  found.put({
    cost: 0,
    status: Uint8Array.from(live, (tensor) => residentStatus(instance, tensor)),
    steps: () => steps,
  });
  return found.settled(Infinity, nodes);
}

/** Operators in file order with a narrow search for residency: there is always an answer. */
function inFileOrder(instance: SearchInstance, region: Region, control: Control): readonly Step[] {
  const result = searchRegion(
    instance,
    { ...region, order: [...region.ops] },
    {
      width: 16,
      below: Infinity,
      exposure: 1,
      nodeLimit: Infinity,
      // The last resort is not stopped: it is short.
      control: { ...control, cancelled: () => false },
    },
  );
  return result.ends[0]!.steps();
}

/** Ways to end found so far, the best for each status of the results. */
class Ends {
  readonly #instance: SearchInstance;
  readonly #live: Int32Array;
  readonly #byStatus = new Map<string, End>();
  /** Bytes of dropping all results as they are made. */
  readonly #dropping: number;
  /** Bytes of the cheapest schedule that leaves nothing on chip: nothing dearer is worth looking for. */
  below = Infinity;
  cheapest = Infinity;

  constructor(instance: SearchInstance, live: Int32Array) {
    this.#instance = instance;
    this.#live = live;
    this.#dropping = live.reduce((sum, tensor) => sum + instance.bytes[tensor]! * residentStatus(instance, tensor), 0);
  }

  put(end: End): void {
    const key = end.status.join();
    const known = this.#byStatus.get(key);
    if (known && known.cost <= end.cost) return;
    this.#byStatus.set(key, end);
    this.cheapest = Math.min(this.cheapest, end.cost);
    // In strict modes there is one way out: its results on chip.
    this.below = Math.min(this.below, this.#instance.isStream ? this.#droppedCost(end) : end.cost);
  }

  add({ ends }: RegionResult): void {
    for (const end of ends) this.put(end);
  }

  addSteps(entry: Boundary, usesLeft: Int32Array, steps: readonly Step[]): void {
    const last = replay(this.#instance, entry, usesLeft, steps).at(-1)!;
    this.put({ cost: last.cost, status: last.status, steps: () => steps });
  }

  best(): End {
    return [...this.#byStatus.values()].reduce((a, b) => (b.cost < a.cost ? b : a));
  }

  /**
   * @param bound bytes no other schedule goes below.
   * @param others bytes the traffic of all but the results is known to cost at least.
   */
  settled(bound: number, nodes: number, others = 0): Settled {
    const ends = [...this.#byStatus.values()];
    // With the results dropped as they are made both ways out are there: a way that was cut costs at least the bound,
    // and going on from off chip is never dearer than from on chip.
    if (this.#instance.isStream && this.#live.length > 0) {
      const best = ends.reduce((a, b) => (this.#droppedCost(b) < this.#droppedCost(a) ? b : a));
      if (best.status.some((status) => status !== OFF)) {
        const steps = (): readonly Step[] => {
          const own = best.steps();
          const last = own.at(-1)!;
          return [...own.slice(0, -1), { op: last.op, dropped: [...last.dropped, ...this.#live] }];
        };
        this.put({ cost: this.#droppedCost(best), status: new Uint8Array(this.#live.length), steps });
      }
    }
    return {
      live: this.#live,
      ends: [...this.#byStatus.values()].sort((a, b) => a.cost - b.cost),
      // Nothing below the cheapest way that leaves nothing on chip is missing: the bound holds for all the rest.
      bound: bound >= this.below ? Infinity : bound,
      offBound: bound >= this.below ? Infinity : Math.max(bound, others + this.#dropping),
      nodes,
    };
  }

  #droppedCost({ cost, status }: End): number {
    return this.#live.reduce((sum, tensor, i) => sum + this.#instance.bytes[tensor]! * status[i]!, cost);
  }
}
