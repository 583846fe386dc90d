/**
 * From a downset by an operator to the next downset: which tensors enter and die, which operators become ready, and, where
 * branches are exchangeable, how the names change. The same for all states of the downset, so it is worked out once.
 */
import type { Exchanges, Turn } from './exchange.ts';
import { CLEAN, DIRTY, positionOf, type SearchInstance } from './instance.ts';
import type { Downset, Layer } from './layer.ts';
import type { Region } from './region.ts';

export interface Move {
  readonly op: number;
  readonly downset: Downset;
  readonly child: Downset;
  /** Position of each live tensor after the step, −1 once dead. */
  readonly target: Int32Array;
  readonly isOperand: Uint8Array;
  /** Tensors that become live: graph inputs first read, results. */
  readonly entering: Int32Array;
  readonly enteringStatus: Uint8Array;
  readonly enteringTarget: Int32Array;
  readonly enteringSize: number;
}

export class Moves {
  readonly #instance: SearchInstance;
  readonly #region: Region;
  readonly #exchanges: Exchanges | null;
  readonly #localOf: Int32Array;
  readonly #hasTwins: boolean;
  #scratch = new Int32Array(64);
  #left = new Int32Array(64);

  constructor(instance: SearchInstance, region: Region, exchanges: Exchanges | null) {
    this.#instance = instance;
    this.#region = region;
    this.#exchanges = exchanges;
    this.#localOf = new Int32Array(instance.operands.length).fill(-1);
    region.ops.forEach((op, local) => {
      this.#localOf[op] = local;
    });
    this.#hasTwins = instance.twin.some((first, tensor) => first !== tensor);
  }

