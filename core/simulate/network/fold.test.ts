/** Folded runs and whole runs are equal to the tick, in every account; on random networks and on long ones. */
import { expect, it } from 'vitest';
import { createRng, type Rng } from '#core/base/rng.ts';
import type { Network, Operation, Statement } from './network.ts';
import { play } from './player.ts';
import type { NetworkRun } from './run.ts';

/** Random pipelines with feedback, shared channels, locks and nested loops; most do not deadlock. */
function randomNetwork(rng: Rng): Network {
  const count = 1 + rng.below(5);
  const fifos: { name: string; capacity: number; initial: number }[] = [];
  const bodies: Statement[][] = [];
  const blocks = 1 + rng.below(4);
  const firings = 1 + rng.below(200);
  const gets: Operation[][] = Array.from({ length: count }, () => []);
  const puts: Operation[][] = Array.from({ length: count }, () => []);
  for (let to = 1; to < count; to++) {
    const from = rng.below(to);
    const tokens = 1 + rng.below(3);
    fifos.push({ name: `f${fifos.length}`, capacity: 1 + rng.below(6), initial: 0 });
    gets[to]!.push({ kind: 'get', fifo: fifos.length - 1, tokens, interval: rng.below(3) });
    puts[from]!.push({ kind: 'put', fifo: fifos.length - 1, tokens, interval: rng.below(3) });
    if (rng.below(4) === 0) {
      fifos.push({ name: `b${fifos.length}`, capacity: 8, initial: 1 + rng.below(3) });
      puts[to]!.push({ kind: 'put', fifo: fifos.length - 1, tokens: 1, interval: 0 });
      gets[from]!.push({ kind: 'get', fifo: fifos.length - 1, tokens: 1, interval: 0 });
    }
  }
  const access = ['blocking', 'burst', 'async'] as const;
  for (let p = 0; p < count; p++) {
    const inner: Statement[] = [...gets[p]!, { kind: 'compute', ticks: rng.below(12) }];
    if (rng.below(2) === 0) {
      const how = access[rng.below(3)]!;
      inner.push({
        kind: rng.below(2) === 0 ? 'load' : 'store',
        channel: rng.below(2),
        bytes: 1 + rng.below(100),
        access: how,
        beatBytes: 8,
      });
      if (how === 'async') inner.push({ kind: 'await', pending: rng.below(3) });
    }
    if (rng.below(4) === 0)
      inner.push(
        { kind: 'acquire', lock: 0 },
        { kind: 'compute', ticks: 1 + rng.below(3) },
        { kind: 'release', lock: 0 },
      );
    inner.push(...puts[p]!);
    const start: Statement[] = rng.below(3) === 0 ? [{ kind: 'reconfigure', ticks: rng.below(500) }] : [];
    const between: Statement[] = rng.below(3) === 0 ? [{ kind: 'compute', ticks: rng.below(2000) }] : [];
    bodies.push([
      ...start,
      { kind: 'loop', repeat: blocks, body: [{ kind: 'loop', repeat: firings, body: inner }, ...between] },
    ]);
  }
  return {
    processes: bodies.map((body, index) => ({ name: `p${index}`, body })),
    fifos,
    channels: [
      {
        name: 'c0',
        bytesPerTick: 1 + rng.below(16),
        latencyTicks: rng.below(20),
        responseTicks: rng.below(30),
        outstanding: 1 + rng.below(4),
        arbitration: 'first-come',
      },
      {
        name: 'c1',
        bytesPerTick: 1 + rng.below(16),
        latencyTicks: rng.below(20),
        responseTicks: rng.below(30),
        outstanding: 1 + rng.below(4),
        arbitration: 'round-robin',
      },
    ],
    locks: [{ name: 'l', count: 1 + rng.below(2) }],
    barriers: [],
  };
}

function accounts({ events: _, trace: __, ...rest }: NetworkRun) {
  return rest;
}

it('random networks', () => {
  const count = 300;
  let saved = 0;
  for (let seed = 0; seed < count; seed++) {
    const network = randomNetwork(createRng(seed));
    const folded = play(network)!;
    const whole = play(network, { fold: false })!;
    expect(accounts(folded), `seed ${seed}`).toEqual(accounts(whole));
    for (const { busy, stallIn, stallOut, reconfigure } of whole.processes)
      expect(busy + stallIn + stallOut + reconfigure).toBe(whole.makespan);
    saved += 1 - folded.events / whole.events;
  }
  // Most of what happens in a long run is a repetition.
  expect(saved / count).toBeGreaterThan(0.5);
});
