/**
 * Where the numbers of a model's weights lie: places in the file it came from, and what is computed from them. Plain data;
 * nothing is read until somebody asks. Weights are named as the operator type names them, a constant node's is `value`.
 */
import type { ParameterValues } from '#core/base/value.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';

/**
 * `bytes`: the elements, little-endian, row-major · `varints`: the elements as Protocol Buffers varints (of fp16 and bf16
 * their bits) · `values`: the elements themselves · `series`: element i is start + i·step · `computed`: result `output` of
 * an operator on stored tensors · `absent`: not to be had, for the reason given.
 */
export type StoredData =
  | { readonly kind: 'bytes' | 'varints'; readonly offset: number; readonly length: number }
  | { readonly kind: 'values'; readonly values: readonly number[] }
  | { readonly kind: 'series'; readonly start: number; readonly step: number }
  | Computed
  | { readonly kind: 'absent'; readonly reason: string };

export interface Computed {
  readonly kind: 'computed';
  /** Operator type of the catalog, with complete parameters. */
  readonly operator: string;
  readonly parameters: ParameterValues;
  readonly inputs: readonly (StoredTensor | null)[];
  readonly weights: Readonly<Record<string, StoredTensor>>;
  readonly output: number;
  /** Longest chain of computations below and with this one. */
  readonly depth: number;
}

export interface StoredTensor {
  readonly type: TensorType;
  readonly data: StoredData;
}

export interface StoredWeight extends StoredTensor {
  /** Document node that owns it. */
  readonly node: string;
  readonly name: string;
}

export interface StoredWeights {
  readonly tensors: readonly StoredWeight[];
  /** Nodes whose drawn operator computes something else than the file's, and why. */
  readonly deviations: readonly { readonly node: string; readonly reason: string }[];
}

/** A constant folded from so many operators in a row is not followed. */
export const DEEPEST = 256;

export function depthOf({ data }: StoredTensor): number {
  return data.kind === 'computed' ? data.depth : 0;
}

/** The tensor computed by an operator from stored ones; absent where one of them is, or where the chain is too long. */
export function computed(
  operator: string,
  parameters: ParameterValues,
  inputs: readonly (StoredTensor | null)[],
  weights: Readonly<Record<string, StoredTensor>> = {},
  output = 0,
): StoredData {
  let depth = 1;
  for (const each of [...inputs, ...Object.values(weights)]) {
    if (each?.data.kind === 'absent') return each.data;
    if (each) depth = Math.max(depth, depthOf(each) + 1);
  }
  if (depth > DEEPEST) return { kind: 'absent', reason: `it is folded from more than ${DEEPEST} operators in a row` };
  return { kind: 'computed', operator, parameters, inputs, weights, output, depth };
}
