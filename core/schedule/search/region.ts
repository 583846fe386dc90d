/**
 * Exact search over downsets (after Ahn et al., Serenity, MLSys 2020, extended by residency): a state is the set of
 * operators done plus where each live tensor is, layer k holds the states with k operators done. Costs are prepaid: a
 * tensor pays its next read when it is dropped, so off chip is never worse than on chip and states compare (README,
 * "The search"). A layer wider than the beam is cut; what was cut bounds what may have been missed.
 */
import type { Control } from '#core/base/control.ts';
import { Covers } from './covers.ts';
import type { Exchanges, Turn } from './exchange.ts';
import { History, NO_HISTORY, type Step } from './history.ts';
import { type Boundary, CLEAN, conversionCost, DIRTY, OFF, type SearchInstance } from './instance.ts';
import type { LeastCosts } from './least.ts';

export interface Region {
  /** Operators to run, ascending; all their other predecessors have run. */
  readonly ops: Int32Array;
  readonly entry: Boundary;
  /** Uses still to come of each tensor when the region begins (indexed by tensor). */
  readonly usesLeft: Int32Array;
  /** Run in this order and no other; residency alone is searched. */
  readonly order?: readonly number[];
  /** By operator of `ops` (same index): sets of operators, one of each of which must have begun before it. */
  readonly waitsFor?: readonly (readonly Int32Array[])[];
  /** Branches that may be exchanged. Not used where groups of tensors tell them apart. */
  readonly exchanges?: Exchanges;
}

export interface RegionOptions {
  /** States kept in a layer. */
  readonly width: number;
  /** Only schedules cheaper than this are looked for. */
  readonly below: number;
  /** How much bytes on chip count against a state when a layer is cut: 0 ranks by cost alone, 1 as if all were dropped. */
  readonly exposure: number;
  /** Children after which the search ends without an answer. */
  readonly nodeLimit: number;
  readonly control: Control;
  /** What the traffic of groups of tensors is certain to cost, whatever the order. */
  readonly least?: LeastCosts;
}

export interface RegionEnd {
  readonly cost: number;
  readonly status: Uint8Array;
  readonly steps: () => readonly Step[];
}

export interface RegionResult {
  /** Tensors live after the region, ascending. */
  readonly live: Int32Array;
  /** Ways to end, none better than another; empty when there is none below the limit (or the budget ran out). */
  readonly ends: readonly RegionEnd[];
  /** No schedule of the region that was not found costs less than this: ∞ where nothing relevant was cut. */
  readonly cutBound: number;
  /** No schedule left out because it is not cheaper than the limit costs less than this. */
  readonly dearBound: number;
  readonly nodes: number;
  /** False when the budget ran out or the user stopped. */
  readonly isComplete: boolean;
}

const COVER_LIMIT = 4_096;
/** Work between two looks at the user's wish to stop, about a microsecond each; a move is set up once for many states. */
const POLL_WORK = 1_024;
const MOVE_WORK = 16;
/** States of a downset that a new one is compared with. */
const COMPARISONS = 96;

/** All states with one downset share this. */
interface Group {
  readonly words: Uint32Array;
  readonly ready: Int32Array;
  readonly live: Int32Array;
  readonly left: Int32Array;
  /** Positions in `live` of tensors that may stand for each other. */
  readonly twins: readonly Int32Array[];
  /** Operators done of each exchangeable branch, and the branches that have got equally far. */
  readonly patterns: Int32Array;
  readonly ties: readonly (readonly Int32Array[])[];
  /** First state, linked through `next`; −1 without. */
  head: number;
  nextSameHash: Group | null;
}

export function searchRegion(instance: SearchInstance, region: Region, options: RegionOptions): RegionResult {
  return new RegionSearch(instance, region, options).run();
}

