/** Every verb of the studio, once. Toolbar, palette, menu, keys and help read what stands here. */
import {
  AlignEndVertical,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalJustifyEnd,
  Cable,
  ClipboardPaste,
  Command,
  Copy,
  CopyPlus,
  FilePlus,
  FolderOpen,
  Group,
  Hand,
  House,
  Keyboard,
  ListChecks,
  Maximize,
  Moon,
  MousePointer,
  PanelBottom,
  PanelLeft,
  PanelRight,
  Play,
  Plus,
  Redo2,
  Scissors,
  Search,
  SquareDashed,
  Trash2,
  Undo2,
  Ungroup,
  Workflow,
  ZoomIn,
  ZoomOut,
} from 'lucide-vue-next';
import { GROUP_TYPE } from '#core/document/document.ts';
import type { Direction } from '../canvas/canvases-store.ts';
import { useCanvases } from '../canvas/canvases-store.ts';
import { clipOf, pasteClip, readClip, writeClip } from '../canvas/clipboard.ts';
import { useExpansion } from '../canvas/expansion-store.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useNotices } from '../client/notices-store.ts';
import { useProject } from '../client/project-store.ts';
import { useSelection } from '../client/selection-store.ts';
import {
  type Alignment,
  alignSelection,
  groupSelection,
  moveNodes,
  removeSelection,
  ungroupSelection,
} from '../editor/edits.ts';
import { useLayout } from '../editor/layout-store.ts';
import { counted } from '../widgets/format.ts';
import { newId } from '../widgets/ids.ts';
import { useTheme } from '../widgets/theme.ts';
import { useRuns } from '../workbench/runs-store.ts';
import type { Action } from './actions.ts';
import { pickFiles } from './import-files.ts';
import { startRun } from './run-action.ts';
import { useWorkspace } from './workspace-store.ts';

const NUDGE = 8;
const PASTE_SHIFT = 24;
const ARROWS: readonly (readonly [key: string, direction: Direction, x: number, y: number])[] = [
  ['ArrowLeft', 'left', -1, 0],
  ['ArrowRight', 'right', 1, 0],
  ['ArrowUp', 'up', 0, -1],
  ['ArrowDown', 'down', 0, 1],
];

