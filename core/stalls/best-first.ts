/**
 * Depths in order of their total, from the least up. What is taken first is simulated only where no cut known already
 * proves that it is no better than the best so far; its successors are one step above the cut, one for each FIFO of it.
 * Every better set of depths lies at or above one of them, so nothing is lost.
 */
import type { Grid } from './grid.ts';
import type { Trial, Trials } from './trial.ts';

export interface FrontRequest {
  /** Of a token, by FIFO. */
  readonly weights: readonly number[];
  /** By FIFO: where to begin. */
  readonly floor: readonly number[];
  /** Makespan at full speed: the search ends there. */
  readonly target: number;
  /** Simulations of the trials, in all, after which it gives up. */
  readonly limit: number;
  report(message: string): void;
}

export interface Front {
  /** Every trial that was better than all of a smaller total. */
  readonly points: readonly Trial[];
  /** The last point is at full speed: the front is proven. */
  readonly isComplete: boolean;
}

/** Sets of depths looked at for each simulation allowed: bounds memory. */
const NODES = 500;

interface Node {
  readonly depths: readonly number[];
  readonly total: number;
}

export function bestFirst(trials: Trials, grid: Grid, request: FrontRequest): Front {
  const { weights, floor, target, limit, report } = request;
  const points: Trial[] = [];
  const cuts: Trial[] = [];
  const heap = new Heap();
  const seen = new Set<string>();
  const add = (depths: readonly number[], total: number) => {
    const key = depths.join();
    if (seen.has(key)) return;
    seen.add(key);
    heap.push({ depths, total });
  };
  add(
    floor,
    grid.sized.reduce((sum, fifo) => sum + floor[fifo]! * weights[fifo]!, 0),
  );
  let best = Number.POSITIVE_INFINITY;
  const most = NODES * Math.max(1, limit - trials.runs);
  for (let node = heap.pop(); node && best > target; node = heap.pop()) {
    const { depths, total } = node;
    let cut = cuts.find((known) => known.makespan >= best && excludes(known, depths)) ?? null;
    if (!cut) {
      if (trials.runs >= limit) return { points, isComplete: false };
      cut = trials.at(depths);
      if (!cut) return { points, isComplete: false };
      cuts.push(cut);
      if (cut.makespan < best) {
        best = cut.makespan;
        points.push(cut);
        report(`${best.toLocaleString('en-GB')} cycles with a total depth of ${total.toLocaleString('en-GB')}`);
      }
    }
    for (const fifo of cut.cut) {
      if (!grid.isSized(fifo)) continue;
      const depth = grid.next(fifo, Math.max(depths[fifo]!, cut.depths[fifo]!));
      add(depths.with(fifo, depth), total + (depth - depths[fifo]!) * weights[fifo]!);
    }
    if (seen.size > most) return { points, isComplete: false };
  }
  return { points, isComplete: best <= target };
}

/** Whether these depths are proven to be no better than the trial: none on its cut is deeper. */
function excludes({ depths, cut }: Trial, present: readonly number[]): boolean {
  return cut.every((fifo) => present[fifo]! <= depths[fifo]!);
}

/** Least total first, then in order of depths, so that runs are alike everywhere. */
class Heap {
  readonly #nodes: Node[] = [];

  push(node: Node): void {
    const nodes = this.#nodes;
    let at = nodes.push(node) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(node, nodes[parent]!)) break;
      nodes[at] = nodes[parent]!;
      at = parent;
    }
    nodes[at] = node;
  }

  pop(): Node | undefined {
    const nodes = this.#nodes;
    const first = nodes[0];
    const node = nodes.pop();
    if (!node || nodes.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= nodes.length) break;
      if (child + 1 < nodes.length && isBefore(nodes[child + 1]!, nodes[child]!)) child++;
      if (!isBefore(nodes[child]!, node)) break;
      nodes[at] = nodes[child]!;
      at = child;
    }
    nodes[at] = node;
    return first;
  }
}

function isBefore(one: Node, other: Node): boolean {
  if (one.total !== other.total) return one.total < other.total;
  const at = one.depths.findIndex((depth, index) => depth !== other.depths[index]);
  return at !== -1 && one.depths[at]! < other.depths[at]!;
}