/** States of one layer as columns. */
class Layer {
  count = 0;
  cost = new Float64Array(256);
  /** Cost so far, where a group of tensors counts at least its certain cost: what any completion costs at least. */
  least = new Float64Array(256);
  /** Bytes spent on each group of tensors, `groups` a state. */
  spent = new Float64Array(0);
  room = new Float64Array(256);
  exposed = new Float64Array(256);
  statusAt = new Int32Array(256);
  next = new Int32Array(256);
  history = new Int32Array(256);
  /** Until selection: the state come from, the operator run, the drops in `drops`. */
  parent = new Int32Array(256);
  op = new Int32Array(256);
  dropsFrom = new Int32Array(257);
  isAlive = new Uint8Array(256);
  groupOf: Group[] = [];
  groups: Group[] = [];
  status = new Uint8Array(4096);
  /** The same with the statuses of twins in falling order: what states are compared by. */
  canonical = new Uint8Array(4096);
  statusCount = 0;
  drops = new Int32Array(256);
  byHash = new Map<number, Group>();

  clear(): void {
    this.count = 0;
    this.statusCount = 0;
    this.groupOf.length = 0;
    this.groups = [];
    this.byHash.clear();
    this.dropsFrom[0] = 0;
  }

  grow(): void {
    if (this.spent.length > 0) this.spent = larger(this.spent, Float64Array);
    for (const name of ['cost', 'least', 'room', 'exposed'] as const) this[name] = larger(this[name], Float64Array);
    for (const name of ['statusAt', 'next', 'history', 'parent', 'op'] as const)
      this[name] = larger(this[name], Int32Array);
    const dropsFrom = new Int32Array(this.cost.length + 1);
    dropsFrom.set(this.dropsFrom);
    this.dropsFrom = dropsFrom;
    this.isAlive = larger(this.isAlive, Uint8Array);
  }

  reserveStatus(length: number): number {
    while (this.statusCount + length > this.status.length) {
      this.status = larger(this.status, Uint8Array);
      this.canonical = larger(this.canonical, Uint8Array);
    }
    const at = this.statusCount;
    this.statusCount += length;
    return at;
  }
}

type Numbers = Float64Array | Int32Array | Uint8Array;
function larger<T extends Numbers>(array: T, make: new (length: number) => T): T {
  const copy = new make(array.length * 2);
  copy.set(array);
  return copy;
}

class RegionSearch {
  readonly #instance: SearchInstance;
  readonly #region: Region;
  readonly #options: RegionOptions;
  readonly #history = new History();
  readonly #localOf: Int32Array;
  readonly #hasTwins: boolean;
  readonly #exchanges: Exchanges | null;
  #current = new Layer();
  #next = new Layer();
  #covers = new Covers(64);
  #nodes = 0;
  #cutBound = Infinity;
  #dearBound = Infinity;
  #isStopped = false;
  #work = 0;
  #nextPoll = POLL_WORK;

  constructor(instance: SearchInstance, region: Region, options: RegionOptions) {
    this.#instance = instance;
    this.#region = region;
    this.#options = options;
    this.#localOf = new Int32Array(instance.operands.length).fill(-1);
    this.#hasTwins = instance.twin.some((first, tensor) => first !== tensor);
    const { exchanges } = region;
    const isOfUse = exchanges && exchanges.sets.length > 0 && !region.order;
    this.#exchanges = isOfUse && (!options.least || exchanges.keeps(options.least.groupOf)) ? exchanges : null;
    region.ops.forEach((op, local) => {
      this.#localOf[op] = local;
    });
  }

