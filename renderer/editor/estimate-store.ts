/**
 * What the model on screen would cost on the architecture beside it, kernel by kernel, without a run: follows every edit of
 * either. Worked out when somebody looks, once a change, and of a large model between frames; kernels an edit leaves alone are
 * not mapped again.
 */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { Machine } from '#core/architecture/machine.ts';
import type { Unit } from '#core/base/quantity.ts';
import type { Steps } from '#core/base/steps.ts';
import { estimateModel, estimateSteps, type KernelEstimate, type ModelEstimate } from '#core/compile/estimate.ts';
import { MappingCache } from '#core/compile/map.ts';
import type { Estimated } from '#core/explain/number/estimate.ts';
import { ArrayModelCache, arrayModelsOf } from '#core/run/array-models.ts';
import type { ArrayModelFigures } from '#core/run/result.ts';
import { DEFAULT_SETTINGS, type RunSettings } from '#core/run/settings.ts';
import { techniques } from '#core/technique/registry.ts';
import { inModelOrder } from '../workbench/cycles-rows.ts';
import { overlayOf } from '../workbench/overlay.ts';
import { inSlices } from './after-frame.ts';
import { useAnalysis } from './analysis-store.ts';

export type EstimateFigure = 'cycles' | 'utilisation' | 'bytes' | 'intensity';

interface FigureSpec {
  readonly id: EstimateFigure;
  readonly title: string;
  readonly unit: Unit;
  /** How it is calculated. */
  readonly how: string;
}

/** Figures of a kernel that can be shown, in order. */
export const ESTIMATE_FIGURES: readonly FigureSpec[] = [
  {
    id: 'cycles',
    title: 'Cycles',
    unit: 'cycles',
    how: 'The longer of its unit and the off-chip channels; nothing is resident, nobody contends.',
  },
  {
    id: 'utilisation',
    title: 'Utilisation',
    unit: '1',
    how: 'MACs ÷ (compute cycles × MACs a cycle of the units that share it).',
  },
  {
    id: 'bytes',
    title: 'Off-chip bytes',
    unit: 'B',
    how: 'Operands, weights and results by the passes of the tile loop.',
  },
  { id: 'intensity', title: 'MACs per byte', unit: '', how: 'MACs ÷ off-chip bytes: the x axis of the roofline.' },
];

/** What is estimated: documents by id. */
export interface EstimatePair {
  readonly model: string | null;
  readonly architecture: string | null;
}

/** Operators from which on an estimate takes longer than a frame. */
const LARGE = 2000;

/** An estimate made between frames, and of which documents. */
interface Sliced extends EstimatePair {
  readonly estimate: ModelEstimate;
  readonly arrayModels: readonly ArrayModelFigures[];
}

const COMPILER = { passes: techniques.pass, units: techniques.unit };

export const useEstimate = defineStore('estimate', () => {
  const analyses = useAnalysis();
  const pair = shallowRef<EstimatePair>({ model: null, architecture: null });
  const settings = shallowRef<Pick<RunSettings, 'format' | 'objective'>>(DEFAULT_SETTINGS);
  /** The figure that colours the drawing; null for none. */
  const overlayFigure = ref<EstimateFigure | null>(null);
  const cache = new MappingCache();
  const modelCache = new ArrayModelCache();

  const graph = computed(() => analyses.get(pair.value.model)?.graph ?? null);
  const machine = computed(() => analyses.get(pair.value.architecture)?.machine ?? null);

  const isLarge = computed(() => machine.value !== null && (graph.value?.operators.length ?? 0) > LARGE);
  const sliced = shallowRef<Sliced | null>(null);
  const lastSliced = computed(() => {
    const { model, architecture } = pair.value;
    return sliced.value?.model === model && sliced.value.architecture === architecture ? sliced.value : null;
  });
  let isSlicing = false;
  let isStale = false;

  function* sliceSteps(): Steps<Sliced | null> {
    const [of, on, by, { model, architecture }] = [graph.value, machine.value, settings.value, pair.value];
    if (!of || !on) return null;
    const made = yield* estimateSteps(of, on, COMPILER, by, cache);
    if (!made.ok) return null;
    yield;
    return { model, architecture, estimate: made.value, arrayModels: modelsOf(made.value, on, by) };
  }
  /** One after the other: an edit meanwhile is estimated when this is done, so that fast ones are shown too. */
  function slice(): void {
    isSlicing = true;
    isStale = false;
    const finish = (made: Sliced | null) => {
      isSlicing = false;
      sliced.value = isLarge.value ? made : null;
      if (isStale && isLarge.value) slice();
    };
    inSlices(sliceSteps(), finish, () => finish(null));
  }
  watch(
    [graph, machine, settings, isLarge],
    () => {
      isStale = true;
      if (!isLarge.value) sliced.value = null;
      else if (!isSlicing) slice();
    },
    { immediate: true },
  );

  /** Null while either document has errors or is not there; of a large model the one before, while it is worked out. */
  const estimate = computed<ModelEstimate | null>(() => {
    if (!graph.value || !machine.value) return null;
    if (isLarge.value) return lastSliced.value?.estimate ?? null;
    const made = estimateModel(graph.value, machine.value, COMPILER, settings.value, cache);
    return made.ok ? made.value : null;
  });

  function modelsOf(made: ModelEstimate, on: Machine, by: Pick<RunSettings, 'format'>): readonly ArrayModelFigures[] {
    return inModelOrder(arrayModelsOf(made, on, by, modelCache)).filter(({ operators }) => operators.length > 0);
  }
  /** What takes figures of the estimate apart. */
  const estimated = computed<Estimated | null>(() => {
    const { model, architecture } = pair.value;
    const drawing = analyses.get(model)?.document;
    if (!estimate.value || !machine.value || !drawing || architecture === null) return null;
    return { estimate: estimate.value, machine: machine.value, model: drawing, architecture, settings: settings.value };
  });

  /** What the named cycle models say of the products on arrays, as the estimate maps them; none where none is on an array. */
  const arrayModels = computed<readonly ArrayModelFigures[]>(() => {
    if (!estimate.value || !machine.value) return [];
    if (isLarge.value) return lastSliced.value?.arrayModels ?? [];
    return modelsOf(estimate.value, machine.value, settings.value);
  });

  /** The kernel a node of the model became part of. */
  const kernelOf = computed<ReadonlyMap<string, KernelEstimate>>(
    () => new Map(estimate.value?.kernels.flatMap((kernel) => kernel.nodes.map((node) => [node, kernel] as const))),
  );

  const overlay = computed(() => {
    const figure = ESTIMATE_FIGURES.find(({ id }) => id === overlayFigure.value);
    const { model } = pair.value;
    if (!figure || !estimate.value || model === null) return null;
    const values = new Map<string, number>();
    for (const kernel of estimate.value.kernels) {
      if (kernel.problem || (figure.id !== 'cycles' && figure.id !== 'bytes' && kernel.macs === 0)) continue;
      for (const node of kernel.nodes) values.set(node, kernel[figure.id]);
    }
    return overlayOf(model, `≈ ${figure.title}`, figure.unit, values);
  });

  /** The kernels these nodes are in, once each, in the order of the program. */
  function kernelsOf(nodes: ReadonlySet<string>): readonly KernelEstimate[] {
    return estimate.value?.kernels.filter((kernel) => kernel.nodes.some((node) => nodes.has(node))) ?? [];
  }

  return {
    pair,
    settings,
    overlayFigure,
    graph,
    machine,
    estimate,
    estimated,
    arrayModels,
    kernelOf,
    overlay,
    kernelsOf,
  };
});
