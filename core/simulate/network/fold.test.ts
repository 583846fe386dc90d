/** Folded runs and whole runs are equal to the tick, in every account; on random networks and on long ones. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { randomProcessNetwork } from '../../../tests/support/process-networks.ts';
import type { Network } from './network.ts';
import { play } from './player.ts';
import type { NetworkRun } from './run.ts';

function accounts({ events: _, trace: __, ...rest }: NetworkRun) {
  return rest;
}

it('random networks', () => {
  const count = 500;
  let saved = 0;
  for (let seed = 0; seed < count; seed++) {
    const network = randomProcessNetwork(createRng(seed), { barriers: seed % 2 === 0 });
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

it('a tensor fills a bank and is read from it when it is whole: levels that rise and fall are multiplied', () => {
  const tokens = 1_000_000;
  const network: Network = {
    processes: [
      {
        name: 'writer',
        body: [
          {
            kind: 'loop',
            repeat: tokens,
            body: [
              { kind: 'compute', ticks: 3 },
              { kind: 'put', fifo: 0, tokens: 1, interval: 0 },
            ],
          },
          { kind: 'put', fifo: 1, tokens: 1, interval: 0 },
        ],
      },
      {
        name: 'reader',
        body: [
          { kind: 'get', fifo: 1, tokens: 1, interval: 0 },
          {
            kind: 'loop',
            repeat: tokens,
            body: [
              { kind: 'get', fifo: 0, tokens: 1, interval: 0 },
              { kind: 'compute', ticks: 5 },
            ],
          },
        ],
      },
    ],
    fifos: [
      { name: 'bank', capacity: Number.POSITIVE_INFINITY, initial: 0 },
      { name: 'whole', capacity: 1, initial: 0 },
    ],
    channels: [],
    locks: [],
    barriers: [],
  };
  const run = play(network)!;
  expect(run.makespan).toBe(8 * tokens);
  expect(run.events).toBeLessThan(100);
  const [bank] = run.fifos;
  expect(bank).toMatchObject({ put: tokens, got: tokens, maximum: tokens, firstFull: null });
  // Token i is in it from 3i to 3n + 5(i − 1), i from 1 to n.
  const n = tokens;
  expect(bank!.mean).toBeCloseTo((3 * n * n + (5 * n * (n - 1)) / 2 - (3 * n * (n + 1)) / 2) / (8 * n), 3);
});

/** A chain of `stages` that pass on `tokens`, each busy for its own time. */
function chain(ticks: readonly number[], tokens: number, capacity: number): Network {
  return {
    processes: ticks.map((time, stage) => ({
      name: `s${stage}`,
      body: [
        {
          kind: 'loop',
          repeat: tokens,
          body: [
            ...(stage > 0 ? [{ kind: 'get' as const, fifo: stage - 1, tokens: 1, interval: 0 }] : []),
            { kind: 'compute', ticks: time },
            ...(stage < ticks.length - 1 ? [{ kind: 'put' as const, fifo: stage, tokens: 1, interval: 0 }] : []),
          ],
        },
      ],
    })),
    fifos: ticks.slice(1).map((_, stage) => ({ name: `f${stage}`, capacity, initial: 0 })),
    channels: [],
    locks: [],
    barriers: [],
  };
}

it('a thousand million tokens in a few thousand events, to the tick', () => {
  const tokens = 1e9;
  const run = play(chain([3, 7, 2], tokens, 4))!;
  expect(run.makespan).toBe(3 + 7 * tokens + 2);
  expect(run.events).toBeLessThan(5000);
  expect(run.unfoldedEvents).toBeGreaterThan(3 * tokens);
  expect(run.fifos.map(({ put, got }) => [put, got])).toEqual([
    [tokens, tokens],
    [tokens, tokens],
  ]);
});

it('one transfer of a thousand million tokens', () => {
  const tokens = 1e9;
  const network: Network = {
    processes: [
      { name: 'p', body: [{ kind: 'put', fifo: 0, tokens, interval: 2 }] },
      { name: 'c', body: [{ kind: 'get', fifo: 0, tokens, interval: 3 }] },
    ],
    fifos: [{ name: 'f', capacity: 4, initial: 0 }],
    channels: [],
    locks: [],
    barriers: [],
  };
  const run = play(network)!;
  expect(run.makespan).toBe(3 * tokens);
  expect(run.events).toBeLessThan(5000);
});

it('the others repeat while one process sleeps, and while a long burst is under way', () => {
  const { processes, fifos } = chain([3, 5], 1_000_000, 2);
  const slow = { name: 'slow', body: [{ kind: 'compute' as const, ticks: 4_000_000 }] };
  const load = { kind: 'load' as const, channel: 0, bytes: 3_000_000, access: 'burst' as const, beatBytes: 1 };
  const network: Network = {
    processes: [...processes, slow, { name: 'load', body: [load] }],
    fifos,
    channels: [
      { name: 'c', bytesPerTick: 1, latencyTicks: 9, responseTicks: 0, outstanding: 1, arbitration: 'first-come' },
    ],
    locks: [],
    barriers: [],
  };
  const run = play(network)!;
  expect(run.events).toBeLessThan(5000);
  expect(accounts(run)).toEqual(accounts(play(network, { fold: false })!));
});

it('a folded stretch may lie in a longer one that is folded', () => {
  const [first, second] = chain([3, 5], 1000, 2).processes;
  const nest = (body: NonNullable<typeof first>['body']) => [
    { kind: 'loop' as const, repeat: 100_000, body: [...body, { kind: 'compute' as const, ticks: 77 }] },
  ];
  const { fifos } = chain([3, 5], 1, 2);
  const processes = [
    { name: 'p', body: nest(first!.body) },
    { name: 'c', body: nest(second!.body) },
  ];
  const run = play({ processes, fifos, channels: [], locks: [], barriers: [] })!;
  expect(run.fifos[0]!.got).toBe(1e8);
  expect(run.events).toBeLessThan(100_000);
});
