/**
 * The project's runs as the renderer knows them: views from the host's events, and what can be asked of the host. Results,
 * courses of searches, what is selected in the active run and what the next ones are made with are each in a file of their own.
 */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { Problem } from '#core/base/problem.ts';
import { problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ExportFormat } from '#core/contract/contract.ts';
import type {
  DocumentSummary,
  ExportView,
  HostEvent,
  ProgramView,
  ProjectView,
  RunView,
} from '#core/contract/views.ts';
import type { SimulationSettings } from '#core/run/fabric/settings.ts';
import type { OperatorFigures } from '#core/run/result.ts';
import type { RunSettings } from '#core/run/settings.ts';
import { problemOf } from '../client/problem.ts';
import { componentOverlay, type Overlay, operatorOverlay } from './overlay.ts';
import type { ProgramAsk } from './program-text.ts';
import { useRunChoices } from './run-choices.ts';
import { useRunCourses } from './run-courses.ts';
import { useRunProbe } from './run-probe.ts';
import { useRunResults } from './run-results.ts';
import { hasResult } from './run-state.ts';
import type { RunsHost } from './runs-host.ts';

export type OverlayMetric = keyof OperatorFigures;

/** Which inputs of a run have changed since it was frozen. */
export interface Staleness {
  readonly model: boolean;
  readonly architecture: boolean;
}

