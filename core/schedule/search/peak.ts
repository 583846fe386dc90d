/**
 * Orders that spill nothing. A segment runs without spilling in a scratchpad when some order's loads all stay within it:
 * a search over downsets, for what is on chip then is decided by what has run (Liu, 1987; Serenity, 2020).
 * An operator that fits and leaves no more on chip than before runs at once: no order is worse for it.
 */
import type { Control } from '#core/base/control.ts';
import type { SearchInstance } from './instance.ts';
import type { Segment } from './segments.ts';

export interface WithinOptions {
  /** Downsets; one with more than 511 ready operators counts as several. */
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

/**
 * @param waitsFor by operator of the segment: sets of operators, one of each of which must have begun before it.
 * @param threshold bytes.
 */
export function orderWithin(
  instance: SearchInstance,
  { ops, entry }: Segment,
  waitsFor: readonly (readonly Int32Array[])[],
  threshold: number,
  { nodeLimit, control }: WithinOptions,
): Within {
  const { operands, results, consumers, size, mandatory, isStream } = instance;
  const localOf = new Map(Array.from(ops, (op, local) => [op, local] as const));
  const within = (list: Int32Array): Int32Array => Int32Array.from([...list].flatMap((op) => localOf.get(op) ?? []));
  const waits = waitsFor.map((sets) => sets.map(within));
  const successors = Array.from(ops, (op) => within(instance.successors[op]!));
  const waiting = Int32Array.from(ops, (op) => within(instance.predecessors[op]!).length);
  /** Operators whose predecessors have run, ascending. */
  const ready = [...waiting.keys()].filter((local) => waiting[local] === 0);
  const done = new Uint8Array(ops.length);
  const left = Int32Array.from(consumers, (list) => list.length);
  const isOnChip = new Uint8Array(size.length);
  let room = 0;
  for (const tensor of entry) {
    isOnChip[tensor] = 1;
    room += size[tensor]!;
  }

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
  const run = (local: number): Taken => {
    const op = ops[local]!;
    const was = Array.from(operands[op]!, (tensor) => isOnChip[tensor]!);
    order.push(op);
    done[local] = 1;
    ready.splice(placeOf(ready, local), 1);
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
    for (const next of successors[local]!) if (--waiting[next]! === 0) ready.splice(placeOf(ready, next), 0, next);
    return { local, was };
  };
  const undo = ({ local, was }: Taken): void => {
    const op = ops[local]!;
    order.pop();
    done[local] = 0;
    for (const next of successors[local]!) if (waiting[next]!++ === 0) ready.splice(placeOf(ready, next), 1);
    ready.splice(placeOf(ready, local), 0, local);
    for (const tensor of results[op]!) {
      if (!isOnChip[tensor]) continue;
      isOnChip[tensor] = 0;
      room -= size[tensor]!;
    }
    operands[op]!.forEach((tensor, index) => {
      left[tensor]!++;
      room += size[tensor]! * (was[index]! - isOnChip[tensor]!);
      isOnChip[tensor] = was[index]!;
    });
  };
  const afterOf = (op: number): number => {
    let change = 0;
    for (const tensor of operands[op]!) change += size[tensor]! * ((left[tensor]! > 1 ? 1 : 0) - isOnChip[tensor]!);
    for (const tensor of results[op]!) if (left[tensor]! > 0) change += size[tensor]!;
    return change;
  };
  const isOpen = (local: number): boolean => waits[local]!.every((any) => any.some((other) => done[other] === 1));
  /** Runs everything that costs nothing; what is left are real choices. */
  const runFree = (): readonly Taken[] => {
    const taken: Taken[] = [];
    for (let isMoving = true; isMoving; ) {
      isMoving = false;
      for (let at = 0; at < ready.length; ) {
        const local = ready[at]!;
        const op = ops[local]!;
        if (!isOpen(local) || afterOf(op) > 0 || loadOf(op) > threshold) {
          at++;
          continue;
        }
        // Who becomes ready by it stands behind it.
        taken.push(run(local));
        isMoving = true;
      }
    }
    return taken;
  };

  let nodes = 0;
  let polls = 0;
  let barrier = Infinity;
  const failed = new Set<string>();
  const levels: Level[] = [];
  for (;;) {
    const free = runFree();
    if (order.length === ops.length) return { order, barrier: threshold, nodes };
    const key = keyOf(done);
    if (failed.has(key)) free.toReversed().forEach(undo);
    else {
      // With hundreds of ready operators this is more than a node's work: it counts, so that a budget bounds the time.
      nodes += 1 + (ready.length >> 9);
      if (nodes >= nodeLimit || ((++polls & 63) === 0 && control.cancelled()))
        return { order: null, barrier: threshold, nodes };
      const choices: Choice[] = [];
      for (const local of ready) {
        if (!isOpen(local)) continue;
        const load = loadOf(ops[local]!);
        if (load > threshold) barrier = Math.min(barrier, load);
        else choices.push({ local, after: afterOf(ops[local]!), load });
      }
      choices.sort((a, b) => a.after - b.after || a.load - b.load || a.local - b.local);
      levels.push({ key, free, choices, tried: 0, taken: null });
    }
    // The next choice of the last level that has one.
    for (let level = levels.at(-1); ; level = levels.at(-1)) {
      if (!level) return { order: null, barrier, nodes };
      if (level.taken) undo(level.taken);
      const choice = level.choices[level.tried++];
      if (choice) {
        level.taken = run(choice.local);
        break;
      }
      failed.add(level.key);
      level.free.toReversed().forEach(undo);
      levels.pop();
    }
  }
}

/** An operator run, and which of its operands were on chip before. */
interface Taken {
  readonly local: number;
  readonly was: readonly number[];
}

interface Choice {
  readonly local: number;
  /** Bytes more on chip once it has run, and bytes on chip meanwhile. */
  readonly after: number;
  readonly load: number;
}

/** A downset, how it was come by from the one before, and what has been tried from it. */
interface Level {
  readonly key: string;
  readonly free: readonly Taken[];
  readonly choices: readonly Choice[];
  tried: number;
  taken: Taken | null;
}

/** Where a value stands in an ascending list, or would stand. */
function placeOf(list: readonly number[], value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
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
