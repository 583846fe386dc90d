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
  { granule = 1, nodeLimit = 200_000, control = uncontrolled }: LimitsOptions = {},
): ScheduleLimits {
  const MR = largestWorkingSet(problem, mode, granule)?.bytes ?? 0;
  const known = Math.min(...ORDER_NAMES.map((name) => peakOfOrder(problem, mode, orderByName(problem, name), granule)));
  const instance = searchInstance(problem, { mode, S: Number.MAX_SAFE_INTEGER, granule });
  const memo = new Map<string, Peak>();
  let lower = MR;
  let upper = MR;
  let left = nodeLimit;
  for (const segment of segmentsOf(instance)) {
    const key = segmentKey(instance, segment);
    const peak = memo.get(key) ?? leastPeak(instance, segment, { lower, upper: known, nodeLimit: left, control });
    if (!memo.has(key)) left = Math.max(1_000, left - peak.nodes);
    memo.set(key, peak);
    lower = Math.max(lower, peak.lower);
    upper = Math.max(upper, peak.upper);
  }
  const MP = Math.min(upper, known);
  return { MR, MH: Math.floor((MR + MP) / 2), MP, MPLower: Math.min(lower, MP), isMPExact: lower >= MP };
}

interface Peak {
  readonly lower: number;
  readonly upper: number;
  readonly nodes: number;
}

/**
 * Searches depth-first under a threshold, raising it to the least load that stood in the way, until an order is
 * found. An operator that fits under the threshold and leaves no more on chip than before runs at once.
 */
function leastPeak(
  instance: SearchInstance,
  segment: Segment,
  budget: { readonly lower: number; readonly upper: number; readonly nodeLimit: number; readonly control: Control },
): Peak {
  const { ops, entry } = segment;
  const { operands, results, consumers, size, mandatory, isStream, predecessors, successors } = instance;
  const waits = waitingLists(instance, ops);
  const localOf = new Map(Array.from(ops, (op, local) => [op, local] as const));
  const done = new Uint8Array(ops.length);
  const left = Int32Array.from(consumers, (list) => list.length);
  const waiting = Int32Array.from(ops, (op) => predecessors[op]!.filter((from) => localOf.has(from)).length);
  const isOnChip = new Uint8Array(size.length);
  let room = 0;
  for (const tensor of entry) {
    isOnChip[tensor] = 1;
    room += size[tensor]!;
  }
  let nodes = 0;

  const loadOf = (op: number): number => {
    let load = room + mandatory[op]!;
    for (const tensor of operands[op]!) {
      if (!isStream && isOnChip[tensor]) load -= size[tensor]!;
      // A graph input read for the first time stays for its other uses.
      if (isStream && !isOnChip[tensor] && left[tensor]! > 1) load += size[tensor]!;
    }
    if (isStream) for (const tensor of results[op]!) if (left[tensor]! > 0) load += size[tensor]!;
    return load;
  };
  const run = (local: number): void => {
    const op = ops[local]!;
    done[local] = 1;
    for (const tensor of operands[op]!) {
      left[tensor]!--;
      const stays = left[tensor]! > 0 ? 1 : 0;
      room += size[tensor]! * (stays - isOnChip[tensor]!);
      isOnChip[tensor] = stays;
    }
    for (const tensor of results[op]!) {
      if (left[tensor]! === 0) continue;
      isOnChip[tensor] = 1;
      room += size[tensor]!;
    }
    for (const next of successors[op]!) {
      const at = localOf.get(next);
      if (at !== undefined) waiting[at]!--;
    }
  };
  const undo = (local: number, wasOnChip: readonly number[]): void => {
    const op = ops[local]!;
    done[local] = 0;
    for (const next of successors[op]!) {
      const at = localOf.get(next);
      if (at !== undefined) waiting[at]!++;
    }
    for (const tensor of results[op]!) {
      if (!isOnChip[tensor]) continue;
      isOnChip[tensor] = 0;
      room -= size[tensor]!;
    }
    operands[op]!.forEach((tensor, index) => {
      left[tensor]!++;
      room += size[tensor]! * (wasOnChip[index]! - isOnChip[tensor]!);
      isOnChip[tensor] = wasOnChip[index]!;
    });
  };
  const afterOf = (op: number): number => {
    let change = 0;
    for (const tensor of operands[op]!) change += size[tensor]! * ((left[tensor]! > 1 ? 1 : 0) - isOnChip[tensor]!);
    for (const tensor of results[op]!) if (left[tensor]! > 0) change += size[tensor]!;
    return change;
  };
  const isOpen = (local: number): boolean =>
    done[local] === 0 &&
    waiting[local] === 0 &&
    waits[local]!.every((any) => any.some((other) => done[localOf.get(other)!] === 1));

  /** True when an order under the threshold exists from here; raises `barrier` to the least load met above it. */
  let barrier = Infinity;
  const failed = new Set<string>();
  const descend = (threshold: number, count: number): boolean | null => {
    const forced: { local: number; was: readonly number[] }[] = [];
    const goBack = (): void => {
      for (const { local, was } of forced.reverse()) undo(local, was);
    };
    // Runs everything that costs nothing; what is left are real choices.
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (let local = 0; local < ops.length; local++) {
        if (!isOpen(local) || afterOf(ops[local]!) > 0 || loadOf(ops[local]!) > threshold) continue;
        forced.push({ local, was: Array.from(operands[ops[local]!]!, (tensor) => isOnChip[tensor]!) });
        run(local);
        isMoving = true;
      }
    }
    if (count + forced.length === ops.length) return true;
    const key = keyOf(done);
    if (failed.has(key)) {
      goBack();
      return false;
    }
    if (++nodes >= budget.nodeLimit || ((nodes & 255) === 0 && budget.control.cancelled())) {
      goBack();
      return null;
    }
    const choices: { local: number; after: number; load: number }[] = [];
    for (let local = 0; local < ops.length; local++) {
      if (!isOpen(local)) continue;
      const load = loadOf(ops[local]!);
      if (load > threshold) barrier = Math.min(barrier, load);
      else choices.push({ local, after: afterOf(ops[local]!), load });
    }
    choices.sort((a, b) => a.after - b.after || a.load - b.load || a.local - b.local);
    for (const { local } of choices) {
      const was = Array.from(operands[ops[local]!]!, (tensor) => isOnChip[tensor]!);
      run(local);
      const found = descend(threshold, count + forced.length + 1);
      if (found === true) return true;
      undo(local, was);
      if (found === null) {
        goBack();
        return null;
      }
    }
    failed.add(key);
    goBack();
    return false;
  };

  let threshold = budget.lower;
  for (;;) {
    // At the peak of an order that is known already nothing need be searched.
    if (threshold >= budget.upper) return { lower: budget.upper, upper: budget.upper, nodes };
    barrier = Infinity;
    failed.clear();
    const found = descend(threshold, 0);
    if (found === true) return { lower: threshold, upper: threshold, nodes };
    if (found === null) return { lower: threshold, upper: budget.upper, nodes };
    threshold = barrier;
  }
}

function keyOf(done: Uint8Array): string {
  let key = '';
  for (let at = 0; at < done.length; at += 15) {
    let word = 0;
    for (let bit = 0; bit < 15 && at + bit < done.length; bit++) word |= done[at + bit]! << bit;
    key += String.fromCharCode(word);
  }
  return key;
}
