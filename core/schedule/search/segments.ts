/**
 * Cut operators split a problem: every other operator runs certainly before or certainly after one, and afterwards only
 * its own results live. Between two cuts the search is on its own but for where those results are.
 */
import { CLEAN, DIRTY, positionOf, type SearchInstance } from './instance.ts';

export interface Segment {
  /** Operators, ascending; the last one is the cut, save in the last segment. */
  readonly ops: Int32Array;
  /** Tensors live at its beginning: the used results of the cut before. */
  readonly entry: Int32Array;
}

/** Operators with all their ancestors, as rows of bits. */
export class Ancestors {
  readonly #words: number;
  readonly #bits: Uint32Array;
  readonly count: Int32Array;

  constructor(instance: SearchInstance) {
    const operators = instance.operands.length;
    this.#words = (operators + 31) >>> 5;
    this.#bits = new Uint32Array(operators * this.#words);
    this.count = new Int32Array(operators);
    for (let op = 0; op < operators; op++) {
      const row = op * this.#words;
      for (const from of instance.predecessors[op]!) {
        const other = from * this.#words;
        for (let word = 0; word < this.#words; word++) this.#bits[row + word]! |= this.#bits[other + word]!;
        this.#bits[row + (from >>> 5)]! |= 1 << (from & 31);
      }
      let count = 0;
      for (let word = 0; word < this.#words; word++) count += ones(this.#bits[row + word]!);
      this.count[op] = count;
    }
  }

  /** Whether `ancestor` must run before `op`. */
  has(op: number, ancestor: number): boolean {
    return (this.#bits[op * this.#words + (ancestor >>> 5)]! & (1 << (ancestor & 31))) !== 0;
  }
}

function ones(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The segments in the order of time; one when there is no cut. */
export function segmentsOf(instance: SearchInstance): readonly Segment[] {
  const operators = instance.operands.length;
  const ancestors = new Ancestors(instance);
  const descendants = new Int32Array(operators);
  for (let op = 0; op < operators; op++)
    for (let other = 0; other < op; other++) if (ancestors.has(op, other)) descendants[other]!++;

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
    const isCut =
      (!instance.isStream || exit.length <= 1) &&
      [...entry, ...ops.flatMap((other) => [...instance.operands[other]!, ...instance.results[other]!])].every(
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
