/** Cross-probing across the split: what lights up in the drawing of the other pane comes into view there. */
import { computed, watch } from 'vue';
import { canvasIn, useCanvases } from '../canvas/canvases-store.ts';
import { useDocuments } from '../client/documents-store.ts';
import { useRuns } from '../workbench/runs-store.ts';
import { useSimulation } from '../workbench/simulation-store.ts';
import { otherSide, paneOf } from './panes.ts';
import { useWorkspace } from './workspace-store.ts';

/** More than so many light up a region, not a place to go to. */
const FEW = 8;

export function useFollowedHighlights(): void {
  const workspace = useWorkspace();
  const canvases = useCanvases();
  const documents = useDocuments();
  const runs = useRuns();
  const simulation = useSimulation();

  const other = computed(() => {
    const side = otherSide(workspace.panes.focused);
    const tab = paneOf(workspace.panes, side).active;
    return tab?.kind === 'document' && tab.id !== workspace.activeDocument ? { side, id: tab.id } : null;
  });
  const lit = computed(() => {
    if (!other.value) return [];
    const kind = documents.get(other.value.id)?.state.document.kind;
    const operators = { model: runs.highlightedNodes, architecture: runs.highlightedComponents, tasks: [], fabric: [] };
    return [...new Set([...(kind ? operators[kind] : []), ...simulation.litIn(other.value.id)])];
  });
  // Once when it changes: who pans away stays there.
  const named = computed(() => lit.value.join(' '));
  watch(named, () => {
    const nodes = lit.value;
    const controller = other.value && canvases.mounted.get(canvasIn(other.value.side, other.value.id));
    const [first] = nodes;
    if (!controller || first === undefined || nodes.length > FEW) return;
    // A closed group stands for what is inside; it stays closed.
    const shown = controller.scene().standIn(first);
    if (shown) controller.reveal(shown.id);
  });
}
