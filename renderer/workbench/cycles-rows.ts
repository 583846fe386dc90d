/** The named cycle models of arrays beside the simulated cycles, a row an operator on an array. */
import type { ArrayEstimate } from '#core/cost/array-model.ts';
import type { ArrayModelFigures, OperatorResult, RunResult } from '#core/run/result.ts';

/** From counting the fewest effects to counting the most; models this list does not know come last, as they come. */
export const MODEL_ORDER: readonly string[] = [
  'array-model/scalesim-v3',
  'array-model/drain-aware',
  'array-model/bandwidth-bound',
];

export function inModelOrder<Model extends { readonly id: string }>(models: readonly Model[]): readonly Model[] {
  const rank = ({ id }: Model) => (MODEL_ORDER.includes(id) ? MODEL_ORDER.indexOf(id) : MODEL_ORDER.length);
  return models.toSorted((a, b) => rank(a) - rank(b));
}

export interface CyclesRow {
  readonly index: number;
  readonly operator: OperatorResult;
  readonly dataflow: string;
  /** Equal arrays that share it in the run; a model counts one that does it all. */
  readonly arrays: number;
  /** By model, as `models` has them; null where a model has no figure of it. */
  readonly estimates: readonly (ArrayEstimate | null)[];
  /** Cycles of the array's clock for each of the run's. */
  readonly busyCycles: number;
}

/** @param cyclesPerTick of the array on which an operator runs. */
export function cyclesRows(
  { operators }: RunResult,
  models: readonly ArrayModelFigures[],
  cyclesPerTick: (unit: string) => number,
): readonly CyclesRow[] {
  const byOperator = models.map((model) => new Map(model.operators.map((one) => [one.operator, one])));
  return operators.flatMap((operator) => {
    const found = byOperator.map((known) => known.get(operator.index));
    const first = found.find((one) => one !== undefined);
    if (!first) return [];
    return {
      index: operator.index,
      operator,
      dataflow: first.dataflow,
      arrays: first.arrays,
      estimates: found.map((one) => one?.estimate ?? null),
      busyCycles: operator.busyCycles * cyclesPerTick(first.unit),
    };
  });
}

/** How far an estimate lies from what was simulated, of the latter; null where either is missing. */
export function deviation(estimate: number | null, simulated: number): number | null {
  return estimate === null || simulated === 0 ? null : estimate / simulated - 1;
}

/** `+3.2 %`, `−12 %`, `0 %`. */
export function deviationText(share: number): string {
  const percent = 100 * share;
  const size = Math.abs(percent);
  if (size < 0.05) return '0 %';
  return `${percent > 0 ? '+' : '−'}${size >= 100 ? Math.round(size).toLocaleString('en-GB') : size.toPrecision(2)} %`;
}
