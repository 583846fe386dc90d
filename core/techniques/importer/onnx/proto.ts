/**
 * The parts of an ONNX ModelProto that a graph needs, as records; field numbers are those of onnx.proto.
 * Tensor data stay in the file: a record knows where they lie. Source: github.com/onnx/onnx, onnx/onnx.proto.
 */
import { decode, type Fields, LENGTH, type Wire } from './wire.ts';

/** Inline values kept of one tensor or attribute; longer lists are weights and are skipped. */
export const MOST_VALUES = 4096;

export interface TensorRecord {
  name: string;
  readonly dims: number[];
  dataType: number;
  /** Values written inline, at most MOST_VALUES; empty when they are raw, external or too many. */
  readonly values: number[];
  raw: Extent | null;
  /** Where values written inline lie, when they are one packed list. */
  packed: (Extent & { readonly element: 'varint' | 'float' | 'double' }) | null;
  /** Values written inline in several pieces, or one by one. */
  isScattered: boolean;
  isExternal: boolean;
  /** Of external data: the other file. */
  location: string;
  isLong: boolean;
}

export interface Extent {
  readonly offset: number;
  readonly length: number;
}

export interface AttributeRecord {
  name: string;
  /** Set inside a function: the attribute of the caller that stands here. */
  reference: string;
  integer: number | null;
  float: number | null;
  text: string | null;
  tensor: TensorRecord | null;
  graph: GraphRecord | null;
  readonly integers: number[];
  readonly floats: number[];
  readonly texts: string[];
}

export interface NodeRecord {
  readonly byteOffset: number;
  name: string;
  operator: string;
  domain: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly attributes: AttributeRecord[];
}

export interface ValueRecord {
  name: string;
  /** 0 when it is not a tensor. */
  dataType: number;
  /** Null: no shape given. A text is a symbol, '' a dimension without a name. */
  shape: (number | string)[] | null;
}

export interface GraphRecord {
  name: string;
  readonly nodes: NodeRecord[];
  readonly initializers: TensorRecord[];
  readonly inputs: ValueRecord[];
  readonly outputs: ValueRecord[];
  readonly values: ValueRecord[];
}

export interface FunctionRecord {
  name: string;
  domain: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly nodes: NodeRecord[];
}

export interface ModelRecord {
  irVersion: number;
  producer: string;
  producerVersion: string;
  readonly opsets: Map<string, number>;
  graph: GraphRecord | null;
  readonly functions: FunctionRecord[];
}

export function readModel(wire: Wire): ModelRecord {
  const model: ModelRecord = {
    irVersion: 0,
    producer: '',
    producerVersion: '',
    opsets: new Map(),
    graph: null,
    functions: [],
  };
  decode(wire, (field, type, at) => {
    if (field === 1) model.irVersion = at.integer(type);
    else if (field === 2) model.producer = at.text(type);
    else if (field === 3) model.producerVersion = at.text(type);
    else if (field === 7) {
      model.graph ??= newGraph();
      return graphFields(model.graph);
    } else if (field === 8) return opsetFields(model.opsets);
    else if (field === 25) {
      const made: FunctionRecord = { name: '', domain: '', inputs: [], outputs: [], nodes: [] };
      model.functions.push(made);
      return functionFields(made);
    } else at.skip(type);
    return null;
  });
  return model;
}

function newGraph(): GraphRecord {
  return { name: '', nodes: [], initializers: [], inputs: [], outputs: [], values: [] };
}

function opsetFields(opsets: Map<string, number>): Fields {
  let domain = '';
  let version = 0;
  return (field, type, wire) => {
    if (field === 1) domain = wire.text(type);
    else if (field === 2) version = wire.integer(type);
    else return wire.skip(type);
    // Merged models list a domain twice; the newest names every operator of the older.
    const key = standardDomain(domain);
    if (version > 0) opsets.set(key, Math.max(version, opsets.get(key) ?? 0));
    return null;
  };
}

export function standardDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function nodeFields(nodes: NodeRecord[], wire: Wire): Fields {
  const node: NodeRecord = {
    byteOffset: wire.position,
    name: '',
    operator: '',
    domain: '',
    inputs: [],
    outputs: [],
    attributes: [],
  };
  nodes.push(node);
  return (field, type, at) => {
    if (field === 1) node.inputs.push(at.text(type));
    else if (field === 2) node.outputs.push(at.text(type));
    else if (field === 3) node.name = at.text(type);
    else if (field === 4) node.operator = at.text(type);
    else if (field === 5) return attributeFields(node.attributes);
    else if (field === 7) node.domain = standardDomain(at.text(type));
    else at.skip(type);
    return null;
  };
}

function graphFields(graph: GraphRecord): Fields {
  return (field, type, wire) => {
    if (field === 1) return nodeFields(graph.nodes, wire);
    if (field === 2) graph.name = wire.text(type);
    else if (field === 5) return tensorFields(added(graph.initializers, newTensor()));
    else if (field === 11) return valueFields(added(graph.inputs, newValue()));
    else if (field === 12) return valueFields(added(graph.outputs, newValue()));
    else if (field === 13) return valueFields(added(graph.values, newValue()));
    else wire.skip(type);
    return null;
  };
}

