/**
 * The durable queue of runs: what waits, its order and whether it is paused stand in the project, one run at a time is
 * in the lane. Cancelling is shown within a moment; the best so far is added when the solver hands it over. What runs
 * when the project is closed waits again, and goes on when it is opened.
 */
import type { Progress } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { QueueView } from '#core/contract/queue.ts';
import type { RunView } from '#core/contract/views.ts';
import { type ConvergenceSample, withReport } from '#core/run/convergence.ts';
import type { RunInputs } from '#core/run/result.ts';
import { unpackJson } from '#projects/codec.ts';
import type { Project } from '#projects/project.ts';
import type { NewRun } from '#projects/run-store.ts';
import type { Lane, RunningJob } from './lane.ts';
import type { RunOutput } from './messages.ts';

export interface RunQueue {
  list(): readonly RunView[];
  get(id: string): RunView | null;
  start(run: NewRun): RunView;
  cancel(id: string): Result<RunView, Problem>;
  /** Out of sight until the project is closed; one that runs is cancelled first. */
  remove(id: string): Result<null, Problem>;
  /** Brings back a removed one; it waits again if it did. */
  restore(id: string): Result<RunView, Problem>;
  view(): QueueView;
  /** Starts what waited when the project was last closed, unless it is paused. */
  begin(): void;
  /** Puts a queued run before another, or last. */
  reorder(id: string, before: string | null): QueueView;
  /** What runs goes on; nothing new starts until `resume`. */
  pause(): QueueView;
  resume(): QueueView;
  /** How the search went, or is going. */
  convergence(id: string): readonly ConvergenceSample[];
  /** Stops what is running, which waits again; the project can be closed after it. */
  close(): Promise<void>;
}

/** How long a cancelled run may take to end by itself before it is shown as cancelled all the same, milliseconds. */
export const CANCEL_SHOWN_AFTER_MS = 150;

export function createRunQueue(
  project: Project,
  lane: Lane,
  appVersion: string,
  changed: (run: RunView) => void,
  queueChanged: (queue: QueueView) => void = () => {},
): RunQueue {
  const { runs } = project;
  let running: {
    readonly id: string;
    readonly job: RunningJob<'run'>;
    progress: Progress | null;
    isCancelled: boolean;
    samples: readonly ConvergenceSample[];
  } | null = null;
  let closed = false;

  const withProgress = (run: RunView): RunView =>
    running?.id === run.id && run.state === 'running' ? { ...run, progress: running.progress } : run;
  const tell = (run: RunView | null) => {
    if (run) changed(withProgress(run));
  };
  const view = (): QueueView => ({ isPaused: runs.isPaused(), waiting: runs.queued() });
  const told = (): QueueView => {
    const now = view();
    queueChanged(now);
    return now;
  };

  function pump(): void {
    if (running || closed || project.readOnly || runs.isPaused()) return;
    const next = runs.nextQueued();
    if (!next) return;
    const { id, inputs } = next;
    // A simulation has none.
    const { weights } = unpackJson<Pick<RunInputs, 'weights'>>(inputs);
    const job = lane.run(
      'run',
      { inputs, appVersion },
      (progress) => {
        if (running?.id !== id) return;
        running.progress = progress;
        running.samples = withReport(running.samples, progress, progress.figures?.seconds ?? 0);
        tell(runs.get(id));
      },
      weights && project.files.source(weights.sha256),
    );
    running = { id, job, progress: null, isCancelled: false, samples: [] };
    tell(runs.setRunning(id));
    told();
    void job.answer.then((answer) => finished(id, answer));
  }

  function finished(id: string, answer: Result<RunOutput, Problem>): void {
    const isCancelled = running?.isCancelled ?? false;
    running = null;
    if (closed) return;
    const ended = runs.get(id);
    if (answer.ok) {
      const stopped = answer.value.stoppedEarly || ended?.state === 'cancelled';
      tell(runs.saveResult(id, stopped ? 'cancelled' : 'done', answer.value));
    } else if (isCancelled) {
      if (ended?.state !== 'cancelled') tell(runs.end(id, 'cancelled', null));
    } else tell(runs.end(id, 'failed', asRunFailure(answer.error)));
    pump();
  }

  return {
    list: () => runs.list().map(withProgress),
    get: (id) => {
      const run = runs.get(id);
      return run && withProgress(run);
    },
    start: (run) => {
      const made = runs.insert(run);
      changed(made);
      pump();
      told();
      return withProgress(runs.get(made.id) ?? made);
    },
    cancel: (id) => {
      const run = runs.get(id);
      if (!run) return err(problem('run.missing', 'There is no such run in this project'));
      if (running?.id === id) {
        const current = running;
        current.isCancelled = true;
        current.job.cancel();
        setTimeout(() => {
          if (running === current && !closed && runs.get(id)?.state === 'running')
            tell(runs.end(id, 'cancelled', null));
        }, CANCEL_SHOWN_AFTER_MS);
        return ok(withProgress(run));
      }
      if (run.state !== 'queued') return ok(run);
      const ended = runs.end(id, 'cancelled', null) ?? run;
      changed(ended);
      told();
      return ok(ended);
    },
    remove: (id) => {
      if (running?.id === id) {
        running.isCancelled = true;
        running.job.cancel();
        runs.end(id, 'cancelled', null);
      }
      const removed = runs.remove(id);
      told();
      return removed;
    },
    restore: (id) => {
      const restored = runs.restore(id);
      if (!restored.ok) return restored;
      changed(restored.value);
      pump();
      told();
      return ok(withProgress(runs.get(id) ?? restored.value));
    },
    view,
    begin: pump,
    reorder: (id, before) => {
      runs.reorder(id, before);
      return told();
    },
    pause: () => {
      runs.setPaused(true);
      return told();
    },
    resume: () => {
      runs.setPaused(false);
      pump();
      return told();
    },
    convergence: (id) => (running?.id === id ? running.samples : runs.convergence(id)),
    close: async () => {
      if (closed) return;
      const current = running;
      closed = true;
      if (!current) return;
      if (current.isCancelled) runs.end(current.id, 'cancelled', null);
      else runs.setQueued(current.id);
      current.job.cancel();
    },
  };
}

/** A thread's own end, in words about the run. */
function asRunFailure(cause: Problem): Problem {
  return cause.code.startsWith('job.') ? { ...cause, code: `run.${cause.code.slice(4)}` } : cause;
}
