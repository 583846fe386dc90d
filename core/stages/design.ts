/**
 * A design: which tasks of a graph are on which cores of a fabric, stage by stage. Within a stage its tasks run at the
 * same time and stream into each other; between stages cores drain and are reconfigured. Fixed before the hardware is
 * built (InTAR, arXiv 2502.08807).
 */
export const MODES = ['sequential', 'dataflow', 'reconfigurable'] as const;
export type Mode = (typeof MODES)[number];

/** As built: loops and accesses as drawn. Ideal: loops flattened, II 1, no unrolling limit, off-chip access double buffered. */
export const VARIANTS = ['as-built', 'ideal'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface CoreShare {
  /** Into the fabric's cores. */
  readonly core: number;
  /** MACs (evaluations) a cycle it gets of that core, ≥ 1; tasks of a stage together at most what the core has. */
  readonly lanes: number;
}

export interface PlacedTask {
  /** Into the graph's tasks. */
  readonly task: number;
  readonly shares: readonly CoreShare[];
}

/** Tasks that run together; a convex set: no path leaves it and comes back. */
export interface Stage {
  readonly tasks: readonly PlacedTask[];
}

export interface Design {
  readonly mode: Mode;
  readonly variant: Variant;
  /** In order; every task is in exactly one. */
  readonly stages: readonly Stage[];
  /** Streams between stages whose tensor goes off chip because the banks have no room, by index. */
  readonly spilled: readonly number[];
}

/** A design that was considered: what the time model predicts, and what the simulation says where it was simulated. */
export interface ConsideredDesign {
  readonly mode: Mode;
  readonly title: string;
  readonly design: Design;
  readonly predicted: number;
  readonly simulated: number | null;
  readonly offChipBytes: number;
  readonly isChosen: boolean;
}
