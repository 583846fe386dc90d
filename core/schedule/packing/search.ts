/**
 * Exact search over the pieces of one part. A branch puts a piece at its lowest address, below every piece still
 * waiting that meets it; packings pushed down (MiniMalloc's canonical ones, doi 10.1145/3623278.3624752) are all
 * reached so. What is tried next comes from one focus section: whatever lies at its bottom, or under that (a
 * persistent set); siblings tried before sleep until a neighbour is placed (sleep sets). README.md has the arguments.
 * Typed arrays throughout; below `run` nothing is allocated but where a list outgrows its array.
 */
import { Candidates } from './candidates.ts';
import { createFailures, type Failures } from './failures.ts';
import { meetings } from './meetings.ts';
import type { Part } from './parts.ts';
import { OBSTACLE, Placement, WAITING } from './placement.ts';

export const PACKED = 1;
export const IMPOSSIBLE = 0;
export const STOPPED = -1;
export type Outcome = typeof PACKED | typeof IMPOSSIBLE | typeof STOPPED;

/** How a run chooses; the verdict does not depend on it. */
export interface Strategy {
  /** Of pieces equally low, the least rank is tried first. */
  readonly rank: Int32Array;
  /** Units of slack that count as much as none when sections are compared. */
  readonly slackScale: number;
  /** Failures met in each section, for which it comes first; at least 1, and counted on. */
  readonly weight: Float64Array;
  readonly nodeLimit: number;
}

export interface Search {
  run(strategy: Strategy): Outcome;
  readonly nodes: () => number;
  /** Units, one a block; valid after PACKED. */
  readonly addresses: Float64Array;
}

/** Deeper than this a run stops rather than overflow the call stack. */
const DEEPEST = 2_000;

/**
 * @param capacity units. @param poll asked every few dozen branches; true stops the run.
 * @returns null when the part cannot be packed on the face of it (peak, fixed addresses, a block above the capacity).
 */
export function createSearch(part: Part, capacity: number, poll: (nodes: number) => boolean): Search | null {
  const { count, delta, owner, firstPiece, first, last, sections, alignment, extent } = part;
  const placement = new Placement(part, meetings(part), capacity);
  if (!placement.prepare()) return null;
  const { state, low, asleep, addresses, crossing } = placement;
  const candidates = new Candidates(placement);
  const failures: Failures = createFailures();
  /** Lists of waiting pieces, one below the other as the search deepens. */
  let lists = new Int32Array(4 * count + 64);
  let slackScale = 0;
  let nodes = 0;
  let stopAt = 0;
  let polls = 0;
  let isCancelled = false;

  function isOver(): boolean {
    if (nodes >= stopAt) return true;
    if ((++polls & 63) === 0 && poll(nodes)) isCancelled = true;
    return isCancelled;
  }

  /** Pieces lists[at … at + length) wait in sections from … to, apart from all else. */
  function search(at: number, length: number, from: number, to: number, depth: number): Outcome {
    nodes++;
    if (depth > DEEPEST || isOver()) return STOPPED;
    const key = failures.keyOf(lists, at, length, low, asleep);
    if (failures.has(key)) return IMPOSSIBLE;
    const key2 = failures.second();
    const key3 = failures.third();
    const base = candidates.count;
    const composite = candidates.gather(candidates.chooseFocus(from, to, slackScale));
    let outcome: Outcome = IMPOSSIBLE;
    if (composite >= 0) {
      candidates.count = base;
      outcome = tryAddresses(composite, at, length, from, to, depth);
    } else {
      // In large parts this is far more than a node's work: it counts, so that a budget bounds the time.
      nodes += candidates.looks >> 13;
      candidates.sift(base);
      const end = candidates.count;
      let i = base;
      for (; i < end; i++) {
        const p = candidates.list[i]!;
        if (isOver()) {
          outcome = STOPPED;
          break;
        }
        const mark = placement.mark();
        let isHarmless = false;
        if (placement.put(p)) {
          // With nothing raised, p takes no room from anyone: no packing needs it elsewhere.
          isHarmless = placement.raised === 0;
          addresses[owner[p]!] = low[p]! - delta[p]!;
          const isApart = placement.release(p, 1);
          outcome = proceed(at, length, from, to, depth, isApart);
          placement.release(p, -1);
        }
        placement.undo(mark);
        placement.unsettle(p);
        if (isHarmless) break;
        if (outcome !== IMPOSSIBLE) break;
        placement.setAsleep(p, 1);
      }
      for (let k = base; k < i; k++) placement.setAsleep(candidates.list[k]!, 0);
      candidates.count = base;
    }
    if (outcome === IMPOSSIBLE) failures.add(key, key2, key3);
    return outcome;
  }

  /** Every address a composite can have; one of them it must have. */
  function tryAddresses(block: number, at: number, length: number, from: number, to: number, depth: number): Outcome {
    const begin = firstPiece[block]!;
    const end = firstPiece[block + 1]!;
    const { hasObstacles } = placement;
    for (
      let address = low[begin]! - delta[begin]!;
      address + extent[block]! <= capacity;
      address += alignment[block]!
    ) {
      if (isOver()) return STOPPED;
      nodes++;
      const mark = placement.mark();
      let outcome: Outcome = IMPOSSIBLE;
      if (placement.decide(block, address)) {
        addresses[block] = address;
        failures.assume(block, address);
        for (let p = begin; p < end; p++) placement.release(p, 1);
        outcome = proceed(at, length, from, to, depth, true);
        for (let p = begin; p < end; p++) placement.release(p, -1);
        failures.assume(block, address);
      }
      placement.undo(mark);
      for (let p = begin; p < end; p++) if (state[p] === OBSTACLE) placement.unsettle(p);
      placement.hasObstacles = hasObstacles;
      if (outcome !== IMPOSSIBLE) return outcome;
    }
    return IMPOSSIBLE;
  }

  /** Goes on with what waits of a list; parts of it that no longer meet in time are packed one by one. */
  function proceed(at: number, length: number, from: number, to: number, depth: number, isApart: boolean): Outcome {
    const next = at + length;
    if (next + length > lists.length) {
      const older = lists;
      lists = new Int32Array(2 * older.length);
      lists.set(older);
    }
    if (!isApart) {
      const left = waitingOf(at, length, next, from, to);
      return left === 0 ? PACKED : search(next, left, from, to, depth + 1);
    }
    let start = from;
    for (let s = from; s <= to; s++) {
      if (s < to && crossing[s]! > 0) continue;
      const left = waitingOf(at, length, next, start, s);
      if (left > 0) {
        const outcome = search(next, left, start, s, depth + 1);
        if (outcome !== PACKED) return outcome;
      }
      start = s + 1;
    }
    return PACKED;
  }

  function waitingOf(at: number, length: number, into: number, from: number, to: number): number {
    let left = 0;
    for (let i = at; i < at + length; i++) {
      const p = lists[i]!;
      if (state[p] === WAITING && first[p]! <= to && last[p]! >= from) lists[into + left++] = p;
    }
    return left;
  }

  return {
    addresses,
    nodes: () => nodes,
    run(strategy) {
      candidates.rank = strategy.rank;
      slackScale = strategy.slackScale;
      stopAt = nodes + strategy.nodeLimit;
      placement.weight = strategy.weight;
      let length = 0;
      for (let p = 0; p < count; p++) if (state[p] === WAITING) lists[length++] = p;
      return length === 0 ? PACKED : proceed(0, length, 0, sections - 1, 0, true);
    },
  };
}
