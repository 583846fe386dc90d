/** Names of a drawing's nodes told apart from others of their name, found out once a document. */
import { withDistinctNames } from '#core/document/distinct-names.ts';
import type { Document } from '#core/document/document.ts';

const known = new WeakMap<Document, Document>();

/** @param otherwise where the node is not drawn. */
export function distinctName(document: Document, node: string | undefined, otherwise: string): string {
  const distinct = known.get(document) ?? withDistinctNames(document);
  known.set(document, distinct);
  return distinct.nodes.get(node ?? '')?.name ?? otherwise;
}
