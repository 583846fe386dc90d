/**
 * The host-agnostic heart of both hosts: the open project, the queue of runs, worker lanes, temporary files and
 * the events every window hears. Services translate the contract into calls on it; it knows of no transport.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EventPublisher } from '@orpc/server';
import { presetById } from '#core/architecture/presets.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type {
  CrossoverSite,
  CrossoverView,
  CurveView,
  DocumentSummary,
  HostEvent,
  HostView,
  ImportView,
  ProgramView,
  ProjectView,
  RunView,
  SourceFileView,
} from '#core/contract/views.ts';
import { type DocumentFile, type DocumentKind, emptyDocument, toFile } from '#core/document/document.ts';
import { FABRIC_PRESETS } from '#core/fabric/presets.ts';
import type { ConvergenceSample } from '#core/run/convergence.ts';
import type { CrossoverGrid } from '#core/run/fabric/crossover.ts';
import { simulationKey } from '#core/run/fabric/pipeline.ts';
import type { SimulationSettings } from '#core/run/fabric/settings.ts';
import { runFamily, runKey } from '#core/run/pipeline.ts';
import type { Page } from '#core/run/program-text.ts';
import type { RunInputs, RunResult } from '#core/run/result.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { CurveRange } from '#core/schedule/curve.ts';
import { TASK_PRESETS } from '#core/taskgraph/presets.ts';
import { unpackJson } from '#projects/codec.ts';
import { fileSlug, newId } from '#projects/id.ts';
import type { Places } from '#projects/places.ts';
import { createProject, openProject, PROJECT_EXTENSION, type Project } from '#projects/project.ts';
import { rememberProject } from '#projects/recent.ts';
import { listTextProjects, loadTextProject } from '#projects/text.ts';
import { type Bundles, createBundles } from './bundles.ts';
import { type Candidates, createCandidates } from './candidates.ts';
import { type Checkpoints, createCheckpoints } from './checkpoints.ts';
import { type Copies, createCopies } from './copies.ts';
import type { Shapes } from './files/import-file.ts';
import { createModelFiles } from './files/model-files.ts';
import { createTempStore, type StoredFile, type TempStore } from './files/temp-store.ts';
import { type Crossovers, createCrossovers } from './jobs/crossovers.ts';
import { type Curves, createCurves } from './jobs/curves.ts';
import { createExplorerLanes } from './jobs/explorer-lanes.ts';
import { createLane, type LaneLimits } from './jobs/lane.ts';
import { createLanePool } from './jobs/pool.ts';
import { createRunQueue, type RunQueue } from './jobs/queue.ts';
import { createReports, type Reports } from './reports.ts';
import { createStudies, type Studies } from './studies.ts';
import { APP_VERSION } from './version.ts';

export interface BackendOptions {
  readonly kind: HostView['kind'];
  readonly places: Places;
  /** Folder of the shipped text projects. */
  readonly examples: string;
  /** Entry of the worker threads. */
  readonly worker: URL;
  readonly limits?: LaneLimits;
  /** HTML to PDF, when this host can print. */
  readonly printPdf?: (html: string) => Promise<Result<Uint8Array, Problem>>;
  /** The system's dialog for a project file, when this host has one; null when dismissed. */
  readonly pickProject?: () => Promise<string | null>;
}

