/**
 * One simulation with given depths, and its cut: FIFOs of which at least one must be deeper for any better makespan.
 * At a deadlock these are the full FIFOs on the cycle of waits; else the FIFOs whose room the critical path waits
 * for; where a path cannot prove it (asynchronous transfers, shared channels, locks), all a writer ever waited for.
 * Storage dependencies: Stuijk, Geilen and Basten, IEEE Trans. Computers 57(10), 2008, section 5.
 */
import type { Ends } from '#core/simulate/network/code.ts';
import type { Network } from '#core/simulate/network/network.ts';
import { play } from '#core/simulate/network/player.ts';
import type { Deadlock, NetworkRun } from '#core/simulate/network/run.ts';
import { criticalPathOf, roomsOf } from './critical-path.ts';
import { eachOperation, endsOf, isMonotone, plainSizing, type Sizing } from './subject.ts';

export interface Trial {
  /** By FIFO of the network. */
  readonly depths: readonly number[];
  /** Infinity where it deadlocks. */
  readonly makespan: number;
  /** FIFOs; empty: no depths give less (the makespan is that without bounds, or the deadlock is a true one). */
  readonly cut: readonly number[];
}

/** A run, which is that of other depths too. */
interface Played {
  readonly trial: Trial;
  /** By FIFO: most tokens in it at once. */
  readonly maxima: readonly number[];
}

/** Simulates depths, each set once, and none that a run is already known of. */
export class Trials {
  readonly network: Network;
  readonly #sizing: Sizing;
  readonly #known = new Map<string, Trial>();
  readonly #played: Played[] = [];
  readonly #cancelled: () => boolean;
  readonly #hasPathCuts: boolean;
  readonly #ends: ReturnType<typeof endsOf>;
  #runs = 0;
  #events = 0;

  /** Throws RangeError where `network` is not a network. */
  constructor(network: Network, cancelled: () => boolean = () => false, sizing: Sizing = plainSizing(network)) {
    // As it is with the least depths: every way a transfer may take can be seen in it.
    this.network = { ...sizing.at(network.fifos.map(({ initial }) => Math.max(1, initial))), fifos: network.fifos };
    this.#cancelled = cancelled;
    this.#sizing = sizing;
    this.#hasPathCuts = isMonotone(network) && network.locks.length === 0 && !hasAsynchronous(network);
    this.#ends = endsOf(network);
  }

  /** Simulations so far. */
  get runs(): number {
    return this.#runs;
  }

  /** Events of these simulations. */
  get events(): number {
    return this.#events;
  }

  /** Null once cancelled. */
  at(depths: readonly number[]): Trial | null {
    const key = depths.join();
    const known = this.#known.get(key) ?? this.#told(depths);
    if (known) {
      this.#known.set(key, known);
      return known;
    }
    if (this.#cancelled()) return null;
    const network = this.#sizing.at(depths);
    this.#runs++;
    const run = play(network, { trace: this.#hasPathCuts, cancelled: this.#cancelled });
    if (!run) return null;
    this.#events += run.events;
    return this.learn(depths, network, run);
  }

  /** Takes `run` of `network` for the one with these depths; it has a trace. */
  learn(depths: readonly number[], network: Network, run: NetworkRun): Trial {
    const trial = run.deadlock
      ? { depths, makespan: Number.POSITIVE_INFINITY, cut: this.#blocked(run) }
      : { depths, makespan: run.makespan, cut: this.#withGated(this.#waited(network, run), depths) };
    this.#known.set(depths.join(), trial);
    this.#played.push({ trial, maxima: run.fifos.map(({ maximum }) => maximum) });
    return trial;
  }

  /** What a known run tells of these depths; null where they are to be simulated. */
  #told(depths: readonly number[]): Trial | null {
    const played = this.#played.find((one) => depths.every((depth, fifo) => this.#isAlike(one, fifo, depth)));
    return played ? { ...played.trial, depths } : null;
  }

  /** A FIFO that was never full holds up nobody: every depth that holds what was in it gives the same run, event by event. */
  #isAlike({ trial, maxima }: Played, fifo: number, depth: number): boolean {
    const before = trial.depths[fifo]!;
    if (depth === before) return true;
    const gates = this.#sizing.gates[fifo]!;
    const most = maxima[fifo]!;
    return most < before && most <= depth && gates.every((gate) => gate <= depth === gate <= before);
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

  #withGated(cut: readonly number[], depths: readonly number[]): readonly number[] {
    const gated = depths.flatMap((depth, fifo) => (depth < (this.#sizing.gates[fifo]!.at(-1) ?? 0) ? [fifo] : []));
    return gated.length === 0 ? cut : [...new Set([...cut, ...gated])];
  }

  #blocked({ deadlock }: NetworkRun): readonly number[] {
    return deadlock ? fullFifosOf(deadlock, this.#ends) : [];
  }
}

/**
 * FIFOs of which one must be deeper for a stuck network to go on: the full ones on the cycle of waits. Without a cycle
 * somebody waits for one that ended: full FIFOs it no longer reads, but none where a token is missing for ever.
 * Empty: no depths help.
 */
export function fullFifosOf({ cycle, waits }: Deadlock, ends: Ends): readonly number[] {
  const full = waits.filter(({ state }) => state === 'put');
  if (cycle.length > 0) return full.filter(({ process }) => cycle.includes(process)).map(({ on }) => on);
  const stuck = new Set(waits.map(({ process }) => process));
  if (waits.some(({ state, on }) => state === 'get' && !stuck.has(ends.writer[on]!))) return [];
  return full.filter(({ on }) => !stuck.has(ends.reader[on]!)).map(({ on }) => on);
}

function hasAsynchronous({ processes }: Network): boolean {
  let found = false;
  for (const { body } of processes)
    eachOperation(body, (operation) => {
      if ((operation.kind === 'load' || operation.kind === 'store') && operation.access === 'async') found = true;
    });
  return found;
}
