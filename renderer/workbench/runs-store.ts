/**
 * The project's runs as the renderer knows them: views from the host's events, results loaded once and kept
 * outside deep reactivity, and the one selected operator that every linked view follows.
 */
import { defineStore } from 'pinia';
import { computed, ref, type ShallowRef, shallowReactive, shallowRef, watch } from 'vue';
import type { Problem } from '#core/base/problem.ts';
import { problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ExportFormat } from '#core/contract/contract.ts';
import type {
  CurveView,
  DocumentSummary,
  ExportView,
  HostEvent,
  ProgramView,
  ProjectView,
  RunView,
} from '#core/contract/views.ts';
import { type RunData, toRunData } from '#core/report/run-data.ts';
import { type SimulationData, toSimulationData } from '#core/report/simulation/data.ts';
import { componentsOf, operatorsOn } from '#core/report/timeline-query.ts';
import { type ConvergenceSample, withReport } from '#core/run/convergence.ts';
import type { SimulationResult } from '#core/run/fabric/result.ts';
import { DEFAULT_SIMULATION, type SimulationSettings } from '#core/run/fabric/settings.ts';
import type { OperatorFigures, RunResult } from '#core/run/result.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '#core/run/settings.ts';
import type { CurveRange } from '#core/schedule/curve.ts';
import { problemOf } from '../client/problem.ts';
import { useSelection } from '../client/selection-store.ts';
import { componentOverlay, type Overlay, operatorOverlay } from './overlay.ts';
import { programLinks as linksOf } from './program-links.ts';
import type { ProgramAsk } from './program-text.ts';
import type { RunsHost } from './runs-host.ts';

export type LoadedResult =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly data: RunData }
  | { readonly state: 'simulated'; readonly data: SimulationData }
  | { readonly state: 'failed'; readonly problem: Problem };

export type OverlayMetric = keyof OperatorFigures;

/** Which inputs of a run have changed since it was frozen. */
export interface Staleness {
  readonly model: boolean;
  readonly architecture: boolean;
}

/** A candidate the next run of its model takes instead of the compiler's lowering. */
export interface ChosenCandidate {
  readonly id: string;
  readonly title: string;
  readonly operator: string;
  readonly text: string;
}

/** Results kept decoded at once; the least recently asked for goes first. */
const KEPT_RESULTS = 6;

