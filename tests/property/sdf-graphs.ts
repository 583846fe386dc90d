/** Random consistent SDF and CSDF graphs, live or not, and their expansion written out token by token as a reference. */
import type { Rng } from '#core/base/rng.ts';
import type { SdfActor, SdfChannel, SdfGraph } from '#core/sdf/graph.ts';

export interface RandomSdf {
  readonly actors: number;
  readonly channels: number;
  readonly rounds: number;
  readonly phases: number;
  readonly time: number;
  /** Every actor keeps itself from overlapping. */
  readonly isSerial: boolean;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** Consistent by construction: rates follow from rounds drawn first. */
export function randomSdf(rng: Rng, { actors: n, channels: m, rounds, phases, time, isSerial }: RandomSdf): SdfGraph {
  const count = 1 + rng.below(n);
  const round = Array.from({ length: count }, () => 1 + rng.below(rounds));
  const actors = round.map(
    (_, index): SdfActor => ({
      name: `a${index}`,
      times: Array.from({ length: 1 + rng.below(phases) }, () => rng.below(time + 1)),
    }),
  );
  const split = (total: number, parts: number): readonly number[] => {
    const rates = Array<number>(parts).fill(0);
    for (let i = 0; i < total; i++) rates[rng.below(parts)]!++;
    return rates;
  };
  const channels: SdfChannel[] = [];
  const link = (from: number, to: number): void => {
    const common = divisor(round[from]!, round[to]!);
    const factor = 1 + rng.below(2);
    const produced = (factor * round[to]!) / common;
    const consumed = (factor * round[from]!) / common;
    channels.push({
      name: `c${channels.length}`,
      from,
      to,
      produce: split(produced, actors[from]!.times.length),
      consume: split(consumed, actors[to]!.times.length),
      tokens: rng.below(3) === 0 ? 0 : rng.below(2 * produced + 2 * consumed),
    });
  };
  for (let to = 1; to < count; to++) if (rng.below(8) > 0) link(rng.below(to), to);
  for (let extra = rng.below(m + 1); extra > 0; extra--) link(rng.below(count), rng.below(count));
  if (isSerial)
    actors.forEach(({ times }, index) => {
      const ones = times.map(() => 1);
      channels.push({ name: `s${index}`, from: index, to: index, produce: ones, consume: ones, tokens: 1 });
    });
  return { name: 'random', actors, channels };
}

interface Constraint {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly delay: number;
}

/** Two nodes a firing, start and delivery, and a constraint for every single token. */
export function writtenOut(graph: SdfGraph, firings: readonly number[]): { nodes: number; constraints: Constraint[] } {
  const offsets: number[] = [];
  let nodes = 0;
  for (const count of firings) {
    offsets.push(nodes);
    nodes += 2 * count;
  }
  const constraints: Constraint[] = [];
  graph.actors.forEach(({ times }, actor) => {
    const count = firings[actor]!;
    for (let k = 0; k < count; k++) {
      const [start, before] = [offsets[actor]! + 2 * k, offsets[actor]! + 2 * ((k + count - 1) % count)];
      const delay = k === 0 ? 1 : 0;
      constraints.push({ from: start, to: start + 1, weight: times[k % times.length]!, delay: 0 });
      constraints.push({ from: before, to: start, weight: 0, delay });
      constraints.push({ from: before + 1, to: start + 1, weight: 0, delay });
    }
  });
  for (const { from, to, produce, consume, tokens } of graph.channels) {
    const givers: number[] = [];
    for (let k = 0; k < firings[from]!; k++)
      for (let i = 0; i < produce[k % produce.length]!; i++) givers.push(offsets[from]! + 2 * k + 1);
    let taken = 0;
    for (let k = 0; k < firings[to]!; k++) {
      for (let i = 0; i < consume[k % consume.length]!; i++) {
        const token = taken++ - tokens;
        const round = Math.floor(token / givers.length);
        const giver = givers[token - round * givers.length]!;
        constraints.push({ from: giver, to: offsets[to]! + 2 * k, weight: 0, delay: -round });
      }
    }
  }
  return { nodes, constraints };
}

/** Whether some cycle has Σ (weight · q − delay · p) > 0, or ≥ 0 with `orZero`; Bellman–Ford. */
export function hasCycleAbove(
  { nodes, constraints }: ReturnType<typeof writtenOut>,
  p: bigint,
  q: bigint,
  orZero = false,
): boolean {
  // A hair more on every constraint makes cycles of exactly 0 count.
  const scale = BigInt(nodes + 1);
  const costs = constraints.map(
    ({ weight, delay }) => (BigInt(weight) * q - BigInt(delay) * p) * scale + (orZero ? 1n : 0n),
  );
  const longest = Array<bigint>(nodes).fill(0n);
  for (let round = 0; round <= nodes; round++) {
    let isLonger = false;
    constraints.forEach(({ from, to }, index) => {
      const length = longest[from]! + costs[index]!;
      if (length <= longest[to]!) return;
      longest[to] = length;
      isLonger = true;
    });
    if (!isLonger) return false;
  }
  return true;
}

/** A cycle of constraints without delay. */
export function standsStill({ nodes, constraints }: ReturnType<typeof writtenOut>): boolean {
  const next: number[][] = Array.from({ length: nodes }, () => []);
  const waiting = new Int32Array(nodes);
  for (const { from, to, delay } of constraints) {
    if (delay > 0) continue;
    next[from]!.push(to);
    waiting[to]!++;
  }
  const ready = [...waiting.keys()].filter((node) => waiting[node] === 0);
  for (const node of ready) for (const to of next[node]!) if (--waiting[to]! === 0) ready.push(to);
  return ready.length < nodes;
}
