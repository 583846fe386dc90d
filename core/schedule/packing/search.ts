/**
 * Exact search over the pieces of one part. A branch puts a piece at its lowest address, below every piece still
 * waiting that meets it; packings pushed down (MiniMalloc's canonical ones, doi 10.1145/3623278.3624752) are all
 * reached so. What is tried next comes from one focus section: whatever lies at its bottom, or under that (a
 * persistent set); siblings tried before sleep until a neighbour is placed (sleep sets). README.md has the arguments.
 * Typed arrays throughout; below `run` nothing is allocated but where a list outgrows its array.
 */
import { createFailures, type Failures } from './failures.ts';
import { meetings } from './meetings.ts';
import type { Part } from './parts.ts';

export const PACKED = 1;
export const IMPOSSIBLE = 0;
export const STOPPED = -1;
export type Outcome = typeof PACKED | typeof IMPOSSIBLE | typeof STOPPED;

/** How a run chooses; the verdict does not depend on it. */
export interface Strategy {
  /** Of pieces equally low, the least rank is tried first. */
  readonly rank: Int32Array;
  /** Units of slack that count as much as none when sections are compared; null looks at the whole part, lowest first. */
  readonly slackScale: number | null;
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
const WAITING = 0;
const PLACED = 1;
/** At an address given or decided, with pieces still to come under and over it. */
const OBSTACLE = 2;

/**
 * @param capacity units. @param poll asked every few dozen branches; true stops the run.
 * @returns null when the part cannot be packed on the face of it (peak, fixed addresses, a block above the capacity).
 */
export function createSearch(part: Part, capacity: number, poll: (nodes: number) => boolean): Search | null {
  const { count, size, delta, owner, firstPiece, first, last, sections, alignment, extent } = part;
  const met = meetings(part);
  const { meets, meetsFrom, members, membersFrom } = met;
  const state = new Uint8Array(count);
  const low = new Float64Array(count);
  const asleep = new Uint8Array(count);
  const addresses = new Float64Array(part.blocks.length);
  /** A composite moves as one: its pieces wait together and are decided together. */
  const isComposite = Uint8Array.from(owner, (block) => Number(firstPiece[block + 1]! - firstPiece[block]! > 1));
  /** Per section: bytes still waiting, the lowest any of them can lie, obstacles above that, failures met there. */
  const waiting = new Float64Array(sections);
  const floor = new Float64Array(sections);
  const above = new Float64Array(sections);
  let weight: Float64Array = new Float64Array(sections);
  /** Pieces waiting on both sides of the border after a section; a composite spans all between its pieces. */
  const crossing = new Int32Array(sections);
  /** Per section: pieces that could lie at its bottom; counted again only where something has changed. */
  const open = new Int32Array(sections);
  const isStale = new Uint8Array(sections).fill(1);
  const twin = twins(part, isComposite);
  let hasObstacles = false;

  // Undo log: low [0, n), asleep [n, 2n), floor [2n, 2n + s), above [2n + s, …).
  let trailAt = new Int32Array(1 << 12);
  let trailValue = new Float64Array(1 << 12);
  let trailLength = 0;
  const floorAt = 2 * count;
  const aboveAt = floorAt + sections;
  /** Lists of waiting pieces, one below the other as the search deepens; and of candidates. */
  let lists = new Int32Array(4 * count + 64);
  let candidates = new Int32Array(4 * count + 64);
  let candidateCount = 0;

  const dirty = new Int32Array(sections);
  const dirtyMark = new Int32Array(sections);
  let dirtyCount = 0;
  let dirtyRound = 0;
  const pieceMark = new Int32Array(count);
  let pieceRound = 0;
  const reach = new Float64Array(count);

  let rank: Int32Array = new Int32Array(count);
  let slackScale: number | null = 0;
  let nodes = 0;
  let stopAt = 0;
  let polls = 0;
  let isCancelled = false;
  let raised = 0;
  const failures: Failures = createFailures();

  function log(at: number, value: number): void {
    if (trailLength === trailAt.length) {
      const [olderAt, olderValue] = [trailAt, trailValue];
      trailAt = new Int32Array(2 * trailLength);
      trailAt.set(olderAt);
      trailValue = new Float64Array(2 * trailLength);
      trailValue.set(olderValue);
    }
    trailAt[trailLength] = at;
    trailValue[trailLength++] = value;
  }

  function undo(mark: number): void {
    while (trailLength > mark) {
      const at = trailAt[--trailLength]!;
      const value = trailValue[trailLength]!;
      if (at < count) {
        low[at] = value;
        spoil(at);
      } else if (at < floorAt) {
        asleep[at - count] = value;
        spoil(at - count);
      } else if (at < aboveAt) floor[at - floorAt] = value;
      else above[at - aboveAt] = value;
    }
  }

  function spoil(p: number): void {
    for (let s = first[p]!, end = last[p]!; s <= end; s++) isStale[s] = 1;
  }

  function touch(section: number): void {
    if (dirtyMark[section] === dirtyRound) return;
    dirtyMark[section] = dirtyRound;
    dirty[dirtyCount++] = section;
  }

  /** Sets the lowest place of one piece; its sections whose floor it was are looked at again. */
  function lift(p: number, to: number): void {
    const before = low[p]!;
    log(p, before);
    low[p] = to;
    raised++;
    for (let s = first[p]!, end = last[p]!; s <= end; s++) {
      isStale[s] = 1;
      if (floor[s]! >= before) touch(s);
    }
  }

  /** A waiting piece must lie at `least` or above; false when it then does not fit. */
  function raise(p: number, least: number): boolean {
    const block = owner[p]!;
    const step = alignment[block]!;
    let address = Math.max(0, least - delta[p]!);
    if (step > 1) address = Math.ceil(address / step) * step;
    if (isComposite[p]) {
      if (address + extent[block]! > capacity) return false;
      for (let q = firstPiece[block]!; q < firstPiece[block + 1]!; q++)
        if (low[q]! < address + delta[q]!) lift(q, address + delta[q]!);
      return true;
    }
    if (hasObstacles) {
      for (let isMoved = true; isMoved; ) {
        isMoved = false;
        const at = address + delta[p]!;
        for (let k = meetsFrom[p]!, end = meetsFrom[p + 1]!; k < end; k++) {
          const other = meets[k]!;
          if (state[other] !== OBSTACLE) continue;
          if (at < low[other]! + size[other]! && low[other]! < at + size[p]!) {
            address = Math.ceil((low[other]! + size[other]! - delta[p]!) / step) * step;
            isMoved = true;
            break;
          }
        }
      }
    }
    if (address + extent[block]! > capacity) return false;
    if (low[p]! < address + delta[p]!) lift(p, address + delta[p]!);
    return true;
  }

  /** Section inference: what waits in a section fits above the lowest place any of it can take. */
  function areSectionsOpen(): boolean {
    for (let k = 0; k < dirtyCount; k++) {
      const s = dirty[k]!;
      const left = waiting[s]!;
      if (left === 0) continue;
      let least = capacity;
      const end = membersFrom[s + 1]!;
      for (let q = membersFrom[s]!; q < end; q++) {
        const p = members[q]!;
        if (state[p] === WAITING && low[p]! < least) least = low[p]!;
      }
      let overhead = 0;
      if (hasObstacles) {
        for (let q = membersFrom[s]!; q < end; q++) {
          const p = members[q]!;
          if (state[p] === OBSTACLE && low[p]! >= least) overhead += size[p]!;
        }
        if (overhead !== above[s]) {
          log(aboveAt + s, above[s]!);
          above[s] = overhead;
        }
      }
      if (least !== floor[s]) {
        log(floorAt + s, floor[s]!);
        floor[s] = least;
      }
      if (least + left + overhead > capacity) {
        weight[s]! += 1;
        return false;
      }
    }
    return true;
  }

  function startRound(): void {
    dirtyRound++;
    dirtyCount = 0;
    raised = 0;
  }

  /** Takes a piece out of what waits. */
  function settle(p: number, as: number): void {
    state[p] = as;
    for (let s = first[p]!, end = last[p]!; s <= end; s++) {
      waiting[s]! -= size[p]!;
      isStale[s] = 1;
      touch(s);
    }
  }

  function unsettle(p: number): void {
    state[p] = WAITING;
    for (let s = first[p]!, end = last[p]!; s <= end; s++) waiting[s]! += size[p]!;
    spoil(p);
  }

  function wake(p: number): void {
    if (asleep[p] === 0) return;
    log(count + p, 1);
    asleep[p] = 0;
    spoil(p);
  }

  /** Puts a plain piece where it is lowest, under all that waits and meets it. */
  function put(p: number): boolean {
    startRound();
    settle(p, PLACED);
    const top = low[p]! + size[p]!;
    for (let k = meetsFrom[p]!, end = meetsFrom[p + 1]!; k < end; k++) {
      const other = meets[k]!;
      if (state[other] !== WAITING) continue;
      wake(other);
      if (low[other]! >= top) continue;
      if (!raise(other, top)) {
        weight[Math.max(first[other]!, first[p]!)]! += 1;
        return false;
      }
    }
    return areSectionsOpen();
  }

  /** Gives a composite an address; what waits may come to lie under it, between its pieces and over it. */
  function decide(block: number, address: number): boolean {
    startRound();
    const begin = firstPiece[block]!;
    const end = firstPiece[block + 1]!;
    for (let p = begin; p < end; p++) {
      settle(p, OBSTACLE);
      if (low[p] !== address + delta[p]!) {
        log(p, low[p]!);
        low[p] = address + delta[p]!;
      }
    }
    hasObstacles = true;
    for (let p = begin; p < end; p++) {
      for (let k = meetsFrom[p]!; k < meetsFrom[p + 1]!; k++) {
        const other = meets[k]!;
        const isOver = low[other]! < low[p]! + size[p]! && low[p]! < low[other]! + size[other]!;
        if (state[other] === OBSTACLE && isOver && owner[other] !== block) return false;
        if (state[other] !== WAITING) continue;
        wake(other);
        if (isOver && !isComposite[other] && !raise(other, low[other]!)) return false;
      }
    }
    return areSectionsOpen();
  }

  /** Borders a piece holds together; returns whether one of them fell apart. */
  function release(p: number, by: number): boolean {
    const block = owner[p]!;
    let isApart = false;
    const end = isComposite[p] ? hullEnd(block) : last[p]!;
    for (let s = isComposite[p] ? hullStart(block) : first[p]!; s < end; s++) {
      crossing[s]! -= by;
      if (crossing[s] === 0) isApart = true;
    }
    return isApart;
  }

  function hullStart(block: number): number {
    let least = sections;
    for (let p = firstPiece[block]!; p < firstPiece[block + 1]!; p++) least = Math.min(least, first[p]!);
    return least;
  }

  function hullEnd(block: number): number {
    let most = 0;
    for (let p = firstPiece[block]!; p < firstPiece[block + 1]!; p++) most = Math.max(most, last[p]!);
    return most;
  }

  function openPieces(s: number, highest: number): number {
    let pieces = 0;
    for (let q = membersFrom[s]!, end = membersFrom[s + 1]!; q < end; q++) {
      const p = members[q]!;
      if (state[p] === WAITING && low[p]! <= highest && asleep[p] === 0) pieces++;
    }
    return pieces;
  }

  /** The section with the fewest pieces for its bottom, tight and often fatal sections first. */
  function chooseFocus(from: number, to: number, scale: number): number {
    let best = -1;
    let bestScore = Infinity;
    for (let s = from; s <= to; s++) {
      const left = waiting[s]!;
      if (left === 0) continue;
      const highest = capacity - left;
      if (isStale[s] === 1) {
        isStale[s] = 0;
        open[s] = openPieces(s, highest);
      }
      const choices = open[s]!;
      const slack = highest - floor[s]! - above[s]!;
      const score = (choices > 1 ? choices * (slack + scale) : choices) / weight[s]!;
      if (score < bestScore) {
        bestScore = score;
        best = s;
      }
    }
    return best;
  }

  function addCandidate(p: number): void {
    if (candidateCount === candidates.length) {
      const older = candidates;
      candidates = new Int32Array(2 * older.length);
      candidates.set(older);
    }
    candidates[candidateCount++] = p;
  }

  /**
   * Candidates from `base` on: pieces that can lie at the bottom of the section, and those that can lie under one of
   * them with something of the section still to fit on top. Returns a composite among them, or −1.
   */
  function gather(section: number, base: number): number {
    const highest = capacity - waiting[section]!;
    pieceRound++;
    for (let q = membersFrom[section]!, end = membersFrom[section + 1]!; q < end; q++) {
      const p = members[q]!;
      if (state[p] !== WAITING || low[p]! > highest) continue;
      if (isComposite[p]) return owner[p]!;
      pieceMark[p] = pieceRound;
      reach[p] = highest;
      addCandidate(p);
    }
    let looks = 0;
    for (let i = base; i < candidateCount; i++) {
      const p = candidates[i]!;
      const limit = reach[p]!;
      looks += meetsFrom[p + 1]! - meetsFrom[p]!;
      for (let k = meetsFrom[p]!, end = meetsFrom[p + 1]!; k < end; k++) {
        const other = meets[k]!;
        if (state[other] !== WAITING) continue;
        const most = limit - size[other]!;
        if (low[other]! > most) continue;
        if (isComposite[other]) return owner[other]!;
        if (pieceMark[other] === pieceRound && reach[other]! >= most) continue;
        pieceMark[other] = pieceRound;
        reach[other] = most;
        addCandidate(other);
      }
    }
    // In large parts this is far more than a node's work: it counts, so that a budget bounds the time.
    nodes += looks >> 13;
    return -1;
  }

  /** Every piece that could be the lowest of all that waits: MiniMalloc's own branching. */
  function gatherLowest(at: number, length: number): number {
    let ceiling = Infinity;
    for (let i = at; i < at + length; i++) {
      const p = lists[i]!;
      if (isComposite[p]) return owner[p]!;
      ceiling = Math.min(ceiling, low[p]! + size[p]!);
    }
    for (let i = at; i < at + length; i++) if (low[lists[i]!]! < ceiling) addCandidate(lists[i]!);
    return -1;
  }

  const isBefore = (p: number, other: number): boolean =>
    low[p]! < low[other]! || (low[p] === low[other] && rank[p]! < rank[other]!);
  const lowestFirst = (p: number, other: number): number => (isBefore(p, other) ? -1 : 1);

  /** Leaves awake candidates once each, lowest first. */
  function sift(base: number): void {
    pieceRound++;
    let kept = base;
    for (let i = base; i < candidateCount; i++) {
      const p = candidates[i]!;
      if (pieceMark[p] === pieceRound) continue;
      pieceMark[p] = pieceRound;
      if (asleep[p] === 1 || (twin[p]! >= 0 && state[twin[p]!] === WAITING)) continue;
      candidates[kept++] = p;
    }
    candidateCount = kept;
    if (kept - base > 64) {
      candidates.subarray(base, kept).sort(lowestFirst);
      return;
    }
    for (let i = base + 1; i < kept; i++) {
      const p = candidates[i]!;
      let j = i - 1;
      for (; j >= base && isBefore(p, candidates[j]!); j--) candidates[j + 1] = candidates[j]!;
      candidates[j + 1] = p;
    }
  }

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
    const base = candidateCount;
    const composite = slackScale === null ? gatherLowest(at, length) : gather(chooseFocus(from, to, slackScale), base);
    let outcome: Outcome = IMPOSSIBLE;
    if (composite >= 0) {
      candidateCount = base;
      outcome = tryAddresses(composite, at, length, from, to, depth);
    } else {
      sift(base);
      const end = candidateCount;
      let i = base;
      for (; i < end; i++) {
        const p = candidates[i]!;
        if (isOver()) {
          outcome = STOPPED;
          break;
        }
        const mark = trailLength;
        let isHarmless = false;
        if (put(p)) {
          // With nothing raised, p takes no room from anyone: no packing needs it elsewhere.
          isHarmless = raised === 0;
          addresses[owner[p]!] = low[p]! - delta[p]!;
          const isApart = release(p, 1);
          outcome = proceed(at, length, from, to, depth, isApart);
          release(p, -1);
        }
        undo(mark);
        unsettle(p);
        if (isHarmless) break;
        if (outcome !== IMPOSSIBLE) break;
        asleep[p] = 1;
        spoil(p);
      }
      for (let k = base; k < i; k++) {
        asleep[candidates[k]!] = 0;
        spoil(candidates[k]!);
      }
      candidateCount = base;
    }
    if (outcome === IMPOSSIBLE) failures.add(key, key2, key3);
    return outcome;
  }

