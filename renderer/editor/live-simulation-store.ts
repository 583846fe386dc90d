/**
 * What the task graph on screen takes on the fabric beside it, to the tick and without a run: follows every edit of either,
 * in a worker, one simulation under way and the newest drawing next. Remembers what it took before the last step of history.
 */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import { fromFile } from '#core/document/document.ts';
import { readFabric } from '#core/fabric/read.ts';
import type { LiveTask } from '#core/run/fabric/live.ts';
import type { ChosenDesign } from '#core/run/fabric/live-design.ts';
import { isSearched } from '#core/run/fabric/mode.ts';
import { DEFAULT_SIMULATION, type SimulationSettings } from '#core/run/fabric/settings.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { hasResult } from '../workbench/run-state.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { useAnalysis } from './analysis-store.ts';
import type { LiveJob, LiveMessage, LiveReply, LiveRequest } from './live-jobs.ts';

/** Documents by id. */
export interface LivePair {
  readonly tasks: string | null;
  readonly fabric: string | null;
}

/** Beyond this a simulation is given up until the next edit: Run has no such limit. */
const LONGEST_MS = 30_000;

/** Milliseconds without an edit after which streams are looked at, too. */
const PAUSE = 250;

interface Asked {
  readonly request: LiveRequest;
  /** The request as text: what does not change it is not simulated. */
  readonly text: string;
  /** Step of history of both documents. */
  readonly step: string;
}

export const useLiveSimulation = defineStore('live-simulation', () => {
  const analyses = useAnalysis();
  const documents = useDocuments();
  const runs = useRuns();

  const pair = shallowRef<LivePair>({ tasks: null, fabric: null });
  const settings = shallowRef<Pick<SimulationSettings, 'mode' | 'variant'>>(DEFAULT_SIMULATION);
  const shown = shallowRef<LiveReply | null>(null);
  /** Cycles before the step of history that `shown` is of; null where nothing was shown then. */
  const before = ref<number | null>(null);
  const isBusy = ref(false);

  const graph = computed(() => analyses.get(pair.value.tasks)?.tasks ?? null);
  const fabric = computed(() => analyses.get(pair.value.fabric)?.fabric ?? null);

  /** The last finished simulation of these documents. */
  const lastRun = computed(
    () =>
      runs.runs.findLast(
        (run) =>
          run.kind === 'simulation' &&
          run.model.document === pair.value.tasks &&
          run.architecture.document === pair.value.fabric &&
          hasResult(run),
      ) ?? null,
  );
  const lastCycles = computed(() => lastRun.value?.headline['time.cycles'] ?? null);
  const chosen = computed<ChosenDesign | null>(() => {
    if (!lastRun.value || !graph.value || !isSearched(graph.value, settings.value.mode)) return null;
    const loaded = runs.result(lastRun.value.id);
    if (loaded.state !== 'simulated') return null;
    const { design, inputs, tasks } = loaded.data.result;
    const cores = readFabric(fromFile(inputs.fabric)).fabric?.cores ?? [];
    return { design, tasks: tasks.map(({ node }) => node), cores: cores.map(({ node }) => node) };
  });

  const asked = computed<Asked | null>(() => {
    if (!graph.value || !fabric.value) return null;
    const request = { graph: graph.value, fabric: fabric.value, settings: settings.value, last: chosen.value };
    return { request, text: JSON.stringify(request), step: `${stepOf(pair.value.tasks)} ${stepOf(pair.value.fabric)}` };
  });

  function stepOf(id: string | null): string {
    const state = documents.get(id)?.state;
    return state ? `${id}@${state.cursor}/${state.entries[state.cursor - 1]?.gesture ?? state.revision}` : '';
  }

  let worker: Worker | null = null;
  let underWay: Asked | null = null;
  let next: Asked | null = null;
  let done: Asked | null = null;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let limit: ReturnType<typeof setTimeout> | undefined;

  /** The drawing is not asked about again until it changes; if it has meanwhile, that is next. */
  function giveUp(job: Asked): void {
    const following = next;
    stop();
    // Where only how full streams get was asked, the cycles are known and stay.
    if (done !== job) shown.value = null;
    done = job;
    if (following) post(following, 'cycles');
  }
  function onLimit(job: Asked): void {
    if (done !== job)
      useNotices().tell(
        'live-simulation.silent',
        'The live simulation takes too long and has stopped; Run simulates without a limit',
      );
    giveUp(job);
  }

  function post(job: Asked, asks: LiveJob['asks']): void {
    if (!worker) {
      const made = new Worker(new URL('./live-simulation.worker.ts', import.meta.url), { type: 'module' });
      made.addEventListener('message', ({ data }: MessageEvent<LiveMessage>) => {
        if (worker === made) receive(data);
      });
      // What cannot be simulated is quiet here; Problems and Run say why.
      made.addEventListener('error', () => {
        if (worker === made && underWay) giveUp(underWay);
      });
      worker = made;
    }
    underWay = job;
    isBusy.value = true;
    clearTimeout(limit);
    limit = setTimeout(() => onLimit(job), LONGEST_MS);
    worker.postMessage({ ...job.request, asks } satisfies LiveJob);
  }

  function receive(message: LiveMessage): void {
    const job = underWay;
    clearTimeout(limit);
    underWay = null;
    isBusy.value = false;
    if (!job) return;
    if (message.asks === 'streams') {
      if (message.reply.ok && shown.value && done?.text === job.text)
        shown.value = { ...shown.value, answer: { ...shown.value.answer, streams: message.reply.value } };
    } else {
      if (job.step !== done?.step) before.value = shown.value?.answer.cycles ?? null;
      shown.value = message.reply.ok ? message.reply.value : null;
      done = job;
      if (!next && shown.value?.answer.streams === null) pause = setTimeout(() => post(job, 'streams'), PAUSE);
    }
    if (next) {
      const following = next;
      next = null;
      post(following, 'cycles');
    }
  }

  function stop(): void {
    clearTimeout(pause);
    clearTimeout(limit);
    worker?.terminate();
    worker = null;
    underWay = null;
    next = null;
    isBusy.value = false;
  }

  watch(
    () => `${pair.value.tasks} ${pair.value.fabric}`,
    () => {
      stop();
      done = null;
      shown.value = null;
      before.value = null;
    },
  );
  watch(
    asked,
    (job) => {
      if (!job) {
        // In the middle of an edit a drawing may be wrong: what it took before stays what the next is compared with.
        next = null;
        return;
      }
      // A node moved, a change saved: nothing it depends on.
      if (job.text === (next ?? underWay ?? done)?.text) return;
      clearTimeout(pause);
      if (underWay) next = job;
      else post(job, 'cycles');
    },
    { immediate: true },
  );

  /** Null while either document has errors. */
  const reply = computed(() => (asked.value ? shown.value : null));
  const taskOf = computed<ReadonlyMap<string, LiveTask>>(
    () => new Map(reply.value?.answer.tasks.map((task) => [task.node, task])),
  );
  /** Most tokens at once, by node of a stream; empty until that is known. */
  const maximumOf = computed<ReadonlyMap<string, number | null>>(
    () => new Map(reply.value?.answer.streams?.map(({ node, maximum }) => [node, maximum])),
  );

  return { pair, settings, graph, reply, before, isBusy, lastRun, lastCycles, taskOf, maximumOf };
});
