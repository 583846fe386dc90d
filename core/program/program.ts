/**
 * The command stream: what compiler and scheduler emit and both interpreters play. Columnar, one row a command.
 * Each engine (a unit, or a read or write queue of a DMA engine) takes its commands in row order; a command starts when its
 * engine is free and all commands it depends on have finished. Dependencies point backwards. Transfers of one
 * queue over one channel finish in order; those over different channels may not.
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
/** In the columns `tile` and `unit`: does not apply. */
export const NONE = -1;

export interface ProgramEngine {
  /** Architecture node. */
  readonly component: string;
  readonly name: string;
  readonly kind: 'unit' | 'dma';
}

/** Where a tensor lies while a kernel runs: its scratchpad address, or IN_BUFFER where it streams through a tile buffer. */
export interface Bound {
  readonly tensor: number;
  readonly address: number;
}

/** What a kernel works on. Operands are numbered as its buffers are; weights, if any, have the number after the last. */
export interface Binding {
  readonly operands: readonly Bound[];
  readonly results: readonly Bound[];
}

export interface Program {
  readonly engines: readonly ProgramEngine[];
  /** By operator. */
  readonly bindings: readonly Binding[];
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
  /**
   * Execute: index of the tile, ((g·M + m)·N + n)·K + k over the tile counts of the mapping. Transfers through a
   * buffer: index of the piece over the axes of its operand. Transfers of whole tensors: NONE.
   */
  readonly tile: Int32Array;
  /** First position moved: of the piece's walk through the tensor (`core/compile/pieces.ts`), of a whole tensor its elements. */
  readonly offset: Float64Array;
  /** Unit whose buffer a transfer fills or empties; NONE for the scratchpad. An execute has it in `engine`. */
  readonly unit: Int16Array;
  /** Which buffer of the unit a transfer uses: the operand's number. Results have a buffer of their own. */
  readonly buffer: Uint16Array;
  /** Which half of the buffer: filled by a load, emptied by a store, accumulated in by an execute. */
  readonly slot: Uint8Array;
  /** Off-chip channel of a load or store. */
  readonly channel: Uint8Array;
  /** Ticks an execute takes once started; 0 for transfers, whose time the simulator finds. */
  readonly ticks: Float64Array;
  /** Dependencies of command i: depends[dependsStart[i] … dependsStart[i + 1]). */
  readonly dependsStart: Uint32Array;
  readonly depends: Uint32Array;
}

/** What command `index` waits for. */
export function dependenciesOf(program: Program, index: number): Uint32Array {
  return program.depends.subarray(program.dependsStart[index]!, program.dependsStart[index + 1]!);
}
