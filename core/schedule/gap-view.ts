/**
 * A problem under one order, seen as gaps: a gap runs from one event of a tensor (its making or a use) to its next use,
 * and a schedule is the set of gaps over which tensors are kept on chip. Made by `gapView`, counted in gaps.ts.
 */
import type { ScheduleGraph } from './graph.ts';
import type { ScheduleFlags, ScheduleMode, ScheduleProblem } from './problem.ts';
import type { Share } from './sharing.ts';

export interface Gap {
  readonly tensor: number;
  /** Steps of the two events. */
  readonly from: number;
  readonly to: number;
  /** Steps occupied beyond the mandatory load, inclusive; empty (first > last) for strict neighbours. */
  readonly first: number;
  readonly last: number;
}

export interface GapView {
  readonly problem: ScheduleProblem;
  readonly graph: ScheduleGraph;
  readonly mode: ScheduleMode;
  readonly order: readonly number[];
  /** Room for placed tensors, bytes, a multiple of the granule. */
  readonly capacity: number;
  /** Unit in which space is handed out, bytes. */
  readonly granule: number;
  /** Placed bytes of each tensor. */
  readonly sizes: readonly number[];
  /** Steps of each tensor's events, ascending: making first, then uses. */
  readonly events: readonly (readonly number[])[];
  readonly gaps: readonly Gap[];
  /** Indices into `gaps` in the order of time. */
  readonly gapsOf: readonly (readonly number[])[];
  /** Placed bytes that each step needs whatever is kept: all operands and results in strict mode, weights in strict+weights. */
  readonly mandatory: Float64Array;
  /** Null where no flag is set. */
  readonly rules: FlagRules | null;
}

/** A {@link Share} at its step. Gaps are indices into the view's, −1 where there is none. */
export interface StepShare extends Share {
  readonly step: number;
  /** Gap of the operand that ends at the step, and the one that begins there. */
  readonly into: number;
  readonly after: number;
  /** First gap of the result. */
  readonly first: number;
  /** Placed bytes counted once instead of twice. */
  readonly saved: number;
}

export interface FlagRules {
  readonly flags: ScheduleFlags;
  /**
   * 1 for gaps that are kept whatever a solver says: of pinned tensors, and in strict modes under double buffering those
   * between neighbouring steps, over which fetching again would need room beside what is there (so keeping is never worse).
   */
  readonly forced: Uint8Array;
  /** By step. */
  readonly shares: readonly (readonly StepShare[])[];
  /** Placed bytes of weights at each step, those fetched for the next included. */
  readonly weights: Float64Array;
}

export function isKept({ rules }: GapView, kept: ArrayLike<boolean>, gap: number): boolean {
  return !!kept[gap] || rules?.forced[gap] === 1;
}
