/** Tabs and the two panes of a split centre. */
import { Columns2, Link2, Rows2, SquareSplitHorizontal, X } from 'lucide-vue-next';
import { nextTick } from 'vue';
import { useCanvases } from '../../canvas/canvases-store.ts';
import { useNotices } from '../../client/notices-store.ts';
import type { Action } from '../actions.ts';
import { isSameTab, otherSide, paneOf } from '../panes.ts';
import { drawnPair } from '../synchronised-views.ts';
import { useWorkspace } from '../workspace-store.ts';

export function tabActions(): readonly Action[] {
  const workspace = useWorkspace();
  const isSplit = () => workspace.panes.second !== null;
  const focused = () => paneOf(workspace.panes, workspace.panes.focused);

  /** Keys go on where the eye is. */
  async function focusInside(): Promise<void> {
    await nextTick();
    const canvas = useCanvases().controllers.get(workspace.activeDocument ?? '');
    if (canvas) canvas.focus();
    else
      document.querySelector<HTMLElement>(`[data-pane="${workspace.panes.focused}"] [aria-selected="true"]`)?.focus();
  }
  function place(by: 1 | -1): void {
    const { tabs, active } = focused();
    if (!active) return;
    workspace.reorderTab(active, workspace.panes.focused, tabs.findIndex((tab) => isSameTab(tab, active)) + by);
  }

  return [
    {
      id: 'view.next-tab',
      group: 'View',
      label: 'Next tab',
      keys: ['Mod+PageDown'],
      when: () => focused().tabs.length > 1,
      perform: () => workspace.step(1),
    },
    {
      id: 'view.previous-tab',
      group: 'View',
      label: 'Previous tab',
      keys: ['Mod+PageUp'],
      when: () => focused().tabs.length > 1,
      perform: () => workspace.step(-1),
    },
    {
      id: 'view.tab-later',
      group: 'View',
      label: 'Move the tab to the right',
      keys: ['Mod+Shift+PageDown'],
      keywords: ['reorder'],
      when: () => focused().tabs.length > 1,
      perform: () => place(1),
    },
    {
      id: 'view.tab-earlier',
      group: 'View',
      label: 'Move the tab to the left',
      keys: ['Mod+Shift+PageUp'],
      keywords: ['reorder'],
      when: () => focused().tabs.length > 1,
      perform: () => place(-1),
    },
    {
      id: 'view.close-tab',
      group: 'View',
      label: 'Close the tab',
      keys: ['Alt+W'],
      when: () => workspace.active !== null,
      perform: () => {
        if (workspace.active) workspace.close(workspace.active, workspace.panes.focused);
      },
    },
    {
      id: 'view.split-right',
      group: 'View',
      label: 'Split right',
      icon: Columns2,
      keys: ['Mod+\\'],
      keywords: ['pane', 'side by side', 'two', 'columns'],
      when: () => workspace.active !== null && (!isSplit() || workspace.panes.direction === 'column'),
      perform: () => workspace.split('row'),
    },
    {
      id: 'view.split-below',
      group: 'View',
      label: 'Split below',
      icon: Rows2,
      keywords: ['pane', 'rows', 'two'],
      when: () => workspace.active !== null && (!isSplit() || workspace.panes.direction === 'row'),
      perform: () => workspace.split('column'),
    },
    {
      id: 'view.split-turn',
      group: 'View',
      label: 'Switch panes between side by side and stacked',
      icon: SquareSplitHorizontal,
      isHidden: true,
      when: isSplit,
      perform: () => workspace.split(workspace.panes.direction === 'row' ? 'column' : 'row'),
    },
    {
      id: 'view.split-close',
      group: 'View',
      label: 'Close the split',
      icon: X,
      keywords: ['pane', 'one', 'join'],
      when: isSplit,
      perform: () => workspace.closeSplit(),
    },
    {
      id: 'view.other-pane',
      group: 'View',
      label: 'Go to the drawing, or the other pane',
      keys: ['F6'],
      keywords: ['focus', 'split', 'canvas', 'keyboard'],
      when: () => workspace.active !== null,
      perform: () => {
        // From anywhere else into what is in front, past the palette's many buttons; from there to the other side.
        const isInside = Boolean(document.activeElement?.closest('[data-pane]'));
        if (isSplit() && isInside) workspace.focusPane(otherSide(workspace.panes.focused));
        return focusInside();
      },
    },
    {
      id: 'view.move-tab',
      group: 'View',
      label: 'Move the tab to the other side',
      keys: ['Shift+F6'],
      keywords: ['split', 'pane', 'right', 'left'],
      when: () => workspace.active !== null && (isSplit() || focused().tabs.length > 1),
      perform: () => {
        if (workspace.active) workspace.moveTab(workspace.active, workspace.panes.focused);
        return focusInside();
      },
    },
    {
      id: 'view.synchronise',
      group: 'View',
      label: 'Synchronise views',
      icon: Link2,
      keywords: ['pan', 'zoom', 'together', 'split', 'linked'],
      when: () => drawnPair() !== null,
      perform: () => {
        workspace.isSynchronised = !workspace.isSynchronised;
        useNotices().announce(
          workspace.isSynchronised ? 'Both panes pan and zoom together' : 'Each pane pans by itself',
        );
      },
    },
  ];
}
