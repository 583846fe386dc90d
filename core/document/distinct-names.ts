/** Names people can tell apart: a name that repeats is preceded by its group's, then followed by its id if it must be. */
import type { Document, DocumentNode } from './document.ts';

export function withDistinctNames(document: Document): Document {
  const named = renameRepeated([...document.nodes.values()], (node) => {
    const group = node.parent === null ? undefined : document.nodes.get(node.parent);
    return group && group.name !== '' ? `${group.name} · ${node.name}` : node.name;
  });
  const distinct = renameRepeated(named, (node) => `${node.name} (${node.id})`);
  return { ...document, nodes: new Map(distinct.map((node) => [node.id, node])) };
}

function renameRepeated(
  nodes: readonly DocumentNode[],
  rename: (node: DocumentNode) => string,
): readonly DocumentNode[] {
  const count = new Map<string, number>();
  for (const { name } of nodes) count.set(name, (count.get(name) ?? 0) + 1);
  return nodes.map((node) => (node.name !== '' && count.get(node.name)! > 1 ? { ...node, name: rename(node) } : node));
}
