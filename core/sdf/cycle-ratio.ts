/**
 * Maximum cycle ratio Σ weight ÷ Σ delay by Howard's policy iteration (Cochet-Terrasson et al. 1998; Dasdan, ACM TODAES
 * 9(4), 2004), improving only where something changed. Potentials are kept as pairs (weight, delay) and compared exactly, so
 * that what ends it is a proof: a cycle that attains the ratio and potentials under which no cycle exceeds it.
 */
import { type Contracted, contracted } from './contract.ts';
import { type Fraction, fraction } from './fraction.ts';
import type { Precedence } from './precedence.ts';

export interface CriticalCycle {
  /** Ticks an iteration. */
  readonly ratio: Fraction;
  /** Constraints on a cycle that attains it. */
  readonly edges: readonly number[];
  /** Constraints and nodes looked at, a measure of the work that no clock disturbs. */
  readonly looks: number;
}

/** Sums of weights and of delays up to here, in magnitude, keep potentials exact. */
export const EXACT_SUM = 2 ** 49;
/** Looks at constraints after which the ratio of one component is given up: about a minute. */
export const LOOKS_LIMIT = 2_000_000_000;
const WARM_UP = 3;
/** Better cycles taken as they come before better ones are reached for. */
const PATIENCE = 6;
/** Looks at every constraint between two searches for cycles. */
const SWEEPS = 4;
const MOST_DENOMINATOR = 2 ** 20;
const EXACT = Number.MAX_SAFE_INTEGER;
/** Rounding of a few sums and products of this size. */
const ROUNDING = 2 ** -48;
const SPLIT = 2 ** 27 + 1;

/** Sign of q·weight − p·delay, exactly; all are whole and safe. */
export function signOf(q: number, weight: number, p: number, delay: number): number {
  const a = q * weight;
  const b = p * delay;
  const difference = a - b;
  const size = Math.abs(a) + Math.abs(b);
  if (size <= EXACT || Math.abs(difference) > size * 1e-15) return difference;
  // So close, the rounded products differ by exactly this, and what rounding took from them are whole numbers up to 2^52.
  return difference + (roundedOff(q, weight, a) - roundedOff(p, delay, b));
}

/** x·y − product exactly, where `product` is x·y as rounded (Dekker, Numer. Math. 18, 1971). */
function roundedOff(x: number, y: number, product: number): number {
  const highX = SPLIT * x - (SPLIT * x - x);
  const highY = SPLIT * y - (SPLIT * y - y);
  const lowX = x - highX;
  const lowY = y - highY;
  return lowX * lowY - (product - highX * highY - lowX * highY - highX * lowY);
}

/**
 * Of a precedence without cycles free of delay, on each node of which some constraint falls. Null where it was not found
 * within `most` looks. Throws RangeError where weights or delays add up to more than EXACT_SUM.
 */
export function maximumCycleRatio(precedence: Precedence, most: number): CriticalCycle | null {
  const { from, weight, delay } = precedence;
  let [weights, delays] = [0, 0];
  for (let edge = 0; edge < from.length; edge++) {
    weights += weight[edge]!;
    delays += delay[edge]!;
  }
  if (weights > EXACT_SUM || delays > EXACT_SUM)
    throw new RangeError(`weights add up to ${weights}, delays to ${delays}, above ${EXACT_SUM}`);
  const small = contracted(precedence);
  const found = new PolicyIteration(small).run(most);
  return found && { ratio: found.ratio, edges: found.cycle.flatMap(small.behind), looks: found.looks };
}

class PolicyIteration {
  readonly #graph: Contracted;
  /** Of each node the constraint that it follows. */
  readonly #policy: Int32Array;
  /** Nodes, each after the one that it follows but for roots, of which every cycle of the policy has one. */
  readonly #sequence: Int32Array;
  /** Of each node the root of the cycle that it hangs on. */
  readonly #root: Int32Array;
  readonly #w: Float64Array;
  readonly #d: Float64Array;
  /** A bit for each node with a potential that its followers have not seen. */
  readonly #news: Int32Array;
  /** Constraints ordered by the node they come from, and of each its place in the graph's. */
  readonly #outFirst: Int32Array;
  readonly #place: Int32Array;
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  readonly #weight: Float64Array;
  readonly #delay: Float64Array;
  /** About weight − ratio · delay of each constraint and w − ratio · d of each node; how far off sums of three are at most. */
  readonly #cost: Float64Array;
  readonly #value: Float64Array;
  #size = 0;
  /** What potentials are for; a trial where no cycle is known to attain it. */
  #p = -1;
  #q = 1;
  #isTrial = false;
  #bestP = -1;
  #bestQ = 1;
  #best: readonly number[] = [];
  /** By how much the best is better than the one before, and how often one was found. */
  #gain = 0;
  #steps = 0;
  /** Above what any cycle attains. */
  #above = Number.POSITIVE_INFINITY;
  #looks = 0;

