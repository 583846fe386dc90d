/**
 * A fabric: the hardware a task graph runs on, before its circuit is designed. Grid of compute cores, special-function
 * units, on-chip banks, off-chip channels and the resources of the device. Ticks are cycles of its one clock
 * unless a core says otherwise.
 */
import type { TaskFormat } from '#core/taskgraph/task-graph.ts';

/** How a core is given another task. `mux`: drain, then a few ticks. `context`: bytes over a port. `partial`: a bitstream. */
export type Reconfiguration =
  | { readonly kind: 'mux'; readonly ticks: number }
  | { readonly kind: 'context'; readonly bytes: number; readonly bytesPerTick: number }
  | { readonly kind: 'partial'; readonly bytes: number; readonly bytesPerSecond: number };

export interface Core {
  readonly node: string;
  readonly name: string;
  readonly operation: 'mac' | 'special';
  /** MACs (evaluations) a cycle of its clock, by format; a format that is absent does not run on it. */
  readonly lanes: Readonly<Partial<Record<TaskFormat, number>>>;
  /** Ticks of one cycle of its clock, a whole number ≥ 1. */
  readonly ticksPerCycle: number;
  readonly reconfiguration: Reconfiguration;
  /** Joules of an operation, by format, and watts it takes doing nothing. */
  readonly joulesPerOperation: Readonly<Partial<Record<TaskFormat, number>>>;
  readonly staticWatts: number;
  /** Banks and channels it is wired to, into the fabric's; absent: it reaches all. */
  readonly banks?: readonly number[];
  readonly channels?: readonly number[];
}

export interface Bank {
  readonly node: string;
  readonly name: string;
  readonly kind: 'bram' | 'uram' | 'sram';
  readonly capacityBytes: number;
  readonly ports: number;
  /** Bytes a port moves a tick. */
  readonly bytesPerTick: number;
  readonly joulesPerByte: number;
}

export interface OffChipChannel {
  readonly node: string;
  readonly name: string;
  readonly bytesPerTick: number;
  /** Request to first byte, ticks. */
  readonly latencyTicks: number;
  /** A store's last byte to its response, ticks. */
  readonly responseTicks: number;
  /** Requests under way at once, ≥ 1. */
  readonly outstanding: number;
  readonly arbitration: 'first-come' | 'round-robin';
  readonly joulesPerByte: number;
}

/** What the device offers; Infinity where it is not limited. FPGA or ASIC. */
export type Device =
  | {
      readonly kind: 'fpga';
      readonly dsp: number;
      readonly bram18: number;
      readonly uram: number;
      readonly lut: number;
    }
  | { readonly kind: 'asic'; readonly pes: number; readonly sramBytes: number };

export interface Fabric {
  readonly title: string;
  readonly clockHertz: number;
  readonly cores: readonly Core[];
  readonly banks: readonly Bank[];
  readonly channels: readonly OffChipChannel[];
  /** Null where none is drawn: nothing is limited. */
  readonly device: Device | null;
}