  run(): RegionResult {
    const { ops } = this.#region;
    this.#begin();
    let hasStates = true;
    for (let layer = 0; layer < ops.length && hasStates && !this.#isStopped; layer++) {
      this.#expandLayer(layer);
      if (!this.#isStopped) hasStates = this.#select();
    }
    const isComplete = !this.#isStopped;
    const group = isComplete && hasStates ? this.#current.groups[0] : undefined;
    return {
      live: group?.live ?? new Int32Array(0),
      ends: group ? this.#ends(group) : [],
      cutBound: this.#cutBound,
      dearBound: this.#dearBound,
      nodes: this.#nodes,
      isComplete,
    };
  }

  #begin(): void {
    const { ops, entry, usesLeft } = this.#region;
    const layer = this.#current;
    layer.clear();
    const ready = ops.filter((op) => this.#instance.predecessors[op]!.every((from) => this.#localOf[from]! < 0));
    const group: Group = {
      words: new Uint32Array((ops.length + 31) >>> 5),
      ready,
      live: entry.live,
      left: Int32Array.from(entry.live, (tensor) => usesLeft[tensor]!),
      twins: [],
      patterns: this.#exchanges?.nothingDone() ?? NO_PATTERNS,
      ties: [],
      head: 0,
      nextSameHash: null,
    };
    layer.groups.push(group);
    layer.groupOf.push(group);
    const at = layer.reserveStatus(entry.live.length);
    layer.status.set(entry.status, at);
    layer.statusAt[0] = at;
    layer.cost[0] = 0;
    const { least } = this.#options;
    layer.least[0] = least?.bytes.reduce((sum, bytes) => sum + bytes, 0) ?? 0;
    for (const one of [this.#current, this.#next]) one.spent = new Float64Array(256 * (least?.bytes.length ?? 0));
    let room = 0;
    let exposed = 0;
    entry.live.forEach((tensor, i) => {
      if (entry.status[i] !== OFF) room += this.#instance.size[tensor]!;
      exposed += this.#instance.bytes[tensor]! * entry.status[i]!;
    });
    layer.room[0] = room;
    layer.exposed[0] = exposed;
    layer.next[0] = -1;
    layer.history[0] = NO_HISTORY;
    layer.isAlive[0] = 1;
    layer.count = 1;
  }

  #expandLayer(done: number): void {
    const layer = this.#current;
    this.#next.clear();
    for (const group of layer.groups) {
      const open = this.#openOps(group, done);
      const moves = new Array<Move | null>(open.length).fill(null);
      for (let state = group.head; state >= 0; state = layer.next[state]!) {
        const safe = this.#safeOp(group, state, open);
        for (let i = 0; i < open.length; i++) {
          if (safe >= 0 && open[i] !== safe) continue;
          moves[i] ??= this.#move(group, open[i]!);
          this.#expand(state, moves[i]!);
        }
        if (this.#isStopped) return;
      }
    }
  }

  /** Ready operators that symmetry does not hold back. */
  #openOps({ ready, words }: Group, layer: number): Int32Array {
    const { waitsFor, order } = this.#region;
    if (order) return Int32Array.of(order[layer]!);
    if (!waitsFor || ready.length === 1) return ready;
    return ready.filter((op) =>
      waitsFor[this.#localOf[op]!]!.every((any) => any.some((other) => isIn(words, this.#localOf[other]!))),
    );
  }

  /**
   * An operator that may as well run now (README, "Safe moves"): nothing is read or dropped for it, and all it leaves
   * takes the place of one operand that dies with it, at no more room and no more cost to drop.
   */
  #safeOp(group: Group, state: number, open: Int32Array): number {
    if (open.length === 1) return -1;
    const { isStream, size, bytes, operands, results, mandatory, capacity, consumers, isIntermediate } = this.#instance;
    const layer = this.#current;
    const at = layer.statusAt[state]!;
    search: for (const op of open) {
      let made = 0;
      let madeExposed = 0;
      for (const tensor of results[op]!) {
        if (consumers[tensor]!.length === 0) continue;
        made += size[tensor]!;
        madeExposed += bytes[tensor]! * (isIntermediate[tensor] ? DIRTY : CLEAN);
      }
      let hasPlace = made === 0;
      let load = layer.room[state]! + (isStream ? made : mandatory[op]!);
      for (const tensor of operands[op]!) {
        const index = positionOf(group.live, tensor);
        if (index < 0) continue search;
        const status = layer.status[at + index]!;
        const isDying = group.left[index] === 1;
        if (status === OFF) {
          if (!isDying) continue search;
          continue;
        }
        if (!isStream) load -= size[tensor]!;
        if (isDying && made <= size[tensor]! && madeExposed <= bytes[tensor]! * status) hasPlace = true;
      }
      if (hasPlace && load <= capacity) return op;
    }
    return -1;
  }

  /** What running `op` from this downset does, whatever the statuses. */
  #move(group: Group, op: number): Move {
    const { operands, results, consumers, size, isIntermediate } = this.#instance;
    const { usesLeft } = this.#region;
    this.#work += MOVE_WORK;
    const { child, turn } = this.#childGroup(group, op);
    const { live } = group;
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
      group,
      child,
      target,
      isOperand,
      entering: entering.slice(0, count),
      enteringStatus,
      enteringTarget,
      enteringSize,
    };
  }

