/**
 * Values that a use of a block has of its own: a node that is a part of a block lists the parameters (`own`) in which
 * it follows nobody. What the block says is what uses that follow it hold; where all have their own, it says nothing.
 */
import type { ParameterValue } from '#core/base/value.ts';
import { type BlockUse, blockOf, groupsAround } from './block-uses.ts';
import type { Command } from './command.ts';
import type { Document, DocumentNode } from './document.ts';

export function isOwn({ own }: DocumentNode, parameter: string): boolean {
  return own?.includes(parameter) === true;
}

/** The node with or without a value of its own; the same node where nothing changes. */
export function withOwn(node: DocumentNode, parameter: string, own: boolean): DocumentNode {
  if (isOwn(node, parameter) === own) return node;
  const { own: known = [], ...rest } = node;
  const next = own ? [...known, parameter].sort() : known.filter((id) => id !== parameter);
  return next.length > 0 ? { ...rest, own: next } : rest;
}

export function withoutOwn(node: DocumentNode): DocumentNode {
  const { own: _, ...rest } = node;
  return rest;
}

/** Uses by group and by block, looked through again and again. */
export interface UsesIndex {
  readonly uses: ReadonlyMap<string, BlockUse>;
  readonly byBlock: ReadonlyMap<string, readonly BlockUse[]>;
}

export function indexUses(uses: ReadonlyMap<string, BlockUse>): UsesIndex {
  return { uses, byBlock: Map.groupBy(uses.values(), ({ block }) => block) };
}

/** A node that holds what the block says of a parameter of this part, the innermost block first; null: none does. */
export function followerOf(
  document: Pick<Document, 'nodes'>,
  { uses, byBlock }: UsesIndex,
  id: string,
  parameter: string,
): DocumentNode | null {
  for (const group of groupsAround(document.nodes, document.nodes.get(id))) {
    const use = uses.get(group);
    const slot = use?.slotOf.get(id);
    if (!use || slot === undefined) continue;
    for (const { nodeOf } of byBlock.get(use.block) ?? []) {
      const node = document.nodes.get(nodeOf.get(slot) ?? '');
      if (node && !isOwn(node, parameter)) return node;
    }
  }
  return null;
}

/** The nodes keep parameters to themselves, or take the block's again. Null where that changes nothing. */
export function setOwn(
  document: Pick<Document, 'nodes'>,
  uses: ReadonlyMap<string, BlockUse>,
  nodes: readonly string[],
  parameters: readonly string[],
  own: boolean,
): Command | null {
  const commands = nodes.flatMap((id) => {
    const node = document.nodes.get(id);
    if (!node || !groupsAround(document.nodes, node).some((group) => uses.has(group))) return [];
    return parameters
      .filter((parameter) => isOwn(node, parameter) !== own)
      .map((parameter) => ({ type: 'node.set-own', node: id, parameter, own }) as const);
  });
  const [first] = commands;
  if (!first || commands.length === 1) return first ?? null;
  const what = parameters.length === 1 ? parameters[0] : `${parameters.length} parameters`;
  const whose = nodes.length === 1 ? (document.nodes.get(nodes[0]!)?.name ?? nodes[0]) : `${nodes.length} nodes`;
  return {
    type: 'batch',
    label: own ? `Keep ${what} of ${whose} to the use` : `Reset ${what} of ${whose} to the block's`,
    commands,
  };
}

export interface OwnValue {
  readonly node: DocumentNode;
  readonly parameter: string;
  readonly value: ParameterValue | undefined;
}

/** All values of its own in a use, in document order. */
export function ownValuesIn(document: Pick<Document, 'nodes'>, { slotOf }: BlockUse): readonly OwnValue[] {
  return [...slotOf.keys()].flatMap((id) => {
    const node = document.nodes.get(id);
    return (node?.own ?? []).map((parameter) => ({ node: node!, parameter, value: node!.parameters[parameter] }));
  });
}

const known = new WeakMap<Document['nodes'], ReadonlyMap<string, number>>();

/** How many values of their own nodes have, and uses of blocks inside themselves, at any depth; only those with any. */
export function ownCounts({ nodes }: Pick<Document, 'nodes'>): ReadonlyMap<string, number> {
  const found = known.get(nodes);
  if (found) return found;
  const counts = new Map<string, number>();
  for (const node of nodes.values()) {
    if (!node.own) continue;
    const uses = groupsAround(nodes, node).filter((group) => blockOf(nodes.get(group)!) !== '');
    for (const id of [node.id, ...uses]) counts.set(id, (counts.get(id) ?? 0) + node.own.length);
  }
  known.set(nodes, counts);
  return counts;
}
