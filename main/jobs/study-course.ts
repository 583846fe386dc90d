/**
 * How the points of a study are got: analytic ones in small jobs on all lanes of the pool, or one after the other as runs of
 * the project's queue, so that a run the user starts waits for one of them at most.
 */
import type { Problem } from '#core/base/problem.ts';
import type { Result } from '#core/base/result.ts';
import type { RunView } from '#core/contract/views.ts';
import type { PointOutcome, StudyTask } from '#core/study/driver.ts';
import type { Choice } from '#core/technique/explorer.ts';
import type { Lane, RunningJob } from './lane.ts';
import type { LanePool } from './pool.ts';
import type { StudyRecord } from './study-record.ts';

export interface Course {
  begin(): void;
  /** Ends at once; what is under way is dropped, and asked for again when it is resumed. */
  stop(): void;
  /** A run of the project has changed, or is gone. */
  runChanged(id: string, run: RunView | null): void;
}

/** What a course tells: that all is done, or an exception, which is a bug or a full disk. */
export interface CourseEnd {
  done(): void;
  broke(cause: unknown): void;
}

const failure = (message: string): PointOutcome => ({ metrics: {}, failure: message, run: null });

/** How long a job should take, milliseconds: short enough to see points come and to stop soon. */
const JOB_MS = 200;
const LARGEST_JOB = 512;

export function analyticCourse(
  study: string,
  subject: Uint8Array,
  record: StudyRecord,
  pool: LanePool,
  end: CourseEnd,
): Course {
  const { lanes, release } = pool.hold();
  const jobs = new Map<Lane, RunningJob<'study-points'>>();
  /** Taken before, and to be tried again. */
  let again: readonly StudyTask[] = [];
  let size = 4;
  let isOver = false;

  function finish(then: () => void): void {
    if (isOver) return;
    isOver = true;
    for (const job of jobs.values()) job.cancel();
    release();
    then();
  }

  function guarded(work: () => void): void {
    try {
      work();
    } catch (cause) {
      finish(() => end.broke(cause));
    }
  }

  function pump(): void {
    for (const lane of lanes) {
      if (isOver) return;
      if (jobs.has(lane)) continue;
      const tasks = next();
      if (tasks.length === 0) break;
      send(lane, tasks);
    }
    if (jobs.size === 0 && again.length === 0 && record.isDone()) finish(end.done);
  }

  /** What is left is shared: a generation ends for all lanes at the same time. */
  function next(): readonly StudyTask[] {
    const share = Math.ceil((again.length + record.ready()) / lanes.length);
    const most = Math.max(1, Math.min(size, share));
    const own = again.slice(0, most);
    again = again.slice(most);
    return [...own, ...record.take(most - own.length)];
  }

  function send(lane: Lane, tasks: readonly StudyTask[]): void {
    const began = performance.now();
    const job = lane.run('study-points', { study, subject, choices: tasks.map(({ choice }) => choice) });
    jobs.set(lane, job);
    void job.answer.then((answer) => {
      if (isOver) return;
      jobs.delete(lane);
      guarded(() => {
        take(tasks, answer, performance.now() - began);
        pump();
      });
    });
  }

  function take(tasks: readonly StudyTask[], answer: Result<readonly PointOutcome[], Problem>, took: number): void {
    if (answer.ok) {
      for (const [index, outcome] of answer.value.entries()) record.tell(tasks[index]!, outcome);
      again = [...tasks.slice(answer.value.length), ...again];
      const fitting = (size * JOB_MS) / Math.max(1, took);
      size = Math.max(1, Math.min(LARGEST_JOB, Math.round((size + fitting) / 2), size * 4));
    } else if (tasks.length === 1) record.tell(tasks[0]!, failure(answer.error.message));
    else {
      // One of them ended the thread; each alone shows which.
      size = 1;
      again = [...tasks, ...again];
    }
  }

  return {
    begin: () => record.begin(() => guarded(pump)),
    stop: () => finish(() => {}),
    runChanged: () => {},
  };
}

/** What the course of runs asks of the project. */
export interface RunSource {
  /** The point as a run: found by its key, or queued; `isOwn` where it was queued for this. */
  start(choice: Choice): { readonly run: RunView; readonly isOwn: boolean };
  outcome(choice: Choice, run: RunView): PointOutcome;
  cancel(id: string): void;
}

export function runCourse(record: StudyRecord, source: RunSource, end: CourseEnd): Course {
  let waiting: { readonly task: StudyTask; readonly run: string; readonly isOwn: boolean } | null = null;
  let next: NodeJS.Immediate | null = null;
  let isOver = false;

  function finish(then: () => void): void {
    if (isOver) return;
    isOver = true;
    if (next) clearImmediate(next);
    then();
  }

  function step(): void {
    next = null;
    if (isOver || waiting) return;
    try {
      const [task] = record.take(1);
      if (!task) {
        if (record.isDone()) finish(end.done);
        return;
      }
      const { run, isOwn } = source.start(task.choice);
      waiting = { task, run: run.id, isOwn };
      changed(run.id, run);
    } catch (cause) {
      finish(() => end.broke(cause));
    }
  }

  /** Known runs one after the other would keep the thread from everything else. */
  function later(): void {
    if (!isOver) next ??= setImmediate(step);
  }

  function changed(id: string, run: RunView | null): void {
    if (isOver || waiting?.run !== id || run?.state === 'queued' || run?.state === 'running') return;
    const { task, isOwn } = waiting;
    waiting = null;
    record.tell(task, outcomeOf(task, run), !isOwn);
    later();
  }

  function outcomeOf(task: StudyTask, run: RunView | null): PointOutcome {
    if (run === null) return failure('Its run was removed before it had ended');
    if (run.state === 'done') return source.outcome(task.choice, run);
    const why = run.state === 'cancelled' ? 'Its run was cancelled' : (run.failure?.message ?? 'Its run failed');
    return { ...failure(why), run: run.id };
  }

  return {
    begin: () => record.begin(later),
    stop: () =>
      finish(() => {
        if (waiting?.isOwn) source.cancel(waiting.run);
      }),
    runChanged: (id, run) => {
      try {
        changed(id, run);
      } catch (cause) {
        finish(() => end.broke(cause));
      }
    },
  };
}
