/** Where things stand and how they are grouped. */
import {
  AlignCenterHorizontal,
  AlignCenterVertical,
  AlignEndVertical,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalJustifyEnd,
  Group,
  Ungroup,
  Workflow,
} from 'lucide-vue-next';
import { GROUP_TYPE, NOTE_TYPE } from '#core/document/document.ts';
import { useExpansion } from '../../canvas/expansion-store.ts';
import type { Direction } from '../../canvas/scene.ts';
import { useDocuments } from '../../client/documents-store.ts';
import { useNotices } from '../../client/notices-store.ts';
import { useSelection } from '../../client/selection-store.ts';
import {
  type Alignment,
  alignSelection,
  groupSelection,
  moveInto,
  moveNodes,
  ungroupSelection,
} from '../../editor/edits.ts';
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
  const { id, state, hasDocument, selected, canvas, canvasId, hasNodes, hasSeveral, groupsSelected } =
    useActiveDocument();

  const isNoteSelected = () => {
    const [only = ''] = selected().nodes;
    return selected().nodes.size === 1 && state()?.document.nodes.get(only)?.type === NOTE_TYPE;
  };

  function group(): void {
    const document = state()?.document;
    const made = document && groupSelection(document, selected());
    if (!made) {
      notices.tell('edit.group', 'Only nodes at the same level can be grouped');
      return;
    }
    if (documents.run(id(), made.command).ok) selection.set(id(), [made.group]);
  }

  const align = (how: Alignment) => {
    const document = state()?.document;
    const scene = canvas()?.scene();
    const command = document && scene && alignSelection(document, selected(), how, (node) => scene.byId.get(node));
    if (command) documents.run(id(), command);
  };
  /** Into a group, or to the level above. */
  const put = (parent: string | null) => {
    const document = state()?.document;
    const scene = canvas()?.scene();
    if (!document || !scene) return;
    const shiftOf = (node: string) => scene.standIn(node)?.shift ?? { x: 0, y: 0 };
    const command = moveInto(document, selected().nodes, parent, shiftOf);
    if (command) documents.run(id(), command);
  };
  const parentOf = (node: string) => state()?.document.nodes.get(node)?.parent ?? null;
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
      id: 'arrange.layout-selection',
      group: 'Arrange',
      label: 'Lay out the selection',
      keys: ['Alt+Shift+L'],
      inCanvas: true,
      keywords: ['auto-layout', 'tidy', 'part'],
      when: () => hasSeveral() && layout.running === null,
      perform: () => layout.layOut(id(), 'selection'),
    },
    {
      id: 'arrange.layout-anew',
      group: 'Arrange',
      label: 'Lay out everything anew',
      keywords: ['auto-layout', 'by hand', 'reset'],
      when: () => hasDocument() && layout.running === null,
      perform: () => layout.layOut(id(), 'anew'),
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
      id: 'arrange.put-into',
      group: 'Arrange',
      label: 'Put into the selected group',
      keywords: ['reparent', 'move in'],
      when: () => hasSeveral() && groupsSelected().length === 1,
      perform: () => put(groupsSelected()[0] ?? null),
    },
    {
      id: 'arrange.take-out',
      group: 'Arrange',
      label: 'Take out of the group',
      keywords: ['reparent', 'move out'],
      when: () => [...selected().nodes].some((node) => parentOf(node) !== null),
      perform: () => {
        const [inner] = [...selected().nodes].map(parentOf).filter((parent) => parent !== null);
        if (inner !== undefined) put(parentOf(inner));
      },
    },
    {
      id: 'arrange.toggle',
      group: 'Arrange',
      label: 'Expand or collapse the group, write on the note',
      keys: ['Enter'],
      inCanvas: true,
      when: () => groupsSelected().length > 0 || isNoteSelected(),
      perform: () => {
        if (isNoteSelected()) canvas()?.rename();
        for (const groupId of groupsSelected()) {
          const node = state()?.document.nodes.get(groupId);
          if (node) expansion.set(canvasId(), [groupId], !expansion.isExpanded(canvasId(), node));
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
            canvasId(),
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
      id: 'arrange.align-centre',
      group: 'Arrange',
      label: 'Align centres',
      icon: AlignCenterVertical,
      when: hasSeveral,
      perform: () => align('centre'),
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
      id: 'arrange.align-middle',
      group: 'Arrange',
      label: 'Align middles',
      icon: AlignCenterHorizontal,
      when: hasSeveral,
      perform: () => align('middle'),
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
        id: `select.cursor-${direction}`,
        group: 'Select',
        label: `Move the keyboard ${direction} without selecting`,
        keys: [`Alt+Shift+${key}`],
        inCanvas: true,
        isHidden: true,
        when: () => canvas() !== undefined,
        perform: () => canvas()?.walk(direction, true),
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
