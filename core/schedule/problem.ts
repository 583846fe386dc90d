/**
 * The scheduling problem and its answer, in the exchange format of the command line. One operator = one step.
 * Formulation after COSMA (Li, Gupta, Malik, arXiv 2311.18246); see README for semantics and certificates.
 */

export interface ScheduleTensor {
  readonly id: number;
  readonly name: string;
  readonly shape: readonly number[];
  /** Bytes as stored on chip and moved off chip. */
  readonly bytes: number;
  readonly kind: 'input' | 'act' | 'output';
}

export interface ScheduleOperator {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly weightBytes: number;
  /** Extension of the format: operands whose place the result may take. Absent: told by the type's name (sharing.ts). */
  readonly inPlace?: readonly number[];
  /** Extension of the format: operands that are slots of the result, `offset` bytes into it. Absent: told by type and shapes. */
  readonly aliases?: readonly SlotOfResult[];
  /** Extension of the format: operands and results worked on piece by piece from off chip, in strict modes too (streams.ts). */
  readonly streams?: readonly number[];
  /** Extension of the format: weights are streamed in strict+weights mode too. */
  readonly streamsWeights?: boolean;
}

export interface SlotOfResult {
  readonly operand: number;
  readonly offset: number;
}

/** What may be asked of a schedule beside mode and capacity; all off where absent. README, "Flags". */
export interface ScheduleFlags {
  /** An element-wise result may take the place of an operand that is not kept beyond the step. */
  readonly inPlace: boolean;
  /** Operands of a concatenation that are not kept beyond it lie in their slots of the result. */
  readonly aliasConcat: boolean;
  /** What comes from off chip for a step has its room one step earlier. */
  readonly doubleBuffer: boolean;
  /** Tensors on chip from making (or first use) to last use, ascending. */
  readonly pinned: readonly number[];
}

/**
 * ids equal indices in both lists. Every act/output tensor has one producer, an input none; ops are in file
 * (topological) order. An operand that an operator names twice is one use.
 */
export interface ScheduleProblem {
  readonly name: string;
  readonly bytesPerElement: number;
  readonly tensors: readonly ScheduleTensor[];
  readonly ops: readonly ScheduleOperator[];
}

/**
 * strict: operands and results of an operator are on chip, whole, while it runs. strict+weights: its weights too.
 * stream: an operator may read operands from and write results to off-chip memory directly.
 */
export const SCHEDULE_MODES = ['strict', 'strict+weights', 'stream'] as const;
export type ScheduleMode = (typeof SCHEDULE_MODES)[number];

/** Tensor `t` lies at [addr, addr + bytes) of the scratchpad during steps from … to − 1 of the order. */
export interface ResidencyInterval {
  readonly t: number;
  readonly from: number;
  readonly to: number;
  readonly addr: number;
}

export const SCHEDULE_STOPS = ['proven', 'nodes', 'cancelled'] as const;
export type ScheduleStop = (typeof SCHEDULE_STOPS)[number];

export interface ScheduleAnswer {
  readonly mode: ScheduleMode;
  /** Scratchpad capacity, bytes. */
  readonly S: number;
  /** What the schedule was asked to do; absent: none of it. */
  readonly flags?: ScheduleFlags;
  /** How many operators stream tensors in a strict mode; absent: none. Bound and optimality are over schedules with these split. */
  readonly split?: number;
  /** Non-compulsory off-chip bytes. */
  readonly objective: number;
  /** Proven lower bound over all orders and residencies, bytes. */
  readonly bound: number;
  readonly optimal: boolean;
  /** What ended the search: a proof, the node budget, or the caller (`control.cancelled`). Absent in answers from elsewhere. */
  readonly stop?: ScheduleStop;
  /**
   * First load of each graph input used + one write of each graph output, bytes. Weights are streamed once a use
   * in every mode and under every schedule; they are counted apart ({@link CompulsoryTraffic} in traffic.ts).
   */
  readonly compulsory: number;
  readonly order: readonly number[];
  readonly intervals: readonly ResidencyInterval[];
  /** Non-compulsory bytes of simpler policies at the same S: noReuse, fileOrder+optimalResidency, … */
  readonly baselines: Readonly<Record<string, number>>;
  /** Which order won and what the proof covers, in words. */
  readonly proof: string;
  readonly solver: { readonly id: string; readonly version: string };
}

/** A schedule before addresses: what residency solvers produce and the packer completes. */
export interface Residency {
  readonly order: readonly number[];
  readonly intervals: readonly { readonly t: number; readonly from: number; readonly to: number }[];
  readonly objective: number;
}
