/**
 * The interface of techniques of kind `array-model`: cycles and traffic of one matrix product or convolution on a
 * systolic array, as one named model counts them. Pure and closed-form, so that models can stand side by side and
 * follow an edit. Operands are named as in a convolution: input (ifmap), weight (filter), output (ofmap).
 */
import type { Dataflow } from '#core/architecture/machine.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { ConvolutionWindow } from '#core/catalog/operator-type.ts';
import type { Manifest } from '#core/technique/technique.ts';

/** A GEMM-shaped kernel of the catalog fits as it is: `groups` independent products [m×k]·[k×n]. */
export interface ArrayWorkload {
  readonly groups: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Where the product is a lowered convolution; its input is the unpadded image, channels of all groups. */
  readonly convolution?: ConvolutionWindow;
}

export type Operand = 'input' | 'weight' | 'output';

/** off-chip: memory to chip. buffers: scratchpad to operand buffers. cells: operand buffers to the edge of the array. */
export type PortLevel = 'off-chip' | 'buffers' | 'cells';

export interface ArrayPort {
  readonly name: string;
  readonly level: PortLevel;
  /** Which operands share it. */
  readonly operands: readonly Operand[];
  /** Bytes a cycle of the array's clock. */
  readonly bytesPerCycle: number;
}

export interface ArrayDescription {
  readonly rows: number;
  readonly columns: number;
  readonly dataflow: Dataflow;
  /** Bytes of each operand's own buffer. */
  readonly bufferBytes: Readonly<Record<Operand, number>>;
  readonly elementBytes: Readonly<Record<Operand, number>>;
  /** Bytes of a partial sum on its way to becoming an output. */
  readonly partialSumBytes: number;
  /** Between off-chip memory and the operand buffers; 0 where there is none. */
  readonly scratchpadBytes: number;
  readonly ports: readonly ArrayPort[];
}

/** Elements. `null` where the model has no closed form (see its README). */
export interface OperandCounts<Count = number> {
  readonly ifmapReads: Count;
  readonly filterReads: Count;
  readonly ofmapWrites: Count;
  /** Partial sums read back. */
  readonly ofmapReads: Count;
}

export interface ArrayEstimate {
  /** Stalls included. Null where only a replay of the memories would tell. */
  readonly cycles: number | null;
  readonly stallCycles: number | null;
  /** Percent of rows × columns × cycles that multiply-accumulate. */
  readonly overallUtilisation: number | null;
  /** Percent of cells that hold work, averaged over folds. */
  readonly mappingEfficiency: number;
  /** Percent of cells that multiply-accumulate, while a fold is computed (each model's README says of which cycles). */
  readonly computeUtilisation: number;
  /** Accesses between operand buffers and the array. */
  readonly sram: OperandCounts;
  /** Accesses off chip. */
  readonly dram: OperandCounts<number | null>;
  /** What sets the time: `compute` or the name of a port; null where the model has no ports. */
  readonly limit: string | null;
}

export interface ArrayModel {
  readonly manifest: Manifest<'array-model'>;
  /** @param parameters complete, as the manifest declares them. */
  estimate(workload: ArrayWorkload, array: ArrayDescription, parameters: ParameterValues): ArrayEstimate;
}

export function macsOf({ groups, m, n, k }: ArrayWorkload): number {
  return groups * m * n * k;
}
