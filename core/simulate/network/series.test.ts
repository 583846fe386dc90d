/** Views of folded traces against those of whole runs, tick by tick. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { randomProcessNetwork } from '../../../tests/support/process-networks.ts';
import { unfold } from '../../../tests/support/unfold-trace.ts';
import { Intervals } from './intervals.ts';
import type { Network, Process } from './network.ts';
import { play } from './player.ts';
import type { Trace } from './run.ts';
import { TraceSeries } from './series.ts';

const seriesOf = (trace: Trace, makespan: number, { fifos, channels }: Network) =>
  new TraceSeries(trace, makespan, fifos.length, channels.length);

/** Intervals by process, neighbours in the same state joined but for work, which is never cut. */
function merged({ intervals }: Trace, processes: number) {
  const rows = Array.from(intervals.process, (process, row) => ({
    process,
    state: intervals.state[row]!,
    on: intervals.on[row]!,
    start: intervals.start[row]!,
    end: intervals.end[row]!,
  })).sort((one, other) => one.start - other.start);
  return Array.from({ length: processes }, (_, process) => {
    const mine: (typeof rows)[number][] = [];
    for (const row of rows) {
      if (row.process !== process) continue;
      const last = mine.at(-1);
      if (last && last.end === row.start && last.state === row.state && last.on === row.on && row.state !== 0)
        mine[mine.length - 1] = { ...last, end: row.end };
      else mine.push(row);
    }
    return mine;
  });
}

function transfersOf({ transfers }: Trace) {
  return Array.from(
    transfers.start,
    (start, row) =>
      `${start} ${transfers.channel[row]} ${transfers.process[row]} ${transfers.bytes[row]} ${transfers.end[row]}`,
  ).sort();
}

it('a trace written out is that of the whole run, and views of both are equal', () => {
  let folds = 0;
  for (let seed = 0; seed < 150; seed++) {
    const rng = createRng(seed);
    const network = randomProcessNetwork(rng, { firings: 80, locks: seed % 3 === 0, barriers: seed % 2 === 0 });
    const whole = play(network, { fold: false, trace: true })!;
    const folded = play(network, { trace: true })!;
    const [truth, trace] = [whole.trace!, folded.trace!];
    folds += trace.folds.length;
    const count = network.processes.length;
    const written = unfold(trace);
    expect(merged(written, count), `seed ${seed}`).toEqual(merged(truth, count));
    expect(transfersOf(written), `seed ${seed}`).toEqual(transfersOf(truth));

    const series = seriesOf(trace, folded.makespan, network);
    const reference = seriesOf(truth, whole.makespan, network);
    const [one, other] = [new Intervals(trace, count), new Intervals(truth, count)];
    for (let probe = 0; probe < 60; probe++) {
      const tick = rng.below(whole.makespan + 1);
      for (let process = 0; process < count; process++) {
        const [is, was] = [one.at(process, tick), other.at(process, tick)];
        expect([is?.state, is?.on], `seed ${seed} at ${tick}`).toEqual([was?.state, was?.on]);
      }
    }
    const points = 1 + rng.below(40);
    network.fifos.forEach((_, fifo) => {
      const [one, other] = [series.levels(fifo, points), reference.levels(fifo, points)];
      expect(one.maximum, `seed ${seed}`).toEqual(other.maximum);
      expect(Math.max(...one.maximum), `seed ${seed}`).toBe(whole.fifos[fifo]!.maximum);
      one.mean.forEach((mean, point) => {
        expect(mean).toBeCloseTo(other.mean[point]!, 6);
      });
    });
    network.channels.forEach((_, channel) => {
      const [one, other] = [series.bytes(channel, points), reference.bytes(channel, points)];
      one.forEach((bytes, point) => {
        expect(bytes, `seed ${seed}`).toBeCloseTo(other[point]!, 4);
      });
      const { loadedBytes, storedBytes } = whole.channels[channel]!;
      const sum = one.reduce((total, bytes) => total + bytes, 0);
      expect(sum).toBeCloseTo(loadedBytes + storedBytes, 3);
    });
  }
  expect(folds).toBeGreaterThan(200);
});

/** A writer of `write` ticks a token and a reader of `read`, in this or the other order of index. */
function pair(tokens: number, write: number, read: number, capacity: number, isReaderFirst = false): Network {
  const writer: Process = {
    name: 'writer',
    body: [
      {
        kind: 'loop',
        repeat: tokens,
        body: [
          { kind: 'compute', ticks: write },
          { kind: 'put', fifo: 0, tokens: 1, interval: 0 },
        ],
      },
    ],
  };
  const reader: Process = {
    name: 'reader',
    body: [
      {
        kind: 'loop',
        repeat: tokens,
        body: [
          { kind: 'get', fifo: 0, tokens: 1, interval: 0 },
          { kind: 'compute', ticks: read },
        ],
      },
    ],
  };
  const processes = isReaderFirst ? [reader, writer] : [writer, reader];
  return { processes, fifos: [{ name: 'f', capacity, initial: 0 }], channels: [], locks: [], barriers: [] };
}

it('a token put and got in the same tick took its place, for no time', () => {
  const [tokens, write, read] = [400, 7, 3];
  const network = pair(tokens, write, read, 5);
  const run = play(network, { trace: true })!;
  expect(run.events).toBeLessThan(tokens);
  expect(run.makespan).toBe(tokens * write + read);
  expect(run.fifos[0]).toMatchObject({ maximum: 1, mean: 0, firstFull: null });
  const { maximum, mean } = seriesOf(run.trace!, run.makespan, network).levels(0, run.makespan);
  const isPut = (tick: number) => tick > 0 && tick % write === 0;
  expect([...maximum]).toEqual(Array.from(maximum, (_, tick) => (isPut(tick) ? 1 : 0)));
  expect(new Set(mean)).toEqual(new Set([0]));
  // One place is enough, and none is not.
  expect(play(pair(tokens, write, read, 1))!.makespan).toBe(run.makespan);
  expect(play(pair(tokens, write, read, 0))!.deadlock).not.toBeNull();
});

it.each([false, true])('the highest level of a tick goes by the order of events; reader first: %s', (isReaderFirst) => {
  const [tokens, write, read] = [300, 3, 7];
  const network = pair(tokens, write, read, Number.POSITIVE_INFINITY, isReaderFirst);
  const { trace, makespan, fifos } = play(network, { trace: true })!;
  expect(makespan).toBe(write + tokens * read);
  const puts = (tick: number) => Math.min(tokens, Math.floor(Math.max(0, tick) / write));
  const gets = (tick: number) => Math.min(tokens, Math.floor(Math.max(0, tick + read - write) / read));
  /** Before anything is got, where the writer goes first or the reader waits for it; else after. */
  const most = (tick: number) => puts(tick) - gets(isReaderFirst && tick !== write ? tick : tick - 1);
  const { maximum } = seriesOf(trace!, makespan, network).levels(0, makespan);
  const got = (tick: number) => gets(tick) > gets(tick - 1) && puts(tick) === puts(tick - 1);
  expect([...maximum]).toEqual(Array.from(maximum, (_, tick) => (got(tick) ? puts(tick) - gets(tick) : most(tick))));
  expect(Math.max(...maximum)).toBe(fifos[0]!.maximum);
});
