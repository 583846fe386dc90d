/** Mapping: for every kernel the unit (with its equal twins) and the tile loop that does it best. */
import type { ComputeUnit, Machine } from '#core/architecture/machine.ts';
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { RunSettings } from '#core/run/settings.ts';
import type { KernelGraph, KernelOperator } from './kernel-graph.ts';
import { bytesPerElement, tensorBytes, weightBytes } from './schedule-problem.ts';
import { type Mapping, type MappingContext, streamedBytes, type UnitModel } from './unit-model.ts';

export interface MappedOperator {
  readonly mapping: Mapping;
  /** Indices into machine.units: the unit and its equals, which share the tiles. */
  readonly units: readonly number[];
  readonly model: UnitModel;
  /** Ticks without contention: units, or off-chip channel with nothing resident, whichever is longer. */
  readonly estimateTicks: number;
}

export function mapKernels(
  graph: KernelGraph,
  machine: Machine,
  models: readonly UnitModel[],
  settings: Pick<RunSettings, 'format' | 'objective'>,
): Result<readonly MappedOperator[], Problem> {
  const groups = equalUnits(machine.units);
  const offChipBytesPerTick = machine.channels.reduce((sum, channel) => sum + channel.bytesPerTick, 0);
  const known = new Map<string, MappedOperator | null>();
  const mapped: MappedOperator[] = [];
  for (const operator of graph.operators) {
    const context = contextOf(operator, graph, settings, offChipBytesPerTick);
    const key = JSON.stringify([operator.kernel, context]);
    let best = known.get(key);
    if (best === undefined) {
      best = bestOf(operator, groups, machine.units, models, context);
      known.set(key, best);
    }
    if (best === null) return err(unmappable(operator, machine));
    mapped.push(best);
  }
  return ok(mapped);
}

function contextOf(
  operator: KernelOperator,
  graph: KernelGraph,
  settings: Pick<RunSettings, 'format' | 'objective'>,
  offChipBytesPerCycle: number,
): Omit<MappingContext, 'parallel'> {
  const tensors = operator.inputs.map((id) => graph.tensors[id]!);
  const bytes = tensors.map((tensor) => tensorBytes(tensor, settings.format));
  // The second activation of a GEMM takes the place of the weights.
  const second = operator.kernel.kind === 'gemm' && operator.kernel.bIsActivation && bytes.length > 1 ? bytes[1]! : 0;
  const result = graph.tensors[operator.outputs[0]!];
  const outputType = result?.elementType ?? 'fp32';
  const inputType = tensors[0]?.elementType ?? outputType;
  return {
    inputElementBytes: bytesPerElement(settings.format, inputType),
    weightElementBytes: bytesPerElement(settings.format, second > 0 ? tensors[1]!.elementType : outputType),
    outputElementBytes: bytesPerElement(settings.format, outputType),
    inputBytes: bytes.reduce((sum, value) => sum + value, 0) - second,
    weightBytes: weightBytes(operator, graph, settings.format) + second,
    outputBytes: operator.outputs.reduce((sum, id) => sum + tensorBytes(graph.tensors[id]!, settings.format), 0),
    offChipBytesPerCycle,
    objective: settings.objective,
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
  context: Omit<MappingContext, 'parallel'>,
): MappedOperator | null {
  let best: (MappedOperator & { readonly bytes: number }) | null = null;
  for (const group of groups) {
    const unit = units[group[0]!]!;
    for (const model of models) {
      if (model.component !== unit.kind) continue;
      // Bandwidth as this unit's clock sees it.
      const offChipBytesPerCycle = context.offChipBytesPerCycle * unit.ticksPerCycle;
      const mapping = model.map(operator.kernel, unit, { ...context, offChipBytesPerCycle, parallel: group.length });
      if (mapping === null) continue;
      const { counts } = mapping.loop;
      const blocks = counts.g * counts.m * counts.n;
      const share = Math.ceil(blocks / group.length) / blocks;
      const bytes = streamedBytes(mapping.loop, context);
      const estimateTicks = Math.ceil(
        Math.max(mapping.cycles * share * unit.ticksPerCycle, bytes / context.offChipBytesPerCycle),
      );
      const found = { mapping, units: group.slice(0, blocks), model, estimateTicks, bytes };
      const wins =
        best === null ||
        (context.objective === 'cycles'
          ? estimateTicks < best.estimateTicks || (estimateTicks === best.estimateTicks && bytes < best.bytes)
          : bytes < best.bytes || (bytes === best.bytes && estimateTicks < best.estimateTicks));
      if (wins) best = found;
    }
  }
  return best;
}

function unmappable(operator: KernelOperator, machine: Machine): Problem {
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
