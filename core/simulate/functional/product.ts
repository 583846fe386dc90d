/**
 * A product or convolution computed tile by tile: sums of a tile are added to accumulators that lie as the result does, of
 * 32 bits for integers. When all tiles are in, bias, scales and rounding make the result of them, in the
 * arithmetic of the reference.
 */

import { booleanOf, integerOf, textOf } from '#core/catalog/parameter.ts';
import type { GemmForm, Range } from '#core/compile/gemm-form.ts';
import { blockRange } from '#core/compile/pieces.ts';
import type { TileCounts } from '#core/compile/unit-model.ts';
import type { Operator as ModelOperator } from '#core/model/graph.ts';
import { broadcastOffsets } from '#core/reference/indexing.ts';
import { type Call, real } from '#core/reference/operators/call.ts';
import { type Quantisation, quantisationOf } from '#core/reference/operators/quantised.ts';
import { rounded } from '#core/reference/rounding.ts';
import { type NumberArray, numberArray, type TensorValues } from '#core/reference/values.ts';

export interface TileRanges {
  readonly g: Range;
  readonly m: Range;
  readonly n: Range;
  readonly k: Range;
}

export function rangesOf(form: GemmForm, tile: TileCounts, at: TileCounts): TileRanges {
  return {
    g: blockRange(form.groups, tile.g, at.g),
    m: blockRange(form.m, tile.m, at.m),
    n: blockRange(form.n, tile.n, at.n),
    k: blockRange(form.k, tile.k, at.k),
  };
}

/** A block of a factor: data[((g − g₀)·depths + d − d₀)·positions + s − s₀], as it lies in a buffer. */
export interface FactorBlock {
  readonly g: Range;
  readonly d: Range;
  readonly s: Range;
  readonly data: Float64Array;
}

export class ProductRun {
  readonly #form: GemmForm;
  readonly #operator: ModelOperator;
  readonly #call: Call;
  readonly #quantisation: Quantisation;
  readonly #isInteger: boolean;
  readonly #sums: Float64Array;

  constructor(form: GemmForm, operator: ModelOperator, call: Call) {
    this.#form = form;
    this.#operator = operator;
    this.#call = call;
    this.#isInteger = textOf(operator.parameters, 'arithmetic', 'plain') !== 'plain';
    const y = call.outputs[0]!.shape;
    const isConvolution = operator.type.category === 'convolution';
    const isDense = operator.type.id === 'dense';
    this.#quantisation = quantisationOf(
      call,
      isConvolution ? (y[1] ?? 1) : isDense ? form.n : 1,
      isConvolution || isDense ? ['input', 'weight'] : ['left', 'right'],
    );
    this.#sums = new Float64Array(form.groups * form.m * form.n);
  }

  /** B where it is trained: all of it, less zero points. */
  trained(values: TensorValues): Float64Array {
    const isConvolution = this.#operator.type.category === 'convolution';
    return this.#quantisation.weight(values, isConvolution ? this.#form.k : 1);
  }

  accumulate(tile: TileRanges, a: FactorBlock, b: FactorBlock): void {
    const form = this.#form;
    const [k0, k1] = tile.k;
    const [n0, n1] = tile.n;
    const depth = k1 - k0;
    const columns = n1 - n0;
    const zero = this.#quantisation.inputZero;
    const widthA = a.s[1] - a.s[0];
    const widthB = b.s[1] - b.s[0];
    const row = new Float64Array(depth);
    const sums = new Float64Array(columns);
    for (let g = tile.g[0]; g < tile.g[1]; g++) {
      const baseA = (form.a.groups === 1 ? 0 : g - a.g[0]) * (a.d[1] - a.d[0]);
      const baseB = (form.b.groups === 1 ? 0 : g - b.g[0]) * (b.d[1] - b.d[0]);
      for (let m = tile.m[0]; m < tile.m[1]; m++) {
        for (let i = 0; i < depth; i++) {
          const k = k0 + i;
          const s = form.position(m, k);
          const d = form.taps === 1 ? k : Math.floor(k / form.taps);
          row[i] = s < 0 ? 0 : a.data[(baseA + d - a.d[0]) * widthA + s - a.s[0]]! - zero;
        }
        sums.fill(0);
        for (let i = 0; i < depth; i++) {
          const factor = row[i]!;
          if (factor === 0) continue;
          const at = (baseB + k0 + i - b.d[0]) * widthB - b.s[0] + n0;
          for (let j = 0; j < columns; j++) sums[j]! += factor * b.data[at + j]!;
        }
        for (let j = 0; j < columns; j++) {
          const at = form.result(g, m, n0 + j);
          const sum = this.#sums[at]! + sums[j]!;
          this.#sums[at] = this.#isInteger ? sum | 0 : sum;
        }
      }
    }
  }

  /** The operator's result; `call` has what besides the factors it is made of. */
  finish(call: Call): TensorValues {
    const operator = this.#operator;
    const type = call.outputs[0]!;
    const made = numberArray(type.elementType, this.#sums.length);
    const p = operator.parameters;
    if (operator.type.category === 'convolution') this.#channels(made);
    else if (operator.type.id === 'dense') this.#rows(made);
    else if (operator.type.id === 'gemm') {
      const [alpha, beta] = [integerOf(p, 'alpha', 1), integerOf(p, 'beta', 1)];
      const addend = call.inputs[2] ?? null;
      const offsets = addend ? broadcastOffsets(addend.type.shape, type.shape) : null;
      for (let i = 0; i < made.length; i++)
        made[i] = alpha * this.#sums[i]! + (addend && offsets ? beta * addend.data[offsets[i]!]! : 0);
    } else this.#quantisation.store(made, 0, this.#sums, () => 0);
    return { type, data: rounded(type.elementType, made) };
  }

  #channels(made: NumberArray): void {
    const call = this.#call;
    const [batch = 1, filters = 1, ...result] = call.outputs[0]!.shape;
    const positions = result.reduce((total, extent) => total * extent, 1);
    const bias = booleanOf(call.parameters, 'bias', true) ? call.weight('bias').data : null;
    for (let entry = 0; entry < batch; entry++)
      for (let filter = 0; filter < filters; filter++) {
        const at = (entry * filters + filter) * positions;
        const sums = this.#sums.subarray(at, at + positions);
        if (bias) for (let i = 0; i < positions; i++) sums[i]! += bias[filter]!;
        this.#quantisation.store(made, at, sums, () => filter);
      }
  }

  #rows(made: NumberArray): void {
    const call = this.#call;
    const units = this.#form.n;
    const bias = booleanOf(call.parameters, 'bias', true) ? call.weight('bias').data : null;
    for (let at = 0; at < made.length; at += units) {
      const sums = this.#sums.subarray(at, at + units);
      if (bias) for (let j = 0; j < units; j++) sums[j]! += bias[j]!;
      this.#quantisation.store(made, at, sums, (j) => j);
    }
  }
}

/** B less its zero points, where it is made by another kernel. */
export function streamed(call: Call, data: Float64Array, type: TensorValues['type']): Float64Array {
  if (textOf(call.parameters, 'arithmetic', 'plain') === 'plain') return data;
  const zero = call.weight('right zero point').data[0] ?? 0;
  return zero === 0 ? data : real({ type, data }, zero);
}
