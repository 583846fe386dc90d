/**
 * A bound over all orders from groups of tensors, each no dearer than what its part of the problem costs by itself
 * (`parts.ts`). Groups follow the file's order; the best cut into groups is a longest path. Runs of groups are then
 * joined and searched with what each is known to cost.
 */
import type { SearchInstance } from './instance.ts';
import type { LeastCosts } from './least.ts';
import { type PartOptions, Parts } from './parts.ts';

export interface GroupOptions extends PartOptions {
  /** Operators whose results make a first group, at most; 24 by default. */
  readonly length?: number;
}

export interface GroupBound extends LeastCosts {
  /** Bytes no schedule goes below. */
  readonly total: number;
  readonly nodes: number;
}

/** Tensors that together move at least so many bytes. */
export interface TensorGroup {
  readonly tensors: readonly number[];
  readonly bytes: number;
}

export function groupsIn({ groupOf, bytes }: LeastCosts): readonly TensorGroup[] {
  const tensors: number[][] = Array.from(bytes, () => []);
  groupOf.forEach((group, tensor) => {
    tensors[group]?.push(tensor);
  });
  return tensors.map((own, group) => ({ tensors: own, bytes: bytes[group]! }));
}

/** Earlier groups that a later one joins, at most. */
const JOINED = 4;

/**
 * @param ops operators whose results may be grouped, ascending; tensors of `except` are left out.
 * @param inner groups found before: the new ones are runs of them, searched with what they are known to cost.
 */
export function groupBound(
  instance: SearchInstance,
  ops: Int32Array,
  except: Iterable<number>,
  inner: LeastCosts | null,
  { length = 24, widest, nodeLimit, control }: GroupOptions,
): GroupBound {
  const parts = new Parts(instance, { widest, nodeLimit, control });
  const places = ownersOf(instance, ops, new Set(except));
  const owner = inner ? piecesOf(places, inner) : places;
  const cuts = inner ? [...owner.keys(), owner.length] : cutPlaces(instance, ops, owner);
  const isNear = (start: number, end: number): boolean =>
    start === end - 1 || (inner ? end - start <= JOINED : cuts[end]! - cuts[start]! <= length);
  // Longest path over the places where groups may end.
  const best = new Float64Array(cuts.length);
  const previous = new Int32Array(cuts.length);
  for (let end = 1; end < cuts.length; end++) {
    best[end] = best[end - 1]!;
    previous[end] = end - 1;
    for (let start = end - 1; start >= 0 && isNear(start, end); start--) {
      const total = best[start]! + parts.leastOf(owner.slice(cuts[start], cuts[end]).flat(), inner, 1 / 12);
      if (total <= best[end]!) continue;
      best[end] = total;
      previous[end] = start;
    }
  }
  const groupOf = new Int32Array(instance.size.length).fill(-1);
  const bytes: number[] = [];
  for (let end = cuts.length - 1; end > 0; end = previous[end]!) {
    const cost = best[end]! - best[previous[end]!]!;
    if (cost === 0) continue;
    for (let place = cuts[previous[end]!]!; place < cuts[end]!; place++)
      for (const tensor of owner[place]!) groupOf[tensor] = bytes.length;
    bytes.push(cost);
  }
  return { groupOf, bytes: Float64Array.from(bytes), total: best[cuts.length - 1] ?? 0, nodes: parts.nodes };
}

/** The inner groups in the order of the places about which their tensors lie, and what is in none between them. */
function piecesOf(places: readonly (readonly number[])[], { groupOf }: LeastCosts): readonly number[][] {
  const all = places.flatMap((tensors, place) => tensors.map((tensor) => ({ tensor, place, group: groupOf[tensor]! })));
  const middle = new Map<number, number>();
  for (const { group } of all) {
    const own = all.filter((other) => other.group === group);
    if (!middle.has(group)) middle.set(group, own[own.length >> 1]!.place);
  }
  const key = ({ place, group }: (typeof all)[number]): number => (group < 0 ? place : middle.get(group)!);
  all.sort((a, b) => key(a) - key(b) || a.group - b.group || a.tensor - b.tensor);
  const pieces: number[][] = [];
  all.forEach(({ tensor, group }, index) => {
    if (index === 0 || all[index - 1]!.group !== group) pieces.push([]);
    pieces.at(-1)!.push(tensor);
  });
  return pieces;
}

/** Tensors of `ops` but those of `except` that cost something to drop. */
export function groupable(instance: SearchInstance, ops: Int32Array, except: Iterable<number>): readonly number[] {
  return ownersOf(instance, ops, new Set(except)).flat();
}

/** By place in `ops`: the tensors that cost something to drop, each at its maker, graph inputs at their first use. */
function ownersOf(instance: SearchInstance, ops: Int32Array, leftOut: ReadonlySet<number>): readonly number[][] {
  const seen = new Set<number>(leftOut);
  return Array.from(ops, (op) => {
    const own: number[] = [];
    for (const tensor of [...instance.operands[op]!, ...instance.results[op]!]) {
      if (seen.has(tensor) || instance.consumers[tensor]!.length === 0 || instance.bytes[tensor] === 0) continue;
      if (instance.producer[tensor]! >= 0 && instance.producer[tensor] !== op) continue;
      seen.add(tensor);
      own.push(tensor);
    }
    return own;
  });
}

/** Places where few bytes cross from before to after, and every sixteenth at least. */
function cutPlaces(
  instance: SearchInstance,
  ops: Int32Array,
  owner: readonly (readonly number[])[],
): readonly number[] {
  const placeOf = new Map(Array.from(ops, (op, place) => [op, place] as const));
  const change = new Float64Array(ops.length + 2);
  owner.forEach((tensors, place) => {
    for (const tensor of tensors) {
      const last = Math.max(...Array.from(instance.consumers[tensor]!, (op) => placeOf.get(op) ?? ops.length));
      change[place + 1]! += instance.size[tensor]!;
      change[last + 1]! -= instance.size[tensor]!;
    }
  });
  const crossing = new Float64Array(ops.length + 1);
  for (let place = 0, sum = 0; place <= ops.length; place++) {
    sum += change[place]!;
    crossing[place] = sum;
  }
  const cuts = [0];
  for (let place = 1; place < ops.length; place++) {
    const isLow = crossing[place]! < crossing[place - 1]! && crossing[place]! <= crossing[place + 1]!;
    if (isLow || place - cuts.at(-1)! >= LONGEST_PIECE) cuts.push(place);
  }
  return [...cuts, ops.length];
}

/** Operators between two cuts of the file's order, at most. */
const LONGEST_PIECE = 16;
