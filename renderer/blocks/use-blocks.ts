/** What can be done with the blocks of an open document; actions, inspector and lists share it. */
import { anotherUse, detachBlocks, renameBlock } from '#core/document/block-commands.ts';
import { blocksIn, usesOf } from '#core/document/block-uses.ts';
import { setOwn } from '#core/document/own-values.ts';
import { foldCommand } from '#core/repeats/fold.ts';
import type { Repeat } from '#core/repeats/repeats.ts';
import { useCanvases } from '../canvas/canvases-store.ts';
import { useExpansion } from '../canvas/expansion-store.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { useSelection } from '../client/selection-store.ts';
import { withInside } from '../editor/edits.ts';
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
      notices.tell('block.make', 'Select nodes at the same level, or a group that is not a use of a block yet');
      return;
    }
    if (!documents.run(id, made.command).ok) return;
    selection.set(id, [made.group]);
    notices.announce(`${made.name} is now a block: add uses of it from the palette`);
  }

  /** One more use where there is room on screen. */
  function insert(id: string, block: string): void {
    const document = documentOf(id);
    const place = canvases.controllers.get(id)?.place() ?? { at: { x: 0, y: 0 }, parent: null };
    const made = document && anotherUse(document, block, place.at, place.parent, newId);
    if (made && documents.run(id, { type: 'nodes.insert', nodes: made.nodes, links: made.links }).ok)
      selection.set(id, [made.group]);
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

  /** False, and a notice, where the name cannot be the block's. */
  function rename(id: string, block: string, next: string): boolean {
    const document = documentOf(id);
    const command = document && renameBlock(document, block, next);
    if (command) return documents.run(id, command).ok;
    if (next !== block)
      notices.tell('block.name', next === '' ? 'A block needs a name' : `There is already a block called ${next}`);
    return false;
  }

  function selectUses(id: string, block: string): void {
    const document = documentOf(id);
    const uses = document && blocksIn(document).find(({ name }) => name === block)?.uses;
    const roots = uses?.map(({ root }) => root.id) ?? [];
    selection.set(id, roots);
    canvases.controllers.get(id)?.fit(roots);
  }

  /** What is selected, and what is in its groups, takes the block's values again. */
  function resetOwn(id: string): void {
    const document = documentOf(id);
    if (!document) return;
    const marked = withInside(document, selection.of(id).nodes).filter(({ own }) => own);
    const parameters = [...new Set(marked.flatMap(({ own = [] }) => own))];
    const command = setOwn(
      document,
      usesOf(document),
      marked.map((node) => node.id),
      parameters,
      false,
    );
    if (command) documents.run(id, command);
  }

  /** Makes one block of all occurrences and selects its uses. */
  function fold(id: string, repeat: Repeat): boolean {
    const document = documentOf(id);
    const command = document && foldCommand(document, repeat, newId);
    if (!command || !documents.run(id, command).ok) return false;
    const after = documentOf(id);
    const folded = new Set(repeat.occurrences.map(({ parts }) => parts[0]));
    const size = repeat.occurrences[0]?.parts.length;
    const uses = [...(after ? usesOf(after).values() : [])].filter(
      ({ slotOf }) => slotOf.size === size && [...slotOf.keys()].some((part) => folded.has(part)),
    );
    selection.set(
      id,
      uses.map(({ root }) => root.id),
    );
    return true;
  }

  return { make, insert, open, detach, rename, selectUses, resetOwn, fold };
}
