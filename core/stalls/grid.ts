/** Depths worth trying, and what a FIFO needs while the others are as deep as they like. */
import { type FifoFacts, fifoFacts } from './subject.ts';
import type { Trial, Trials } from './trial.ts';

/** What one FIFO needs when all others are as deep as they like. */
export interface FifoNeed {
  readonly fifo: number;
  readonly withoutDeadlock: number;
  readonly fullSpeed: number;
}

export class Grid {
  readonly sized: readonly number[];
  readonly #trials: Trials;
  readonly #facts: readonly FifoFacts[];
  readonly #isSized: readonly boolean[];

  constructor(trials: Trials, sized: readonly number[]) {
    this.#trials = trials;
    this.sized = sized;
    this.#facts = fifoFacts(trials.network);
    this.#isSized = trials.network.fifos.map((_, index) => sized.includes(index));
  }

  isSized(fifo: number): boolean {
    return this.#isSized[fifo]!;
  }

  least(fifo: number): number {
    return this.#facts[fifo]!.least;
  }

  /** Depths between two multiples of it are as the lower one. */
  quantum(fifo: number): number {
    return this.#facts[fifo]!.quantum;
  }

  /** Depth at which nothing can wait for room: all tokens of the run. */
  most(fifo: number): number {
    const { least, put } = this.#facts[fifo]!;
    return this.up(fifo, Math.max(least, put + this.#trials.network.fifos[fifo]!.initial));
  }

  /** The next depth that differs from `depth`. */
  next(fifo: number, depth: number): number {
    const { quantum } = this.#facts[fifo]!;
    return (Math.floor(depth / quantum) + 1) * quantum;
  }

  /** The least depth at or above `depth` of those worth trying. */
  up(fifo: number, depth: number): number {
    const { quantum, least } = this.#facts[fifo]!;
    return depth <= least ? least : Math.ceil(depth / quantum) * quantum;
  }

  /** Least depth in [low, high] `holds` is true of, which is true of `high` and then of all above. Null: cancelled. */
  search(fifo: number, low: number, high: number, holds: (depth: number) => boolean | null): number | null {
    const { quantum } = this.#facts[fifo]!;
    const first = holds(low);
    if (first === null) return null;
    if (first) return low;
    let [below, above] = [Math.floor(low / quantum), Math.ceil(high / quantum)];
    while (above - below > 1) {
      const middle = (below + above) >> 1;
      const good = holds(middle * quantum);
      if (good === null) return null;
      if (good) above = middle;
      else below = middle;
    }
    return above * quantum;
  }

  /**
   * `fixed` depths with all other sized FIFOs as deep as they like: those on the cut are doubled until none is.
   * The makespan is that with the others unbounded. Null: cancelled.
   */
  relaxed(fixed: ReadonlyMap<number, number>, from: readonly number[] | null = null): Trial | null {
    const { network } = this.#trials;
    const depths = network.fifos.map(({ capacity }, fifo) =>
      this.isSized(fifo)
        ? (fixed.get(fifo) ?? from?.[fifo] ?? this.up(fifo, Math.min(capacity, this.most(fifo))))
        : capacity,
    );
    for (;;) {
      const trial = this.#trials.at([...depths]);
      if (!trial) return null;
      const grown = trial.cut.filter(
        (fifo) => this.isSized(fifo) && !fixed.has(fifo) && depths[fifo]! < this.most(fifo),
      );
      if (grown.length === 0) return trial;
      for (const fifo of grown) depths[fifo] = Math.min(this.most(fifo), this.up(fifo, 2 * depths[fifo]!));
    }
  }

  /** What each needs by itself; of FIFOs `simulations` do not suffice for, the least and most possible. Null: cancelled. */
  needs(full: Trial, simulations: number): readonly FifoNeed[] | null {
    const end = this.#trials.runs + simulations;
    const needs: FifoNeed[] = [];
    for (const fifo of this.sized) {
      if (this.#trials.runs > end) {
        needs.push({ fifo, withoutDeadlock: this.least(fifo), fullSpeed: full.depths[fifo]! });
        continue;
      }
      const within = (makespan: number) => (depth: number) => {
        const trial = this.relaxed(new Map([[fifo, depth]]), full.depths);
        return trial && trial.makespan <= makespan;
      };
      const fullSpeed = this.search(fifo, this.least(fifo), full.depths[fifo]!, within(full.makespan));
      if (fullSpeed === null) return null;
      const withoutDeadlock = this.search(fifo, this.least(fifo), fullSpeed, within(Number.MAX_VALUE));
      if (withoutDeadlock === null) return null;
      needs.push({ fifo, withoutDeadlock, fullSpeed });
    }
    return needs;
  }

  /** By FIFO of the network: below these depths it deadlocks whatever the others are. */
  floor(needs: readonly FifoNeed[]): readonly number[] {
    const depths = this.#trials.network.fifos.map(({ capacity }) => capacity);
    for (const { fifo, withoutDeadlock } of needs) depths[fifo] = withoutDeadlock;
    return depths;
  }
}
