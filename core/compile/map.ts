/** Mapping: for every kernel the unit (with its equal twins) and the tile loop that does it best. */
import type { ComputeUnit, Machine } from '#core/architecture/machine.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { KernelGraph, KernelOperator } from './kernel-graph.ts';
import { KernelShapes } from './kernel-shapes.ts';
import { bytesPerElement, tensorBytes, weightBytes } from './schedule-problem.ts';
import { type GivenTiling, type Mapping, type MappingContext, streamedBytes, type UnitModel } from './unit-model.ts';

export interface MappedOperator {
  readonly mapping: Mapping;
  /** Indices into machine.units: the unit and its equals, which share the tiles. */
  readonly units: readonly number[];
  readonly model: UnitModel;
  /** Ticks without contention: units, or off-chip channel with nothing resident, whichever is longer. */
  readonly estimateTicks: number;
  /** The two apart: of the units that share the tiles, and of the channels. */
  readonly computeTicks: number;
  readonly offChipTicks: number;
  /** Off-chip bytes with nothing resident. */
  readonly streamedBytes: number;
}

type MappingSettings = Pick<RunSettings, 'format' | 'objective'>;

export function mapKernels(
  graph: KernelGraph,
  machine: Machine,
  models: readonly UnitModel[],
  settings: MappingSettings,
  cache = new MappingCache(),
): Result<readonly MappedOperator[], Problem> {
  const mapper = cache.mapperFor(machine, models, settings);
  const mapped: MappedOperator[] = [];
  for (const operator of graph.operators) {
    const best = mapper(operator, graph);
    if (best === null) return err(unmappable(operator, machine));
    mapped.push(best);
  }
  return ok(mapped);
}

/**
 * Mappings by kernel and context, so that equal operators, and those an edit leaves alone, are mapped once. Of one machine:
 * for another it starts anew. What was not asked for since the mapper before is forgotten.
 */
export class MappingCache {
  #machine = '';
  #models: readonly UnitModel[] = [];
  #known = new Map<string, MappedOperator | null>();
  #earlier: ReadonlyMap<string, MappedOperator | null> = new Map();
  readonly #shapes = new KernelShapes();
  readonly #operands = new WeakMap<KernelOperator, Operands>();
  #computed = 0;

  /** Kernels mapped by a unit model since the cache was made, all others were known. */
  get computed(): number {
    return this.#computed;
  }

  /** The best mapping of an operator, or null where no unit of the machine can do it. */
  mapperFor(
    machine: Machine,
    models: readonly UnitModel[],
    settings: MappingSettings,
  ): (operator: KernelOperator, graph: KernelGraph) => MappedOperator | null {
    const key = JSON.stringify([machine.units, machine.channels]);
    const isSame = key === this.#machine && models === this.#models;
    this.#earlier = isSame ? this.#known : new Map();
    this.#known = new Map();
    this.#machine = key;
    this.#models = models;
    const groups = equalUnits(machine.units);
    const offChipBytesPerTick = machine.channels.reduce((sum, channel) => sum + channel.bytesPerTick, 0);
    const rest = `${settings.objective} ${offChipBytesPerTick}`;
    return (operator, graph) => {
      const operand = this.#operandsOf(operator, graph, settings.format);
      const wanted = `${operand.key} ${rest}`;
      let best = this.#known.get(wanted);
      if (best === undefined) {
        best = this.#earlier.get(wanted);
        if (best === undefined) {
          const { objective } = settings;
          const context = { ...operand.context, offChipBytesPerCycle: offChipBytesPerTick, objective };
          best = bestOf(operator, groups, machine.units, models, context);
          this.#computed++;
        }
        this.#known.set(wanted, best);
      }
      return best;
    };
  }

  /** Bytes of the operator's operands, which no machine changes: they are worked out once. */
  #operandsOf(operator: KernelOperator, graph: KernelGraph, format: RunSettings['format']): Operands {
    const known = this.#operands.get(operator);
    if (known?.graph === graph && known.format === format) return known;
    const context = operandContext(operator, graph, format);
    const key = `${this.#shapes.numberOf(operator.kernel)}${contextKey(context)}`;
    const made = { graph, format, context, key };
    this.#operands.set(operator, made);
    return made;
  }
}

