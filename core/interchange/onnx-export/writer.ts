/** Writes ONNX models: protobuf messages (onnx.proto) from plain records. */

export interface TensorToWrite {
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorProto.DataType: 1 float, 7 int64. */
  readonly dataType: number;
  readonly raw?: Uint8Array;
  /** int32_data: integers of up to 32 bits, truth values, bits of fp16 and bf16. */
  readonly words?: readonly number[];
  /** int64_data. */
  readonly integers?: readonly number[];
  readonly floats?: readonly number[];
  /** The other file that holds the data. */
  readonly location?: string;
}

export interface AttributeToWrite {
  readonly name: string;
  readonly integer?: number;
  readonly float?: number;
  readonly text?: string;
  readonly integers?: readonly number[];
  readonly floats?: readonly number[];
  readonly texts?: readonly string[];
  readonly tensor?: TensorToWrite;
  readonly graph?: GraphToWrite;
  readonly reference?: string;
}

export interface NodeToWrite {
  readonly operator: string;
  readonly inputs?: readonly string[];
  readonly outputs?: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: readonly AttributeToWrite[];
}

export interface ValueToWrite {
  readonly name: string;
  readonly dataType?: number;
  readonly shape?: readonly (number | string)[];
}

export interface GraphToWrite {
  readonly nodes: readonly NodeToWrite[];
  readonly inputs?: readonly ValueToWrite[];
  readonly outputs?: readonly ValueToWrite[];
  readonly initializers?: readonly TensorToWrite[];
  readonly values?: readonly ValueToWrite[];
}

export interface ModelToWrite {
  readonly producer?: string;
  /** 8 unless given; operator sets above 18 need more. */
  readonly irVersion?: number;
  readonly graph: GraphToWrite;
  readonly opsets?: Readonly<Record<string, number>>;
  readonly functions?: readonly {
    readonly domain: string;
    readonly name: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly nodes: readonly NodeToWrite[];
  }[];
}

type Bytes = readonly number[];
const encoder = new TextEncoder();

export function varint(value: number): Bytes {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

const integer = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];

/** A length-delimited field. */
export function bytes(field: number, content: Iterable<number>): Bytes {
  const list = [...content];
  return [...varint(field * 8 + 2), ...varint(list.length), ...list];
}

const text = (field: number, value: string): Bytes => bytes(field, encoder.encode(value));
const float = (field: number, value: number): Bytes => [...varint(field * 8 + 5), ...floatBytes(value)];

function floatBytes(value: number): Bytes {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value, true);
  return [...new Uint8Array(view.buffer)];
}

const each = <T>(items: readonly T[] | undefined, write: (item: T) => Bytes): Bytes => (items ?? []).flatMap(write);

function tensor(made: TensorToWrite): Bytes {
  return [
    ...bytes(1, made.dims.flatMap(varint)),
    ...integer(2, made.dataType),
    ...(made.floats ? bytes(4, made.floats.flatMap(floatBytes)) : []),
    ...(made.words ? bytes(5, made.words.flatMap(varint)) : []),
    ...(made.integers ? bytes(7, made.integers.flatMap(varint)) : []),
    ...text(8, made.name),
    ...(made.raw ? bytes(9, made.raw) : []),
    ...(made.location === undefined
      ? []
      : [...bytes(13, [...text(1, 'location'), ...text(2, made.location)]), ...integer(14, 1)]),
  ];
}

/** AttributeProto.AttributeType; 0 where only a reference is given. */
function attributeType(made: AttributeToWrite): number {
  const members = [
    made.float,
    made.integer,
    made.text,
    made.tensor,
    made.graph,
    made.floats,
    made.integers,
    made.texts,
  ];
  return members.findIndex((each) => each !== undefined) + 1;
}

function attribute(made: AttributeToWrite): Bytes {
  return [
    ...text(1, made.name),
    ...(made.float === undefined ? [] : float(2, made.float)),
    ...(made.integer === undefined ? [] : integer(3, made.integer)),
    ...(made.text === undefined ? [] : text(4, made.text)),
    ...(made.tensor ? bytes(5, tensor(made.tensor)) : []),
    ...(made.graph ? bytes(6, graph(made.graph)) : []),
    ...each(made.floats, (value) => float(7, value)),
    ...each(made.integers, (value) => integer(8, value)),
    ...each(made.texts, (value) => text(9, value)),
    ...integer(20, attributeType(made)),
    ...(made.reference === undefined ? [] : text(21, made.reference)),
  ];
}

function node(made: NodeToWrite): Bytes {
  return [
    ...each(made.inputs, (name) => text(1, name)),
    ...each(made.outputs, (name) => text(2, name)),
    ...(made.name === undefined ? [] : text(3, made.name)),
    ...text(4, made.operator),
    ...each(made.attributes, (item) => bytes(5, attribute(item))),
    ...(made.domain === undefined ? [] : text(7, made.domain)),
  ];
}

function value(made: ValueToWrite): Bytes {
  const dimension = (extent: number | string) =>
    bytes(1, typeof extent === 'number' ? integer(1, extent) : text(2, extent));
  const shape = made.shape ? bytes(2, made.shape.flatMap(dimension)) : [];
  return [...text(1, made.name), ...bytes(2, bytes(1, [...integer(1, made.dataType ?? 1), ...shape]))];
}

function graph(made: GraphToWrite): Bytes {
  return [
    ...each(made.nodes, (item) => bytes(1, node(item))),
    ...each(made.initializers, (item) => bytes(5, tensor(item))),
    ...each(made.inputs, (item) => bytes(11, value(item))),
    ...each(made.outputs, (item) => bytes(12, value(item))),
    ...each(made.values, (item) => bytes(13, value(item))),
  ];
}

/** The bytes of a ModelProto. */
export function writeModel(model: ModelToWrite): Uint8Array {
  const opsets = Object.entries(model.opsets ?? { '': 17 });
  const called = each(model.functions, (made) =>
    bytes(25, [
      ...text(1, made.name),
      ...each(made.inputs, (name) => text(4, name)),
      ...each(made.outputs, (name) => text(5, name)),
      ...each(made.nodes, (item) => bytes(7, node(item))),
      ...text(10, made.domain),
    ]),
  );
  return Uint8Array.from([
    ...integer(1, model.irVersion ?? 8),
    ...text(2, model.producer ?? 'weft tests'),
    ...bytes(7, graph(model.graph)),
    ...opsets.flatMap(([domain, version]) => bytes(8, [...text(1, domain), ...integer(2, version)])),
    ...called,
  ]);
}
