/** Gemm, MatMul and their quantised and fused kin. A constant right operand makes a dense layer. */
import type { Call } from '../fold.ts';
import {
  constantAt,
  isGiven,
  type Mapper,
  type Mappers,
  type Mapping,
  type Quantities,
  quantities,
  repeated,
  scaled,
  transposed,
} from '../mapping.ts';
import type { Constant, Value } from '../values.ts';

interface Arithmetic {
  readonly arithmetic: 'plain' | 'integer' | 'requantised';
  /** 'same' or an element type. */
  readonly outputType: string;
  /** Of a product whose operands are called so; `units` of the second. */
  readonly scales: (names: readonly [string, string], units: readonly number[]) => readonly Quantities[];
}

const plain: Arithmetic = { arithmetic: 'plain', outputType: 'same', scales: () => [] };

function product(
  call: Call,
  a: Value | null,
  b: Value | null,
  { arithmetic, outputType, scales }: Arithmetic,
): Mapping | null {
  if (!a || !b) return null;
  if (b.kind === 'constant' && a.kind === 'flow' && b.type.shape.length === 2) {
    const [rows = 1, units = 1] = b.type.shape;
    if (a.type && a.type.shape.at(-1) !== rows) return null;
    const weights = { weight: b, ...quantities(call, scales(['input', 'weight'], [units])) };
    return {
      type: 'dense',
      parameters: { units, bias: false, arithmetic, outputType },
      inputs: [a],
      weight: b,
      weights,
    };
  }
  const isBatched = (a.type?.shape.length ?? 0) > 2 && (b.type?.shape.length ?? 0) > 2;
  return {
    type: isBatched ? 'batched-matmul' : 'matmul',
    parameters: { arithmetic, outputType },
    inputs: [a, b],
    weights: quantities(call, scales(['left', 'right'], [])),
  };
}

/** Whether an addend is a bias: one that differs between rows is not. */
function isSameInRows({ type: { shape } }: Constant, units: number): boolean {
  return shape.slice(0, -1).every((extent) => extent === 1) && [undefined, 1, units].includes(shape.at(-1));
}

const gemm: Mapper = (call) => {
  const [a = null, b = null, given = null] = call.inputs;
  const alpha = call.attributes.float('alpha', 1);
  const beta = call.attributes.float('beta', 1);
  const c = beta === 0 ? null : given;
  const transposeA = call.attributes.integer('transA', 0) !== 0;
  const transposeB = call.attributes.integer('transB', 0) !== 0;
  const fused = call.attributes.text('activation');
  const deviation = fused === '' ? null : `its activation '${fused}' is not drawn`;
  const weight = constantAt(call, 1);
  const [first = 1, second = 1] = weight?.type.shape ?? [];
  const [rows, units] = transposeB ? [second, first] : [first, second];
  const bias = c?.kind === 'constant' && isSameInRows(c, units) ? c : null;
  if (a?.kind === 'flow' && weight?.type.shape.length === 2 && !transposeA && (c === null || bias)) {
    if (a.type && a.type.shape.at(-1) !== rows) return null;
    return {
      type: 'dense',
      parameters: { units, bias: bias !== null },
      inputs: [a],
      weight,
      weights: {
        weight: scaled(transposeB ? transposed(weight) : weight, alpha),
        bias: bias && repeated(scaled(bias, beta), [units]),
      },
      deviation,
    };
  }
  if (!a || !b) return null;
  return {
    type: 'gemm',
    parameters: { transposeA, transposeB, alpha, beta },
    inputs: c ? [a, b, c] : [a, b],
    deviation,
  };
};

function fusedMatMul(call: Call): Mapping | null {
  const transposeA = call.attributes.integer('transA', 0) !== 0;
  const transposeB = call.attributes.integer('transB', 0) !== 0;
  const alpha = call.attributes.float('alpha', 1);
  const swapsBatch = call.attributes.integer('transBatchA', 0) + call.attributes.integer('transBatchB', 0) !== 0;
  const deviation = swapsBatch ? 'it moves a batch axis' : null;
  const [a = null, b = null] = call.inputs;
  if (!transposeA && !transposeB && alpha === 1) {
    const made = product(call, a, b, plain);
    return made && { ...made, deviation };
  }
  return a && b ? { type: 'gemm', parameters: { transposeA, transposeB, alpha }, inputs: [a, b], deviation } : null;
}

const elementTypeAt = (call: Call, at: number, otherwise: 'int8' | 'uint8') =>
  call.inputs[at]?.type?.elementType ?? otherwise;

const productOfIntegers: Mapper = (call) =>
  product(call, call.inputs[0] ?? null, call.inputs[1] ?? null, {
    arithmetic: 'integer',
    outputType: 'int32',
    scales: ([left, right], units) => [
      { name: left, zeroPoint: 2, shape: [], elementType: elementTypeAt(call, 0, 'uint8') },
      { name: right, zeroPoint: 3, shape: units, elementType: elementTypeAt(call, 1, 'uint8') },
    ],
  });

const quantisedProduct: Mapper = (call) =>
  product(call, call.inputs[0] ?? null, call.inputs[3] ?? null, {
    arithmetic: 'requantised',
    outputType: call.inputs[7]?.type?.elementType ?? 'same',
    scales: ([left, right], units) => [
      { name: left, scale: 1, zeroPoint: 2, shape: [], elementType: elementTypeAt(call, 0, 'uint8') },
      { name: right, scale: 4, zeroPoint: 5, shape: units, elementType: elementTypeAt(call, 3, 'int8') },
      { name: 'output', scale: 6, zeroPoint: 7, shape: [], elementType: elementTypeAt(call, 7, 'uint8') },
    ],
  });

export const LINEAR: Mappers = {
  MatMul: (call) => product(call, call.inputs[0] ?? null, call.inputs[1] ?? null, plain),
  MatMulInteger: productOfIntegers,
  QLinearMatMul: quantisedProduct,
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
    const isTransposed = call.attributes.integer('transB', 0) !== 0;
    const [first = 1, second = 1] = weight.type.shape;
    const units = isTransposed ? first : second;
    const outputType = call.inputs[8]?.type?.elementType ?? 'fp32';
    const hasBias = isGiven(call, 6);
    const isRequantised = isGiven(call, 7);
    return {
      type: 'dense',
      parameters: { units, bias: hasBias, arithmetic: isRequantised ? 'requantised' : 'plain', outputType },
      inputs: [a],
      weight,
      weights: {
        weight: isTransposed ? transposed(weight) : weight,
        bias: hasBias ? repeated(constantAt(call, 6), [units]) : null,
        ...(isRequantised
          ? quantities(call, [
              { name: 'input', scale: 1, zeroPoint: 2, shape: [], elementType: elementTypeAt(call, 0, 'uint8') },
              { name: 'weight', scale: 4, zeroPoint: 5, shape: [units], elementType: elementTypeAt(call, 3, 'int8') },
              { name: 'output', scale: 7, zeroPoint: 8, shape: [], elementType: elementTypeAt(call, 8, 'uint8') },
            ])
          : {}),
      },
      deviation: isRequantised && call.attributes.float('alpha', 1) === 1 ? null : 'its scales are not drawn',
    };
  },
};
