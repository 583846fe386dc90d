/**
 * Walks an ONNX graph in data-flow order with a stack of frames (the graph, branches of decided Ifs, bodies of
 * functions), evaluates what only serves shapes, and draws one node for each operator that is left. Types are
 * inferred by the catalog as the walk goes, because later shapes are computed from earlier ones.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import type { ParameterValues } from '#core/base/value.ts';
import type { OperatorType, TensorType } from '#core/catalog/operator-type.ts';
import { LARGEST, product } from '#core/catalog/operators/common.ts';
import { formatShapes } from '#core/catalog/operators/opaque.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { defaultParameters, parameterFault } from '#core/catalog/parameter.ts';
import { computed, type StoredData, type StoredWeights } from '#core/reference/stored.ts';
import type { ByteSource, ImportOptions } from '#core/technique/importer.ts';
import { Attributes } from './attributes.ts';
import { type Call, fold } from './fold.ts';
import { declaredType, resolveInput, type Symbols } from './inputs.ts';
import type { Mapping } from './mapping.ts';
import { Notices, nameOf } from './notices.ts';
import { mapperOf, TYPE_PRESERVING } from './operators/index.ts';
import type { FunctionRecord, GraphRecord, ModelRecord, NodeRecord, ValueRecord } from './proto.ts';
import { sequenced } from './sequence.ts';
import { Sketch } from './sketch.ts';
import { subgraphTypes } from './subgraph.ts';
import { type Constant, constant, constantOf, elementTypeOfData, type Value } from './values.ts';
import { withKnownZeroPoints } from './zero-points.ts';

/** Names visible in a graph; a branch sees those of the graph around it. */
interface Scope {
  readonly values: Map<string, Value>;
  readonly declared: ReadonlyMap<string, ValueRecord>;
  readonly outer: Scope | null;
}

interface Frame {
  readonly nodes: readonly NodeRecord[];
  readonly read: ReadonlySet<string>;
  readonly scope: Scope;
  /** Name scopes of the call or branch this frame is the inside of. */
  readonly path: readonly string[];
  readonly caller: Attributes | null;
  /** Names inside → names outside, bound in the frame below when this one is done. */
  readonly results: readonly (readonly [inner: string, outer: string])[];
  next: number;
}

const DEEPEST = 64;
const MOST_NODES = 100_000;
const RANDOM = new Set([
  'RandomNormal',
  'RandomUniform',
  'RandomNormalLike',
  'RandomUniformLike',
  'Multinomial',
  'Bernoulli',
]);

export function convert(model: ModelRecord, source: ByteSource, options: ImportOptions): Result<Converted, Problem> {
  return new Converter(model, source, options).run();
}

export interface Converted {
  readonly sketch: Sketch;
  readonly weights: StoredWeights;
  readonly problems: readonly Problem[];
}

class Converter {
  readonly #model: ModelRecord;
  readonly #source: ByteSource;
  readonly #options: ImportOptions;
  readonly #opset: number;
  readonly #functions: ReadonlyMap<string, FunctionRecord>;
  readonly #sketch = new Sketch();
  readonly #notices: Notices;
  readonly #symbols: Symbols = new Map();
  readonly #frames: Frame[] = [];
  readonly #declaredOutputs: ReadonlyMap<string, ValueRecord>;
  /** Weights that an operator has taken as its own. */
  readonly #owned = new Set<Constant>();
  readonly #deviations: { readonly node: string; readonly reason: string }[] = [];

  constructor(model: ModelRecord, source: ByteSource, options: ImportOptions) {
    this.#model = model;
    this.#source = source;
    this.#options = options;
    this.#notices = new Notices(options);
    this.#opset = model.opsets.get('') ?? (model.irVersion < 3 ? 1 : 21);
    this.#functions = new Map(model.functions.map((each) => [`${each.domain}:${each.name}`, each]));
    this.#declaredOutputs = new Map(model.graph?.outputs.map((each) => [each.name, each]));
  }

