/**
 * A network of processes: what the event simulator plays. A process is a program of operations without data-dependent
 * control; processes meet at FIFOs, off-chip channels, locks and barriers. Integer ticks; deterministic: who comes to a
 * channel or lock in the same tick goes by index. A process ends when its asynchronous transfers have been answered.
 */

export type Operation =
  /** Busy for `ticks`. */
  | { readonly kind: 'compute'; readonly ticks: number }
  /**
   * Takes (gives) `tokens` one after the other, `interval` ticks apart (0: all that are there at once); token i as soon as
   * it is there (there is room). So a transfer may be longer than the FIFO is deep.
   */
  | { readonly kind: 'get' | 'put'; readonly fifo: number; readonly tokens: number; readonly interval: number }
  /** `blocking`: beats of `beatBytes`, each waits for data or response. `burst`: one request, waited for. `async`: goes on at once. */
  | {
      readonly kind: 'load' | 'store';
      readonly channel: number;
      readonly bytes: number;
      readonly access: 'blocking' | 'burst' | 'async';
      readonly beatBytes: number;
    }
  /** Waits until at most `pending` asynchronous transfers of this process are under way. */
  | { readonly kind: 'await'; readonly pending: number }
  | { readonly kind: 'acquire' | 'release'; readonly lock: number }
  /** Busy with being reconfigured. */
  | { readonly kind: 'reconfigure'; readonly ticks: number }
  | { readonly kind: 'barrier'; readonly barrier: number };

/** A loop: its body, `repeat` times. Bodies nest, so that long runs are short programs. */
export interface Loop {
  readonly kind: 'loop';
  readonly repeat: number;
  readonly body: readonly Statement[];
}
export type Statement = Operation | Loop;

export interface Process {
  readonly name: string;
  readonly body: readonly Statement[];
}

export interface Fifo {
  readonly name: string;
  /** Tokens; Infinity is without bound. */
  readonly capacity: number;
  readonly initial: number;
}

export interface MemoryChannel {
  readonly name: string;
  readonly bytesPerTick: number;
  readonly latencyTicks: number;
  readonly responseTicks: number;
  readonly outstanding: number;
  readonly arbitration: 'first-come' | 'round-robin';
}

/** At most `count` processes at once; first come, first served. */
export interface Lock {
  readonly name: string;
  readonly count: number;
}

/** Everyone waits until `parties` have come. */
export interface Barrier {
  readonly name: string;
  readonly parties: number;
}

export interface Network {
  readonly processes: readonly Process[];
  readonly fifos: readonly Fifo[];
  readonly channels: readonly MemoryChannel[];
  readonly locks: readonly Lock[];
  readonly barriers: readonly Barrier[];
}
