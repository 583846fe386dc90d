/**
 * HiGHS (Huangfu and Hall, doi 10.1007/s12532-017-0130-5) compiled to WebAssembly, behind the MIP facade.
 * The only file that knows it. Single-threaded: setting `threads` or `parallel` on a persistent model throws.
 * Native memory is not garbage collected, so each model is disposed of whatever happens.
 */
import load, { type Highs, type HighsCallbackMap, type InitOptions, type ModelData } from 'highs';
import { completeMipOptions, type MipModel, type MipOptions, type MipSolution, type MipSolver } from './mip.ts';

/** Where the WebAssembly comes from, for hosts in which it does not lie beside the loader. */
export type HighsSource = Pick<InitOptions, 'wasmBinary' | 'locateFile'>;

/**
 * Loads and compiles the solver; some 40 ms. Call once a worker and keep the result.
 * @throws when the WebAssembly cannot be found or compiled: an installation fault, not a user's.
 */
export async function loadHighs(source: HighsSource = {}): Promise<MipSolver> {
  const highs = await load(source);
  return { id: 'highs', version: highs.version.string, solve: (model, options = {}) => solve(highs, model, options) };
}

function solve(highs: Highs, model: MipModel, options: MipOptions): MipSolution {
  if (model.columns.length === 0)
    return { status: 'optimal', objective: model.offset, bound: model.offset, values: new Float64Array(0), nodes: 0 };
  return highs.withModel(modelData(highs, model), (native): MipSolution => {
    const { nodeLimit, absoluteGap, control, onProgress, start } = completeMipOptions(options);
    native.options.set({
      output_flag: false,
      random_seed: 0,
      mip_rel_gap: 0,
      mip_abs_gap: absoluteGap,
      mip_max_nodes: nodeLimit,
    });
    if (start) native.setSolution({ colValue: Float64Array.from(start) });

    let cancelled = false;
    const { callbackType, modelStatus } = highs.constants;
    const stop = (event: { interrupt(): void }): undefined => {
      if (control.cancelled()) {
        cancelled = true;
        event.interrupt();
      }
    };
    const tell = (data: { mip_primal_bound?: number; mip_dual_bound?: number }): void =>
      onProgress({ incumbent: data.mip_primal_bound ?? Infinity, bound: data.mip_dual_bound ?? -Infinity });
    const callbacks: HighsCallbackMap = {
      [callbackType.simplexInterrupt]: stop,
      [callbackType.mipInterrupt]: (event: { interrupt(): void; data: Parameters<typeof tell>[0] }): undefined => {
        tell(event.data);
        return stop(event);
      },
      [callbackType.mipImprovingSolution]: (event: { data: Parameters<typeof tell>[0] }): undefined =>
        tell(event.data) as undefined,
    };
    const status = native.run(callbacks).modelStatus;

    const hasPoint = native.info.get('primal_solution_status') === 2;
    const objective = hasPoint ? native.getObjectiveValue() : Infinity;
    const isMip = model.columns.some((column) => column.integer);
    const isOptimal = status === modelStatus.optimal;
    const dual = isMip ? Number(native.info.get('mip_dual_bound')) : isOptimal ? objective : -Infinity;
    return {
      status: cancelled
        ? 'cancelled'
        : isOptimal
          ? 'optimal'
          : status === modelStatus.infeasible
            ? 'infeasible'
            : status === modelStatus.unbounded || status === modelStatus.unboundedOrInfeasible
              ? 'unbounded'
              : status === modelStatus.solutionLimit || status === modelStatus.iterationLimit
                ? 'limit'
                : 'failed',
      objective,
      bound: Number.isFinite(dual) ? dual : -Infinity,
      values: hasPoint ? native.getSolution().colValue : null,
      nodes: isMip ? Math.max(0, Number(native.info.get('mip_node_count'))) : 0,
    };
  });
}

function modelData(highs: Highs, model: MipModel): ModelData {
  const { columns, rows } = model;
  const starts = new Int32Array(rows.length + 1);
  rows.forEach((row, index) => {
    starts[index + 1] = starts[index]! + row.columns.length;
  });
  const { integer, continuous } = highs.constants.variableType;
  return {
    numCols: columns.length,
    numRows: rows.length,
    offset: model.offset,
    colCost: columns.map((column) => column.cost),
    colLower: columns.map((column) => column.lower),
    colUpper: columns.map((column) => column.upper),
    rowLower: rows.map((row) => row.lower),
    rowUpper: rows.map((row) => row.upper),
    integrality: columns.map((column) => (column.integer ? integer : continuous)),
    matrix: {
      format: 'csr',
      numRows: rows.length,
      numCols: columns.length,
      starts,
      indices: Int32Array.from(rows.flatMap((row) => row.columns)),
      values: Float64Array.from(rows.flatMap((row) => row.values)),
    },
  };
}
