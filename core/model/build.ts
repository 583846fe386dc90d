/**
 * Document → typed model graph, with every fault a problem that says where. Live validation and the compiler
 * share it. What lies behind a fault stays untyped and unreported: one mistake gives one problem. Linear in
 * nodes and links; each node is evaluated once, in `wire`'s order, and with a memo only where something changed.
 */
import { type Problem, problem } from '#core/base/problem.ts';
import { elementCount, type TensorType } from '#core/catalog/operator-type.ts';
import { booleanOf, textOf } from '#core/catalog/parameter.ts';
import type { Document } from '#core/document/document.ts';
import type { ModelGraph, Operator, Tensor } from './graph.ts';
import { ModelMemo } from './memo.ts';
import { portKey } from './ports.ts';
import { nameOf, type Wired, wire } from './wiring.ts';

export interface BuiltModel {
  /** Null while the document has an error. */
  readonly graph: ModelGraph | null;
  readonly problems: readonly Problem[];
  /** What is known of each result, faults or not; keys are `portKey(node, output port)`. */
  readonly types: ReadonlyMap<string, TensorType>;
}

interface Typed {
  readonly wired: Wired;
  readonly inputs: readonly (TensorType | null)[];
  readonly outputs: readonly TensorType[];
}

/** @param memo of the document's earlier revisions, where there are any. */
export function buildModel(document: Document, memo = new ModelMemo()): BuiltModel {
  const { order, problems: structural } = wire(document, memo);
  const problems = [...structural];
  const types = new Map<string, TensorType>();
  const typed: Typed[] = [];
  for (const wired of order) {
    const made = evaluate(document, wired, types, memo);
    if (made === null) continue;
    if ('code' in made) {
      problems.push(made);
      continue;
    }
    typed.push(made);
    for (const [i, type] of made.outputs.entries()) {
      const port = wired.outputs[i];
      if (port) types.set(portKey(wired.node.id, port.id), type);
    }
  }
  problems.push(...advice(document, order));
  const isWhole = !problems.some(({ severity }) => severity === 'error');
  return { graph: isWhole ? assemble(typed, memo) : null, problems, types };
}

/** The node's types, the problem it has, or null when the fault lies before it or is reported already. */
function evaluate(
  document: Document,
  wired: Wired,
  types: ReadonlyMap<string, TensorType>,
  memo: ModelMemo,
): Typed | Problem | null {
  const { node, type, parameters, sources } = wired;
  const fault = (code: string, message: string, rest: Partial<Pick<Problem, 'facts' | 'fixes'>> = {}) =>
    problem(code, message, { where: { document: document.id, node: node.id }, ...rest });
  const inputs: (TensorType | null)[] = [];
  for (const port of wired.inputs) {
    const link = sources.get(port.id);
    const isVariadic = !type.inputs.some(({ id }) => id === port.id);
    if (!link) {
      if (!port.optional && !isVariadic) {
        const fixes = [{ title: `Delete ${nameOf(node)}`, edits: [{ type: 'remove-node', node: node.id }] }] as const;
        return fault('model.missing-input', `${nameOf(node)} has nothing on its input '${port.title}'`, { fixes });
      }
      inputs.push(null);
      continue;
    }
    const found = types.get(portKey(link.from.node, link.from.port));
    if (!found) return null;
    inputs.push(found);
  }
  if (type.inputs.some((spec) => spec.variadic && !spec.optional) && inputs.every((each) => each === null))
    return fault('model.missing-input', `${nameOf(node)} has no operand: link at least one`);
  if (!wired.isSound) return null;
  const inferred = memo.infer(node, type, inputs, parameters);
  if (!inferred.ok) return fault('model.shape', `${nameOf(node)}: ${inferred.error}`);
  const unknown = [...wired.read].find(
    (port) => wired.outputs.findIndex(({ id }) => id === port) >= inferred.value.length,
  );
  if (unknown !== undefined && type.outputs.length > 0)
    return fault(
      'model.missing-result',
      `${nameOf(node)} has ${inferred.value.length} results; '${unknown}' is linked but is none of them`,
    );
  const huge = inferred.value.find(({ shape }) => !Number.isSafeInteger(elementCount(shape)));
  if (huge)
    return fault(
      'model.too-large',
      `${nameOf(node)}: a result of ${huge.shape.join('×')} has too many elements to count`,
    );
  return { wired, inputs, outputs: inferred.value };
}

