/** Repeated structures made into one reusable block. */
import { asUse, freeBlockName } from '#core/document/block-commands.ts';
import { usesOf } from '#core/document/block-uses.ts';
import type { Command } from '#core/document/command.ts';
import { type Document, type DocumentNode, GROUP_TYPE } from '#core/document/document.ts';
import { blockName, differences, type Repeat } from './repeats.ts';

/**
 * Makes one block of all occurrences, in one step: the first is the model of the drawing, the others take its places.
 * Occurrences that are uses of a block already keep it, and the others join. Parameters that differ stay the uses' own.
 */
export function foldCommand(
  document: Document,
  { occurrences, name: stem }: Pick<Repeat, 'occurrences' | 'name'>,
  newId: (prefix: string) => string,
): Command | null {
  if (occurrences.length === 0) return null;
  const uses = usesOf(document);
  const known = occurrences.find(({ group }) => uses.has(group ?? ''));
  const knownUse = uses.get(known?.group ?? '');
  const name = knownUse?.block ?? freeBlockName(document, stem);
  const slotOf = (at: number) => knownUse?.slotOf.get(known?.parts[at] ?? '') ?? at;
  const place = new Map([...document.nodes.keys()].map((id, at) => [id, at]));
  const commands: Command[] = [];
  for (const [number, { group, parts }] of occurrences.entries()) {
    if (group !== null && blockName(document, group) === name) continue;
    const slots = new Map(parts.map((id, at) => [id, slotOf(at)]));
    const inOrder = parts.toSorted((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0)).map((id) => slots.get(id)!);
    if (group === null) {
      const members = parts.flatMap((part) => document.nodes.get(part) ?? []);
      const made: DocumentNode = {
        id: newId('g'),
        type: GROUP_TYPE,
        name: `${name} ${number + 1}`,
        x: Math.min(...members.map(({ x }) => x)),
        y: Math.min(...members.map(({ y }) => y)),
        parent: members[0]?.parent ?? null,
        parameters: { collapsed: true, block: name, slots: inOrder },
      };
      commands.push({ type: 'nodes.group', group: made, members: parts });
    } else commands.push(...asUse(group, name, inOrder));
  }
  for (const { node, parameter } of differences(document, { occurrences }))
    commands.push({ type: 'node.set-own', node: node.id, parameter, own: true });
  return { type: 'batch', label: `Fold ${occurrences.length} × ${name} into one block`, commands };
}
