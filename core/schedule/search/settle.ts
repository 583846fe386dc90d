/**
 * One segment, from one way in: as cheap as can be found, and as much proven as the budget allows. In this order:
 * does an order exist that spills nothing; narrow exact passes; seeds (given orders with the best residency); windows
 * improved; a bound from groups of tensors; wide passes below the incumbent, bounded by the groups.
 */
import type { Control } from '#core/base/control.ts';
import { type Brackets, passFromAbove, raiseFromBelow } from './bracket.ts';
import { searchRegion } from './downset-search.ts';
import { Ends, type Settled } from './ends.ts';
import { type GroupBound, groupable, groupBound } from './groups.ts';
import { grownGroups } from './grow.ts';
import type { Step } from './history.ts';
import { improveSteps } from './improve.ts';
import type { SearchInstance } from './instance.ts';
import { type LeastCosts, mergedGroups, totalOf } from './least.ts';
import { orderWithin } from './peak.ts';
import type { Region } from './region.ts';
import { residentStatus, type Segment } from './segments.ts';
import { wayInto } from './ways.ts';

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

/** Downsets looked at for an order that spills nothing, before costs are searched. */
const FREE_RUN_NODES = 20_000;
/** States kept in a layer by the passes before any bound is known. */
const NARROW_WIDTHS = [16, 128, 512];
/** A bound below this share of the best schedule is weak. */
const WEAK = 0.4;
/** Operators of the windows that are searched anew. */
const WINDOW_LENGTHS = [16, 40, 80, 120];

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
  const free = isEntryOn ? freeRun(instance, segment, region.waitsFor, live, control) : null;
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

/** The segment without any spill, where an order for that exists: no search finds better. */
function freeRun(
  instance: SearchInstance,
  segment: Segment,
  waitsFor: readonly (readonly Int32Array[])[],
  live: Int32Array,
  control: Control,
): Settled | null {
  const options = { nodeLimit: FREE_RUN_NODES, control };
  const { order, nodes } = orderWithin(instance, segment, waitsFor, instance.capacity, options);
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
      // The last resort is not stopped; who waits for it gets the shortest.
      width: control.cancelled() ? 1 : 16,
      below: Infinity,
      exposure: 1,
      nodeLimit: Infinity,
      control: { ...control, cancelled: () => false },
    },
  );
  return result.ends[0]!.steps();
}
