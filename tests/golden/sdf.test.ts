/** Published SDF3 benchmarks with results that tool and an exact oracle confirmed (../shared/data/sdf). */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expand } from '#core/sdf/analyse.ts';
import { stronglyConnected } from '#core/sdf/components.ts';
import { compare, type Fraction, fraction, fractionText, inverse, times } from '#core/sdf/fraction.ts';
import { partOf, type SdfGraph, sum } from '#core/sdf/graph.ts';
import { parseSdf } from '#core/sdf/parse.ts';
import { analysisView, bufferView } from '#core/sdf/view.ts';
import { selfTimedPeriod } from '../support/sdf-state-space.ts';
import { sharedPath, skippedWithoutShared } from '../support/shared.ts';

interface Known {
  readonly name: string;
  readonly repetition: Readonly<Record<string, number>>;
  readonly repetitionSum: number;
  readonly maxThroughput: string;
  readonly bufferThroughputPareto?: readonly {
    readonly size: number;
    readonly sizeNoSelfLoops: number;
    readonly ownExactThroughput: string;
    readonly distributions: readonly Readonly<Record<string, number>>[];
  }[];
}

const path = sharedPath('data/sdf/graphs.json');
const text = path === null ? '[]' : readFileSync(path, 'utf8');
const known: readonly Known[] = JSON.parse(text);
const parsed = parseSdf(text);
const graphs = new Map<string, SdfGraph>(parsed.ok ? parsed.value.graphs.map((graph) => [graph.name, graph]) : []);

describe.skipIf(path === null)(`SDF3's benchmarks${path === null ? ` (${skippedWithoutShared})` : ''}`, () => {
  it('are all read', () => {
    expect(parsed.ok ? '' : parsed.error.message).toBe('');
    expect(graphs.size).toBe(8);
  });

  it.each(known)('$name: repetition and throughput', ({ name, repetition, repetitionSum, maxThroughput }) => {
    const { view, problem } = analysisView(graphs.get(name)!);
    expect(problem).toBeNull();
    expect(view).toMatchObject({ consistent: true, repetition, repetitionSum, deadlock: false });
    expect(view.throughput).toBe(maxThroughput);
  });

  it.each(known)('$name: the state space comes to the same', ({ name, repetition, maxThroughput }) => {
    const graph = graphs.get(name)!;
    let slowest: Fraction | null = null;
    for (const actors of stronglyConnected(graph)) {
      const part = partOf(graph, actors);
      if (!part.graph.channels.some(({ consume }) => sum(consume) > 0)) continue;
      const expansion = expand(part);
      if (!('precedence' in expansion)) throw new Error('not live');
      const period = selfTimedPeriod(part.graph, expansion.firings)!;
      const share = BigInt(repetition[graph.actors[actors[0]!]!.name]! / expansion.firings[0]!);
      const throughput = inverse(times(period.ratio, fraction(share, 1n)));
      if (slowest === null || compare(throughput, slowest) < 0) slowest = throughput;
    }
    expect(slowest && fractionText(slowest)).toBe(maxThroughput);
  });

  it.each(known.filter((one) => one.bufferThroughputPareto))('$name: buffers against throughput', (one) => {
    const graph = graphs.get(one.name)!;
    const found = bufferView(graph, {});
    if (!found.ok) throw new Error(found.error.message);
    expect(found.value.isComplete).toBe(true);
    const loops = new Set(graph.channels.filter(({ from, to }) => from === to).map(({ name }) => name));
    expect(found.value.buffers).toEqual(
      one.bufferThroughputPareto!.map((point) => ({
        size: point.sizeNoSelfLoops,
        sizeWithSelfLoops: point.size,
        throughput: point.ownExactThroughput,
        distributions: point.distributions.map((distribution) =>
          Object.fromEntries(Object.entries(distribution).filter(([channel]) => !loops.has(channel))),
        ),
      })),
    );
  });
});
