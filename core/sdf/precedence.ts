/**
 * The homogeneous expansion (Lee & Messerschmitt 1987; Sriram & Bhattacharyya 2009, section 3.8) with one constraint for
 * each last token a firing needs: start(to) ≥ start(from) + weight, `delay` iterations earlier. Firings of an actor start
 * in order and deliver in order; constraints that follow from others are left out.
 */
import { gcdOf } from './fraction.ts';
import { prefixSums, type SdfGraph, serialActors } from './graph.ts';

/** Nodes are numbered in an order of execution: constraints without delay go from lower to higher numbers. */
export interface Precedence {
  readonly nodes: number;
  /** Node of the start of firing k of an actor, and of its delivery (the same node where no time lies between them but its own). */
  readonly start: (actor: number, firing: number) => number;
  readonly end: (actor: number, firing: number) => { readonly node: number; readonly ticks: number };
  /** Constraints into node n: first[n] … first[n + 1] − 1. */
  readonly first: Int32Array;
  readonly from: Int32Array;
  readonly weight: Float64Array;
  readonly delay: Float64Array;
  /** Channel of the graph, −1 for the order of an actor's own firings; and the firing of its reader. */
  readonly channel: Int32Array;
  readonly firing: Int32Array;
}

/** `order`: what `iterate` says of a live graph. */
export function precedenceOf(graph: SdfGraph, firings: readonly number[], order: Int32Array): Precedence {
  const serial = serialActors(graph);
  const hasEnds = graph.actors.map(({ times }, actor) => times.some((t) => t !== times[0]) && !serial.has(actor));
  const offsets = prefixSums(firings);
  const total = offsets[offsets.length - 1]!;
  const starts = new Int32Array(total);
  const ends = new Int32Array(total);
  const fired = new Int32Array(graph.actors.length);
  let nodes = 0;
  for (const actor of order) {
    const at = offsets[actor]! + fired[actor]!++;
    starts[at] = nodes++;
    ends[at] = hasEnds[actor] ? nodes++ : starts[at]!;
  }

  let room = total;
  firings.forEach((count, actor) => {
    if (hasEnds[actor]) room += 2 * count;
  });
  for (const { from, to } of graph.channels) room += Math.min(firings[to]!, firings[from]! + 1);
  const edges = new EdgeList(room);
  // Where every actor that gives it something has a constraint of its own on a firing, that it follows the one before goes
  // without saying. Not so where only its own tokens hold an actor back: nothing else leads from its first firing to the
  // next.
  const given = new Int32Array(total);
  const pairs = pairsOf(graph);
  const needed = new Float64Array(graph.actors.length);
  const isHeld = new Uint8Array(graph.actors.length);
  for (const { from, to } of pairs) {
    needed[to]!++;
    if (from !== to) isHeld[to] = 1;
  }
  for (let actor = 0; actor < needed.length; actor++) if (isHeld[actor] === 0) needed[actor] = Number.POSITIVE_INFINITY;
  for (const { from, to, channels } of pairs) {
    const needs = channels.map((index) => new Needs(graph.channels[index]!));
    const { times } = graph.actors[from]!;
    const count = firings[from]!;
    // Where the iteration before left off: a channel from which the first phases take nothing may be ahead of the others.
    let last =
      needs.reduce((most, need) => Math.max(most, need.lastGiver(firings[to]!)), Number.NEGATIVE_INFINITY) - count - 1;
    for (let k = 0; k < firings[to]!; k++) {
      let channel = -1;
      for (let at = 0; at < needs.length; at++) {
        const giver = needs[at]!.giverOf(k);
        if (giver === null || giver <= last) continue;
        last = giver;
        channel = channels[at]!;
      }
      if (channel < 0) continue;
      given[offsets[to]! + k]!++;
      const round = Math.floor(last / count);
      const at = offsets[from]! + last - round * count;
      const weight = hasEnds[from] ? 0 : times[(last - round * count) % times.length]!;
      edges.add(ends[at]!, starts[offsets[to]! + k]!, weight, -round, channel, k);
    }
  }
  graph.actors.forEach(({ times }, actor) => {
    const [offset, count] = [offsets[actor]!, firings[actor]!];
    const longest = times.reduce((most, time) => Math.max(most, time), 0);
    for (let k = 0; k < count; k++) {
      const before = offset + (k === 0 ? count - 1 : k - 1);
      const delay = k === 0 ? 1 : 0;
      if (given[offset + k] !== needed[actor]) edges.add(starts[before]!, starts[offset + k]!, 0, delay, -1, k);
      if (!hasEnds[actor]) continue;
      const time = times[k % times.length]!;
      edges.add(starts[offset + k]!, ends[offset + k]!, time, 0, -1, k);
      if (time < longest) edges.add(ends[before]!, ends[offset + k]!, 0, delay, -1, k);
    }
  });
  return {
    nodes,
    start: (actor, firing) => starts[offsets[actor]! + firing]!,
    end: (actor, firing) => {
      const { times } = graph.actors[actor]!;
      const ticks = hasEnds[actor] ? 0 : times[firing % times.length]!;
      return { node: ends[offsets[actor]! + firing]!, ticks };
    },
    ...edges.byTarget(nodes),
  };
}

