/**
 * One kernel while its tiles execute. Products and convolutions accumulate tile by tile from what is in the buffers and the
 * scratchpad; of any other operand, each tile stages the piece it has. With the last tile the kernel's operators are
 * evaluated, main operator first, and the results are there.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { KernelBodies } from '#core/compile/kernel-body.ts';
import { type Layout, mappedBy } from '#core/compile/layout.ts';
import type { KernelPieces, Piece } from '#core/compile/pieces.ts';
import type { TileCounts } from '#core/compile/unit-model.ts';
import type { Operator as ModelOperator } from '#core/model/graph.ts';
import { evaluateOperator, portIndex, typesOf } from '#core/reference/evaluate.ts';
import type { Call } from '#core/reference/operators/call.ts';
import {
  type NumberArray,
  numberArray,
  type TensorValues,
  ValueFault,
  type ValueSource,
} from '#core/reference/values.ts';
import { type FactorBlock, ProductRun, rangesOf, streamed } from './product.ts';
import type { Stored } from './scratchpad.ts';

export interface KernelParts {
  readonly operator: number;
  readonly bodies: KernelBodies;
  readonly pieces: KernelPieces;
  /** Extents of the tiles of a product. */
  readonly tile: TileCounts | undefined;
  readonly operands: readonly Stored[];
  readonly source: ValueSource;
}

/** Numbers of a tensor as its layout has them, from row-major order. */
export function asStored({ type, data }: TensorValues, place: Layout): NumberArray {
  if (place.length === 0) return data;
  const stored = numberArray(type.elementType, data.length);
  mappedBy(place).forEach((at, element) => {
    stored[at] = data[element]!;
  });
  return stored;
}

function asRead(stored: NumberArray, place: Layout): NumberArray {
  if (place.length === 0) return stored;
  const data = stored.slice();
  mappedBy(place).forEach((at, element) => {
    data[element] = stored[at]!;
  });
  return data;
}

export class KernelRun {
  readonly #parts: KernelParts;
  readonly #body: readonly ModelOperator[];
  readonly #constants = new Map<number, TensorValues>();
  readonly #weights = new Map<string, TensorValues>();
  /** By operand: what tiles have brought of it so far, and which elements; null where only the product reads it. */
  readonly #staged: readonly ({ readonly values: NumberArray; readonly seen: Uint8Array } | null)[];
  readonly #product: ProductRun | null;
  #trained: FactorBlock | null = null;

