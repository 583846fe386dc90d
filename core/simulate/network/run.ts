/** What playing a network leaves: accounts that add up, and where it stands if it cannot go on. */
/** What a process is doing, or why it is not. */
export const STATES = ['busy', 'get', 'put', 'load', 'store', 'lock', 'barrier', 'reconfigure'] as const;
export type State = (typeof STATES)[number];

/** Ticks; busy + stallIn + stallOut + reconfigure = makespan of the network. */
export interface ProcessAccount {
  readonly busy: number;
  /** Waiting for tokens, loads, locks and barriers. */
  readonly stallIn: number;
  /** Waiting for room, stores and their responses, and after its last operation. */
  readonly stallOut: number;
  readonly reconfigure: number;
  /** Of the stalls: by FIFO (get, put) and by channel (load, store), for whom it waited. */
  readonly waits: readonly Wait[];
  /** First and last tick of its own operations. */
  readonly start: number;
  readonly end: number;
}

export interface Wait {
  readonly state: Exclude<State, 'busy' | 'reconfigure'>;
  /** Index of the FIFO, channel, lock or barrier. */
  readonly on: number;
  readonly ticks: number;
  readonly times: number;
}

export interface FifoAccount {
  /** Tokens that went in and came out. */
  readonly put: number;
  readonly got: number;
  /** Most tokens at any moment, within a tick too, in order of events: with this capacity nobody waits for room. */
  readonly maximum: number;
  /** Tick at which it was first full; null: never. */
  readonly firstFull: number | null;
  /** ∫ occupancy dt ÷ makespan, tokens. */
  readonly mean: number;
}

export interface ChannelAccount {
  readonly loadedBytes: number;
  readonly storedBytes: number;
  /** Ticks it moved data. */
  readonly busy: number;
  readonly requests: number;
}

/** A stuck network: who waits for what, and the cycle of waits that explains it. */
export interface Deadlock {
  readonly tick: number;
  readonly waits: readonly { readonly process: number; readonly state: State; readonly on: number }[];
  /** Processes of a shortest cycle in the wait-for graph, in order; empty where someone waits for a process that ended. */
  readonly cycle: readonly number[];
  /** `artificial`: a full FIFO is on the cycle, more room dissolves it (Parks 1995, section 4.2); `true`: only reads. */
  readonly kind: 'artificial' | 'true';
}

/** What happened when, as columns; a stretch that repeats is recorded once (`folds`), what follows it at its true time. */
export interface Trace {
  /** Intervals of processes: state as an index into STATES; on: FIFO, channel, lock or barrier, −1 for none. */
  readonly intervals: {
    readonly process: Int32Array;
    readonly state: Uint8Array;
    readonly on: Int32Array;
    readonly start: Float64Array;
    readonly end: Float64Array;
  };
  /** Data on channels. */
  readonly transfers: {
    readonly channel: Int32Array;
    readonly process: Int32Array;
    readonly isStore: Uint8Array;
    readonly bytes: Float64Array;
    readonly start: Float64Array;
    readonly end: Float64Array;
  };
  /**
   * Tokens in a FIFO from the end of a tick on, and the most at any moment of that tick: a token that is put and got in the
   * same tick is not in `tokens`, but took its place. In order of ticks.
   */
  readonly levels: {
    readonly fifo: Int32Array;
    readonly tick: Float64Array;
    readonly tokens: Float64Array;
    readonly most: Float64Array;
  };
  /** In order of `from` + `period`; inner ones before those they lie in. */
  readonly folds: readonly Fold[];
}

/** What is recorded in [from, from + period) happens `times` more, one period later each. */
export interface Fold {
  readonly from: number;
  readonly period: number;
  readonly times: number;
  /** FIFOs that hold so many tokens more (fewer) with every repetition; absent: none. */
  readonly drift?: readonly Drift[];
}

export interface Drift {
  readonly fifo: number;
  readonly tokens: number;
}

export interface NetworkRun {
  readonly makespan: number;
  readonly processes: readonly ProcessAccount[];
  readonly fifos: readonly FifoAccount[];
  readonly channels: readonly ChannelAccount[];
  readonly deadlock: Deadlock | null;
  /** Events handled, and those a run without folding would have handled. */
  readonly events: number;
  readonly unfoldedEvents: number;
  /** Null unless asked for. */
  readonly trace: Trace | null;
}
