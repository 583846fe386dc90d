/**
 * Exact search over downsets (after Ahn et al., Serenity, MLSys 2020, extended by residency): a state is the set of
 * operators done plus where each live tensor is, layer k holds the states with k operators done. Costs are prepaid: a
 * tensor pays its next read when it is dropped, so off chip is never worse than on chip and states compare (README,
 * "The search"). A layer wider than the beam is cut; what was cut bounds what may have been missed.
 */
import { Covers } from './covers.ts';
import { canonicalise, survives } from './dominance.ts';
import type { Exchanges } from './exchange.ts';
import { History, NO_HISTORY } from './history.ts';
import { CLEAN, DIRTY, OFF, positionOf, type SearchInstance } from './instance.ts';
import { type Downset, Layer, larger } from './layer.ts';
import { type Move, Moves } from './moves.ts';
import type { Region, RegionEnd, RegionOptions, RegionResult } from './region.ts';

/** Search nodes after which the ways to make room for one step are no longer enumerated. */
const COVER_LIMIT = 4_096;
/** Work between two looks at the user's wish to stop, about a microsecond each; a move is set up once for many states. */
const POLL_WORK = 1_024;
const MOVE_WORK = 16;
/** Bytes of cost that a byte on chip counts as when a layer is cut: so little that it only breaks ties. */
const TIE = 1e-9;

export function searchRegion(instance: SearchInstance, region: Region, options: RegionOptions): RegionResult {
  return new RegionSearch(instance, region, options).run();
}

