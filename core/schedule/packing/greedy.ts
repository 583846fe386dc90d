/**
 * Greedy starts: blocks in several orders, each at the lowest or in the tightest hole that is left for it. Blocks with
 * a fixed address go first. What lies already is kept in spans of sections, so that a block meets only its neighbours
 * in time and thousands of short blocks cost little more than a sort.
 */
import type { Part } from './parts.ts';

/** Sections a span holds. */
const SPAN = 16;

type Key = (block: number) => number;

/** Addresses (units, one a block of the part) with the least top found, and that top; stops at the first within `capacity`. */
export function greedy(
  part: Part,
  capacity: number,
): { readonly addresses: Float64Array; readonly top: number } | null {
  let best: { readonly addresses: Float64Array; readonly top: number } | null = null;
  const layer = greedyLayer(part);
  for (const keys of ordersOf(part)) {
    const order = sortedBlocks(part, keys);
    for (const isTight of [false, true]) {
      const found = layer(order, isTight, best ? best.top : Infinity, capacity);
      if (found && (!best || found.top < best.top)) best = found;
      if (best && best.top <= capacity) return best;
    }
  }
  return best;
}

function ordersOf(part: Part): readonly (readonly Key[])[] {
  const over = (block: number, value: (piece: number) => number, fold: (a: number, b: number) => number): number => {
    let result = value(part.firstPiece[block]!);
    for (let p = part.firstPiece[block]! + 1; p < part.firstPiece[block + 1]!; p++) result = fold(result, value(p));
    return result;
  };
  const from = part.blocks.map((_, block) => over(block, (p) => part.from[p]!, Math.min));
  const to = part.blocks.map((_, block) => over(block, (p) => part.to[p]!, Math.max));
  const area = part.blocks.map((_, b) =>
    over(
      b,
      (p) => part.size[p]! * (part.to[p]! - part.from[p]!),
      (x, y) => x + y,
    ),
  );
  const size: Key = (block) => -part.extent[block]!;
  const width: Key = (block) => from[block]! - to[block]!;
  return [[size, width], [width, size], [(b) => -area[b]!], [(b) => from[b]!, size], [(b) => -to[b]!, size]];
}

function sortedBlocks(part: Part, keys: readonly Key[]): Int32Array {
  const values = keys.map((key) => Float64Array.from(part.blocks, (_, block) => key(block)));
  return Int32Array.from(part.blocks, (_, block) => block).sort((a, b) => {
    const isFree = Number(part.fixed[a]! < 0) - Number(part.fixed[b]! < 0);
    if (isFree !== 0) return isFree;
    for (const value of values) {
      const difference = value[a]! - value[b]!;
      if (difference !== 0) return difference;
    }
    return a - b;
  });
}

function greedyLayer(part: Part) {
  const { count, size, delta, first, last, firstPiece } = part;
  const spans = Math.ceil(part.sections / SPAN);
  const seen = new Int32Array(count);
  let mark = 0;

  /** Null when a block does not fit below `limit`: this order is then no better than what is known. */
  return (order: Int32Array, isTight: boolean, limit: number, capacity: number) => {
    const addresses = new Float64Array(part.blocks.length);
    const lying: number[][] = Array.from({ length: spans }, () => []);
    let top = 0;
    /** Addresses a block may not have: above `low` and below `high`, in pairs. */
    let lows: number[] = [];
    let highs: number[] = [];
    for (const block of order) {
      lows = [];
      highs = [];
      for (let p = firstPiece[block]!; p < firstPiece[block + 1]!; p++) {
        mark++;
        for (let span = Math.floor(first[p]! / SPAN); span <= Math.floor(last[p]! / SPAN); span++) {
          for (const other of lying[span]!) {
            if (seen[other] === mark || first[other]! > last[p]! || first[p]! > last[other]!) continue;
            seen[other] = mark;
            const bottom = addresses[part.owner[other]!]! + delta[other]! - delta[p]!;
            lows.push(bottom - size[p]!);
            highs.push(bottom + size[other]!);
          }
        }
      }
      const at = hole(block, lows, highs, isTight, limit === Infinity ? Infinity : limit - 1, capacity);
      if (at < 0) return null;
      addresses[block] = at;
      top = Math.max(top, at + part.extent[block]!);
      for (let p = firstPiece[block]!; p < firstPiece[block + 1]!; p++)
        for (let span = Math.floor(first[p]! / SPAN); span <= Math.floor(last[p]! / SPAN); span++) lying[span]!.push(p);
    }
    return { addresses, top };
  };

  /** The lowest address outside every forbidden range, or the one in the shortest free range; −1 above `limit`. */
  function hole(
    block: number,
    lows: readonly number[],
    highs: readonly number[],
    isTight: boolean,
    limit: number,
    capacity: number,
  ): number {
    const step = part.alignment[block]!;
    const most = limit - part.extent[block]!;
    const fixed = part.fixed[block]!;
    if (fixed >= 0) {
      const isFree = lows.every((low, i) => fixed <= low || fixed >= highs[i]!);
      return isFree && fixed <= most ? fixed : -1;
    }
    const byLow = lows.map((_, i) => i).sort((a, b) => lows[a]! - lows[b]!);
    let best = -1;
    let bestRoom = Infinity;
    let at = 0;
    for (const i of byLow) {
      // Free addresses: at … low, inclusive.
      if (lows[i]! >= at) {
        if (!isTight) return at <= most ? at : -1;
        if (lows[i]! - at < bestRoom && at <= most) {
          best = at;
          bestRoom = lows[i]! - at;
        }
      }
      if (highs[i]! > at) at = Math.ceil(highs[i]! / step) * step;
    }
    const isLastBetter = Math.max(0, capacity - part.extent[block]! - at) < bestRoom;
    if (at <= most && (best < 0 || (isTight && isLastBetter))) return at;
    return best;
  }
}
