/**
 * Draws what is left of a graph: a node of the document for each mapped operator, an opaque one where none stands for it, with
 * its weights, what its numbers deviate in, and what the user is told.
 */
import type { TensorType } from '#core/catalog/operator-type.ts';
import { LARGEST, product } from '#core/catalog/operators/common.ts';
import { formatShapes } from '#core/catalog/operators/opaque.ts';
import { operatorType } from '#core/catalog/operators.ts';
import type { Call } from './fold.ts';
import { complete, infer } from './infer.ts';
import { declaredType, type Symbols } from './inputs.ts';
import type { Mapping } from './mapping.ts';
import { type Notices, nameOf } from './notices.ts';
import { mapperOf, TYPE_PRESERVING } from './operators/index.ts';
import type { GraphRecord, NodeRecord, ValueRecord } from './proto.ts';
import { bind, type Scope } from './scope.ts';
import type { Sketch } from './sketch.ts';
import { subgraphTypes } from './subgraph.ts';
import type { Constant } from './values.ts';

/** Where a node stands. */
export interface Surroundings {
  readonly scope: Scope;
  /** Names that other nodes of the graph read. */
  readonly read: ReadonlySet<string>;
}

export class Drawing {
  readonly deviations: { readonly node: string; readonly reason: string }[] = [];
  readonly #sketch: Sketch;
  readonly #notices: Notices;
  readonly #symbols: Symbols;
  readonly #declaredOutputs: ReadonlyMap<string, ValueRecord>;
  /** Weights that an operator has taken as its own. */
  readonly #owned = new Set<Constant>();

  constructor(graph: GraphRecord | null, sketch: Sketch, notices: Notices, symbols: Symbols) {
    this.#sketch = sketch;
    this.#notices = notices;
    this.#symbols = symbols;
    this.#declaredOutputs = new Map(graph?.outputs.map((each) => [each.name, each]));
  }

  /** Draws a mapped node; false when it cannot stand: a wrong parameter, a missing operand, results beyond the type's. */
  mapped(node: NodeRecord, mapping: Mapping, frame: Surroundings, path: readonly string[]): boolean {
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
    const inferred = hasBlind ? null : infer(type, parameters, types);
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
        bind(frame.scope, name, { kind: 'flow', node: id, port, type: known[i] ?? this.#declared(frame, name) });
    }
    const { weight, weights = {}, deviation, note } = mapping;
    for (const [weightName, stored] of Object.entries(weights))
      if (stored) this.#sketch.weights.push({ node: id, name: weightName, type: stored.type, data: stored.data });
    if (deviation) this.deviations.push({ node: id, reason: deviation });
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

  opaque(node: NodeRecord, call: Call, frame: Surroundings, path: readonly string[]): void {
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
      bind(frame.scope, name, { kind: 'flow', node: id, port: `out${i}`, type: types[i] ?? null });
    const isKnown = mapperOf(node.domain, node.operator) !== null;
    this.#notices.opaque(node, id, call.attributes.hasGraph ? 'subgraph' : isKnown ? 'form' : 'unknown');
  }

  #declared(frame: Surroundings, name: string): TensorType | null {
    const record = frame.scope.declared.get(name) ?? this.#declaredOutputs.get(name);
    return declaredType(record, this.#symbols);
  }
}
