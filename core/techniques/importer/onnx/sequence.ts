/** The nodes of one graph in an order that respects data flow: the standard asks for it, not every file has it. */
import { topologicalOrder } from '#core/model/order.ts';
import type { GraphRecord, NodeRecord } from './proto.ts';

export interface Sequence {
  readonly nodes: readonly NodeRecord[];
  /** Names that some node reads, subgraphs included. */
  readonly read: ReadonlySet<string>;
  /** A node on a cycle, when there is one. */
  readonly cyclic: NodeRecord | null;
}

export function sequenced(nodes: readonly NodeRecord[]): Sequence {
  const producer = new Map<string, number>();
  for (const [index, node] of nodes.entries())
    for (const name of node.outputs) if (name !== '') producer.set(name, index);
  const read = new Set<string>();
  const successors: number[][] = nodes.map(() => []);
  for (const [index, node] of nodes.entries()) {
    for (const name of namesRead(node)) {
      read.add(name);
      const source = producer.get(name);
      if (source !== undefined) successors[source]!.push(index);
    }
  }
  const { order, cycle } = topologicalOrder(successors);
  return {
    nodes: order.map((index) => nodes[index]!),
    read,
    cyclic: cycle.length > 0 ? nodes[cycle[0]!]! : null,
  };
}

/** What the node reads, and what the graphs in its attributes read from around them. */
function namesRead(node: NodeRecord): readonly string[] {
  const names = [...node.inputs];
  const open: GraphRecord[] = [];
  const own = new Set<string>();
  const enter = (each: NodeRecord) => {
    for (const { graph } of each.attributes) if (graph) open.push(graph);
  };
  enter(node);
  for (let graph = open.pop(); graph; graph = open.pop()) {
    for (const { name } of graph.initializers) own.add(name);
    for (const { name } of graph.inputs) own.add(name);
    for (const inner of graph.nodes) {
      names.push(...inner.inputs);
      for (const name of inner.outputs) own.add(name);
      enter(inner);
    }
    for (const { name } of graph.outputs) names.push(name);
  }
  return own.size === 0 ? names : names.filter((name) => !own.has(name));
}