class RegionSearch {
  readonly #instance: SearchInstance;
  readonly #region: Region;
  readonly #options: RegionOptions;
  readonly #history = new History();
  readonly #moves: Moves;
  readonly #exchanges: Exchanges | null;
  #current = new Layer();
  #next = new Layer();
  #covers = new Covers(64);
  /** By candidate to drop: its position among the live tensors, then among the entering ones. */
  #ids = new Int32Array(64);
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
    const { exchanges } = region;
    const isOfUse = exchanges && exchanges.sets.length > 0 && !region.order;
    this.#exchanges = isOfUse && (!options.least || exchanges.keeps(options.least.groupOf)) ? exchanges : null;
    this.#moves = new Moves(instance, region, this.#exchanges);
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
    const downset = isComplete && hasStates ? this.#current.downsets[0] : undefined;
    return {
      live: downset?.live ?? new Int32Array(0),
      ends: downset ? this.#ends(downset) : [],
      cutBound: this.#cutBound,
      dearBound: this.#dearBound,
      nodes: this.#nodes,
      isComplete,
    };
  }

  #begin(): void {
    const { entry } = this.#region;
    const layer = this.#current;
    layer.clear();
    const downset = this.#moves.first();
    layer.downsets.push(downset);
    layer.downsetOf.push(downset);
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
    for (const downset of layer.downsets) {
      const open = this.#moves.open(downset, done);
      const moves = new Array<Move | null>(open.length).fill(null);
      for (let state = downset.head; state >= 0; state = layer.next[state]!) {
        const safe = this.#safeOp(downset, state, open);
        for (let i = 0; i < open.length; i++) {
          if (safe >= 0 && open[i] !== safe) continue;
          if (!moves[i]) {
            moves[i] = this.#moves.move(downset, open[i]!, this.#next);
            this.#work += MOVE_WORK;
          }
          this.#expand(state, moves[i]!);
        }
        if (this.#isStopped) return;
      }
    }
  }

  /**
   * An operator that may as well run now (README, "Safe moves"): nothing is read or dropped for it, and all it leaves
   * takes the place of one operand that dies with it, at no more room and no more cost to drop.
   */
  #safeOp(downset: Downset, state: number, open: Int32Array): number {
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
        const index = positionOf(downset.live, tensor);
        if (index < 0) continue search;
        const status = layer.status[at + index]!;
        const isDying = downset.left[index] === 1;
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

  /** All children of a state by one operator: one when the step fits, else one a minimal set of drops. */
  #expand(state: number, move: Move): void {
    const { isStream, size, bytes, mandatory, capacity, twin } = this.#instance;
    const { downset, op, isOperand, entering, enteringStatus } = move;
    const layer = this.#current;
    const at = layer.statusAt[state]!;
    const { live, left } = downset;
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

  #candidateIds(most: number): Int32Array {
    if (this.#ids.length < most) this.#ids = new Int32Array(2 * most);
    return this.#ids;
  }

  /** Adds the child that drops the chosen candidates, unless another state of its downset is as good. */
  #addChild(state: number, move: Move, ids: Int32Array): void {
    const { size, bytes } = this.#instance;
    const { downset, child, target, isOperand, entering, enteringStatus, enteringTarget } = move;
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
      const place = dropped < downset.live.length ? target[dropped]! : enteringTarget[dropped - downset.live.length]!;
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
    canonicalise(child, to, at);
    if (!survives(this.#instance, child, to, at, cost, exposed)) {
      to.statusCount = at;
      return;
    }
    to.cost[id] = cost;
    to.room[id] = room;
    to.exposed[id] = exposed;
    to.statusAt[id] = at;
    to.parent[id] = from.history[state]!;
    to.op[id] = move.op;
    to.isAlive[id] = 1;
    to.downsetOf[id] = child;
    to.next[id] = child.head;
    child.head = id;
    // Drops are kept as tensors, for the history and for the bounds of groups.
    const start = to.dropsFrom[id]!;
    while (start + covers.chosenCount > to.drops.length) to.drops = larger(to.drops, Int32Array);
    for (let c = 0; c < covers.chosenCount; c++) {
      const dropped = ids[covers.chosen[c]!]!;
      to.drops[start + c] =
        dropped < downset.live.length ? downset.live[dropped]! : entering[dropped - downset.live.length]!;
    }
    to.dropsFrom[id + 1] = start + covers.chosenCount;
    to.least[id] = this.#spend(state, id);
    to.count++;
  }

  /** Books the chosen drops on their groups of tensors. @returns what any completion costs at least. */
  #spend(state: number, child: number): number {
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
      const tensor = to.drops[to.dropsFrom[child]! + c]!;
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
      const rank = (id: number): number => layer.least[id]! + exposure * layer.exposed[id]! + TIE * layer.room[id]!;
      const ranks = new Float64Array(layer.count);
      for (const id of alive) ranks[id] = rank(id);
      alive.sort((a, b) => ranks[a]! - ranks[b]! || a - b);
      for (const id of alive.slice(width)) this.#cutBound = Math.min(this.#cutBound, layer.least[id]!);
      alive = alive.slice(0, width).sort((a, b) => a - b);
    }
    for (const downset of layer.downsets) downset.head = -1;
    for (const id of alive) {
      layer.history[id] = this.#history.append(
        layer.parent[id]!,
        layer.op[id]!,
        layer.drops,
        layer.dropsFrom[id]!,
        layer.dropsFrom[id + 1]!,
      );
      const downset = layer.downsetOf[id]!;
      layer.next[id] = downset.head;
      downset.head = id;
    }
    layer.downsets = layer.downsets.filter((downset) => downset.head >= 0);
    [this.#current, this.#next] = [layer, this.#current];
    return alive.length > 0;
  }

  #ends(downset: Downset): readonly RegionEnd[] {
    const layer = this.#current;
    const ends: RegionEnd[] = [];
    for (let state = downset.head; state >= 0; state = layer.next[state]!) {
      const at = layer.statusAt[state]!;
      const entry = layer.history[state]!;
      ends.push({
        cost: layer.cost[state]!,
        status: layer.status.slice(at, at + downset.live.length),
        steps: () => this.#exchanges?.named(this.#history.path(entry)) ?? this.#history.path(entry),
      });
    }
    return ends.sort((a, b) => a.cost - b.cost);
  }
}
