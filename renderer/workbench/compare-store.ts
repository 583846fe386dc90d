/**
 * Which runs are set beside the active one, which of them is the base, and how differences are shown: measure, tolerance,
 * colours on the drawings. The runs themselves stay in `useRuns`.
 */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { Problem } from '#core/base/problem.ts';
import type { RunView } from '#core/contract/views.ts';
import type { TwoRuns } from '#core/explain/number/difference.ts';
import {
  deltasByNode,
  differencesOf,
  matchOperators,
  matchResources,
  OPERATOR_MEASURES,
  type OperatorMeasure,
  type ResourceUse,
  resourceDeltasByNode,
} from '#core/report/compare-runs.ts';
import type { RunData } from '#core/report/run-data.ts';
import { differenceOverlay } from './diverging.ts';
import { KEPT_RESULTS } from './run-results.ts';
import { hasResult } from './run-state.ts';
import { useRuns } from './runs-store.ts';

export type CompareView = 'totals' | 'operators' | 'resources' | 'timelines' | 'schedules' | 'inputs';

/** Results kept decoded at once hold as many, and what else is on screen. */
export const MOST_COMPARED = KEPT_RESULTS - 2;

export const RESOURCE_MEASURES = [
  { id: 'time', title: 'Busy cycles', unit: 'cycles' },
  { id: 'bytes', title: 'Off-chip bytes', unit: 'B' },
  { id: 'energy', title: 'Energy', unit: 'J' },
] as const;

export interface ComparedRun {
  readonly run: RunView;
  /** Null until its result is there. */
  readonly data: RunData | null;
  /** Why it cannot be read. */
  readonly problem: Problem | null;
}

export const useCompare = defineStore('compare', () => {
  const runs = useRuns();
  const others = ref<readonly string[]>([]);
  /** Null: the active run. */
  const base = ref<string | null>(null);
  const view = ref<CompareView>('totals');
  const measure = shallowRef<OperatorMeasure>(OPERATOR_MEASURES[0]!);
  const resource = ref<ResourceUse['of']>('time');
  /** Percent of the larger value. */
  const tolerance = ref(1);
  /** In the unit of the measure. */
  const absolute = ref(0);
  const isOnDrawing = ref(false);

  const compared = computed<readonly ComparedRun[]>(() => {
    const { active } = runs;
    if (active?.kind !== 'program') return [];
    const ids = [active.id, ...others.value.filter((id) => id !== active.id)];
    return ids
      .flatMap((id) => runs.runs.find((run) => run.id === id && run.kind === 'program') ?? [])
      .slice(0, MOST_COMPARED)
      .map((run) => {
        const loaded = hasResult(run) ? runs.result(run.id) : null;
        return {
          run,
          data: loaded?.state === 'ready' ? loaded.data : null,
          problem: loaded?.state === 'failed' ? loaded.problem : null,
        };
      });
  });
  const baseSide = computed(() => compared.value.find(({ run }) => run.id === base.value) ?? compared.value[0] ?? null);
  /** The one looked at beside the base. */
  const against = computed(() => {
    const rest = compared.value.filter((side) => side !== baseSide.value);
    return rest.find(({ run }) => run.id === runs.comparedRun) ?? rest[0] ?? null;
  });

  /** Program runs that may be added, newest first. */
  const candidates = computed(() =>
    runs.runs
      .filter(
        (run) => run.kind === 'program' && hasResult(run) && !compared.value.some((side) => side.run.id === run.id),
      )
      .toReversed(),
  );

  function add(run: string): void {
    if (compared.value.length >= MOST_COMPARED) return;
    if (!others.value.includes(run)) others.value = [...others.value, run];
    runs.comparedRun = run;
  }
  function remove(run: string): void {
    others.value = others.value.filter((id) => id !== run);
    if (base.value === run) base.value = null;
    if (runs.comparedRun === run) runs.comparedRun = null;
  }
  /** Shown beside the base. */
  function show(run: string): void {
    runs.comparedRun = run;
  }
  // The run that was on screen stays in what it was compared with.
  watch(
    () => runs.activeRun,
    (run, before) => {
      if (run === null || others.value.length === 0) return;
      if (before !== null && others.value.includes(run))
        others.value = [...others.value.filter((id) => id !== run), before];
    },
  );

  const pair = computed(() => {
    const [a, b] = [baseSide.value, against.value];
    return a?.data && b?.data ? { a: { run: a.run, data: a.data }, b: { run: b.run, data: b.data } } : null;
  });
  const titles = computed<readonly [string, string]>(() => [
    `Run ${pair.value?.a.run.number ?? ''}`,
    `Run ${pair.value?.b.run.number ?? ''}`,
  ]);
  /** As explanations take them. */
  const twoRuns = computed<TwoRuns | null>(
    () => pair.value && { titles: titles.value, a: pair.value.a.data, b: pair.value.b.data },
  );
  const limits = computed(() => ({ absolute: absolute.value, relative: tolerance.value / 100 }));
  const operatorPairs = computed(() =>
    pair.value ? matchOperators(pair.value.a.data.result, pair.value.b.data.result) : null,
  );
  const operators = computed(() =>
    operatorPairs.value ? differencesOf(operatorPairs.value, measure.value.of, limits.value) : null,
  );
  const resources = computed(() =>
    pair.value
      ? differencesOf(
          matchResources(pair.value.a.data, pair.value.b.data, resource.value),
          ({ value }) => value,
          limits.value,
        )
      : null,
  );

  /** Differences on the model and the architecture of the run looked at, or of the base where they are the same. */
  const overlays = computed(() => {
    if (!isOnDrawing.value || !pair.value || !operators.value || !resources.value) return null;
    const { a, b } = pair.value;
    const of = `Run ${b.run.number} − run ${a.run.number}`;
    const merged = (fromA: ReadonlyMap<string, number>, fromB: ReadonlyMap<string, number>, isSame: boolean) =>
      new Map([...(isSame ? fromA : []), ...fromB]);
    const [inA, inB] = [a.data.result.inputs, b.data.result.inputs];
    const unit = RESOURCE_MEASURES.find(({ id }) => id === resource.value) ?? RESOURCE_MEASURES[0];
    return {
      model: differenceOverlay(
        inB.model.id,
        `${of}: ${measure.value.title.toLowerCase()}`,
        measure.value.unit,
        merged(
          deltasByNode(operators.value.rows, 'a'),
          deltasByNode(operators.value.rows, 'b'),
          inA.model.id === inB.model.id,
        ),
      ),
      architecture: differenceOverlay(
        inB.architecture.id,
        `${of}: ${unit.title.toLowerCase()}`,
        unit.unit,
        merged(
          resourceDeltasByNode(resources.value.rows, 'a'),
          resourceDeltasByNode(resources.value.rows, 'b'),
          inA.architecture.id === inB.architecture.id,
        ),
      ),
    };
  });
  watch(
    overlays,
    (made) => {
      runs.deltaOverlays = made;
    },
    { flush: 'sync' },
  );
  // Another colouring of the drawings takes the place of the differences.
  watch(
    () => runs.overlayMetric,
    (metric) => {
      if (metric !== null) isOnDrawing.value = false;
    },
  );

  return {
    others,
    base,
    view,
    measure,
    resource,
    tolerance,
    absolute,
    isOnDrawing,
    compared,
    baseSide,
    against,
    candidates,
    add,
    remove,
    show,
    pair,
    titles,
    twoRuns,
    operatorPairs,
    operators,
    resources,
  };
});