type SharedContext = Omit<MappingContext, 'parallel'>;
type OperandContext = Omit<SharedContext, 'offChipBytesPerCycle' | 'objective'>;

interface Operands {
  readonly graph: KernelGraph;
  readonly format: RunSettings['format'];
  readonly context: OperandContext;
  /** Of the kernel's shape and of the context. */
  readonly key: string;
}

/** Every figure of it, in order, sooner than JSON of the whole. */
function contextKey(context: OperandContext): string {
  let key = '';
  for (const value of Object.values(context)) key += ` ${typeof value === 'object' ? JSON.stringify(value) : value}`;
  return key;
}

/** Bytes of an operator's operands and results, and what they come through. */
export function contextOf(
  operator: KernelOperator,
  graph: KernelGraph,
  { format, objective }: MappingSettings,
  offChipBytesPerCycle: number,
): SharedContext {
  return { ...operandContext(operator, graph, format), offChipBytesPerCycle, objective };
}

function operandContext(operator: KernelOperator, graph: KernelGraph, format: RunSettings['format']): OperandContext {
  const tensors = operator.inputs.map((id) => graph.tensors[id]!);
  const bytes = tensors.map((tensor) => tensorBytes(tensor, format));
  // The second activation of a GEMM takes the place of the weights.
  const second = operator.kernel.kind === 'gemm' && operator.kernel.bIsActivation && bytes.length > 1 ? bytes[1]! : 0;
  const result = graph.tensors[operator.outputs[0]!];
  const outputType = result?.elementType ?? 'fp32';
  const inputType = tensors[0]?.elementType ?? outputType;
  return {
    inputElementBytes: bytesPerElement(format, inputType),
    weightElementBytes: bytesPerElement(format, second > 0 ? tensors[1]!.elementType : outputType),
    outputElementBytes: bytesPerElement(format, outputType),
    inputBytes: bytes.reduce((sum, value) => sum + value, 0) - second,
    weightBytes: weightBytes(operator, graph, format) + second,
    outputBytes: operator.outputs.reduce((sum, id) => sum + tensorBytes(graph.tensors[id]!, format), 0),
    streams: [
      ...[...operator.inputs, ...operator.outputs].map((id) => {
        const { elements, elementType } = graph.tensors[id]!;
        return { elements, elementBytes: bytesPerElement(format, elementType) };
      }),
      { elements: weightBytes(operator, graph, format), elementBytes: 1 },
    ],
  };
}

