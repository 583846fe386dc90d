/**
 * A drawn model as an ONNX file of shapes: every operator a node, every weight a ConstantOfShape, so that the file is small,
 * whole and loads anywhere. Names and groups come back as they were: groups are scopes of node names.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { textOf } from '#core/catalog/parameter.ts';
import type { Document } from '#core/document/document.ts';
import { buildModel } from '#core/model/build.ts';
import type { ModelGraph, Operator, Tensor } from '#core/model/graph.ts';
import { bytesOf, dataTypeOf } from './element-types.ts';
import { ENCODERS } from './operators/index.ts';
import type { Site } from './operators/site.ts';
import { type NodeToWrite, type TensorToWrite, type ValueToWrite, writeModel } from './writer.ts';

const OPSET = 21;
/** The first with RMSNormalization. */
const NEWEST_OPSET = 23;
/** Operators the standard has no node for. */
export const OWN_DOMAIN = 'weft';

export interface WrittenModel {
  readonly bytes: Uint8Array;
  readonly problems: readonly Problem[];
}

export function writeOnnx(document: Document): Result<WrittenModel, Problem> {
  const { graph, problems } = buildModel(document);
  if (graph === null) return err(problems.find(({ severity }) => severity === 'error')!);
  const strange = graph.tensors.find(({ type }) => dataTypeOf(type.elementType) === null);
  if (strange)
    return err(
      problem(
        'onnx-export.element-type',
        `${strange.name} is of ${strange.type.elementType}, which ONNX tensors cannot be`,
        {
          where: { document: document.id, node: strange.node },
        },
      ),
    );
  return ok(new Writing(document, graph).write());
}

class Writing {
  readonly #document: Document;
  readonly #graph: ModelGraph;
  readonly #names = new Map<number, string>();
  readonly #taken = new Set<string>();
  readonly #nodes: NodeToWrite[] = [];
  readonly #initializers: TensorToWrite[] = [];
  /** Shapes by text, so that each is stored once. */
  readonly #lists = new Map<string, string>();
  readonly #domains = new Set<string>();
  readonly #notes = new Map<string, { readonly operator: Operator; count: number }>();
  #opset = OPSET;

  constructor(document: Document, graph: ModelGraph) {
    this.#document = document;
    this.#graph = graph;
  }

