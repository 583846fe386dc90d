/**
 * A region: a set of operators to be run from a given state, and what a search of it says. Between its ends nothing
 * outside of it matters but the uses of tensors still to come.
 */
import type { Control } from '#core/base/control.ts';
import type { Exchanges } from './exchange.ts';
import type { Step } from './history.ts';
import type { Boundary } from './instance.ts';
import type { LeastCosts } from './least.ts';

export interface Region {
  /** Operators to run, ascending; all their other predecessors have run. */
  readonly ops: Int32Array;
  readonly entry: Boundary;
  /** Uses still to come of each tensor when the region begins (indexed by tensor). */
  readonly usesLeft: Int32Array;
  /** Run in this order and no other; residency alone is searched. */
  readonly order?: readonly number[];
  /** By operator of `ops` (same index): sets of operators, one of each of which must have begun before it. */
  readonly waitsFor?: readonly (readonly Int32Array[])[];
  /** Branches that may be exchanged. Not used where groups of tensors tell them apart. */
  readonly exchanges?: Exchanges;
}

export interface RegionOptions {
  /** States kept in a layer. */
  readonly width: number;
  /** Only schedules cheaper than this are looked for. */
  readonly below: number;
  /** How much bytes on chip count against a state when a layer is cut: 0 ranks by cost alone, 1 as if all were dropped. */
  readonly exposure: number;
  /** Children after which the search ends without an answer. */
  readonly nodeLimit: number;
  readonly control: Control;
  /** What the traffic of groups of tensors is certain to cost, whatever the order. */
  readonly least?: LeastCosts;
}

export interface RegionEnd {
  readonly cost: number;
  readonly status: Uint8Array;
  readonly steps: () => readonly Step[];
}

export interface RegionResult {
  /** Tensors live after the region, ascending. */
  readonly live: Int32Array;
  /** Ways to end, none better than another; empty when there is none below the limit (or the budget ran out). */
  readonly ends: readonly RegionEnd[];
  /** No schedule of the region that was not found costs less than this: ∞ where nothing relevant was cut. */
  readonly cutBound: number;
  /** No schedule left out because it is not cheaper than the limit costs less than this. */
  readonly dearBound: number;
  readonly nodes: number;
  /** False when the budget ran out or the user stopped. */
  readonly isComplete: boolean;
}
