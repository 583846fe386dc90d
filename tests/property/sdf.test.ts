/**
 * Random SDF and CSDF graphs: Howard's ratio, the self-timed state space and the expansion written out token by token say
 * the same; buffers against exhaustive search. WEFT_SDF_GRAPHS sets how many.
 */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { expand, rateOf } from '#core/sdf/analyse.ts';
import { bounded, bufferStudy } from '#core/sdf/buffers.ts';
import { stronglyConnected } from '#core/sdf/components.ts';
import { compare, type Fraction, fraction, fractionText, inverse, times } from '#core/sdf/fraction.ts';
import { partOf, type SdfGraph, sum } from '#core/sdf/graph.ts';
import { type Repetition, repetitionOf } from '#core/sdf/repetition.ts';
import { selfTimedPeriod } from '../support/sdf-state-space.ts';
import { hasCycleAbove, randomSdf, standsStill, writtenOut } from './sdf-graphs.ts';

const GRAPHS = Number(process.env.WEFT_SDF_GRAPHS ?? 600);

function repetition(graph: SdfGraph): Repetition {
  const found = repetitionOf(graph);
  if (!found.ok) throw new Error('the generator made an inconsistent graph');
  return found.value;
}

function throughputOf(graph: SdfGraph): Fraction | 'deadlock' | 'unbounded' {
  const rate = rateOf(graph, repetition(graph));
  if ('code' in rate) throw new Error(rate.message);
  return rate.kind === 'bounded' ? rate.throughput : rate.kind;
}

/** The same by the state space of each component. */
function selfTimed(graph: SdfGraph): Fraction | 'deadlock' | 'unbounded' {
  const whole = repetition(graph);
  let slowest: Fraction | 'unbounded' = 'unbounded';
  for (const actors of stronglyConnected(graph)) {
    const part = partOf(graph, actors);
    if (!part.graph.channels.some(({ consume }) => sum(consume) > 0)) continue;
    const expansion = expand(part);
    if ('code' in expansion) throw new Error(expansion.message);
    if ('cycle' in expansion) return 'deadlock';
    if (part.graph.actors.every((actor) => sum(actor.times) === 0)) continue;
    const period = selfTimedPeriod(part.graph, expansion.firings);
    if (period === null) throw new Error('no state came back');
    const share = fraction(whole.firings[actors[0]!]!, BigInt(expansion.firings[0]!));
    const throughput = inverse(times(period.ratio, share));
    if (slowest === 'unbounded' || compare(throughput, slowest) < 0) slowest = throughput;
  }
  return slowest;
}

const said = (value: Fraction | string): string => (typeof value === 'string' ? value : fractionText(value));
const SHAPES = [
  { actors: 4, channels: 5, rounds: 5, phases: 1, time: 9, isSerial: false },
  { actors: 4, channels: 6, rounds: 4, phases: 3, time: 6, isSerial: false },
  { actors: 6, channels: 9, rounds: 3, phases: 2, time: 20, isSerial: true },
] as const;

