/** What is where along a sequence of steps, and what it costs: the search's accounts recounted step by step. */
import type { Step } from './history.ts';
import { type Boundary, CLEAN, DIRTY, OFF, positionOf, type SearchInstance } from './instance.ts';

export interface Moment extends Boundary {
  /** Prepaid bytes until here. */
  readonly cost: number;
}

/**
 * @param usesLeft uses to come of each tensor at the entry.
 * @returns the moments before each step and after the last: one more than steps.
 */
export function replay(
  instance: SearchInstance,
  entry: Boundary,
  usesLeft: Int32Array,
  steps: readonly Step[],
): readonly Moment[] {
  const { operands, results, consumers, bytes, isIntermediate } = instance;
  const where = new Map<number, number>();
  entry.live.forEach((tensor, i) => {
    where.set(tensor, entry.status[i]!);
  });
  const left = usesLeft.slice();
  let cost = 0;
  const moment = (): Moment => {
    const live = Int32Array.from(where.keys()).sort();
    return { live, status: Uint8Array.from(live, (tensor) => where.get(tensor)!), cost };
  };
  const moments = [moment()];
  for (const { op, dropped } of steps) {
    const drops = new Set(dropped);
    for (const tensor of operands[op]!) {
      const goesOn = left[tensor]! > 1;
      const status = where.get(tensor);
      if (drops.has(tensor)) {
        // Before its own use: this read, a write if it is nowhere else, and the next read.
        cost += bytes[tensor]! * ((status ?? OFF) + (goesOn ? 1 : 0));
        where.set(tensor, OFF);
      } else if (status === undefined || status === OFF) where.set(tensor, CLEAN);
      left[tensor]!--;
      if (!goesOn) where.delete(tensor);
    }
    for (const tensor of results[op]!) {
      if (consumers[tensor]!.length === 0) continue;
      const made = isIntermediate[tensor] ? DIRTY : CLEAN;
      if (drops.has(tensor)) cost += bytes[tensor]! * made;
      where.set(tensor, drops.has(tensor) ? OFF : made);
    }
    for (const tensor of dropped) {
      const status = where.get(tensor);
      if (status === undefined || status === OFF) continue;
      cost += bytes[tensor]! * status;
      where.set(tensor, OFF);
    }
    moments.push(moment());
  }
  return moments;
}

/** Uses to come of each tensor once these operators have run. */
export function usesAfter(instance: SearchInstance, usesLeft: Int32Array, ops: Iterable<number>): Int32Array {
  const left = usesLeft.slice();
  for (const op of ops) for (const tensor of instance.operands[op]!) left[tensor]!--;
  return left;
}

/**
 * Whether a step takes room for an operand that comes from off chip: read for the last time in stream mode it takes none,
 * which it does where it lies on chip.
 * @param usesLeft uses to come of each tensor before the step.
 */
export function takesRoomFor(instance: SearchInstance, usesLeft: Int32Array, op: number, tensor: number): boolean {
  return positionOf(instance.operands[op]!, tensor) >= 0 && !(instance.isStream && usesLeft[tensor] === 1);
}
