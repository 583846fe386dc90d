/**
 * Maximum cycle ratio Σ weight ÷ Σ delay by Howard's policy iteration (Cochet-Terrasson et al. 1998; Dasdan, ACM TODAES
 * 9(4), 2004). Potentials are kept as pairs (weight, delay) and compared exactly, so that what ends it is a proof: a cycle
 * that attains the ratio and potentials under which no cycle exceeds it.
 */
import { type Fraction, fraction } from './fraction.ts';
import type { Precedence } from './precedence.ts';

export interface CriticalCycle {
  /** Ticks an iteration. */
  readonly ratio: Fraction;
  /** Constraints on a cycle that attains it. */
  readonly edges: readonly number[];
}

/** Sums of weights and of delays up to here, in magnitude, keep potentials exact. */
export const EXACT_SUM = 2 ** 49;
const WARM_UP = 3;
const EXACT = Number.MAX_SAFE_INTEGER;

/** Sign of q·weight − p·delay, exactly; all are whole and safe. */
export function signOf(q: number, weight: number, p: number, delay: number): number {
  const [a, b] = [q * weight, p * delay];
  const difference = a - b;
  const size = Math.abs(a) + Math.abs(b);
  if (size <= EXACT || Math.abs(difference) > size * 1e-15) return difference;
  const exact = BigInt(q) * BigInt(weight) - BigInt(p) * BigInt(delay);
  return exact > 0n ? 1 : exact < 0n ? -1 : 0;
}

/**
 * Of a strongly connected precedence without cycles free of delay. Throws RangeError where weights or delays add up to
 * more than EXACT_SUM.
 */
export function maximumCycleRatio(precedence: Precedence): CriticalCycle {
  const { nodes, first, from, weight, delay } = precedence;
  let [weights, delays] = [0, 0];
  for (let edge = 0; edge < from.length; edge++) {
    weights += weight[edge]!;
    delays += delay[edge]!;
  }
  if (weights > EXACT_SUM || delays > EXACT_SUM)
    throw new RangeError(`weights add up to ${weights}, delays to ${delays}, above ${EXACT_SUM}`);

  const policy = firstPolicy(precedence);
  const w = new Float64Array(nodes);
  const d = new Float64Array(nodes);
  const isReached = new Uint8Array(nodes);
  const owner = new Int32Array(nodes);
  const sequence = new Int32Array(nodes);
  let [p, q] = [-1, 1];
  let best: number[] = [];
  for (;;) {
    // Cycles of the policy; every node hangs on one. `sequence` has the node that a node follows before it.
    owner.fill(-1);
    let [placed, root] = [0, -1];
    let chosen = -1;
    for (let node = 0; node < nodes; node++) {
      if (owner[node] !== -1) continue;
      const path: number[] = [];
      let at = node;
      while (owner[at] === -1) {
        owner[at] = -2 - node;
        path.push(at);
        at = from[policy[at]!]!;
      }
      let id = owner[at]!;
      if (id === -2 - node) {
        id = path[path.length - 1]!;
        const cycle = path.slice(path.indexOf(at));
        const total = cycle.reduce((all, member) => all + weight[policy[member]!]!, 0);
        const count = cycle.reduce((all, member) => all + delay[policy[member]!]!, 0);
        const sign = signOf(q, total, p, count);
        if (chosen === -1 ? sign >= 0 : sign > 0) {
          if (sign > 0) {
            const { numerator, denominator } = fraction(BigInt(total), BigInt(count));
            [p, q] = [Number(numerator), Number(denominator)];
            isReached.fill(0);
          }
          [chosen, root] = [id, id];
          best = cycle.map((member) => policy[member]!);
        }
      }
      while (path.length > 0) {
        const member = path.pop()!;
        owner[member] = id;
        sequence[placed++] = member;
      }
    }
    // Potentials of what hangs on the best cycle. At an unchanged ratio they only rise, so the iteration ends.
    if (isReached[root] === 0) {
      w[root] = 0;
      d[root] = 0;
      isReached[root] = 1;
    }
    for (const node of sequence) {
      if (owner[node] !== chosen || node === root) continue;
      const edge = policy[node]!;
      w[node] = w[from[edge]!]! + weight[edge]!;
      d[node] = d[from[edge]!]! + delay[edge]!;
      isReached[node] = 1;
    }
    let isBetter = false;
    for (let node = 0; node < nodes; node++) {
      for (let edge = first[node]!; edge < first[node + 1]!; edge++) {
        const giver = from[edge]!;
        if (isReached[giver] === 0) continue;
        const [newW, newD] = [w[giver]! + weight[edge]!, d[giver]! + delay[edge]!];
        if (isReached[node] === 1 && signOf(q, newW - w[node]!, p, newD - d[node]!) <= 0) continue;
        w[node] = newW;
        d[node] = newD;
        isReached[node] = 1;
        policy[node] = edge;
        isBetter = true;
      }
    }
    if (!isBetter) return { ratio: fraction(BigInt(p), BigInt(q)), edges: best };
  }
}

/** What decided the starts of the last of a few iterations played from the beginning. */
function firstPolicy({ nodes, first, from, weight, delay }: Precedence): Int32Array {
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
  return policy;
}
