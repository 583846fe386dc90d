/**
 * The crossover maps of a project: one a task graph, fabric and variant, kept with the two documents, made in the lane of
 * studies so that no run waits for it. Stopping is shown within a moment; the points there are come when it has ended.
 */
import type { Progress } from '#core/base/control.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { CrossoverSite, CrossoverView, KeptCrossover } from '#core/contract/views.ts';
import { toFile } from '#core/document/document.ts';
import type { CrossoverGrid, CrossoverStudy } from '#core/run/fabric/crossover.ts';
import type { Project } from '#projects/project.ts';
import type { Lane, RunningJob } from './lane.ts';
import { CANCEL_SHOWN_AFTER_MS } from './queue.ts';

export interface Crossovers {
  view(site: CrossoverSite): CrossoverView;
  /** Freezes both documents as they are saved; the map replaces the one there is. One under way for the site is stopped. */
  start(site: CrossoverSite, grid: CrossoverGrid): Result<CrossoverView, Problem>;
  cancel(site: CrossoverSite): CrossoverView;
  close(): void;
}

interface Study {
  readonly job: RunningJob<'crossover'>;
  readonly revisions: KeptCrossover['revisions'];
  progress: Progress | null;
  /** Shown as stopped, though it has not ended yet. */
  isStopped: boolean;
}

/** Ends without a map that are no failure: nothing was decided before the user stopped it. */
const STOPPED: ReadonlySet<string> = new Set(['job.stopped', 'crossover.stopped']);

export function createCrossovers(project: Project, lane: Lane, changed: (view: CrossoverView) => void): Crossovers {
  const studies = new Map<string, Study>();
  const failures = new Map<string, Problem>();
  let closed = false;

  const keyOf = ({ tasks, fabric, variant }: CrossoverSite): string => `${tasks} ${fabric} ${variant}`;

  function view({ tasks, fabric, variant }: CrossoverSite): CrossoverView {
    const site = { tasks, fabric, variant };
    const study = studies.get(keyOf(site));
    return {
      ...site,
      isRunning: study !== undefined && !study.isStopped,
      progress: study?.progress ?? null,
      failure: failures.get(keyOf(site)) ?? null,
      found: project.crossovers.get(site),
    };
  }

  function finished(site: CrossoverSite, study: Study, answer: Result<CrossoverStudy, Problem>): void {
    const key = keyOf(site);
    if (closed || studies.get(key) !== study) return;
    studies.delete(key);
    if (answer.ok) project.crossovers.save(site, { study: answer.value, revisions: study.revisions });
    else if (!STOPPED.has(answer.error.code)) failures.set(key, answer.error);
    changed(view(site));
  }

  return {
    view,
    start: (site, grid) => {
      const tasks = project.documents.state(site.tasks);
      const fabric = project.documents.state(site.fabric);
      if (tasks?.document.kind !== 'tasks') return err(problem('run.no-tasks', 'Choose a task graph to simulate'));
      if (fabric?.document.kind !== 'fabric') return err(problem('run.no-fabric', 'Choose a fabric to simulate it on'));
      const key = keyOf(site);
      studies.get(key)?.job.cancel();
      failures.delete(key);
      const inputs = { tasks: toFile(tasks.document), fabric: toFile(fabric.document), variant: site.variant, grid };
      const job = lane.run('crossover', inputs, (progress) => {
        if (closed || studies.get(key) !== study || study.isStopped) return;
        study.progress = progress;
        changed(view(site));
      });
      const revisions = { tasks: tasks.revision, fabric: fabric.revision };
      const study: Study = { job, revisions, progress: null, isStopped: false };
      studies.set(key, study);
      void job.answer.then((answer) => finished(site, study, answer));
      changed(view(site));
      return ok(view(site));
    },
    cancel: (site) => {
      const key = keyOf(site);
      const study = studies.get(key);
      study?.job.cancel();
      setTimeout(() => {
        if (closed || !study || studies.get(key) !== study) return;
        study.isStopped = true;
        study.progress = null;
        changed(view(site));
      }, CANCEL_SHOWN_AFTER_MS);
      return view(site);
    },
    close: () => {
      closed = true;
      for (const { job } of studies.values()) job.cancel();
    },
  };
}
