/** What is joined to what in a drawn task graph, faulty or not: validation and reading share it. One pass over nodes and links. */
import type { Document, DocumentNode } from '#core/document/document.ts';

export interface DrawnStream {
  readonly node: DocumentNode;
  /** Ids of tasks; null where nothing is joined. */
  readonly writer: string | null;
  readonly reader: string | null;
}

export interface DrawnEnd {
  /** Whose parameters say how it is accessed: the tensor, or an access between. */
  readonly by: DocumentNode;
  readonly task: string;
  readonly direction: 'load' | 'store';
}

export interface DrawnTensor {
  readonly node: DocumentNode;
  /** In the order of the links at the tensor. */
  readonly ends: readonly DrawnEnd[];
}

export interface DrawnAccess {
  readonly node: DocumentNode;
  readonly from: DocumentNode | null;
  readonly to: DocumentNode | null;
}

export interface Wiring {
  readonly tasks: readonly DocumentNode[];
  readonly streams: readonly DrawnStream[];
  readonly tensors: readonly DrawnTensor[];
  readonly accesses: readonly DrawnAccess[];
  readonly notes: readonly DocumentNode[];
}

export function wiringOf(document: Document): Wiring {
  const into = new Map<string, DocumentNode>();
  const outOf = new Map<string, DocumentNode>();
  const links = [...document.links.values()].flatMap(({ from, to }) => {
    const source = document.nodes.get(from.node);
    const target = document.nodes.get(to.node);
    return source && target ? [{ source, target }] : [];
  });
  for (const { source, target } of links) {
    if (!into.has(target.id)) into.set(target.id, source);
    if (!outOf.has(source.id)) outOf.set(source.id, target);
  }
  const ends = new Map<string, DrawnEnd[]>();
  const end = (tensor: DocumentNode, other: DocumentNode, direction: DrawnEnd['direction']) => {
    const isAccess = other.type === 'off-chip-access';
    const task = isAccess ? (direction === 'load' ? outOf : into).get(other.id) : other;
    if (task?.type !== 'task') return;
    const made = { by: isAccess ? other : tensor, task: task.id, direction };
    const known = ends.get(tensor.id);
    if (known) known.push(made);
    else ends.set(tensor.id, [made]);
  };
  for (const { source, target } of links) {
    if (source.type === 'off-chip-tensor') end(source, target, 'load');
    else if (target.type === 'off-chip-tensor') end(target, source, 'store');
  }
  const ofType = (type: string) => [...document.nodes.values()].filter((node) => node.type === type);
  const taskOr = (node: DocumentNode | undefined) => (node?.type === 'task' ? node.id : null);
  return {
    tasks: ofType('task'),
    streams: ofType('stream').map((node) => ({
      node,
      writer: taskOr(into.get(node.id)),
      reader: taskOr(outOf.get(node.id)),
    })),
    tensors: ofType('off-chip-tensor').map((node) => ({ node, ends: ends.get(node.id) ?? [] })),
    accesses: ofType('off-chip-access').map((node) => ({
      node,
      from: into.get(node.id) ?? null,
      to: outOf.get(node.id) ?? null,
    })),
    notes: ofType('design-note'),
  };
}
