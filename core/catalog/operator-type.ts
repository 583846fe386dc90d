/**
 * An operator type: ports, parameters and pure functions, declared once (one file an operator family in
 * `operators/`). Shapes are row-major, outermost first (NCHW for images); every dimension is a positive
 * integer by the time `infer` sees it.
 */
import type { Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { ParameterSpec } from './parameter.ts';

export const ELEMENT_TYPES = [
  'fp32',
  'fp16',
  'bf16',
  'fp64',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'string',
  'other',
] as const;
export type ElementType = (typeof ELEMENT_TYPES)[number];

/** Bytes of one element; none for types of no fixed width. */
export const ELEMENT_BYTES: Readonly<Partial<Record<ElementType, number>>> = {
  fp32: 4,
  fp16: 2,
  bf16: 2,
  fp64: 8,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
};

export interface TensorType {
  readonly shape: readonly number[];
  readonly elementType: ElementType;
}

/** A port of an operator. `variadic` stands for ports `<id>0`, `<id>1`, …; `optional` may stay unconnected. */
export interface OperandSpec {
  readonly id: string;
  readonly title: string;
  readonly variadic?: boolean;
  readonly optional?: boolean;
}

/** A trained operand that belongs to the operator (kernel, bias, scale): counted, streamed, never stored in a document. */
export interface WeightTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** False for running statistics and other operands that are not trained parameters. */
  readonly trained?: boolean;
}

/**
 * What one compute unit sees. `gemm`: `groups` independent products [m×k]·[k×n]; operandA streams (activations),
 * operandB is stationary (weights unless `bIsActivation`). `vector`: `elements` × `operationsPerElement` on lanes.
 * `special`: transcendental evaluations beside vector work (softmax, GELU). `move`: bytes copied, nothing computed.
 * `view`: nothing at all happens (reshape of a contiguous tensor).
 */
export type Kernel =
  | {
      readonly kind: 'gemm';
      readonly groups: number;
      readonly m: number;
      readonly n: number;
      readonly k: number;
      readonly bIsActivation: boolean;
      readonly convolution?: ConvolutionWindow;
    }
  | { readonly kind: 'vector'; readonly elements: number; readonly operationsPerElement: number }
  | {
      readonly kind: 'special';
      readonly elements: number;
      readonly operationsPerElement: number;
      readonly evaluations: number;
    }
  | { readonly kind: 'move'; readonly elements: number }
  | { readonly kind: 'view' };

/** The window of a convolution lowered to GEMM: k = channels per group × kernelHeight × kernelWidth. */
export interface ConvolutionWindow {
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  /** Distance of neighbouring taps; absent is 1. */
  readonly dilationHeight?: number;
  readonly dilationWidth?: number;
}

/** How a later operator may be merged into the producer of its first operand. */
export type FusionRole = 'normalisation' | 'activation' | 'bias' | 'none';

export const OPERATOR_CATEGORIES = [
  'interface',
  'linear',
  'convolution',
  'elementwise',
  'activation',
  'pooling',
  'normalisation',
  'attention',
  'layout',
  'reduction',
  'recurrent',
  'quantisation',
  'opaque',
] as const;
export type OperatorCategory = (typeof OPERATOR_CATEGORIES)[number];

export interface OperatorType {
  /** kebab-case, stable: it is in files. */
  readonly id: string;
  readonly title: string;
  readonly category: OperatorCategory;
  readonly summary: string;
  /** Where the definition is from, e.g. 'ONNX operators, Conv-22'. */
  readonly source: string;
  readonly keywords: readonly string[];
  readonly inputs: readonly OperandSpec[];
  readonly outputs: readonly OperandSpec[];
  readonly parameters: readonly ParameterSpec[];
  readonly fusion: FusionRole;
  /** False: not offered in the palette (only an importer makes it). */
  readonly inPalette: boolean;
  /** Output types, one per output port in use; on failure one sentence with the shapes in it. Unconnected optional inputs come as null. */
  infer(inputs: readonly (TensorType | null)[], parameters: ParameterValues): Result<readonly TensorType[], string>;
  weights(inputs: readonly (TensorType | null)[], parameters: ParameterValues): readonly WeightTensor[];
  /** Multiply-accumulates of one evaluation. */
  macs(inputs: readonly (TensorType | null)[], outputs: readonly TensorType[], parameters: ParameterValues): number;
  kernel(inputs: readonly (TensorType | null)[], outputs: readonly TensorType[], parameters: ParameterValues): Kernel;
}

export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const extent of shape) count *= extent;
  return count;
}
