/** Networks with known answers: depths in closed form, both kinds of deadlock, sentences, and critical paths. */
import { describe, expect, it } from 'vitest';
import type { Network, Operation, Process, Statement } from '#core/simulate/network/network.ts';
import { play } from '#core/simulate/network/player.ts';
import { roomsOf } from './critical-path.ts';
import { explainDeadlock } from './deadlock.ts';
import { depthsOf } from './depths.ts';
import { drawnSpans, explainStalls } from './explain.ts';
import { subjectOf, withDepths } from './subject.ts';

const get = (fifo: number, tokens = 1): Operation => ({ kind: 'get', fifo, tokens, interval: 0 });
const put = (fifo: number, tokens = 1): Operation => ({ kind: 'put', fifo, tokens, interval: 0 });
const compute = (ticks: number): Operation => ({ kind: 'compute', ticks });
const loop = (repeat: number, ...body: readonly Statement[]): Statement => ({ kind: 'loop', repeat, body });
const process = (name: string, ...body: readonly Statement[]): Process => ({ name, body });
const networkOf = (processes: readonly Process[], fifos: readonly (readonly [string, number])[]): Network => ({
  processes,
  fifos: fifos.map(([name, capacity]) => ({ name, capacity, initial: 0 })),
  channels: [],
  locks: [],
  barriers: [],
});

/** A fork that feeds a chain of `stages` tasks and, directly, the join they all end in. */
function forkJoin(stages: number, firings: number, depth: number): Network {
  const chain = Array.from({ length: stages }, (_, stage) =>
    process(`stage ${stage + 1}`, loop(firings, get(stage + 1), compute(1), put(stage + 2))),
  );
  return networkOf(
    [
      process('fork', loop(firings, compute(1), put(1), put(0))),
      ...chain,
      process('join', loop(firings, get(stages + 1), get(0), compute(1))),
    ],
    [['short', depth], ...Array.from({ length: stages + 1 }, (_, index): [string, number] => [`long ${index}`, 1])],
  );
}

/** Its makespan by recursion: e is when the fork has computed a token, w when it has written both. */
function forkJoinMakespan(stages: number, firings: number, depth: number): number {
  const e: number[] = [];
  const w: number[] = [];
  for (let j = 0; j < firings; j++) {
    e.push((w[j - 1] ?? 0) + 1);
    w.push(Math.max(e[j]!, j < depth ? 0 : e[j - depth]! + stages));
  }
  return e[firings - 1]! + stages + 1;
}

describe('a fork and a join over branches of unequal length', () => {
  it.each([1, 2, 3, 5, 8])('the short branch needs as many tokens as the other has tasks: %i', (stages) => {
    const firings = 60;
    for (let depth = 1; depth <= stages + 1; depth++)
      expect(play(forkJoin(stages, firings, depth))!.makespan).toBe(forkJoinMakespan(stages, firings, depth));
    const answer = depthsOf(forkJoin(stages, firings, 1));
    expect(answer.fullSpeed).toBe(firings + stages + 1);
    expect(answer.needs[0]).toEqual({ fifo: 0, withoutDeadlock: 1, fullSpeed: stages });
    expect(answer.isExact).toBe(true);
    expect(answer.byTokens.at(-1)).toMatchObject({ tokens: stages + stages + 1, makespan: firings + stages + 1 });
    expect(answer.byTokens.map(({ makespan }) => makespan)).toEqual(
      Array.from({ length: stages }, (_, index) => forkJoinMakespan(stages, firings, index + 1)),
    );
  });

  it('says which stream is too short, and who waits for whom', () => {
    const network = forkJoin(3, 100, 1);
    const { findings, tasks, pathShares, path } = explainStalls(subjectOf(network), play(network, { trace: true })!);
    expect([...roomsOf(path!)]).toEqual([0]);
    const makespan = forkJoinMakespan(3, 100, 1);
    for (const { busy, stallIn, stallOut, reconfigure } of tasks)
      expect(busy + stallIn + stallOut + reconfigure).toBe(makespan);
    expect(pathShares.reduce((sum, { ticks }) => sum + ticks, 0)).toBe(makespan);
    // By the recursion of forkJoinMakespan it waits two ticks for every other token.
    const short = findings.find(({ code }) => code === 'stalls.short-fifo')!;
    expect(short.message).toBe(
      'short is too short with 1: full from tick 1 on, fork waits 100 cycles (49.5 %) for join to make room, and the end of the run waits for it',
    );
    expect(tasks[0]!.waits[0]).toMatchObject({ state: 'put', name: 'short', ticks: 100, other: { name: 'join' } });
  });

  it('is drawn without gaps, in as many spans as are asked for', () => {
    const network = forkJoin(4, 500, 2);
    const run = play(network, { trace: true })!;
    const { path } = explainStalls(subjectOf(network), run);
    for (const most of [5, 50, 5_000]) {
      const spans = drawnSpans(path!, most);
      expect(spans.length).toBeLessThanOrEqual(most);
      expect(spans[0]!.start).toBe(0);
      expect(spans.at(-1)!.end).toBe(run.makespan);
      for (const [index, { start }] of spans.entries()) if (index > 0) expect(start).toBe(spans[index - 1]!.end);
    }
  });
});

