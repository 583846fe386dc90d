/**
 * A task graph: what has to be computed, as tasks that fire and streams of tokens between them. It knows no hardware;
 * core/fabric is where it runs and core/stages says what runs when. A task is a cyclo-static actor (Bilsen et al., IEEE
 * TSP 44(2), 1996) with the loop nest of one firing beside it.
 */
import type { TASK_FORMATS } from '#core/catalog/tasks/common.ts';

/** Format of an operand; throughput and energy of a core depend on it. */
export type TaskFormat = (typeof TASK_FORMATS)[number];

/** A task runs `blocks` times `firings` firings a run, all alike but for the cyclic rates of its streams. */
export interface Task {
  /** Document node. */
  readonly node: string;
  readonly name: string;
  /** Multiply-accumulates on cores, or evaluations (exponentials, roots, …) on a special-function unit. */
  readonly operation: 'mac' | 'special';
  readonly format: TaskFormat;
  /** ≥ 1. Rows, heads, bands: the outer loop. */
  readonly blocks: number;
  /** ≥ 1. Firings of one block. */
  readonly firings: number;
  /** MACs or evaluations of one firing, ≥ 0. */
  readonly work: number;
  /** The loop nest of a firing as it is built. */
  readonly nest: LoopNest;
  /** Explicit ticks of the firings, cyclic, in place of work and nest (SDF graphs); empty where they follow from work. */
  readonly times: readonly number[];
  /** Most MACs (evaluations) a tick it can use as built, however many it is given: the unrolling; 0 is no limit. */
  readonly unroll: number;
  /**
   * Words an iteration reads from and writes to the banks; with more than they have ports iterations follow each other that
   * much slower: II = ⌈accesses ÷ (banks · ports)⌉. Absent: not limited by banks.
   */
  readonly bankAccesses?: number;
  /** Fabric nodes' names it may run on; empty: any of its operation. */
  readonly cores: readonly string[];
  /** Stage it was put in by hand, ≥ 1; 0 leaves it to the mode. */
  readonly stage: number;
}

/**
 * Ticks of a firing with `lanes` MACs a tick. Flattened: II · ⌈work ÷ lanes⌉, and `depth` once where the task starts.
 * Nested: starts · (II · ⌈work ÷ (starts · lanes)⌉ + depth + exit) (InTAR's kernels; Vitis HLS user guide UG1399, loop
 * pipelining and flattening). `overhead` is added to every firing of both.
 */
export interface LoopNest {
  readonly isFlattened: boolean;
  /** Initiation interval, ticks ≥ 1. */
  readonly interval: number;
  /** Ticks from an iteration's start to its result. */
  readonly depth: number;
  /** Ticks to leave the inner loop. */
  readonly exit: number;
  /** How often a firing enters its inner loop, ≥ 1. */
  readonly starts: number;
  /** Ticks of control a firing. */
  readonly overhead: number;
}

/**
 * When tokens move. `firing`: rate tokens at every firing (taken before it, given after it). `block`: rate tokens a block,
 * taken before its first firing or given after its last. `task`: all at once, before the first or after the last firing
 * of the run: such a stream is a barrier between its ends.
 */
export type Granularity = 'firing' | 'block' | 'task';

export interface StreamEnd {
  /** Into `tasks`. */
  readonly task: number;
  readonly per: Granularity;
  /** Tokens a firing (cyclic over firings), a block (cyclic over blocks) or the run (one entry). */
  readonly rates: readonly number[];
}

/** A first-in-first-out channel between two tasks: a FIFO where both are in one stage, else a buffer of the whole tensor. */
export interface Stream {
  readonly node: string;
  readonly name: string;
  readonly from: StreamEnd;
  readonly to: StreamEnd;
  /** Tokens a FIFO holds, ≥ 1; 0 is without bound. */
  readonly depth: number;
  /** Bits of a token. */
  readonly bits: number;
  /** Tokens in it at the beginning. */
  readonly initial: number;
}

/**
 * How an off-chip transfer waits. `blocking`: one beat after the other, each waiting for its response. `burst`: one request
 * for the bytes of a firing (block, task), waited for. `async`: requested one firing ahead (double buffered), stores not
 * waited for.
 */
export type Access = 'blocking' | 'burst' | 'async';

/** A tensor that lies off chip: input, weights, result. */
export interface OffChipTensor {
  readonly node: string;
  readonly name: string;
  /** Bytes of the tensor. */
  readonly bytes: number;
  readonly ends: readonly OffChipEnd[];
}

export interface OffChipEnd {
  /** Node of an access drawn between, whose parameters these are; absent where they are the tensor's own. */
  readonly by?: string;
  readonly task: number;
  readonly direction: 'load' | 'store';
  /** How often the whole tensor crosses in a run, ≥ 1. */
  readonly passes: number;
  /** Bytes are spread evenly over firings, blocks, or moved at once. */
  readonly per: Granularity;
  readonly access: Access;
  /** Bytes of a beat of a blocking access. */
  readonly beatBytes: number;
  /** Name of the channel in the fabric; empty: the ends take turns. */
  readonly channel: string;
}

export interface TaskGraph {
  readonly title: string;
  readonly tasks: readonly Task[];
  readonly streams: readonly Stream[];
  readonly tensors: readonly OffChipTensor[];
  /** What the drawing says of itself; null where it has no design note. */
  readonly note: DesignNote | null;
}

/** Which design a drawing is, and what is known of it from outside. */
export interface DesignNote {
  readonly node: string;
  /** The mode it is drawn for; 'any' leaves it to the run. */
  readonly mode: 'any' | 'sequential' | 'dataflow' | 'reconfigurable';
  /** Title of the fabric it is drawn for; empty: any. */
  readonly fabric: string;
  /** Cycles measured on hardware; 0: none. */
  readonly measuredCycles: number;
  readonly measuredSource: string;
  /** What the authors claim, in a sentence. */
  readonly claim: string;
  /** Whether constants of this drawing were fitted to `measuredCycles`, or it was held aside. */
  readonly calibration: 'none' | 'fitted' | 'held-aside';
}
