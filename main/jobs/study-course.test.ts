/** The course of analytic points over lanes that fail, answer in part, or take long; and over runs that go wrong. */
import { describe, expect, it } from 'vitest';
import { problem } from '#core/base/problem.ts';
import { err, ok } from '#core/base/result.ts';
import type { RunView } from '#core/contract/views.ts';
import type { PointOutcome, StudyTask } from '#core/study/driver.ts';
import type { Choice } from '#core/technique/explorer.ts';
import type { Lane } from './lane.ts';
import type { Jobs } from './messages.ts';
import type { LanePool } from './pool.ts';
import { analyticCourse, runCourse } from './study-course.ts';
import type { StudyRecord } from './study-record.ts';

const outcome = (value: number): PointOutcome => ({ metrics: { value }, failure: null, run: null });

/** Of `count` points 0, 1, 2 …, all of them ready at once. */
function recordOf(count: number) {
  const told = new Map<number, PointOutcome>();
  let asked = 0;
  const record: StudyRecord = {
    begin: (more) => more(),
    ready: () => count - asked,
    take: (most) => {
      const tasks: StudyTask[] = [];
      while (asked < count && tasks.length < most) tasks.push({ ticket: asked, choice: [asked++] });
      return tasks;
    },
    tell: ({ ticket }, result) => {
      expect(told.has(ticket)).toBe(false);
      told.set(ticket, result);
    },
    isDone: () => told.size === count,
    close: () => {},
  };
  return { record, told };
}

type Answer = (choices: readonly Choice[]) => Awaited<ReturnType<Lane['run']>['answer']>;

function poolOf(size: number, answer: Answer) {
  const seen = { jobs: 0, cancelled: 0, released: 0, most: 0 };
  let atOnce = 0;
  const lane: Lane = {
    run: (_, input) => {
      const { choices } = input as Jobs['study-points']['input'];
      seen.jobs++;
      seen.most = Math.max(seen.most, ++atOnce);
      const settled = new Promise((done) => setTimeout(done, 1)).then(() => {
        atOnce--;
        return answer(choices);
      });
      return { answer: settled as never, cancel: () => void seen.cancelled++ };
    },
    close: async () => {},
  };
  const lanes = Array.from({ length: size }, () => ({ ...lane }));
  const pool: LanePool = { size, hold: () => ({ lanes, release: () => void seen.released++ }), close: async () => {} };
  return { pool, seen };
}

const evaluated = (choices: readonly Choice[]) => ok(choices.map(([value = 0]) => outcome(value)));
const EMPTY = new Uint8Array();

function played(count: number, answer: Answer) {
  const { record, told } = recordOf(count);
  const { pool, seen } = poolOf(3, answer);
  return new Promise<{ told: typeof told; seen: typeof seen; broke: unknown }>((end) => {
    const course = analyticCourse('s', EMPTY, record, pool, {
      done: () => end({ told, seen, broke: null }),
      broke: (broke) => end({ told, seen, broke }),
    });
    course.begin();
  });
}

describe('analytic points', () => {
  it('are all evaluated, on all lanes at once, once each', async () => {
    const { told, seen } = await played(500, evaluated);
    expect([...told.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, index) => index));
    for (const [ticket, { metrics }] of told) expect(metrics.value).toBe(ticket);
    expect(seen.most).toBe(3);
    expect(seen.released).toBe(1);
  });

  it('that end their thread fail alone', async () => {
    const { told } = await played(40, (choices) =>
      choices.some(([value]) => value === 17) ? err(problem('job.crashed', 'The work ended')) : evaluated(choices),
    );
    expect(told.size).toBe(40);
    for (const [ticket, { failure }] of told) expect(failure).toBe(ticket === 17 ? 'The work ended' : null);
  });

  it('that a job did not get to are done in another', async () => {
    const { told } = await played(60, (choices) => evaluated(choices.slice(0, Math.ceil(choices.length / 2))));
    expect(told.size).toBe(60);
  });

  it('of no worth end the study, should the record break', async () => {
    const { record } = recordOf(9);
    const { pool, seen } = poolOf(2, evaluated);
    const full = () => {
      throw new Error('the disk is full');
    };
    const broke = await new Promise((end) => {
      analyticCourse('s', EMPTY, { ...record, tell: full }, pool, { done: () => end(null), broke: end }).begin();
    });
    expect(String(broke)).toContain('the disk is full');
    expect(seen.released).toBe(1);
  });

  it('are dropped when it is stopped', async () => {
    const { record, told } = recordOf(100_000);
    const { pool, seen } = poolOf(2, evaluated);
    const ends: string[] = [];
    const course = analyticCourse('s', EMPTY, record, pool, {
      done: () => ends.push('done'),
      broke: () => ends.push('broke'),
    });
    course.begin();
    await new Promise((next) => setTimeout(next, 30));
    course.stop();
    const there = told.size;
    expect(seen.cancelled).toBe(2);
    await new Promise((next) => setTimeout(next, 20));
    expect(told.size).toBe(there);
    expect(ends).toEqual([]);
  });
});

const run = (id: string, state: RunView['state']): RunView => ({
  id,
  kind: 'program',
  number: 1,
  title: 'R',
  state,
  key: id,
  model: { document: 'm', revision: 0 },
  architecture: { document: 'a', revision: 0 },
  createdAt: '',
  finishedAt: null,
  progress: null,
  failure: state === 'failed' ? problem('run.x', 'It did not fit') : null,
  headline: {},
  stageMilliseconds: {},
  imported: false,
});

describe('points as runs', () => {
  it('go on whatever becomes of a run', async () => {
    const { record, told } = recordOf(5);
    const cancelled: string[] = [];
    const ended = new Promise<void>((done) => {
      const course = runCourse(
        record,
        {
          start: ([value = 0]) => {
            const id = `run-${value}`;
            // The first is there already; the others end by themselves, a moment later.
            if (value === 0) return { run: run(id, 'done'), isOwn: false };
            const ends = [run(id, 'done'), run(id, 'failed'), run(id, 'cancelled'), null][value - 1]!;
            setTimeout(() => {
              course.runChanged('another', run('another', 'done'));
              course.runChanged(id, run(id, 'running'));
              course.runChanged(id, ends ?? null);
            }, 1);
            return { run: run(id, 'queued'), isOwn: true };
          },
          outcome: ([value = 0], { id }) => ({ ...outcome(value), run: id }),
          cancel: (id) => cancelled.push(id),
        },
        { done, broke: (cause) => expect.unreachable(String(cause)) },
      );
      course.begin();
    });
    await ended;
    expect([...told.values()].map(({ failure, run: id }) => [failure, id])).toEqual([
      [null, 'run-0'],
      [null, 'run-1'],
      ['It did not fit', 'run-2'],
      ['Its run was cancelled', 'run-3'],
      ['Its run was removed before it had ended', null],
    ]);
    expect(cancelled).toEqual([]);
  });

  it('take the run under way along when stopped, unless it is the user’s', async () => {
    for (const isOwn of [true, false]) {
      const cancelled: string[] = [];
      const course = runCourse(
        recordOf(3).record,
        {
          start: () => ({ run: run('r', 'queued'), isOwn }),
          outcome: () => outcome(0),
          cancel: (id) => cancelled.push(id),
        },
        { done: () => {}, broke: () => {} },
      );
      course.begin();
      await new Promise((next) => setTimeout(next, 5));
      course.stop();
      expect(cancelled).toEqual(isOwn ? ['r'] : []);
    }
  });
});
