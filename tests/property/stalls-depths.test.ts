/** Depths: fronts equal to brute force, and the laws exactness rests on. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { Network } from '#core/simulate/network/network.ts';
import { play } from '#core/simulate/network/player.ts';
import { depthsOf } from '#core/stalls/depths.ts';
import { fifoFacts, withDepths } from '#core/stalls/subject.ts';
import { randomNetwork } from '../support/stall-networks.ts';

const makespanOf = (network: Network, depths: readonly number[]): number => {
  const run = play(withDepths(network, depths), { fold: false })!;
  return run.deadlock ? Infinity : run.makespan;
};

/** Best makespan of every total, by trying all depths from 1 (or the initial tokens) to `most`. */
function bruteForce(network: Network, most: number, bits: readonly number[]): readonly (readonly [number, number])[] {
  const best = new Map<number, number>();
  const visit = (depths: readonly number[]) => {
    const fifo = depths.length;
    if (fifo === network.fifos.length) {
      const total = depths.reduce((sum, depth, index) => sum + depth * bits[index]!, 0);
      best.set(total, Math.min(best.get(total) ?? Infinity, makespanOf(network, depths)));
      return;
    }
    for (let depth = Math.max(1, network.fifos[fifo]!.initial); depth <= most; depth++) visit([...depths, depth]);
  };
  visit([]);
  let least = Infinity;
  return [...best]
    .sort(([one], [other]) => one - other)
    .filter(([, makespan]) => {
      const isBetter = makespan < least;
      least = Math.min(least, makespan);
      return isBetter;
    });
}

it('fronts of tokens and of bits are those of brute force', () => {
  let points = 0;
  let checked = 0;
  for (let seed = 0; checked < 120; seed++) {
    const rng = createRng(1000 + seed);
    const network = randomNetwork(rng, { processes: 4, firings: 5, memory: (['none', 'own'] as const)[rng.below(2)]! });
    if (network.fifos.length > 4) continue;
    checked++;
    const bits = network.fifos.map(() => 1 + rng.below(8));
    const answer = depthsOf(network, { bits });
    // Nothing on the front is deeper than this, unless the whole front is at full speed before.
    const most = Math.min(
      9,
      Math.max(
        1,
        ...answer.byTokens.flatMap(({ depths }) => depths),
        ...answer.byBits.flatMap(({ depths }) => depths),
      ) + 2,
    );
    const tokens = bruteForce(
      network,
      most,
      network.fifos.map(() => 1),
    );
    expect(answer.isExact, `seed ${seed}`).toBe(true);
    expect(
      answer.byTokens.map(({ tokens, makespan }) => [tokens, makespan]),
      `seed ${seed}`,
    ).toEqual(tokens);
    expect(
      answer.byBits.map(({ bits, makespan }) => [bits, makespan]),
      `seed ${seed}`,
    ).toEqual(bruteForce(network, most, bits));
    if (tokens.length > 0)
      expect(answer.fullSpeed).toBe(
        makespanOf(
          network,
          network.fifos.map(() => Infinity),
        ),
      );
    points += tokens.length;
  }
  expect(points).toBeGreaterThan(150);
}, 240_000);

it('what one FIFO needs, with the others unbounded', () => {
  for (let seed = 0; seed < 60; seed++) {
    const network = randomNetwork(createRng(3000 + seed), { processes: 5, firings: 8, memory: 'own' });
    const { needs, fullSpeed } = depthsOf(network);
    for (const { fifo, withoutDeadlock, fullSpeed: enough } of needs) {
      const alone = (depth: number) =>
        makespanOf(
          network,
          network.fifos.map((_, index) => (index === fifo ? depth : Infinity)),
        );
      const least = Math.max(1, network.fifos[fifo]!.initial);
      expect(alone(withoutDeadlock)).toBeLessThan(Infinity);
      expect(alone(enough)).toBe(fullSpeed);
      if (withoutDeadlock > least) expect(alone(withoutDeadlock - 1)).toBe(Infinity);
      if (enough > least) expect(alone(enough - 1)).toBeGreaterThan(fullSpeed!);
    }
  }
});

it('more room never hurts, and depths between two quanta are alike', () => {
  for (let seed = 0; seed < 300; seed++) {
    const rng = createRng(5000 + seed);
    const network = randomNetwork(rng, { memory: 'own' });
    const depths = network.fifos.map(({ capacity }) => capacity);
    const more = depths.map((depth) => depth + rng.below(3));
    expect(makespanOf(network, more)).toBeLessThanOrEqual(makespanOf(network, depths));
    const facts = fifoFacts(network);
    const down = depths.map((depth, fifo) => {
      const { quantum, least } = facts[fifo]!;
      return depth < quantum ? least : Math.floor(depth / quantum) * quantum;
    });
    expect(makespanOf(network, down), `seed ${seed}`).toBe(makespanOf(network, depths));
  }
});