  /** Every address a composite can have; one of them it must have. */
  function tryAddresses(block: number, at: number, length: number, from: number, to: number, depth: number): Outcome {
    const begin = firstPiece[block]!;
    const end = firstPiece[block + 1]!;
    const hadObstacles = hasObstacles;
    for (
      let address = low[begin]! - delta[begin]!;
      address + extent[block]! <= capacity;
      address += alignment[block]!
    ) {
      if (isOver()) return STOPPED;
      nodes++;
      const mark = trailLength;
      let outcome: Outcome = IMPOSSIBLE;
      if (decide(block, address)) {
        addresses[block] = address;
        failures.assume(block, address);
        for (let p = begin; p < end; p++) release(p, 1);
        outcome = proceed(at, length, from, to, depth, true);
        for (let p = begin; p < end; p++) release(p, -1);
        failures.assume(block, address);
      }
      undo(mark);
      for (let p = begin; p < end; p++) if (state[p] === OBSTACLE) unsettle(p);
      hasObstacles = hadObstacles;
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

  /** Fixed blocks, first places, first sums; false when something cannot be. */
  function prepare(): boolean {
    startRound();
    for (let p = 0; p < count; p++) {
      const address = part.fixed[owner[p]!]!;
      if (extent[owner[p]!]! > capacity) return false;
      if (address < 0) {
        for (let s = first[p]!; s <= last[p]!; s++) waiting[s]! += size[p]!;
        release(p, -1);
        continue;
      }
      if (address % alignment[owner[p]!]! !== 0 || address + extent[owner[p]!]! > capacity) return false;
      state[p] = OBSTACLE;
      low[p] = address + delta[p]!;
      addresses[owner[p]!] = address;
      hasObstacles = true;
    }
    for (let p = 0; p < count; p++) {
      for (let k = meetsFrom[p]!; k < meetsFrom[p + 1]!; k++) {
        const other = meets[k]!;
        const isOver = low[other]! < low[p]! + size[p]! && low[p]! < low[other]! + size[other]!;
        if (isOver && state[p] === OBSTACLE && state[other] === OBSTACLE && owner[p] !== owner[other]) return false;
      }
      if (state[p] === WAITING && !raise(p, 0)) return false;
    }
    for (let s = 0; s < sections; s++) {
      floor[s] = -1;
      touch(s);
    }
    const isOpen = areSectionsOpen();
    trailLength = 0;
    return isOpen;
  }

  if (!prepare()) return null;
  return {
    addresses,
    nodes: () => nodes,
    run(strategy) {
      rank = strategy.rank;
      slackScale = strategy.slackScale;
      stopAt = nodes + strategy.nodeLimit;
      weight = strategy.weight;
      let length = 0;
      for (let p = 0; p < count; p++) if (state[p] === WAITING) lists[length++] = p;
      return length === 0 ? PACKED : proceed(0, length, 0, sections - 1, 0, true);
    },
  };
}

/** For each piece the one before it that is its like in all respects: of the two, it is the lower. */
function twins(part: Part, isComposite: Uint8Array): Int32Array {
  const { count, first, last, size, delta, owner, alignment, extent, fixed } = part;
  const lastLike = new Map<string, number>();
  return Int32Array.from({ length: count }, (_, p) => {
    const block = owner[p]!;
    if (isComposite[p] || fixed[block]! >= 0) return -1;
    const like = [first[p], last[p], size[p], delta[p], alignment[block], extent[block]].join();
    const before = lastLike.get(like) ?? -1;
    lastLike.set(like, p);
    return before;
  });
}