/** Units of equal kind and figures, in drawn order. */
function equalUnits(units: readonly ComputeUnit[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  units.forEach((unit, index) => {
    const key = JSON.stringify({ ...unit, node: '', name: '' });
    (groups.get(key) ?? groups.set(key, []).get(key)!).push(index);
  });
  return [...groups.values()];
}

function bestOf(
  operator: KernelOperator,
  groups: readonly (readonly number[])[],
  units: readonly ComputeUnit[],
  models: readonly UnitModel[],
  context: SharedContext,
): MappedOperator | null {
  let best: MappedOperator | null = null;
  for (const group of groups) {
    const unit = units[group[0]!]!;
    for (const model of models) {
      if (model.component !== unit.kind) continue;
      // Bandwidth as this unit's clock sees it.
      const offChipBytesPerCycle = context.offChipBytesPerCycle * unit.ticksPerCycle;
      const mapping = model.map(operator.kernel, unit, { ...context, offChipBytesPerCycle, parallel: group.length });
      if (mapping === null) continue;
      const found = onUnits(group, mapping, unit, model, context);
      if (best === null || isBetter(found, best, context.objective)) best = found;
    }
  }
  return best;
}

function onUnits(
  group: readonly number[],
  mapping: Mapping,
  unit: ComputeUnit,
  model: UnitModel,
  context: SharedContext,
): MappedOperator {
  const { counts } = mapping.loop;
  const blocks = counts.g * counts.m * counts.n;
  const share = Math.ceil(blocks / group.length) / blocks;
  const bytes = streamedBytes(mapping.loop, context);
  const computeTicks = mapping.cycles * share * unit.ticksPerCycle;
  const offChipTicks = bytes / context.offChipBytesPerCycle;
  const estimateTicks = Math.ceil(Math.max(computeTicks, offChipTicks));
  const units = group.slice(0, blocks);
  return { mapping, units, model, estimateTicks, computeTicks, offChipTicks, streamedBytes: bytes };
}

/** An operator mapped to units and with a tiling that are given; the error says in words why not. */
export function mapGiven(
  operator: KernelOperator,
  graph: KernelGraph,
  machine: Machine,
  models: readonly UnitModel[],
  settings: MappingSettings,
  units: readonly number[],
  tiling: GivenTiling,
): Result<MappedOperator, string> {
  const [first] = units;
  const unit = machine.units[first ?? -1];
  const model = models.find(({ component }) => component === unit?.kind);
  if (!unit || !model) return err('there is no such unit');
  const equals = equalUnits(machine.units).find((group) => group.includes(first!)) ?? [];
  if (!units.every((each) => equals.includes(each))) return err('units that share an operator are equal');
  const offChip = machine.channels.reduce((sum, channel) => sum + channel.bytesPerTick, 0);
  const context = contextOf(operator, graph, settings, offChip);
  const offChipBytesPerCycle = offChip * unit.ticksPerCycle;
  const mapping = model.mapAs(
    operator.kernel,
    unit,
    { ...context, offChipBytesPerCycle, parallel: units.length },
    tiling,
  );
  if (!mapping.ok) return mapping;
  const { counts } = mapping.value.loop;
  const blocks = counts.g * counts.m * counts.n;
  if (units.length > blocks) return err(`${blocks} output tiles are too few for ${units.length} units`);
  return ok(onUnits(units, mapping.value, unit, model, context));
}

/** Time, then bytes, or the other way round; of equals the one that keeps its unit busy for less. */
function isBetter(a: MappedOperator, b: MappedOperator, objective: MappingContext['objective']): boolean {
  const time = a.estimateTicks - b.estimateTicks;
  const bytes = a.streamedBytes - b.streamedBytes;
  const [first, second] = objective === 'cycles' ? [time, bytes] : [bytes, time];
  return (first || second || a.computeTicks - b.computeTicks) < 0;
}

/** Codes `compile.buffers-too-small` and `compile.no-unit`. */
export function unmappable(operator: KernelOperator, machine: Machine): Problem {
  const { kernel } = operator;
  const arrays = machine.units.filter((unit) => unit.kind === 'systolic-array');
  const what = operator.types.join(' + ');
  if (kernel.kind === 'gemm' && arrays.length > 0) {
    const largest = Math.max(
      ...arrays.map((unit) => Math.min(unit.inputBufferBytes, unit.weightBufferBytes, unit.outputBufferBytes)),
    );
    return problem(
      'compile.buffers-too-small',
      `${operator.name} (${what}): not even the smallest tile fits the buffers of ${arrays.map((unit) => unit.name).join(', ')}; enlarge the smallest of them`,
      {
        where: { node: operator.nodes[0]! },
        facts: { smallestBuffer: largest, unit: 'B' },
      },
    );
  }
  const needed =
    kernel.kind === 'gemm'
      ? 'a systolic array or a vector unit'
      : kernel.kind === 'special'
        ? 'a special-function unit or a vector unit'
        : 'a vector unit';
  return problem(
    'compile.no-unit',
    `${operator.name} (${what}) has no unit to run on: add ${needed} to the architecture`,
    {
      where: { node: operator.nodes[0]! },
      facts: { kernel: kernel.kind, units: machine.units.map((unit) => unit.kind).join(', ') },
    },
  );
}