/** Channels by their two actors: of all from one actor to another, only the one whose giver is last decides. */
function pairsOf(graph: SdfGraph) {
  const pairs = new Map<number, { readonly from: number; readonly to: number; readonly channels: number[] }>();
  graph.channels.forEach(({ from, to }, index) => {
    const key = from * graph.actors.length + to;
    const pair = pairs.get(key);
    if (pair) pair.channels.push(index);
    else pairs.set(key, { from, to, channels: [index] });
  });
  return [...pairs.values()];
}

/** Which firing gives the last token that a firing of the reader needs; firings before the beginning are below 0. */
export class Needs {
  readonly #given: readonly number[];
  readonly #taken: readonly number[];
  readonly #consume: readonly number[];
  readonly #tokens: number;
  readonly unit: number;

  constructor({ produce, consume, tokens }: SdfGraph['channels'][number]) {
    this.unit = gcdOf([...produce, ...consume]) || 1;
    this.#given = prefixSums(produce.map((rate) => rate / this.unit));
    this.#taken = prefixSums(consume.map((rate) => rate / this.unit));
    this.#consume = consume;
    this.#tokens = Math.floor(tokens / this.unit);
  }

  /** Units of tokens that must have been given before firing k can start; null where it takes none. */
  needOf(k: number): number | null {
    const phases = this.#consume.length;
    if (this.#consume[k % phases] === 0) return null;
    const round = Math.floor(k / phases);
    return round * this.#taken[phases]! + this.#taken[k - round * phases + 1]! - this.#tokens;
  }

  giverOf(k: number): number | null {
    const need = this.needOf(k);
    if (need === null) return null;
    const phases = this.#given.length - 1;
    const round = Math.ceil(need / this.#given[phases]!) - 1;
    const rest = need - round * this.#given[phases]!;
    let [low, high] = [0, phases - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#given[middle + 1]! >= rest) high = middle;
      else low = middle + 1;
    }
    return round * phases + low;
  }

  /** That of the last of so many firings that takes any; −∞ where none does. */
  lastGiver(firings: number): number {
    for (let k = firings - 1; k >= Math.max(0, firings - this.#consume.length); k--) {
      const giver = this.giverOf(k);
      if (giver !== null) return giver;
    }
    return Number.NEGATIVE_INFINITY;
  }

  /** Tokens more at the beginning with which firing k would do without the firing that now gives its last. */
  slackOf(k: number): number {
    const giver = this.giverOf(k)!;
    const phases = this.#given.length - 1;
    const round = Math.floor(giver / phases);
    const before = round * this.#given[phases]! + this.#given[giver - round * phases]!;
    return (this.needOf(k)! - before) * this.unit;
  }
}

class EdgeList {
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #weight: Float64Array;
  readonly #delay: Float64Array;
  readonly #channel: Int32Array;
  readonly #firing: Int32Array;
  #count = 0;

  constructor(room: number) {
    this.#from = new Int32Array(room);
    this.#to = new Int32Array(room);
    this.#weight = new Float64Array(room);
    this.#delay = new Float64Array(room);
    this.#channel = new Int32Array(room);
    this.#firing = new Int32Array(room);
  }

  add(from: number, to: number, weight: number, delay: number, channel: number, firing: number): void {
    const at = this.#count++;
    this.#from[at] = from;
    this.#to[at] = to;
    this.#weight[at] = weight;
    this.#delay[at] = delay;
    this.#channel[at] = channel;
    this.#firing[at] = firing;
  }

  byTarget(nodes: number): Pick<Precedence, 'first' | 'from' | 'weight' | 'delay' | 'channel' | 'firing'> {
    const count = this.#count;
    const first = new Int32Array(nodes + 1);
    for (let at = 0; at < count; at++) first[this.#to[at]! + 1]!++;
    for (let node = 0; node < nodes; node++) first[node + 1]! += first[node]!;
    const next = first.slice();
    const from = new Int32Array(count);
    const weight = new Float64Array(count);
    const delay = new Float64Array(count);
    const channel = new Int32Array(count);
    const firing = new Int32Array(count);
    for (let at = 0; at < count; at++) {
      const to = next[this.#to[at]!]!++;
      from[to] = this.#from[at]!;
      weight[to] = this.#weight[at]!;
      delay[to] = this.#delay[at]!;
      channel[to] = this.#channel[at]!;
      firing[to] = this.#firing[at]!;
    }
    return { first, from, weight, delay, channel, firing };
  }
}
