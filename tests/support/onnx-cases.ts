/** Small ONNX files with numbers in them, for tests: tensors in, a graph of nodes, the file and its inputs out. */
import type { Rng } from '#core/base/rng.ts';
import { type ElementType, elementCount } from '#core/catalog/operator-type.ts';
import { type NumberArray, type TensorValues, tensorOf } from '#core/reference/values.ts';
import {
  type AttributeToWrite,
  type NodeToWrite,
  type TensorToWrite,
  type ValueToWrite,
  writeModel,
} from '#core/techniques/importer/onnx/writer.ts';

/** TensorProto.DataType. */
export const DATA_TYPE: Readonly<Partial<Record<ElementType, number>>> = {
  fp32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  fp64: 11,
  uint32: 12,
  uint64: 13,
};

const dataType = (type: ElementType) => DATA_TYPE[type] ?? 1;

/** Little-endian bytes of the elements. */
export function rawBytes({ type, data }: TensorValues): Uint8Array {
  if (type.elementType === 'int64' || type.elementType === 'uint64')
    return new Uint8Array(BigInt64Array.from(data, BigInt).buffer);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

export type Attributes = Readonly<Record<string, number | string | readonly number[] | readonly string[] | Real>>;

/** A real attribute; plain numbers are integers. */
export interface Real {
  readonly real: number;
}
export const real = (value: number): Real => ({ real: Math.fround(value) });

function attribute(name: string, value: Attributes[string]): AttributeToWrite {
  if (typeof value === 'number') return { name, integer: value };
  if (typeof value === 'string') return { name, text: value };
  if ('real' in value) return { name, float: value.real };
  return value.every((each) => typeof each === 'string') && value.length > 0
    ? { name, texts: value.map(String) }
    : { name, integers: value.map(Number) };
}

export class CaseBuilder {
  readonly rng: Rng;
  readonly inputs: Record<string, TensorValues> = {};
  readonly #inputTypes: ValueToWrite[] = [];
  readonly #initializers: TensorToWrite[] = [];
  readonly #nodes: NodeToWrite[] = [];
  readonly #outputs: ValueToWrite[] = [];
  readonly #opsets: Record<string, number> = {};
  #names = 0;

  constructor(rng: Rng, opset = 17) {
    this.rng = rng;
    this.#opsets[''] = opset;
  }

  set opset(version: number) {
    this.#opsets[''] = version;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.rng.below(list.length)]!;
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + this.rng.below(high - low + 1);
  }

  isHeads(): boolean {
    return this.rng.below(2) === 0;
  }

  /** Reals in −range … range; integers over the type's (or the given) range. */
  values(type: ElementType, shape: readonly number[], low?: number, high?: number): TensorValues {
    const count = elementCount(shape);
    const isReal = type.startsWith('fp');
    const least = low ?? (isReal ? -2 : type === 'int8' ? -128 : type.startsWith('u') || type === 'bool' ? 0 : -100);
    const greatest = high ?? (isReal ? 2 : type === 'int8' ? 127 : type === 'uint8' ? 255 : type === 'bool' ? 1 : 100);
    const numbers = Array.from({ length: count }, () =>
      isReal ? least + (greatest - least) * this.rng.next() : this.between(least, greatest),
    );
    return tensorOf(type, shape, numbers);
  }

  /** A graph input. */
  flow(values: TensorValues): string {
    const name = `x${this.#names++}`;
    this.inputs[name] = values;
    this.#inputTypes.push({ name, dataType: dataType(values.type.elementType), shape: values.type.shape });
    return name;
  }

  /** An initializer, raw or in a typed field. */
  constant(values: TensorValues): string {
    const name = `c${this.#names++}`;
    const { elementType, shape } = values.type;
    const numbers: NumberArray = values.data;
    const base = { name, dims: shape, dataType: dataType(elementType) };
    const isTyped = this.isHeads();
    if (isTyped && elementType === 'fp32') this.#initializers.push({ ...base, floats: [...numbers] });
    else if (isTyped && elementType === 'int64') this.#initializers.push({ ...base, integers: [...numbers] });
    else if (isTyped && ['int8', 'uint8', 'int32', 'bool'].includes(elementType))
      this.#initializers.push({ ...base, words: [...numbers] });
    else this.#initializers.push({ ...base, raw: rawBytes(values) });
    return name;
  }

  /** A list of integers as an initializer. */
  list(numbers: readonly number[]): string {
    return this.constant(tensorOf('int64', [numbers.length], numbers));
  }

  scalar(type: ElementType, value: number): string {
    return this.constant(tensorOf(type, [], [value]));
  }

  /** One node; returns the names of its results. */
  node(operator: string, inputs: readonly string[], attributes: Attributes = {}, results = 1, domain = ''): string[] {
    const outputs = Array.from({ length: results }, () => `y${this.#names++}`);
    this.#nodes.push({
      operator,
      inputs,
      outputs,
      domain,
      name: `${operator} ${this.#names}`,
      attributes: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    if (domain !== '') this.#opsets[domain] = 1;
    return outputs;
  }

  output(name: string, type: ElementType = 'fp32'): void {
    this.#outputs.push({ name, dataType: dataType(type) });
  }

  file(): Uint8Array {
    return writeModel({
      graph: {
        nodes: this.#nodes,
        inputs: this.#inputTypes,
        outputs: this.#outputs,
        initializers: this.#initializers,
      },
      opsets: this.#opsets,
    });
  }

  /** What the file is, for a failing test. */
  describe(): string {
    const nodes = this.#nodes.map(({ operator, attributes }) => {
      const said = (attributes ?? []).map(({ name, ...value }) => `${name}=${JSON.stringify(Object.values(value)[0])}`);
      return `${operator}(${said.join(' ')})`;
    });
    const shapes = Object.values(this.inputs).map(({ type }) => `${type.shape.join('×')}:${type.elementType}`);
    const constants = this.#initializers.map(({ dims, dataType: type }) => `${dims.join('×')}:${type}`);
    return `${nodes.join(' → ')} on ${shapes.join(', ')} with ${constants.join(', ')}, opset ${this.#opsets['']}`;
  }
}