  constructor(graph: Contracted) {
    const { nodes, from } = graph;
    this.#graph = graph;
    const { policy, time } = firstPolicy(graph);
    this.#looks = WARM_UP * from.length;
    this.#sequence = new Int32Array(nodes);
    this.#root = new Int32Array(nodes);
    this.#w = time;
    this.#d = new Float64Array(nodes);
    this.#news = new Int32Array((nodes + 31) >> 5);
    const edges = from.length;
    this.#outFirst = new Int32Array(nodes + 1);
    for (const node of from) this.#outFirst[node + 1]!++;
    for (let node = 0; node < nodes; node++) this.#outFirst[node + 1]! += this.#outFirst[node]!;
    const next = this.#outFirst.slice();
    this.#place = new Int32Array(edges);
    this.#from = new Int32Array(edges);
    this.#to = new Int32Array(edges);
    this.#weight = new Float64Array(edges);
    this.#delay = new Float64Array(edges);
    this.#cost = new Float64Array(edges);
    this.#value = new Float64Array(nodes);
    const at = new Int32Array(edges);
    for (let edge = 0; edge < edges; edge++) {
      const here = next[from[edge]!]!++;
      at[edge] = here;
      this.#place[here] = edge;
      this.#from[here] = from[edge]!;
      this.#to[here] = graph.to[edge]!;
      this.#weight[here] = graph.weight[edge]!;
      this.#delay[here] = graph.delay[edge]!;
    }
    this.#policy = policy.map((edge) => at[edge]!);
  }