  #scratch = new Int32Array(64);
  #left = new Int32Array(64);

  /** The downset after `op`, in canonical names, and how the names changed. */
  #childGroup(group: Group, op: number): { readonly child: Group; readonly turn: Turn | null } {
    const { operands, results, consumers } = this.#instance;
    const { usesLeft } = this.#region;
    const local = this.#localOf[op]!;
    let words = group.words.slice();
    words[local >>> 5]! |= 1 << (local & 31);
    const patterns = this.#exchanges ? group.patterns.slice() : NO_PATTERNS;
    const turn = this.#exchanges?.advance(patterns, op) ?? null;
    if (turn) words = this.#turnedWords(words, turn);
    const hash = hashOf(words);
    const first = this.#next.byHash.get(hash) ?? null;
    for (let same = first; same; same = same.nextSameHash)
      if (areEqual(same.words, words)) return { child: same, turn };

    const most = group.live.length + operands[op]!.length + results[op]!.length;
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
    for (let i = 0; i < group.live.length; i++) {
      const tensor = group.live[i]!;
      const uses = group.left[i]! - (positionOf(operands[op]!, tensor) >= 0 ? 1 : 0);
      if (uses === 0) continue;
      if (turn) insert(tensor, uses);
      else {
        live[count] = tensor;
        left[count++] = uses;
      }
    }
    for (const tensor of operands[op]!)
      if (usesLeft[tensor]! > 1 && positionOf(group.live, tensor) < 0) insert(tensor, usesLeft[tensor]! - 1);
    for (const tensor of results[op]!) if (consumers[tensor]!.length > 0) insert(tensor, consumers[tensor]!.length);
    const child: Group = {
      words,
      ready: this.#readyAfter(group, op, words, turn),
      live: live.slice(0, count),
      left: left.slice(0, count),
      twins: this.#twins(live, count),
      patterns,
      ties: this.#exchanges?.ties(patterns, live, count) ?? [],
      head: -1,
      nextSameHash: first,
    };
    this.#next.byHash.set(hash, child);
    this.#next.groups.push(child);
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
  #readyAfter({ ready }: Group, op: number, words: Uint32Array, turn: Turn | null): Int32Array {
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

