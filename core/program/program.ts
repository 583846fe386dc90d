/**
 * The command stream: what compiler and scheduler emit and both interpreters play. Columnar, one row a command.
 * Each engine (a unit, or a read or write queue of a DMA engine) executes its commands in row order; a command starts when its engine is free and
 * all commands it depends on have finished. Dependencies point backwards.
 */
export const OPCODES = ['load', 'store', 'execute'] as const;
export const LOAD = 0;
export const STORE = 1;
export const EXECUTE = 2;

/** Why bytes cross the chip's edge. */
export const TRAFFIC = ['none', 'compulsory', 'spill', 'refetch'] as const;
export const TRAFFIC_NONE = 0;
export const COMPULSORY = 1;
/** Written or read again because the scratchpad is too small: the schedule's objective. */
export const SPILL = 2;
/** Read again because a tile loop passes over an operand more often than once. */
export const REFETCH = 3;

/** Weights have no tensor id. */
export const WEIGHTS = -1;
/** A tile buffer of a unit, not the scratchpad. */
export const IN_BUFFER = -1;

export interface ProgramEngine {
  /** Architecture node. */
  readonly component: string;
  readonly name: string;
  readonly kind: 'unit' | 'dma';
}

export interface Program {
  readonly engines: readonly ProgramEngine[];
  readonly length: number;
  readonly opcode: Uint8Array;
  readonly engine: Uint16Array;
  /** Kernel (row of the compiled model). */
  readonly operator: Int32Array;
  /** Tensor moved by a load or store, WEIGHTS for weights; for execute the first result. */
  readonly tensor: Int32Array;
  /** Bytes moved off or on chip; 0 for execute. */
  readonly bytes: Float64Array;
  readonly traffic: Uint8Array;
  /** Scratchpad address of the bytes moved, or IN_BUFFER. */
  readonly address: Float64Array;
  /** Off-chip channel of a load or store. */
  readonly channel: Uint8Array;
  /** Ticks an execute takes once started; 0 for transfers, whose time the simulator finds. */
  readonly ticks: Float64Array;
  /** Dependencies of command i: depends[dependsStart[i] … dependsStart[i + 1]). */
  readonly dependsStart: Uint32Array;
  readonly depends: Uint32Array;
}