  run(most: number): { readonly ratio: Fraction; readonly cycle: readonly number[]; readonly looks: number } | null {
    for (;;) {
      if (this.#looks > most) return null;
      if (this.#findCycles() && !this.#reach()) this.#try(this.#bestP, this.#bestQ, false);
      this.#evaluate();
      if (this.#improve()) continue;
      if (!this.#isTrial) break;
      // No cycle is so good: back to the best there is.
      this.#above = this.#p / this.#q;
      this.#try(this.#bestP, this.#bestQ, false);
    }
    return {
      ratio: fraction(BigInt(this.#bestP), BigInt(this.#bestQ)),
      cycle: this.#best.map((at) => this.#place[at]!),
      looks: this.#looks,
    };
  }

  /** Every constraint has to be looked at again. */
  #try(p: number, q: number, isTrial: boolean): void {
    this.#p = p;
    this.#q = q;
    this.#isTrial = isTrial;
    const { nodes } = this.#graph;
    const rate = p / q;
    let size = 0;
    for (let at = 0; at < this.#cost.length; at++) {
      const [weight, lost] = [this.#weight[at]!, rate * this.#delay[at]!];
      this.#cost[at] = weight - lost;
      size = Math.max(size, weight + lost);
    }
    for (let node = 0; node < nodes; node++) {
      const [weight, lost] = [this.#w[node]!, rate * this.#d[node]!];
      this.#value[node] = weight - lost;
      size = Math.max(size, Math.abs(weight) + Math.abs(lost));
    }
    this.#size = size;
    this.#news.fill(-1);
    if ((nodes & 31) !== 0) this.#news[nodes >> 5] = 2 ** (nodes & 31) - 1;
  }

  /**
   * Tries a ratio that may be too good: where every cycle is only a little better than the one before (one that goes round a
   * good part once more), further and further ahead, then halfway to what was too good. Whether it does.
   */
  #reach(): boolean {
    if (++this.#steps <= PATIENCE) return false;
    const best = this.#bestP / this.#bestQ;
    if (best >= this.#above) this.#above = Number.POSITIVE_INFINITY;
    const step = this.#above === Number.POSITIVE_INFINITY ? 4 * this.#gain : (this.#above - best) / 2;
    const q = 2 ** Math.max(0, Math.ceil(Math.log2(4 / step)));
    const p = Math.floor((best + step) * q);
    if (!(q <= MOST_DENOMINATOR && p <= EXACT / 2)) return false;
    this.#try(p, q, true);
    return true;
  }

  /** The policy's cycles; every node hangs on one. Whether one is better than what is tried, which makes it the best. */
  #findCycles(): boolean {
    const { nodes } = this.#graph;
    const [policy, from, weight, delay] = [this.#policy, this.#from, this.#weight, this.#delay];
    const root = this.#root.fill(-1);
    this.#looks += nodes;
    let [placed, p, q] = [0, this.#p, this.#q];
    let isFound = false;
    for (let node = 0; node < nodes; node++) {
      if (root[node] !== -1) continue;
      const path: number[] = [];
      let at = node;
      while (root[at] === -1) {
        root[at] = -2 - node;
        path.push(at);
        at = from[policy[at]!]!;
      }
      let id = root[at]!;
      if (id === -2 - node) {
        id = path[path.length - 1]!;
        const start = path.indexOf(at);
        let [total, count] = [0, 0];
        for (let place = start; place < path.length; place++) {
          total += weight[policy[path[place]!]!]!;
          count += delay[policy[path[place]!]!]!;
        }
        if (signOf(q, total, p, count) > 0) {
          const { numerator, denominator } = fraction(BigInt(total), BigInt(count));
          [p, q] = [Number(numerator), Number(denominator)];
          this.#best = path.slice(start).map((member) => policy[member]!);
          isFound = true;
        }
      }
      while (path.length > 0) {
        const member = path.pop()!;
        root[member] = id;
        this.#sequence[placed++] = member;
      }
    }
    if (isFound) {
      this.#gain = p / q - this.#bestP / this.#bestQ;
      [this.#bestP, this.#bestQ] = [p, q];
    }
    return isFound;
  }

  /** Potentials along the policy, from the root of each of its cycles. */
  #evaluate(): void {
    const [from, weight, delay, value] = [this.#from, this.#weight, this.#delay, this.#value];
    const [w, d, policy, root, news] = [this.#w, this.#d, this.#policy, this.#root, this.#news];
    const [p, q] = [this.#p, this.#q];
    const rate = p / q;
    let size = this.#size;
    for (const node of this.#sequence) {
      if (root[node] === node) continue;
      const edge = policy[node]!;
      const giver = from[edge]!;
      const newW = w[giver]! + weight[edge]!;
      const newD = d[giver]! + delay[edge]!;
      // Never lower: at one ratio potentials only rise, whichever node of a cycle is its root.
      if (signOf(q, newW - w[node]!, p, newD - d[node]!) <= 0) continue;
      w[node] = newW;
      d[node] = newD;
      value[node] = newW - rate * newD;
      size = Math.max(size, Math.abs(newW) + rate * Math.abs(newD));
      news[node >> 5]! |= 1 << (node & 31);
    }
    this.#size = size;
  }

  /**
   * Better constraints to follow, wherever a giver changed, in an order of execution. Stops for another look at the policy's
   * cycles after SWEEPS looks at each constraint: true; false where nothing is better any more.
   */
  #improve(): boolean {
    const [to, weight, delay, cost, value] = [this.#to, this.#weight, this.#delay, this.#cost, this.#value];
    const [w, d, policy, news, outFirst] = [this.#w, this.#d, this.#policy, this.#news, this.#outFirst];
    const [p, q] = [this.#p, this.#q];
    const rate = p / q;
    let size = this.#size;
    let margin = size * ROUNDING;
    let looks = this.#looks;
    const until = looks + SWEEPS * to.length;
    for (let isBetter = true; isBetter; ) {
      isBetter = false;
      for (let word = 0; word < news.length; word++) {
        for (;;) {
          const bits = news[word]!;
          if (bits === 0) break;
          if (looks >= until) {
            this.#looks = looks;
            this.#size = size;
            return true;
          }
          isBetter = true;
          const bit = bits & -bits;
          news[word] = bits ^ bit;
          const giver = (word << 5) + 31 - Math.clz32(bit);
          const fromW = w[giver]!;
          const fromD = d[giver]!;
          const least = value[giver]! + margin;
          const end = outFirst[giver + 1]!;
          looks += end - outFirst[giver]!;
          for (let at = outFirst[giver]!; at < end; at++) {
            const node = to[at]!;
            if (least + cost[at]! < value[node]!) continue;
            const newW = fromW + weight[at]!;
            const newD = fromD + delay[at]!;
            if (signOf(q, newW - w[node]!, p, newD - d[node]!) <= 0) continue;
            w[node] = newW;
            d[node] = newD;
            value[node] = newW - rate * newD;
            const newSize = Math.abs(newW) + rate * Math.abs(newD);
            if (newSize > size) {
              size = newSize;
              margin = size * ROUNDING;
            }
            policy[node] = at;
            news[node >> 5]! |= 1 << (node & 31);
          }
        }
      }
    }
    this.#looks = looks;
    this.#size = size;
    return false;
  }
}

/** What decided the starts of the last of a few iterations played from the beginning, and these starts. */
function firstPolicy({ nodes, first, from, weight, delay }: Contracted): {
  readonly policy: Int32Array;
  readonly time: Float64Array;
} {
  const policy = new Int32Array(nodes);
  const time = new Float64Array(nodes);
  for (let round = 0; round < WARM_UP; round++) {
    const before = time.slice();
    for (let node = 0; node < nodes; node++) {
      let latest = Number.NEGATIVE_INFINITY;
      for (let edge = first[node]!; edge < first[node + 1]!; edge++) {
        const giver = from[edge]!;
        const start = (delay[edge] === 0 ? time[giver]! : before[giver]!) + weight[edge]!;
        if (start <= latest) continue;
        latest = start;
        policy[node] = edge;
      }
      time[node] = latest;
    }
  }
  return { policy, time };
}
