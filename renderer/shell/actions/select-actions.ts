/** Choosing nodes, and finding them. */
import { Search, SquareDashed } from 'lucide-vue-next';
import { useNotices } from '../../client/notices-store.ts';
import { useSelection } from '../../client/selection-store.ts';
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
      perform: () => {
        const [node = null] = selected().nodes;
        if (node !== null && isSimulated(id())) probeSimulation(id(), node);
        else useRuns().selectNode(node);
      },
    },
  ];
}
