/** Timing a recorded run again is exactly the full run: every account of every process, over random networks and changes. */
import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import { type Change, changed } from '#core/simulate/network/change.ts';
import { type EventGraph, recordEvents } from '#core/simulate/network/event-graph.ts';
import type { Network } from '#core/simulate/network/network.ts';
import { play } from '#core/simulate/network/player.ts';
import { retime } from '#core/simulate/network/retime.ts';
import { randomProcessNetwork } from '../support/process-networks.ts';

function randomChange(rng: Rng, network: Network): Change {
  const which = rng.below(4);
  if (which <= 1 && network.fifos.length > 0) {
    const fifo = rng.below(network.fifos.length);
    return { kind: 'capacity', fifo, capacity: Math.max(1, network.fifos[fifo]!.initial) + rng.below(9) };
  }
  if (which === 2) {
    const to = [
      { latencyTicks: rng.below(40) },
      { responseTicks: rng.below(40) },
      { bytesPerTick: 1 + rng.below(20) },
      { outstanding: 1 + rng.below(5) },
    ][rng.below(4)]!;
    return { kind: 'channel', channel: rng.below(network.channels.length), to };
  }
  const process = rng.below(network.processes.length);
  const { operation } = timedOperations(network)[process]!;
  return { kind: 'ticks', process, operation: operation[rng.below(operation.length)]!, ticks: rng.below(30) };
}

/** By process: which of its operations take ticks of their own. */
function timedOperations(network: Network) {
  return network.processes.map(({ body }) => {
    const operation: number[] = [];
    let next = 0;
    const walk = (statements: typeof body): void => {
      for (const statement of statements) {
        if (statement.kind === 'loop') walk(statement.body);
        else if (['compute', 'reconfigure', 'get', 'put'].includes(statement.kind)) operation.push(next++);
        else next++;
      }
    };
    walk(body);
    return { operation };
  });
}

function sameAsFull(graph: EventGraph, changes: readonly Change[], seed: number): string {
  const full = play(changed(graph.network, changes), { fold: false })!;
  const retimed = retime(graph, changes);
  if (retimed === 'order-changed') return retimed;
  if (retimed === 'deadlock') {
    expect(full.deadlock, `seed ${seed}`).not.toBeNull();
    return retimed;
  }
  expect(full.deadlock, `seed ${seed}`).toBeNull();
  expect(retimed, `seed ${seed}`).toEqual({ makespan: full.makespan, processes: full.processes });
  return 'exact';
}

describe('retime', () => {
  it('is the full run, or says that the order would change', () => {
    const outcomes = new Map<string, number>();
    for (let seed = 0; seed < 500; seed++) {
      const rng = createRng(seed);
      const isShared = rng.below(2) === 0;
      const network = randomProcessNetwork(rng, { firings: 30, isShared, locks: rng.below(3) === 0 });
      const graph = recordEvents(network)!;
      sameAsFull(graph, [], seed);
      for (let change = 0; change < 4; change++) {
        const changes = Array.from({ length: 1 + rng.below(2) }, () => randomChange(rng, network));
        const key = `${isShared ? 'shared' : 'own'} ${sameAsFull(graph, changes, seed)}`;
        outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
      }
    }
    const exact = (outcomes.get('shared exact') ?? 0) + (outcomes.get('own exact') ?? 0);
    expect(exact).toBeGreaterThan(1700);
  });

  it('never gives up where nothing is shared', () => {
    for (let seed = 0; seed < 150; seed++) {
      const rng = createRng(1000 + seed);
      const network = randomProcessNetwork(rng, { firings: 30, isShared: false, locks: false });
      const graph = recordEvents(network)!;
      const fifo = network.fifos.length === 0 ? [] : [randomChange(rng, network)];
      const changes = fifo.filter(({ kind }) => kind === 'capacity');
      expect(sameAsFull(graph, changes, seed)).not.toBe('order-changed');
    }
  });
});
