/** Views of folded traces against those of whole runs, tick by tick. */
import { expect, it } from 'vitest';
import { createRng } from '#core/base/rng.ts';
import { randomProcessNetwork } from '../../../tests/support/process-networks.ts';
import type { Network } from './network.ts';
import { play } from './player.ts';
import type { Trace } from './run.ts';
import { TraceView } from './series.ts';
import { unfold } from './unfold.ts';

const viewOf = (trace: Trace, makespan: number, { processes, fifos, channels }: Network) =>
  new TraceView(trace, makespan, processes.length, fifos.length, channels.length);

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

    const view = viewOf(trace, folded.makespan, network);
    const reference = viewOf(truth, whole.makespan, network);
    for (let probe = 0; probe < 60; probe++) {
      const tick = rng.below(whole.makespan + 1);
      const [one, other] = [view.stateAt(tick), reference.stateAt(tick)];
      expect(one.levels, `seed ${seed} at ${tick}`).toEqual(other.levels);
      const what = ({ processes }: typeof one) => processes.map(({ state, on }) => [state, on]);
      expect(what(one), `seed ${seed} at ${tick}`).toEqual(what(other));
    }
    const points = 1 + rng.below(40);
    network.fifos.forEach((_, fifo) => {
      const [one, other] = [view.levels(fifo, points), reference.levels(fifo, points)];
      expect(one.maximum, `seed ${seed}`).toEqual(other.maximum);
      one.mean.forEach((mean, point) => {
        expect(mean).toBeCloseTo(other.mean[point]!, 6);
      });
    });
    network.channels.forEach((_, channel) => {
      const [one, other] = [view.bytes(channel, points), reference.bytes(channel, points)];
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
