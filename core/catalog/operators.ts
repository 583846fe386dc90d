/** The operator types of models, in the order of the palette; to add one, write it in operators/ and list it here. */
import type { OperatorType } from './operator-type.ts';
import { activation, prelu } from './operators/activation.ts';
import { conv, convTranspose, depthwiseConv } from './operators/convolution.ts';
import { compare, elementwise, where } from './operators/elementwise.ts';
import { constant, input, output } from './operators/interface.ts';
import { batchedMatmul, dense, einsum, gemm, matmul } from './operators/linear.ts';
import { embedding, gather, scatter } from './operators/lookup.ts';
import { concat, depthToSpace, expand, pad, resize, slice, spaceToDepth, split, tile } from './operators/movement.ts';
import { batchNorm, groupNorm, instanceNorm, layerNorm, lrn, rmsNorm, softmax } from './operators/normalisation.ts';
import { opaque } from './operators/opaque.ts';
import { pool } from './operators/pooling.ts';
import { dequantize, dynamicQuantize, quantize } from './operators/quantisation.ts';
import { gru, lstm, rnn } from './operators/recurrent.ts';
import { argReduce, cumulativeSum, reduce, topK } from './operators/reduction.ts';
import { cast, dropout, flatten, identity, reshape, squeeze, transpose, unsqueeze } from './operators/views.ts';

export const OPERATOR_TYPES: readonly OperatorType[] = [
  input,
  output,
  constant,
  dense,
  matmul,
  batchedMatmul,
  gemm,
  einsum,
  conv,
  depthwiseConv,
  convTranspose,
  elementwise,
  compare,
  where,
  activation,
  prelu,
  pool,
  batchNorm,
  layerNorm,
  rmsNorm,
  groupNorm,
  instanceNorm,
  lrn,
  softmax,
  embedding,
  concat,
  split,
  slice,
  reshape,
  flatten,
  squeeze,
  unsqueeze,
  transpose,
  pad,
  resize,
  gather,
  scatter,
  expand,
  tile,
  spaceToDepth,
  depthToSpace,
  identity,
  dropout,
  cast,
  reduce,
  argReduce,
  topK,
  cumulativeSum,
  lstm,
  gru,
  rnn,
  quantize,
  dequantize,
  dynamicQuantize,
  opaque,
];

const byId = new Map(OPERATOR_TYPES.map((type) => [type.id, type]));

/** The operator type called `id`, or undefined (a file may name types of a newer version). */
export function operatorType(id: string): OperatorType | undefined {
  return byId.get(id);
}