  run(): Result<Converted, Problem> {
    const { graph } = this.#model;
    if (!graph) return this.#fail('no-graph', 'There is no graph in it; this is not an ONNX model', 0);
    if (graph.nodes.length === 0 && graph.outputs.length === 0)
      return this.#fail('empty', 'Its graph has neither operators nor outputs', 0);
    const scope = this.#scopeOf(graph, null);
    const inputs = this.#inputs(graph, scope);
    if (!inputs.ok) return inputs;
    const entered = this.#enter(graph.nodes, { scope, path: [], caller: null, results: [] });
    if (!entered.ok) return entered;
    let walked = 0;
    for (let frame = this.#frames.at(-1); frame; frame = this.#frames.at(-1)) {
      const node = frame.nodes[frame.next++];
      if (!node) {
        this.#leave(frame);
        continue;
      }
      if (++walked > MOST_NODES)
        return this.#fail('too-large', `It unfolds to more than ${MOST_NODES} operators`, node.byteOffset);
      const stepped = this.#node(node, frame);
      if (!stepped.ok) return stepped;
    }
    this.#outputs(graph, scope);
    const weights = { tensors: this.#sketch.weights, deviations: this.#deviations };
    return ok({ sketch: this.#sketch, weights, problems: this.#notices.all() });
  }

  #fail(code: string, message: string, byteOffset: number): Result<never, Problem> {
    const { file } = this.#options;
    return err(problem(`onnx.${code}`, `${file}: ${message}`, { where: { file, byteOffset } }));
  }

  #scopeOf(graph: GraphRecord, outer: Scope | null): Scope {
    const values = new Map<string, Value>();
    for (const tensor of graph.initializers) {
      values.set(tensor.name, constantOf(tensor, tensor.name, this.#source));
      if (tensor.isExternal) this.#notices.external(tensor.name);
    }
    const declared = new Map([...graph.values, ...graph.outputs].map((each) => [each.name, each]));
    return { values, declared, outer };
  }

  #inputs(graph: GraphRecord, scope: Scope): Result<null, Problem> {
    const { shapes = {}, values = {} } = this.#options;
    const names = new Set(graph.inputs.map(({ name }) => name));
    for (const name of [...Object.keys(shapes), ...Object.keys(values)])
      if (!names.has(name)) this.#notices.unknownInput(name, [...names]);
    // Symbols that a given shape binds hold for every input.
    for (const record of graph.inputs)
      for (const [axis, extent] of (shapes[record.name] ?? []).entries()) {
        const symbol = record.shape?.[axis];
        if (typeof symbol === 'string' && symbol !== '') this.#symbols.set(symbol, extent);
      }
    for (const record of graph.inputs) {
      // Before IR version 4 initializers are listed among the inputs.
      if (scope.values.has(record.name)) continue;
      const given = values[record.name];
      const elementType = elementTypeOfData(record.dataType);
      if (given) {
        const shape = record.shape?.length === 0 ? [] : [given.length];
        const type = { shape, elementType };
        scope.values.set(record.name, constant(record.name, type, given));
        continue;
      }
      const shape = shapes[record.name];
      if (shape?.some((extent) => !Number.isSafeInteger(extent) || extent < 1 || extent > LARGEST))
        return this.#fail(
          'option-shape',
          `The shape given for '${record.name}' has an extent outside 1 to ${LARGEST}`,
          0,
        );
      const resolved = shape ? null : resolveInput(record, this.#symbols);
      const type = resolved?.type ?? { shape: shape ?? [], elementType };
      const node = this.#sketch.add('input', record.name, { shape: type.shape, elementType: type.elementType });
      scope.values.set(record.name, { kind: 'flow', node, port: 'out', type });
      if (resolved && (resolved.hasFreeBatch || resolved.assumed.length > 0))
        this.#notices.freeDimensions(record, resolved.type, resolved.assumed.length === 0, node);
    }
    return ok(null);
  }

  #enter(
    nodes: readonly NodeRecord[],
    frame: Pick<Frame, 'scope' | 'path' | 'caller' | 'results'>,
  ): Result<null, Problem> {
    const { nodes: ordered, read, cyclic } = sequenced(nodes);
    if (cyclic)
      return this.#fail('cycle', `'${cyclic.name || cyclic.operator}' depends on its own result`, cyclic.byteOffset);
    this.#frames.push({ ...frame, nodes: ordered, read, next: 0 });
    return ok(null);
  }

  #leave(frame: Frame): void {
    this.#frames.pop();
    const below = this.#frames.at(-1);
    if (!below) return;
    for (const [inner, outer] of frame.results) {
      const value = this.#lookup(frame.scope, inner);
      if (value && outer !== '') below.scope.values.set(outer, value);
    }
  }

