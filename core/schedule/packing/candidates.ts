/**
 * What the search tries next: a focus section, and the pieces that can lie at its bottom or under one that does (README,
 * "Focus"). Candidates stand on a stack, those of a branch above those of the branches around it.
 */
import type { Part } from './parts.ts';
import { type Placement, WAITING } from './placement.ts';

export class Candidates {
  list: Int32Array;
  /** Candidates on the stack. */
  count = 0;
  /** Of pieces equally low, the least rank is tried first. */
  rank: Int32Array;
  /** Pairs that the last `gather` looked at. */
  looks = 0;
  readonly #placement: Placement;
  /** Per section: pieces that could lie at its bottom; counted again only where something has changed. */
  readonly #open: Int32Array;
  readonly #twin: Int32Array;
  readonly #pieceMark: Int32Array;
  #pieceRound = 0;
  readonly #reach: Float64Array;

  constructor(placement: Placement) {
    const { count, sections } = placement.part;
    this.#placement = placement;
    this.list = new Int32Array(4 * count + 64);
    this.rank = new Int32Array(count);
    this.#open = new Int32Array(sections);
    this.#twin = twins(placement.part, placement.isComposite);
    this.#pieceMark = new Int32Array(count);
    this.#reach = new Float64Array(count);
  }

  /** The section with the fewest pieces for its bottom, tight and often fatal sections first. */
  chooseFocus(from: number, to: number, scale: number): number {
    const { waiting, floor, above, weight, isStale, capacity } = this.#placement;
    const open = this.#open;
    let best = -1;
    let bestScore = Infinity;
    for (let s = from; s <= to; s++) {
      const left = waiting[s]!;
      if (left === 0) continue;
      const highest = capacity - left;
      if (isStale[s] === 1) {
        isStale[s] = 0;
        open[s] = this.#openPieces(s, highest);
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

  #openPieces(s: number, highest: number): number {
    const { state, low, asleep, met } = this.#placement;
    const { members, membersFrom } = met;
    let pieces = 0;
    for (let q = membersFrom[s]!, end = membersFrom[s + 1]!; q < end; q++) {
      const p = members[q]!;
      if (state[p] === WAITING && low[p]! <= highest && asleep[p] === 0) pieces++;
    }
    return pieces;
  }

  /**
   * Candidates from `count` on: pieces that can lie at the bottom of the section, and those that can lie under one of
   * them with something of the section still to fit on top. Returns a composite among them, or −1.
   */
  gather(section: number): number {
    const { state, low, isComposite, waiting, capacity, met, part } = this.#placement;
    const { meets, meetsFrom, members, membersFrom } = met;
    const { size, owner } = part;
    const pieceMark = this.#pieceMark;
    const reach = this.#reach;
    const base = this.count;
    const highest = capacity - waiting[section]!;
    const round = ++this.#pieceRound;
    this.looks = 0;
    for (let q = membersFrom[section]!, end = membersFrom[section + 1]!; q < end; q++) {
      const p = members[q]!;
      if (state[p] !== WAITING || low[p]! > highest) continue;
      if (isComposite[p]) return owner[p]!;
      pieceMark[p] = round;
      reach[p] = highest;
      this.#add(p);
    }
    for (let i = base; i < this.count; i++) {
      const p = this.list[i]!;
      const limit = reach[p]!;
      this.looks += meetsFrom[p + 1]! - meetsFrom[p]!;
      for (let k = meetsFrom[p]!, end = meetsFrom[p + 1]!; k < end; k++) {
        const other = meets[k]!;
        if (state[other] !== WAITING) continue;
        const most = limit - size[other]!;
        if (low[other]! > most) continue;
        if (isComposite[other]) return owner[other]!;
        if (pieceMark[other] === round && reach[other]! >= most) continue;
        pieceMark[other] = round;
        reach[other] = most;
        this.#add(other);
      }
    }
    return -1;
  }

  #add(p: number): void {
    if (this.count === this.list.length) {
      const older = this.list;
      this.list = new Int32Array(2 * older.length);
      this.list.set(older);
    }
    this.list[this.count++] = p;
  }

  #isBefore(p: number, other: number): boolean {
    const { low } = this.#placement;
    return low[p]! < low[other]! || (low[p] === low[other] && this.rank[p]! < this.rank[other]!);
  }

  /** Leaves awake candidates from `base` on once each, lowest first. */
  sift(base: number): void {
    const { list } = this;
    const { asleep, state } = this.#placement;
    const twin = this.#twin;
    const round = ++this.#pieceRound;
    let kept = base;
    for (let i = base; i < this.count; i++) {
      const p = list[i]!;
      if (this.#pieceMark[p] === round) continue;
      this.#pieceMark[p] = round;
      if (asleep[p] === 1 || (twin[p]! >= 0 && state[twin[p]!] === WAITING)) continue;
      list[kept++] = p;
    }
    this.count = kept;
    if (kept - base > 64) {
      list.subarray(base, kept).sort((p, other) => (this.#isBefore(p, other) ? -1 : 1));
      return;
    }
    for (let i = base + 1; i < kept; i++) {
      const p = list[i]!;
      let j = i - 1;
      for (; j >= base && this.#isBefore(p, list[j]!); j--) list[j + 1] = list[j]!;
      list[j + 1] = p;
    }
  }
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
