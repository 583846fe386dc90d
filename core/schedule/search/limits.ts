/**
 * How much scratchpad a problem can use: M_R, below which strict modes cannot run; M_P, the least peak over orders, from
 * which on nothing need leave the chip; M_H halfway. M_P is found segment by segment as a bottleneck path over
 * downsets (after Liu, 1987, and Serenity, 2020), exact unless its budget runs out.
 */
import type { Control } from '#core/base/control.ts';
import { uncontrolled } from '#core/base/control.ts';
import { ORDER_NAMES, orderByName } from '../orders.ts';
import type { ScheduleMode, ScheduleProblem } from '../problem.ts';
import { largestWorkingSet, peakOfOrder } from '../working-set.ts';
import { type SearchInstance, searchInstance } from './instance.ts';
import { orderWithin, type WithinOptions } from './peak.ts';
import { type Segment, segmentKey, segmentsOf } from './segments.ts';
import { waitingLists } from './symmetry.ts';

export interface ScheduleLimits {
  /** Least feasible scratchpad, bytes; 0 in stream mode, which runs in any. */
  readonly MR: number;
  /** Halfway between M_R and M_P, whole bytes. */
  readonly MH: number;
  /** Least scratchpad found in which nothing need be spilled, bytes. */
  readonly MP: number;
  /** No order has a smaller peak than this; equal to MP where that is exact. */
  readonly MPLower: number;
  readonly isMPExact: boolean;
  /** An order with the peak MP. */
  readonly order: readonly number[];
}

export interface LimitsOptions {
  readonly granule?: number;
  /** Downsets over all segments. */
  readonly nodeLimit?: number;
  readonly control?: Control;
}

/** @param problem checked. */
export function scheduleLimits(
  problem: ScheduleProblem,
  mode: ScheduleMode,
  { granule = 1, nodeLimit = 20_000, control = uncontrolled }: LimitsOptions = {},
): ScheduleLimits {
  const MR = largestWorkingSet(problem, mode, granule)?.bytes ?? 0;
  const orders = ORDER_NAMES.map((name) => orderByName(problem, name));
  const peaks = orders.map((order) => peakOfOrder(problem, mode, order, granule));
  const known = Math.min(...peaks);
  const instance = searchInstance(problem, { mode, S: Number.MAX_SAFE_INTEGER, granule });
  const memo = new Map<string, Peak>();
  let lower = MR;
  let upper = MR;
  let left = nodeLimit;
  let found: number[] | null = [];
  for (const segment of segmentsOf(instance)) {
    const key = segmentKey(instance, segment);
    const peak = memo.get(key) ?? leastPeak(instance, segment, { lower, upper: known, nodeLimit: left, control });
    if (!memo.has(key)) left = Math.max(1_000, left - peak.nodes);
    memo.set(key, peak);
    lower = Math.max(lower, peak.lower);
    upper = Math.max(upper, peak.upper);
    if (peak.order) found?.push(...peak.order.map((index) => segment.ops[index]!));
    else found = null;
  }
  const MP = Math.min(upper, known);
  return {
    MR,
    MH: Math.floor((MR + MP) / 2),
    MP,
    MPLower: Math.min(lower, MP),
    isMPExact: lower >= MP,
    order: found ?? orders[peaks.indexOf(known)]!,
  };
}

interface Peak {
  readonly lower: number;
  readonly upper: number;
  readonly nodes: number;
  /** Places in the segment's list of operators; null where only the peak of a known order bounds it. */
  readonly order: readonly number[] | null;
}

/** Raises the threshold to the least load that stood in the way until an order is found. */
function leastPeak(
  instance: SearchInstance,
  segment: Segment,
  { lower, upper, nodeLimit, control }: WithinOptions & { readonly lower: number; readonly upper: number },
): Peak {
  const waitsFor = waitingLists(instance, segment.ops);
  let nodes = 0;
  for (let threshold = lower; ; ) {
    // At the peak of an order that is known already nothing need be searched.
    if (threshold >= upper) return { lower: upper, upper, nodes, order: null };
    const within = orderWithin(instance, segment, waitsFor, threshold, { nodeLimit: nodeLimit - nodes, control });
    nodes += within.nodes;
    if (within.order) {
      const place = new Map(Array.from(segment.ops, (op, index) => [op, index] as const));
      return { lower: threshold, upper: threshold, nodes, order: within.order.map((op) => place.get(op)!) };
    }
    if (within.barrier === threshold) return { lower: threshold, upper, nodes, order: null };
    threshold = within.barrier;
  }
}
