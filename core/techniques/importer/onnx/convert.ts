/**
 * Walks an ONNX graph in data-flow order with a stack of frames (the graph, branches of decided Ifs, bodies of
 * functions), evaluates what only serves shapes, and draws one node for each operator that is left. Types are
 * inferred by the catalog as the walk goes, because later shapes are computed from earlier ones.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { err, ok, type Result } from '#core/base/result.ts';
import { LARGEST } from '#core/catalog/operators/common.ts';
import type { StoredWeights } from '#core/reference/stored.ts';
import type { ByteSource, ImportOptions } from '#core/technique/importer.ts';
import { Attributes } from './attributes.ts';
import { folded } from './constants.ts';
import { Drawing } from './draw.ts';
import { resolveInput, type Symbols } from './inputs.ts';
import { Notices } from './notices.ts';
import { mapperOf } from './operators/index.ts';
import type { FunctionRecord, GraphRecord, ModelRecord, NodeRecord } from './proto.ts';
import { bind, lookup, type Scope } from './scope.ts';
import { sequenced } from './sequence.ts';
import { Sketch } from './sketch.ts';
import { constant, constantOf, elementTypeOfData, type Value } from './values.ts';
import { withKnownZeroPoints } from './zero-points.ts';

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

/** Calls and branches inside one another, and operators in all once they are written out. */
const DEEPEST = 64;
const MOST_NODES = 100_000;
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
  readonly #drawing: Drawing;

  constructor(model: ModelRecord, source: ByteSource, options: ImportOptions) {
    this.#model = model;
    this.#source = source;
    this.#options = options;
    this.#notices = new Notices(options);
    this.#opset = model.opsets.get('') ?? (model.irVersion < 3 ? 1 : 21);
    this.#functions = new Map(model.functions.map((each) => [`${each.domain}:${each.name}`, each]));
    this.#drawing = new Drawing(model.graph, this.#sketch, this.#notices, this.#symbols);
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
    const weights = { tensors: this.#sketch.weights, deviations: this.#drawing.deviations };
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
      const value = lookup(frame.scope, inner);
      if (value && outer !== '') below.scope.values.set(outer, value);
    }
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
    const constants = folded(node, call);
    if (constants) {
      for (const [i, value] of constants.entries()) bind(frame.scope, node.outputs[i], value);
      return ok(null);
    }
    const mapping = mapperOf(node.domain, node.operator)?.(call) ?? null;
    if (!mapping || !this.#drawing.mapped(node, mapping, frame, path)) this.#drawing.opaque(node, call, frame, path);
    return ok(null);
  }

  #each(nodes: readonly NodeRecord[], frame: Frame): Result<null, Problem> {
    for (const node of nodes) {
      const stepped = this.#node(node, frame);
      if (!stepped.ok) return stepped;
    }
    return ok(null);
  }

  #input(name: string, node: NodeRecord, frame: Frame): Value | null {
    const value = lookup(frame.scope, name);
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

  #outputs(graph: GraphRecord, scope: Scope): void {
    for (const { name } of graph.outputs) {
      const value = lookup(scope, name);
      if (!value || (value.kind === 'constant' && value.type.shape.includes(0))) {
        this.#notices.missingOutput(name);
        continue;
      }
      this.#sketch.join(value, this.#sketch.add('output', name, {}), 'in');
    }
  }
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
