/**
 * What a graph is: consistent or not, live or not, how fast it runs for ever and how long a token takes. Throughput is
 * the least of the strongly connected components', each analysed alone, in iterations of the whole graph.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { stronglyConnected } from './components.ts';
import { type CriticalCycle, EXACT_SUM, LOOKS_LIMIT, maximumCycleRatio } from './cycle-ratio.ts';
import { compare, type Fraction, fraction, inverse, times } from './fraction.ts';
import { type Part, partsOf, type SdfGraph, sum } from './graph.ts';
import { type Iteration, iterate, type Lack } from './iteration.ts';
import { firstIteration, steadyLatency } from './latency.ts';
import { type Precedence, precedenceOf } from './precedence.ts';
import { type Inconsistency, type Repetition, repetitionOf } from './repetition.ts';

/** Firings of an iteration of one component that are expanded; above it the answer is a problem, not a wait. */
export const FIRING_LIMIT = 4_000_000;
/** Firings of an iteration of the graph up to which latency is worked out, and looks at constraints it may take. */
const LATENCY_FIRINGS = 200_000;
const LATENCY_LOOKS = 30_000_000;
/** Pairs of sources and sinks above which none is listed. */
const LATENCY_PAIRS = 10_000;

export type Analysis =
  | { readonly kind: 'inconsistent'; readonly inconsistency: Inconsistency }
  | {
      readonly kind: 'consistent';
      readonly repetition: Repetition;
      /** Null where it could not be told: `problem` says why. */
      readonly rate: Rate | null;
      readonly latency: Latency | null;
      readonly problem: Problem | null;
    };

export type Rate =
  /** Actors and channels of the graph; the cycle that waits for itself. */
  | { readonly kind: 'deadlock'; readonly cycle: readonly Lack[] }
  /** `throughput`: iterations a tick. */
  | {
      readonly kind: 'bounded';
      readonly throughput: Fraction;
      readonly critical: { readonly actors: readonly number[]; readonly channels: readonly number[] };
    }
  /** No cycle takes time: nothing limits it. `cycles`: components with cycles that take none. */
  | { readonly kind: 'unbounded'; readonly cycles: readonly (readonly number[])[] };

export interface Latency {
  /** Ticks. */
  readonly firstIteration: number;
  /** Of every source and sink: actors without channels from (to) others; empty where there are too many pairs. */
  readonly steady: readonly { readonly source: number; readonly sink: number; readonly ticks: Fraction | null }[];
}

/** A component with everything that is asked of it; channels and actors are those of `part`. */
export interface Expansion {
  readonly part: Part;
  readonly firings: readonly number[];
  readonly precedence: Precedence;
}

/** Never throws for a graph that `parseSdf` lets through. */
export function analyseSdf(graph: SdfGraph): Analysis {
  const found = repetitionOf(graph);
  if (!found.ok) return { kind: 'inconsistent', inconsistency: found.error };
  const repetition = found.value;
  const { rate, whole } = ratedParts(graph, repetition);
  if ('code' in rate) return { kind: 'consistent', repetition, rate: null, latency: null, problem: rate };
  return { kind: 'consistent', repetition, rate, latency: latencyOf(graph, repetition, rate, whole), problem: null };
}

/** Deadlock, throughput or none; a problem where the graph is too large to tell. */
export function rateOf(graph: SdfGraph, repetition: Repetition): Rate | Problem {
  return ratedParts(graph, repetition).rate;
}

/** And the expansion of the whole graph, where that was made for it. */
function ratedParts(
  graph: SdfGraph,
  repetition: Repetition,
): { readonly rate: Rate | Problem; readonly whole: Precedence | null } {
  let whole: Precedence | null = null;
  let slowest: {
    readonly ticks: Fraction;
    readonly actors: readonly number[];
    readonly channels: readonly number[];
  } | null = null;
  const timeless: (readonly number[])[] = [];
  let tooLarge: Problem | null = null;
  for (const part of partsOf(graph, stronglyConnected(graph))) {
    const { actors } = part;
    if (!part.graph.channels.some(({ consume }) => sum(consume) > 0)) continue;
    const expansion = expand(part);
    if ('code' in expansion) {
      tooLarge ??= expansion;
      continue;
    }
    if ('cycle' in expansion) return { rate: { kind: 'deadlock', cycle: expansion.cycle }, whole };
    if (actors.length === graph.actors.length) whole = expansion.precedence;
    const cycle = maximumCycleRatio(expansion.precedence, LOOKS_LIMIT);
    if (cycle === null) {
      tooLarge ??= tooLong(part);
      continue;
    }
    const { ratio, edges } = cycle;
    if (ratio.numerator === 0n) {
      timeless.push(actors);
      continue;
    }
    const perIteration = repetition.firings[actors[0]!]! / BigInt(expansion.firings[0]!);
    const ticks = times(ratio, fraction(perIteration, 1n));
    if (slowest !== null && compare(ticks, slowest.ticks) <= 0) continue;
    slowest = { ticks, ...namedOn(expansion, edges) };
  }
  if (tooLarge) return { rate: tooLarge, whole };
  if (slowest === null) return { rate: { kind: 'unbounded', cycles: timeless }, whole };
  const { ticks, ...critical } = slowest;
  return { rate: { kind: 'bounded', throughput: inverse(ticks), critical }, whole };
}

