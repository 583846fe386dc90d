/**
 * What the cells of an array do while a kernel runs on it. Cells × cycles are multiply-accumulates, cells with nothing to do
 * while operands stream, and filling and draining; nothing else, so the three add up.
 */
import type { Machine } from '#core/architecture/machine.ts';
import type { KernelOperator } from './kernel-graph.ts';
import type { MappedOperator } from './map.ts';

/** Why cells are empty while operands stream: the first that holds. */
export type EmptyBecause = 'depthwise' | 'grouped' | 'few-rows' | 'few-columns' | 'ragged-edges' | 'none';

export interface ArrayUse {
  /** Cell-cycles of the array over the kernel, and their parts. */
  readonly total: number;
  readonly macs: number;
  readonly empty: number;
  readonly fillAndDrain: number;
  /** macs ÷ total, 0…1. */
  readonly utilisation: number;
  /** Share of the cells that hold work while operands stream, 0…1. */
  readonly occupancy: number;
  readonly because: EmptyBecause;
}

/** Null where the kernel does not run on an array. */
export function arrayUse(
  { kernel, macs }: KernelOperator,
  { mapping, units }: MappedOperator,
  machine: Machine,
): ArrayUse | null {
  const unit = machine.units[units[0] ?? -1];
  if (unit?.kind !== 'systolic-array' || kernel.kind !== 'gemm' || mapping.streamCycles === undefined) return null;
  const cells = unit.rows * unit.columns;
  const total = cells * mapping.cycles;
  const streaming = cells * mapping.streamCycles;
  const empty = streaming - macs;
  const [spatialRows, spatialColumns] = {
    os: [kernel.m, kernel.n],
    ws: [kernel.k, kernel.n],
    is: [kernel.k, kernel.m],
  }[mapping.dataflow ?? 'os'] as [number, number];
  const because = (): EmptyBecause => {
    if (empty === 0) return 'none';
    if (kernel.groups > 1 && !kernel.bIsActivation) return kernel.n === 1 ? 'depthwise' : 'grouped';
    if (spatialColumns < unit.columns) return 'few-columns';
    if (spatialRows < unit.rows) return 'few-rows';
    return 'ragged-edges';
  };
  return {
    total,
    macs,
    empty,
    fillAndDrain: total - streaming,
    utilisation: macs / total,
    occupancy: streaming === 0 ? 0 : macs / streaming,
    because: because(),
  };
}