  #lookup(scope: Scope, name: string): Value | null {
    for (let at: Scope | null = scope; at; at = at.outer) {
      const value = at.values.get(name);
      if (value) return value;
    }
    return null;
  }

  #node(node: NodeRecord, frame: Frame): Result<null, Problem> {
    const attributes = new Attributes(node, frame.caller);
    const inputs = node.inputs.map((name) => (name === '' ? null : this.#input(name, node, frame)));
    const path = [...frame.path, ...scopesIn(node.name)];
    const body = this.#functions.get(`${node.domain}:${node.operator}`);
    if (body) return this.#call(node, body, inputs, attributes, path);
    if (node.operator === 'If' && node.domain === '') {
      const branch = this.#chosen(node, inputs[0] ?? null, attributes);
      if (branch) return this.#branch(node, branch, frame);
    }
    const parts = withKnownZeroPoints(node, inputs);
    if (parts) return this.#each(parts, frame);
    const call = {
      operator: node.operator,
      attributes,
      inputs,
      outputs: node.outputs,
      opset: this.#opset,
      source: this.#source,
    };
    const folded = this.#folded(node, call);
    if (folded) {
      for (const [i, value] of folded.entries()) this.#bind(frame.scope, node.outputs[i], value);
      return ok(null);
    }
    const mapping = mapperOf(node.domain, node.operator)?.(call) ?? null;
    if (!mapping || !this.#draw(node, mapping, frame, path)) this.#opaque(node, call, frame, path);
    return ok(null);
  }

  #each(nodes: readonly NodeRecord[], frame: Frame): Result<null, Problem> {
    for (const node of nodes) {
      const stepped = this.#node(node, frame);
      if (!stepped.ok) return stepped;
    }
    return ok(null);
  }

  #bind(scope: Scope, name: string | undefined, value: Value): void {
    if (name) scope.values.set(name, value);
  }

  #input(name: string, node: NodeRecord, frame: Frame): Value | null {
    const value = this.#lookup(frame.scope, name);
    if (value) return value;
    this.#notices.missingValue(node, name);
    return null;
  }

  #call(
    node: NodeRecord,
    body: FunctionRecord,
    inputs: readonly (Value | null)[],
    attributes: Attributes,
    path: readonly string[],
  ): Result<null, Problem> {
    if (this.#frames.length >= DEEPEST)
      return this.#fail('nesting', `Calls of '${body.name}' are nested deeper than ${DEEPEST}`, node.byteOffset);
    const values = new Map<string, Value>();
    for (const [i, name] of body.inputs.entries()) {
      const value = inputs[i];
      if (value) values.set(name, value);
    }
    return this.#enter(body.nodes, {
      scope: { values, declared: new Map(), outer: null },
      path: [...path, node.name.split('/').at(-1) || body.name],
      caller: attributes,
      results: body.outputs.map((inner, i) => [inner, node.outputs[i] ?? ''] as const),
    });
  }

  /** The branch of an If: the one its condition decides, else the larger one, and the user is told. */
  #chosen(node: NodeRecord, condition: Value | null, attributes: Attributes): GraphRecord | null {
    const value = condition?.kind === 'constant' ? condition.values?.[0] : undefined;
    const yes = attributes.graph('then_branch');
    const no = attributes.graph('else_branch');
    if (value !== undefined) return value !== 0 ? yes : no;
    if (!yes || !no) return null;
    const branch = no.nodes.length > yes.nodes.length ? no : yes;
    this.#notices.branchAssumed(node, branch === yes ? 'then' : 'else');
    return branch;
  }

  #branch(node: NodeRecord, branch: GraphRecord, frame: Frame): Result<null, Problem> {
    if (this.#frames.length >= DEEPEST)
      return this.#fail('nesting', `Branches are nested deeper than ${DEEPEST}`, node.byteOffset);
    return this.#enter(branch.nodes, {
      scope: this.#scopeOf(branch, frame.scope),
      path: frame.path,
      caller: frame.caller,
      results: branch.outputs.map(({ name }, i) => [name, node.outputs[i] ?? ''] as const),
    });
  }

  /** Constants for the node's results, when it computes on nothing but constants or shapes. */
  #folded(node: NodeRecord, call: Call): readonly Constant[] | null {
    if (node.domain !== '' && node.domain !== 'com.microsoft') return null;
    if (node.operator === 'Constant') return [this.#literal(node, call.attributes)];
    const values = fold(call);
    if (values) return values;
    const operands = call.inputs.filter((input) => input !== null);
    const constants = operands.filter((input): input is Constant => input.kind === 'constant');
    if (constants.length === 0 || constants.length < operands.length || RANDOM.has(node.operator)) return null;
    const mapping = mapperOf(node.domain, node.operator)?.(call);
    const type = mapping && operatorType(mapping.type);
    if (!mapping || !type || constants.some((each) => each.type.shape.includes(0))) return null;
    const parameters = complete(type, mapping.parameters);
    const inferred = this.#infer(
      type,
      parameters,
      mapping.inputs.map((input) => input?.type ?? null),
    );
    if (!inferred?.ok) return null;
    return inferred.value.slice(0, node.outputs.length).map((made, i) => ({
      kind: 'constant',
      name: node.outputs[i] || node.name,
      type: made,
      values: null,
      data: foldedData(mapping, parameters, i),
      isComputed: constants.every((each) => each.isComputed),
    }));
  }

  #literal(node: NodeRecord, attributes: Attributes): Constant {
    const name = node.outputs[0] ?? node.name;
    const tensor = attributes.tensor('value');
    if (tensor) return constantOf(tensor, name, this.#source);
    const list = (values: readonly number[], elementType: 'int64' | 'fp32', isScalar: boolean) =>
      constant(name, { shape: isScalar ? [] : [values.length], elementType }, values);
    const record = (id: string) => attributes.record(id);
    if (record('value_int')) return list([attributes.integer('value_int', 0)], 'int64', true);
    if (record('value_float')) return list([attributes.float('value_float', 0)], 'fp32', true);
    if (record('value_ints')) return list(attributes.integers('value_ints') ?? [], 'int64', false);
    if (record('value_floats')) return list(attributes.floats('value_floats') ?? [], 'fp32', false);
    return constant(name, { shape: [], elementType: 'other' }, null);
  }

  #infer(type: OperatorType, parameters: ParameterValues, inputs: readonly (TensorType | null)[]) {
    const isIncomplete = type.inputs.some(
      (spec, i) => !spec.optional && (spec.variadic ? inputs.every((each) => each === null) : !inputs[i]),
    );
    if (isIncomplete || type.parameters.some((spec) => parameterFault(spec, parameters[spec.id]) !== null)) return null;
    return type.infer(inputs, parameters);
  }

  #declared(frame: Frame, name: string): TensorType | null {
    const record = frame.scope.declared.get(name) ?? this.#declaredOutputs.get(name);
    return declaredType(record, this.#symbols);
  }

  /** Draws a mapped node; false when it cannot stand: a wrong parameter, a missing operand, results beyond the type's. */
  #draw(node: NodeRecord, mapping: Mapping, frame: Frame, path: readonly string[]): boolean {
    const type = operatorType(mapping.type);
    if (!type) return false;
    const parameters = complete(type, mapping.parameters);
    const isVariadic = type.inputs[0]?.variadic === true;
    // Constants without elements (an absent roi, an empty part) stand for nothing.
    const present = mapping.inputs.map((input) =>
      input?.kind === 'constant' && input.type.shape.includes(0) ? null : input,
    );
    const inputs = isVariadic ? present.filter((input) => input !== null) : present;
    const types = inputs.map((input) => input?.type ?? null);
    const hasBlind = inputs.some((input) => input && !input.type);
    const isExcess = node.outputs.some(
      (name, i) => i >= type.outputs.length && !type.outputs[0]?.variadic && name !== '' && frame.read.has(name),
    );
    if (isExcess) return false;
    const inferred = hasBlind ? null : this.#infer(type, parameters, types);
    if (!hasBlind && !inferred) return false;
    if (inferred && !inferred.ok) {
      const isDeclared = node.outputs.some((name) => name !== '' && this.#declared(frame, name) !== null);
      this.#notices.mismatch(node, inferred.error);
      if (isDeclared) return false;
    }
    const id = this.#sketch.add(type.id, nameOf(node), parameters, path);
    for (const [i, input] of inputs.entries()) {
      const port = isVariadic ? `${type.inputs[0]!.id}${i}` : type.inputs[i]?.id;
      if (input && port) this.#sketch.join(input, id, port);
    }
    const known = inferred?.ok ? inferred.value : [];
    for (const [i, name] of node.outputs.entries()) {
      if (name === '') continue;
      const port = type.outputs[0]?.variadic ? `${type.outputs[0].id}${i}` : type.outputs[i]?.id;
      if (port)
        this.#bind(frame.scope, name, { kind: 'flow', node: id, port, type: known[i] ?? this.#declared(frame, name) });
    }
    const { weight, weights = {}, deviation, note } = mapping;
    for (const [weightName, stored] of Object.entries(weights))
      if (stored) this.#sketch.weights.push({ node: id, name: weightName, type: stored.type, data: stored.data });
    if (deviation) this.#deviations.push({ node: id, reason: deviation });
    if (note) this.#notices.note(node, note);
    if (weight) {
      if (this.#owned.has(weight)) this.#notices.sharedWeight(product(weight.type.shape));
      this.#owned.add(weight);
      const expected = inferred?.ok ? type.weights(types, parameters)[0] : undefined;
      if (expected && product(expected.shape) !== product(weight.type.shape))
        this.#notices.weightShape(node, id, expected.name, weight.type.shape, expected.shape);
    }
    return true;
  }

  #opaque(node: NodeRecord, call: Call, frame: Frame, path: readonly string[]): void {
    const flows = call.inputs.filter((input) => input?.kind === 'flow');
    const weights = call.inputs.filter(
      (input): input is Constant =>
        input?.kind === 'constant' &&
        product(input.type.shape) > 1 &&
        !input.type.shape.some((extent) => extent > LARGEST),
    );
    const types: TensorType[] = [];
    const guessed = subgraphTypes(call, this.#symbols);
    if (TYPE_PRESERVING.has(node.operator)) guessed[0] ??= call.inputs[0]?.type ?? null;
    for (const [i, name] of node.outputs.entries()) {
      const type = (name === '' ? null : this.#declared(frame, name)) ?? guessed[i];
      if (!type) break;
      types.push(type);
    }
    const weightShapes = formatShapes(weights.map(({ type }) => type));
    const outputShapes = formatShapes(types);
    const id = this.#sketch.add(
      'opaque',
      nameOf(node),
      {
        operator: node.operator.slice(0, 256),
        domain: node.domain.slice(0, 256),
        outputShapes: outputShapes.length <= 4096 ? outputShapes : '',
        weightShapes: weightShapes.length <= 4096 ? weightShapes : '',
      },
      path,
    );
    for (const [i, flow] of flows.entries()) if (flow) this.#sketch.join(flow, id, `in${i}`);
    for (const [i, name] of node.outputs.entries())
      this.#bind(frame.scope, name, { kind: 'flow', node: id, port: `out${i}`, type: types[i] ?? null });
    const isKnown = mapperOf(node.domain, node.operator) !== null;
    this.#notices.opaque(node, id, call.attributes.hasGraph ? 'subgraph' : isKnown ? 'form' : 'unknown');
  }

  #outputs(graph: GraphRecord, scope: Scope): void {
    for (const { name } of graph.outputs) {
      const value = this.#lookup(scope, name);
      if (!value || (value.kind === 'constant' && value.type.shape.includes(0))) {
        this.#notices.missingOutput(name);
        continue;
      }
      this.#sketch.join(value, this.#sketch.add('output', name, {}), 'in');
    }
  }
}

/** Result `output` of a mapped operator on constants. */
function foldedData(mapping: Mapping, parameters: ParameterValues, output: number): StoredData {
  if (mapping.deviation) return { kind: 'absent', reason: mapping.deviation };
  const inputs = mapping.inputs.map((input) => (input?.kind === 'constant' ? input : null));
  const weights = Object.entries(mapping.weights ?? {}).flatMap(([name, each]) =>
    each ? [[name, each] as const] : [],
  );
  return computed(mapping.type, parameters, inputs, Object.fromEntries(weights), output);
}

function complete(type: OperatorType, parameters: ParameterValues): ParameterValues {
  return { ...defaultParameters(type.parameters), ...parameters };
}

/** `/layer1/layer1.0/conv1/Conv` → layer1, layer1.0, conv1. */
function scopesIn(name: string): readonly string[] {
  if (!name.includes('/')) return [];
  return name
    .split('/')
    .slice(0, -1)
    .filter((part) => part !== '')
    .slice(0, 32);
}
