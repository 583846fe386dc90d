/**
 * Where the pieces of one part stand while they are packed from below: which wait and how low each can still lie, and what
 * that leaves in every section (README, "Normal form", "Section inference"). Everything is undone in reverse through one log.
 * Typed arrays throughout; nothing is allocated but where the log outgrows its array.
 */
import type { Meetings } from './meetings.ts';
import type { Part } from './parts.ts';

export const WAITING = 0;
const PLACED = 1;
/** At an address given or decided, with pieces still to come under and over it. */
export const OBSTACLE = 2;

export class Placement {
  readonly part: Part;
  readonly met: Meetings;
  /** Units. */
  readonly capacity: number;
  /** By piece: WAITING …, the lowest it can lie, whether it is not to be tried before a piece that meets it is placed. */
  readonly state: Uint8Array;
  readonly low: Float64Array;
  readonly asleep: Uint8Array;
  /** Units, by block. */
  readonly addresses: Float64Array;
  /** A composite moves as one: its pieces wait together and are decided together. */
  readonly isComposite: Uint8Array;
  /** Per section: bytes still waiting, the lowest any of them can lie, obstacles above that, failures met there. */
  readonly waiting: Float64Array;
  readonly floor: Float64Array;
  readonly above: Float64Array;
  weight: Float64Array;
  /** Pieces waiting on both sides of the border after a section; a composite spans all between its pieces. */
  readonly crossing: Int32Array;
  /** Sections in which something has changed since somebody cleared this. */
  readonly isStale: Uint8Array;
  hasObstacles = false;
  /** Pieces lifted by the last `put` or `decide`. */
  raised = 0;

  // Undo log: low [0, n), asleep [n, 2n), floor [2n, 2n + s), above [2n + s, …).
  #trailAt = new Int32Array(1 << 12);
  #trailValue = new Float64Array(1 << 12);
  #trailLength = 0;
  readonly #floorAt: number;
  readonly #aboveAt: number;
  /** Sections to be looked at again after a step. */
  readonly #dirty: Int32Array;
  readonly #dirtyMark: Int32Array;
  #dirtyCount = 0;
  #dirtyRound = 0;

  constructor(part: Part, met: Meetings, capacity: number) {
    const { count, sections, owner, firstPiece } = part;
    this.part = part;
    this.met = met;
    this.capacity = capacity;
    this.state = new Uint8Array(count);
    this.low = new Float64Array(count);
    this.asleep = new Uint8Array(count);
    this.addresses = new Float64Array(part.blocks.length);
    this.isComposite = Uint8Array.from(owner, (block) => Number(firstPiece[block + 1]! - firstPiece[block]! > 1));
    this.waiting = new Float64Array(sections);
    this.floor = new Float64Array(sections);
    this.above = new Float64Array(sections);
    this.weight = new Float64Array(sections);
    this.crossing = new Int32Array(sections);
    this.isStale = new Uint8Array(sections).fill(1);
    this.#floorAt = 2 * count;
    this.#aboveAt = 2 * count + sections;
    this.#dirty = new Int32Array(sections);
    this.#dirtyMark = new Int32Array(sections);
  }