/** The expansion of a strongly connected part; its deadlock, as actors and channels of the whole; or why it is too large. */
export function expand(part: Part): Expansion | { readonly cycle: readonly Lack[] } | Problem {
  const found = repetitionOf(part.graph);
  if (!found.ok) throw new Error(`part of a consistent graph is not: ${part.graph.name}`);
  const { firingSum } = found.value;
  if (firingSum > BigInt(FIRING_LIMIT))
    return problem(
      'sdf.too-large',
      `An iteration of the ${part.actors.length} actors around ${part.graph.actors[0]!.name} has ${firingSum} firings, above ${FIRING_LIMIT}`,
      { facts: { demand: String(firingSum), bound: FIRING_LIMIT, unit: 'firings' } },
    );
  const firings = found.value.firings.map(Number);
  const load = part.graph.channels.reduce(
    (most, { from, produce, tokens }) => Math.max(most, (firings[from]! / produce.length) * sum(produce) + tokens),
    part.graph.actors.reduce((all, actor, index) => all + (firings[index]! / actor.times.length) * sum(actor.times), 0),
  );
  if (load > EXACT_SUM)
    return problem(
      'sdf.numbers-too-large',
      `Times or tokens of an iteration around ${part.graph.actors[0]!.name} add up to ${load}, above ${EXACT_SUM}`,
      { facts: { demand: load, bound: EXACT_SUM } },
    );
  const iteration: Iteration = iterate(part.graph, firings);
  if (!iteration.isLive)
    return {
      cycle: iteration.cycle.map((lack) => ({
        ...lack,
        actor: part.actors[lack.actor]!,
        channel: part.channels[lack.channel]!,
      })),
    };
  return { part, firings, precedence: precedenceOf(part.graph, firings, iteration.order) };
}

/** Why the ratio of a component is not known. */
export function tooLong(part: Part): Problem {
  return problem(
    'sdf.too-long',
    `What limits the ${part.actors.length} actors around ${part.graph.actors[0]!.name} was not found within ${LOOKS_LIMIT} looks at their constraints`,
    { facts: { bound: LOOKS_LIMIT, unit: 'looks' } },
  );
}

function namedOn({ part, precedence }: Expansion, edges: CriticalCycle['edges']) {
  const channels = new Set<number>();
  for (const edge of edges) if (precedence.channel[edge]! >= 0) channels.add(precedence.channel[edge]!);
  const sorted = [...channels].sort((a, b) => a - b);
  const actors = new Set(sorted.flatMap((index) => [part.graph.channels[index]!.from, part.graph.channels[index]!.to]));
  return {
    actors: [...actors].sort((a, b) => a - b).map((actor) => part.actors[actor]!),
    channels: sorted.map((index) => part.channels[index]!),
  };
}

/** Null where the graph stands still or an iteration of it is too long. */
function latencyOf(
  graph: SdfGraph,
  { firings, firingSum }: Repetition,
  rate: Rate,
  whole: Precedence | null,
): Latency | null {
  if (rate.kind === 'deadlock' || firingSum > BigInt(LATENCY_FIRINGS)) return null;
  const counts = firings.map(Number);
  const work = graph.actors.reduce((all, { times: t }, actor) => all + (counts[actor]! / t.length) * sum(t), 0);
  if (work > EXACT_SUM || graph.channels.some(({ tokens }) => tokens > EXACT_SUM / graph.channels.length)) return null;
  const precedence = whole ?? expandedWhole(graph, counts);
  const hasWriter = new Uint8Array(graph.actors.length);
  const hasReader = new Uint8Array(graph.actors.length);
  for (const { from, to } of graph.channels) {
    if (from === to) continue;
    hasReader[from] = 1;
    hasWriter[to] = 1;
  }
  const all = graph.actors.map((_, actor) => actor);
  const sources = all.filter((actor) => hasWriter[actor] === 0);
  const sinks = all.filter((actor) => hasReader[actor] === 0);
  const isFew = sources.length * sinks.length <= LATENCY_PAIRS;
  const period = rate.kind === 'bounded' ? inverse(rate.throughput) : fraction(0n, 1n);
  const looks = LATENCY_LOOKS / Math.max(1, sources.length);
  return {
    firstIteration: firstIteration(precedence, counts),
    steady: (isFew ? sources : []).flatMap((source) => {
      const found = steadyLatency(precedence, counts, period, source, sinks, looks);
      return sinks.map((sink, index) => ({ source, sink, ticks: found[index]! }));
    }),
  };
}

function expandedWhole(graph: SdfGraph, firings: readonly number[]): Precedence {
  const iteration = iterate(graph, firings);
  if (!iteration.isLive) throw new Error(`${graph.name} stands still though none of its components does`);
  return precedenceOf(graph, firings, iteration.order);
}
