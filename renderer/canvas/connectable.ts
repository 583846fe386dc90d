/**
 * Every link that could be drawn from or to a node, for the list that draws links by keyboard. Ports are told apart by
 * whether they are free before any rule is asked, so that a drawing of 10,000 nodes takes one look at each.
 */
import type { TensorType } from '#core/catalog/operator-type.ts';
import { type Document, type DocumentNode, type Endpoint, isPart } from '#core/document/document.ts';
import type { Adapter, CanvasPort, LinkedPorts } from './adapter.ts';

export interface Connectable {
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** The other node, and the names of the ports where there are several to choose from. */
  readonly other: DocumentNode;
  readonly way: 'to' | 'from';
  readonly own: CanvasPort;
  readonly port: CanvasPort;
}

/** What it may be joined to before what may be joined to it; nearest first: the likely partner is the one beside it. */
export function connectable(
  document: Document,
  adapter: Adapter,
  node: DocumentNode,
  types?: ReadonlyMap<string, TensorType>,
): readonly Connectable[] {
  const linked = new Map<string, { inputs: string[]; outputs: string[] }>();
  const linkedOf = (id: string) => {
    const known = linked.get(id) ?? { inputs: [], outputs: [] };
    linked.set(id, known);
    return known;
  };
  for (const { from, to } of document.links.values()) {
    linkedOf(from.node).outputs.push(from.port);
    linkedOf(to.node).inputs.push(to.port);
  }
  const NONE: LinkedPorts = { inputs: [], outputs: [] };
  const portsOf = (each: DocumentNode) => adapter.ports(each, linked.get(each.id) ?? NONE);
  const isTaken = (each: DocumentNode, port: CanvasPort) => linked.get(each.id)?.inputs.includes(port.id) ?? false;
  // Of a model an input takes one link; elsewhere the port itself knows.
  const isOpen = (each: DocumentNode, port: CanvasPort) => adapter.kind !== 'model' || !isTaken(each, port);

  const own = portsOf(node);
  const inputs = own.inputs.filter((port) => isOpen(node, port));
  const found: Connectable[] = [];
  const ask = (way: 'to' | 'from', other: DocumentNode, ownPort: CanvasPort, port: CanvasPort) => {
    const here = { node: node.id, port: ownPort.id };
    const there = { node: other.id, port: port.id };
    const [from, to] = way === 'to' ? [here, there] : [there, here];
    if (adapter.canConnect(document, from, to, types).ok) found.push({ from, to, other, way, own: ownPort, port });
  };
  const others = [...document.nodes.values()].filter((other) => other.id !== node.id && isPart(other));
  const ports = new Map(others.map((other) => [other, portsOf(other)]));
  // One way after the other: the rules remember what the node leads to, or what leads to it.
  for (const [other, { inputs: theirs }] of ports)
    for (const port of theirs)
      if (isOpen(other, port)) for (const output of own.outputs) ask('to', other, output, port);
  for (const [other, { outputs }] of ports)
    for (const input of inputs) for (const port of outputs) ask('from', other, input, port);
  const distance = new Map<DocumentNode, number>();
  for (const { other } of found) distance.set(other, Math.hypot(other.x - node.x, other.y - node.y));
  const rank = ({ way }: Connectable) => (way === 'to' ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b) || (distance.get(a.other) ?? 0) - (distance.get(b.other) ?? 0));
}