export const useRuns = defineStore('runs', () => {
  const host = shallowRef<RunsHost | null>(null);
  const runs = shallowRef<readonly RunView[]>([]);
  const documents = shallowRef<readonly DocumentSummary[]>([]);
  const activeRun = ref<string | null>(null);
  const overlayMetric = ref<OverlayMetric | null>(null);
  /** Path of the project they are of. */
  const project = ref<string | null>(null);
  /** The last failed call of the user's (start, cancel, export …), until dismissed. */
  const lastProblem = shallowRef<Problem | null>(null);
  /** The run the active one is compared with. */
  const comparedRun = ref<string | null>(null);
  /** Differences between two runs on the drawings, in the place of a run's figures. */
  const deltaOverlays = shallowRef<{ readonly model: Overlay; readonly architecture: Overlay } | null>(null);
  const results = useRunResults(host, activeRun);
  const courses = useRunCourses(attempt);
  const choices = useRunChoices();

  const active = computed(() => runs.value.find((run) => run.id === activeRun.value) ?? null);
  const activeResult = computed(() =>
    active.value && hasResult(active.value) ? results.loaded(active.value.id) : null,
  );
  /** Of a program's run; null of a simulation. */
  const activeData = computed(() => (activeResult.value?.state === 'ready' ? activeResult.value.data : null));
  const activeSimulation = computed(() => (activeResult.value?.state === 'simulated' ? activeResult.value.data : null));

  const probe = useRunProbe(active, activeData);

  const overlay = computed(() => {
    if (deltaOverlays.value) return deltaOverlays.value.model;
    const data = activeData.value;
    const column = data?.result.columns.find((candidate) => candidate.id === overlayMetric.value);
    return data && column ? operatorOverlay(data, column) : null;
  });
  const architectureOverlay = computed(
    () =>
      deltaOverlays.value?.architecture ??
      (activeData.value && overlayMetric.value ? componentOverlay(activeData.value) : null),
  );

  function connect(to: RunsHost): void {
    host.value = to;
    askAgain();
  }

  /** What could not be loaded may be there now. */
  function askAgain(run?: string): void {
    results.retry(run);
    if (active.value && hasResult(active.value)) results.result(active.value.id);
  }

  function adopt(view: ProjectView | null): void {
    const path = view?.path ?? null;
    if (project.value !== path) choices.candidates.clear();
    project.value = path;
    runs.value = view?.runs ?? [];
    documents.value = view?.documents ?? [];
    const known = new Set(runs.value.map((run) => run.id));
    results.keepOnly(known);
    askAgain();
    if (activeRun.value !== null && !known.has(activeRun.value)) open(null);
  }

  function put(run: RunView): void {
    courses.told(run);
    const at = runs.value.findIndex((candidate) => candidate.id === run.id);
    runs.value = at < 0 ? [...runs.value, run] : runs.value.with(at, run);
  }

  /** Applies one live event; events of other kinds are ignored. */
  function accept(event: HostEvent): void {
    switch (event.type) {
      case 'project.changed':
        adopt(event.project);
        break;
      case 'run.changed':
        put(event.run);
        break;
      case 'run.removed':
        forget(event.run);
        break;
      case 'curve.changed':
        courses.putCurve(event.curve);
        break;
    }
  }

  function forget(id: string): void {
    runs.value = runs.value.filter((run) => run.id !== id);
    results.forget(id);
    courses.forget(id);
    if (comparedRun.value === id) comparedRun.value = null;
    if (activeRun.value === id) open(null);
  }

  /** The run with the same frozen inputs and another scratchpad: found again, or started. */
  function runAt(run: string, scratchpadBytes: number): Promise<RunView | null> {
    return attempt(async ({ runs: api }) => {
      const found = await api.startAt({ run, scratchpadBytes });
      put(found);
      courses.joinFamily(found.id, run);
      return found;
    });
  }

  /** The run with the same frozen inputs and its values verified: found again, or started; opened. */
  async function verify(run: string): Promise<void> {
    const found = await attempt(({ runs: api }) => api.verify({ run }));
    if (!found) return;
    put(found);
    open(found.id);
  }

  async function openAt(run: string, scratchpadBytes: number): Promise<void> {
    const found = await runAt(run, scratchpadBytes);
    if (found) open(found.id);
  }

  /** The shell calls this when a document's acknowledged revision rises, so that runs turn stale at once. */
  function documentRevised(document: string, revision: number): void {
    documents.value = documents.value.map((summary) => (summary.id === document ? { ...summary, revision } : summary));
  }

  /** Opened again, a run whose result could not be loaded is asked for anew. */
  function open(run: string | null): void {
    if (activeRun.value !== run) {
      activeRun.value = run;
      probe.clear();
    }
    if (run !== null) askAgain(run);
  }

  /** A page of a run's program; failures are the caller's to show. */
  async function program(page: ProgramAsk): Promise<Result<ProgramView, Problem>> {
    if (!host.value) return err(problem('host.not-connected', 'The host is not connected yet; try again in a moment'));
    try {
      return ok(await host.value.runs.program(page));
    } catch (error) {
      return err(problemOf(error));
    }
  }

  async function attempt<T>(call: (connected: RunsHost) => Promise<T>): Promise<T | null> {
    if (!host.value) {
      lastProblem.value = problem('host.not-connected', 'The host is not connected yet; try again in a moment');
      return null;
    }
    try {
      return await call(host.value);
    } catch (error) {
      lastProblem.value = problemOf(error);
      return null;
    }
  }

  /** Null when it could not be started; `lastProblem` says why. */
  function start(
    model: string,
    architecture: string,
    chosen: RunSettings = choices.settingsFor(model),
  ): Promise<RunView | null> {
    return attempt(async ({ runs: api }) => {
      const run = await api.start({ model, architecture, settings: chosen });
      put(run);
      open(run.id);
      return run;
    });
  }

  /** A simulation of a task graph on a fabric; null when it could not be started. */
  function simulate(
    tasks: string,
    fabric: string,
    chosen: SimulationSettings = choices.simulationSettings.value,
  ): Promise<RunView | null> {
    return attempt(async ({ runs: api }) => {
      const run = await api.simulate({ tasks, fabric, settings: chosen });
      put(run);
      open(run.id);
      return run;
    });
  }

  /** Asks the run to end soon with the best so far. */
  async function cancel(run: string): Promise<void> {
    const changed = await attempt(({ runs: api }) => api.cancel({ run }));
    if (changed) put(changed);
  }

  /** Whether it is gone; `restore` brings it back until the project is closed. */
  async function remove(run: string): Promise<boolean> {
    const done = await attempt(async ({ runs: api }) => {
      await api.remove({ run });
      return true;
    });
    if (done) forget(run);
    return done === true;
  }

  function restore(run: string): Promise<RunView | null> {
    return attempt(async ({ runs: api }) => {
      const back = await api.restore({ run });
      put(back);
      return back;
    });
  }

  function importRun(file: File): Promise<RunView | null> {
    return attempt(async ({ runs: api, upload }) => {
      const run = await api.import({ upload: await upload(file) });
      put(run);
      open(run.id);
      return run;
    });
  }

  /** The file at the host, with the sections chosen: null is all, as they come. */
  function makeExport(
    run: string,
    format: ExportFormat,
    sections: readonly string[] | null,
  ): Promise<ExportView | null> {
    return attempt(({ runs: api }) => api.export({ run, format, ...(sections && { sections: [...sections] }) }));
  }

  async function exportRun(run: string, format: ExportFormat, sections: readonly string[] | null): Promise<boolean> {
    const made = await makeExport(run, format, sections);
    if (made) host.value?.download(made.blob, made.name);
    return made !== null;
  }

  watch(active, (run) => {
    if (run && hasResult(run)) results.result(run.id);
  });

  function staleness(run: RunView): Staleness {
    const moved = (input: RunView['model']) => {
      const summary = documents.value.find((candidate) => candidate.id === input.document);
      return summary !== undefined && summary.revision > input.revision;
    };
    return { model: moved(run.model), architecture: moved(run.architecture) };
  }

  const { candidates, settings, simulationSettings, chooseCandidate, settingsFor } = choices;
  const { course, curve, startCurve, cancelCurve } = courses;
  const { clear: _, ...probed } = probe;
  return {
    project,
    runs,
    documents,
    activeRun,
    active,
    activeData,
    activeSimulation,
    ...probed,
    program,
    overlayMetric,
    deltaOverlays,
    overlay,
    architectureOverlay,
    settings,
    simulationSettings,
    simulate,
    settingsFor,
    candidates,
    chooseCandidate,
    lastProblem,
    connect,
    attempt,
    adopt,
    accept,
    documentRevised,
    open,
    start,
    cancel,
    remove,
    restore,
    importRun,
    exportRun,
    makeExport,
    comparedRun,
    course,
    curve,
    startCurve,
    cancelCurve,
    runAt,
    openAt,
    verify,
    result: results.result,
    loaded: results.loaded,
    staleness,
  };
});
