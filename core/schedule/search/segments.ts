/**
 * Cut operators split a problem: every other operator runs certainly before or certainly after one, and afterwards only
 * its own results live. Between two cuts the search is on its own but for where those results are.
 */
import { Ancestors } from '../ancestors.ts';
import { CLEAN, DIRTY, positionOf, type SearchInstance } from './instance.ts';

export interface Segment {
  /** Operators, ascending; the last one is the cut, save in the last segment. */
  readonly ops: Int32Array;
  /** Tensors live at its beginning: the used results of the cut before. */
  readonly entry: Int32Array;
}

/** The segments in the order of time; one when there is no cut. */
export function segmentsOf(instance: SearchInstance): readonly Segment[] {
  const operators = instance.operands.length;
  const ancestors = new Ancestors(instance.predecessors);
  const descendants = ancestors.descendantCounts();

  const segments: Segment[] = [];
  const done = new Uint8Array(operators);
  let entry: Int32Array = new Int32Array(0);
  for (let op = 0; op < operators; op++) {
    if (ancestors.count[op]! + descendants[op]! !== operators - 1) continue;
    const ops: number[] = [];
    for (let other = 0; other <= op; other++)
      if (!done[other] && (other === op || ancestors.has(op, other))) ops.push(other);
    // What the segments so far use or make must be dead, but for the results of the cut itself.
    const isBefore = (other: number): boolean => done[other] === 1 || positionOf(segmentOps, other) >= 0;
    const segmentOps = Int32Array.from(ops);
    const exit = instance.results[op]!.filter((tensor) => instance.consumers[tensor]!.length > 0);
    const touched = ops.flatMap((other) => [...instance.operands[other]!, ...instance.results[other]!]);
    const isCut =
      (!instance.isStream || exit.length <= 1) &&
      [...new Set([...entry, ...touched])].every(
        (tensor) => instance.producer[tensor] === op || instance.consumers[tensor]!.every(isBefore),
      );
    if (!isCut) continue;
    segments.push({ ops: segmentOps, entry });
    for (const other of ops) done[other] = 1;
    entry = exit;
  }
  const rest: number[] = [];
  for (let op = 0; op < operators; op++) if (!done[op]) rest.push(op);
  if (rest.length > 0) segments.push({ ops: Int32Array.from(rest), entry });
  return segments;
}

/** Status of a cut's results that stayed on chip. */
export function residentStatus(instance: SearchInstance, tensor: number): number {
  return instance.isIntermediate[tensor] ? DIRTY : CLEAN;
}

/**
 * Equal keys mean equal searches: the same graph up to the names of tensors, the same sizes, kinds and uses.
 * Operators correspond by their position in `ops`.
 */
export function segmentKey(instance: SearchInstance, { ops, entry }: Segment): string {
  const names = new Map<number, number>();
  const parts: (number | string)[] = [];
  const name = (tensor: number): void => {
    let known = names.get(tensor);
    if (known === undefined) {
      known = names.size;
      names.set(tensor, known);
      const kind = instance.producer[tensor]! < 0 ? 'i' : instance.isIntermediate[tensor] ? 'a' : 'o';
      parts.push(`${kind}${instance.size[tensor]}:${instance.bytes[tensor]}:${instance.consumers[tensor]!.length}`);
    }
    parts.push(known);
  };
  entry.forEach(name);
  for (const op of ops) {
    parts.push(`|${instance.mandatory[op]}<`);
    instance.operands[op]!.forEach(name);
    parts.push('>');
    instance.results[op]!.forEach(name);
  }
  return parts.join(' ');
}
