/**
 * Runs of the open project: frozen from its documents, from other runs, or brought in from a file, with their curves, maps
 * and programs. What has the key of a run there is, is that run.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { CrossoverSite, CrossoverView, CurveView, ProgramView, RunView } from '#core/contract/views.ts';
import { toFile } from '#core/document/document.ts';
import type { ConvergenceSample } from '#core/run/convergence.ts';
import type { CrossoverGrid } from '#core/run/fabric/crossover.ts';
import { simulationKey } from '#core/run/fabric/pipeline.ts';
import type { SimulationSettings } from '#core/run/fabric/settings.ts';
import { runFamily, runKey } from '#core/run/pipeline.ts';
import type { Page } from '#core/run/program-text.ts';
import type { RunResult } from '#core/run/result.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { CurveRange } from '#core/schedule/curve.ts';
import { unpackJson } from '#projects/codec.ts';
import type { Project } from '#projects/project.ts';
import type { StoredFile, WithUpload } from './files/temp-store.ts';
import { withWeights } from './files/weights.ts';
import type { Lane } from './jobs/lane.ts';
import type { Open } from './open-project.ts';
import { APP_VERSION } from './version.ts';

export interface RunCalls {
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
}

export interface RunsHost {
  readonly lane: Lane;
  readonly opened: () => Result<Open, Problem>;
  readonly writable: () => Result<Project, Problem>;
  readonly withUpload: WithUpload;
  readonly changed: (run: RunView) => void;
  readonly removed: (id: string) => void;
}

export function createRuns({ lane, opened, writable, withUpload, changed, removed }: RunsHost): RunCalls {
  /** The open project where it may be changed. */
  function open(): Result<Open, Problem> {
    const target = writable();
    return target.ok ? opened() : target;
  }

  /** A run on the frozen documents of another, whatever has become of them: found by its key, or queued. */
  function startAgain(id: string, change: (settings: RunSettings) => RunSettings): Result<RunView, Problem> {
    const target = open();
    if (!target.ok) return target;
    const { project, queue } = target.value;
    const run = project.runs.get(id);
    const result = project.runs.result(id);
    if (!run || !result) return err(problem('run.no-result', 'This run has no result to start from'));
    if (run.kind !== 'program') return err(noProgram());
    const { inputs, schedule } = unpackJson<RunResult>(result);
    const settings = change(inputs.settings);
    // The capacity it had anyway makes no other run.
    if (settings.scratchpadBytes === schedule.answer.S && settings.values === inputs.settings.values) return ok(run);
    const again = withWeights(project, run.model.document, { ...inputs, settings });
    const key = runKey(again, APP_VERSION);
    const { title, model, architecture } = run;
    const family = runFamily(again, APP_VERSION);
    return ok(project.runs.byKey(key) ?? queue.start({ key, family, title, model, architecture, inputs: again }));
  }

  async function importRun({ path }: StoredFile): Promise<Result<RunView, Problem>> {
    const imported = await lane.run('import-run', { path, appVersion: APP_VERSION }).answer;
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
    changed(run);
    return ok(run);
  }

  return {
    runs: () => {
      const current = opened();
      return current.ok ? current.value.queue.list() : [];
    },
    startRun: (modelId, architectureId, settings) => {
      const target = open();
      if (!target.ok) return target;
      const { project, queue } = target.value;
      const model = project.documents.state(modelId);
      const architecture = project.documents.state(architectureId);
      if (model?.document.kind !== 'model') return err(problem('run.no-model', 'Choose a model to run'));
      if (architecture?.document.kind !== 'architecture')
        return err(problem('run.no-architecture', 'Choose an architecture to run on'));
      const inputs = withWeights(project, modelId, {
        model: toFile(model.document),
        architecture: toFile(architecture.document),
        settings,
      });
      return ok(
        queue.start({
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
      const target = open();
      if (!target.ok) return target;
      const { project, queue } = target.value;
      const tasks = project.documents.state(tasksId);
      const fabric = project.documents.state(fabricId);
      if (tasks?.document.kind !== 'tasks') return err(problem('run.no-tasks', 'Choose a task graph to simulate'));
      if (fabric?.document.kind !== 'fabric') return err(problem('run.no-fabric', 'Choose a fabric to simulate it on'));
      const inputs = { tasks: toFile(tasks.document), fabric: toFile(fabric.document), settings };
      const key = simulationKey(inputs, APP_VERSION);
      return ok(
        queue.start({
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
    convergence: (id) => {
      const current = opened();
      return current.ok ? current.value.queue.convergence(id) : [];
    },
    program: async (id, page) => {
      const current = opened();
      if (!current.ok) return current;
      const { runs } = current.value.project;
      const run = runs.get(id);
      const result = runs.result(id);
      if (!run || !result) return err(problem('run.no-result', 'This run has no result whose program could be read'));
      if (run.kind !== 'program') return err(noProgram());
      return lane.run('program', { run: id, result, page }).answer;
    },
    curve: (id) => {
      const current = opened();
      return current.ok ? ok(current.value.curves.view(id)) : current;
    },
    startCurve: (id, range) => {
      const target = open();
      if (!target.ok) return target;
      const { project, curves } = target.value;
      return project.runs.get(id)?.kind === 'simulation' ? err(noProgram()) : curves.start(id, range);
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
      const target = open();
      return target.ok ? target.value.crossovers.start(site, grid) : target;
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
      const target = open();
      if (!target.ok) return target;
      const gone = target.value.queue.remove(id);
      if (gone.ok) {
        removed(id);
        target.value.studies.runChanged(id, null);
      }
      return gone;
    },
    restoreRun: (id) => {
      const target = open();
      return target.ok ? target.value.queue.restore(id) : target;
    },
    importRun: (id) => withUpload(id, importRun),
    runResult: (id) => {
      const current = opened();
      return current.ok ? current.value.project.runs.result(id) : null;
    },
  };
}

function noProgram(): Problem {
  return problem('run.no-program', 'This run simulates a task graph: it has no program and no scratchpad');
}
