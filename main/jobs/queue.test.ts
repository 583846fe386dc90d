import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { QueueView } from '#core/contract/queue.ts';
import type { RunView } from '#core/contract/views.ts';
import { emptyDocument, toFile } from '#core/document/document.ts';
import { DEFAULT_SETTINGS } from '#core/run/settings.ts';
import { packJson } from '#projects/codec.ts';
import { createProject, openProject, type Project } from '#projects/project.ts';
import type { NewRun } from '#projects/run-store.ts';
import { temporaryFolder } from '../../tests/crash/edits.ts';
import type { Lane } from './lane.ts';
import type { RunOutput } from './messages.ts';
import { CANCEL_SHOWN_AFTER_MS, createRunQueue, type RunQueue } from './queue.ts';

type Answer = Result<RunOutput, Problem>;

/** A lane whose jobs end when the test says so. */
function heldLane() {
  const jobs: { settle: (answer: Answer) => void; isCancelled: boolean; progress: (fraction: number) => void }[] = [];
  const lane: Lane = {
    run: (_kind, _input, onProgress = () => {}) => {
      let settle: (answer: never) => void = () => {};
      const answer = new Promise<never>((resolve) => {
        settle = resolve;
      });
      const job = {
        settle: settle as (answer: Answer) => void,
        isCancelled: false,
        progress: (fraction: number) => onProgress({ phase: 'schedule', fraction, message: '' }),
      };
      jobs.push(job);
      return {
        answer,
        cancel: () => {
          job.isCancelled = true;
        },
      };
    },
    close: async () => {},
  };
  return { lane, jobs };
}

const output: RunOutput = {
  result: packJson({ format: 'weft-run/1' }),
  key: 'key',
  title: 'T',
  totals: [{ id: 'time.cycles', title: 'Cycles', value: 7, unit: 'cycles', badge: 'simulated' }],
  stoppedEarly: false,
  stageMilliseconds: {},
  convergence: [],
};
const newRun: NewRun = {
  key: 'key',
  family: 'family',
  title: 'T',
  model: { document: 'm', revision: 1 },
  architecture: { document: 'a', revision: 2 },
  inputs: {
    model: toFile(emptyDocument('m', 'model', 'M')),
    architecture: toFile(emptyDocument('a', 'architecture', 'A')),
    settings: DEFAULT_SETTINGS,
  },
};

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let project: Project;
let queue: RunQueue;
let held: ReturnType<typeof heldLane>;
let changes: RunView[];
let queues: QueueView[];
const settled = () => vi.advanceTimersByTimeAsync(0);
const states = () => queue.list().map((run) => run.state);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = temporaryFolder();
  path = join(folder.path, 'p.weft');
  const made = createProject(path, 'P');
  if (!made.ok) throw new Error(made.error.code);
  project = made.value;
  held = heldLane();
  changes = [];
  queues = [];
  queue = createRunQueue(
    project,
    held.lane,
    '1.0',
    (run) => changes.push(run),
    (view) => queues.push(view),
  );
});
afterEach(() => {
  vi.useRealTimers();
  project.close();
  folder.remove();
});

