/** The verbs of reusable blocks on a selection, as commands. Null: nothing to do. */
import { apply } from '#core/document/apply.ts';
import { asUse, freeBlockName, makeBlock } from '#core/document/block-commands.ts';
import { type BlockUse, blockOf, groupsAround, usesOf } from '#core/document/block-uses.ts';
import type { Command } from '#core/document/command.ts';
import { type Document, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';
import type { Selection } from '../client/selection-store.ts';
import { groupSelection, withInside } from '../editor/edits.ts';

/** Of the one group selected, or of a new group of what is selected. */
export function blockOfSelection(
  document: Document,
  selection: Selection,
): { readonly command: Command; readonly group: string; readonly name: string } | null {
  const [only] = selection.nodes;
  const group = selection.nodes.size === 1 ? document.nodes.get(only ?? '') : undefined;
  if (group?.type === GROUP_TYPE) {
    const name = freeBlockName(document, group.name || 'Block');
    const command = makeBlock(document, group.id, name);
    return command && { command, group: group.id, name };
  }
  const made = groupSelection(document, selection);
  if (!made) return null;
  const name = freeBlockName(document, 'Block');
  const slots = [...withInside(document, selection.nodes).keys()];
  const commands: Command[] = [
    made.command,
    { type: 'node.rename', node: made.group, name },
    ...asUse(made.group, name, slots),
  ];
  return { command: { type: 'batch', label: `Make the block ${name}`, commands }, group: made.group, name };
}

/** The innermost use that each of the nodes is or lies in; null where one is in none, or they differ in block. */
export function blockAround(document: Document, nodes: Iterable<string>): readonly BlockUse[] | null {
  const uses = usesOf(document);
  if (uses.size === 0) return null;
  const found = new Set<BlockUse>();
  for (const id of nodes) {
    const node = document.nodes.get(id);
    const root = [id, ...groupsAround(document.nodes, node)].find((each) => uses.has(each));
    if (root === undefined) return null;
    found.add(uses.get(root)!);
  }
  const [first] = found;
  return first && [...found].every(({ block }) => block === first.block) ? [...found] : null;
}

type Insertion = Extract<Command, { type: 'nodes.insert' }>;

/**
 * The insertion of copied nodes. A use of a block that is another in this document by now comes as a block of a free
 * name, and so do the blocks around it; uses that would lie in a use of their own block come as plain groups.
 */
export function joining(document: Document, command: Insertion): Insertion {
  let joined = command;
  // Each round gives one block of the clip a name of its own.
  for (const _ of new Set(command.nodes.map(blockOf))) {
    const tried = apply(document, joined);
    if (tried.ok) return joined;
    switch (tried.error.code) {
      case 'command.other-block': {
        const block = blockOf(joined.nodes.find(({ id }) => id === tried.error.where.node) ?? joined.nodes[0]!);
        if (block === '') return joined;
        const known = { nodes: new Map([...document.nodes, ...joined.nodes.map((node) => [node.id, node] as const)]) };
        joined = renamed(joined, block, freeBlockName(known, block.replace(/ \d+$/, '')));
        break;
      }
      case 'command.block-in-itself':
        return { ...command, nodes: command.nodes.map((node) => (blockOf(node) === '' ? node : withBlock(node, ''))) };
      default:
        return joined;
    }
  }
  return joined;
}

function renamed(command: Insertion, block: string, name: string): Insertion {
  return { ...command, nodes: command.nodes.map((node) => (blockOf(node) === block ? withBlock(node, name) : node)) };
}

function withBlock(node: DocumentNode, block: string): DocumentNode {
  const { slots = [], ...parameters } = node.parameters;
  return { ...node, parameters: { ...parameters, block, slots: block === '' ? [] : slots } };
}
