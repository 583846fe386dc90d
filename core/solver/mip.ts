/**
 * The facade behind which a mixed-integer solver stands: minimise c·x, rowLower ≤ A x ≤ rowUpper,
 * lower ≤ x ≤ upper, some x whole. Algorithms speak to this alone; which solver it is, is the host's choice.
 * Budgets are nodes, never seconds, so that the same model gives the same answer on every machine.
 */
import { type Control, uncontrolled } from '#core/base/control.ts';

export interface MipColumn {
  readonly cost: number;
  readonly lower: number;
  readonly upper: number;
  readonly integer: boolean;
}

/** `columns[i]` has the coefficient `values[i]`; no column is named twice. */
export interface MipRow {
  readonly lower: number;
  readonly upper: number;
  readonly columns: readonly number[];
  readonly values: readonly number[];
}

export interface MipModel {
  readonly columns: readonly MipColumn[];
  readonly rows: readonly MipRow[];
  /** Constant added to the objective. */
  readonly offset: number;
}

export interface MipProgress {
  /** Best objective found, +∞ before the first. */
  readonly incumbent: number;
  /** Proven lower bound on the objective, −∞ before the first. */
  readonly bound: number;
}

export interface MipOptions {
  /** Branch-and-bound nodes after which the best so far is returned; 1 stops after the root. */
  readonly nodeLimit?: number;
  /** Stops when incumbent − bound ≤ this. */
  readonly absoluteGap?: number;
  /** A feasible point to begin from, one value a column; an infeasible one is ignored or repaired. */
  readonly start?: ArrayLike<number>;
  readonly control?: Control;
  readonly onProgress?: (progress: MipProgress) => void;
}

export interface MipSolution {
  /** limit: a budget ran out · cancelled: `control.cancelled()` said so · failed: the solver gave up without a verdict. */
  readonly status: 'optimal' | 'infeasible' | 'unbounded' | 'limit' | 'cancelled' | 'failed';
  /** Objective of `values`, +∞ without one. */
  readonly objective: number;
  /** Proven lower bound, −∞ without one. */
  readonly bound: number;
  readonly values: Float64Array | null;
  readonly nodes: number;
}

export interface MipSolver {
  readonly id: string;
  readonly version: string;
  solve(model: MipModel, options?: MipOptions): MipSolution;
}

/** Collects columns and rows; `build()` hands over an immutable model. */
export interface MipBuilder {
  /** @returns the column's index. */
  column(cost: number, lower?: number, upper?: number, integer?: boolean): number;
  /** Adds lower ≤ Σ value·x ≤ upper; terms of the same column are summed. */
  row(lower: number, upper: number, terms: Iterable<readonly [column: number, value: number]>): void;
  /** Adds a constant to the objective. */
  constant(value: number): void;
  build(): MipModel;
}

export function mipBuilder(): MipBuilder {
  const columns: MipColumn[] = [];
  const rows: MipRow[] = [];
  let offset = 0;
  return {
    column(cost, lower = 0, upper = 1, integer = false) {
      columns.push({ cost, lower, upper, integer });
      return columns.length - 1;
    },
    row(lower, upper, terms) {
      const sums = new Map<number, number>();
      for (const [column, value] of terms) sums.set(column, (sums.get(column) ?? 0) + value);
      rows.push({ lower, upper, columns: [...sums.keys()], values: [...sums.values()] });
    },
    constant(value) {
      offset += value;
    },
    build: () => ({ columns: [...columns], rows: [...rows], offset }),
  };
}

/** A solver without search: for hosts that have none. Every answer built on it is a heuristic with an open gap. */
export const withoutMip: MipSolver = {
  id: 'none',
  version: '0',
  solve: () => ({ status: 'failed', objective: Infinity, bound: -Infinity, values: null, nodes: 0 }),
};

/**
 * A node limit that means about the same effort on every model: full up to 300 columns, beyond that fewer by the
 * square, as both the relaxation and the branching on it grow. At least the root.
 */
export function scaledNodeLimit(nodeLimit: number, model: MipModel): number {
  const excess = Math.max(1, model.columns.length / 300);
  return Math.max(1, Math.floor(nodeLimit / excess ** 2));
}

/**
 * The least whole objective a bound allows, for a model whose objective is a whole number ≥ 0: the bound rounded up,
 * less what floating point may have added to it.
 */
export function wholeBound(bound: number): number {
  return Math.max(0, Math.ceil(bound - 1e-6 - 1e-9 * Math.abs(bound)));
}

/** Fills in the defaults of {@link MipOptions}. */
export function completeMipOptions(
  options: MipOptions,
): Required<Omit<MipOptions, 'start'>> & Pick<MipOptions, 'start'> {
  return { nodeLimit: 10_000, absoluteGap: 1e-6, control: uncontrolled, onProgress: () => {}, ...options };
}
