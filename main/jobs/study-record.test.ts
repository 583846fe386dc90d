/** A study's record between real explorers and instant points: order, batches, going on from any batch; explorers that go wrong. */
import { describe, expect, it, vi } from 'vitest';
import type { Problem } from '#core/base/problem.ts';
import { ok } from '#core/base/result.ts';
import type { Json, ParameterValues } from '#core/base/value.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import { type PointOutcome, StudyDriver } from '#core/study/driver.ts';
import { studyMetrics } from '#core/study/metrics.ts';
import { explorers } from '#core/study/start.ts';
import type { StudyPoint } from '#core/study/study.ts';
import { type Choice, choiceKey, type ExplorerSpace } from '#core/technique/explorer.ts';
import type { StudyAdvance, StudyStore } from '#projects/study-store.ts';
import type { RemoteExplorer } from './explorer-lanes.ts';
import { choicesFault, type ExplorerAnswer, type ExplorerTurn, explorerTurn } from './explorer-session.ts';
import { BATCH_MS, createStudyRecord } from './study-record.ts';

const objectives = studyMetrics('program', 'estimate').slice(0, 2);
const space: ExplorerSpace = { levels: [12, 9, 7, 14] };

const outcome = ([a = 0, b = 0, c = 0, d = 0]: Choice): PointOutcome =>
  (a + b) % 11 === 10
    ? { metrics: {}, failure: 'no', run: null }
    : { metrics: { 'time.cycles': a * b + d, 'time.seconds': c - a }, failure: null, run: null };

/** In this thread. */
const here: RemoteExplorer = {
  plan: async () => ok(0),
  turn: async (turn) => explorerTurn(structuredClone(turn)),
  release: () => {},
};

interface Written {
  readonly points: StudyPoint[];
  state: Json;
  advances: number;
}

const nothing = (): Written => ({ points: [], state: null, advances: 0 });

interface Play {
  readonly written: Written;
  readonly broke: unknown;
}

/** Plays a study over what is written, until it is done or so many batches are. */
function played(
  id: string,
  parameters: ParameterValues,
  written: Written,
  { batches = Number.POSITIVE_INFINITY, remote = here, most = 100_000, isFull = false } = {},
): Promise<Play> {
  const store = {
    get: () => ({ done: written.points.length }),
    advance: (_: string, { points, done, state }: StudyAdvance) => {
      if (isFull) throw new Error('the disk is full');
      written.points.push(...points);
      expect(written.points).toHaveLength(done);
      written.state = JSON.parse(JSON.stringify(state));
      written.advances++;
    },
  } as unknown as StudyStore;
  const { manifest } = explorers.find((one) => one.manifest.id === id)!;
  return new Promise((end) => {
    const over = (broke: unknown) => {
      record.close();
      end({ written, broke });
    };
    const record = createStudyRecord({
      store,
      id: 's',
      driver: new StudyDriver({ objectives, keyOf: choiceKey, known: [...written.points] }),
      explorer: remote,
      begin: {
        explorer: id,
        parameters: { ...defaultParameters(manifest.parameters), ...parameters },
        space,
        state: written.state,
      },
      most,
      wrote: () => {
        if (written.advances >= batches) over(null);
      },
      broke: over,
    });
    record.begin(() => {
      // The later of two first.
      const tasks = record.take(64).toReversed();
      if (tasks.length === 0 && record.isDone()) over(null);
      for (const task of tasks) record.tell(task, outcome(task.choice));
      if (record.ready() > 0) setImmediate(again);
    });
    function again(): void {
      for (const task of record.take(64)) record.tell(task, outcome(task.choice));
      if (record.ready() > 0) setImmediate(again);
    }
  });
}

