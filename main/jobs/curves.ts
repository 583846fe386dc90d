/**
 * The curves bytes(S) of a project's runs: one a family of runs, kept with the run it was asked for, in a lane of its
 * own so that neither a run nor an import waits for it. Stopping is shown within a moment; the points there are come when the
 * solver hands them over.
 */
import type { Progress } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { CurveView } from '#core/contract/views.ts';
import type { CurveRange, ScheduleCurve } from '#core/schedule/curve.ts';
import type { Project } from '#projects/project.ts';
import type { Lane, RunningJob } from './lane.ts';
import { CANCEL_SHOWN_AFTER_MS } from './queue.ts';

export interface Curves {
  view(run: string): CurveView;
  /** Replaces the run's curve once the new one is there; one under way for the family is stopped first. */
  start(run: string, range: CurveRange): Result<CurveView, Problem>;
  cancel(run: string): CurveView;
  close(): void;
}

interface Study {
  readonly job: RunningJob<'curve'>;
  progress: Progress | null;
  /** Shown as stopped, though it has not ended yet. */
  isStopped: boolean;
}

export function createCurves(project: Project, lane: Lane, changed: (curve: CurveView) => void): Curves {
  /** By the first run of the family. */
  const studies = new Map<string, Study>();
  const failures = new Map<string, Problem>();
  let closed = false;

  const familyOf = (run: string): string => project.runs.siblings(run)[0] ?? run;

  function view(run: string): CurveView {
    const family = familyOf(run);
    const study = studies.get(family);
    return {
      runs: project.runs.siblings(run),
      isRunning: study !== undefined && !study.isStopped,
      progress: study?.progress ?? null,
      failure: failures.get(family) ?? null,
      curve: project.runs.curve(run),
    };
  }

  function finished(run: string, family: string, study: Study, answer: Result<ScheduleCurve, Problem>): void {
    if (closed || studies.get(family) !== study) return;
    studies.delete(family);
    if (answer.ok) project.runs.saveCurve(run, answer.value);
    else if (answer.error.code !== 'job.stopped') failures.set(family, answer.error);
    changed(view(run));
  }

  return {
    view,
    start: (run, range) => {
      const result = project.runs.result(run);
      if (!result) return err(problem('run.no-result', 'This run has no result to study'));
      const family = familyOf(run);
      studies.get(family)?.job.cancel();
      failures.delete(family);
      const job = lane.run('curve', { result, range }, (progress) => {
        if (closed || studies.get(family) !== study || study.isStopped) return;
        study.progress = progress;
        changed(view(run));
      });
      const study: Study = { job, progress: null, isStopped: false };
      studies.set(family, study);
      void job.answer.then((answer) => finished(run, family, study, answer));
      changed(view(run));
      return ok(view(run));
    },
    cancel: (run) => {
      const family = familyOf(run);
      const study = studies.get(family);
      study?.job.cancel();
      setTimeout(() => {
        if (closed || !study || studies.get(family) !== study) return;
        study.isStopped = true;
        study.progress = null;
        changed(view(run));
      }, CANCEL_SHOWN_AFTER_MS);
      return view(run);
    },
    close: () => {
      closed = true;
      for (const { job } of studies.values()) job.cancel();
    },
  };
}
