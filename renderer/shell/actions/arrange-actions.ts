/** Where things stand and how they are grouped. */
import {
  AlignEndVertical,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalJustifyEnd,
  Group,
  Ungroup,
  Workflow,
} from 'lucide-vue-next';
import { GROUP_TYPE } from '#core/document/document.ts';
import { useExpansion } from '../../canvas/expansion-store.ts';
import type { Direction } from '../../canvas/scene.ts';
import { useDocuments } from '../../client/documents-store.ts';
import { useNotices } from '../../client/notices-store.ts';
import { useSelection } from '../../client/selection-store.ts';
import { type Alignment, alignSelection, groupSelection, moveNodes, ungroupSelection } from '../../editor/edits.ts';
import { useLayout } from '../../editor/layout-store.ts';
import type { Action } from '../actions.ts';
import { useActiveDocument } from './active-document.ts';

const NUDGE = 8;
const ARROWS: readonly (readonly [key: string, direction: Direction, x: number, y: number])[] = [
  ['ArrowLeft', 'left', -1, 0],
  ['ArrowRight', 'right', 1, 0],
  ['ArrowUp', 'up', 0, -1],
  ['ArrowDown', 'down', 0, 1],
];

export function arrangeActions(): readonly Action[] {
  const documents = useDocuments();
  const selection = useSelection();
  const expansion = useExpansion();
  const notices = useNotices();
  const layout = useLayout();
  const { id, state, hasDocument, selected, canvas, hasNodes, hasSeveral, groupsSelected } = useActiveDocument();

  function group(): void {
    const document = state()?.document;
    const made = document && groupSelection(document, selected());
    if (!made) {
      notices.tell('edit.group', 'Only nodes of one level can be grouped');
      return;
    }
    if (documents.run(id(), made.command).ok) selection.set(id(), [made.group]);
  }

  const align = (how: Alignment) => {
    const document = state()?.document;
    const command = document && alignSelection(document, selected(), how);
    if (command) documents.run(id(), command);
  };
  const nudge = (dx: number, dy: number) => {
    const document = state()?.document;
    const command = document && moveNodes(document, selected().nodes, dx, dy);
    // Repeats within a second are one step of history.
    if (command) documents.run(id(), command, `nudge-${Math.floor(performance.now() / 1000)}`);
  };

  return [
    {
      id: 'arrange.layout',
      group: 'Arrange',
      label: 'Lay out',
      icon: Workflow,
      keys: ['Shift+L'],
      inCanvas: true,
      keywords: ['auto-layout', 'tidy', 'arrange', 'elk'],
      when: () => hasDocument() && layout.running === null,
      perform: () => layout.layOut(id()),
    },
    {
      id: 'arrange.layout-cancel',
      group: 'Arrange',
      label: 'Stop laying out',
      when: () => layout.running !== null,
      perform: () => layout.running?.cancel(),
    },
    {
      id: 'arrange.group',
      group: 'Arrange',
      label: 'Group',
      icon: Group,
      keys: ['Mod+G'],
      keywords: ['block', 'fold'],
      when: hasNodes,
      perform: group,
    },
    {
      id: 'arrange.ungroup',
      group: 'Arrange',
      label: 'Ungroup',
      icon: Ungroup,
      keys: ['Mod+Shift+G'],
      when: () => groupsSelected().length > 0,
      perform: () => {
        const document = state()?.document;
        const command = document && ungroupSelection(document, selected());
        if (command) documents.run(id(), command);
      },
    },
    {
      id: 'arrange.toggle',
      group: 'Arrange',
      label: 'Expand or collapse the group',
      keys: ['Enter'],
      inCanvas: true,
      when: () => groupsSelected().length > 0,
      perform: () => {
        for (const groupId of groupsSelected()) {
          const node = state()?.document.nodes.get(groupId);
          if (node) expansion.set(id(), [groupId], !expansion.isExpanded(id(), node));
        }
      },
    },
    ...(
      [
        ['Expand all groups', true],
        ['Collapse all groups', false],
      ] as const
    ).map(
      ([label, expanded]): Action => ({
        id: expanded ? 'arrange.expand-all' : 'arrange.collapse-all',
        group: 'Arrange',
        label,
        when: hasDocument,
        perform: () =>
          expansion.set(
            id(),
            [...(state()?.document.nodes.values() ?? [])]
              .filter((node) => node.type === GROUP_TYPE)
              .map((node) => node.id),
            expanded,
          ),
      }),
    ),
    {
      id: 'arrange.align-left',
      group: 'Arrange',
      label: 'Align left edges',
      icon: AlignStartVertical,
      when: hasSeveral,
      perform: () => align('left'),
    },
    {
      id: 'arrange.align-right',
      group: 'Arrange',
      label: 'Align right edges',
      icon: AlignEndVertical,
      when: hasSeveral,
      perform: () => align('right'),
    },
    {
      id: 'arrange.align-top',
      group: 'Arrange',
      label: 'Align top edges',
      icon: AlignStartHorizontal,
      when: hasSeveral,
      perform: () => align('top'),
    },
    {
      id: 'arrange.align-bottom',
      group: 'Arrange',
      label: 'Align bottom edges',
      icon: AlignVerticalJustifyEnd,
      when: hasSeveral,
      perform: () => align('bottom'),
    },
    {
      id: 'arrange.distribute-x',
      group: 'Arrange',
      label: 'Distribute horizontally',
      when: hasSeveral,
      perform: () => align('distribute-x'),
    },
    {
      id: 'arrange.distribute-y',
      group: 'Arrange',
      label: 'Distribute vertically',
      when: hasSeveral,
      perform: () => align('distribute-y'),
    },
    ...ARROWS.flatMap(([key, direction, x, y]): Action[] => [
      {
        id: `arrange.nudge-${direction}`,
        group: 'Arrange',
        label: `Move ${direction}`,
        keys: [key],
        inCanvas: true,
        isHidden: true,
        when: hasDocument,
        perform: () => (hasNodes() ? nudge(x * NUDGE, y * NUDGE) : canvas()?.panBy(-x * 64, -y * 64)),
      },
      {
        id: `arrange.nudge-far-${direction}`,
        group: 'Arrange',
        label: `Move ${direction} by more`,
        keys: [`Shift+${key}`],
        inCanvas: true,
        isHidden: true,
        when: hasNodes,
        perform: () => nudge(x * NUDGE * 5, y * NUDGE * 5),
      },
      {
        id: `select.walk-${direction}`,
        group: 'Select',
        label: `Select the neighbour ${direction}`,
        keys: [`Alt+${key}`],
        inCanvas: true,
        isHidden: true,
        when: () => canvas() !== undefined,
        perform: () => canvas()?.walk(direction),
      },
    ]),
  ];
}
