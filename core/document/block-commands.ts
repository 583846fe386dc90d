/** The verbs of blocks as commands: made, used once more, renamed, detached. */
import { blockOf, blocksIn, insideOf, usesOf } from './block-uses.ts';
import type { Command } from './command.ts';
import type { Document, DocumentLink, DocumentNode } from './document.ts';
import { followerOf, indexUses, type UsesIndex, withoutOwn } from './own-values.ts';

const set = (node: string, parameter: string, value: string | readonly number[]): Command => ({
  type: 'node.set-parameter',
  node,
  parameter,
  value,
});

/** Makes a block of a group, its first use. Null when there is nothing in it, or it is a use already. */
export function makeBlock(document: Document, group: string, name: string): Command | null {
  const root = document.nodes.get(group);
  const inside = insideOf(document, new Set([group])).get(group) ?? [];
  if (!root || inside.length === 0 || blockOf(root) !== '') return null;
  return { type: 'batch', label: `Make the block ${name}`, commands: asUse(group, name, [...inside.keys()]) };
}

/** Marks a group as a use; `slots`: the part that each node inside is, in document order. */
export function asUse(group: string, name: string, slots: readonly number[]): readonly Command[] {
  return [set(group, 'block', name), set(group, 'slots', slots)];
}

/** The groups are no uses any longer: what they hold is theirs alone. */
export function detachBlocks(document: Document, groups: Iterable<string>): Command | null {
  const roots = [...groups].flatMap((id) => {
    const node = document.nodes.get(id);
    return node && blockOf(node) !== '' ? [node] : [];
  });
  const [first] = roots;
  if (!first) return null;
  const label = roots.length === 1 ? `Detach ${first.name || first.id}` : `Detach ${roots.length} uses`;
  return {
    type: 'batch',
    label,
    commands: roots.flatMap(({ id }) => [set(id, 'block', ''), set(id, 'slots', [])]),
  };
}

/** Null when the name is empty, taken or the same. */
export function renameBlock(document: Document, block: string, name: string): Command | null {
  const blocks = blocksIn(document);
  const uses = blocks.find((each) => each.name === block)?.uses ?? [];
  if (name === '' || uses.length === 0 || blocks.some((each) => each.name === name)) return null;
  return {
    type: 'batch',
    label: `Rename the block ${block} to ${name}`,
    commands: uses.map(({ root }) => set(root.id, 'block', name)),
  };
}

export interface UseMade {
  readonly nodes: readonly DocumentNode[];
  readonly links: readonly DocumentLink[];
  /** The new group. */
  readonly group: string;
}

/** One more use of a block, as the block says, its group's corner at `at`; null when the document has no such block. */
export function anotherUse(
  document: Document,
  block: string,
  at: { readonly x: number; readonly y: number },
  parent: string | null,
  newId: (prefix: string) => string,
): UseMade | null {
  const index = indexUses(usesOf(document));
  const use = index.byBlock.get(block)?.[0];
  if (!use) return null;
  const { root, slotOf } = use;
  const ids = new Map([root.id, ...slotOf.keys()].map((id) => [id, newId('n')]));
  const by = { x: Math.round(at.x) - root.x, y: Math.round(at.y) - root.y };
  const nodes = [...document.nodes.values()].flatMap((node): DocumentNode[] => {
    const id = ids.get(node.id);
    if (id === undefined) return [];
    const inside = ids.get(node.parent ?? '');
    return [
      {
        ...asSaid(document, index, node),
        id,
        x: node.x + by.x,
        y: node.y + by.y,
        parent: node.id === root.id ? parent : (inside ?? null),
      },
    ];
  });
  const links = [...document.links.values()].flatMap(({ from, to }): DocumentLink[] => {
    const ends = [ids.get(from.node), ids.get(to.node)] as const;
    if (ends[0] === undefined || ends[1] === undefined) return [];
    return [{ id: newId('l'), from: { ...from, node: ends[0] }, to: { ...to, node: ends[1] } }];
  });
  return { nodes, links, group: ids.get(root.id)! };
}

/** The node with what the block says in place of values of its own. */
function asSaid(document: Document, index: UsesIndex, node: DocumentNode): DocumentNode {
  if (node.own === undefined) return node;
  const parameters = { ...node.parameters };
  for (const id of node.own) {
    const said = followerOf(document, index, node.id, id);
    if (!said) continue;
    const value = said.parameters[id];
    if (value === undefined) delete parameters[id];
    else parameters[id] = value;
  }
  return { ...withoutOwn(node), parameters };
}

/** `Residual`, or `Residual 2` where that is a block's name already. */
export function freeBlockName(document: Pick<Document, 'nodes'>, stem: string): string {
  const taken = new Set([...document.nodes.values()].map(blockOf));
  if (!taken.has(stem)) return stem;
  let number = 2;
  while (taken.has(`${stem} ${number}`)) number++;
  return `${stem} ${number}`;
}
