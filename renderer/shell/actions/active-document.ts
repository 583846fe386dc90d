/** The document on screen, its selection and its canvas, as the actions ask for them. */
import { GROUP_TYPE } from '#core/document/document.ts';
import { type CanvasController, useCanvases } from '../../canvas/canvases-store.ts';
import { useDocuments } from '../../client/documents-store.ts';
import { useSelection } from '../../client/selection-store.ts';
import { useWorkspace } from '../workspace-store.ts';

export function useActiveDocument() {
  const workspace = useWorkspace();
  const documents = useDocuments();
  const selection = useSelection();
  const canvases = useCanvases();

  const id = () => workspace.activeDocument ?? '';
  const state = () => documents.get(workspace.activeDocument)?.state;
  const hasDocument = () => state() !== undefined;
  const selected = () => selection.of(workspace.activeDocument);
  /** Which of its canvases, for view state. */
  const canvasId = () => canvases.canvasOf(id());
  const canvas = (): CanvasController | undefined => canvases.controllers.get(id());
  return {
    id,
    state,
    hasDocument,
    selected,
    canvas,
    canvasId,
    hasCanvas: () => canvas() !== undefined,
    hasNodes: () => hasDocument() && selected().nodes.size > 0,
    hasAny: () => hasDocument() && selected().nodes.size + selected().links.size > 0,
    hasSeveral: () => hasDocument() && selected().nodes.size > 1,
    groupsSelected: () =>
      [...selected().nodes].filter((node) => state()?.document.nodes.get(node)?.type === GROUP_TYPE),
  };
}
