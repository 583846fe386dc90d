/**
 * Buffer sizes against throughput, exactly (problem of Stuijk, Geilen & Basten, DAC 2006 and IEEE ToC 57(10), 2008). A
 * bounded channel is a channel back with its free room: claimed when a firing starts, given back when the reader's ends.
 * A critical cycle lasts until some channel on it has room enough to break it (its storage dependencies); whatever is faster
 * breaks it somewhere, so the search branches there, smallest total first, and one cycle found cuts every distribution that
 * keeps it.
 */
import type { Problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { expand, rateOf, tooLong } from './analyse.ts';
import { stronglyConnected } from './components.ts';
import { LOOKS_LIMIT, maximumCycleRatio } from './cycle-ratio.ts';
import { compare, type Fraction, fraction, gcdOf, inverse } from './fraction.ts';
import { partsOf, type SdfChannel, type SdfGraph, sum } from './graph.ts';
import { Needs } from './precedence.ts';
import { repetitionOf } from './repetition.ts';

/** Distributions analysed where the caller does not say: as many as expand so many firings, no more than the first figure. */
export const EVALUATION_LIMIT = 20_000;
export const FIRINGS_LIMIT = 20_000_000;
/** Looks at constraints in all and whatever else costs time or room, in looks, after which the search ends: about ten seconds. */
const STUDY_LOOKS = 300_000_000;
/** Of the looks above: for a constraint that is expanded, and for a capacity of a region that is written down. */
const EXPANSION_LOOKS = 10;
const REGION_LOOKS = 5;
/** Distributions where no buffers are the last: nothing but their sizes limits the throughput. */
export const OPEN_LIMIT = 100;
/** Regions of distributions looked at, for each that may be analysed. */
export const REGIONS_EACH = 50;

export interface BufferOptions {
  /** Distributions that are analysed; the search ends there. */
  readonly evaluations?: number;
  /** Distributions listed of one size, default 16: alternatives can be very many. */
  readonly listed?: number;
  readonly cancelled?: () => boolean;
}

export interface BufferPoint {
  /** Tokens: Σ capacity of the channels between different actors. */
  readonly size: number;
  /** Iterations a tick; no distribution of this size or less is faster. */
  readonly throughput: Fraction;
  /** Those of this size that attain it, up to `listed`: capacities by channel, 0 for a channel from an actor to itself. */
  readonly distributions: readonly (readonly number[])[];
}

export interface BufferStudy {
  /** Rising in size and in throughput; empty where the graph stands still with any buffers. */
  readonly points: readonly BufferPoint[];
  /** The last point is the throughput of unbounded buffers. */
  readonly isComplete: boolean;
  /** Up to this size the points are all there are. */
  readonly exactTo: number;
  readonly evaluations: number;
}

/** Exceeding `throughput` (null: not standing still) takes, on one of these channels, at least this capacity. */
interface Dependency {
  readonly throughput: Fraction | null;
  /** About the same, to tell most fractions apart without their digits. */
  readonly about: number;
  readonly needs: readonly { readonly channel: number; readonly capacity: number }[];
}

interface Evaluation {
  readonly dependency: Dependency;
  /** At constraints, and what expanding them is worth. */
  readonly looks: number;
}

/** Distributions from `least` up, below `below` where that is set. */
interface Region {
  readonly least: readonly number[];
  readonly below: readonly number[];
}

/** Null where the graph is inconsistent; a problem where it is too large to analyse. */
export function bufferStudy(graph: SdfGraph, options: BufferOptions = {}): Result<BufferStudy, Problem> | null {
  const repetition = repetitionOf(graph);
  if (!repetition.ok) return null;
  const rate = rateOf(graph, repetition.value);
  if ('code' in rate) return err(rate);
  if (rate.kind === 'deadlock') return ok({ points: [], isComplete: true, exactTo: Infinity, evaluations: 0 });
  const fastest = rate.kind === 'bounded' ? rate.throughput : TIMELESS;
  const within = Math.ceil(FIRINGS_LIMIT / Number(repetition.value.firingSum));
  const usual = rate.kind === 'bounded' ? Math.min(EVALUATION_LIMIT, within) : Math.min(OPEN_LIMIT, within);
  const { evaluations: most = usual, listed = 16, cancelled = () => false } = options;

  const first: Region = {
    least: graph.channels.map(leastCapacity),
    below: graph.channels.map(() => Number.POSITIVE_INFINITY),
  };
  const waiting = new Map<number, Region[]>([[sum(first.least), [first]]]);
  const dependencies: Dependency[] = [];
  const points: { size: number; throughput: Fraction; distributions: (readonly number[])[] }[] = [];
  let evaluations = 0;
  let regionsSeen = 0;
  let looks = 0;
  const done = (isComplete: boolean, exactTo: number) => {
    return ok({ points: points.filter((point) => point.size <= exactTo), isComplete, exactTo, evaluations });
  };
  for (;;) {
    const size = Math.min(...waiting.keys());
    const best = points[points.length - 1]?.throughput ?? null;
    if (best && compare(best, fastest) >= 0) return done(true, Infinity);
    if (size === Infinity) return done(true, Infinity);
    const regions = waiting.get(size)!;
    waiting.delete(size);
    for (const region of regions) {
      if (++regionsSeen > REGIONS_EACH * most || looks > STUDY_LOOKS) return done(false, size - 1);
      // What is only as fast as the best of this size is another distribution of it; of a smaller size, of no interest.
      const last = points[points.length - 1];
      const isListed = last !== undefined && last.size === size && last.distributions.length >= listed;
      let dependency = knownDependency(dependencies, region, isListed ? last.throughput : best);
      if (dependency === null) {
        if (evaluations >= most || cancelled()) return done(false, size - 1);
        evaluations++;
        const found = evaluate(graph, region.least);
        if (!found.ok) return found;
        dependency = found.value.dependency;
        looks += found.value.looks;
        insert(dependencies, dependency);
        note(region.least, size, dependency.throughput);
      }
      // Dependencies gone through, and capacities written down for the regions that follow.
      looks += dependencies.length + REGION_LOOKS * graph.channels.length * dependency.needs.length;
      branch(region, dependency);
    }
  }

  function note(capacities: readonly number[], size: number, throughput: Fraction | null): void {
    if (throughput === null) return;
    const last = points[points.length - 1];
    const order = last ? compare(throughput, last.throughput) : 1;
    const distribution = capacities.map((capacity, index) => (isLoop(graph.channels[index]!) ? 0 : capacity));
    if (order === 0 && last!.size === size) last!.distributions.push(distribution);
    if (order <= 0) return;
    if (last?.size === size) points.pop();
    points.push({ size, throughput, distributions: [distribution] });
  }

  // Child i has what breaks the cycle on channel i and on none before it, so that no distribution is met twice.
  function branch({ least, below }: Region, { needs }: Dependency): void {
    const bounds = [...below];
    for (const { channel, capacity } of needs) {
      if (capacity >= bounds[channel]!) continue;
      const capacities = least.with(channel, capacity);
      const region = { least: capacities, below: [...bounds] };
      const size = sum(capacities);
      const there = waiting.get(size);
      if (there) there.push(region);
      else waiting.set(size, [region]);
      bounds[channel] = capacity;
    }
  }
}

/**
 * Of the dependencies already found (fewest channels first) one that holds for all of the region that does not break it, and
 * lets it be no faster than `best`.
 */
function knownDependency(
  dependencies: readonly Dependency[],
  region: Region,
  best: Fraction | null,
): Dependency | null {
  const { least } = region;
  const about = best === null ? -1 : ratioOf(best);
  search: for (const dependency of dependencies) {
    const { throughput, needs } = dependency;
    if (dependency.about > about + Math.abs(about) * 1e-12) continue;
    for (const { channel, capacity } of needs) if (least[channel]! >= capacity) continue search;
    if (throughput === null || (best !== null && compare(throughput, best) <= 0)) return dependency;
  }
  return null;
}

/** Keeps those with fewest channels first. */
function insert(dependencies: Dependency[], dependency: Dependency): void {
  let [low, high] = [0, dependencies.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (dependencies[middle]!.needs.length <= dependency.needs.length) low = middle + 1;
    else high = middle;
  }
  dependencies.splice(low, 0, dependency);
}

function ratioOf({ numerator, denominator }: Fraction): number {
  return Number(numerator) / Number(denominator);
}

function isLoop({ from, to }: SdfChannel): boolean {
  return from === to;
}

/** What any execution takes: room for a firing at either end, and p + c − gcd(p, c) with constant rates (Murthy & Bhattacharyya). */
function leastCapacity(channel: SdfChannel): number {
  const { produce, consume, tokens } = channel;
  if (isLoop(channel)) return 0;
  const unit = gcdOf([...produce, ...consume]) || 1;
  const isConstant = [produce, consume].every((rates) => rates.every((rate) => rate === rates[0]));
  const room = isConstant ? produce[0]! + consume[0]! - unit : Math.max(...produce, ...consume);
  return Math.max(tokens, room + (tokens % unit));
}

/** The graph with every channel between different actors bounded; the channel back of channel i is channels + i. */
export function bounded(graph: SdfGraph, capacities: readonly number[]): SdfGraph {
  const back = graph.channels.map((channel, index): SdfChannel => {
    const { name, from, to, produce, consume, tokens } = channel;
    if (isLoop(channel)) return channel;
    const free = capacities[index]! - tokens;
    return { name: `room of ${name}`, from: to, to: from, produce: consume, consume: produce, tokens: free };
  });
  return { ...graph, channels: [...graph.channels, ...back] };
}

function evaluate(graph: SdfGraph, capacities: readonly number[]): Result<Evaluation, Problem> {
  const limited = bounded(graph, capacities);
  const count = graph.channels.length;
  let ticks = fraction(-1n, 1n);
  let needs = new Map<number, number>();
  let looks = 0;
  for (const part of partsOf(limited, stronglyConnected(limited))) {
    if (!part.graph.channels.some(({ consume }) => sum(consume) > 0)) continue;
    const expansion = expand(part);
    if ('code' in expansion) return err(expansion);
    if ('cycle' in expansion) {
      const lacking = new Map<number, number>();
      for (const { channel, needed, there } of expansion.cycle)
        if (channel >= count) raise(lacking, channel - count, needed - there);
      return ok({ dependency: { throughput: null, about: -1, needs: absolute(lacking) }, looks });
    }
    const { precedence } = expansion;
    const cycle = maximumCycleRatio(precedence, LOOKS_LIMIT);
    if (cycle === null) return err(tooLong(part));
    const { ratio, edges } = cycle;
    looks += cycle.looks + EXPANSION_LOOKS * precedence.from.length;
    if (compare(ratio, ticks) <= 0) continue;
    ticks = ratio;
    needs = new Map();
    for (const edge of edges) {
      const local = precedence.channel[edge]!;
      const channel = local < 0 ? -1 : part.channels[local]! - count;
      if (channel < 0 || isLoop(graph.channels[channel]!)) continue;
      raise(needs, channel, new Needs(part.graph.channels[local]!).slackOf(precedence.firing[edge]!));
    }
  }
  const throughput = ticks.numerator > 0n ? inverse(ticks) : TIMELESS;
  return ok({ dependency: { throughput, about: ratioOf(throughput), needs: absolute(needs) }, looks });

  function raise(more: Map<number, number>, channel: number, tokens: number): void {
    more.set(channel, Math.min(more.get(channel) ?? Number.POSITIVE_INFINITY, tokens));
  }
  function absolute(more: ReadonlyMap<number, number>): Dependency['needs'] {
    return [...more].map(([channel, tokens]) => ({ channel, capacity: capacities[channel]! + tokens }));
  }
}

/** Where no time passes at all: faster than any fraction there is. */
const TIMELESS: Fraction = { numerator: 1n, denominator: 0n };