describe('a record', () => {
  it('keeps ten thousand points in order in a few batches, however fast they come', async () => {
    const began = performance.now();
    const { written, broke } = await played('explorer/grid', {}, nothing());
    const elapsed = performance.now() - began;
    expect(broke).toBeNull();
    expect(written.points).toHaveLength(12 * 9 * 7 * 14);
    for (const [index, point] of written.points.entries()) expect(point.index).toBe(index);
    expect(written.points.map(({ choice }) => choice)).toEqual(
      written.points.map(({ choice }) => choice).toSorted(before),
    );
    // One at the beginning, one at the end, those that are due, and those that are full.
    expect(written.advances).toBeLessThanOrEqual(2 + elapsed / BATCH_MS + written.points.length / 2000);
  });

  it.each([
    ['explorer/random', { points: 2500, seed: 3 }],
    ['explorer/latin-hypercube', { points: 2500, seed: 3 }],
    ['explorer/nsga-ii', { population: 40, generations: 40, seed: 3 }],
  ] as const)('%s goes on from any batch to the points it would have had', async (id, parameters) => {
    const whole = await played(id, parameters, nothing());
    expect(whole.broke).toBeNull();
    expect(whole.written.points.length).toBeGreaterThan(1500);
    const parts = nothing();
    let lives = 0;
    while (parts.points.length < whole.written.points.length && lives++ < 200)
      await played(id, parameters, parts, { batches: parts.advances + 1 });
    expect(lives).toBeGreaterThan(1);
    expect(parts.points).toEqual(whole.written.points);
  });
});

function before(a: Choice, b: Choice): number {
  const axis = a.findIndex((value, at) => value !== b[at]);
  return axis < 0 ? 0 : a[axis]! - b[axis]!;
}

it('a batch that cannot be written is told, once', async () => {
  const { broke, written } = await played('explorer/grid', {}, nothing(), { isFull: true });
  expect(String(broke)).toContain('the disk is full');
  expect(written.points).toEqual([]);
});

it('writes what came though its timer is early and the next point takes long', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const written: StudyPoint[] = [];
  const store = {
    get: () => ({ done: 0 }),
    advance: (_: string, { points }: StudyAdvance) => void written.push(...points),
  } as unknown as StudyStore;
  await new Promise<void>((end) => {
    let told = 0;
    const record = createStudyRecord({
      store,
      id: 's',
      driver: new StudyDriver({ objectives, keyOf: choiceKey }),
      explorer: here,
      begin: { explorer: 'explorer/grid', parameters: {}, space: { levels: [3] }, state: null },
      most: 3,
      wrote: () => {
        if (written.length === 2) end();
      },
      broke: () => {},
    });
    // The third never comes.
    record.begin(() => {
      if (told++ < 2) for (const task of record.take(1)) record.tell(task, outcome(task.choice));
    });
  });
  clock.mockRestore();
  expect(written.map(({ choice }) => choice)).toEqual([[0], [1]]);
});

describe('an explorer that goes wrong', () => {
  const remote = (turn: (turn: ExplorerTurn) => ExplorerAnswer): RemoteExplorer => ({
    ...here,
    turn: async (asked) => ok(turn(asked)),
  });
  const problemOf = async (turn: (turn: ExplorerTurn) => ExplorerAnswer) => {
    const { broke } = await played('explorer/grid', {}, nothing(), { remote: remote(turn), most: 1000 });
    return broke as Problem;
  };

  it('fails its study: asking for nothing, for ever', async () => {
    expect(await problemOf(() => ({ choices: [], isDone: false, state: null }))).toMatchObject({
      code: 'study.explorer-invalid',
      message: expect.stringContaining('asks for nothing'),
    });
  });

  it('fails its study: asking without an end, for the same too', async () => {
    const same = ({ most }: ExplorerTurn) => ({
      choices: Array.from({ length: Math.min(most, 100) }, () => [0, 0, 0, 0]),
      isDone: false,
      state: null,
    });
    expect(await problemOf(same)).toMatchObject({ code: 'study.explorer-invalid', facts: { limit: 1000 } });
  });

  it('is looked through: points that are none, and more than were wanted', () => {
    expect(choicesFault([[1, 0]], [2, 1], 1)).toBeNull();
    for (const choice of [[2, 0], [0], [0, 0, 0], [-1, 0], [0.5, 0], [Number.NaN, 0]])
      expect(choicesFault([[0, 0], choice], [2, 1], 9)).toContain('a point that is none');
    expect(choicesFault([[0], [1]], [2], 1)).toContain('2 points where at most 1');
  });
});