  write(): WrittenModel {
    const { tensors, operators } = this.#graph;
    // What the file's ends are called is what people know the model by: they get their names first.
    const outputNames = this.#outputNames();
    for (const tensor of tensors) if (tensor.kind === 'input') this.#names.set(tensor.index, this.#unique(tensor.name));
    for (const tensor of tensors)
      if (tensor.kind === 'output')
        this.#names.set(tensor.index, this.#unique(outputNames.get(tensor.index) ?? tensor.name));
    for (const tensor of tensors) {
      if (this.#names.has(tensor.index)) continue;
      const name = this.#unique(tensor.name);
      this.#names.set(tensor.index, name);
      if (tensor.kind === 'constant') this.#constantOf(name, tensor.type.shape, dataTypeOf(tensor.type.elementType)!);
    }
    for (const operator of operators) this.#operator(operator);
    const value = (tensor: Tensor): ValueToWrite => ({
      name: this.#names.get(tensor.index)!,
      dataType: dataTypeOf(tensor.type.elementType)!,
      shape: tensor.type.shape,
    });
    const ofKind = (kind: Tensor['kind']) => tensors.filter((tensor) => tensor.kind === kind).map(value);
    const bytes = writeModel({
      producer: 'weft',
      irVersion: 10,
      opsets: { '': this.#opset, ...Object.fromEntries([...this.#domains].map((domain) => [domain, 1])) },
      graph: {
        nodes: this.#nodes,
        initializers: this.#initializers,
        inputs: ofKind('input'),
        outputs: ofKind('output'),
        values: ofKind('activation'),
      },
    });
    return { bytes, problems: this.#problems() };
  }

  #problems(): readonly Problem[] {
    const made = [...this.#notes].map(([name, { operator, count }]) =>
      problem(
        'onnx-export.not-standard',
        `ONNX has no node for this form of ${name}: ${count === 1 ? 'it is' : `${count} of them are`} written in the domain '${OWN_DOMAIN}', which other tools do not know`,
        {
          severity: 'warning',
          where: { document: this.#document.id, node: operator.node },
          facts: { operators: count },
        },
      ),
    );
    return [
      ...made,
      problem(
        'onnx-export.shapes-only',
        'The file holds shapes, not weights: each weight is a ConstantOfShape of zeros',
        {
          severity: 'info',
        },
      ),
    ];
  }

  /** Names of drawn outputs by the tensor they show. */
  #outputNames(): ReadonlyMap<number, string> {
    const byPort = new Map(this.#graph.tensors.map(({ node, port, index }) => [`${node}/${port}`, index]));
    const names = new Map<number, string>();
    for (const { from, to } of this.#document.links.values()) {
      const target = this.#document.nodes.get(to.node);
      const index = byPort.get(`${from.node}/${from.port}`);
      if (target?.type === 'output' && index !== undefined && !names.has(index)) names.set(index, target.name);
    }
    return names;
  }

  #operator(operator: Operator): void {
    const { tensors } = this.#graph;
    const inputs = operator.inputs.map((index) => (index === null ? null : tensors[index]!));
    const outputs = operator.outputs.map((index) => tensors[index]!);
    const scope = this.#scope(operator);
    const weights = new Map<string, string>();
    const site: Site = {
      operator,
      inputs,
      outputs,
      operands: inputs.map((tensor) => (tensor ? this.#names.get(tensor.index)! : '')),
      results: this.#results(operator, outputs),
      weight: (name, shape, dataType) => {
        const declared = operator.weights.find((weight) => weight.name === name);
        if (!declared) throw new Error(`${operator.type.id} has no weight '${name}'`);
        const known = weights.get(name);
        if (known !== undefined) return known;
        const made = this.#unique(`${scope}.${name.replaceAll(' ', '_')}`);
        weights.set(name, made);
        // Weights are stored in the type of the operand, where that is one of numbers.
        const type =
          dataType ?? (name.endsWith('scale') ? 1 : (dataTypeOf(inputs[0]?.type.elementType ?? 'fp32') ?? 1));
        this.#constantOf(made, shape ?? declared.shape, type);
        return made;
      },
      integers: (values, isScalar = false) => this.#integers(values, isScalar),
      real: (value) => {
        const key = `real ${value}`;
        const known = this.#lists.get(key);
        if (known !== undefined) return known;
        const name = this.#unique('number');
        this.#initializers.push({ name, dims: [], dataType: 1, floats: [value] });
        this.#lists.set(key, name);
        return name;
      },
      between: () => this.#unique(`${scope}.part`),
    };
    const written = ENCODERS[operator.type.id]?.(site) ?? this.#own(site);
    for (const [i, node] of written.entries()) {
      if (node.domain) this.#domains.add(node.domain);
      if (node.operator === 'RMSNormalization') this.#opset = NEWEST_OPSET;
      this.#nodes.push({ ...node, name: i === 0 ? scope : `${scope}.${i}` });
    }
  }

  /** By output port, '' where nobody reads one and it is not the first. */
  #results(operator: Operator, outputs: readonly Tensor[]): readonly string[] {
    const results: string[] = [];
    for (const tensor of outputs) {
      const declared = operator.type.outputs.findIndex(({ id }) => id === tensor.port);
      const [, digits] = /(\d+)$/.exec(tensor.port) ?? [];
      const place = declared !== -1 ? declared : digits === undefined ? 0 : Number(digits);
      while (results.length < place) results.push('');
      results[place] = this.#names.get(tensor.index)!;
    }
    return results;
  }

  #own(site: Site): readonly NodeToWrite[] {
    const { operator, operands, results } = site;
    const noted = this.#notes.get(operator.type.title);
    if (noted) noted.count++;
    else this.#notes.set(operator.type.title, { operator, count: 1 });
    const camel = operator.type.id.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
    return [
      {
        operator: textOf(operator.parameters, 'operator') || camel,
        domain: OWN_DOMAIN,
        inputs: [...operands.filter((name) => name !== ''), ...operator.weights.map(({ name }) => site.weight(name))],
        outputs: results.filter((name) => name !== ''),
      },
    ];
  }

  /** A weight without numbers: its shape, and a node that fills it with zeros. */
  #constantOf(name: string, shape: readonly number[], dataType: number): void {
    if (shape.length === 0) {
      this.#initializers.push({ name, dims: [], dataType, raw: new Uint8Array(bytesOf(dataType)) });
      return;
    }
    const value = { name: '', dims: [1], dataType, raw: new Uint8Array(bytesOf(dataType)) };
    this.#nodes.push({
      operator: 'ConstantOfShape',
      name: `${name}.zeros`,
      inputs: [this.#integers(shape, false)],
      outputs: [name],
      attributes: [{ name: 'value', tensor: value }],
    });
  }

  #integers(values: readonly number[], isScalar: boolean): string {
    const key = `${isScalar} ${values.join()}`;
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    const name = this.#unique(`list_${values.slice(0, 6).join('x') || 'empty'}`);
    this.#initializers.push({ name, dims: isScalar ? [] : [values.length], dataType: 7, raw: int64(values) });
    this.#lists.set(key, name);
    return name;
  }

  /** `/block 1/conv`: the groups around a node, outermost first, as importers of ONNX read them back. */
  #scope({ node, name }: Operator): string {
    // Imported operators carry their scopes in their names.
    if (name.includes('/')) return name;
    const path: string[] = [name];
    let parent = this.#document.nodes.get(node)?.parent ?? null;
    while (parent !== null) {
      const group = this.#document.nodes.get(parent);
      if (!group) break;
      path.unshift(group.name.replaceAll('/', '_'));
      parent = group.parent;
    }
    return path.length === 1 ? path[0]! : `/${path.join('/')}`;
  }

  #unique(name: string): string {
    const base = name === '' ? 'tensor' : name;
    let made = base;
    for (let i = 2; this.#taken.has(made); i++) made = `${base}_${i}`;
    this.#taken.add(made);
    return made;
  }
}

function int64(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of values.entries()) view.setBigInt64(8 * i, BigInt(value), true);
  return bytes;
}
