/** Reusable blocks: made, used again, opened, detached; repeated structures found. */
import { Boxes, BoxSelect, RotateCcw, Unlink } from 'lucide-vue-next';
import { blocksIn, usesOf } from '#core/document/block-uses.ts';
import { useBlocks } from '../../blocks/use-blocks.ts';
import { withInside } from '../../editor/edits.ts';
import type { Action } from '../actions.ts';
import { useWorkspace } from '../workspace-store.ts';
import { useActiveDocument } from './active-document.ts';

export function blockActions(): readonly Action[] {
  const workspace = useWorkspace();
  const { id, state, hasNodes, canvas, groupsSelected, selected } = useActiveDocument();
  const { make, open, detach, selectUses, resetOwn } = useBlocks();
  const usesSelected = () => {
    const document = state()?.document;
    if (!document || groupsSelected().length === 0) return [];
    const uses = usesOf(document);
    return groupsSelected().flatMap((group) => uses.get(group) ?? []);
  };
  const roots = () => usesSelected().map(({ root }) => root.id);

  return [
    {
      id: 'block.make',
      group: 'Arrange',
      label: 'Make a block of the selection',
      icon: Boxes,
      keys: ['Mod+Alt+K'],
      keywords: ['reusable', 'component', 'define', 'subgraph'],
      when: () => hasNodes() && usesSelected().length === 0,
      perform: () => make(id()),
    },
    {
      id: 'block.insert',
      group: 'Edit',
      label: 'Insert a block…',
      keywords: ['use', 'instance', 'reusable'],
      when: () => {
        const document = state()?.document;
        return canvas() !== undefined && document !== undefined && blocksIn(document).length > 0;
      },
      perform: () => canvas()?.quickInsert('block'),
    },
    {
      id: 'block.open',
      group: 'Arrange',
      label: 'Open the block',
      keywords: ['edit', 'inside', 'definition'],
      when: () => usesSelected().length > 0,
      perform: () => open(id(), roots().slice(0, 1)),
    },
    {
      id: 'block.select-uses',
      group: 'Select',
      label: 'Select all uses of the block',
      icon: BoxSelect,
      keywords: ['instances'],
      when: () => usesSelected().length > 0,
      perform: () => {
        const [first] = usesSelected();
        if (first) selectUses(id(), first.block);
      },
    },
    {
      id: 'block.reset-values',
      group: 'Arrange',
      label: 'Reset own values to the block’s',
      icon: RotateCcw,
      keywords: ['override', 'instance', 'pin', 'follow'],
      when: () => {
        const document = state()?.document;
        return document !== undefined && withInside(document, selected().nodes).some(({ own }) => own);
      },
      perform: () => resetOwn(id()),
    },
    {
      id: 'block.detach',
      group: 'Arrange',
      label: 'Detach from the block',
      icon: Unlink,
      keywords: ['unlink', 'plain group', 'instance'],
      when: () => usesSelected().length > 0,
      perform: () => detach(id(), roots()),
    },
    {
      id: 'block.find',
      group: 'Arrange',
      label: 'Find repeated blocks…',
      keywords: ['fold', 'identical', 'layers', 'clusters', 'repeat', 'reusable'],
      when: () => canvas() !== undefined,
      perform: () => {
        workspace.dialog = 'repeats';
      },
    },
  ];
}