export interface Backend {
  readonly options: BackendOptions;
  readonly temp: TempStore;
  readonly events: EventPublisher<{ event: HostEvent }>;
  readonly candidates: Candidates;
  readonly bundles: Bundles;
  readonly checkpoints: Checkpoints;
  readonly copies: Copies;
  readonly reports: Reports;
  /** Of the open project. */
  studies(): Result<Studies, Problem>;
  /** Of the open project; `toChange` refuses one that is open for reading only. */
  queue(toChange?: boolean): Result<RunQueue, Problem>;
  /** With every window told. */
  removeStudy(id: string): Result<null, Problem>;
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
  createDocument(kind: DocumentKind, title: string, preset: string | undefined): Result<DocumentSummary, Problem>;
  removeDocument(id: string): Result<null, Problem>;
  restoreDocument(id: string): Result<DocumentSummary, Problem>;
  importDocument(
    upload: string,
    shapes: Shapes,
    /** Unless said, of files up to KEEP_UNASKED_BYTES. */
    keep?: boolean,
  ): Promise<Result<ImportView, Problem>>;
  sourceFile(document: string): Result<SourceFileView | null, Problem>;
  keepFile(document: string, upload: string): Promise<Result<SourceFileView, Problem>>;
  forgetFile(document: string): Result<SourceFileView | null, Problem>;
  runs(): readonly RunView[];
  startRun(model: string, architecture: string, settings: RunSettings): Result<RunView, Problem>;
  /** Freezes a task graph and a fabric and queues their simulation. */
  simulate(tasks: string, fabric: string, settings: SimulationSettings): Result<RunView, Problem>;
  /** The run's frozen inputs at another scratchpad: found again by key, or queued. */
  startRunAt(id: string, scratchpadBytes: number): Result<RunView, Problem>;
  /** The run's frozen inputs with values verified in any case: found again by key, or queued. */
  verifyRun(id: string): Result<RunView, Problem>;
  convergence(id: string): readonly ConvergenceSample[];
  curve(id: string): Result<CurveView, Problem>;
  startCurve(id: string, range: CurveRange): Result<CurveView, Problem>;
  cancelCurve(id: string): Result<CurveView, Problem>;
  crossover(site: CrossoverSite): Result<CrossoverView, Problem>;
  startCrossover(site: CrossoverSite, grid: CrossoverGrid): Result<CrossoverView, Problem>;
  cancelCrossover(site: CrossoverSite): Result<CrossoverView, Problem>;
  /** A page of the text of the run's program, made again. */
  program(id: string, page: Page): Promise<Result<ProgramView, Problem>>;
  cancelRun(id: string): Result<RunView, Problem>;
  removeRun(id: string): Result<null, Problem>;
  restoreRun(id: string): Result<RunView, Problem>;
  importRun(upload: string): Promise<Result<RunView, Problem>>;
  /** Gzip JSON of a run's result, or null. */
  runResult(id: string): Uint8Array | null;
  projectChanged(): void;
  close(): Promise<void>;
}

interface Open {
  readonly project: Project;
  readonly queue: RunQueue;
  readonly curves: Curves;
  readonly crossovers: Crossovers;
  readonly studies: Studies;
}

