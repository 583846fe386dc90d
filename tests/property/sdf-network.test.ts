/**
 * The event simulator against the theory: a random graph as a network of processes, room as a FIFO back, runs at the
 * analytic rate to the tick once its state repeats. WEFT_SDF_GRAPHS sets how many.
 */
import { describe, expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { expand, rateOf } from '#core/sdf/analyse.ts';
import { bounded } from '#core/sdf/buffers.ts';
import { stronglyConnected } from '#core/sdf/components.ts';
import { gcdOf } from '#core/sdf/fraction.ts';
import { partOf, type SdfGraph, sum } from '#core/sdf/graph.ts';
import { repetitionOf } from '#core/sdf/repetition.ts';
import type { Network, Operation } from '#core/simulate/network/network.ts';
import { play } from '#core/simulate/network/player.ts';
import { cases } from '../support/cases.ts';
import { selfTimedPeriod } from '../support/sdf-state-space.ts';
import { randomSdf } from './sdf-graphs.ts';

const GRAPHS = cases(200, 4000);

/** A process takes the tokens of a phase, computes, gives; each channel is a FIFO without bound. */
function networkOf(graph: SdfGraph, repeats: readonly number[]): Network {
  return {
    processes: graph.actors.map(({ name, times }, actor) => ({
      name,
      body: [
        {
          kind: 'loop',
          repeat: repeats[actor]!,
          body: times.flatMap((ticks, phase): Operation[] => {
            const moved = (kind: 'get' | 'put'): Operation[] =>
              graph.channels.flatMap(({ from, to, produce, consume }, fifo): Operation[] => {
                const tokens = kind === 'get' ? consume[phase] : produce[phase];
                if ((kind === 'get' ? to : from) !== actor || !tokens) return [];
                return [{ kind, fifo, tokens, interval: 0 }];
              });
            return [...moved('get'), { kind: 'compute', ticks }, ...moved('put')];
          }),
        },
      ],
    })),
    fifos: graph.channels.map(({ name, tokens }) => ({ name, capacity: Number.POSITIVE_INFINITY, initial: tokens })),
    channels: [],
    locks: [],
    barriers: [],
  };
}

describe('a graph as a network of processes', () => {
  it(`runs at the analytic rate, or deadlocks where theory says so: ${GRAPHS} graphs`, () => {
    const rng = createRng(1987);
    let [live, dead] = [0, 0];
    for (let i = 0; live < GRAPHS; i++) {
      const drawn = randomSdf(rng, {
        actors: 5,
        channels: 2,
        rounds: 4,
        phases: 1 + (i % 3),
        time: 12,
        isSerial: true,
      });
      const graph = bounded(
        drawn,
        drawn.channels.map(({ produce, consume, tokens }) => {
          const room = sum(produce) + sum(consume) - gcdOf([...produce, ...consume]);
          return tokens + Math.max(0, room - tokens) + rng.below(4);
        }),
      );
      if (stronglyConnected(graph).length > 1) continue;
      const repetition = repetitionOf(graph);
      if (!repetition.ok) throw new Error('the generator made an inconsistent graph');
      const { rounds } = repetition.value;
      const title = `graph ${i}: ${JSON.stringify(graph)}`;
      const makespanOf = (iterations: number) => {
        const run = play(
          networkOf(
            graph,
            rounds.map((count) => Number(count) * iterations),
          ),
        );
        if (run === null) throw new Error('cancelled');
        return run;
      };
      const rate = rateOf(graph, repetition.value);
      if ('code' in rate || rate.kind === 'unbounded') continue;
      if (rate.kind === 'deadlock') {
        dead++;
        const stuck = makespanOf(3).deadlock;
        expect(stuck, title).not.toBeNull();
        continue;
      }
      live++;
      const expansion = expand(
        partOf(
          graph,
          graph.actors.map((_, actor) => actor),
        ),
      );
      if (!('precedence' in expansion)) throw new Error('not live');
      const period = selfTimedPeriod(graph, expansion.firings)!;
      const from = period.before + 60;
      const [early, late] = [makespanOf(from), makespanOf(from + period.iterations)];
      expect([early.deadlock, late.deadlock], title).toEqual([null, null]);
      const { numerator, denominator } = rate.throughput;
      expect(BigInt(late.makespan - early.makespan) * numerator, title).toBe(BigInt(period.iterations) * denominator);
    }
    expect(dead).toBeGreaterThan(5);
  });
});
