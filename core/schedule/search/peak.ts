/**
 * Orders that spill nothing. A segment runs without spilling in a scratchpad when some order's loads all stay within it:
 * a search over downsets, for what is on chip then is decided by what has run (Liu, 1987; Serenity, 2020).
 * An operator that fits and leaves no more on chip than before runs at once: no order is worse for it.
 */
import type { Control } from '#core/base/control.ts';
import type { SearchInstance } from './instance.ts';
import type { Segment } from './segments.ts';
import { waitingLists } from './symmetry.ts';

export interface WithinOptions {
  /** Downsets. */
  readonly nodeLimit: number;
  readonly control: Control;
}

export interface Within {
  /** An order of the segment's operators with all loads within the threshold; null when there is none, or none was found. */
  readonly order: readonly number[] | null;
  /** No order exists below this: the least load that stood in the way; the threshold itself when the budget ran out. */
  readonly barrier: number;
  readonly nodes: number;
}

/** @param threshold bytes. */
export function orderWithin(
  instance: SearchInstance,
  segment: Segment,
  threshold: number,
  { nodeLimit, control }: WithinOptions,
): Within {
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
  const order: number[] = [];
  const run = (local: number): void => {
    const op = ops[local]!;
    order.push(op);
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
    order.pop();
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

  /** True when an order within the threshold exists from here, null when the budget ran out. */
  let barrier = Infinity;
  const failed = new Set<string>();
  const descend = (count: number): boolean | null => {
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
    if (++nodes >= nodeLimit || ((nodes & 255) === 0 && control.cancelled())) {
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
      const found = descend(count + forced.length + 1);
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

  const found = descend(0);
  return found
    ? { order, barrier: threshold, nodes }
    : { order: null, barrier: found === null ? threshold : barrier, nodes };
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
