/** What can be done with the blocks of an open document; actions, inspector and lists share it. */
import { detachBlocks } from '#core/document/block-commands.ts';
import { blocksIn, usesOf } from '#core/document/block-uses.ts';
import { foldCommand, type Repeat } from '#core/model/repeats.ts';
import { useCanvases } from '../canvas/canvases-store.ts';
import { useExpansion } from '../canvas/expansion-store.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { useSelection } from '../client/selection-store.ts';
import { counted } from '../widgets/format.ts';
import { newId } from '../widgets/ids.ts';
import { blockOfSelection } from './block-edits.ts';

export function useBlocks() {
  const documents = useDocuments();
  const selection = useSelection();
  const canvases = useCanvases();
  const expansion = useExpansion();
  const notices = useNotices();
  const documentOf = (id: string) => documents.get(id)?.state.document;

  function make(id: string): void {
    const document = documentOf(id);
    const made = document && blockOfSelection(document, selection.of(id));
    if (!made) {
      notices.tell('block.make', 'Select nodes of one level, or a group that is no use of a block yet');
      return;
    }
    if (!documents.run(id, made.command).ok) return;
    selection.set(id, [made.group]);
    notices.announce(`${made.name} is a block: add uses of it from the palette`);
  }

  /** Shows what is inside, to be edited for all uses. */
  function open(id: string, groups: readonly string[]): void {
    const document = documentOf(id);
    const use = document && usesOf(document).get(groups[0] ?? '');
    if (!document || !use) return;
    expansion.set(canvases.canvasOf(id), groups, true);
    canvases.controllers.get(id)?.fit(groups);
    const count = blocksIn(document).find(({ name }) => name === use.block)?.uses.length ?? 1;
    notices.announce(`${use.block} is open: edits change ${counted(count, 'use')}`);
  }

  function detach(id: string, groups: readonly string[]): void {
    const document = documentOf(id);
    const command = document && detachBlocks(document, groups);
    if (command) documents.run(id, command);
  }

  function selectUses(id: string, block: string): void {
    const document = documentOf(id);
    const uses = document && blocksIn(document).find(({ name }) => name === block)?.uses;
    if (uses)
      selection.set(
        id,
        uses.map(({ root }) => root.id),
      );
  }

  /** Makes one block of all occurrences and selects its uses. */
  function fold(id: string, repeat: Repeat): boolean {
    const document = documentOf(id);
    const command = document && foldCommand(document, repeat, newId);
    if (!command || !documents.run(id, command).ok) return false;
    const after = documentOf(id);
    const folded = new Set(repeat.occurrences.map(({ parts }) => parts[0]));
    const uses = after
      ? [...usesOf(after).values()].filter(({ slotOf }) => [...slotOf.keys()].some((part) => folded.has(part)))
      : [];
    const inner = new Map(uses.map((use) => [use.root.id, use]));
    selection.set(
      id,
      [...inner.values()]
        .filter(({ slotOf }) => slotOf.size === repeat.occurrences[0]?.parts.length)
        .map(({ root }) => root.id),
    );
    return true;
  }

  return { make, open, detach, selectUses, fold };
}