export function createBackend(options: BackendOptions): Backend {
  const temp = createTempStore();
  const events = new EventPublisher<{ event: HostEvent }>({ maxBufferedEvents: 1000 });
  const runLane = createLane(options.worker, options.limits);
  // Imports and reports need not wait for a long run.
  const fileLane = createLane(options.worker, options.limits);
  const studyLane = createLane(options.worker, options.limits);
  const pool = createLanePool(options.worker, options.limits);
  const explorers = createExplorerLanes(options.worker, options.limits);
  let open: Open | null = null;

  const publish = (event: HostEvent) => events.publish('event', event);
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
    rememberProject(options.places.config, fresh.path, fresh.title());
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

  /** `<projects>/<title>.weft`, or with a number when that is taken. */
  function freePath(title: string): string {
    const slug = fileSlug(title);
    for (let i = 1; ; i++) {
      const path = join(options.places.projects, `${slug}${i === 1 ? '' : `-${i}`}${PROJECT_EXTENSION}`);
      if (!existsSync(path)) return path;
    }
  }

  async function createNew(title: string, documents: readonly DocumentFile[] = []) {
    return adopt(createProject(freePath(title), title, documents));
  }

  /** Does something with an uploaded file, which is gone afterwards. */
  async function withUpload<T>(
    id: string,
    use: (file: StoredFile) => Promise<Result<T, Problem>>,
  ): Promise<Result<T, Problem>> {
    const target = writable();
    if (!target.ok) return target;
    const file = temp.get(id);
    if (!file) return err(problem('upload.missing', 'The uploaded file is gone; choose it again'));
    try {
      return await use(file);
    } finally {
      temp.remove(id);
    }
  }

  function addDocument(target: Project, file: DocumentFile): Result<DocumentSummary, Problem> {
    // Its own id: the same file may be imported twice.
    const made = target.documents.create({ ...file, id: newId('doc') });
    if (made.ok) projectChanged();
    return made;
  }

  const bundles = createBundles({ lane: fileLane, temp, project, freePath, adopt });
  const candidates = createCandidates({ lane: studyLane, project, writable });
  const checkpoints = createCheckpoints({ project, writable });
  const reports = createReports({
    lane: fileLane,
    temp,
    appVersion: APP_VERSION,
    project,
    printPdf: options.printPdf,
  });
  const files = createModelFiles({ lane: fileLane, writable, addDocument, changed: projectChanged });
  const copies = createCopies({ writable, addDocument, changed: projectChanged });

  async function importRun({ path }: StoredFile): Promise<Result<RunView, Problem>> {
    const imported = await fileLane.run('import-run', { path, appVersion: APP_VERSION }).answer;
    if (!imported.ok) return imported;
    const still = writable();
    if (!still.ok) return still;
    const { key, family, title, model, architecture, sort } = imported.value;
    // Revisions of another machine mean nothing here: 0, so that it counts as stale against what is drawn.
    const run = still.value.runs.import(
      {
        key,
        family,
        title,
        model: { document: model, revision: 0 },
        architecture: { document: architecture, revision: 0 },
      },
      sort,
      imported.value,
    );
    runChanged(run);
    return ok(run);
  }

  /** The inputs with the file their weights are read from, where there is a copy and values may be verified. */
  function withWeights(target: Project, document: string, { weights: _other, ...inputs }: RunInputs): RunInputs {
    const weights = inputs.settings.values === 'never' ? null : target.files.identity(document);
    return weights ? { ...inputs, weights } : inputs;
  }

  /** A run on the frozen documents of another, whatever has become of them: found by its key, or queued. */
  function startAgain(id: string, change: (settings: RunSettings) => RunSettings): Result<RunView, Problem> {
    const target = writable();
    if (!target.ok) return target;
    const { runs } = target.value;
    const run = runs.get(id);
    const result = runs.result(id);
    if (!run || !result) return err(problem('run.no-result', 'This run has no result to start from'));
    if (run.kind !== 'program') return err(noProgram());
    const { inputs, schedule } = unpackJson<RunResult>(result);
    const settings = change(inputs.settings);
    // The capacity it had anyway makes no other run.
    if (settings.scratchpadBytes === schedule.answer.S && settings.values === inputs.settings.values) return ok(run);
    const changed = withWeights(target.value, run.model.document, { ...inputs, settings });
    const key = runKey(changed, APP_VERSION);
    const { title, model, architecture } = run;
    const family = runFamily(changed, APP_VERSION);
    return ok(runs.byKey(key) ?? open!.queue.start({ key, family, title, model, architecture, inputs: changed }));
  }

  return {
    options,
    temp,
    events,
    candidates,
    bundles,
    checkpoints,
    copies,
    reports,
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
      if (!listTextProjects(options.examples).some((one) => one.slug === slug))
        return err(problem('example.missing', `There is no example ${slug}`));
      const example = loadTextProject(join(options.examples, slug));
      return example.ok ? createNew(example.value.title, example.value.documents) : example;
    },
    renameProject: (title) => {
      const target = writable();
      if (!target.ok) return target;
      target.value.rename(title);
      rememberProject(options.places.config, target.value.path, title);
      projectChanged();
      return ok(view()!);
    },
    createDocument: (kind, title, preset) => {
      const target = writable();
      if (!target.ok) return target;
      if (preset === undefined) return addDocument(target.value, toFile(emptyDocument('new', kind, title)));
      const found = presetById(preset) ?? [...TASK_PRESETS, ...FABRIC_PRESETS].find(({ id }) => id === preset);
      if (!found) return err(problem('preset.unknown', `There is no preset ${preset}`));
      const file = toFile(found.build('new'));
      if (file.kind !== kind)
        return err(problem('preset.wrong-kind', `${found.title} is not a preset of the kind ${kind}`));
      return addDocument(target.value, { ...file, title });
    },
    removeDocument: (id) => {
      const target = writable();
      if (!target.ok) return target;
      const removed = target.value.documents.remove(id);
      if (removed.ok) projectChanged();
      return removed;
    },
    restoreDocument: (id) => {
      const target = writable();
      if (!target.ok) return target;
      const restored = target.value.documents.restore(id);
      if (restored.ok) projectChanged();
      return restored;
    },
    importDocument: (id, shapes, keep) => withUpload(id, (file) => files.importDocument(file, shapes, keep)),
    keepFile: (document, id) => withUpload(id, (file) => files.keep(document, file)),
    sourceFile: (document) => {
      const current = project();
      if (!current.ok) return current;
      const { documents, files: kept } = current.value;
      // The file of a removed document waits with it.
      return ok(documents.list().some(({ id }) => id === document) ? kept.view(document) : null);
    },
    forgetFile: (document) => {
      const target = writable();
      if (!target.ok) return target;
      const forgotten = target.value.files.forget(document);
      projectChanged();
      return ok(forgotten);
    },
    program: async (id, page) => {
      const current = project();
      if (!current.ok) return current;
      const run = current.value.runs.get(id);
      const result = current.value.runs.result(id);
      if (!run || !result) return err(problem('run.no-result', 'This run has no result whose program could be read'));
      if (run.kind !== 'program') return err(noProgram());
      return fileLane.run('program', { run: id, result, page }).answer;
    },
    runs: () => open?.queue.list() ?? [],
    startRun: (modelId, architectureId, settings) => {
      const target = writable();
      if (!target.ok) return target;
      const { documents } = target.value;
      const model = documents.state(modelId);
      const architecture = documents.state(architectureId);
      if (model?.document.kind !== 'model') return err(problem('run.no-model', 'Choose a model to run'));
      if (architecture?.document.kind !== 'architecture')
        return err(problem('run.no-architecture', 'Choose an architecture to run on'));
      const inputs = withWeights(target.value, modelId, {
        model: toFile(model.document),
        architecture: toFile(architecture.document),
        settings,
      });
      return ok(
        open!.queue.start({
          key: runKey(inputs, APP_VERSION),
          family: runFamily(inputs, APP_VERSION),
          title: `${model.document.title} on ${architecture.document.title}`,
          model: { document: modelId, revision: model.revision },
          architecture: { document: architectureId, revision: architecture.revision },
          inputs,
        }),
      );
    },
    simulate: (tasksId, fabricId, settings) => {
      const target = writable();
      if (!target.ok) return target;
      const { documents } = target.value;
      const tasks = documents.state(tasksId);
      const fabric = documents.state(fabricId);
      if (tasks?.document.kind !== 'tasks') return err(problem('run.no-tasks', 'Choose a task graph to simulate'));
      if (fabric?.document.kind !== 'fabric') return err(problem('run.no-fabric', 'Choose a fabric to simulate it on'));
      const inputs = { tasks: toFile(tasks.document), fabric: toFile(fabric.document), settings };
      const key = simulationKey(inputs, APP_VERSION);
      return ok(
        open!.queue.start({
          key,
          family: key,
          title: `${tasks.document.title} on ${fabric.document.title}`,
          model: { document: tasksId, revision: tasks.revision },
          architecture: { document: fabricId, revision: fabric.revision },
          inputs,
        }),
      );
    },
    startRunAt: (id, scratchpadBytes) => startAgain(id, (settings) => ({ ...settings, scratchpadBytes })),
    verifyRun: (id) => startAgain(id, (settings) => ({ ...settings, values: 'always' })),
    convergence: (id) => open?.queue.convergence(id) ?? [],
    curve: (id) => {
      const current = opened();
      return current.ok ? ok(current.value.curves.view(id)) : current;
    },
    startCurve: (id, range) => {
      const target = writable();
      if (!target.ok) return target;
      if (target.value.runs.get(id)?.kind === 'simulation') return err(noProgram());
      return open!.curves.start(id, range);
    },
    cancelCurve: (id) => {
      const current = opened();
      return current.ok ? ok(current.value.curves.cancel(id)) : current;
    },
    crossover: (site) => {
      const current = opened();
      return current.ok ? ok(current.value.crossovers.view(site)) : current;
    },
    startCrossover: (site, grid) => {
      const target = writable();
      return target.ok ? open!.crossovers.start(site, grid) : target;
    },
    cancelCrossover: (site) => {
      const current = opened();
      return current.ok ? ok(current.value.crossovers.cancel(site)) : current;
    },
    cancelRun: (id) => {
      const current = opened();
      return current.ok ? current.value.queue.cancel(id) : current;
    },
    removeRun: (id) => {
      const target = writable();
      if (!target.ok) return target;
      const removed = open!.queue.remove(id);
      if (removed.ok) {
        publish({ type: 'run.removed', run: id });
        open?.studies.runChanged(id, null);
      }
      return removed;
    },
    restoreRun: (id) => {
      const target = writable();
      return target.ok ? open!.queue.restore(id) : target;
    },
    importRun: (id) => withUpload(id, importRun),
    runResult: (id) => open?.project.runs.result(id) ?? null,
    close: async () => {
      await closeProject();
      await Promise.all([runLane.close(), fileLane.close(), studyLane.close(), pool.close(), explorers.close()]);
      temp.close();
    },
  };
}

function noProgram(): Problem {
  return problem('run.no-program', 'This run simulates a task graph: it has no program and no scratchpad');
}