export function defineActions(): readonly Action[] {
  const workspace = useWorkspace();
  const project = useProject();
  const documents = useDocuments();
  const selection = useSelection();
  const canvases = useCanvases();
  const expansion = useExpansion();
  const notices = useNotices();
  const layout = useLayout();
  const { theme, choice } = useTheme();

  const id = () => workspace.activeDocument ?? '';
  const state = () => documents.get(workspace.activeDocument)?.state;
  const hasDocument = () => state() !== undefined;
  const selected = () => selection.of(workspace.activeDocument);
  const hasNodes = () => hasDocument() && selected().nodes.size > 0;
  const hasAny = () => hasDocument() && selected().nodes.size + selected().links.size > 0;
  const hasSeveral = () => hasDocument() && selected().nodes.size > 1;
  const canvas = () => canvases.controllers.get(id());
  const groupsSelected = () =>
    [...selected().nodes].filter((node) => state()?.document.nodes.get(node)?.type === GROUP_TYPE);

  async function copy(): Promise<boolean> {
    const document = state()?.document;
    const clip = document && clipOf(document, selected().nodes);
    if (!clip) return false;
    await navigator.clipboard.writeText(writeClip(clip));
    notices.announce(`${counted(clip.nodes.length, 'node')} copied`);
    return true;
  }

  async function paste(): Promise<void> {
    const document = state()?.document;
    if (!document) return;
    const read = readClip(await navigator.clipboard.readText(), document.kind);
    if (!read.ok) {
      notices.show({ ...read.error, severity: 'info' });
      return;
    }
    const place = canvas()?.place() ?? { at: { x: 0, y: 0 }, parent: null };
    const pasting = pasteClip(read.value, place.at, place.parent, newId);
    if (documents.run(id(), pasting.command).ok) selection.set(id(), pasting.top);
  }

  function duplicate(): void {
    const document = state()?.document;
    const clip = document && clipOf(document, selected().nodes);
    if (!document || !clip) return;
    const first = document.nodes.get([...selected().nodes][0] ?? '');
    const at = {
      x: Math.min(...clip.nodes.map((node) => node.x)) + PASTE_SHIFT,
      y: Math.min(...clip.nodes.map((node) => node.y)) + PASTE_SHIFT * 3,
    };
    const pasting = pasteClip(clip, at, first?.parent ?? null, newId);
    if (documents.run(id(), pasting.command).ok) selection.set(id(), pasting.top);
  }

  function remove(): void {
    const document = state()?.document;
    const command = document && removeSelection(document, selected());
    if (command && documents.run(id(), command).ok) selection.clear(id());
  }

  function group(): void {
    const document = state()?.document;
    const made = document && groupSelection(document, selected());
    if (!made) {
      notices.tell('edit.group', 'Only nodes of one level can be grouped');
      return;
    }
    if (documents.run(id(), made.command).ok) selection.set(id(), [made.group]);
  }

  /** Upstream or downstream of the selection, as far as links go. */
  function extend(from: 'from' | 'to'): void {
    const document = state()?.document;
    if (!document) return;
    const to = from === 'from' ? 'to' : 'from';
    const neighbours = new Map<string, string[]>();
    for (const link of document.links.values())
      neighbours.set(link[from].node, [...(neighbours.get(link[from].node) ?? []), link[to].node]);
    const reached = new Set(selected().nodes);
    const open = [...reached];
    for (let node = open.pop(); node !== undefined; node = open.pop())
      for (const next of neighbours.get(node) ?? [])
        if (!reached.has(next)) {
          reached.add(next);
          open.push(next);
        }
    selection.set(id(), reached);
    notices.announce(`${counted(reached.size, 'node')} selected`);
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
      id: 'run.start',
      group: 'Run',
      label: 'Run',
      icon: Play,
      keys: ['Mod+Enter'],
      inFields: true,
      keywords: ['simulate', 'schedule', 'start'],
      when: () => project.models.length > 0,
      perform: startRun,
    },
    {
      id: 'run.cancel',
      group: 'Run',
      label: 'Stop the run, keep the best so far',
      keywords: ['cancel', 'abort'],
      when: () => useRuns().runs.some((run) => run.state === 'running' || run.state === 'queued'),
      perform: async () => {
        const runs = useRuns();
        const current =
          runs.runs.find((run) => run.state === 'running') ?? runs.runs.find((run) => run.state === 'queued');
        if (current) await runs.cancel(current.id);
      },
    },
    {
      id: 'project.home',
      group: 'Project',
      label: 'Close the project',
      icon: House,
      keywords: ['start', 'home', 'recent'],
      when: () => project.view !== null,
      perform: () => project.close(),
    },
    {
      id: 'project.open-file',
      group: 'Project',
      label: 'Open a model or result…',
      icon: FolderOpen,
      keys: ['Mod+O'],
      inFields: true,
      keywords: ['import', 'onnx', 'file', 'drop'],
      perform: pickFiles,
    },
    {
      id: 'project.new',
      group: 'Project',
      label: 'New project',
      icon: FilePlus,
      keywords: ['create'],
      perform: async () => void (await project.create('Untitled')),
    },
    {
      id: 'document.new',
      group: 'Project',
      label: 'New model or architecture…',
      icon: Plus,
      keywords: ['create', 'preset', 'add', 'accelerator'],
      when: () => project.view !== null,
      perform: () => {
        workspace.dialog = 'new-document';
      },
    },

    {
      id: 'edit.undo',
      group: 'Edit',
      label: 'Undo',
      icon: Undo2,
      keys: ['Mod+Z'],
      when: () => (state()?.cursor ?? 0) > 0,
      perform: () => void documents.undo(id()),
    },
    {
      id: 'edit.redo',
      group: 'Edit',
      label: 'Redo',
      icon: Redo2,
      keys: ['Mod+Shift+Z', 'Mod+Y'],
      when: () => {
        const now = state();
        return now !== undefined && now.cursor < now.entries.length;
      },
      perform: () => void documents.redo(id()),
    },
    {
      id: 'edit.insert',
      group: 'Edit',
      label: 'Add…',
      icon: Plus,
      keys: ['Space'],
      inCanvas: true,
      keywords: ['insert', 'operator', 'component', 'quick'],
      when: () => canvas() !== undefined,
      perform: () => canvas()?.quickInsert(),
    },
    {
      id: 'edit.connect',
      group: 'Edit',
      label: 'Connect…',
      icon: Cable,
      keys: ['C'],
      inCanvas: true,
      keywords: ['link', 'wire'],
      when: () => hasNodes() && canvas() !== undefined,
      perform: () => canvas()?.connect(),
    },
    {
      id: 'edit.copy',
      group: 'Edit',
      label: 'Copy',
      icon: Copy,
      keys: ['Mod+C'],
      when: hasNodes,
      perform: async () => void (await copy()),
    },
    {
      id: 'edit.cut',
      group: 'Edit',
      label: 'Cut',
      icon: Scissors,
      keys: ['Mod+X'],
      when: hasNodes,
      perform: async () => {
        if (await copy()) remove();
      },
    },
    {
      id: 'edit.paste',
      group: 'Edit',
      label: 'Paste',
      icon: ClipboardPaste,
      keys: ['Mod+V'],
      when: hasDocument,
      perform: paste,
    },
    {
      id: 'edit.duplicate',
      group: 'Edit',
      label: 'Duplicate',
      icon: CopyPlus,
      keys: ['Mod+D'],
      when: hasNodes,
      perform: duplicate,
    },
    {
      id: 'edit.delete',
      group: 'Edit',
      label: 'Delete',
      icon: Trash2,
      keys: ['Delete', 'Backspace'],
      inCanvas: true,
      keywords: ['remove'],
      when: hasAny,
      perform: remove,
    },

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

    {
      id: 'select.all',
      group: 'Select',
      label: 'Select all',
      icon: SquareDashed,
      keys: ['Mod+A'],
      when: hasDocument,
      perform: () =>
        selection.set(
          id(),
          (canvas()?.scene().nodes ?? []).map((node) => node.id),
        ),
    },
    {
      id: 'select.none',
      group: 'Select',
      label: 'Select nothing',
      keys: ['Escape'],
      inCanvas: true,
      when: hasAny,
      perform: () => selection.clear(id()),
    },
    {
      id: 'select.same-type',
      group: 'Select',
      label: 'Select all of this type',
      when: hasNodes,
      perform: () => {
        const nodes = state()?.document.nodes;
        if (!nodes) return;
        const types = new Set([...selected().nodes].map((node) => nodes.get(node)?.type));
        selection.set(
          id(),
          [...nodes.values()].filter((node) => types.has(node.type)).map((node) => node.id),
        );
      },
    },
    {
      id: 'select.downstream',
      group: 'Select',
      label: 'Select everything downstream',
      when: hasNodes,
      perform: () => extend('from'),
    },
    {
      id: 'select.upstream',
      group: 'Select',
      label: 'Select everything upstream',
      when: hasNodes,
      perform: () => extend('to'),
    },
    {
      id: 'select.find',
      group: 'Select',
      label: 'Find…',
      icon: Search,
      keys: ['Mod+F'],
      inFields: true,
      keywords: ['search', 'name', 'value'],
      when: hasDocument,
      perform: () => {
        workspace.dialog = 'search';
      },
    },
    {
      id: 'select.probe',
      group: 'Select',
      label: 'Show where it runs (cross-probe)',
      keys: ['X'],
      inCanvas: true,
      keywords: ['highlight', 'timeline', 'hardware'],
      when: () => hasNodes() && useRuns().activeRun !== null,
      perform: () => useRuns().selectNode([...selected().nodes][0] ?? null),
    },

    {
      id: 'view.fit',
      group: 'View',
      label: 'Fit the drawing',
      icon: Maximize,
      keys: ['F'],
      inCanvas: true,
      keywords: ['zoom', 'all'],
      when: () => canvas() !== undefined,
      perform: () => canvas()?.fit(),
    },
    {
      id: 'view.fit-selection',
      group: 'View',
      label: 'Fit the selection',
      keys: ['Shift+F'],
      inCanvas: true,
      when: () => hasNodes() && canvas() !== undefined,
      perform: () => canvas()?.fit(selected().nodes),
    },
    {
      id: 'view.zoom-in',
      group: 'View',
      label: 'Zoom in',
      icon: ZoomIn,
      keys: ['+', '='],
      inCanvas: true,
      when: () => canvas() !== undefined,
      perform: () => canvas()?.zoomBy(1.25),
    },
    {
      id: 'view.zoom-out',
      group: 'View',
      label: 'Zoom out',
      icon: ZoomOut,
      keys: ['-'],
      inCanvas: true,
      when: () => canvas() !== undefined,
      perform: () => canvas()?.zoomBy(0.8),
    },
    {
      id: 'view.pan-tool',
      group: 'View',
      label: 'Drag moves the view',
      icon: Hand,
      keys: ['H'],
      inCanvas: true,
      perform: () => {
        canvases.tool = 'pan';
      },
    },
    {
      id: 'view.select-tool',
      group: 'View',
      label: 'Drag selects',
      icon: MousePointer,
      keys: ['V'],
      inCanvas: true,
      keywords: ['marquee'],
      perform: () => {
        canvases.tool = 'select';
      },
    },
    {
      id: 'view.left-panel',
      group: 'View',
      label: 'Show or hide outline and palette',
      icon: PanelLeft,
      keys: ['Mod+B'],
      perform: () => {
        workspace.isLeftOpen = !workspace.isLeftOpen;
      },
    },
    {
      id: 'view.bottom-panel',
      group: 'View',
      label: 'Show or hide the panel below',
      icon: PanelBottom,
      keys: ['Mod+J'],
      perform: () => {
        workspace.isBottomOpen = !workspace.isBottomOpen;
      },
    },
    {
      id: 'view.right-panel',
      group: 'View',
      label: 'Show or hide the inspector',
      icon: PanelRight,
      keys: ['Mod+I'],
      perform: () => {
        workspace.isRightOpen = !workspace.isRightOpen;
      },
    },
    {
      id: 'view.problems',
      group: 'View',
      label: 'Show problems',
      icon: ListChecks,
      keys: ['Mod+Shift+M'],
      when: () => project.view !== null,
      perform: () => workspace.showBottom('problems'),
    },
    {
      id: 'view.theme',
      group: 'View',
      label: 'Switch between light and dark',
      icon: Moon,
      keywords: ['theme', 'colour', 'appearance'],
      perform: () => {
        choice.value = theme.value === 'dark' ? 'light' : 'dark';
      },
    },
    {
      id: 'view.theme-system',
      group: 'View',
      label: 'Light or dark as the system',
      keywords: ['theme'],
      perform: () => {
        choice.value = 'system';
      },
    },
    {
      id: 'view.next-tab',
      group: 'View',
      label: 'Next tab',
      keys: ['Mod+PageDown'],
      when: () => workspace.tabs.length > 1,
      perform: () => workspace.step(1),
    },
    {
      id: 'view.previous-tab',
      group: 'View',
      label: 'Previous tab',
      keys: ['Mod+PageUp'],
      when: () => workspace.tabs.length > 1,
      perform: () => workspace.step(-1),
    },

    {
      id: 'help.commands',
      group: 'Help',
      label: 'Commands…',
      icon: Command,
      keys: ['Mod+K'],
      inFields: true,
      isHidden: true,
      perform: () => {
        workspace.dialog = 'commands';
      },
    },
    {
      id: 'help.shortcuts',
      group: 'Help',
      label: 'Keyboard shortcuts',
      icon: Keyboard,
      keys: ['?'],
      perform: () => {
        workspace.dialog = 'shortcuts';
      },
    },
  ];
}