  /** All children of a state by one operator: one when the step fits, else one a minimal set of drops. */
  #expand(state: number, move: Move): void {
    const { isStream, size, bytes, mandatory, capacity, twin } = this.#instance;
    const { group, op, isOperand, entering, enteringStatus } = move;
    const layer = this.#current;
    const at = layer.statusAt[state]!;
    const { live, left } = group;
    if (++this.#nodes >= this.#options.nodeLimit || this.#isCancelled()) {
      this.#isStopped = true;
      return;
    }
    if (live.length + entering.length > this.#covers.size.length)
      this.#covers = new Covers(2 * (live.length + entering.length));
    const candidates = this.#covers;
    const ids = this.#candidateIds(live.length + entering.length);
    candidates.count = 0;
    const offer = (id: number, tensor: number, cost: number): void => {
      if (size[tensor]! === 0) return;
      ids[candidates.count] = id;
      candidates.size[candidates.count] = size[tensor]!;
      candidates.twin[candidates.count] = twin[tensor]!;
      candidates.cost[candidates.count++] = cost;
    };
    let load = mandatory[op]!;
    for (let i = 0; i < live.length; i++) {
      const status = layer.status[at + i]!;
      const tensor = live[i]!;
      if (!isOperand[i]) {
        if (status === OFF) continue;
        load += size[tensor]!;
        offer(i, tensor, bytes[tensor]! * status);
      } else if (isStream) {
        const goesOn = left[i]! > 1;
        if (status !== OFF) {
          // Dropped before its own use it pays this read and, used again, the next one too.
          load += size[tensor]!;
          offer(i, tensor, bytes[tensor]! * (status + (goesOn ? 1 : 0)));
        } else if (goesOn) {
          load += size[tensor]!;
          offer(i, tensor, bytes[tensor]!);
        }
      }
    }
    if (isStream) {
      load += move.enteringSize;
      for (let k = 0; k < entering.length; k++)
        offer(live.length + k, entering[k]!, bytes[entering[k]!]! * enteringStatus[k]!);
    }
    const excess = load - capacity;
    const budget = this.#options.below - layer.cost[state]!;
    if (budget <= 0) return;
    if (excess <= 0) {
      candidates.chosenCount = 0;
      candidates.chosenCost = 0;
      this.#addChild(state, move, ids);
      return;
    }
    const isWhole = candidates.enumerate(excess, budget, COVER_LIMIT, () => this.#addChild(state, move, ids));
    this.#work += candidates.visited >> 3;
    this.#dearBound = Math.min(this.#dearBound, Math.max(layer.least[state]!, layer.cost[state]! + candidates.tooDear));
    if (!isWhole) this.#cutBound = Math.min(this.#cutBound, layer.least[state]!);
  }

  /** Asks every millisecond or two: by work done, since one node may be a thousand times another. */
  #isCancelled(): boolean {
    if (++this.#work < this.#nextPoll) return false;
    this.#nextPoll = this.#work + POLL_WORK;
    return this.#options.control.cancelled();
  }

  #ids = new Int32Array(64);
  #candidateIds(most: number): Int32Array {
    if (this.#ids.length < most) this.#ids = new Int32Array(2 * most);
    return this.#ids;
  }

  /** Adds the child that drops the chosen candidates, unless another state of its downset is as good. */
  #addChild(state: number, move: Move, ids: Int32Array): void {
    const { size, bytes } = this.#instance;
    const { group, child, target, isOperand, entering, enteringStatus, enteringTarget } = move;
    const from = this.#current;
    const to = this.#next;
    const covers = this.#covers;
    this.#nodes++;
    this.#work++;
    if (to.count === to.cost.length) to.grow();
    const id = to.count;
    const parentAt = from.statusAt[state]!;
    const at = to.reserveStatus(child.live.length);
    const status = to.status;
    for (let i = 0; i < target.length; i++) {
      const place = target[i]!;
      if (place < 0) continue;
      const old = from.status[parentAt + i]!;
      status[at + place] = isOperand[i] && old === OFF ? CLEAN : old;
    }
    for (let k = 0; k < entering.length; k++) status[at + enteringTarget[k]!] = enteringStatus[k]!;
    for (let c = 0; c < covers.chosenCount; c++) {
      const dropped = ids[covers.chosen[c]!]!;
      const place = dropped < group.live.length ? target[dropped]! : enteringTarget[dropped - group.live.length]!;
      if (place >= 0) status[at + place] = OFF;
    }
    let room = 0;
    let exposed = 0;
    const live = child.live;
    for (let i = 0; i < live.length; i++) {
      const where = status[at + i]!;
      if (where === OFF) continue;
      room += size[live[i]!]!;
      exposed += bytes[live[i]!]! * where;
    }
    const cost = from.cost[state]! + covers.chosenCost;
    this.#canonicalise(child, at);
    if (!this.#survives(child, at, cost, exposed)) {
      to.statusCount = at;
      return;
    }
    to.cost[id] = cost;
    to.least[id] = this.#spend(state, id, move, ids);
    to.room[id] = room;
    to.exposed[id] = exposed;
    to.statusAt[id] = at;
    to.parent[id] = from.history[state]!;
    to.op[id] = move.op;
    to.isAlive[id] = 1;
    to.groupOf[id] = child;
    to.next[id] = child.head;
    child.head = id;
    // Drops are kept as tensors, for the history.
    const start = to.dropsFrom[id]!;
    while (start + covers.chosenCount > to.drops.length) to.drops = larger(to.drops, Int32Array);
    for (let c = 0; c < covers.chosenCount; c++) {
      const dropped = ids[covers.chosen[c]!]!;
      to.drops[start + c] = dropped < group.live.length ? group.live[dropped]! : entering[dropped - group.live.length]!;
    }
    to.dropsFrom[id + 1] = start + covers.chosenCount;
    to.count++;
  }

