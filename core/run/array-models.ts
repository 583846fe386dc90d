/** Every registered array model on the operators that run on arrays: the drawn array, in the dataflow the mapping chose. */
import type { ArrayUnit, Dataflow, Machine } from '#core/architecture/machine.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { KernelGraph } from '#core/compile/kernel-graph.ts';
import { KernelShapes } from '#core/compile/kernel-shapes.ts';
import type { MappedOperator } from '#core/compile/map.ts';
import { ACCUMULATOR_BYTES, bytesPerElement } from '#core/compile/schedule-problem.ts';
import { type ArrayDescription, type ArrayEstimate, type ArrayModel, macsOf } from '#core/cost/array-model.ts';
import { drawnArray } from '#core/cost/drawn-array.ts';
import { techniques } from '#core/technique/registry.ts';
import type { ArrayModelFigures, ArrayOperatorEstimate } from './result.ts';
import type { RunSettings } from './settings.ts';

const MODELS: readonly ArrayModel[] = techniques['array-model'];

/** What is mapped and how; null for what no unit can do, which no model tells of. */
export interface MappedKernels {
  readonly graph: KernelGraph;
  readonly mapped: readonly (MappedOperator | null)[];
}

/** Estimates by shape of kernel, in the order of the models, for each array asked about the time before. */
export class ArrayModelCache {
  readonly shapes = new KernelShapes();
  #known = new Map<string, Map<number, readonly ArrayEstimate[]>>();
  #earlier: ReadonlyMap<string, Map<number, readonly ArrayEstimate[]>> = new Map();

  /** Estimates on other arrays than those of this time and the time before are forgotten. */
  begin(): void {
    this.#earlier = this.#known;
    this.#known = new Map();
  }

  of(array: ArrayDescription): Map<number, readonly ArrayEstimate[]> {
    const key = JSON.stringify(array);
    const known = this.#known.get(key) ?? this.#earlier.get(key) ?? new Map<number, readonly ArrayEstimate[]>();
    this.#known.set(key, known);
    return known;
  }
}

/**
 * Closed forms: some microseconds an operator and model; equal operators are estimated once.
 * @param cache kept by the caller from edit to edit.
 */
export function arrayModelsOf(
  { graph, mapped }: MappedKernels,
  machine: Machine,
  { format }: Pick<RunSettings, 'format'>,
  cache = new ArrayModelCache(),
): readonly ArrayModelFigures[] {
  cache.begin();
  const arrayFor = drawnArrays(machine, cache);
  const parameters = MODELS.map(({ manifest }) => defaultParameters(manifest.parameters));
  const estimates: ArrayOperatorEstimate[][] = MODELS.map(() => []);
  const cells: number[] = [];
  let macs = 0;
  graph.operators.forEach(({ kernel, inputs, outputs }, operator) => {
    const how = mapped[operator];
    const unit = machine.units[how?.units[0] ?? -1];
    if (!how || kernel.kind !== 'gemm' || unit?.kind !== 'systolic-array') return;
    const typeOf = (tensor: number | undefined) => graph.tensors[tensor ?? -1]?.elementType ?? 'fp32';
    const output = typeOf(outputs[0]);
    const { array, known } = arrayFor(
      unit,
      how.mapping.dataflow ?? 'os',
      bytesPerElement(format, inputs.length > 0 ? typeOf(inputs[0]) : output),
      bytesPerElement(format, kernel.bIsActivation && inputs.length > 1 ? typeOf(inputs[1]) : output),
    );
    const shape = cache.shapes.numberOf(kernel);
    const found = known.get(shape) ?? MODELS.map((model, at) => model.estimate(kernel, array, parameters[at]!));
    known.set(shape, found);
    found.forEach((estimate, at) => {
      estimates[at]!.push({ operator, unit: unit.node, arrays: how.units.length, dataflow: array.dataflow, estimate });
    });
    cells.push(array.rows * array.columns);
    macs += macsOf(kernel);
  });
  return MODELS.map(({ manifest: { id, title, version } }, at) => {
    const operators = estimates[at]!;
    return { id, title, version, operators, totals: totalsOf(operators, cells, macs) };
  });
}

/** The arrays of a machine as the models see them, each made once. */
function drawnArrays(machine: Machine, cache: ArrayModelCache) {
  const made = new Map<
    string,
    { readonly array: ArrayDescription; readonly known: ReturnType<ArrayModelCache['of']> }
  >();
  return (unit: ArrayUnit, dataflow: Dataflow, activation: number, weight: number) => {
    const key = `${unit.node} ${dataflow} ${activation} ${weight}`;
    let found = made.get(key);
    if (!found) {
      const array = drawnArray(machine, unit, dataflow, { activation, weight, partialSum: ACCUMULATOR_BYTES });
      found = { array, known: cache.of(array) };
      made.set(key, found);
    }
    return found;
  };
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
