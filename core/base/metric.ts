/** A figure that can explain itself: value, unit, how it was got, from what, and how far to trust it. */
import type { Unit } from './quantity.ts';

/** estimate: analytic · simulated: event kernel · proven: with a certificate · counted: exact recount · measured: from a user's file. */
export type Badge = 'estimate' | 'simulated' | 'proven' | 'counted' | 'measured';

export interface TechniqueRef {
  readonly id: string;
  readonly version: string;
}

export interface Provenance {
  /** The formula in words and symbols, e.g. `Σ bytes × energyPerByte`. */
  readonly formula: string;
  readonly inputs: readonly { readonly name: string; readonly value: number | string; readonly unit: Unit }[];
  /** Paper, section, equation or data sheet; 'definition' where it is one. */
  readonly source: string;
  readonly technique: TechniqueRef;
}

export interface Metric {
  /** Stable, dotted: `offchip.compulsory`. */
  readonly id: string;
  readonly title: string;
  readonly value: number;
  readonly unit: Unit;
  readonly badge: Badge;
  readonly provenance: Provenance;
}
