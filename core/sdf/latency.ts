/**
 * Latency. First iteration: from tick 0 to the end of its last firing, all started as early as they can. Steady: from the
 * start of a source's first firing in an iteration to the end of a sink's last in the same, the least that a schedule
 * repeating at the graph's full rate allows: a longest path with weight − period · delay (Sriram & Bhattacharyya, chapter 7;
 * Moreira & Bekooij, EURASIP JASP 2007).
 */

import { signOf } from './cycle-ratio.ts';
import { type Fraction, fraction } from './fraction.ts';
import type { Precedence } from './precedence.ts';

/** Ticks until the last of the first `firings` of every actor has ended. */
export function firstIteration(precedence: Precedence, firings: readonly number[]): number {
  const { nodes, first, from, weight, delay } = precedence;
  const start = new Float64Array(nodes);
  for (let node = 0; node < nodes; node++) {
    let latest = 0;
    for (let edge = first[node]!; edge < first[node + 1]!; edge++)
      if (delay[edge] === 0) latest = Math.max(latest, start[from[edge]!]! + weight[edge]!);
    start[node] = latest;
  }
  let makespan = 0;
  firings.forEach((count, actor) => {
    // Firings start and deliver in order, so the last one ends last.
    const { node, ticks } = precedence.end(actor, count - 1);
    makespan = Math.max(makespan, start[node]! + ticks);
  });
  return makespan;
}

/**
 * Ticks of each sink after the source: null where no path leads there, or all null where the longest paths were not found
 * within `most` looks at a constraint. `period` is ticks an iteration, at least the graph's.
 */
export function steadyLatency(
  precedence: Precedence,
  firings: readonly number[],
  period: Fraction,
  source: number,
  sinks: readonly number[],
  most: number,
): readonly (Fraction | null)[] {
  const { nodes, first, from, weight, delay } = precedence;
  if (from.length > most) return sinks.map(() => null);
  const [p, q] = [Number(period.numerator), Number(period.denominator)];
  const w = new Float64Array(nodes);
  const d = new Float64Array(nodes);
  const isReached = new Uint8Array(nodes);
  isReached[precedence.start(source, 0)] = 1;
  let looks = 0;
  for (let isLonger = true; isLonger; ) {
    isLonger = false;
    looks += from.length;
    if (looks > most) return sinks.map(() => null);
    for (let node = 0; node < nodes; node++) {
      for (let edge = first[node]!; edge < first[node + 1]!; edge++) {
        const giver = from[edge]!;
        if (isReached[giver] === 0) continue;
        const [newW, newD] = [w[giver]! + weight[edge]!, d[giver]! + delay[edge]!];
        if (isReached[node] === 1 && signOf(q, newW - w[node]!, p, newD - d[node]!) <= 0) continue;
        w[node] = newW;
        d[node] = newD;
        isReached[node] = 1;
        isLonger = true;
      }
    }
  }
  return sinks.map((sink) => {
    const { node, ticks } = precedence.end(sink, firings[sink]! - 1);
    if (isReached[node] === 0) return null;
    const moved = BigInt(w[node]! + ticks) * period.denominator - period.numerator * BigInt(d[node]!);
    return fraction(moved, period.denominator);
  });
}
