/** The least depth of one FIFO, against trying them all; and what a known run tells of other depths, against simulating them. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { play } from '#core/simulate/network/player.ts';
import { Grid } from '#core/stalls/grid.ts';
import { leastDepth } from '#core/stalls/least-depth.ts';
import { isMonotone, withDepths } from '#core/stalls/subject.ts';
import { Trials } from '#core/stalls/trial.ts';
import { compute, fifo, get, loop, networkOf, process, put, randomNetwork } from '../support/stall-networks.ts';

const never = () => false;

it('is the one that trying them all finds', () => {
  let deeper = 0;
  let simulated = 0;
  let tried = 0;
  for (let seed = 0; seed < 150; seed++) {
    const rng = createRng(7000 + seed);
    const network = randomNetwork(rng, { firings: 40, memory: (['none', 'own'] as const)[rng.below(2)]! });
    const now = network.fifos.map(({ initial }) => Math.max(1, initial));
    const run = play(withDepths(network, now), { trace: true })!;
    if (run.deadlock || !isMonotone(network)) continue;
    for (let which = 0; which < network.fifos.length; which++) {
      const trials = new Trials(network);
      const grid = new Grid(trials, [...network.fifos.keys()]);
      const from = trials.learn(now, withDepths(network, now), run);
      const found = leastDepth(trials, grid, from, which, never);
      const makespan = (depth: number) => play(withDepths(network, now.with(which, depth)), { fold: false })!.makespan;
      const best = makespan(Number.POSITIVE_INFINITY);
      if (best === run.makespan) {
        expect(found, `seed ${seed}`).toBeNull();
        continue;
      }
      let least = now[which]!;
      while (makespan(least) > best) least++;
      expect(found, `seed ${seed}`).toEqual({ depth: least, makespan: best, isLeast: true });
      deeper++;
      simulated += trials.runs;
      tried += grid.most(which) - now[which]!;
    }
  }
  expect(deeper).toBeGreaterThan(50);
  expect(simulated).toBeLessThan(tried / 2);
});

it('a known run stands for all depths it would be the same with', () => {
  let told = 0;
  for (let seed = 0; seed < 300; seed++) {
    const rng = createRng(8000 + seed);
    const network = randomNetwork(rng, { memory: (['none', 'own', 'shared'] as const)[rng.below(3)]! });
    const trials = new Trials(network);
    for (let round = 0; round < 12; round++) {
      const depths = network.fifos.map(({ initial }) => Math.max(1, initial) + rng.below(12));
      const before = trials.runs;
      const { makespan } = trials.at(depths)!;
      if (trials.runs === before) told++;
      const run = play(withDepths(network, depths), { fold: false })!;
      expect(makespan, `seed ${seed}`).toBe(run.deadlock ? Number.POSITIVE_INFINITY : run.makespan);
    }
  }
  expect(told).toBeGreaterThan(100);
});

/**
 * A writer of 7 ticks a token, a reader that begins after 40,000 ticks and takes 3: it needs as many as are written by
 * the time the reader, so much faster, has nothing left to catch up with. Ten simulations of depths 2 … 10,000.
 */
it('is found by the line through two makespans', () => {
  const [tokens, write, read, late] = [10_000, 7, 3, 40_000];
  const network = networkOf(
    [
      process('writer', loop(tokens, compute(write), put(0))),
      process('reader', compute(late), loop(tokens, get(0), compute(read))),
    ],
    [fifo('f', 2)],
  );
  const trials = new Trials(network);
  const from = trials.learn([2], network, play(network, { trace: true })!);
  const found = leastDepth(trials, new Grid(trials, [0]), from, 0, never);
  /** put i = max(put i − 1 + write, get i − depth), get i = max(get i − 1 + read, put i), with get −1 + read = late. */
  const makespan = (depth: number): number => {
    const gets: number[] = [];
    let put = 0;
    for (let token = 0; token < tokens; token++) {
      put = Math.max(put + write, gets[token - depth] ?? 0);
      gets.push(Math.max(token === 0 ? late : gets[token - 1]! + read, put));
    }
    return gets[tokens - 1]! + read;
  };
  const { depth } = found!;
  expect(found).toEqual({ depth, makespan: makespan(tokens), isLeast: true });
  expect([makespan(depth) - makespan(tokens), makespan(depth - 1) > makespan(tokens)]).toEqual([0, true]);
  expect(trials.runs).toBeLessThanOrEqual(10);
});
