/** Choosing nodes, and finding them. */
import { Search, SquareDashed } from 'lucide-vue-next';
import { useNotices } from '../../client/notices-store.ts';
import { useSelection } from '../../client/selection-store.ts';
import { reached } from '../../editor/edits.ts';
import { counted } from '../../widgets/format.ts';
import { useRuns } from '../../workbench/runs-store.ts';
import type { Action } from '../actions.ts';
import { isSimulated, probeSimulation } from '../probe-simulation.ts';
import { useWorkspace } from '../workspace-store.ts';
import { useActiveDocument } from './active-document.ts';

export function selectActions(): readonly Action[] {
  const selection = useSelection();
  const notices = useNotices();
  const workspace = useWorkspace();
  const { id, state, hasDocument, selected, canvas, hasNodes, hasAny } = useActiveDocument();

  function extend(way: 'upstream' | 'downstream'): void {
    const document = state()?.document;
    if (!document) return;
    const found = reached(document, selected().nodes, way);
    selection.set(id(), found);
    notices.announce(`${counted(found.size, 'node')} selected`);
  }

  return [
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
      perform: () => extend('downstream'),
    },
    {
      id: 'select.upstream',
      group: 'Select',
      label: 'Select everything upstream',
      when: hasNodes,
      perform: () => extend('upstream'),
    },
    {
      id: 'select.toggle-cursor',
      group: 'Select',
      label: 'Add the node at the keyboard to the selection, or take it out',
      keys: ['Shift+Enter'],
      inCanvas: true,
      keywords: ['cursor', 'keyboard', 'several'],
      when: () => canvas() !== undefined,
      perform: () => canvas()?.toggleCursor(),
    },
    {
      id: 'select.link-next',
      group: 'Select',
      label: 'Select the next link of the node',
      keys: ['K'],
      inCanvas: true,
      keywords: ['wire', 'connection', 'keyboard'],
      when: () => canvas() !== undefined,
      perform: () => canvas()?.walkLinks(1),
    },
    {
      id: 'select.link-previous',
      group: 'Select',
      label: 'Select the previous link of the node',
      keys: ['Shift+K'],
      inCanvas: true,
      isHidden: true,
      when: () => canvas() !== undefined,
      perform: () => canvas()?.walkLinks(-1),
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
      perform: () => {
        const [node = null] = selected().nodes;
        if (node !== null && isSimulated(id())) probeSimulation(id(), node);
        else useRuns().selectNode(node);
      },
    },
  ];
}
