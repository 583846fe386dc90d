/** Cross-probing from a view of figures to the drawing: selects nodes of a document and pans the first into view. */
import { useCanvases } from '../canvas/canvases-store.ts';
import { useSelection } from '../client/selection-store.ts';

export function probeNodes(document: string, nodes: readonly string[]): void {
  useSelection().set(document, nodes);
  const [first] = nodes;
  if (first !== undefined) useCanvases().controllers.get(document)?.reveal(first);
}
