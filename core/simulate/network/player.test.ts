/** Networks small enough for their times to be written down. */
import { describe, expect, it } from 'vitest';
import type { Fifo, MemoryChannel, Network, Operation, Statement } from './network.ts';
import { play } from './player.ts';
import type { NetworkRun } from './run.ts';

const get = (fifo: number, tokens = 1, interval = 0): Operation => ({ kind: 'get', fifo, tokens, interval });
const put = (fifo: number, tokens = 1, interval = 0): Operation => ({ kind: 'put', fifo, tokens, interval });
const compute = (ticks: number): Operation => ({ kind: 'compute', ticks });
const loop = (repeat: number, ...body: readonly Statement[]): Statement => ({ kind: 'loop', repeat, body });
const fifo = (capacity: number, initial = 0): Fifo => ({ name: 'f', capacity, initial });
const channel = (rest: Partial<MemoryChannel> = {}): MemoryChannel => ({
  name: 'c',
  bytesPerTick: 8,
  latencyTicks: 10,
  responseTicks: 61,
  outstanding: 1,
  arbitration: 'first-come',
  ...rest,
});

function network(bodies: readonly (readonly Statement[])[], rest: Partial<Network> = {}): Network {
  const processes = bodies.map((body, index) => ({ name: `p${index}`, body }));
  return { fifos: [], channels: [], locks: [], barriers: [], ...rest, processes };
}

/** Both ways of playing it, which agree. */
function run(of: Network): NetworkRun {
  const [folded, whole] = [play(of)!, play(of, { fold: false })!];
  expect({ ...folded, events: 0 }).toEqual({ ...whole, events: 0 });
  return folded;
}

type Access = 'blocking' | 'burst' | 'async';
const transfer = (kind: 'load' | 'store', bytes: number, access: Access, channel: number): Operation => ({
  kind,
  channel,
  bytes,
  access,
  beatBytes: 8,
});
const load = (bytes: number, access: Access = 'burst', on = 0) => transfer('load', bytes, access, on);
const store = (bytes: number, access: Access = 'burst') => transfer('store', bytes, access, 0);

describe('streams', () => {
  it('a pipeline of n stages: fill, then the slowest stage sets the pace', () => {
    for (const stages of [1, 2, 5, 9]) {
      const ticks = Array.from({ length: stages }, (_, stage) => 2 + ((stage * 5) % 7));
      const tokens = 40;
      const bodies = ticks.map((time, stage) => [
        loop(
          tokens,
          ...(stage > 0 ? [get(stage - 1)] : []),
          compute(time),
          ...(stage < stages - 1 ? [put(stage)] : []),
        ),
      ]);
      const { makespan } = run(network(bodies, { fifos: ticks.slice(1).map(() => fifo(2)) }));
      const sum = ticks.reduce((total, time) => total + time, 0);
      expect(makespan).toBe(sum + (tokens - 1) * Math.max(...ticks));
    }
  });

  it('producer and consumer over a FIFO of depth d, whichever is slower', () => {
    for (const depth of [1, 2, 5]) {
      for (const [producer, consumer] of [
        [3, 8],
        [8, 3],
      ] as const) {
        const tokens = 30;
        const bodies = [[loop(tokens, compute(producer), put(0))], [loop(tokens, get(0), compute(consumer))]];
        const { makespan, fifos, processes } = run(network(bodies, { fifos: [fifo(depth)] }));
        expect(makespan).toBe(producer + (tokens - 1) * Math.max(producer, consumer) + consumer);
        if (consumer > producer) {
          expect(fifos[0]!.maximum).toBe(depth);
          // It runs `depth` tokens ahead, then waits for every other one.
          expect(processes[0]!.waits[0]).toMatchObject({ state: 'put', on: 0 });
        } else {
          expect(fifos[0]!.maximum).toBe(1);
          expect(processes[1]!.stallIn).toBe(tokens * producer - (tokens - 1) * consumer);
        }
      }
    }
  });

  it('a transfer longer than the FIFO is deep, token by token', () => {
    const bodies = [[put(0, 100, 2)], [get(0, 100, 5)]];
    expect(run(network(bodies, { fifos: [fifo(3)] })).makespan).toBe(500);
    const atOnce = [[put(0, 100)], [compute(7), get(0, 100), compute(1)]];
    expect(run(network(atOnce, { fifos: [fifo(3)] })).makespan).toBe(8);
  });

  it('loops of nothing, none, and no time', () => {
    const bodies = [[loop(0, compute(5)), loop(1e12), loop(1e12, compute(0)), loop(7, loop(3, compute(2))), put(0, 0)]];
    expect(run(network(bodies, { fifos: [fifo(1)] })).makespan).toBe(42);
  });
});

