/**
 * Studies of the open project: views from the host's events, points fetched by page once a study is looked at and kept
 * outside deep reactivity, the front kept up as they come.
 */
import { defineStore } from 'pinia';
import { computed, ref, type ShallowRef, shallowReactive, shallowRef, watch } from 'vue';
import type { DocumentSummary, RunView } from '#core/contract/views.ts';
import { objectiveMetrics } from '#core/study/pareto.ts';
import type { StudySpec, StudyView } from '#core/study/study.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { useSession } from '../client/session-store.ts';
import { NO_POINTS, type PointsView, StudyPoints } from './points.ts';

interface Loaded {
  readonly points: StudyPoints;
  readonly view: ShallowRef<PointsView>;
  isFetching: boolean;
}

/** How far a study was at a time; of the last few seconds. */
interface Sample {
  readonly at: number;
  readonly done: number;
}

/** Over what the pace is taken, milliseconds. */
const PACE_OVER = 5000;

export const useStudies = defineStore('studies', () => {
  const session = useSession();
  const project = useProject();
  const notices = useNotices();
  const studies = shallowRef<readonly StudyView[]>([]);
  const loaded = shallowReactive(new Map<string, Loaded>());
  const paces = shallowReactive(new Map<string, number>());
  const samples = new Map<string, Sample[]>();
  /** Whether the host has told what studies there are. */
  const isLoaded = ref(false);
  /** Asked to be shown; a new object each time. */
  const asked = shallowRef<{ readonly id: string } | null>(null);
  const running = computed(() => studies.value.filter(({ state }) => state === 'running'));

  watch(
    () => project.view?.path ?? null,
    (path) => {
      studies.value = [];
      isLoaded.value = false;
      loaded.clear();
      paces.clear();
      samples.clear();
      if (path !== null) void refresh();
    },
    { immediate: true },
  );
  session.onConnect(() => {
    if (project.view) void refresh();
  });
  session.onEvent((event) => {
    if (event.type === 'study.changed') put(event.study);
    else if (event.type === 'study.removed') forget(event.study);
  });

  async function refresh(): Promise<void> {
    const path = project.view?.path;
    const list = await notices.attempt(() => session.api().studies.list());
    if (!list || project.view?.path !== path) return;
    isLoaded.value = true;
    studies.value = list;
    for (const { id } of list) void fetch(id);
  }

  function put(study: StudyView): void {
    const at = studies.value.findIndex(({ id }) => id === study.id);
    studies.value = at < 0 ? [...studies.value, study] : studies.value.with(at, study);
    pace(study);
    void fetch(study.id);
  }

  function forget(id: string): void {
    studies.value = studies.value.filter((study) => study.id !== id);
    loaded.delete(id);
    paces.delete(id);
    samples.delete(id);
  }

  function pace({ id, state, done }: StudyView): void {
    if (state !== 'running') {
      samples.delete(id);
      paces.delete(id);
      return;
    }
    const now = performance.now();
    const recent = [...(samples.get(id) ?? []), { at: now, done }].filter(({ at }) => now - at <= PACE_OVER);
    samples.set(id, recent);
    const [first] = recent;
    if (first && now - first.at >= 500 && done > first.done)
      paces.set(id, ((done - first.done) * 1000) / (now - first.at));
  }

  function get(id: string): StudyView | null {
    return studies.value.find((study) => study.id === id) ?? null;
  }

  /** Asked for on first use; reactive, so a view can ask while it renders. */
  function points(id: string): PointsView {
    const known = loaded.get(id);
    if (known) return known.view.value;
    const study = get(id);
    if (!study) return NO_POINTS;
    const fresh = new StudyPoints(objectiveMetrics(study.metrics, study.spec.objectives));
    loaded.set(id, { points: fresh, view: shallowRef(NO_POINTS), isFetching: false });
    void fetch(id);
    return NO_POINTS;
  }

  /** Brings what is missing, page by page; only of studies that are looked at. */
  async function fetch(id: string): Promise<void> {
    const slot = loaded.get(id);
    if (!slot || slot.isFetching) return;
    slot.isFetching = true;
    try {
      while (loaded.get(id) === slot && slot.points.count < (get(id)?.done ?? 0)) {
        const from = slot.points.count;
        const page = await notices.attempt(() => session.api().studies.points({ study: id, from }));
        if (!page || page.length === 0) break;
        slot.points.add(page);
        slot.view.value = slot.points.view();
        if (slot.points.count === from) break;
      }
    } finally {
      slot.isFetching = false;
    }
  }

  async function change(call: () => Promise<StudyView>): Promise<StudyView | null> {
    const study = await notices.attempt(call);
    if (study) put(study);
    return study;
  }

  async function remove(id: string): Promise<boolean> {
    const isDone = await notices.attempt(async () => {
      await session.api().studies.remove({ study: id });
      return true;
    });
    if (isDone) forget(id);
    return isDone === true;
  }

  return {
    studies,
    running,
    get,
    points,
    /** Points a second, while it is under way in this session; null before two batches came. */
    paceOf: (id: string): number | null => paces.get(id) ?? null,
    start: (spec: StudySpec) => change(() => session.api().studies.start({ spec })),
    stop: (id: string) => change(() => session.api().studies.stop({ study: id })),
    resume: (id: string) => change(() => session.api().studies.resume({ study: id })),
    remove,
    restore: (id: string) => change(() => session.api().studies.restore({ study: id })),
    isLoaded,
    asked,
    ask: (id: string) => {
      asked.value = { id };
    },
    /** The drawings a point changes, as documents of their own; null where they could not be made, which a notice says. */
    copy: (id: string, index: number): Promise<readonly DocumentSummary[] | null> =>
      notices.attempt(() => session.api().studies.copy({ study: id, index })),
    /** The point as a run of its own: found by key, or queued; null where it could not be, which a notice says. */
    run: (id: string, index: number): Promise<RunView | null> =>
      notices.attempt(() => session.api().studies.run({ study: id, index })),
  };
});