  /** The downset a region begins with: nothing done. */
  first(): Downset {
    const { ops, entry, usesLeft } = this.#region;
    return {
      words: new Uint32Array((ops.length + 31) >>> 5),
      ready: ops.filter((op) => this.#instance.predecessors[op]!.every((from) => this.#localOf[from]! < 0)),
      live: entry.live,
      left: Int32Array.from(entry.live, (tensor) => usesLeft[tensor]!),
      twins: [],
      patterns: this.#exchanges?.nothingDone() ?? NO_PATTERNS,
      ties: [],
      head: 0,
      nextSameHash: null,
    };
  }

  /** Ready operators that symmetry does not hold back. */
  open({ ready, words }: Downset, layer: number): Int32Array {
    const { waitsFor, order } = this.#region;
    if (order) return Int32Array.of(order[layer]!);
    if (!waitsFor || ready.length === 1) return ready;
    return ready.filter((op) =>
      waitsFor[this.#localOf[op]!]!.every((any) => any.some((other) => isIn(words, this.#localOf[other]!))),
    );
  }

  /** What running `op` from this downset does, whatever the statuses. */
  move(downset: Downset, op: number, next: Layer): Move {
    const { operands, results, consumers, size, isIntermediate } = this.#instance;
    const { usesLeft } = this.#region;
    const { child, turn } = this.#child(downset, op, next);
    const { live } = downset;
    const renamed = (tensor: number): number => (turn ? this.#exchanges!.tensor(tensor, turn) : tensor);
    const target = new Int32Array(live.length);
    for (let i = 0; i < live.length; i++) target[i] = positionOf(child.live, renamed(live[i]!));
    const isOperand = new Uint8Array(live.length);
    const entering = this.#scratch;
    let count = 0;
    for (const tensor of operands[op]!) {
      const index = positionOf(live, tensor);
      if (index >= 0) isOperand[index] = 1;
      // A graph input read for the first time: its load is compulsory.
      else if (usesLeft[tensor]! > 1) entering[count++] = tensor;
    }
    const inputs = count;
    for (const tensor of results[op]!) if (consumers[tensor]!.length > 0) entering[count++] = tensor;
    const enteringStatus = new Uint8Array(count);
    const enteringTarget = new Int32Array(count);
    let enteringSize = 0;
    for (let k = 0; k < count; k++) {
      const tensor = entering[k]!;
      enteringStatus[k] = k >= inputs && isIntermediate[tensor] ? DIRTY : CLEAN;
      enteringTarget[k] = positionOf(child.live, renamed(tensor));
      enteringSize += size[tensor]!;
    }
    return {
      op,
      downset,
      child,
      target,
      isOperand,
      entering: entering.slice(0, count),
      enteringStatus,
      enteringTarget,
      enteringSize,
    };
  }

  /** The downset after `op`, in canonical names, and how the names changed. */
  #child(downset: Downset, op: number, next: Layer): { readonly child: Downset; readonly turn: Turn | null } {
    const { operands, results, consumers } = this.#instance;
    const { usesLeft } = this.#region;
    const local = this.#localOf[op]!;
    let words = downset.words.slice();
    words[local >>> 5]! |= 1 << (local & 31);
    const patterns = this.#exchanges ? downset.patterns.slice() : NO_PATTERNS;
    const turn = this.#exchanges?.advance(patterns, op) ?? null;
    if (turn) words = this.#turnedWords(words, turn);
    const hash = hashOf(words);
    const first = next.byHash.get(hash) ?? null;
    for (let same = first; same; same = same.nextSameHash)
      if (areEqual(same.words, words)) return { child: same, turn };

    const most = downset.live.length + operands[op]!.length + results[op]!.length;
    if (this.#scratch.length < most) {
      this.#scratch = new Int32Array(2 * most);
      this.#left = new Int32Array(2 * most);
    }
    const live = this.#scratch;
    const left = this.#left;
    let count = 0;
    const insert = (name: number, uses: number): void => {
      const tensor = turn ? this.#exchanges!.tensor(name, turn) : name;
      let at = count++;
      for (; at > 0 && live[at - 1]! > tensor; at--) {
        live[at] = live[at - 1]!;
        left[at] = left[at - 1]!;
      }
      live[at] = tensor;
      left[at] = uses;
    };
    for (let i = 0; i < downset.live.length; i++) {
      const tensor = downset.live[i]!;
      const uses = downset.left[i]! - (positionOf(operands[op]!, tensor) >= 0 ? 1 : 0);
      if (uses === 0) continue;
      if (turn) insert(tensor, uses);
      else {
        live[count] = tensor;
        left[count++] = uses;
      }
    }
    for (const tensor of operands[op]!)
      if (usesLeft[tensor]! > 1 && positionOf(downset.live, tensor) < 0) insert(tensor, usesLeft[tensor]! - 1);
    for (const tensor of results[op]!) if (consumers[tensor]!.length > 0) insert(tensor, consumers[tensor]!.length);
    const child: Downset = {
      words,
      ready: this.#readyAfter(downset, op, words, turn),
      live: live.slice(0, count),
      left: left.slice(0, count),
      twins: this.#twins(live, count),
      patterns,
      ties: this.#exchanges?.ties(patterns, live, count) ?? [],
      head: -1,
      nextSameHash: first,
    };
    next.byHash.set(hash, child);
    next.downsets.push(child);
    return { child, turn };
  }

  #turnedWords(words: Uint32Array, turn: Turn): Uint32Array<ArrayBuffer> {
    const turned = new Uint32Array(words);
    const branches = this.#exchanges!.sets[turn.set]!;
    for (let branch = turn.to; branch <= turn.from; branch++)
      for (const op of branches[branch]!.ops) {
        const from = this.#localOf[op]!;
        const to = this.#localOf[this.#exchanges!.op(op, turn)]!;
        if (isIn(words, from)) turned[to >>> 5]! |= 1 << (to & 31);
        else turned[to >>> 5]! &= ~(1 << (to & 31));
      }
    return turned;
  }

  /** Ready operators once `op` has run, ascending. @param words the downset after it, in the names after the turn. */
  #readyAfter({ ready }: Downset, op: number, words: Uint32Array, turn: Turn | null): Int32Array {
    const { successors, predecessors } = this.#instance;
    const renamed = (name: number): number => (turn ? this.#exchanges!.op(name, turn) : name);
    const after: number[] = [];
    for (const other of ready) if (other !== op) after.push(renamed(other));
    search: for (const next of successors[renamed(op)]!) {
      if (this.#localOf[next]! < 0) continue;
      for (const from of predecessors[next]!) {
        const local = this.#localOf[from]!;
        if (local >= 0 && !isIn(words, local)) continue search;
      }
      after.push(next);
    }
    return Int32Array.from(after.sort((a, b) => a - b));
  }

  #twins(live: Int32Array, count: number): readonly Int32Array[] {
    const { twin } = this.#instance;
    if (!this.#hasTwins) return NO_TWINS;
    const positions = new Map<number, number[]>();
    for (let index = 0; index < count; index++) {
      const known = positions.get(twin[live[index]!]!);
      if (known) known.push(index);
      else positions.set(twin[live[index]!]!, [index]);
    }
    if (positions.size === count) return NO_TWINS;
    return [...positions.values()].filter((list) => list.length > 1).map((list) => Int32Array.from(list));
  }
}

const NO_TWINS: readonly Int32Array[] = [];
const NO_PATTERNS = new Int32Array(0);

function hashOf(words: Uint32Array): number {
  let hash = 0;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 0x9e3779b1) ^ (hash >>> 15);
  return hash;
}

const isIn = (words: Uint32Array, index: number): boolean => (words[index >>> 5]! & (1 << (index & 31))) !== 0;

function areEqual(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