describe('channels', () => {
  it('blocking beats each wait for data or response', () => {
    expect(run(network([[load(80, 'blocking')]], { channels: [channel()] })).makespan).toBe(10 * (1 + 10));
    expect(run(network([[store(80, 'blocking')]], { channels: [channel()] })).makespan).toBe(10 * (1 + 61));
    expect(run(network([[store(84, 'burst')]], { channels: [channel()] })).makespan).toBe(11 + 61);
  });

  it('shared by k readers: one at a time, in order of index or in turn', () => {
    for (const arbitration of ['first-come', 'round-robin'] as const) {
      for (const readers of [1, 2, 5]) {
        const bodies = Array.from({ length: readers }, () => [loop(4, load(80))]);
        const shared = { channels: [channel({ arbitration, latencyTicks: 0, outstanding: 8 })] };
        const { makespan, processes, channels } = run(network(bodies, shared));
        expect(makespan).toBe(4 * 10 * readers);
        expect(channels[0]!.busy).toBe(makespan);
        processes.forEach(({ end }, reader) => {
          expect(end).toBe(makespan - 10 * (readers - 1 - reader));
        });
      }
    }
  });

  it('in turn, one that asks for much does not keep out one that asks for little', () => {
    const bodies = [[loop(10, load(80, 'async'))], [compute(1), load(80)]];
    const shared = (arbitration: MemoryChannel['arbitration']) =>
      run(network(bodies, { channels: [channel({ arbitration, latencyTicks: 0, outstanding: 99 })] })).processes[1]!
        .end;
    expect(shared('round-robin')).toBe(20);
    expect(shared('first-come')).toBe(110);
  });

  it('so many under way: latency is hidden behind them', () => {
    const bodies = [[loop(20, load(8, 'async')), { kind: 'await', pending: 0 } as const]];
    const of = (outstanding: number) => run(network(bodies, { channels: [channel({ outstanding })] })).makespan;
    expect(of(1)).toBe(20 * 11);
    expect(of(2)).toBe(10 * 11 + 1);
    expect(of(20)).toBe(20 + 10);
  });

  it('double buffering: the longer of loading and computing, after the first load', () => {
    const of = (work: number, blocks = 10) => {
      const body = [load(80, 'async'), loop(blocks, load(80, 'async'), { kind: 'await', pending: 1 }, compute(work))];
      return run(network([body], { channels: [channel({ latencyTicks: 0, outstanding: 2 })] })).makespan;
    };
    // Eleven loads of ten ticks; ten times computing.
    expect(of(25)).toBe(10 + 10 * 25);
    expect(of(4)).toBe(11 * 10);
  });

  it('a process ends when its asynchronous transfers have', () => {
    const { makespan, processes } = run(network([[store(80, 'async'), compute(3)]], { channels: [channel()] }));
    expect(makespan).toBe(71);
    expect(processes[0]).toMatchObject({ busy: 3, stallOut: 68, end: 71 });
  });
});

describe('locks and barriers', () => {
  it('first come, first served; in the same tick by index', () => {
    const hold = (before: number): Statement[] => [
      compute(before),
      { kind: 'acquire', lock: 0 },
      compute(10),
      { kind: 'release', lock: 0 },
    ];
    const { processes } = run(network([hold(5), hold(2), hold(5), hold(3)], { locks: [{ name: 'l', count: 1 }] }));
    expect(processes.map(({ end }) => end)).toEqual([32, 12, 42, 22]);
    const two = run(network([hold(0), hold(0), hold(0)], { locks: [{ name: 'l', count: 2 }] }));
    expect(two.processes.map(({ end }) => end)).toEqual([10, 10, 20]);
  });

  it('everyone leaves a barrier when the last has come', () => {
    const bodies = [4, 9, 6].map((ticks) => [loop(3, compute(ticks), { kind: 'barrier' as const, barrier: 0 })]);
    const { makespan, processes } = run(network(bodies, { barriers: [{ name: 'b', parties: 3 }] }));
    expect(makespan).toBe(27);
    expect(processes.map(({ stallIn }) => stallIn)).toEqual([15, 0, 9]);
  });

  it('who releases what it does not hold is a mistake', () => {
    const wrong = network([[{ kind: 'release', lock: 0 }]], { locks: [{ name: 'l', count: 1 }] });
    expect(() => play(wrong)).toThrow('p0 releases l, which it does not hold');
  });
});