  /** Fixed blocks, first places, first sums; false when something cannot be. */
  prepare(): boolean {
    const { part, met, state, low, capacity } = this;
    const { count, size, delta, owner, first, last, sections, alignment, extent } = part;
    this.#startRound();
    for (let p = 0; p < count; p++) {
      const address = part.fixed[owner[p]!]!;
      if (extent[owner[p]!]! > capacity) return false;
      if (address < 0) {
        for (let s = first[p]!; s <= last[p]!; s++) this.waiting[s]! += size[p]!;
        this.release(p, -1);
        continue;
      }
      if (address % alignment[owner[p]!]! !== 0 || address + extent[owner[p]!]! > capacity) return false;
      state[p] = OBSTACLE;
      low[p] = address + delta[p]!;
      this.addresses[owner[p]!] = address;
      this.hasObstacles = true;
    }
    for (let p = 0; p < count; p++) {
      for (let k = met.meetsFrom[p]!; k < met.meetsFrom[p + 1]!; k++) {
        const other = met.meets[k]!;
        const isOver = low[other]! < low[p]! + size[p]! && low[p]! < low[other]! + size[other]!;
        if (isOver && state[p] === OBSTACLE && state[other] === OBSTACLE && owner[p] !== owner[other]) return false;
      }
      if (state[p] === WAITING && !this.#raise(p, 0)) return false;
    }
    for (let s = 0; s < sections; s++) {
      this.floor[s] = -1;
      this.#touch(s);
    }
    const isOpen = this.#areSectionsOpen();
    this.#trailLength = 0;
    return isOpen;
  }

  /** Puts a plain piece where it is lowest, under all that waits and meets it. */
  put(p: number): boolean {
    const { state, low } = this;
    const { meets, meetsFrom } = this.met;
    const { first } = this.part;
    this.#startRound();
    this.#settle(p, PLACED);
    const top = low[p]! + this.part.size[p]!;
    for (let k = meetsFrom[p]!, end = meetsFrom[p + 1]!; k < end; k++) {
      const other = meets[k]!;
      if (state[other] !== WAITING) continue;
      this.#wake(other);
      if (low[other]! >= top) continue;
      if (!this.#raise(other, top)) {
        this.weight[Math.max(first[other]!, first[p]!)]! += 1;
        return false;
      }
    }
    return this.#areSectionsOpen();
  }

  /** Gives a composite an address; what waits may come to lie under it, between its pieces and over it. */
  decide(block: number, address: number): boolean {
    const { state, low, isComposite } = this;
    const { size, delta, owner, firstPiece } = this.part;
    const { meets, meetsFrom } = this.met;
    this.#startRound();
    const begin = firstPiece[block]!;
    const end = firstPiece[block + 1]!;
    for (let p = begin; p < end; p++) {
      this.#settle(p, OBSTACLE);
      if (low[p] !== address + delta[p]!) {
        this.#log(p, low[p]!);
        low[p] = address + delta[p]!;
      }
    }
    this.hasObstacles = true;
    for (let p = begin; p < end; p++) {
      for (let k = meetsFrom[p]!; k < meetsFrom[p + 1]!; k++) {
        const other = meets[k]!;
        const isOver = low[other]! < low[p]! + size[p]! && low[p]! < low[other]! + size[other]!;
        if (state[other] === OBSTACLE && isOver && owner[other] !== block) return false;
        if (state[other] !== WAITING) continue;
        this.#wake(other);
        if (isOver && !isComposite[other] && !this.#raise(other, low[other]!)) return false;
      }
    }
    return this.#areSectionsOpen();
  }

  /** Where the log stands now, for `undo`. */
  mark(): number {
    return this.#trailLength;
  }

  /** Puts back what was lifted, woken and inferred since; who waits is the caller's to put back. */
  undo(mark: number): void {
    const { count } = this.part;
    while (this.#trailLength > mark) {
      const at = this.#trailAt[--this.#trailLength]!;
      const value = this.#trailValue[this.#trailLength]!;
      if (at < count) {
        this.low[at] = value;
        this.#spoil(at);
      } else if (at < this.#floorAt) {
        this.asleep[at - count] = value;
        this.#spoil(at - count);
      } else if (at < this.#aboveAt) this.floor[at - this.#floorAt] = value;
      else this.above[at - this.#aboveAt] = value;
    }
  }

  /** The piece waits again. */
  unsettle(p: number): void {
    const { first, last, size } = this.part;
    this.state[p] = WAITING;
    for (let s = first[p]!, end = last[p]!; s <= end; s++) this.waiting[s]! += size[p]!;
    this.#spoil(p);
  }

  /** Not logged: the caller wakes those it has put to sleep. */
  setAsleep(p: number, isAsleep: 0 | 1): void {
    this.asleep[p] = isAsleep;
    this.#spoil(p);
  }

  /** Borders a piece holds together; returns whether one of them fell apart. */
  release(p: number, by: number): boolean {
    const { crossing } = this;
    const { first, last, firstPiece } = this.part;
    let from = first[p]!;
    let to = last[p]!;
    if (this.isComposite[p]) {
      const block = this.part.owner[p]!;
      for (let q = firstPiece[block]!; q < firstPiece[block + 1]!; q++) {
        from = Math.min(from, first[q]!);
        to = Math.max(to, last[q]!);
      }
    }
    let isApart = false;
    for (let s = from; s < to; s++) {
      crossing[s]! -= by;
      if (crossing[s] === 0) isApart = true;
    }
    return isApart;
  }

  #log(at: number, value: number): void {
    if (this.#trailLength === this.#trailAt.length) {
      const [olderAt, olderValue] = [this.#trailAt, this.#trailValue];
      this.#trailAt = new Int32Array(2 * this.#trailLength);
      this.#trailAt.set(olderAt);
      this.#trailValue = new Float64Array(2 * this.#trailLength);
      this.#trailValue.set(olderValue);
    }
    this.#trailAt[this.#trailLength] = at;
    this.#trailValue[this.#trailLength++] = value;
  }

  #spoil(p: number): void {
    const { isStale } = this;
    const { first, last } = this.part;
    for (let s = first[p]!, end = last[p]!; s <= end; s++) isStale[s] = 1;
  }

  #startRound(): void {
    this.#dirtyRound++;
    this.#dirtyCount = 0;
    this.raised = 0;
  }

  #touch(section: number): void {
    if (this.#dirtyMark[section] === this.#dirtyRound) return;
    this.#dirtyMark[section] = this.#dirtyRound;
    this.#dirty[this.#dirtyCount++] = section;
  }

  /** Takes a piece out of what waits. */
  #settle(p: number, as: number): void {
    const { waiting, isStale } = this;
    const { first, last, size } = this.part;
    this.state[p] = as;
    for (let s = first[p]!, end = last[p]!; s <= end; s++) {
      waiting[s]! -= size[p]!;
      isStale[s] = 1;
      this.#touch(s);
    }
  }

  #wake(p: number): void {
    if (this.asleep[p] === 0) return;
    this.#log(this.part.count + p, 1);
    this.asleep[p] = 0;
    this.#spoil(p);
  }

