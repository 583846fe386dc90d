/** What is seen: zoom, tools, panels, tabs, theme and help. */
import {
  CircleQuestionMark,
  Command,
  Hand,
  Keyboard,
  ListChecks,
  Maximize,
  Moon,
  MousePointer,
  PanelBottom,
  PanelLeft,
  PanelRight,
  ZoomIn,
  ZoomOut,
} from 'lucide-vue-next';
import { useCanvases } from '../../canvas/canvases-store.ts';
import { useProject } from '../../client/project-store.ts';
import { useTour } from '../../tour/tour-store.ts';
import { useTheme } from '../../widgets/theme.ts';
import type { Action } from '../actions.ts';
import { useWorkspace } from '../workspace-store.ts';
import { useActiveDocument } from './active-document.ts';

export function viewActions(): readonly Action[] {
  const project = useProject();
  const canvases = useCanvases();
  const workspace = useWorkspace();
  const { theme, choice } = useTheme();
  const { selected, canvas, hasNodes } = useActiveDocument();

  return [
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
      label: 'Follow the system’s light or dark theme',
      keywords: ['theme'],
      perform: () => {
        choice.value = 'system';
      },
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
      id: 'help.pages',
      group: 'Help',
      label: 'Help',
      icon: CircleQuestionMark,
      keys: ['F1'],
      inFields: true,
      keywords: ['manual', 'guide', 'documentation', 'components', 'techniques'],
      perform: () => {
        workspace.dialog = 'help';
      },
    },
    {
      id: 'help.tour',
      group: 'Help',
      label: 'Tour of the studio',
      keywords: ['first', 'steps', 'introduction', 'start'],
      perform: () => useTour().start(),
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