describe('deadlocks', () => {
  it('reads only: true', () => {
    const { deadlock } = run(
      network(
        [
          [get(1), put(0)],
          [get(0), put(1)],
        ],
        { fifos: [fifo(4), fifo(4)] },
      ),
    );
    expect(deadlock).toMatchObject({ tick: 0, cycle: [0, 1], kind: 'true' });
  });

  it('a full FIFO on the cycle: artificial, and more room dissolves it', () => {
    const of = (depth: number) =>
      run(
        network(
          [
            [put(0, 3), put(1)],
            [get(1), get(0, 3)],
          ],
          { fifos: [fifo(depth), fifo(1)] },
        ),
      ).deadlock;
    expect(of(2)).toMatchObject({ cycle: [0, 1], kind: 'artificial' });
    expect(of(2)!.waits.map(({ state, on }) => [state, on])).toEqual([
      ['put', 0],
      ['get', 1],
    ]);
    expect(of(3)).toBeNull();
  });

  it('waiting for one that ended: no cycle; for tokens true, for room artificial', () => {
    expect(run(network([[put(0, 2)], [get(0, 3)]], { fifos: [fifo(4)] })).deadlock).toMatchObject({
      cycle: [],
      kind: 'true',
    });
    expect(run(network([[put(0, 9)], [get(0, 3)]], { fifos: [fifo(4)] })).deadlock).toMatchObject({
      cycle: [],
      kind: 'artificial',
    });
  });

  it('locks taken crosswise, and a barrier somebody waits before', () => {
    const take = (lock: number): Operation => ({ kind: 'acquire', lock });
    const locks = [
      { name: 'a', count: 1 },
      { name: 'b', count: 1 },
    ];
    const crossed = network(
      [
        [take(0), compute(5), take(1)],
        [take(1), compute(5), take(0)],
      ],
      { locks },
    );
    expect(run(crossed).deadlock).toMatchObject({ tick: 5, cycle: [0, 1], kind: 'true' });
    const barrier = { kind: 'barrier' as const, barrier: 0 };
    const held = network(
      [
        [barrier, put(0)],
        [get(0), barrier],
      ],
      {
        fifos: [fifo(1)],
        barriers: [{ name: 'b', parties: 2 }],
      },
    );
    expect(run(held).deadlock).toMatchObject({ cycle: [0, 1], kind: 'true' });
  });

  it('a true cycle is named before an artificial one elsewhere', () => {
    const bodies = [
      [put(0, 3), put(1)],
      [get(1), get(0, 3)],
      [get(3), put(2)],
      [get(2), put(3)],
    ];
    const fifos = [fifo(2), fifo(1), fifo(1), fifo(1)];
    expect(run(network(bodies, { fifos })).deadlock).toMatchObject({ cycle: [2, 3], kind: 'true' });
  });
});

it('what is not a network is refused', () => {
  expect(() => play(network([[get(0)], [get(0)]], { fifos: [fifo(1)] }))).toThrow('f has two readers');
  expect(() => play(network([[compute(1.5)]]))).toThrow('ticks must be a whole number');
  expect(() => play(network([], { fifos: [fifo(1, 2)] }))).toThrow('f holds 1, not its 2 initial tokens');
  expect(() => play(network([[load(8)]]))).toThrow('p0 names channel 0 of 0');
});

it('is cancelled when asked', () => {
  const long = network([[loop(1e5, compute(1))]]);
  expect(play(long, { fold: false, cancelled: () => true })).toBeNull();
});