describe('the queue of runs', () => {
  it('runs one at a time, in order, with progress on the way', async () => {
    queue.start(newRun);
    queue.start(newRun);
    expect(states()).toEqual(['running', 'queued']);
    held.jobs[0]!.progress(0.4);
    expect(queue.list()[0]?.progress?.fraction).toBe(0.4);
    expect(changes.at(-1)).toMatchObject({ state: 'running', progress: { fraction: 0.4 } });
    held.jobs[0]!.settle(ok(output));
    await settled();
    expect(states()).toEqual(['done', 'running']);
    expect(queue.list()[0]).toMatchObject({ headline: { 'time.cycles': 7 }, progress: null });
  });

  it('a failure is the run’s own; the next one starts', async () => {
    queue.start(newRun);
    queue.start(newRun);
    held.jobs[0]!.settle(err(problem('job.out-of-memory', 'too much')));
    await settled();
    expect(states()).toEqual(['failed', 'running']);
    expect(queue.list()[0]?.failure?.code).toBe('run.out-of-memory');
    held.jobs[1]!.settle(err(problem('schedule.infeasible', 'no room')));
    await settled();
    expect(queue.list()[1]?.failure?.code).toBe('schedule.infeasible');
  });

  it('P-12 cancel keeps the best so far, at once or late', async () => {
    const { id } = queue.start(newRun);
    expect(queue.cancel(id)).toMatchObject({ ok: true });
    expect(held.jobs[0]!.isCancelled).toBe(true);
    expect(states()).toEqual(['running']);
    await vi.advanceTimersByTimeAsync(CANCEL_SHOWN_AFTER_MS);
    expect(states()).toEqual(['cancelled']);
    expect(project.runs.result(id)).toBeNull();
    held.jobs[0]!.settle(ok({ ...output, stoppedEarly: true }));
    await settled();
    expect(queue.get(id)).toMatchObject({ state: 'cancelled', headline: { 'time.cycles': 7 } });
    expect(project.runs.result(id)).not.toBeNull();
  });

  it('a cancelled run that had nothing yet is cancelled, not failed', async () => {
    const { id } = queue.start(newRun);
    queue.cancel(id);
    held.jobs[0]!.settle(err(problem('job.stopped', 'stopped')));
    await settled();
    expect(queue.get(id)).toMatchObject({ state: 'cancelled', failure: null });
  });

  it('cancels what waits, leaves alone what is done, knows what is not there', async () => {
    queue.start(newRun);
    const { id } = queue.start(newRun);
    expect(queue.cancel(id)).toMatchObject({ value: { state: 'cancelled' } });
    held.jobs[0]!.settle(ok(output));
    await settled();
    expect(held.jobs).toHaveLength(1);
    expect(queue.cancel(id)).toMatchObject({ value: { state: 'cancelled' } });
    expect(queue.cancel('nope')).toMatchObject({ error: { code: 'run.missing' } });
  });

  it('a removed run is stopped and leaves nothing', async () => {
    const { id } = queue.start(newRun);
    expect(queue.remove(id).ok).toBe(true);
    expect(held.jobs[0]!.isCancelled).toBe(true);
    held.jobs[0]!.settle(ok(output));
    await settled();
    expect(queue.list()).toEqual([]);
    queue.start(newRun);
    expect(states()).toEqual(['running']);
  });

  it('what runs when it is closed waits again, before the others, and begins anew', async () => {
    const { id } = queue.start(newRun);
    queue.start(newRun);
    await queue.close();
    held.jobs[0]!.settle(ok(output));
    await settled();
    project.close();
    const again = openProject(path);
    if (!again.ok) throw new Error(again.error.code);
    project = again.value;
    queue = createRunQueue(project, held.lane, '1.0', () => {});
    expect(states()).toEqual(['queued', 'queued']);
    expect(queue.view().waiting[0]).toBe(id);
    queue.begin();
    expect(states()).toEqual(['running', 'queued']);
  });

  it('P-12 a run that is being stopped when it is closed is cancelled', async () => {
    const { id } = queue.start(newRun);
    queue.cancel(id);
    await queue.close();
    expect(project.runs.get(id)?.state).toBe('cancelled');
  });

  it('paused, what runs goes on and nothing starts; the order is the user’s', async () => {
    queue.start(newRun);
    const [second = '', third = ''] = [queue.start(newRun).id, queue.start(newRun).id];
    expect(queue.pause()).toEqual({ isPaused: true, waiting: [second, third] });
    expect(queue.reorder(third, second)).toEqual({ isPaused: true, waiting: [third, second] });
    held.jobs[0]!.settle(ok(output));
    await settled();
    expect(states()).toEqual(['done', 'queued', 'queued']);
    expect(queue.resume()).toEqual({ isPaused: false, waiting: [second] });
    expect(states()).toEqual(['done', 'queued', 'running']);
    expect(queues.at(-1)).toEqual({ isPaused: false, waiting: [second] });
  });
});
