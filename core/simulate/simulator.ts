/** The interface of techniques of kind `simulator`: a program on a machine gives times. */
import type { Machine } from '#core/architecture/machine.ts';
import type { Control } from '#core/base/control.ts';
import type { Program } from '#core/program/program.ts';
import type { Manifest } from '#core/technique/technique.ts';

/** Ticks are cycles of the machine's fastest clock. */
export interface Timing {
  readonly makespan: number;
  /** First tick of each command on its engine, and the tick from which others may depend on it. */
  readonly start: Float64Array;
  readonly finish: Float64Array;
  /** When the engine was free again (a DMA engine hands over to latency), and the span on the channel for transfers. */
  readonly release: Float64Array;
  readonly channelStart: Float64Array;
  readonly channelEnd: Float64Array;
  readonly events: number;
}

export interface Simulator {
  readonly manifest: Manifest<'simulator'>;
  /** Null when cancelled. */
  simulate(program: Program, machine: Machine, control: Control): Timing | null;
}