it('a producer of bursts of b needs b − 1: its first token is taken at once', () => {
  const [burst, each, blocks] = [6, 3, 20];
  const network = (depth: number) =>
    networkOf(
      [
        process('producer', loop(blocks, compute(burst * each), put(0, burst))),
        process('consumer', loop(blocks * burst, get(0), compute(each))),
      ],
      [['bursts', depth]],
    );
  const makespan = (depth: number) =>
    blocks * burst * each + (blocks - 1) * Math.max(0, burst - depth - 1) * each + burst * each;
  for (let depth = 1; depth <= burst + 1; depth++) expect(play(network(depth))!.makespan).toBe(makespan(depth));
  const answer = depthsOf(network(1));
  expect(answer.byTokens.map((point) => [point.tokens, point.makespan])).toEqual(
    Array.from({ length: burst - 1 }, (_, index) => [index + 1, makespan(index + 1)]),
  );
});

describe('deadlocks', () => {
  it('artificial: a stream is filled before the one its reader waits for', () => {
    const network = networkOf(
      [process('writer', loop(5, put(0, 7), put(1))), process('reader', loop(5, get(1), get(0, 7), compute(1)))],
      [
        ['samples', 2],
        ['header', 2],
      ],
    );
    const run = play(network)!;
    const told = explainDeadlock(subjectOf(network), run.deadlock!);
    expect(told.kind).toBe('artificial');
    expect(
      told.steps.map(({ task, waitsFor, stream, awaited }) => [task.name, waitsFor, stream?.name, awaited?.name]),
    ).toEqual([
      ['writer', 'room', 'samples', 'reader'],
      ['reader', 'data', 'header', 'writer'],
    ]);
    expect(told.resolution!.grown).toEqual([{ fifo: 0, from: 2, to: 7 }]);
    expect(play(withDepths(network, [6, 2]))!.deadlock).not.toBeNull();
    expect(play(withDepths(network, [7, 2]))!.makespan).toBe(told.resolution!.makespan);
    expect(told.finding.message).toBe(
      'At tick 0 writer and reader wait for each other: writer waits until reader makes room in samples, which is full with 2; reader waits for tokens of header from writer. The deadlock is artificial, a FIFO is too short: with samples from 2 to 7 it runs, in 5 cycles',
    );
    expect(depthsOf(network).needs).toMatchObject([{ withoutDeadlock: 7 }, { withoutDeadlock: 1 }]);
  });

  it('true: a feedback without tokens, whatever the depths', () => {
    const network = networkOf(
      [process('filter', loop(3, get(1), compute(2), put(0))), process('delay', loop(3, get(0), compute(2), put(1)))],
      [
        ['forward', 1],
        ['back', 1],
      ],
    );
    const told = explainDeadlock(subjectOf(network), play(network)!.deadlock!);
    expect(told).toMatchObject({ kind: 'true', resolution: null });
    expect(told.finding.message).toBe(
      'At tick 0 filter and delay wait for each other: filter waits for tokens of back from delay; delay waits for tokens of forward from filter. The deadlock is a true one: nobody waits for room, so no FIFO depth helps. The cycle needs tokens to begin with, for example in back',
    );
    expect(depthsOf(network)).toMatchObject({ fullSpeed: null, byTokens: [], isExact: true });
  });

  it('true behind an artificial one: grown in vain', () => {
    const network = networkOf(
      [process('a', put(0, 3), put(1), get(2), put(3)), process('b', get(1), get(0, 3), get(3), put(2))],
      [
        ['x', 1],
        ['y', 1],
        ['z', 1],
        ['u', 1],
      ],
    );
    const told = explainDeadlock(subjectOf(network), play(network)!.deadlock!);
    expect(told).toMatchObject({ kind: 'artificial', resolution: null });
  });

  it('rates that do not match: room lets the writer end, tokens that never come do not', () => {
    const surplus = networkOf([process('w', loop(9, put(0))), process('r', loop(4, get(0)))], [['left over', 2]]);
    expect(explainDeadlock(subjectOf(surplus), play(surplus)!.deadlock!).resolution!.grown).toEqual([
      { fifo: 0, from: 2, to: 5 },
    ]);
    const missing = networkOf([process('w', loop(3, put(0))), process('r', loop(4, get(0)))], [['too few', 2]]);
    const told = explainDeadlock(subjectOf(missing), play(missing)!.deadlock!);
    expect(told).toMatchObject({ kind: 'true', resolution: null });
    expect(told.finding.message).toContain('the rates of its two ends do not match');
  });
});

it('stops when it is told to, with what it has', () => {
  let asked = 0;
  const answer = depthsOf(forkJoin(6, 50, 1), {}, { report: () => {}, cancelled: () => ++asked > 0 });
  expect(answer).toMatchObject({ isExact: false, wasCancelled: true });
});

it('many FIFOs: a heuristic says that it is one, and still ends at full speed', () => {
  const answer = depthsOf(forkJoin(14, 40, 1), { simulations: 60 });
  expect(answer.fullSpeed).toBe(55);
  expect(answer.isExact || answer.caveat !== null).toBe(true);
  expect(answer.byTokens.at(-1)!.makespan).toBe(55);
});
