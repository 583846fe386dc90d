/**
 * A region between its best schedule and its bound. From above: passes of growing width, each below the best so far.
 * From below: exhaustive passes under a limit a little above the bound; when nothing turns up, the least that was
 * left out is the next bound (as in iterative deepening; Korf, 1985).
 */
import type { Control } from '#core/base/control.ts';
import { searchRegion } from './downset-search.ts';
import type { SearchInstance } from './instance.ts';
import type { LeastCosts } from './least.ts';
import type { Region, RegionResult } from './region.ts';

export interface Brackets {
  /** Told of every way through the region that was found. */
  readonly found: (result: RegionResult) => void;
  /** Bytes at and above which a schedule is of no interest; falls as `found` is told of better ones. */
  readonly below: () => number;
  /** Told of every better bound. */
  readonly raised?: (bound: number) => void;
}

export interface BracketOptions {
  readonly widest: number;
  readonly least: LeastCosts | null;
  readonly control: Control;
}

/** One pass. @returns the bound it proves (no less than `bound`) and the children made; null bound when it was stopped. */
export function passFromAbove(
  instance: SearchInstance,
  region: Region,
  { found, below }: Brackets,
  options: BracketOptions & { readonly width: number; readonly exposure: number; readonly nodeLimit: number },
): { readonly bound: number | null; readonly nodes: number } {
  const limit = below();
  const result = searchRegion(instance, region, {
    width: Math.min(options.width, options.widest),
    below: limit,
    exposure: options.exposure,
    nodeLimit: options.nodeLimit,
    control: options.control,
    ...(options.least && { least: options.least }),
  });
  if (!result.isComplete) return { bound: null, nodes: result.nodes };
  found(result);
  return { bound: Math.min(result.cutBound, below()), nodes: result.nodes };
}

/** Raises the bound from below until it meets the best schedule, the steps get too small, or the budget is spent. */
export function raiseFromBelow(
  instance: SearchInstance,
  region: Region,
  { found, below, raised }: Brackets,
  start: number,
  { widest, least, control, nodeLimit }: BracketOptions & { readonly nodeLimit: number },
): { readonly bound: number; readonly nodes: number } {
  let bound = start;
  let nodes = 0;
  let step = (below() - bound) / 2;
  while (bound < below() && step >= 1 && nodes < nodeLimit && !control.cancelled()) {
    const result = searchRegion(instance, region, {
      width: widest,
      below: Math.min(below(), bound + step),
      exposure: 0,
      nodeLimit: (nodeLimit - nodes) / 3,
      control,
      ...(least && { least }),
    });
    nodes += result.nodes;
    if (!result.isComplete) {
      step /= 4;
      continue;
    }
    found(result);
    const next = Math.min(result.cutBound, result.dearBound, below());
    if (next <= bound) break;
    bound = next;
    raised?.(bound);
  }
  return { bound, nodes };
}
