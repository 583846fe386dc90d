/** What a network being played is like at a tick: everything that what follows depends on. */
import type { EventKernel } from '../kernel.ts';
import type { Channel } from './channel.ts';
import type { Code, Ends } from './code.ts';
import type { Network } from './network.ts';

/** Event codes, and priorities at equal times: memory first, then processes by index. */
export const COMPLETE = 0;
export const SERVE = 1;
export const RESUME = 2;

/** What a process does; waits are equal to their index in STATES. */
export const RUNNING = 0;
export const ON_GET = 1;
export const ON_PUT = 2;
/** Of a store: one more. */
export const ON_LOAD = 3;
export const ON_LOCK = 5;
export const ON_BARRIER = 6;
export const RECONFIGURING = 7;
export const DONE = 8;

export interface ProcessState {
  readonly index: number;
  readonly code: Code;
  pc: number;
  /** Tokens moved, or beats done, of the operation it is in. */
  progress: number;
  /** 1: what the operation waits for has come. */
  phase: number;
  readonly counters: Float64Array;
  status: number;
  /** FIFO, channel, lock or barrier it waits for. */
  on: number;
  /** Index of the open wait; since when it is open, and since when it is not yet counted. */
  wait: number;
  began: number;
  since: number;
  /** When it goes on by itself; −1: it waits. */
  wake: number;
  /** Asynchronous transfers under way. */
  pending: number;
}

/** The player, as those see it who count, fold and explain. */
export interface Playing {
  readonly network: Network;
  readonly kernel: EventKernel;
  readonly processes: readonly ProcessState[];
  readonly channels: readonly Channel[];
  /** Tokens by FIFO. */
  readonly occupancy: Float64Array;
  /** Who holds, and who waits for each lock; who has come to each barrier. */
  readonly holders: readonly number[][];
  readonly lockQueues: readonly number[][];
  readonly arrived: readonly number[][];
  readonly ends: Ends;
  /** Events handled so far. */
  readonly events: number;
  /** Books the open wait of a process up to `tick`. */
  flush(process: ProcessState, tick: number): void;
}
