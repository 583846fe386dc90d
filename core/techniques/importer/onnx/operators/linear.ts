/** Gemm, MatMul and their quantised and fused kin. A constant right operand makes a dense layer. */
import type { Call } from '../fold.ts';
import { constantAt, type Mapper, type Mappers, type Mapping } from '../mapping.ts';
import type { Value } from '../values.ts';

/** `outputType` 'same' or an element type. */
function product(a: Value | null, b: Value | null, outputType: string): Mapping | null {
  if (!a || !b) return null;
  if (b.kind === 'constant' && a.kind === 'flow' && b.type.shape.length === 2) {
    const [rows = 1, units = 1] = b.type.shape;
    if (a.type && a.type.shape.at(-1) !== rows) return null;
    return { type: 'dense', parameters: { units, bias: false, outputType }, inputs: [a], weight: b };
  }
  const isBatched = (a.type?.shape.length ?? 0) > 2 && (b.type?.shape.length ?? 0) > 2;
  return { type: isBatched ? 'batched-matmul' : 'matmul', parameters: { outputType }, inputs: [a, b] };
}

const gemm: Mapper = (call) => {
  const [a = null, b = null, given = null] = call.inputs;
  const c = call.attributes.float('beta', 1) === 0 ? null : given;
  const transposeA = call.attributes.integer('transA', 0) !== 0;
  const transposeB = call.attributes.integer('transB', 0) !== 0;
  const weight = constantAt(call, 1);
  if (a?.kind === 'flow' && weight?.type.shape.length === 2 && !transposeA && c?.kind !== 'flow') {
    const [first = 1, second = 1] = weight.type.shape;
    const [rows, units] = transposeB ? [second, first] : [first, second];
    if (a.type && a.type.shape.at(-1) !== rows) return null;
    return { type: 'dense', parameters: { units, bias: c !== null }, inputs: [a], weight };
  }
  if (!a || !b) return null;
  return { type: 'gemm', parameters: { transposeA, transposeB }, inputs: c ? [a, b, c] : [a, b] };
};

function fusedMatMul(call: Call): Mapping | null {
  const transposeA = call.attributes.integer('transA', 0) !== 0;
  const transposeB = call.attributes.integer('transB', 0) !== 0;
  if (!transposeA && !transposeB) return product(call.inputs[0] ?? null, call.inputs[1] ?? null, 'same');
  const [a = null, b = null] = call.inputs;
  return a && b ? { type: 'gemm', parameters: { transposeA, transposeB }, inputs: [a, b] } : null;
}

export const LINEAR: Mappers = {
  MatMul: (call) => product(call.inputs[0] ?? null, call.inputs[1] ?? null, 'same'),
  MatMulInteger: (call) => product(call.inputs[0] ?? null, call.inputs[1] ?? null, 'int32'),
  QLinearMatMul: (call) =>
    product(call.inputs[0] ?? null, call.inputs[3] ?? null, call.inputs[7]?.type?.elementType ?? 'same'),
  Gemm: gemm,
  FusedGemm: gemm,
  FusedMatMul: fusedMatMul,
  Einsum: (call) => ({
    type: 'einsum',
    parameters: { equation: call.attributes.text('equation') },
    inputs: call.inputs,
  }),
};

export const QUANTISED_LINEAR: Mappers = {
  QGemm(call) {
    const weight = constantAt(call, 3);
    const a = call.inputs[0];
    if (a?.kind !== 'flow' || weight?.type.shape.length !== 2 || call.attributes.integer('transA', 0) !== 0)
      return null;
    const [first = 1, second = 1] = weight.type.shape;
    const units = call.attributes.integer('transB', 0) !== 0 ? first : second;
    const outputType = call.inputs[8]?.type?.elementType ?? 'fp32';
    return {
      type: 'dense',
      parameters: { units, bias: (call.inputs[6] ?? null) !== null, outputType },
      inputs: [a],
      weight,
    };
  },
};