/** What is not wrong but probably not meant. */
function advice(document: Document, order: readonly Wired[]): readonly Problem[] {
  const found: Problem[] = [];
  const isCompute = ({ type }: Wired) => type.category !== 'interface';
  if (!order.some(isCompute)) {
    const message = 'The model has no operator yet. Drop an .onnx file on the canvas, or press Space and type a name';
    found.push(problem('model.empty', message, { severity: 'info', where: { document: document.id } }));
  }
  for (const wired of order) {
    const { node, type, read } = wired;
    if (read.size > 0 || type.outputs.length === 0) continue;
    const remove = { title: `Delete ${nameOf(node)}`, edits: [{ type: 'remove-node', node: node.id }] } as const;
    const message = isCompute(wired)
      ? `Nobody reads the result of ${nameOf(node)}; it is taken as an output of the model`
      : `Nobody reads ${nameOf(node)}`;
    found.push(
      problem('model.unread-result', message, {
        severity: isCompute(wired) ? 'warning' : 'info',
        where: { document: document.id, node: node.id },
        fixes: [remove],
      }),
    );
  }
  return [...found, ...opaqueAdvice(document, order)];
}

/** One warning for each unknown operator, however often it occurs. */
function opaqueAdvice(document: Document, order: readonly Wired[]): readonly Problem[] {
  const byName = new Map<string, Wired[]>();
  for (const wired of order) {
    if (wired.type.category !== 'opaque') continue;
    const name = textOf(wired.parameters, 'operator') || nameOf(wired.node);
    byName.set(name, [...(byName.get(name) ?? []), wired]);
  }
  return [...byName].map(([name, [first, ...rest]]) => {
    const many = rest.length > 0 ? `${rest.length + 1} operators are` : 'one operator is';
    const message = `${name} is not in the catalog: ${many} opaque. Operands and results are moved, the arithmetic is not counted`;
    return problem('model.opaque', message, {
      severity: 'warning',
      where: { document: document.id, node: first!.node.id },
      facts: { operator: name, occurrences: rest.length + 1 },
    });
  });
}

type Draft = { -readonly [Key in keyof Tensor]: Tensor[Key] } & { consumers: number[] };

function assemble(typed: readonly Typed[], memo: ModelMemo): ModelGraph {
  const tensors: Draft[] = [];
  const operators: Operator[] = [];
  const byPort = new Map<string, Draft>();
  const source = (wired: Wired, port: string) => {
    const link = wired.sources.get(port);
    return link ? (byPort.get(portKey(link.from.node, link.from.port)) ?? null) : null;
  };
  for (const { wired, inputs, outputs } of typed) {
    const { node, type, parameters } = wired;
    if (type.id === 'output') {
      const made = source(wired, 'in');
      if (made && made.producer !== null) made.kind = 'output';
      continue;
    }
    const isRim = type.category === 'interface';
    const index = operators.length;
    const made: number[] = [];
    for (const [i, result] of outputs.entries()) {
      const port = wired.outputs[i]?.id ?? '';
      if (i > 0 && !wired.read.has(port)) continue;
      const tensor: Draft = {
        index: tensors.length,
        name: i === 0 ? nameOf(node) : `${nameOf(node)} ${wired.outputs[i]?.title ?? i}`,
        type: result,
        node: node.id,
        port,
        producer: isRim ? null : index,
        consumers: [],
        kind: type.id === 'input' || type.id === 'constant' ? type.id : wired.read.size === 0 ? 'output' : 'activation',
      };
      if (type.id === 'constant') tensor.trained = booleanOf(parameters, 'trained', true);
      tensors.push(tensor);
      byPort.set(portKey(node.id, port), tensor);
      made.push(tensor.index);
    }
    if (isRim) continue;
    const operands = wired.inputs.map((port) => source(wired, port.id));
    for (const operand of operands) if (operand && operand.consumers.at(-1) !== index) operand.consumers.push(index);
    operators.push({
      index,
      node: node.id,
      type,
      name: nameOf(node),
      parameters,
      inputs: operands.map((operand) => operand?.index ?? null),
      outputs: made,
      ...memo.work(node, () => ({
        weights: type.weights(inputs, parameters),
        macs: type.macs(inputs, outputs, parameters),
        kernel: type.kernel(inputs, outputs, parameters),
      })),
    });
  }
  return { operators, tensors };
}
