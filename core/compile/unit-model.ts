/**
 * How a compute unit does a kernel: the interface of techniques of kind `unit`. A mapping is a loop over tiles
 * that both the estimate and the emitted commands come from, so the two cannot drift apart.
 */
import type { ComputeUnit, Dataflow } from '#core/architecture/machine.ts';
import type { Result } from '#core/base/result.ts';
import type { Kernel } from '#core/catalog/operator-type.ts';
import type { Manifest } from '#core/technique/technique.ts';

/** Tile indices: group block, m, n and k block. Units without a GEMM use m alone. */
export type Axis = 'g' | 'm' | 'n' | 'k';

export interface TileCounts {
  readonly g: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

export interface TileLoop {
  readonly counts: TileCounts;
  /** Extents of a full tile; the last one of an axis may be smaller. Absent where tiles are not blocks of a product. */
  readonly tile?: TileCounts;
  /** `m`: n runs inside m (operand A stays); `n`: m runs inside n (operand B stays). g is outermost, k innermost. */
  readonly outer: 'm' | 'n';
}

/** One streamed operand: which tile indices select a piece of it. */
export interface OperandAccess {
  readonly axes: readonly Axis[];
}

/** Accesses to the unit's own buffers over the whole kernel, elements; for the energy estimate. */
export interface BufferAccesses {
  readonly inputReads: number;
  readonly weightReads: number;
  readonly outputWrites: number;
}

export interface Mapping {
  /** Shown to people: `weight-stationary, 196 × 64 × 576 in 7 × 2 × 1 tiles`. */
  readonly description: string;
  readonly dataflow: Dataflow | null;
  readonly loop: TileLoop;
  /** Activations; every tensor operand of the kernel is accessed alike, except a second activation of a GEMM. */
  readonly inputs: OperandAccess;
  /** Weights, or the second activation of a GEMM. */
  readonly weights: OperandAccess;
  readonly outputs: OperandAccess;
  /** Cycles of the unit's clock for one tile. */
  tileCycles(g: number, m: number, n: number, k: number): number;
  /** Σ tileCycles. */
  readonly cycles: number;
  /** MACs a cycle the unit could do at best; 0 for units that do not multiply-accumulate. */
  readonly peakMacsPerCycle: number;
  /** Simple operations other than MACs (lane operations, function evaluations). */
  readonly operations: number;
  readonly accesses: BufferAccesses;
  /** Groups of a product side by side on the unit; absent is 1. */
  readonly groupsAtOnce?: number;
  /** Of `cycles` those in which operands stream past the cells of an array; in the rest it fills and drains. */
  readonly streamCycles?: number;
}

/** Bytes the tiling has to respect and the traffic the objective weighs. */
export interface MappingContext {
  readonly inputElementBytes: number;
  readonly weightElementBytes: number;
  readonly outputElementBytes: number;
  /** Whole-tensor bytes of all activations read, of weights, and of results. */
  readonly inputBytes: number;
  readonly weightBytes: number;
  readonly outputBytes: number;
  /** Every operand, the weights and every result as they are cut into chunks, at whole elements; absent: evenly. */
  readonly streams?: readonly { readonly elements: number; readonly elementBytes: number }[];
  /** Of the second activation when the kernel has one (then weightBytes is its size too). */
  readonly offChipBytesPerCycle: number;
  /** Equal units that share the tiles. */
  readonly parallel: number;
  readonly objective: 'cycles' | 'off-chip';
}

export interface UnitModel {
  readonly manifest: Manifest<'unit'>;
  /** The component type it models. */
  readonly component: ComputeUnit['kind'];
  /** The best mapping of the kernel, or null when this unit cannot do it. */
  map(kernel: Kernel, unit: ComputeUnit, context: MappingContext): Mapping | null;
  /** The mapping with a tiling that is given instead of searched for; the error says in words why this unit cannot do it so. */
  mapAs(kernel: Kernel, unit: ComputeUnit, context: MappingContext, tiling: GivenTiling): Result<Mapping, string>;
}

/** Extents of the tiles of a product, or into how many chunks lanes take a kernel; `outer` only labels the order of tiles. */
export type GivenTiling =
  | {
      readonly kind: 'tile';
      readonly tile: TileCounts;
      readonly dataflow: Dataflow;
      readonly outer: TileLoop['outer'];
    }
  | { readonly kind: 'chunks'; readonly chunks: number };

/** Off-chip bytes when nothing is resident: each operand's bytes times the passes the loop makes over it. */
export function streamedBytes(
  loop: TileLoop,
  context: Pick<MappingContext, 'inputBytes' | 'weightBytes' | 'outputBytes'>,
): number {
  return context.inputBytes * passes(loop, 'm') + context.weightBytes * passes(loop, 'n') + context.outputBytes;
}

/**
 * How often an operand with axes (g, own, k) is streamed: once while its piece or all of it stays in the buffer,
 * else once for every block of the other axis.
 */
export function passes({ counts, outer }: TileLoop, own: 'm' | 'n'): number {
  return passesOf(counts[own], counts[own === 'm' ? 'n' : 'm'], counts.k, outer === own);
}

/** The same by counts: blocks of its own axis, of the other one, of k; whether its own is the outer loop. */
export function passesOf(own: number, other: number, k: number, isOuter: boolean): number {
  if (other === 1) return 1;
  return k === 1 && (isOuter || own === 1) ? 1 : other;
}
