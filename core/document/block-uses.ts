/**
 * Reusable blocks. A use of a block is a group with the block's name (`block`) and a number for each node inside it,
 * in document order (`slots`): nodes of equal number in different uses are the same part of the block. All uses hold
 * real nodes, so that models, runs, problems and drawings need know nothing of blocks; block-sync.ts keeps them equal.
 */
import type { ParameterValue } from '#core/base/value.ts';
import { type Document, type DocumentNode, GROUP_TYPE } from './document.ts';

export interface BlockUse {
  readonly root: DocumentNode;
  readonly block: string;
  /** The part of the block that each node inside is. */
  readonly slotOf: ReadonlyMap<string, number>;
  readonly nodeOf: ReadonlyMap<number, string>;
}

/** Ids of everything inside each of the groups, at any depth, in document order. Linear in nodes × depth. */
export function insideOf(
  { nodes }: Pick<Document, 'nodes'>,
  groups: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const inside = new Map<string, string[]>([...groups].map((id) => [id, []]));
  for (const node of nodes.values())
    for (const group of groupsAround(nodes, node)) if (groups.has(group)) inside.get(group)!.push(node.id);
  return inside;
}

/** From the innermost outwards; ends where groups hold each other. */
export function groupsAround(nodes: Document['nodes'], node: DocumentNode | undefined): readonly string[] {
  const around: string[] = [];
  let parent = node?.parent ?? null;
  while (parent !== null && !around.includes(parent)) {
    const group = nodes.get(parent);
    if (group?.type !== GROUP_TYPE) break;
    around.push(parent);
    parent = group.parent;
  }
  return around;
}

/** The block a group says it is a use of; '' when it is a plain group. */
export function blockOf({ type, parameters: { block, slots } }: DocumentNode): string {
  return type === GROUP_TYPE && typeof block === 'string' && Array.isArray(slots) && slots.length > 0 ? block : '';
}

/** By group, in document order. A group whose numbers do not fit what it holds is a plain group. */
export function usesOf(document: Pick<Document, 'nodes'>): ReadonlyMap<string, BlockUse> {
  const roots = new Map<string, DocumentNode>();
  for (const node of document.nodes.values()) if (blockOf(node) !== '') roots.set(node.id, node);
  const uses = new Map<string, BlockUse>();
  if (roots.size === 0) return uses;
  const inside = insideOf(document, new Set(roots.keys()));
  for (const [id, root] of roots) {
    const use = useOf(root, inside.get(id) ?? []);
    if (use) uses.set(id, use);
  }
  return uses;
}

function useOf(root: DocumentNode, inside: readonly string[]): BlockUse | null {
  const { slots } = root.parameters;
  if (!isNumbers(slots) || slots.length !== inside.length) return null;
  const slotOf = new Map<string, number>();
  const nodeOf = new Map<number, string>();
  for (const [at, id] of inside.entries()) {
    const slot = slots[at];
    if (slot === undefined || !Number.isSafeInteger(slot) || slot < 0 || nodeOf.has(slot)) return null;
    slotOf.set(id, slot);
    nodeOf.set(slot, id);
  }
  return { root, block: blockOf(root), slotOf, nodeOf };
}

export function isNumbers(value: ParameterValue | undefined): value is readonly number[] {
  return Array.isArray(value);
}

export interface Block {
  readonly name: string;
  /** Groups, in document order. */
  readonly uses: readonly BlockUse[];
}

/** The blocks of a document in the order of their first uses. */
export function blocksIn(document: Pick<Document, 'nodes'>): readonly Block[] {
  const found = new Map<string, BlockUse[]>();
  for (const use of usesOf(document).values()) {
    const known = found.get(use.block);
    if (known) known.push(use);
    else found.set(use.block, [use]);
  }
  return [...found].map(([name, uses]) => ({ name, uses }));
}
