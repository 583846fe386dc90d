/**
 * One simulation with given depths, and its cut: FIFOs of which at least one must be deeper for any better makespan.
 * At a deadlock these are the full FIFOs on the cycle of waits; else the FIFOs whose room the critical path waits
 * for; where a path cannot prove it (asynchronous transfers, shared channels, locks), all a writer ever waited for.
 * Storage dependencies: Stuijk, Geilen and Basten, IEEE Trans. Computers 57(10), 2008, section 5.
 */
import type { Network } from '#core/simulate/network/network.ts';
import { play } from '#core/simulate/network/player.ts';
import type { NetworkRun } from '#core/simulate/network/run.ts';
import { criticalPathOf, roomsOf } from './critical-path.ts';
import { eachOperation, endsOf, isMonotone, withDepths } from './subject.ts';

export interface Trial {
  /** By FIFO of the network. */
  readonly depths: readonly number[];
  /** Infinity where it deadlocks. */
  readonly makespan: number;
  /** FIFOs; empty: no depths give less (the makespan is that without bounds, or the deadlock is a true one). */
  readonly cut: readonly number[];
}

/** Simulates depths, each set once. */
export class Trials {
  readonly network: Network;
  readonly #known = new Map<string, Trial>();
  readonly #cancelled: () => boolean;
  readonly #hasPathCuts: boolean;
  readonly #ends: ReturnType<typeof endsOf>;
  #runs = 0;

  /** Throws RangeError where `network` is not a network. */
  constructor(network: Network, cancelled: () => boolean = () => false) {
    this.network = network;
    this.#cancelled = cancelled;
    this.#hasPathCuts = isMonotone(network) && network.locks.length === 0 && !hasAsynchronous(network);
    this.#ends = endsOf(network);
  }

  /** Simulations so far. */
  get runs(): number {
    return this.#runs;
  }

  /** Null once cancelled. */
  at(depths: readonly number[]): Trial | null {
    const key = depths.join();
    const known = this.#known.get(key);
    if (known) return known;
    const network = withDepths(this.network, depths);
    this.#runs++;
    const run = play(network, { trace: this.#hasPathCuts, cancelled: this.#cancelled });
    if (!run) return null;
    const trial = run.deadlock
      ? { depths, makespan: Number.POSITIVE_INFINITY, cut: this.#blocked(run) }
      : { depths, makespan: run.makespan, cut: this.#waited(network, run) };
    this.#known.set(key, trial);
    return trial;
  }

  #waited(network: Network, run: NetworkRun): readonly number[] {
    if (this.#hasPathCuts) {
      const path = criticalPathOf(network, run);
      return path ? [...roomsOf(path)] : [];
    }
    const waited = new Set<number>();
    for (const { waits } of run.processes) for (const { state, on } of waits) if (state === 'put') waited.add(on);
    return [...waited];
  }

  /** Full FIFOs on the cycle; without one, those whose reader has ended or is none: room lets their writers end. */
  #blocked({ deadlock }: NetworkRun): readonly number[] {
    const { cycle, waits } = deadlock!;
    const stuck = new Set(waits.map(({ process }) => process));
    const full = waits.filter(({ state }) => state === 'put');
    const counted =
      cycle.length > 0
        ? full.filter(({ process }) => cycle.includes(process))
        : full.filter(({ on }) => !stuck.has(this.#ends.reader[on]!));
    return counted.map(({ on }) => on);
  }
}

function hasAsynchronous({ processes }: Network): boolean {
  let found = false;
  for (const { body } of processes)
    eachOperation(body, (operation) => {
      if ((operation.kind === 'load' || operation.kind === 'store') && operation.access === 'async') found = true;
    });
  return found;
}