describe('random graphs', () => {
  it(`state space = maximum cycle ratio = the written-out expansion on ${GRAPHS} graphs`, () => {
    const rng = createRng(2006);
    const seen = { deadlock: 0, unbounded: 0, bounded: 0 };
    for (let i = 0; i < GRAPHS; i++) {
      const graph = randomSdf(rng, SHAPES[i % SHAPES.length]!);
      const throughput = throughputOf(graph);
      const title = `graph ${i}: ${JSON.stringify(graph)}`;
      expect(said(selfTimed(graph)), title).toBe(said(throughput));
      const written = writtenOut(graph, repetition(graph).firings.map(Number));
      expect(standsStill(written), title).toBe(throughput === 'deadlock');
      if (throughput === 'unbounded') expect(hasCycleAbove(written, 0n, 1n), title).toBe(false);
      if (typeof throughput === 'string') {
        seen[throughput]++;
        continue;
      }
      seen.bounded++;
      const { numerator: q, denominator: p } = throughput;
      expect(hasCycleAbove(written, p, q), title).toBe(false);
      expect(hasCycleAbove(written, p, q, true), title).toBe(true);
    }
    // Each kind is met often.
    expect(Math.min(seen.deadlock, seen.unbounded, seen.bounded)).toBeGreaterThan(GRAPHS / 25);
  });

  it('more tokens and shorter times are never slower', () => {
    const rng = createRng(44);
    for (let i = 0; i < 150; i++) {
      const graph = randomSdf(rng, SHAPES[i % SHAPES.length]!);
      const more = {
        ...graph,
        actors: graph.actors.map((actor) => ({ ...actor, times: actor.times.map((t) => t - rng.below(t + 1)) })),
        channels: graph.channels.map((channel) => ({ ...channel, tokens: channel.tokens + rng.below(3) })),
      };
      const [before, after] = [throughputOf(graph), throughputOf(more)];
      if (before === 'deadlock' || after === 'unbounded') continue;
      if (before === 'unbounded' || after === 'deadlock') expect.fail(`graph ${i}: ${before}, then ${said(after)}`);
      expect(compare(after, before), `graph ${i}`).toBeGreaterThanOrEqual(0);
    }
  });
});

/** Every distribution from room for the tokens there are up to `most` tokens in all; fastest of each total. */
function exhaustive(graph: SdfGraph, most: number): string[] {
  const open = graph.channels.flatMap(({ from, to }, index) => (from === to ? [] : [index]));
  const fastest: (Fraction | null)[] = Array.from({ length: most + 1 }, () => null);
  const try_ = (capacities: number[], at: number, left: number): void => {
    if (at === open.length) {
      const found = throughputOf(bounded(graph, capacities));
      if (typeof found === 'string') return;
      const size = most - left;
      if (fastest[size] === null || compare(found, fastest[size]!) > 0) fastest[size] = found;
      return;
    }
    const channel = open[at]!;
    for (let capacity = graph.channels[channel]!.tokens; capacity <= left; capacity++)
      try_(capacities.with(channel, capacity), at + 1, left - capacity);
  };
  try_(
    graph.channels.map(() => 0),
    0,
    most,
  );
  const points: string[] = [];
  let best: Fraction | null = null;
  fastest.forEach((throughput, size) => {
    if (throughput === null || (best !== null && compare(throughput, best) <= 0)) return;
    best = throughput;
    points.push(`${size}: ${fractionText(throughput)}`);
  });
  return points;
}

describe('buffers', () => {
  it('the Pareto list is that of exhaustive search', () => {
    const rng = createRng(2008);
    let compared = 0;
    for (let i = 0; compared < 40; i++) {
      const phases = 1 + (i % 2);
      const graph = randomSdf(rng, { actors: 3, channels: 1, rounds: 3, phases, time: 5, isSerial: true });
      const open = graph.channels.filter(({ from, to }) => from !== to);
      const throughput = throughputOf(graph);
      if (open.length === 0 || open.length > 3 || throughput === 'deadlock') continue;
      if (graph.actors.some((actor) => sum(actor.times) === 0)) continue;
      const study = bufferStudy(graph);
      if (!study?.ok) throw new Error('no study');
      const { points, isComplete } = study.value;
      expect(isComplete).toBe(true);
      const most = points[points.length - 1]!.size;
      if (most > 18) continue;
      compared++;
      const title = `graph ${i}: ${JSON.stringify(graph)}`;
      const list = points.map(({ size, throughput: rate }) => `${size}: ${fractionText(rate)}`);
      expect(list, title).toEqual(exhaustive(graph, most));
      expect(fractionText(points[points.length - 1]!.throughput), title).toBe(said(throughput));
      for (const point of points)
        for (const capacities of point.distributions) {
          expect(sum(capacities), title).toBe(point.size);
          expect(said(throughputOf(bounded(graph, capacities))), title).toBe(fractionText(point.throughput));
        }
    }
  });
});