  /** Books the chosen drops on their groups of tensors. @returns what any completion costs at least. */
  #spend(state: number, child: number, { group, entering }: Move, ids: Int32Array): number {
    const { least } = this.#options;
    const from = this.#current;
    const to = this.#next;
    const covers = this.#covers;
    let bound = from.least[state]!;
    if (!least) return bound + covers.chosenCost;
    const groups = least.bytes.length;
    const at = child * groups;
    for (let i = 0; i < groups; i++) to.spent[at + i] = from.spent[state * groups + i]!;
    for (let c = 0; c < covers.chosenCount; c++) {
      const dropped = ids[covers.chosen[c]!]!;
      const tensor = dropped < group.live.length ? group.live[dropped]! : entering[dropped - group.live.length]!;
      const cost = covers.cost[covers.chosen[c]!]!;
      const owner = least.groupOf[tensor]!;
      if (owner < 0) {
        bound += cost;
        continue;
      }
      const before = to.spent[at + owner]!;
      to.spent[at + owner] = before + cost;
      bound += Math.max(0, before + cost - Math.max(before, least.bytes[owner]!));
    }
    return bound;
  }

  #canonicalise({ twins, live, ties }: Group, at: number): void {
    const { status, canonical } = this.#next;
    for (let i = 0; i < live.length; i++) canonical[at + i] = status[at + i]!;
    for (const positions of twins) {
      // Counting sort: there are three statuses.
      let dirty = 0;
      let clean = 0;
      for (const position of positions) {
        if (status[at + position] === DIRTY) dirty++;
        else if (status[at + position] === CLEAN) clean++;
      }
      positions.forEach((position, index) => {
        canonical[at + position] = index < dirty ? DIRTY : index < dirty + clean ? CLEAN : OFF;
      });
    }
    for (const run of ties) sortTied(run, canonical, at);
  }

  /** Compares a new state with those of its downset; takes the ones it beats out of the layer. */
  #survives(group: Group, at: number, cost: number, exposed: number): boolean {
    const layer = this.#next;
    const { live } = group;
    const { canonical } = layer;
    let previous = -1;
    let compared = 0;
    for (let other = group.head; other >= 0 && compared < COMPARISONS; other = layer.next[other]!, compared++) {
      const otherAt = layer.statusAt[other]!;
      const dearer = cost - layer.cost[other]!;
      // Converting costs no less than the difference of all that could be dropped: most pairs are settled by that.
      const heavier = layer.exposed[other]! - exposed;
      if (dearer >= 0 && heavier <= dearer) {
        if (conversionCost(this.#instance, live, canonical, otherAt, canonical, at, dearer) <= dearer) return false;
      }
      if (dearer <= 0 && heavier >= dearer) {
        if (conversionCost(this.#instance, live, canonical, at, canonical, otherAt, -dearer) <= -dearer) {
          layer.isAlive[other] = 0;
          if (previous < 0) group.head = layer.next[other]!;
          else layer.next[previous] = layer.next[other]!;
          continue;
        }
      }
      previous = other;
    }
    return true;
  }

  /** Keeps the best states of the layer just made and makes it the current one. */
  #select(): boolean {
    const layer = this.#next;
    const { width, exposure, below } = this.#options;
    let alive: number[] = [];
    for (let id = 0; id < layer.count; id++) {
      if (!layer.isAlive[id]) continue;
      if (layer.least[id]! < below) alive.push(id);
      else this.#dearBound = Math.min(this.#dearBound, layer.least[id]!);
    }
    if (alive.length > width) {
      const rank = (id: number): number => layer.least[id]! + exposure * layer.exposed[id]! + 1e-9 * layer.room[id]!;
      const ranks = new Float64Array(layer.count);
      for (const id of alive) ranks[id] = rank(id);
      alive.sort((a, b) => ranks[a]! - ranks[b]! || a - b);
      for (const id of alive.slice(width)) this.#cutBound = Math.min(this.#cutBound, layer.least[id]!);
      alive = alive.slice(0, width).sort((a, b) => a - b);
    }
    for (const group of layer.groups) group.head = -1;
    for (const id of alive) {
      layer.history[id] = this.#history.append(
        layer.parent[id]!,
        layer.op[id]!,
        layer.drops,
        layer.dropsFrom[id]!,
        layer.dropsFrom[id + 1]!,
      );
      const group = layer.groupOf[id]!;
      layer.next[id] = group.head;
      group.head = id;
    }
    layer.groups = layer.groups.filter((group) => group.head >= 0);
    [this.#current, this.#next] = [layer, this.#current];
    return alive.length > 0;
  }

  #ends(group: Group): readonly RegionEnd[] {
    const layer = this.#current;
    const ends: RegionEnd[] = [];
    for (let state = group.head; state >= 0; state = layer.next[state]!) {
      const at = layer.statusAt[state]!;
      const entry = layer.history[state]!;
      ends.push({
        cost: layer.cost[state]!,
        status: layer.status.slice(at, at + group.live.length),
        steps: () => this.#exchanges?.named(this.#history.path(entry)) ?? this.#history.path(entry),
      });
    }
    return ends.sort((a, b) => a.cost - b.cost);
  }
}

