/** What every run of a network must obey, whatever the network: over a thousand random ones, folded. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import type { Network, Statement } from '#core/simulate/network/network.ts';
import { play } from '#core/simulate/network/player.ts';
import { type NetworkRun, STATES } from '#core/simulate/network/run.ts';
import { randomProcessNetwork } from '../support/process-networks.ts';
import { unfold } from '../support/unfold-trace.ts';

/** Tokens by FIFO and bytes by channel that the programs name, where they end. */
function named({ processes, fifos, channels }: Network) {
  const put = fifos.map(() => 0);
  const got = fifos.map(() => 0);
  const loaded = channels.map(() => 0);
  const stored = channels.map(() => 0);
  const walk = (body: readonly Statement[], times: number): void => {
    for (const statement of body) {
      if (statement.kind === 'loop') walk(statement.body, times * statement.repeat);
      if (statement.kind === 'put') put[statement.fifo]! += times * statement.tokens;
      if (statement.kind === 'get') got[statement.fifo]! += times * statement.tokens;
      if (statement.kind === 'load') loaded[statement.channel]! += times * statement.bytes;
      if (statement.kind === 'store') stored[statement.channel]! += times * statement.bytes;
    }
  };
  for (const { body } of processes) walk(body, 1);
  return { put, got, loaded, stored };
}

function conforms(network: Network, run: NetworkRun): void {
  const { makespan, processes, fifos, channels, deadlock } = run;
  for (const { busy, stallIn, stallOut, reconfigure, waits, start, end } of processes) {
    expect(busy + stallIn + stallOut + reconfigure).toBe(makespan);
    expect(waits.reduce((sum, { ticks }) => sum + ticks, 0)).toBe(end - busy - reconfigure);
    expect(start).toBeLessThanOrEqual(end);
    expect(end).toBeLessThanOrEqual(makespan);
  }
  expect(Math.max(...processes.map(({ end }) => end))).toBe(makespan);
  fifos.forEach(({ put, got, maximum, mean, firstFull }, fifo) => {
    const { capacity, initial } = network.fifos[fifo]!;
    expect(initial + put).toBeGreaterThanOrEqual(got);
    expect(maximum).toBeLessThanOrEqual(capacity);
    expect(mean).toBeLessThanOrEqual(maximum);
    expect(firstFull !== null).toBe(maximum === capacity);
  });
  for (const { busy } of channels) expect(busy).toBeLessThanOrEqual(makespan);
  if (deadlock) return;
  const { put, got, loaded, stored } = named(network);
  expect(fifos.map((account) => account.put)).toEqual(put);
  expect(fifos.map((account) => account.got)).toEqual(got);
  expect(channels.map(({ loadedBytes }) => loadedBytes)).toEqual(loaded);
  expect(channels.map(({ storedBytes }) => storedBytes)).toEqual(stored);
}

/** The trace, written out, says what the accounts say. */
function agrees(network: Network, run: NetworkRun): void {
  const { intervals, transfers, levels } = unfold(run.trace!);
  const byStart = (start: Float64Array) => Array.from(start, (_, row) => row).sort((a, b) => start[a]! - start[b]!);
  const reached = network.processes.map(() => 0);
  const ticks = network.processes.map(() => new Map<string, number>());
  for (const row of byStart(intervals.start)) {
    const process = intervals.process[row]!;
    expect(intervals.start[row]).toBe(reached[process]);
    reached[process] = intervals.end[row]!;
    const key = `${STATES[intervals.state[row]!]} ${intervals.on[row]}`;
    const before = ticks[process]!.get(key) ?? 0;
    ticks[process]!.set(key, before + intervals.end[row]! - intervals.start[row]!);
  }
  run.processes.forEach(({ busy, reconfigure, waits, end }, process) => {
    expect(reached[process]).toBe(end);
    expect(ticks[process]!.get('busy -1') ?? 0).toBe(busy);
    expect(ticks[process]!.get('reconfigure -1') ?? 0).toBe(reconfigure);
    for (const { state, on, ticks: waited } of waits) expect(ticks[process]!.get(`${state} ${on}`)).toBe(waited);
  });
  const free = network.channels.map(() => 0);
  const moved = network.channels.map(() => 0);
  for (const row of byStart(transfers.start)) {
    const channel = transfers.channel[row]!;
    expect(transfers.start[row]).toBeGreaterThanOrEqual(free[channel]!);
    free[channel] = transfers.end[row]!;
    moved[channel]! += transfers.bytes[row]!;
  }
  expect(moved).toEqual(run.channels.map(({ loadedBytes, storedBytes }) => loadedBytes + storedBytes));
  levels.tokens.forEach((tokens, row) => {
    expect(tokens).toBeGreaterThanOrEqual(0);
    expect(tokens).toBeLessThanOrEqual(network.fifos[levels.fifo[row]!]!.capacity);
  });
}

it('1,000 random networks', () => {
  for (let seed = 0; seed < 1000; seed++) {
    const network = randomProcessNetwork(createRng(20_000 + seed), { firings: 60 });
    const isTraced = seed % 4 === 0;
    const run = play(network, { trace: isTraced })!;
    conforms(network, run);
    if (isTraced) agrees(network, run);
  }
});
