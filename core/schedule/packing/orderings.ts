/**
 * Static orders of pieces, which decide between candidates equally low: by the fullest section a piece lies in (T),
 * its width in steps (W) and its area (A), largest first, as in MiniMalloc.
 */
import type { Part } from './parts.ts';

const PREORDERS = ['TWA', 'WAT', 'TAW'] as const;

/** Rank of each piece under each preorder. */
export function preorders(part: Part): readonly Int32Array[] {
  const totals = new Float64Array(part.sections);
  for (let p = 0; p < part.count; p++)
    for (let s = part.first[p]!; s <= part.last[p]!; s++) totals[s]! += part.size[p]!;
  const keys: Readonly<Record<string, Float64Array>> = {
    T: Float64Array.from(part.size, (_, p) => {
      let most = 0;
      for (let s = part.first[p]!; s <= part.last[p]!; s++) most = Math.max(most, totals[s]!);
      return most;
    }),
    W: Float64Array.from(part.size, (_, p) => part.to[p]! - part.from[p]!),
    A: Float64Array.from(part.size, (size, p) => size * (part.to[p]! - part.from[p]!)),
  };
  return PREORDERS.map((name) => {
    const values = [...name].map((letter) => keys[letter]!);
    const order = Int32Array.from(part.size, (_, p) => p).sort((a, b) => {
      for (const value of values) {
        const difference = value[b]! - value[a]!;
        if (difference !== 0) return difference;
      }
      return a - b;
    });
    const rank = new Int32Array(part.count);
    order.forEach((piece, at) => {
      rank[piece] = at;
    });
    return rank;
  });
}
