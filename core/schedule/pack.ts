/**
 * Addresses: rectangles (steps × bytes) laid into a scratchpad without overlap. Greedy starts under several keys,
 * then the canonical branch and bound of MiniMalloc (Moffitt, ASPLOS 2023, doi 10.1145/3623278.3624752): offsets
 * never fall along a branch, and a section whose floor plus remaining bytes exceeds the capacity cuts it off.
 * Deterministic: the budget is nodes. Offsets are sums of sizes, so sizes in whole granules give aligned addresses.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';

/** Occupies `size` bytes during steps from … to − 1. */
export interface Rectangle {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** impossible: proven that nothing fits · exhausted: the budget ran out, or the user stopped. */
export type Packing =
  | { readonly status: 'packed'; readonly addresses: readonly number[]; readonly nodes: number }
  | { readonly status: 'impossible' | 'exhausted'; readonly nodes: number };

export interface PackOptions {
  readonly nodeLimit: number;
  readonly control?: Control;
}

/** Lays every rectangle into [0, capacity). */
export function pack(rectangles: readonly Rectangle[], capacity: number, options: PackOptions): Packing {
  const addresses = new Array<number>(rectangles.length).fill(0);
  let nodes = 0;
  for (const part of independentParts(rectangles)) {
    const members = part.map((index) => rectangles[index]!);
    if (peak(members) > capacity) return { status: 'impossible', nodes };
    let offsets = greedy(members, capacity);
    if (!offsets) {
      const found = packExactly(members, capacity, { ...options, nodeLimit: options.nodeLimit - nodes });
      nodes += found.nodes;
      if (found.status !== 'packed') return { status: found.status, nodes };
      offsets = found.addresses;
    }
    part.forEach((index, at) => {
      addresses[index] = offsets[at]!;
    });
  }
  return { status: 'packed', addresses, nodes };
}

const meet = (a: Rectangle, b: Rectangle): boolean => a.from < b.to && b.from < a.to;

/** Groups that share no step with each other; a rectangle of no bytes is in none and lies at 0. */
function independentParts(rectangles: readonly Rectangle[]): readonly (readonly number[])[] {
  const indices = rectangles.map((_, index) => index).filter((index) => rectangles[index]!.size > 0);
  indices.sort((a, b) => rectangles[a]!.from - rectangles[b]!.from || a - b);
  const parts: number[][] = [];
  let end = -Infinity;
  for (const index of indices) {
    const { from, to } = rectangles[index]!;
    if (from >= end) parts.push([]);
    parts[parts.length - 1]!.push(index);
    end = Math.max(end, to);
  }
  return parts;
}

/** Most bytes alive at one step: what no packing can do without. */
export function peak(rectangles: readonly Rectangle[]): number {
  const changes = rectangles.flatMap(({ size, from, to }) => [[from, size] as const, [to, -size] as const]);
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let alive = 0;
  let most = 0;
  for (const [, change] of changes) {
    alive += change;
    most = Math.max(most, alive);
  }
  return most;
}

type Key = (rectangle: Rectangle) => number;
const width: Key = ({ from, to }) => to - from;
const area: Key = (rectangle) => rectangle.size * width(rectangle);
const KEYS: readonly (readonly Key[])[] = [
  [({ size }) => -size, (rectangle) => -width(rectangle)],
  [(rectangle) => -width(rectangle), ({ size }) => -size],
  [(rectangle) => -area(rectangle)],
  [({ from }) => from, ({ size }) => -size],
  [({ to }) => -to, ({ size }) => -size],
];

function sortedBy(rectangles: readonly Rectangle[], keys: readonly Key[]): readonly number[] {
  return rectangles
    .map((_, index) => index)
    .sort((a, b) => {
      for (const key of keys) {
        const difference = key(rectangles[a]!) - key(rectangles[b]!);
        if (difference !== 0) return difference;
      }
      return a - b;
    });
}

/** One pass a key, each rectangle into the lowest or the tightest hole; null when every pass overflows. */
function greedy(rectangles: readonly Rectangle[], capacity: number): readonly number[] | null {
  for (const keys of KEYS) {
    const order = sortedBy(rectangles, keys);
    for (const isTight of [false, true]) {
      const offsets = place(rectangles, capacity, order, isTight);
      if (offsets) return offsets;
    }
  }
  return null;
}

function place(
  rectangles: readonly Rectangle[],
  capacity: number,
  order: readonly number[],
  isTight: boolean,
): readonly number[] | null {
  const offsets = new Array<number>(rectangles.length).fill(0);
  // Kept sorted by offset, so that the holes over a rectangle's steps are met from below.
  const placed: number[] = [];
  for (const index of order) {
    const rectangle = rectangles[index]!;
    let bottom = 0;
    let best = -1;
    let bestRoom = Infinity;
    const consider = (top: number): void => {
      const room = top - bottom;
      if (room >= rectangle.size && room < bestRoom) {
        best = bottom;
        bestRoom = isTight ? room : -Infinity;
      }
    };
    for (const other of placed) {
      if (!meet(rectangle, rectangles[other]!)) continue;
      consider(offsets[other]!);
      bottom = Math.max(bottom, offsets[other]! + rectangles[other]!.size);
    }
    consider(capacity);
    if (best < 0) return null;
    offsets[index] = best;
    let at = placed.length;
    while (at > 0 && offsets[placed[at - 1]!]! > best) at--;
    placed.splice(at, 0, index);
  }
  return offsets;
}

/**
 * The search without the greedy starts, for rectangles of at least one byte: MiniMalloc's preorders by total (largest
 * section a rectangle lies in), width and area take turns at growing budgets.
 */
export function packExactly(
  rectangles: readonly Rectangle[],
  capacity: number,
  { nodeLimit, control }: PackOptions,
): Packing {
  const sections = sectionsOf(rectangles);
  const total: Key = (rectangle) => -(sections.totals.get(rectangle) ?? 0);
  const preorders = [
    [(r: Rectangle) => -width(r), (r: Rectangle) => -area(r), total],
    [total, (r: Rectangle) => -area(r), (r: Rectangle) => -width(r)],
    [total, (r: Rectangle) => -width(r), (r: Rectangle) => -area(r)],
  ].map((keys) => sortedBy(rectangles, keys));
  let nodes = 0;
  for (let budget = 2_000; nodes < nodeLimit; budget *= 4) {
    for (const preorder of preorders) {
      const limit = Math.min(budget, nodeLimit - nodes);
      if (limit <= 0) break;
      const found = branch(rectangles, sections, capacity, preorder, limit, control ?? uncontrolled);
      nodes += found.nodes;
      if (found.status !== 'exhausted') return { ...found, nodes };
      if (control?.cancelled()) return { status: 'exhausted', nodes };
    }
  }
  return { status: 'exhausted', nodes };
}

interface Sections {
  /** First and last section of each rectangle, inclusive. */
  readonly first: readonly number[];
  readonly last: readonly number[];
  /** Rectangles of each section. */
  readonly members: readonly (readonly number[])[];
  readonly totals: ReadonlyMap<Rectangle, number>;
}

/** A section is a run of steps over which the same rectangles are alive; only sections at an arrival can bind. */
function sectionsOf(rectangles: readonly Rectangle[]): Sections {
  const starts = [...new Set(rectangles.map(({ from }) => from))].sort((a, b) => a - b);
  const first = rectangles.map(({ from }) => starts.indexOf(from));
  const last = rectangles.map(({ to }) => starts.findLastIndex((start) => start < to));
  const members = starts.map((_, section) =>
    rectangles.map((__, index) => index).filter((index) => first[index]! <= section && section <= last[index]!),
  );
  const sums = members.map((list) => list.reduce((sum, index) => sum + rectangles[index]!.size, 0));
  const totals = new Map(
    rectangles.map((rectangle, index) => [rectangle, Math.max(...sums.slice(first[index]!, last[index]! + 1))]),
  );
  return { first, last, members, totals };
}

function branch(
  rectangles: readonly Rectangle[],
  sections: Sections,
  capacity: number,
  preorder: readonly number[],
  nodeLimit: number,
  control: Control,
): Packing {
  const count = rectangles.length;
  const sizes = rectangles.map(({ size }) => size);
  const rank = new Array<number>(count);
  preorder.forEach((index, at) => {
    rank[index] = at;
  });
  const neighbours = rectangles.map((one, index) =>
    preorder.filter((other) => other !== index && meet(one, rectangles[other]!)),
  );
  const addresses = new Float64Array(count).fill(-1);
  /** Lowest offset at which each rectangle clears those placed so far. */
  const lowest = new Float64Array(count);
  const remaining = Float64Array.from(sections.members, (list) => list.reduce((sum, index) => sum + sizes[index]!, 0));
  let nodes = 0;
  let isStopped = false;

  /** Every section must hold what is left of it above the lowest place any of it can still take. */
  const isOpen = (floor: number): boolean => {
    for (let section = 0; section < remaining.length; section++) {
      const left = remaining[section]!;
      if (left === 0) continue;
      if (floor + left > capacity) return false;
      let lowestHere = Infinity;
      for (const index of sections.members[section]!)
        if (addresses[index]! < 0 && lowest[index]! < lowestHere) lowestHere = lowest[index]!;
      if (lowestHere + left > capacity) return false;
    }
    return true;
  };

  const descend = (placed: number, offset: number, lastRank: number): boolean => {
    if (placed === count) return true;
    nodes++;
    if (nodes >= nodeLimit || ((nodes & 1023) === 0 && control.cancelled())) isStopped = true;
    if (isStopped || !isOpen(offset)) return false;
    // In a packing pushed down as far as it goes, nothing is placed above the top of something still waiting.
    let ceiling = Infinity;
    const candidates: number[] = [];
    for (const index of preorder) {
      if (addresses[index]! >= 0) continue;
      ceiling = Math.min(ceiling, lowest[index]! + sizes[index]!);
      // Below the current offset it would float: it must wait until something is placed under it.
      if (lowest[index]! > offset || (lowest[index] === offset && rank[index]! > lastRank)) candidates.push(index);
    }
    candidates.sort((a, b) => lowest[a]! - lowest[b]! || rank[a]! - rank[b]!);
    for (const index of candidates) {
      const at = lowest[index]!;
      if (at >= ceiling) break;
      if (at + sizes[index]! > capacity) continue;
      const raised: [index: number, before: number][] = [];
      addresses[index] = at;
      for (const other of neighbours[index]!) {
        if (addresses[other]! >= 0 || lowest[other]! >= at + sizes[index]!) continue;
        raised.push([other, lowest[other]!]);
        lowest[other] = at + sizes[index]!;
      }
      for (let s = sections.first[index]!; s <= sections.last[index]!; s++) remaining[s]! -= sizes[index]!;
      if (descend(placed + 1, at, rank[index]!)) return true;
      for (let s = sections.first[index]!; s <= sections.last[index]!; s++) remaining[s]! += sizes[index]!;
      for (const [other, before] of raised) lowest[other] = before;
      addresses[index] = -1;
      if (isStopped) return false;
    }
    return false;
  };

  if (descend(0, 0, -1)) return { status: 'packed', addresses: [...addresses], nodes };
  return { status: isStopped ? 'exhausted' : 'impossible', nodes };
}
