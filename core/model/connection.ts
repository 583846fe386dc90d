/** Which ports may be joined, asked while the user drags a link. */
import { err, ok, type Result } from '#core/base/result.ts';
import type { TensorType } from '#core/catalog/operator-type.ts';
import { operatorType } from '#core/catalog/operators.ts';
import { defaultParameters } from '#core/catalog/parameter.ts';
import type { Document, DocumentLink, DocumentNode, Endpoint } from '#core/document/document.ts';
import { buildModel } from './build.ts';
import { operatorPorts, portKey } from './ports.ts';

/** What is asked of one revision of a document again and again: found out once. */
interface Facts {
  /** Links by the node they end at, and next nodes either way. */
  readonly into: ReadonlyMap<string, readonly DocumentLink[]>;
  readonly after: ReadonlyMap<string, readonly string[]>;
  readonly before: ReadonlyMap<string, readonly string[]>;
  /** All that leads to a node, and all it leads to: of the node asked about last. */
  upstream: Reach | null;
  downstream: Reach | null;
  types: ReadonlyMap<string, TensorType> | null;
}
interface Reach {
  readonly node: string;
  readonly nodes: ReadonlySet<string>;
}
const known = new WeakMap<Document['links'], WeakMap<Document['nodes'], Facts>>();

/**
 * ok(true), or one sentence saying why not. `from` is an output, `to` an input; shapes count once all operands are linked.
 * Linear in the document the first time for a revision and a node; then nearly free for others to join that node to.
 * @param types of the document's results by `portKey`, where they are known; else they are inferred, once a revision.
 */
export function canConnect(
  document: Document,
  from: Endpoint,
  to: Endpoint,
  types?: ReadonlyMap<string, TensorType>,
): Result<true, string> {
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
  const facts = factsOf(document);
  for (const link of facts.into.get(to.node) ?? []) {
    if (link.to.port !== to.port) continue;
    return link.from.node === from.node && link.from.port === from.port
      ? err('These two are joined already')
      : err('This input has a link already; an input takes one');
  }
  if (closesCircle(facts, from.node, to.node)) return err('That would make the model go in a circle');
  facts.types ??= types ?? buildModel(document).types;
  return shapesFit(facts.into.get(to.node) ?? [], facts.types, from, to, target);
}

function factsOf(document: Document): Facts {
  const ofNodes = known.get(document.links) ?? new WeakMap<Document['nodes'], Facts>();
  known.set(document.links, ofNodes);
  const found = ofNodes.get(document.nodes);
  if (found) return found;
  const into = new Map<string, DocumentLink[]>();
  const after = new Map<string, string[]>();
  const before = new Map<string, string[]>();
  const add = <T>(lists: Map<string, T[]>, key: string, value: T) => {
    const list = lists.get(key);
    if (list) list.push(value);
    else lists.set(key, [value]);
  };
  for (const link of document.links.values()) {
    add(into, link.to.node, link);
    add(after, link.from.node, link.to.node);
    add(before, link.to.node, link.from.node);
  }
  const facts: Facts = { into, after, before, upstream: null, downstream: null, types: null };
  ofNodes.set(document.nodes, facts);
  return facts;
}

/** Whether the target leads to the source. Links are drawn from one end to many: what that end reaches is kept. */
function closesCircle(facts: Facts, source: string, target: string): boolean {
  if (facts.upstream?.node === source) return facts.upstream.nodes.has(target);
  if (facts.downstream?.node === target) return facts.downstream.nodes.has(source);
  facts.upstream = { node: source, nodes: reachable(facts.before, source) };
  facts.downstream = { node: target, nodes: reachable(facts.after, target) };
  return facts.upstream.nodes.has(target);
}

function portsOf(
  node: DocumentNode,
  type: NonNullable<ReturnType<typeof operatorType>>,
  linked: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
) {
  return operatorPorts(type, { ...defaultParameters(type.parameters), ...node.parameters }, linked);
}

function reachable(next: ReadonlyMap<string, readonly string[]>, start: string): ReadonlySet<string> {
  const seen = new Set([start]);
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop())
    for (const head of next.get(node) ?? []) {
      if (seen.has(head)) continue;
      seen.add(head);
      open.push(head);
    }
  return seen;
}

function shapesFit(
  links: readonly DocumentLink[],
  types: ReadonlyMap<string, TensorType>,
  from: Endpoint,
  to: Endpoint,
  target: DocumentNode,
): Result<true, string> {
  const type = operatorType(target.type)!;
  const sources = new Map<string, Endpoint>([[to.port, from]]);
  for (const link of links) sources.set(link.to.port, link.from);
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