export const useRuns = defineStore('runs', () => {
  const selection = useSelection();
  const host = shallowRef<RunsHost | null>(null);
  const runs = shallowRef<readonly RunView[]>([]);
  const documents = shallowRef<readonly DocumentSummary[]>([]);
  const activeRun = ref<string | null>(null);
  const selectedOperator = ref<number | null>(null);
  /** A command of the active run's program; its operator is the selected one. */
  const selectedCommand = ref<number | null>(null);
  const overlayMetric = ref<OverlayMetric | null>(null);
  const settings = shallowRef<RunSettings>(DEFAULT_SETTINGS);
  const simulationSettings = shallowRef<SimulationSettings>(DEFAULT_SIMULATION);
  /** Candidates of the next run, by model and by main node of the operator. */
  const candidates = shallowReactive(new Map<string, ReadonlyMap<string, ChosenCandidate>>());
  /** Path of the project they are of. */
  const project = ref<string | null>(null);
  /** The last failed call of the user's (start, cancel, export …), until dismissed. */
  const lastProblem = shallowRef<Problem | null>(null);
  /** How the searches of runs go or went, by run; asked for once. */
  const courses = shallowReactive(new Map<string, readonly ConvergenceSample[]>());
  /** Studies of scratchpads, by run; asked for once, then told. */
  const curves = shallowReactive(new Map<string, CurveView>());
  /** The run the active one is compared with. */
  const comparedRun = ref<string | null>(null);
  /** Differences between two runs on the drawings, in the place of a run's figures. */
  const deltaOverlays = shallowRef<{ readonly model: Overlay; readonly architecture: Overlay } | null>(null);
  const results = shallowReactive(new Map<string, ShallowRef<LoadedResult>>());

  const active = computed(() => runs.value.find((run) => run.id === activeRun.value) ?? null);
  const activeResult = computed(() =>
    active.value && hasResult(active.value) ? (results.get(active.value.id)?.value ?? null) : null,
  );
  /** Of a program's run; null of a simulation. */
  const activeData = computed(() => (activeResult.value?.state === 'ready' ? activeResult.value.data : null));
  const activeSimulation = computed(() => (activeResult.value?.state === 'simulated' ? activeResult.value.data : null));

  /** Null where there is no result, or one of a version before commands were kept with intervals. */
  const programLinks = computed(() => (activeData.value ? linksOf(activeData.value.result.timeline) : null));

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

  /** Nodes selected in the drawing of the active run's architecture. */
  const selectedComponents = computed<ReadonlySet<string>>(
    () => selection.of(active.value?.architecture.document ?? null).nodes,
  );
  /** Operators they work for; null while none of them has a lane. */
  const componentOperators = computed(() =>
    activeData.value && selectedComponents.value.size > 0
      ? operatorsOn(activeData.value, selectedComponents.value)
      : null,
  );

  /** Model nodes of the selected operator, else of those that the selected components work for. */
  const highlightedNodes = computed<ReadonlySet<string>>(() => {
    const data = activeData.value;
    const index = selectedOperator.value;
    const chosen = index !== null ? [index] : (componentOperators.value ?? []);
    return new Set(chosen.flatMap((operator) => data?.result.operators[operator]?.nodes ?? []));
  });
  /** Architecture nodes that work for the selected operator. */
  const highlightedComponents = computed<ReadonlySet<string>>(() => {
    const index = selectedOperator.value;
    return index === null || !activeData.value ? new Set() : componentsOf(activeData.value, index);
  });

  function connect(to: RunsHost): void {
    host.value = to;
  }

  function adopt(view: ProjectView | null): void {
    const path = view?.path ?? null;
    if (project.value !== path) candidates.clear();
    project.value = path;
    runs.value = view?.runs ?? [];
    documents.value = view?.documents ?? [];
    const known = new Set(runs.value.map((run) => run.id));
    for (const id of [...results.keys()]) if (!known.has(id)) results.delete(id);
    if (activeRun.value !== null && !known.has(activeRun.value)) open(null);
  }

  function put(run: RunView): void {
    const before = courses.get(run.id);
    if (before && run.progress) courses.set(run.id, withReport(before, run.progress, secondsOf(run)));
    // What was kept of a finished run is finer than what was told on the way.
    else if (hasResult(run)) courses.delete(run.id);
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
        putCurve(event.curve);
        break;
    }
  }

  function forget(id: string): void {
    runs.value = runs.value.filter((run) => run.id !== id);
    results.delete(id);
    courses.delete(id);
    curves.delete(id);
    if (comparedRun.value === id) comparedRun.value = null;
    if (activeRun.value === id) open(null);
  }

  function putCurve(view: CurveView): void {
    for (const run of view.runs) curves.set(run, view);
  }

  /** The course of a run's search so far, asked for on first use; reactive. */
  function course(run: string): readonly ConvergenceSample[] {
    const known = courses.get(run);
    if (known) return known;
    void attempt(({ runs: api }) => api.convergence({ run })).then((samples) => {
      // What was told meanwhile is newer than what was asked for.
      if (samples && (courses.get(run)?.length ?? 0) <= samples.length) courses.set(run, samples);
    });
    courses.set(run, []);
    return [];
  }

  /** The study of a run's scratchpad, asked for on first use; null until it is there. Reactive. */
  function curve(run: string): CurveView | null {
    const known = curves.get(run);
    if (known) return known;
    void attempt(({ runs: api }) => api.curve({ run })).then((view) => view && putCurve(view));
    return null;
  }

  async function startCurve(run: string, range: CurveRange): Promise<void> {
    const view = await attempt(({ runs: api }) => api.startCurve({ run, range }));
    if (view) putCurve(view);
  }

  async function cancelCurve(run: string): Promise<void> {
    const view = await attempt(({ runs: api }) => api.cancelCurve({ run }));
    if (view) putCurve(view);
  }

  /** The run with the same frozen inputs and another scratchpad: found again, or started. */
  function runAt(run: string, scratchpadBytes: number): Promise<RunView | null> {
    return attempt(async ({ runs: api }) => {
      const found = await api.startAt({ run, scratchpadBytes });
      put(found);
      // A run new to its family shares its curve.
      const known = curves.get(run);
      if (known && !curves.has(found.id)) putCurve({ ...known, runs: [...known.runs, found.id] });
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

  function open(run: string | null): void {
    if (activeRun.value === run) return;
    activeRun.value = run;
    selectedCommand.value = null;
    selectedOperator.value = null;
  }

  function selectCommand(command: number | null): void {
    selectedCommand.value = command;
    if (command !== null) selectedOperator.value = programLinks.value?.operatorOf(command) ?? selectedOperator.value;
  }
  // An operator picked elsewhere is not about the command any more.
  watch(
    selectedOperator,
    (operator) => {
      const command = selectedCommand.value;
      if (command !== null && programLinks.value?.operatorOf(command) !== operator) selectedCommand.value = null;
    },
    { flush: 'sync' },
  );

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

  /** Puts a candidate of an operator into the next runs of its model, or takes it out. */
  function chooseCandidate(model: string, node: string, candidate: ChosenCandidate | null): void {
    const others = [...(candidates.get(model) ?? [])].filter(([other]) => other !== node);
    candidates.set(model, new Map(candidate ? [...others, [node, candidate]] : others));
  }

  /** The settings the next run of a model takes. */
  function settingsFor(model: string): RunSettings {
    const chosen = [...(candidates.get(model) ?? [])].map(([node, { text }]) => [node, text] as const);
    return chosen.length === 0 ? settings.value : { ...settings.value, candidates: Object.fromEntries(chosen) };
  }

  /** Null when it could not be started; `lastProblem` says why. */
  function start(
    model: string,
    architecture: string,
    chosen: RunSettings = settingsFor(model),
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
    chosen: SimulationSettings = simulationSettings.value,
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

  /** What is known of the result without asking for it; null when nobody has. */
  function loaded(run: string): LoadedResult | null {
    return results.get(run)?.value ?? null;
  }

  /** The decoded result, loaded on first use; reactive, so a view can ask while it renders. */
  function result(run: string): LoadedResult {
    const cached = results.get(run);
    if (cached && cached.value.state !== 'failed') return cached.value;
    const slot = shallowRef<LoadedResult>({ state: 'loading' });
    load(run, slot);
    return slot.value;
  }

  function load(run: string, slot: ShallowRef<LoadedResult>): void {
    results.set(run, slot);
    for (const id of results.keys()) {
      if (results.size <= KEPT_RESULTS) break;
      if (id !== run && id !== activeRun.value) results.delete(id);
    }
    const connected = host.value;
    if (!connected) {
      slot.value = { state: 'failed', problem: problem('host.not-connected', 'The host is not connected') };
      return;
    }
    connected
      .fetchResult(run)
      .then((text) => {
        // Our own host wrote and checked it; a file from outside went through parseRun on import.
        const parsed: RunResult | SimulationResult = JSON.parse(text);
        slot.value =
          parsed.format === 'weft-simulation/1'
            ? { state: 'simulated', data: toSimulationData(parsed) }
            : { state: 'ready', data: toRunData(parsed) };
      })
      .catch((error: unknown) => {
        slot.value = { state: 'failed', problem: problemOf(error) };
      });
  }

  watch(active, (run) => {
    if (run && hasResult(run)) result(run.id);
  });

  function staleness(run: RunView): Staleness {
    const moved = (input: RunView['model']) => {
      const summary = documents.value.find((candidate) => candidate.id === input.document);
      return summary !== undefined && summary.revision > input.revision;
    };
    return { model: moved(run.model), architecture: moved(run.architecture) };
  }

  /** Cross-probe from a model node: selects the operator it belongs to, if the active run knows it. */
  function selectNode(node: string | null): void {
    selectedOperator.value = node === null ? null : (activeData.value?.operatorOfNode.get(node) ?? null);
  }

  return {
    project,
    runs,
    documents,
    activeRun,
    active,
    activeData,
    activeSimulation,
    selectedOperator,
    selectedCommand,
    programLinks,
    selectCommand,
    program,
    overlayMetric,
    deltaOverlays,
    overlay,
    architectureOverlay,
    highlightedNodes,
    highlightedComponents,
    selectedComponents,
    componentOperators,
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
    result,
    loaded,
    staleness,
    selectNode,
  };
});

/** Seconds since the run's work began, as it last said. */
export function secondsOf(run: RunView): number {
  return run.progress?.figures?.seconds ?? 0;
}

/** A finished run, or a stopped one that kept its best so far. */
export function hasResult(run: RunView): boolean {
  return run.state === 'done' || (run.state === 'cancelled' && Object.keys(run.headline).length > 0);
}
