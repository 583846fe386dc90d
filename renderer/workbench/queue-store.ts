/** The order of queued runs and whether the queue is paused, as the host told it last. */
import { defineStore } from 'pinia';
import { computed, shallowRef, watch } from 'vue';
import type { QueueView } from '#core/contract/queue.ts';
import type { RunView } from '#core/contract/views.ts';
import type { RunsHost } from './runs-host.ts';
import { useRuns } from './runs-store.ts';

const EMPTY: QueueView = { isPaused: false, waiting: [] };

/** Runs as similar as these two are hoped to take as long: same kind, same two drawings. */
const isLike = (a: RunView, b: RunView) =>
  a.kind === b.kind && a.model.document === b.model.document && a.architecture.document === b.architecture.document;

export const useQueue = defineStore('queue', () => {
  const runs = useRuns();
  const view = shallowRef<QueueView>(EMPTY);
  const isPaused = computed(() => view.value.isPaused);
  const running = computed(() => runs.runs.find(({ state }) => state === 'running') ?? null);
  const waiting = computed(() => {
    const queued = runs.runs.filter(({ state }) => state === 'queued');
    const place = new Map(view.value.waiting.map((id, at) => [id, at]));
    // A run the host has told of before its place comes last.
    return queued.sort((a, b) => (place.get(a.id) ?? Infinity) - (place.get(b.id) ?? Infinity) || a.number - b.number);
  });

  function adopt(told: QueueView): void {
    view.value = told;
  }

  /** Whether the host did it. */
  async function ask(call: (api: RunsHost['runs']) => Promise<QueueView>): Promise<boolean> {
    const { project } = runs;
    const told = await runs.attempt(({ runs: api }) => call(api));
    if (told && runs.project === project) adopt(told);
    return told !== null;
  }

  // Of another project nothing is left.
  watch(
    () => runs.project,
    (project) => {
      adopt(EMPTY);
      if (project !== null) void ask((api) => api.queue());
    },
    { immediate: true },
  );

  /** Before another, or last; shown at once, and as the host has it when it answers, as it was when it does not. */
  async function move(run: string, before: string | null): Promise<void> {
    if (run === before) return;
    const order = waiting.value.map(({ id }) => id).filter((id) => id !== run);
    order.splice(before === null ? order.length : order.indexOf(before), 0, run);
    const [was, wanted] = [view.value, { ...view.value, waiting: order }];
    adopt(wanted);
    if (!(await ask((api) => api.reorder({ run, before }))) && view.value === wanted) adopt(was);
  }

  const pause = async () => void (await ask((api) => api.pause()));
  const resume = async () => void (await ask((api) => api.resume()));

  /** Milliseconds the last finished run of the same two drawings took, or null where there is none. */
  function lastTook(run: RunView): number | null {
    const last = runs.runs.findLast((other) => other.state === 'done' && !other.imported && isLike(other, run));
    const times = Object.values(last?.stageMilliseconds ?? {});
    return times.length === 0 ? null : times.reduce((sum, each) => sum + each, 0);
  }

  return { view, isPaused, running, waiting, adopt, move, pause, resume, lastTook };
});
