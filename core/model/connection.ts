/** Which ports may be joined, asked while the user drags a link. */
import { err, ok, type Result } from '#core/base/result.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { Document, DocumentNode, Endpoint } from '#core/document/document.ts';
import { buildModel } from './build.ts';
import { operatorPorts, portKey } from './ports.ts';

/** ok(true), or one sentence saying why not. `from` is an output, `to` an input; shapes count once all operands are linked. */
export function canConnect(document: Document, from: Endpoint, to: Endpoint): Result<true, string> {
  const source = document.nodes.get(from.node);
  const target = document.nodes.get(to.node);
  const sourceType = source && operatorType(source.type);
  const targetType = target && operatorType(target.type);
  if (!sourceType || !targetType) return err('There is no such operator');
  const sourcePorts = portsOf(source, sourceType, { inputs: [], outputs: [from.port] });
  const targetPorts = portsOf(target, targetType, { inputs: [to.port], outputs: [] });
  if (!sourcePorts.outputs.some(({ id }) => id === from.port) || !targetPorts.inputs.some(({ id }) => id === to.port))
    return err('Draw from a result (right) to an operand (left)');
  if (from.node === to.node) return err('An operator cannot read its own result');
  for (const link of document.links.values()) {
    if (link.to.node !== to.node || link.to.port !== to.port) continue;
    return link.from.node === from.node && link.from.port === from.port
      ? err('These two are joined already')
      : err('This input has a link already; an input takes one');
  }
  if (reaches(document, to.node, from.node)) return err('That would make the model go in a circle');
  return shapesFit(document, from, to, target);
}

function portsOf(
  node: DocumentNode,
  type: NonNullable<ReturnType<typeof operatorType>>,
  linked: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
) {
  return operatorPorts(type, { ...defaultParameters(type.parameters), ...node.parameters }, linked);
}

function reaches(document: Document, start: string, goal: string): boolean {
  const next = new Map<string, string[]>();
  for (const { from, to } of document.links.values()) {
    const heads = next.get(from.node);
    if (heads) heads.push(to.node);
    else next.set(from.node, [to.node]);
  }
  const seen = new Set([start]);
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === goal) return true;
    for (const head of next.get(node) ?? []) {
      if (seen.has(head)) continue;
      seen.add(head);
      open.push(head);
    }
  }
  return false;
}

function shapesFit(document: Document, from: Endpoint, to: Endpoint, target: DocumentNode): Result<true, string> {
  const type = operatorType(target.type)!;
  const { types } = buildModel(document);
  const sources = new Map<string, Endpoint>([[to.port, from]]);
  for (const link of document.links.values()) if (link.to.node === target.id) sources.set(link.to.port, link.from);
  const parameters = { ...defaultParameters(type.parameters), ...target.parameters };
  const ports = operatorPorts(type, parameters, { inputs: sources.keys(), outputs: [] });
  const operands: (TensorType | null)[] = [];
  for (const port of ports.inputs) {
    const end = sources.get(port.id);
    const known = end ? types.get(portKey(end.node, end.port)) : undefined;
    if (end && !known) return ok(true);
    if (!end && !port.optional) return ok(true);
    operands.push(known ?? null);
  }
  // One operand of several is not enough to judge an operator that takes any number.
  if (type.inputs.some(({ variadic }) => variadic) && sources.size < 2) return ok(true);
  const inferred = type.infer(operands, parameters);
  return inferred.ok ? ok(true) : err(inferred.error);
}