interface Move {
  readonly op: number;
  readonly group: Group;
  readonly child: Group;
  /** Position of each live tensor after the step, −1 once dead. */
  readonly target: Int32Array;
  readonly isOperand: Uint8Array;
  /** Tensors that become live: graph inputs first read, results. */
  readonly entering: Int32Array;
  readonly enteringStatus: Uint8Array;
  readonly enteringTarget: Int32Array;
  readonly enteringSize: number;
}

const NO_TWINS: readonly Int32Array[] = [];
const NO_PATTERNS = new Int32Array(0);

/** Puts branches that have got equally far in falling order of their statuses. */
function sortTied(run: readonly Int32Array[], status: Uint8Array, at: number): void {
  for (let i = 1; i < run.length; i++)
    for (let j = i; j > 0 && isTiedBefore(run[j]!, run[j - 1]!, status, at); j--)
      for (let k = 0; k < run[j]!.length; k++) {
        const one = at + run[j]![k]!;
        const other = at + run[j - 1]![k]!;
        const kept = status[one]!;
        status[one] = status[other]!;
        status[other] = kept;
      }
}

function isTiedBefore(one: Int32Array, other: Int32Array, status: Uint8Array, at: number): boolean {
  for (let k = 0; k < one.length; k++) {
    const difference = status[at + one[k]!]! - status[at + other[k]!]!;
    if (difference !== 0) return difference > 0;
  }
  return false;
}

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

/** Position in an ascending list, −1 where it is not. */
export function positionOf(list: Int32Array, value: number): number {
  let low = 0;
  let high = list.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = list[middle]!;
    if (found === value) return middle;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
