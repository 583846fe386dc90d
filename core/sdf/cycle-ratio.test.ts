/** How much work the ratio takes, by looks at constraints, on rings of large rates without a common divisor. */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { expand } from './analyse.ts';
import { contracted } from './contract.ts';
import { LOOKS_LIMIT, maximumCycleRatio, signOf } from './cycle-ratio.ts';
import { gcdOf } from './fraction.ts';
import type { SdfChannel, SdfGraph } from './graph.ts';

/** A ring of actors with `phases` phases, `chords` beside it, all live; about `firings` firings an iteration. */
function ring(seed: number, actors: number, phases: number, chords: number, firings: number): SdfGraph {
  const rng = createRng(seed);
  const weights = Array.from({ length: actors }, () => 0.05 + rng.next());
  const all = weights.reduce((total, weight) => total + weight, 0);
  const rounds = weights.map((weight) => Math.max(1, Math.round((weight / all) * (firings / phases))));
  const split = (total: number): number[] => {
    const cuts = Array.from({ length: phases - 1 }, () => rng.below(total + 1)).sort((a, b) => a - b);
    return [...cuts, total].map((cut, index) => cut - (cuts[index - 1] ?? 0));
  };
  const channels: SdfChannel[] = [];
  const link = (from: number, to: number, iterations: number): void => {
    const common = gcdOf([rounds[from]!, rounds[to]!]);
    const [given, taken] = [rounds[to]! / common, rounds[from]! / common];
    const tokens = Math.floor(iterations * given * rounds[from]!);
    channels.push({ name: `c${channels.length}`, from, to, produce: split(given), consume: split(taken), tokens });
  };
  for (let actor = 0; actor + 1 < actors; actor++) link(actor, actor + 1, 0);
  link(actors - 1, 0, 1 + 2 * rng.next());
  for (let chord = 0; chord < chords; chord++) {
    const [from, to] = [rng.below(actors), rng.below(actors)];
    link(from, to, from < to ? rng.next() / 2 : 1 + 4 * rng.next());
  }
  const times = rounds.map(() => Array.from({ length: phases }, () => rng.below(mostTicks(seed))));
  return { name: `ring ${seed}`, actors: times.map((t, index) => ({ name: `a${index}`, times: t })), channels };
}
const mostTicks = (seed: number) => [2, 1000, 1_000_000][seed % 3]!;

function precedence(graph: SdfGraph) {
  const actors = graph.actors.map((_, index) => index);
  const expansion = expand({ graph, actors, channels: graph.channels.map((_, index) => index) });
  if (!('precedence' in expansion)) throw new Error('not live');
  return expansion.precedence;
}

describe('work', () => {
  it('two cyclo-static actors of coprime rates are contracted to little, and looked at a few times', () => {
    const whole = precedence(ring(12, 2, 3, 0, 50_000));
    const { looks } = ratioOf(whole);
    expect(looks).toBeLessThan(20 * whole.from.length);
  });

  it('a ring of constant rates has one constraint a firing: a few nodes are left, and no search', () => {
    const whole = precedence(ring(2, 5, 1, 0, 50_000));
    expect(whole.from.length).toBe(whole.nodes);
    expect(contracted(whole).nodes).toBeLessThan(100);
  });

  it('is given up after so many looks', () => {
    expect(maximumCycleRatio(precedence(ring(7, 3, 1, 6, 5_000)), 20_000)).toBeNull();
  });

  it('with chords each constraint is looked at 60 times at most', () => {
    let most = 0;
    for (let seed = 0; seed < 40; seed++) {
      const whole = precedence(ring(seed, 2 + (seed % 4), 1 + 2 * (seed % 2), 1 + (seed % 7), 5_000));
      const { ratio, edges, looks } = ratioOf(whole);
      most = Math.max(most, looks / whole.from.length);
      // The cycle closes and attains the ratio.
      let [weight, delay, gaps] = [0, 0, 0];
      const to = targets(whole);
      edges.forEach((edge, index) => {
        weight += whole.weight[edge]!;
        delay += whole.delay[edge]!;
        if (whole.from[edge] !== to[edges[(index + 1) % edges.length]!]) gaps++;
      });
      expect(gaps).toBe(0);
      expect(BigInt(weight) * ratio.denominator).toBe(BigInt(delay) * ratio.numerator);
    }
    expect(most).toBeLessThan(60);
  });
});

function ratioOf(whole: ReturnType<typeof precedence>) {
  const found = maximumCycleRatio(whole, LOOKS_LIMIT);
  if (found === null) throw new Error('given up');
  return found;
}

function targets({ nodes, first, from }: ReturnType<typeof precedence>): Int32Array {
  const to = new Int32Array(from.length);
  for (let node = 0; node < nodes; node++) to.fill(node, first[node]!, first[node + 1]!);
  return to;
}

describe('signs of differences of products', () => {
  it('are exact, however close', () => {
    const rng = createRng(7);
    const whole = () => rng.below(2 ** 31) * 2 ** rng.below(19) + rng.below(1000);
    for (let i = 0; i < 20_000; i++) {
      const [q, p, delay] = [1 + whole(), whole(), whole() % 2 ** 20];
      const close = Math.round((p * delay) / q) + rng.below(3) - 1;
      const [scaled, many] = [rng.below(4) === 0, rng.below(1000)];
      const [weight, delays] = scaled ? [p * many, q * many] : [close, delay];
      if (![q, weight, p, delays].every(Number.isSafeInteger)) continue;
      const exact = BigInt(q) * BigInt(weight) - BigInt(p) * BigInt(delays);
      expect(Math.sign(signOf(q, weight, p, delays))).toBe(exact > 0n ? 1 : exact < 0n ? -1 : 0);
    }
  });
});
