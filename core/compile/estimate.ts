/**
 * What a model would cost, kernel by kernel, without scheduling or simulating it: for the live view while model or
 * architecture is edited. Nothing is resident and nobody contends; a kernel takes the longer of its unit and the off-chip
 * channels. Kernels that an edit leaves alone come from the cache.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { Problem } from '#core/base/problem.ts';
import { ok, type Result } from '#core/base/result.ts';
import { finished, type Steps } from '#core/base/steps.ts';
import type { ModelGraph } from '#core/model/graph.ts';
import type { RunSettings } from '#core/run/settings.ts';
import { type ArrayUse, arrayUse } from './array-use.ts';
import { type CompilerTechniques, passSteps } from './compile.ts';
import type { KernelGraph, KernelOperator } from './kernel-graph.ts';
import { type MappedOperator, MappingCache, unmappable } from './map.ts';
import type { Pass } from './pass.ts';

export interface KernelEstimate {
  readonly name: string;
  readonly types: readonly string[];
  /** Document nodes, the main one first. */
  readonly nodes: readonly string[];
  readonly group: string | null;
  /** Architecture node; null where no unit can do it. */
  readonly unit: string | null;
  readonly mapping: string;
  readonly macs: number;
  /** Cycles of the fastest clock: the longer of unit and off-chip channels. */
  readonly cycles: number;
  readonly computeCycles: number;
  /** Off-chip bytes with nothing resident. */
  readonly bytes: number;
  /** MACs ÷ (compute cycles × MACs a cycle of the units that share it), 0…1. */
  readonly utilisation: number;
  /** MACs an off-chip byte. */
  readonly intensity: number;
  readonly bound: 'compute' | 'bandwidth' | null;
  /** What the cells of an array do meanwhile; null on other units. */
  readonly cells: ArrayUse | null;
  /** Why it cannot run. */
  readonly problem: Problem | null;
}

export interface ModelEstimate {
  readonly kernels: readonly KernelEstimate[];
  /** One kernel after the other. */
  readonly cycles: number;
  readonly macs: number;
  readonly bytes: number;
  /** Kernels that were mapped anew; the rest were known. */
  readonly recomputed: number;
  /** What it was got from; null for the kernels that no unit can do. */
  readonly graph: KernelGraph;
  readonly mapped: readonly (MappedOperator | null)[];
}

interface Passed {
  readonly passes: readonly Pass[];
  readonly graph: Result<KernelGraph, Problem>;
}

/** Kernels need no machine: while only that is edited, they stand. */
const passed = new WeakMap<ModelGraph, Passed>();

function* kernelSteps(model: ModelGraph, passes: readonly Pass[]): Steps<Result<KernelGraph, Problem>> {
  const known = passed.get(model);
  if (known?.passes === passes) return known.graph;
  const graph = yield* passSteps(model, passes);
  passed.set(model, { passes, graph });
  return graph;
}

/**
 * @param cache kept by the caller from edit to edit; it is of one machine and starts anew for another.
 * @returns a kernel no unit can do has its problem and no cycles; an error is a bug of a pass.
 */
export function estimateModel(
  model: ModelGraph,
  machine: Machine,
  techniques: CompilerTechniques,
  settings: Pick<RunSettings, 'format' | 'objective'>,
  cache = new MappingCache(),
): Result<ModelEstimate, Problem> {
  return finished(estimateSteps(model, machine, techniques, settings, cache));
}

/** Kernels of a step. */
const MAPPED_A_STEP = 250;

/** The same a pass or some hundred kernels at a time. */
export function* estimateSteps(
  model: ModelGraph,
  machine: Machine,
  { passes, units }: CompilerTechniques,
  settings: Pick<RunSettings, 'format' | 'objective'>,
  cache: MappingCache,
): Steps<Result<ModelEstimate, Problem>> {
  const graph = yield* kernelSteps(model, passes);
  if (!graph.ok) return graph;
  const before = cache.computed;
  const mapper = cache.mapperFor(machine, units, settings);
  const mapped: (MappedOperator | null)[] = [];
  const kernels: KernelEstimate[] = [];
  for (const operator of graph.value.operators) {
    if (mapped.length % MAPPED_A_STEP === 0) yield;
    const how = mapper(operator, graph.value);
    mapped.push(how);
    kernels.push(how === null ? unmapped(operator, machine) : estimateOf(operator, how, machine));
  }
  const sum = (pick: (kernel: KernelEstimate) => number) => kernels.reduce((total, kernel) => total + pick(kernel), 0);
  return ok({
    kernels,
    cycles: sum(({ cycles }) => cycles),
    macs: sum(({ macs }) => macs),
    bytes: sum(({ bytes }) => bytes),
    recomputed: cache.computed - before,
    graph: graph.value,
    mapped,
  });
}

function estimateOf(operator: KernelOperator, mapped: MappedOperator, machine: Machine): KernelEstimate {
  const { mapping, units, computeTicks, offChipTicks, streamedBytes } = mapped;
  const unit = machine.units[units[0]!]!;
  const peak = (mapping.peakMacsPerCycle / unit.ticksPerCycle) * units.length;
  return {
    ...described(operator),
    unit: unit.node,
    mapping: mapping.description,
    cycles: mapped.estimateTicks,
    computeCycles: computeTicks,
    bytes: streamedBytes,
    utilisation: operator.macs === 0 || computeTicks === 0 ? 0 : operator.macs / (computeTicks * peak),
    intensity: streamedBytes === 0 ? 0 : operator.macs / streamedBytes,
    bound: computeTicks >= offChipTicks ? 'compute' : 'bandwidth',
    cells: arrayUse(operator, mapped, machine),
    problem: null,
  };
}

function unmapped(operator: KernelOperator, machine: Machine): KernelEstimate {
  return {
    ...described(operator),
    unit: null,
    mapping: '',
    cycles: 0,
    computeCycles: 0,
    bytes: 0,
    utilisation: 0,
    intensity: 0,
    bound: null,
    cells: null,
    problem: unmappable(operator, machine),
  };
}

const described = ({ name, types, nodes, group, macs }: KernelOperator) => ({
  name,
  types,
  nodes,
  group: group ?? null,
  macs,
});
