/** Every registered array model on the operators that run on arrays: the drawn array, in the dataflow the mapping chose. */
import type { Machine } from '#core/architecture/machine.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { Compiled } from '#core/compile/compile.ts';
import { ACCUMULATOR_BYTES, bytesPerElement } from '#core/compile/schedule-problem.ts';
import { type ArrayEstimate, type ArrayModel, macsOf } from '#core/cost/array-model.ts';
import { drawnArray } from '#core/cost/drawn-array.ts';
import { techniques } from '#core/technique/registry.ts';
import type { ArrayModelFigures, ArrayOperatorEstimate } from './result.ts';
import type { RunSettings } from './settings.ts';

const MODELS: readonly ArrayModel[] = techniques['array-model'];

/** Closed forms: some microseconds an operator and model. */
export function arrayModelsOf(
  { graph, mapped }: Compiled,
  machine: Machine,
  { format }: Pick<RunSettings, 'format'>,
): readonly ArrayModelFigures[] {
  const onArrays = graph.operators.flatMap(({ kernel, inputs, outputs }, operator) => {
    const { mapping, units } = mapped[operator]!;
    const unit = machine.units[units[0]!]!;
    if (kernel.kind !== 'gemm' || unit.kind !== 'systolic-array') return [];
    const typeOf = (tensor: number | undefined) => graph.tensors[tensor ?? -1]?.elementType ?? 'fp32';
    const output = typeOf(outputs[0]);
    const array = drawnArray(machine, unit, mapping.dataflow ?? 'os', {
      activation: bytesPerElement(format, inputs.length > 0 ? typeOf(inputs[0]) : output),
      weight: bytesPerElement(format, kernel.bIsActivation && inputs.length > 1 ? typeOf(inputs[1]) : output),
      partialSum: ACCUMULATOR_BYTES,
    });
    return [{ operator, unit: unit.node, arrays: units.length, kernel, array, key: JSON.stringify([kernel, array]) }];
  });
  const cells = onArrays.map(({ array }) => array.rows * array.columns);
  const macs = onArrays.reduce((sum, { kernel }) => sum + macsOf(kernel), 0);
  return MODELS.map((model) => {
    const parameters = defaultParameters(model.manifest.parameters);
    // Networks repeat their layers.
    const known = new Map<string, ArrayEstimate>();
    const operators = onArrays.map(({ operator, unit, arrays, kernel, array, key }): ArrayOperatorEstimate => {
      const estimate = known.get(key) ?? model.estimate(kernel, array, parameters);
      known.set(key, estimate);
      return { operator, unit, arrays, dataflow: array.dataflow, estimate };
    });
    const { id, title, version } = model.manifest;
    return { id, title, version, operators, totals: totalsOf(operators, cells, macs) };
  });
}

function totalsOf(
  operators: readonly ArrayOperatorEstimate[],
  cells: readonly number[],
  macs: number,
): ArrayModelFigures['totals'] {
  const sum = (of: (estimate: ArrayOperatorEstimate['estimate'], at: number) => number): number =>
    operators.reduce((total, { estimate }, at) => total + of(estimate, at), 0);
  /** Null where one of them is. */
  const sumOrNull = (of: (estimate: ArrayOperatorEstimate['estimate'], at: number) => number | null) =>
    operators.some(({ estimate }, at) => of(estimate, at) === null) ? null : sum((each, at) => of(each, at) ?? 0);
  const cellCycles = sumOrNull(({ cycles }, at) => (cycles === null ? null : cycles * cells[at]!));
  return {
    cycles: sumOrNull(({ cycles }) => cycles),
    stallCycles: sumOrNull(({ stallCycles }) => stallCycles),
    overallUtilisation: cellCycles === null ? null : cellCycles > 0 ? (100 * macs) / cellCycles : 0,
    sram: {
      ifmapReads: sum(({ sram }) => sram.ifmapReads),
      filterReads: sum(({ sram }) => sram.filterReads),
      ofmapWrites: sum(({ sram }) => sram.ofmapWrites),
      ofmapReads: sum(({ sram }) => sram.ofmapReads),
    },
    dram: {
      ifmapReads: sumOrNull(({ dram }) => dram.ifmapReads),
      filterReads: sumOrNull(({ dram }) => dram.filterReads),
      ofmapWrites: sumOrNull(({ dram }) => dram.ofmapWrites),
      ofmapReads: sumOrNull(({ dram }) => dram.ofmapReads),
    },
  };
}