  /** Sets the lowest place of one piece; its sections whose floor it was are looked at again. */
  #lift(p: number, to: number): void {
    const { isStale, floor } = this;
    const { first, last } = this.part;
    const before = this.low[p]!;
    this.#log(p, before);
    this.low[p] = to;
    this.raised++;
    for (let s = first[p]!, end = last[p]!; s <= end; s++) {
      isStale[s] = 1;
      if (floor[s]! >= before) this.#touch(s);
    }
  }

  /** A waiting piece must lie at `least` or above; false when it then does not fit. */
  #raise(p: number, least: number): boolean {
    const { low, state, capacity } = this;
    const { size, delta, owner, firstPiece, alignment, extent } = this.part;
    const block = owner[p]!;
    const step = alignment[block]!;
    let address = Math.max(0, least - delta[p]!);
    if (step > 1) address = Math.ceil(address / step) * step;
    if (this.isComposite[p]) {
      if (address + extent[block]! > capacity) return false;
      for (let q = firstPiece[block]!; q < firstPiece[block + 1]!; q++)
        if (low[q]! < address + delta[q]!) this.#lift(q, address + delta[q]!);
      return true;
    }
    if (this.hasObstacles) {
      const { meets, meetsFrom } = this.met;
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
    if (low[p]! < address + delta[p]!) this.#lift(p, address + delta[p]!);
    return true;
  }

  /** Section inference: what waits in a section fits above the lowest place any of it can take. */
  #areSectionsOpen(): boolean {
    const { waiting, floor, above, state, low, capacity, hasObstacles } = this;
    const { members, membersFrom } = this.met;
    const { size } = this.part;
    for (let k = 0; k < this.#dirtyCount; k++) {
      const s = this.#dirty[k]!;
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
          this.#log(this.#aboveAt + s, above[s]!);
          above[s] = overhead;
        }
      }
      if (least !== floor[s]) {
        this.#log(this.#floorAt + s, floor[s]!);
        floor[s] = least;
      }
      if (least + left + overhead > capacity) {
        this.weight[s]! += 1;
        return false;
      }
    }
    return true;
  }
}
