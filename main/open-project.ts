/**
 * The project that is open, with what goes on in it: its queue, curves, maps and studies. One at a time; opening another
 * closes it. Windows hear of it by events.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { HostEvent, ProjectView, RunView } from '#core/contract/views.ts';
import type { DocumentFile } from '#core/document/document.ts';
import { fileSlug } from '#projects/id.ts';
import type { Places } from '#projects/places.ts';
import { createProject, openProject, PROJECT_EXTENSION, type Project } from '#projects/project.ts';
import { rememberProject } from '#projects/recent.ts';
import { listTextProjects, loadTextProject } from '#projects/text.ts';
import { withWeights } from './files/weights.ts';
import { type Crossovers, createCrossovers } from './jobs/crossovers.ts';
import { type Curves, createCurves } from './jobs/curves.ts';
import type { ExplorerLanes } from './jobs/explorer-lanes.ts';
import type { Lane } from './jobs/lane.ts';
import type { LanePool } from './jobs/pool.ts';
import { createRunQueue, type RunQueue } from './jobs/queue.ts';
import { createStudies, type Studies } from './studies.ts';
import { APP_VERSION } from './version.ts';

export interface Open {
  readonly project: Project;
  readonly queue: RunQueue;
  readonly curves: Curves;
  readonly crossovers: Crossovers;
  readonly studies: Studies;
}

/** What the contract asks of it. */
export interface ProjectCalls {
  view(): ProjectView | null;
  createProject(title: string, documents?: readonly DocumentFile[]): Promise<Result<ProjectView, Problem>>;
  openProject(path: string): Promise<Result<ProjectView, Problem>>;
  openExample(slug: string): Promise<Result<ProjectView, Problem>>;
  renameProject(title: string): Result<ProjectView, Problem>;
  closeProject(): Promise<void>;
  /** The open project, or the problem that there is none. */
  project(): Result<Project, Problem>;
  /** The open project, or the problem that there is none or that it may not be changed. */
  writable(): Result<Project, Problem>;
  /** Of the open project. */
  studies(): Result<Studies, Problem>;
  /** Of the open project; `toChange` refuses one that is open for reading only. */
  queue(toChange?: boolean): Result<RunQueue, Problem>;
  /** With every window told. */
  removeStudy(id: string): Result<null, Problem>;
  projectChanged(): void;
}

export interface OpenProject {
  readonly calls: ProjectCalls;
  /** With what goes on in it. */
  opened(): Result<Open, Problem>;
  /** A project made or opened elsewhere takes the place of the one that is open. */
  adopt(made: Result<Project, Problem>): Promise<Result<ProjectView, Problem>>;
  /** `<projects>/<title>.weft`, or with a number when that is taken. */
  freePath(title: string): string;
  runChanged(run: RunView): void;
}

export interface OpenProjectHost {
  readonly places: Places;
  /** Folder of the shipped text projects. */
  readonly examples: string;
  readonly runLane: Lane;
  readonly studyLane: Lane;
  readonly pool: LanePool;
  readonly explorers: ExplorerLanes;
  readonly publish: (event: HostEvent) => void;
}

export function createOpenProject(host: OpenProjectHost): OpenProject {
  const { places, examples, runLane, studyLane, pool, explorers, publish } = host;
  let open: Open | null = null;

  const runChanged = (run: RunView) => {
    publish({ type: 'run.changed', run });
    open?.studies.runChanged(run.id, run);
  };
  const view = (): ProjectView | null => open && { ...open.project.view(), runs: open.queue.list() };
  const projectChanged = () => publish({ type: 'project.changed', project: view() });

  function opened(): Result<Open, Problem> {
    return open ? ok(open) : err(problem('project.none', 'No project is open'));
  }

  function project(): Result<Project, Problem> {
    const current = opened();
    return current.ok ? ok(current.value.project) : current;
  }

  function writable(): Result<Project, Problem> {
    const current = project();
    if (!current.ok || !current.value.readOnly) return current;
    return err(problem('project.read-only', 'The project is open for reading only; nothing in it can be changed'));
  }

  async function adopt(made: Result<Project, Problem>): Promise<Result<ProjectView, Problem>> {
    if (!made.ok) return made;
    const fresh = made.value;
    await closeProject();
    const queue = createRunQueue(fresh, runLane, APP_VERSION, runChanged, (waiting) =>
      publish({ type: 'queue.changed', queue: waiting }),
    );
    open = {
      project: fresh,
      queue,
      curves: createCurves(fresh, studyLane, (curve) => publish({ type: 'curve.changed', curve })),
      crossovers: createCrossovers(fresh, studyLane, (crossover) => publish({ type: 'crossover.changed', crossover })),
      studies: createStudies({
        project: fresh,
        queue,
        pool,
        explorers,
        appVersion: APP_VERSION,
        changed: (study) => publish({ type: 'study.changed', study }),
        withWeights: (document, inputs) => withWeights(fresh, document, inputs),
      }),
    };
    rememberProject(places.config, fresh.path, fresh.title());
    projectChanged();
    void runLane.run('warm', null);
    queue.begin();
    return ok(view()!);
  }

  async function closeProject(): Promise<void> {
    const closing = open;
    if (!closing) return;
    open = null;
    closing.curves.close();
    closing.crossovers.close();
    closing.studies.close();
    await closing.queue.close();
    closing.project.close();
    projectChanged();
  }

  function freePath(title: string): string {
    const slug = fileSlug(title);
    for (let i = 1; ; i++) {
      const path = join(places.projects, `${slug}${i === 1 ? '' : `-${i}`}${PROJECT_EXTENSION}`);
      if (!existsSync(path)) return path;
    }
  }

  async function createNew(title: string, documents: readonly DocumentFile[] = []) {
    return adopt(createProject(freePath(title), title, documents));
  }

  return {
    opened,
    adopt,
    freePath,
    runChanged,
    calls: {
      view,
      project,
      writable,
      projectChanged,
      closeProject,
      createProject: createNew,
      openProject: async (path) => {
        const whole = resolve(path);
        // Opening a file anew would drop the lock that this process holds on it.
        if (open?.project.path === whole) return ok(view()!);
        return adopt(openProject(whole));
      },
      openExample: async (slug) => {
        if (!listTextProjects(examples).some((one) => one.slug === slug))
          return err(problem('example.missing', `There is no example ${slug}`));
        const example = loadTextProject(join(examples, slug));
        return example.ok ? createNew(example.value.title, example.value.documents) : example;
      },
      renameProject: (title) => {
        const target = writable();
        if (!target.ok) return target;
        target.value.rename(title);
        rememberProject(places.config, target.value.path, title);
        projectChanged();
        return ok(view()!);
      },
      studies: () => {
        const current = opened();
        return current.ok ? ok(current.value.studies) : current;
      },
      queue: (toChange = false) => {
        const allowed = toChange ? writable() : opened();
        return allowed.ok ? ok(open!.queue) : allowed;
      },
      removeStudy: (id) => {
        const current = opened();
        const removed = current.ok ? current.value.studies.remove(id) : current;
        if (removed.ok) publish({ type: 'study.removed', study: id });
        return removed;
      },
    },
  };
}