function functionFields(made: FunctionRecord): Fields {
  return (field, type, wire) => {
    if (field === 1) made.name = wire.text(type);
    else if (field === 4) made.inputs.push(wire.text(type));
    else if (field === 5) made.outputs.push(wire.text(type));
    else if (field === 7) return nodeFields(made.nodes, wire);
    else if (field === 10) made.domain = standardDomain(wire.text(type));
    else wire.skip(type);
    return null;
  };
}

function added<T>(list: T[], item: T): T {
  list.push(item);
  return item;
}

function newTensor(): TensorRecord {
  return {
    name: '',
    dims: [],
    dataType: 0,
    values: [],
    raw: null,
    packed: null,
    isScattered: false,
    isExternal: false,
    location: '',
    isLong: false,
  };
}

function newValue(): ValueRecord {
  return { name: '', dataType: 0, shape: null };
}

const MOST_DIMENSIONS = 64;

function tensorFields(tensor: TensorRecord): Fields {
  return (field, type, wire) => {
    const numbers = (element: 'varint' | 'float' | 'double') => {
      if (type !== LENGTH || tensor.packed) tensor.isScattered = true;
      else tensor.packed = { ...extentAhead(wire), element };
      if (!wire.numbers(type, element, tensor.values, MOST_VALUES)) tensor.isLong = true;
    };
    if (field === 1) {
      if (!wire.numbers(type, 'varint', tensor.dims, MOST_DIMENSIONS))
        wire.fail('limit', `A tensor before byte ${wire.position} has more than ${MOST_DIMENSIONS} dimensions`);
      else if ((tensor.dims.at(-1) ?? 0) < 0)
        wire.fail('malformed', `A tensor before byte ${wire.position} has a negative dimension`);
    } else if (field === 2) tensor.dataType = wire.integer(type);
    else if (field === 4) numbers('float');
    else if (field === 5 || field === 7 || field === 11) numbers('varint');
    else if (field === 10) numbers('double');
    else if (field === 8) tensor.name = wire.text(type);
    else if (field === 9) tensor.raw = wire.extent(type);
    else if (field === 13) return locationFields(tensor);
    else if (field === 14) tensor.isExternal = wire.integer(type) === 1;
    else wire.skip(type);
    return null;
  };
}

/** The content of the field that is read next; nothing is passed over. */
function extentAhead(wire: Wire): Extent {
  const start = wire.position;
  const extent = wire.extent(LENGTH);
  wire.position = start;
  return extent;
}

function locationFields(tensor: TensorRecord): Fields {
  let key = '';
  return (field, type, wire) => {
    if (field === 1) key = wire.text(type);
    else if (field === 2 && key === 'location') tensor.location = wire.text(type);
    else wire.skip(type);
    return null;
  };
}

/** The most texts kept of one attribute, e.g. activations of a recurrent layer. */
const MOST_TEXTS = 64;

function attributeFields(attributes: AttributeRecord[]): Fields {
  const made: AttributeRecord = {
    name: '',
    reference: '',
    integer: null,
    float: null,
    text: null,
    tensor: null,
    graph: null,
    integers: [],
    floats: [],
    texts: [],
  };
  attributes.push(made);
  return (field, type, wire) => {
    if (field === 1) made.name = wire.text(type);
    else if (field === 2) made.float = wire.float(type);
    else if (field === 3) made.integer = wire.integer(type);
    else if (field === 4) {
      // A text attribute may carry a whole compiled blob; only names are of use.
      const { offset, length } = wire.extent(type);
      const after = wire.position;
      if (!wire.fault && length <= 4096) {
        wire.position = offset;
        made.text = wire.bytesAsText(length);
        wire.position = after;
      }
    } else if (field === 5) {
      made.tensor = newTensor();
      return tensorFields(made.tensor);
    } else if (field === 6) {
      made.graph = newGraph();
      return graphFields(made.graph);
    } else if (field === 7) wire.numbers(type, 'float', made.floats, MOST_VALUES);
    else if (field === 8) wire.numbers(type, 'varint', made.integers, MOST_VALUES);
    else if (field === 9) {
      if (made.texts.length < MOST_TEXTS) made.texts.push(wire.text(type));
      else wire.skip(type);
    } else if (field === 21) made.reference = wire.text(type);
    else wire.skip(type);
    return null;
  };
}

function valueFields(value: ValueRecord): Fields {
  const dimension = (shape: (number | string)[]): Fields => {
    const at = shape.push('') - 1;
    return (field, type, wire) => {
      if (field === 1) shape[at] = wire.integer(type);
      else if (field === 2) shape[at] = wire.text(type);
      else wire.skip(type);
      return null;
    };
  };
  const shape: Fields = (field, type, wire) => {
    if (field !== 1) return wire.skip(type);
    value.shape ??= [];
    if (value.shape.length >= MOST_DIMENSIONS)
      wire.fail('limit', `A value at byte ${wire.position} has more than ${MOST_DIMENSIONS} dimensions`);
    return dimension(value.shape);
  };
  const tensorType: Fields = (field, type, wire) => {
    if (field === 1) value.dataType = wire.integer(type);
    else if (field === 2) {
      value.shape ??= [];
      return shape;
    } else wire.skip(type);
    return null;
  };
  const typeProto: Fields = (field, type, wire) => (field === 1 ? tensorType : wire.skip(type));
  return (field, type, wire) => {
    if (field === 1) value.name = wire.text(type);
    else if (field === 2) return typeProto;
    else wire.skip(type);
    return null;
  };
}