  constructor(parts: KernelParts) {
    this.#parts = parts;
    this.#body = parts.bodies.operators[parts.operator]!;
    const { gemm } = parts.pieces;
    const [main] = this.#body;
    this.#product =
      gemm && main
        ? new ProductRun(
            gemm.form,
            main,
            this.#callOf(main, () => null),
          )
        : null;
    const needed = this.#stagedOperands();
    this.#staged = parts.operands.map(({ elementType, elements }, index) =>
      needed.has(index) ? { values: numberArray(elementType, elements), seen: new Uint8Array(elements) } : null,
    );
  }

  /** Takes in a piece of an operand; `data` as in a buffer: rows × positions. */
  stage(operand: number, piece: Piece, data: Float64Array): void {
    const staged = this.#staged[operand];
    if (!staged) return;
    const width = piece.to - piece.from;
    if (!piece.block) {
      for (let i = 0; i < width; i++) staged.values[piece.from + i] = data[i]!;
      staged.seen.fill(1, piece.from, piece.to);
      return;
    }
    const { g, d } = piece.block;
    const { places, roles } = this.#parts.pieces.gemm!;
    const place = operand === roles.a ? places.a : places.b;
    let at = 0;
    for (let group = g[0]; group < g[1]; group++)
      for (let depth = d[0]; depth < d[1]; depth++)
        for (let s = piece.from; s < piece.to; s++) {
          const element = place(group, depth, s);
          staged.values[element] = data[at++]!;
          staged.seen[element] = 1;
        }
  }

  /** A tile of the product; `b` null stands for trained weights. */
  multiply(at: TileCounts, a: FactorBlock, b: FactorBlock | null): void {
    const { form } = this.#parts.pieces.gemm!;
    this.#product!.accumulate(rangesOf(form, this.#parts.tile!, at), a, b ?? this.#trainedFactor());
  }

  /** The second factor of a product of activations, less its zero points. */
  secondFactor(piece: Piece, data: Float64Array): FactorBlock {
    const main = this.#body[0]!;
    const type = this.#parts.bodies.model.tensors[main.inputs[1]!]!.type;
    return {
      g: piece.block!.g,
      d: piece.block!.d,
      s: [piece.from, piece.to],
      data: streamed(
        this.#callOf(main, () => null),
        data,
        type,
      ),
    };
  }

  /** The kernel's results after the last tile, as they lie in memory, in the order of its outputs. Problems: `functional.operand`, those of the reference. */
  finish(): Result<readonly NumberArray[], Problem> {
    const { bodies, operands } = this.#parts;
    for (const [index, staged] of this.#staged.entries()) {
      const missing = staged?.seen.indexOf(0) ?? -1;
      if (missing !== -1)
        return err(
          problem(
            'functional.operand',
            `element ${missing} of operand ${index} (tensor ${operands[index]!.tensor}) was never brought`,
          ),
        );
    }
    const made = new Map<number, TensorValues>();
    const tensorOf = (index: number): TensorValues | null => this.#valueOf(index, made);
    for (const [place, operator] of this.#body.entries()) {
      const outputs = typesOf(operator, bodies.model);
      const inputs = operator.inputs.map((index) => (index === null ? null : tensorOf(index)));
      const results: Result<readonly TensorValues[], Problem> =
        place === 0 && this.#product
          ? ok([this.#product.finish(this.#callOf(operator, tensorOf))])
          : evaluateOperator(operator, inputs, (name) => this.#weight(operator, name), outputs);
      if (!results.ok) return results;
      for (const index of operator.outputs)
        made.set(index, results.value[portIndex(operator, bodies.model.tensors[index]!.port)]!);
    }
    return ok(bodies.results[this.#parts.operator]!.map((index) => asStored(made.get(index)!, bodies.place[index]!)));
  }

  /** Operands that somebody besides the product reads. */
  #stagedOperands(): ReadonlySet<number> {
    const { gemm } = this.#parts.pieces;
    const needed = new Set<number>();
    for (const [place, { inputs }] of this.#body.entries())
      for (const [port, index] of inputs.entries()) {
        const operand = index === null ? -1 : this.#operandOf(index);
        const isFactor = gemm !== null && place === 0 && port < 2;
        if (operand !== -1 && !isFactor) needed.add(operand);
      }
    return needed;
  }

  #operandOf(tensor: number): number {
    const { bodies, operands } = this.#parts;
    const id = bodies.kernelTensor[bodies.root[tensor]!]!;
    return id === -1 ? -1 : operands.findIndex((operand) => operand.tensor === id);
  }

  /** A tensor as an operator of the kernel reads it; null for the factors of the product, which are not kept. */
  #valueOf(index: number, made: ReadonlyMap<number, TensorValues>): TensorValues | null {
    const { bodies, source } = this.#parts;
    const { type, kind } = bodies.model.tensors[index]!;
    const inside = made.get(bodies.root[index]!);
    if (inside) return { type, data: inside.data };
    const operand = this.#operandOf(index);
    const staged = operand === -1 ? null : this.#staged[operand];
    if (staged) return { type, data: asRead(staged.values, bodies.place[index]!) };
    if (operand !== -1) return null;
    let constant = this.#constants.get(index);
    if (!constant) {
      constant = kind === 'constant' ? source.tensor(index) : this.#folded(index);
      this.#constants.set(index, constant);
    }
    return constant;
  }

  /** What an operator that is in no kernel makes of constants. */
  #folded(index: number): TensorValues {
    const { model } = this.#parts.bodies;
    const { producer, port } = model.tensors[index]!;
    const operator = producer === null ? undefined : model.operators[producer];
    if (!operator) throw new Error(`tensor ${index} is nowhere in its kernel`);
    const inputs = operator.inputs.map((input) => (input === null ? null : this.#valueOf(input, new Map())));
    const results = evaluateOperator(
      operator,
      inputs,
      (name) => this.#weight(operator, name),
      typesOf(operator, model),
    );
    if (!results.ok) throw new ValueFault(results.error);
    return results.value[portIndex(operator, port)]!;
  }

  #weight(operator: ModelOperator, name: string): TensorValues {
    const key = `${operator.index}/${name}`;
    let values = this.#weights.get(key);
    if (!values) {
      values = this.#parts.source.weight(operator.index, name);
      this.#weights.set(key, values);
    }
    return values;
  }

  #callOf(operator: ModelOperator, tensorOf: (index: number) => TensorValues | null): Call {
    return {
      parameters: operator.parameters,
      inputs: operator.inputs.map((index) => (index === null ? null : tensorOf(index))),
      outputs: typesOf(operator, this.#parts.bodies.model),
      weight: (name) => this.#weight(operator, name),
    };
  }

  #trainedFactor(): FactorBlock {
    if (this.#trained) return this.#trained;
    const main = this.#body[0]!;
    const { form } = this.#parts.pieces.gemm!;
    const index = main.inputs[1];
    const values =
      index === undefined || index === null ? this.#weight(main, 'weight') : this.#valueOf(index, new Map())!;
    const lying = this.#product!.trained(values);
    const { groups, depth, positions, element } = form.b;
    const data = new Float64Array(groups * depth * positions);
    let at = 0;
    for (let g = 0; g < groups; g++)
      for (let d = 0; d < depth; d++) for (let s = 0; s < positions; s++) data[at++] = lying[element(g, d, s)]!;
    this.#trained = { g: [0, groups], d: [0, depth], s: [0, positions], data };
    return this.#trained;
  }
}
