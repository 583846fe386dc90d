/**
 * The curves bytes(S) of a project's runs: one is kept with each run, computed when asked for, in a lane of its own so
 * that neither a run nor an import waits for it. Stopping keeps the points there are.
 */
import type { Progress } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { CurveView } from '#core/contract/views.ts';
import type { CurveRange, ScheduleCurve } from '#core/schedule/curve.ts';
import type { Project } from '#projects/project.ts';
import type { Lane, RunningJob } from './lane.ts';

export interface Curves {
  view(run: string): CurveView;
  /** Replaces the run's curve once the new one is there; a study under way for the same run is stopped first. */
  start(run: string, range: CurveRange): Result<CurveView, Problem>;
  cancel(run: string): CurveView;
  close(): void;
}

interface Study {
  readonly job: RunningJob<'curve'>;
  progress: Progress | null;
}

export function createCurves(project: Project, lane: Lane, changed: (curve: CurveView) => void): Curves {
  const studies = new Map<string, Study>();
  const failures = new Map<string, Problem>();
  let closed = false;

  function view(run: string): CurveView {
    const study = studies.get(run);
    return {
      run,
      isRunning: study !== undefined,
      progress: study?.progress ?? null,
      failure: failures.get(run) ?? null,
      curve: project.runs.curve(run),
    };
  }

  function finished(run: string, study: Study, answer: Result<ScheduleCurve, Problem>): void {
    if (closed || studies.get(run) !== study) return;
    studies.delete(run);
    if (answer.ok) project.runs.saveCurve(run, answer.value);
    else if (answer.error.code !== 'job.stopped') failures.set(run, answer.error);
    changed(view(run));
  }

  return {
    view,
    start: (run, range) => {
      const result = project.runs.result(run);
      if (!result) return err(problem('run.no-result', 'This run has no result to study'));
      studies.get(run)?.job.cancel();
      failures.delete(run);
      const job = lane.run('curve', { result, range }, (progress) => {
        if (closed || studies.get(run) !== study) return;
        study.progress = progress;
        changed(view(run));
      });
      const study: Study = { job, progress: null };
      studies.set(run, study);
      void job.answer.then((answer) => finished(run, study, answer));
      changed(view(run));
      return ok(view(run));
    },
    cancel: (run) => {
      studies.get(run)?.job.cancel();
      return view(run);
    },
    close: () => {
      closed = true;
      for (const { job } of studies.values()) job.cancel();
    },
  };
}
